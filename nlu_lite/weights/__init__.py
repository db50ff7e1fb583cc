"""An entry -> the folder of its files: in a package, a folder, the hub's cache, or fetched."""

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
from nlu_lite.weights.sources import digest, digest_model, is_local, locate, update
from nlu_lite.weights.spark_nlp import refuse_spark_nlp

__all__ = [
    "COMPLETE_TOKENIZER",
    "CONFIG_FILE",
    "INDEX_FILES",
    "REPAIR_HINT",
    "TOKENIZER_FILES",
    "WEIGHT_FILES",
    "digest",
    "digest_model",
    "is_local",
    "list_model_files",
    "locate",
    "read_json",
    "read_shard_names",
    "refuse_spark_nlp",
    "update",
]
