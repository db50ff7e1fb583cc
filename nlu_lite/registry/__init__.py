"""Answers "which model is meant": ``registry.yaml`` -> frozen, validated entries, and the look-up of names."""

from nlu_lite.registry.lookup import DEFAULT_LANGUAGE, Entry, Registry
from nlu_lite.registry.resolve import common_language, folder_at, resolve, task_of
from nlu_lite.registry.rewrite import change_line
from nlu_lite.registry.schema import (
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
from nlu_lite.registry.state import current, refresh, register

__all__ = [
    "Count",
    "DEFAULT_LANGUAGE",
    "EMBED_TASKS",
    "Entry",
    "FolderSource",
    "HubSource",
    "PAIR_TASKS",
    "PackageSource",
    "Pooling",
    "Record",
    "Registry",
    "Source",
    "TASKS",
    "TRAIN",
    "Task",
    "Text",
    "TokenizerKind",
    "Verified",
    "WORD_TASKS",
    "change_line",
    "common_language",
    "current",
    "folder_at",
    "is_inside",
    "refresh",
    "register",
    "resolve",
    "task_of",
]
