"""Every architecture of transformers, built small from its configuration, against a plain forward."""
