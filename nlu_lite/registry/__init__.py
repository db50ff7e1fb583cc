"""Answers "which model is meant": checked registry files, and the look-up of names in them."""

from nlu_lite.registry.active import current, refresh, register
from nlu_lite.registry.entry import Entry
from nlu_lite.registry.lookup import Registry
from nlu_lite.registry.requests import (
    MULTILINGUAL,
    common_language,
    infer_task,
    parse_folder,
    resolve,
)
from nlu_lite.registry.rewrite import change_line
from nlu_lite.registry.schema import (
    TASK_NAMES,
    EntryFacts,
    FolderSource,
    HubSource,
    PackageSource,
    Source,
    is_inside,
)
from nlu_lite.registry.task_kinds import (
    QUESTION_ANSWERING,
    TASK_KINDS,
    TEXT_LABELS,
    TEXT_VECTORS,
    TRAINED_HEAD,
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
from nlu_lite.registry.unserved import UnservedName, unserved_name, unserved_names

__all__ = [
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
    "WORD_LABELS",
    "WORD_VECTORS",
    "ZERO_SHOT",
    "Entry",
    "EntryFacts",
    "FolderSource",
    "HubSource",
    "PackageSource",
    "Registry",
    "Source",
    "TaskKind",
    "UnservedName",
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
