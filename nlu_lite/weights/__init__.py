"""An entry -> the folder of its files: in a package, a folder, the hub's cache, or fetched."""

from nlu_lite.weights.file_states import read_file_states
from nlu_lite.weights.model_files import (
    COMPLETE_TOKENIZER,
    CONFIG_FILE,
    INDEX_FILES,
    REPAIR_HINT,
    TOKENIZER_FILES,
    WEIGHT_FILES,
    list_model_files,
    read_json,
    read_shard_names,
)
from nlu_lite.weights.other_formats import describe_other_formats, list_names, refuse_pointer
from nlu_lite.weights.sources import digest, digest_model, is_local, locate, update
from nlu_lite.weights.spark_nlp import refuse_spark_nlp

__all__ = [
    "COMPLETE_TOKENIZER",
    "CONFIG_FILE",
    "INDEX_FILES",
    "REPAIR_HINT",
    "TOKENIZER_FILES",
    "WEIGHT_FILES",
    "describe_other_formats",
    "digest",
    "digest_model",
    "is_local",
    "list_model_files",
    "list_names",
    "locate",
    "read_file_states",
    "read_json",
    "read_shard_names",
    "refuse_pointer",
    "refuse_spark_nlp",
    "update",
]
