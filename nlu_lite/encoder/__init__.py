"""Pieces -> vectors -> words; the only room that imports torch and transformers."""

from nlu_lite.encoder.models.cache import (
    LoadedModel,
    clear_cache,
    direct_forward,
    direct_probabilities,
    facts_of,
    get,
    plain_model,
)
from nlu_lite.encoder.models.hardware import computed_with, with_threads
from nlu_lite.encoder.models.vocabulary import plain_tokenizer
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.texts import TextVectors, text_vectors
from nlu_lite.encoder.together import Work, together
from nlu_lite.encoder.words import Reading, common_tokenizer, word_vectors
from nlu_lite.encoder.zero_shot import label_probabilities

__all__ = [
    "LoadedModel",
    "Plan",
    "Reading",
    "TextVectors",
    "Work",
    "clear_cache",
    "common_tokenizer",
    "computed_with",
    "direct_forward",
    "direct_probabilities",
    "facts_of",
    "get",
    "label_probabilities",
    "plain_model",
    "plain_tokenizer",
    "text_vectors",
    "together",
    "with_threads",
    "word_vectors",
]
