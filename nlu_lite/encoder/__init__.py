"""Pieces -> vectors -> words; the only room that imports torch and transformers."""

from nlu_lite.encoder.models import LoadedModel, clear_cache, facts_of, get, plain_model
from nlu_lite.encoder.pieces import plain_tokenizer
from nlu_lite.encoder.words import Plan, WordVectors, word_vectors

__all__ = ["LoadedModel", "Plan", "WordVectors", "clear_cache", "facts_of", "get", "plain_model", "plain_tokenizer", "word_vectors"]
