"""What one component says about each unit, vectors or labels, and the columns that show it."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from nlu_lite.common import Bools, Floats, Ints
from nlu_lite.frame.build import distinct, strings
from nlu_lite.frame.cells import matrix_column, vector_column


@dataclass(frozen=True)
class UnitReading:
    """How a model read the units.

    Attributes:
        piece_count: Shape (units,): pieces of the unit.
        window_count: Shape (units,): windows that the text around it was read in.
        is_unknown: Shape (units,): whether one of its pieces is the vocabulary's unknown one; None
            where not known.
    """

    piece_count: Ints
    window_count: Ints
    is_unknown: Bools | None = None


@dataclass(frozen=True)
class UnitResults(ABC):
    """What one component says about each unit.

    Attributes:
        reading: How it read them; None where it learnt on the vectors of another component, which
            tells.
    """

    reading: UnitReading | None

    @property
    def width(self) -> int | None:
        """Numbers of a vector; None where a cell is no vector."""
        return None

    @abstractmethod
    def columns(self, name: str, unit: Ints) -> dict[str, Any]:
        """The columns of a frame.

        Args:
            name: Of the first of them.
            unit: Shape (rows,): which unit a row shows; -1 for none.
        """


@dataclass(frozen=True)
class UnitVectors(UnitResults):
    """A vector of each unit, or a matrix of its words' vectors.

    Attributes:
        matrix: Shape (units, width), float32; rows of units without a vector are NaN. Instead,
            where matrices were asked for, a list with an array of shape (words, width) a unit.
        present: Shape (units,): whether the unit has a vector.
    """

    matrix: Floats | list[Floats]
    present: Bools

    @property
    def width(self) -> int | None:
        """Numbers of a vector; None where a cell is a matrix."""
        return None if isinstance(self.matrix, list) else self.matrix.shape[1]

    @property
    def joined(self) -> Floats:
        """Shape (units, width): the matrix, where vectors of words were joined."""
        assert isinstance(self.matrix, np.ndarray), "lists of matrices come with aggregate=None"
        return self.matrix

    def columns(self, name: str, unit: Ints) -> dict[str, Any]:
        """One column of vectors, or of matrices."""
        if isinstance(self.matrix, list):
            return {name: matrix_column(self.matrix, unit, self.present)}
        return {name: vector_column(self.matrix, unit, self.present)}


class LabelClasses(Protocol):
    """Labels in the type of those that a caller trained on."""

    def column(self, numbers: Ints) -> Any:  # noqa: ANN401 - a pandas array
        """The column of labels, by their numbers, -1 for none."""

    def cells(self, numbers: Ints) -> list[Any]:
        """The same as plain values and None."""


@dataclass(frozen=True)
class UnitLabels(UnitResults):
    """A label of each unit, or of each of its words.

    Attributes:
        names: Of the labels.
        label: Shape (units,): number of the unit's label, -1 where it has none. With ``starts``,
            shape (words,): those of all units' words, side by side.
        confidence: The same shape, float32: the probability of that label; NaN where there is none.
        starts: Shape (units + 1,): first position in ``label`` of each unit, and their number; None
            where a unit has one label.
        classes: How labels are shown that are no texts; None: as texts.
        probabilities: Shape (units, labels), float32, where they are wanted: of every label.
    """

    names: tuple[str, ...]
    label: Ints
    confidence: Floats
    starts: Ints | None = None
    classes: LabelClasses | None = None
    probabilities: Floats | None = None

    def columns(self, name: str, unit: Ints) -> dict[str, Any]:
        """Labels and confidences, lists where a unit has several; then the probabilities."""
        return self._label_columns(name, unit) | self._probability_columns(name, unit)

    def _probability_columns(self, name: str, unit: Ints) -> dict[str, Any]:
        if self.probabilities is None:
            return {}
        rows = np.full((len(unit), self.probabilities.shape[1]), np.nan, dtype=np.float32)
        rows[unit >= 0] = self.probabilities[unit[unit >= 0]]
        names = distinct(f"{name}_probability_{label}" for label in self.names)
        return dict(zip(names, np.ascontiguousarray(rows.T), strict=True))

    def _label_columns(self, name: str, unit: Ints) -> dict[str, Any]:
        if self.starts is not None:
            return self._list_columns(name, unit, self.starts)
        # Rows without a unit show number -1: one more value at the end.
        label = np.append(self.label, -1)[unit]
        confidence = np.append(self.confidence, np.float32(np.nan))[unit]
        return {name: self._label_column(label), confidence_column(name): confidence}

    def _label_column(self, label: Ints) -> Any:  # noqa: ANN401 - a pandas array
        if self.classes is not None:
            return self.classes.column(label)
        return strings(self._label_cells(label))

    def _label_cells(self, label: Ints) -> list[Any]:
        if self.classes is not None:
            return self.classes.cells(label)
        names = np.array([*self.names, None], dtype=object)
        return names[label].tolist()  # type: ignore[no-any-return]

    def _list_columns(self, name: str, unit: Ints, starts: Ints) -> dict[str, Any]:
        bounds = list(itertools.pairwise(starts.tolist()))
        values = {
            name: self._label_cells(self.label),
            confidence_column(name): self.confidence.tolist(),
        }
        columns = {column: np.full(len(unit), None, dtype=object) for column in values}
        for row in np.flatnonzero(unit >= 0).tolist():
            words = slice(*bounds[unit[row]])
            for column, cells in columns.items():
                cells[row] = values[column][words]
        return columns


def confidence_column(name: str) -> str:
    """The name of the column of confidences beside a column of labels."""
    return f"{name}_confidence"
