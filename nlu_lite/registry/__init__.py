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
    "DEFAULT_LANGUAGE",
    "EMBED_TASKS",
    "PAIR_TASKS",
    "TASKS",
    "TRAIN",
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
    "Verified",
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
