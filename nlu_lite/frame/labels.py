"""Labels of units -> two columns: the labels, and how likely each is."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from nlu_lite.common import Ints
from nlu_lite.frame.build import strings
from nlu_lite.frame.results import UnitLabels


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
        label, confidence = (
            np.append(found.label, -1)[unit],
            np.append(found.confidence, np.float32(np.nan))[unit],
        )
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
