"""Pieces -> vectors -> words; with training the only room that imports torch and transformers."""

from nlu_lite.encoder.answers import Answers, find_answers
from nlu_lite.encoder.backends.out_of_memory import FAULTS, is_out_of_memory
from nlu_lite.encoder.backends.threads import share_processors
from nlu_lite.encoder.backends.translate import read_translation_tokenizer
from nlu_lite.encoder.models.cache import (
    LoadedModel,
    clear_cache,
    get_model,
    read_facts,
    read_plain_model,
    run_plain_classifier,
    run_plain_model,
)
from nlu_lite.encoder.models.configuration import read_config
from nlu_lite.encoder.models.devices import choose_device
from nlu_lite.encoder.models.hardware import describe_computation, use_threads
from nlu_lite.encoder.models.loading import quiet_transformers
from nlu_lite.encoder.models.positions import find_longest_sequence
from nlu_lite.encoder.models.sentence_transformers import find_transformer_folder
from nlu_lite.encoder.models.vocabulary import read_plain_tokenizer
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.texts import TextVectors, encode_texts
from nlu_lite.encoder.translations import Translations, translate_texts
from nlu_lite.encoder.words import Collector, Reading, encode_words, find_common_tokenizer
from nlu_lite.encoder.work import Work, run_together
from nlu_lite.encoder.zero_shot import classify_zero_shot

__all__ = [
    "FAULTS",
    "Answers",
    "Collector",
    "LoadedModel",
    "Plan",
    "Reading",
    "TextVectors",
    "Translations",
    "Work",
    "choose_device",
    "classify_zero_shot",
    "clear_cache",
    "describe_computation",
    "encode_texts",
    "encode_words",
    "find_answers",
    "find_common_tokenizer",
    "find_longest_sequence",
    "find_transformer_folder",
    "get_model",
    "is_out_of_memory",
    "quiet_transformers",
    "read_config",
    "read_facts",
    "read_plain_model",
    "read_plain_tokenizer",
    "read_translation_tokenizer",
    "run_plain_classifier",
    "run_plain_model",
    "run_together",
    "share_processors",
    "translate_texts",
    "use_threads",
]
