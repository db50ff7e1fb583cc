"""Labels of units -> two columns: the labels, and how likely each is."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nlu_lite.frame.build import strings

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


class OwnLabels(Protocol):
    """Labels in the type of those that a caller trained on."""

    def column(self, numbers: Ints) -> Any:  # noqa: ANN401 - a pandas array
        """The column of labels, by their numbers, -1 for none."""

    def cells(self, numbers: Ints) -> list[Any]:
        """The same as plain values and None."""


@dataclass(frozen=True)
class UnitLabels:
    """What one component that classifies says about each unit.

    Attributes:
        names: Of the labels.
        label: Shape (units,): number of the unit's label, -1 where it has none. With ``starts``, shape (words,): those of all
            units' words, side by side.
        confidence: The same shape, float32: the probability of that label; NaN where there is none.
        piece_count: Shape (units,): pieces of the unit.
        window_count: Shape (units,): windows that the text around it was read in.
        is_unknown: Shape (units,): whether one of its pieces is the vocabulary's unknown one; None where not known.
        starts: Shape (units + 1,): first place in ``label`` of each unit, and their number; None where a unit has one label.
        own: How labels are shown that are no texts, or were learnt here on another component's vectors; None: as texts.
    """

    names: tuple[str, ...]
    label: Ints
    confidence: Floats
    piece_count: Ints
    window_count: Ints
    is_unknown: Bools | None
    starts: Ints | None = None
    own: OwnLabels | None = None


def confidence_column(name: str) -> str:
    """What the column of confidences is called beside a column of labels.

    Args:
        name: Of the column of labels.
    """
    return f"{name}_confidence"


def label_columns(name: str, found: UnitLabels, unit: Ints) -> dict[str, Any]:
    """The column of labels and that of their confidences, float32 and NaN; lists of them where found so.

    Labels are texts and None, or of the type that was learnt.

    Args:
        name: Of the column of labels.
        found: The labels of units.
        unit: Shape (rows,): which unit a row shows; -1 for none.
    """
    # What rows without a unit show, number -1, is one more value at the end.
    names = np.array([*found.names, None], dtype=object)
    if found.starts is None:
        label, confidence = np.append(found.label, -1)[unit], np.append(found.confidence, np.float32(np.nan))[unit]
        shown = strings(names[label].tolist()) if found.own is None else found.own.column(label)
        return {name: shown, confidence_column(name): confidence}
    edges = list(itertools.pairwise(found.starts.tolist()))
    every, likely = (
        names[found.label].tolist() if found.own is None else found.own.cells(found.label),
        found.confidence.tolist(),
    )
    columns = {}
    for column, values in ((name, every), (confidence_column(name), likely)):
        cells = np.full(len(unit), None, dtype=object)
        for row, number in enumerate(unit.tolist()):
            if number >= 0:
                cells[row] = values[slice(*edges[number])]
        columns[column] = cells
    return columns
