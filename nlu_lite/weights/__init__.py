"""An entry -> the folder of its files: in a package, a folder, the hub's cache, or fetched."""

from nlu_lite.weights.model_files import (
    COMPLETE_TOKENIZER,
    CONFIG_FILE,
    INDEX_FILES,
    REPAIR_HINT,
    TOKENIZER_FILES,
    WEIGHT_FILES,
    read_json,
    read_shard_names,
    select_model_files,
)
from nlu_lite.weights.sources import digest, is_local, locate, update
from nlu_lite.weights.spark_nlp import refuse_spark_nlp

__all__ = [
    "COMPLETE_TOKENIZER",
    "CONFIG_FILE",
    "INDEX_FILES",
    "REPAIR_HINT",
    "TOKENIZER_FILES",
    "WEIGHT_FILES",
    "digest",
    "is_local",
    "locate",
    "read_json",
    "read_shard_names",
    "refuse_spark_nlp",
    "select_model_files",
    "update",
]
