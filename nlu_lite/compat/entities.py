"""Labels of words -> NLU's rows of level ``chunk``: an entity a row, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.common import Floats, Ints
from nlu_lite.compat.columns import Column, LevelFrame
from nlu_lite.frame import SENTENCE, TOKEN, confidence_column, strings
from nlu_lite.tasks import merge_words

# What NLU appends to the column of the entities for that of their classes.
CLASS = "_class"


def gives_entities(column: Column) -> bool:
    """Whether a component's labels are classes of named entities, by NLU's name of its column."""
    reads_words = column.component.gives_labels and column.component.reads_words
    return reads_words and column.name.startswith("entities_") and column.name.endswith(CLASS)


@dataclass(frozen=True, kw_only=True)
class _Entities:
    """What one component finds in all documents.

    Attributes:
        name: Of its column of entities.
        document: Shape (entities,): the number of the document, ascending.
        place: Shape (entities,): which of its document's entities it is.
        cells: Column -> a list with a value for each entity.
    """

    name: str
    document: Ints
    position: Ints
    cells: dict[str, list[Any]]


def entity_rows(
    level_frame: LevelFrame, columns: Sequence[Column], *, positions: bool
) -> tuple[Ints, dict[str, Any]]:
    """The rows of level ``chunk``, and the columns of entities.

    The entities of several components stand side by side by their order, as in NLU; a document
    without one keeps a row.

    Args:
        level_frame: Its rows are documents.
        columns: Of components that give entities.
        positions: Add where each begins and ends (code points of the text, end inclusive).

    Returns:
        Shape (rows,): the row of ``level_frame`` that each repeats; and the columns, as long.
    """
    parts = [_find(level_frame, column) for column in columns]
    documents = len(level_frame.rows)
    counts = [np.bincount(part.document, minlength=documents) for part in parts]
    rows_of_each = np.maximum.reduce([np.ones(documents, dtype=np.int64), *counts])
    first = np.cumsum(rows_of_each) - rows_of_each
    result: dict[str, Any] = {}
    for part in parts:
        row = first[part.document] + part.position
        for name, values in part.cells.items():
            cells = np.full(int(rows_of_each.sum()), None, dtype=object)
            cells[row] = np.array([*values, None], dtype=object)[:-1]
            if positions or name not in (f"{part.name}_begin", f"{part.name}_end"):
                result[name] = _typed(name, part.name, cells)
    return np.repeat(np.arange(documents), rows_of_each), result


def _typed(name: str, entity: str, cells: NDArray[np.object_]) -> Any:  # noqa: ANN401 - a pandas array
    if name in (entity, f"{entity}{CLASS}"):
        return strings(list(cells))
    if name == confidence_column(entity):
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float32)
    return pd.array(list(cells), dtype="Int64")


def _find(level_frame: LevelFrame, column: Column) -> _Entities:
    """The entities in the labels of one component."""
    label_lists = level_frame.rows[column.source].tolist()
    confidence_lists = level_frame.rows[confidence_column(column.source)].tolist()
    document, labels = _flattened(label_lists)
    _, confidences = _flattened(confidence_lists)
    begin, end = (_units(level_frame, TOKEN, side) for side in ("begin", "end"))
    sentence = _word_sentences(level_frame, document, begin)
    names = tuple(sorted({label for label in labels if label is not None}))
    numbers = {name: number for number, name in enumerate(names)} | {None: -1}
    label = np.array([numbers[item] for item in labels], dtype=np.int64)
    confidence: Floats = np.array(confidences, dtype=np.float32)
    # Sentences are numbered within their document.
    most = int(sentence.max(initial=0)) + 1
    entities = merge_words(names, label, confidence, document * most + sentence)
    of_document = document[entities.first]
    # Documents ascend, so the first entity of each is where its number would be put in.
    position = np.arange(len(of_document)) - np.searchsorted(of_document, of_document)
    texts = level_frame.units.texts(level_frame.document)
    begins, ends = begin[entities.first].tolist(), end[entities.last].tolist()
    name = column.name.removesuffix(CLASS)
    return _Entities(
        name=name,
        document=of_document,
        position=position,
        cells={
            name: [
                texts[number][start : stop + 1]
                for number, start, stop in zip(of_document.tolist(), begins, ends, strict=True)
            ],
            f"{name}{CLASS}": [entities.names[number] for number in entities.label.tolist()],
            confidence_column(name): entities.confidence.tolist(),
            f"{name}_origin_chunk": position.tolist(),
            f"{name}_origin_sentence": sentence[entities.first].tolist(),
            f"{name}_begin": begins,
            f"{name}_end": ends,
        },
    )


def _flattened(lists: Sequence[Any]) -> tuple[Ints, list[Any]]:
    """The document of each item, and the items, of lists one a document or None."""
    counts = [0 if items is None else len(items) for items in lists]
    items = [item for entities in lists if entities is not None for item in entities]
    return np.repeat(np.arange(len(lists)), counts), items


def _units(level_frame: LevelFrame, unit: Any, side: str) -> Ints:  # noqa: ANN401 - a level
    lists = level_frame.units.lists(unit, side, level_frame.document)
    return np.array([number for numbers in lists for number in numbers], dtype=np.int64)


def _word_sentences(level_frame: LevelFrame, document: Ints, begin: Ints) -> Ints:
    """Shape (words,): the number of each word's sentence within its document."""
    begins = level_frame.units.lists(SENTENCE, "begin", level_frame.document)
    words = np.split(begin, np.flatnonzero(np.diff(document)) + 1)
    numbers = np.unique(document).tolist()
    parts = [
        np.searchsorted(np.array(begins[number]), part, side="right") - 1
        for number, part in zip(numbers, words, strict=False)
    ]
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])
