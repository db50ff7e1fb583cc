"""From the frames of ``Pipeline.predict`` to the columns that NLU has at a level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.common import Ints
from nlu_lite.frame import matrix_column

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline


@dataclass(frozen=True)
class Vectors:
    """A column of vectors.

    Attributes:
        source: What ``Pipeline.predict`` calls it.
        name: What NLU does.
        words: Whether it holds vectors of words.
        unknown: Where the result says whether the vocabulary lacks a word; empty where it does not.
    """

    source: str
    name: str
    words: bool
    unknown: str = ""


class Context:
    """The tokens, sentences and texts of whole documents, found when first asked for.

    Args:
        units: A pipeline without components.
        documents: As ``Pipeline.predict`` takes them.
    """

    def __init__(self, units: Pipeline, documents: Sequence[Any]) -> None:
        self._units = units
        self._documents = list(documents)

    @cached_property
    def _frames(self) -> dict[str, pd.DataFrame]:
        return {}

    def lists(self, unit: str, column: str) -> list[list[Any]]:
        """What a column says about the units of each document.

        Args:
            unit: ``token``, ``sentence`` or ``document``.
            column: The unit itself, or its ``begin`` or ``end``.
        """
        if unit not in self._frames:
            self._frames[unit] = self._units.predict(self._documents, unit, positions=True)  # type: ignore[arg-type]
        frame = self._frames[unit]
        result: list[list[Any]] = [[] for _ in self._documents]
        for document, missing, value in zip(
            frame.index, frame[unit].isna(), frame[column], strict=True
        ):
            if not missing:
                result[document].append(value)
        return result

    def cells(self, unit: str, column: str, document: Ints) -> NDArray[np.object_]:
        """The same as the cells of a column, the text of a document by itself.

        Args:
            unit: See ``lists``.
            column: See ``lists``.
            document: Shape (rows,): the document of each row.
        """
        lists: list[Any] = self.lists(unit, column)
        if unit == column == "document":
            lists = [next(iter(texts), None) for texts in lists]
        cells = np.empty(len(document), dtype=object)
        for row, place in enumerate(document.tolist()):
            cells[row] = lists[place]
        return cells


def columns_of(
    level: str,
    found: pd.DataFrame,
    units: Sequence[str],
    vectors: Sequence[Vectors],
    context: Context,
    *,
    positions: bool,
    metadata: bool,
    all_units: bool,
) -> dict[str, Any]:
    """NLU's columns, without the caller's own.

    Args:
        level: ``token``, ``sentence`` or ``document``: what a row stands for.
        found: From ``Pipeline.predict``, its index the number of the document, with metadata.
        units: What an NLU pipeline finds at this level.
        vectors: The vector columns.
        context: Of the same documents.
        positions: Add where each unit, and each unit of a component, begins and ends (inclusive).
        metadata: Add which sentence of its document a unit stands in, and whether the vocabulary
            lacks a word.
        all_units: Add the units of other levels, as lists.

    Returns:
        Name -> array of shape (rows,).
    """
    document = found.index.to_numpy()
    columns: dict[str, Any] = {}

    def add_positions(name: str, unit: str) -> None:
        for side in ("begin", "end"):
            cells = values(found[side]) if unit == level else context.cells(unit, side, document)
            columns[f"{name}_{side}"] = cells

    for unit in units:
        if unit == level:
            columns[unit] = values(found[unit])
        elif all_units:
            columns[unit] = context.cells(unit, unit, document)
        if positions:
            add_positions(unit, unit)
    texts = "document" if level == "document" else "sentence"
    for column in vectors:
        columns[column.name] = _cells(level, found, column, document)
        if positions:
            add_positions(column.name, "token" if column.words else texts)
    if metadata:
        columns |= _metadata(level, found, vectors)
    return columns


def values(column: pd.Series[Any]) -> Any:  # noqa: ANN401 - a NumPy or pandas array
    """What a column holds, without its index."""
    return column.to_numpy() if column.dtype == object else column.array


def _cells(level: str, found: pd.DataFrame, column: Vectors, document: Ints) -> NDArray[np.object_]:
    """A component's cells: a vector at its own level, elsewhere the matrix of the whole document."""
    cells = found[column.source].to_numpy()
    if level == "token" and not column.words:
        sentence = found["sentence_number"].to_numpy(dtype=np.int64, na_value=-1)
        first = np.append(True, (np.diff(document) != 0) | (np.diff(sentence) != 0))[: len(cells)]
        return _of_documents(cells, document, first, np.stack)
    if level == "sentence" and column.words:
        return _of_documents(cells, document, np.ones(len(cells), dtype=np.bool_), np.concatenate)
    return np.asarray(cells)


def _of_documents(
    cells: NDArray[Any],
    document: Ints,
    used: NDArray[np.bool_],
    join: Callable[[list[Any]], NDArray[Any]],
) -> NDArray[np.object_]:
    """One matrix a document out of some of its rows' cells, on each of its rows."""
    parts: dict[int, list[Any]] = {}
    for row in np.flatnonzero(used).tolist():
        if cells[row] is not None:
            parts.setdefault(int(document[row]), []).append(cells[row])
    place = {number: at for at, number in enumerate(parts)}
    matrices = [join(own) for own in parts.values()]
    rows = np.array([place.get(number, -1) for number in document.tolist()], dtype=np.int64)
    return matrix_column(matrices, rows, np.ones(len(matrices), dtype=np.bool_))


def _metadata(level: str, found: pd.DataFrame, vectors: Sequence[Vectors]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if level == "token":
        columns["token_origin_sentence"] = values(found["sentence_number"])
    for column in vectors:
        if level == ("token" if column.words else "sentence"):
            columns[f"{column.name}_origin_sentence"] = values(found["sentence_number"])
        if level == "token" and column.words:
            columns[f"{column.name}_is_OOV"] = values(found[column.unknown])
    return columns
