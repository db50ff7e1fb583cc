"""Answers "which model is meant": checked registry files, and the look-up of names in them."""

from nlu_lite.registry.active import current, refresh, register
from nlu_lite.registry.completion import complete_reference
from nlu_lite.registry.entry import Entry
from nlu_lite.registry.hub_names import HubImport, hub_import
from nlu_lite.registry.lookup import Registry
from nlu_lite.registry.near_names import parts_of_name
from nlu_lite.registry.other_tasks import OtherTask, other_tasks, task_of_parts
from nlu_lite.registry.own_file import add_hub_model, own_file
from nlu_lite.registry.reader import RegistryFile
from nlu_lite.registry.recommended import Recommendation, recommendations
from nlu_lite.registry.requests import (
    common_language,
    parse_folder,
    resolve,
)
from nlu_lite.registry.rewrite import change_line
from nlu_lite.registry.schema import (
    DEFAULT_LANGUAGE,
    MULTILINGUAL,
    TASK_NAMES,
    EntryFacts,
    FolderSource,
    HubSource,
    Model,
    PackageSource,
    Record,
    Reference,
    Sha256,
    Source,
    Text,
    is_inside,
)
from nlu_lite.registry.shape import compute_size_mb, compute_speed
from nlu_lite.registry.substitutes import Substitute, stands_in_for
from nlu_lite.registry.task_kinds import (
    QUESTION_ANSWERING,
    TASK_KINDS,
    TEXT_LABELS,
    TEXT_VECTORS,
    TRAINED_HEAD,
    TRANSLATION,
    WORD_LABELS,
    WORD_VECTORS,
    ZERO_SHOT,
    TaskKind,
)
from nlu_lite.registry.trainable import (
    TRAINABLE_CLASSIFIERS,
    TRAINABLE_SEVERAL,
    TRAINABLE_TAGGERS,
    is_trainable,
    split_trainable,
    trainable_entry,
)
from nlu_lite.registry.translations import translator_entries
from nlu_lite.registry.unserved import UnservedName, unserved_name, unserved_names

__all__ = [
    "DEFAULT_LANGUAGE",
    "MULTILINGUAL",
    "QUESTION_ANSWERING",
    "TASK_KINDS",
    "TASK_NAMES",
    "TEXT_LABELS",
    "TEXT_VECTORS",
    "TRAINABLE_CLASSIFIERS",
    "TRAINABLE_SEVERAL",
    "TRAINABLE_TAGGERS",
    "TRAINED_HEAD",
    "TRANSLATION",
    "WORD_LABELS",
    "WORD_VECTORS",
    "ZERO_SHOT",
    "Entry",
    "EntryFacts",
    "FolderSource",
    "HubImport",
    "HubSource",
    "Model",
    "OtherTask",
    "PackageSource",
    "Recommendation",
    "Record",
    "Reference",
    "Registry",
    "RegistryFile",
    "Sha256",
    "Source",
    "Substitute",
    "TaskKind",
    "Text",
    "UnservedName",
    "add_hub_model",
    "change_line",
    "common_language",
    "complete_reference",
    "compute_size_mb",
    "compute_speed",
    "current",
    "hub_import",
    "is_inside",
    "is_trainable",
    "other_tasks",
    "own_file",
    "parse_folder",
    "parts_of_name",
    "recommendations",
    "refresh",
    "register",
    "resolve",
    "split_trainable",
    "stands_in_for",
    "task_of_parts",
    "trainable_entry",
    "translator_entries",
    "unserved_name",
    "unserved_names",
]
