"""Pieces -> vectors -> words; the only room that imports torch and transformers."""

from nlu_lite.encoder.models import LoadedModel, clear_cache, get
from nlu_lite.encoder.words import Plan, WordVectors, word_vectors

__all__ = ["LoadedModel", "Plan", "WordVectors", "clear_cache", "get", "word_vectors"]
