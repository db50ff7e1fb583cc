"""What a model is for, where nobody says it: told by the folder of its files."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

from nlu_lite.registry import (
    QUESTION_ANSWERING,
    TEXT_LABELS,
    TEXT_VECTORS,
    TRANSLATION,
    WORD_LABELS,
    WORD_VECTORS,
    Entry,
    TaskKind,
)
from nlu_lite.weights.json_files import read_json
from nlu_lite.weights.model_files import CONFIG_FILE
from nlu_lite.weights.module_folders import MODULES_FILE, list_modules

log = logging.getLogger("nlu_lite")

TRANSLATION_FILE = "source.spm"
# Modules after which there is one vector a text; a classifier has none of them.
_POOLING_MODULES = ("Pooling", "StaticEmbedding", "BoW")
# How the names of transformers' classes end -> what such a model is for.
_CLASSIFIERS = {
    "ForTokenClassification": WORD_LABELS,
    "ForSequenceClassification": TEXT_LABELS,
    "ForQuestionAnswering": QUESTION_ANSWERING,
}


def complete_entry(entry: Entry, folder: Path) -> Entry:
    """The entry with what the folder of its files says of it, where no reference does.

    That is the task, where the caller does not say it. A folder whose sentence-transformers modules
    pool gives vectors of sentences, and one with Marian's file of the pieces that it reads is a
    translator. One whose configuration names a classifier in ``architectures`` gives the labels of
    that, which the log says. Any other folder of modules is for sentences, any other one for words.

    How vectors of texts are made is the folder's to say, where it has modules: pooling, length one,
    and the longest sequence.

    Args:
        entry: Of the request.
        folder: With the files of its model.

    Raises:
        ModelError: The configuration or the list of modules cannot be read.
    """
    if entry.task is None:
        entry = dataclasses.replace(entry, task=_infer_kind(entry, folder).name)
    if entry.reference is None and entry.kind is TEXT_VECTORS and _has(folder, MODULES_FILE):
        return dataclasses.replace(entry, pooling=None, normalize=None, max_length=None)
    return entry


def _infer_kind(entry: Entry, folder: Path) -> TaskKind:
    if any(module.kind in _POOLING_MODULES for module in list_modules(folder)):
        return TEXT_VECTORS
    if _has(folder, TRANSLATION_FILE):
        return TRANSLATION
    kind = _kind_of_classifier(folder)
    if kind is None:
        return TEXT_VECTORS if _has(folder, MODULES_FILE) else WORD_VECTORS
    log.info(
        "%s is a classifier by its %s, and is loaded for its labels (task=%r); task=%r gives its "
        "vectors.",
        entry.request,
        CONFIG_FILE,
        kind.name,
        WORD_VECTORS.name,
    )
    return kind


def _has(folder: Path, name: str) -> bool:
    return (folder / name).is_file()


def _kind_of_classifier(folder: Path) -> TaskKind | None:
    """What the classifier that a configuration names is for; None where it names none, or two."""
    path = folder / CONFIG_FILE
    if not path.is_file():
        return None
    names = read_json(path).get("architectures")
    if not isinstance(names, list):
        return None
    kinds = {
        kind.name: kind
        for ending, kind in _CLASSIFIERS.items()
        if any(str(name).endswith(ending) for name in names)
    }
    return next(iter(kinds.values())) if len(kinds) == 1 else None
