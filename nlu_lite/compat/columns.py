"""From a frame of ``Pipeline.predict`` to the columns that NLU has at the same level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite import frame
from nlu_lite.common import Bools, Floats, Ints
from nlu_lite.frame import DOCUMENT, SENTENCE, TOKEN, Level

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline
    from nlu_lite.tasks import Component

SIDES = ("begin", "end")


@dataclass(frozen=True, kw_only=True)
class Column:
    """The column of vectors or labels of one component.

    Attributes:
        source: Its name in a frame of ``Pipeline.predict``.
        name: Its name in NLU.
        component: What gives the vectors or labels.
        unknown: Where that frame says whether the vocabulary lacks a word; empty where it does not.
    """

    source: str
    name: str
    component: Component
    unknown: str

    def unit(self, level: Level) -> Level:
        """The level of which one of its vectors is a unit.

        Args:
            level: Of the rows; a sentence component reads documents whole where they are rows.
        """
        if self.component.reads_words:
            return TOKEN
        return SENTENCE if level.lies_in_sentence else DOCUMENT


def name_columns(pipeline: Pipeline, names: Sequence[str]) -> list[Column]:
    """The columns of a pipeline's components, in their order; ``names`` are NLU's."""
    readers = [component.reads_words for component in pipeline.components]
    unknown = iter(frame.distinct(["is_unknown"] * sum(readers)))
    return [
        Column(
            source=source,
            name=name,
            component=component,
            unknown=next(unknown) if component.reads_words else "",
        )
        for source, name, component in zip(
            pipeline.columns, names, pipeline.components, strict=True
        )
    ]


class DocumentUnits:
    """The tokens, sentences and texts of whole documents, cut when first asked for.

    Args:
        row_pipeline: A pipeline without models, which gives rows alone.
        documents: As ``Pipeline.predict`` takes them.
    """

    def __init__(self, row_pipeline: Pipeline, documents: Sequence[Any]) -> None:
        self._row_pipeline = row_pipeline
        self._documents = list(documents)
        self._frames: dict[str, pd.DataFrame] = {}

    def lists(self, unit: Level, column: str, document: Ints) -> NDArray[np.object_]:
        """What a column says about the units of each row's document.

        Args:
            unit: The level whose units are meant.
            column: The name of the level, or ``begin`` or ``end``.
            document: Shape (rows,): the number of each row's document.

        Returns:
            Shape (rows,), object: lists; empty for null and blank texts.
        """
        rows = self._frame(unit)
        present = rows[rows[unit.name].notna()]
        lists: list[list[Any]] = [[] for _ in self._documents]
        for number, value in zip(present.index, present[column], strict=True):
            lists[number].append(value)
        return pd.Series(lists, dtype=object).to_numpy()[document]

    def texts(self, document: Ints) -> NDArray[np.object_]:
        """The text of each row's document, None for null and blank ones; shape (rows,), object."""
        texts = self._frame(DOCUMENT)[DOCUMENT.name].astype(object)
        return texts.where(texts.notna(), None).to_numpy()[document]

    def _frame(self, unit: Level) -> pd.DataFrame:
        if unit.name not in self._frames:
            frame_of_units = self._row_pipeline.predict(self._documents, unit.name, positions=True)
            self._frames[unit.name] = frame_of_units
        return self._frames[unit.name]


@dataclass(frozen=True, kw_only=True)
class LevelFrame:
    """A frame of ``Pipeline.predict`` at one level, and the units of its documents.

    Attributes:
        level: What a row stands for: a word, a sentence or a document.
        rows: The frame, with metadata; its index is the number of the document.
        units: Of the same documents.
    """

    level: Level
    rows: pd.DataFrame
    units: DocumentUnits

    @property
    def document(self) -> Ints:
        """Shape (rows,): the number of each row's document."""
        return self.rows.index.to_numpy()

    def unit_column(self, unit: Level) -> Any:  # noqa: ANN401 - a NumPy or pandas array
        """The unit of each row; of another level than the rows all units of the document."""
        if unit is self.level:
            return array_of(self.rows[unit.name])
        if unit is DOCUMENT:
            return self.units.texts(self.document)
        return self.units.lists(unit, unit.name, self.document)

    def position_columns(self, name: str, unit: Level) -> dict[str, Any]:
        """Where units begin and end (code points, inclusive), as numbers or lists.

        Args:
            name: The columns are called ``<name>_begin`` and ``<name>_end``.
            unit: The level whose units are meant.
        """
        if unit is self.level:
            return {f"{name}_{side}": array_of(self.rows[side]) for side in SIDES}
        return {f"{name}_{side}": self.units.lists(unit, side, self.document) for side in SIDES}

    def vector_column(self, column: Column) -> NDArray[np.object_]:
        """A component's cells: a vector at its own level, else the matrix of the whole document.

        Returns:
            Shape (rows,), object: arrays of shape (dimension,) or (units, dimension), or None.
        """
        cells = np.asarray(self.rows[column.source].to_numpy())
        unit = column.unit(self.level)
        if self.level is TOKEN and unit is SENTENCE:
            return _document_matrices(cells, self.document, self._first_of_sentence(), np.stack)
        if self.level is SENTENCE and unit is TOKEN:
            everywhere = np.ones(len(cells), dtype=np.bool_)
            return _document_matrices(cells, self.document, everywhere, np.concatenate)
        return cells

    def plain_columns(self, column: Column) -> dict[str, Any]:
        """A component's labels and their confidences, or its texts, under NLU's names."""
        component = column.component
        names = zip(
            component.column_names(column.name), component.column_names(column.source), strict=True
        )
        return {name: array_of(self.rows[source]) for name, source in names}

    def metadata_columns(self, vectors: Sequence[Column]) -> dict[str, Any]:
        """The sentence of its document in which a unit stands, and whether a word is unknown."""
        columns: dict[str, Any] = {}
        if not self.level.lies_in_sentence:
            return columns
        sentence = array_of(self.rows["sentence_number"])
        if self.level is TOKEN:
            columns[f"{TOKEN.name}_origin_sentence"] = sentence
        for column in vectors:
            if column.unit(self.level) is not self.level:
                continue
            columns[f"{column.name}_origin_sentence"] = sentence
            if column.unknown:
                columns[f"{column.name}_is_OOV"] = array_of(self.rows[column.unknown])
        return columns

    def _first_of_sentence(self) -> Bools:
        """Shape (rows,): whether a token is the first of its sentence."""
        sentence = self.rows["sentence_number"].to_numpy(dtype=np.int64, na_value=-1)
        new_document = np.diff(self.document, prepend=-1) != 0
        new_sentence = np.diff(sentence, prepend=-1) != 0
        return np.asarray(new_document | new_sentence)


def array_of(column: pd.Series[Any]) -> Any:  # noqa: ANN401 - a NumPy or pandas array
    """What a column holds, without its index."""
    return column.to_numpy() if column.dtype == object else column.array


def _document_matrices(
    cells: NDArray[Any],
    document: Ints,
    used: Bools,
    join: Callable[[list[Any]], Floats],
) -> NDArray[np.object_]:
    """One matrix a document out of some of its rows' cells, shown on each of its rows."""
    present = used & np.array([cell is not None for cell in cells], dtype=np.bool_)
    numbers, starts = np.unique(document[present], return_index=True)
    groups = np.split(cells[present], starts)[1:]
    matrices = [join(list(group)) for group in groups]
    rows = pd.Index(numbers).get_indexer(pd.Index(document))
    return frame.matrix_column(matrices, rows, np.ones(len(matrices), dtype=np.bool_))
