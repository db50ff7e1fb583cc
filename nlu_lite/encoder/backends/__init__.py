"""Token ids -> vectors."""
