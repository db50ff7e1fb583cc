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
from nlu_lite.weights.module_folders import MODULES_FILE

log = logging.getLogger("nlu_lite")

# How the names of transformers' classes end -> what such a model is for.
_CLASSIFIERS = {
    "ForTokenClassification": WORD_LABELS,
    "ForSequenceClassification": TEXT_LABELS,
    "ForQuestionAnswering": QUESTION_ANSWERING,
}


def infer_task(entry: Entry, folder: Path) -> Entry:
    """The entry with its task, which without a reference is told by the folder of its files.

    A folder with sentence-transformers modules is for sentences, and one with Marian's file of the
    pieces that it reads is a translator. One whose configuration names a
    classifier in ``architectures`` gives the labels of that, which the log says. Any other one is
    for words.

    Args:
        entry: Of the request.
        folder: With the files of its model.

    Raises:
        ModelError: The configuration cannot be read.
    """
    if entry.task is not None:
        return entry
    signs = {MODULES_FILE: TEXT_VECTORS, "source.spm": TRANSLATION}
    for name, told_kind in signs.items():
        if (folder / name).is_file():
            return dataclasses.replace(entry, task=told_kind.name)
    kind = _kind_of_classifier(folder)
    if kind is None:
        return dataclasses.replace(entry, task=WORD_VECTORS.name)
    log.info(
        "%s is a classifier by its %s, and is loaded for its labels (task=%r); task=%r gives its "
        "vectors.",
        entry.request,
        CONFIG_FILE,
        kind.name,
        WORD_VECTORS.name,
    )
    return dataclasses.replace(entry, task=kind.name)


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
