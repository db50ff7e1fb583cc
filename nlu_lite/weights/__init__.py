"""An entry -> the folder of its files: in a package, a folder, the hub's cache, or fetched."""

from nlu_lite.weights.file_states import read_file_states
from nlu_lite.weights.folder_task import complete_entry
from nlu_lite.weights.hub_models import (
    HubModel,
    classify_refusal,
    describe_hub_model,
    is_in_cache,
    measure_cached,
    measure_weights,
    remove_from_cache,
)
from nlu_lite.weights.hub_search import search_hub
from nlu_lite.weights.json_files import REPAIR_HINT, read_json
from nlu_lite.weights.model_files import (
    COMPLETE_TOKENIZER,
    CONFIG_FILE,
    INDEX_FILES,
    TOKENIZER_FILES,
    TRANSFORMER_SETTINGS,
    WEIGHT_FILES,
    list_model_files,
    read_shard_names,
)
from nlu_lite.weights.module_folders import (
    MODULES_FILE,
    ROUTERS,
    ModuleFolder,
    list_modules,
    make_module_folder,
    read_file,
    read_router,
)
from nlu_lite.weights.other_formats import describe_other_formats, list_names, refuse_pointer
from nlu_lite.weights.sources import digest, digest_model, find_local, is_local, locate, update
from nlu_lite.weights.spark_nlp import refuse_spark_nlp
from nlu_lite.weights.transfer import waiting_as_asked

__all__ = [
    "COMPLETE_TOKENIZER",
    "CONFIG_FILE",
    "INDEX_FILES",
    "MODULES_FILE",
    "REPAIR_HINT",
    "ROUTERS",
    "TOKENIZER_FILES",
    "TRANSFORMER_SETTINGS",
    "WEIGHT_FILES",
    "HubModel",
    "ModuleFolder",
    "classify_refusal",
    "complete_entry",
    "describe_hub_model",
    "describe_other_formats",
    "digest",
    "digest_model",
    "find_local",
    "is_in_cache",
    "is_local",
    "list_model_files",
    "list_modules",
    "list_names",
    "locate",
    "make_module_folder",
    "measure_cached",
    "measure_weights",
    "read_file",
    "read_file_states",
    "read_json",
    "read_router",
    "read_shard_names",
    "refuse_pointer",
    "refuse_spark_nlp",
    "remove_from_cache",
    "search_hub",
    "update",
    "waiting_as_asked",
]
