"""Sentences and words: where they begin and end in a text."""
