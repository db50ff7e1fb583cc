"""Answers "which model is meant": checked registry files, and the look-up of names in them."""

from nlu_lite.registry.active import current, refresh, register
from nlu_lite.registry.entry import Entry
from nlu_lite.registry.lookup import Registry
from nlu_lite.registry.requests import common_language, infer_task, parse_folder, resolve
from nlu_lite.registry.rewrite import change_line
from nlu_lite.registry.schema import (
    DEFAULT_LANGUAGE,
    EMBED_TASKS,
    PAIR_TASKS,
    TASKS,
    TRAIN,
    WORD_TASKS,
    Count,
    FolderSource,
    HubSource,
    PackageSource,
    Pooling,
    Record,
    Source,
    Task,
    Text,
    TokenizerKind,
    Verified,
    is_inside,
)
from nlu_lite.registry.trainable import (
    TRAINABLE_CLASSIFIERS,
    TRAINABLE_TAGGERS,
    is_trainable,
    split_trainable,
    trainable_entry,
)
from nlu_lite.registry.unserved import UnservedName, unserved_name, unserved_names

__all__ = [
    "DEFAULT_LANGUAGE",
    "EMBED_TASKS",
    "PAIR_TASKS",
    "TASKS",
    "TRAIN",
    "TRAINABLE_CLASSIFIERS",
    "TRAINABLE_TAGGERS",
    "WORD_TASKS",
    "Count",
    "Entry",
    "FolderSource",
    "HubSource",
    "PackageSource",
    "Pooling",
    "Record",
    "Registry",
    "Source",
    "Task",
    "Text",
    "TokenizerKind",
    "UnservedName",
    "Verified",
    "change_line",
    "common_language",
    "current",
    "infer_task",
    "is_inside",
    "is_trainable",
    "parse_folder",
    "refresh",
    "register",
    "resolve",
    "split_trainable",
    "trainable_entry",
    "unserved_name",
    "unserved_names",
]
