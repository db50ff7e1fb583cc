"""Our columns of a frame, in their order: the unit, its position, what is known about it, its vectors and labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite.common import Bools, Ints
from nlu_lite.frame.build import distinct, nullable_integers, strings
from nlu_lite.frame.cells import matrix_column, vector_column
from nlu_lite.frame.labels import label_columns
from nlu_lite.frame.levels import Units
from nlu_lite.frame.results import UnitLabels
from nlu_lite.frame.rows import Rows
from nlu_lite.text import Segmentation

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.frame.results import UnitVectors


def rows_of(level: str, cut: Segmentation, units: Units) -> Rows:
    """The rows of a level: one a unit, and one for a document that has none.

    A text in which no chunk is found has no row at chunk level; a blank one has its one row at
    every level.

    Args:
        level: The level.
        cut: The documents.
        units: Its units.
    """
    rows = Rows.explode(len(cut.texts), units.document)
    if level != "chunk":
        return rows
    blank = np.array([not text or text.isspace() for text in cut.texts], dtype=np.bool_)
    shown = (rows.unit >= 0) | blank[rows.document]
    return Rows(document=rows.document[shown], unit=rows.unit[shown])


def columns_of(
    level: str,
    cut: Segmentation,
    units: Units,
    rows: Rows,
    named: Sequence[tuple[str, UnitVectors | UnitLabels]],
    *,
    positions: bool,
    metadata: bool,
) -> dict[str, Any]:
    """The columns of a frame that are ours.

    Args:
        level: Its level; also the name of the first column.
        cut: The documents.
        units: The level's units.
        rows: Which unit a row shows.
        named: The vectors or labels of each component and their column's name.
        positions: Add where each unit stands.
        metadata: Add how each unit was read.
    """
    missing = rows.unit < 0
    texts = units.texts(cut)
    columns: dict[str, Any] = {
        level: strings([None if unit < 0 else texts[unit] for unit in rows.unit.tolist()])
    }
    integers = _shown(rows, missing)
    if positions:
        columns |= {
            name: integers(values) for name, values in _positions(level, cut, units).items()
        }
    if metadata:
        if level != "document":
            numbers = np.append(_within(cut.sentence_document), 0)[units.sentence]
            columns["sentence_number"] = integers(numbers, units.sentence < 0)
        # What was learnt on another component's vectors has nothing of its own to say about how
        # units were read.
        own = [found for _, found in named if getattr(found, "own", None) is None]
        columns |= _metadata(own, rows, integers)
    for name, found in named:
        if isinstance(found, UnitLabels):
            columns |= label_columns(name, found, rows.unit)
            continue
        matrix = found.matrix
        if isinstance(matrix, list):
            columns[name] = matrix_column(matrix, rows.unit, found.present)
        else:
            columns[name] = vector_column(matrix, rows.unit, found.present)
    return columns


def _shown(rows: Rows, missing: Bools) -> Callable[..., pd.api.extensions.ExtensionArray]:
    """From one number a unit, and the units of which it is not known, to the column."""

    def integers(values: Ints, unknown: Bools | None = None) -> Any:  # noqa: ANN401 - a pandas array
        # What rows without a unit show, number -1, is one more value at the end.
        unknown = missing if unknown is None else np.append(unknown, True)[rows.unit]
        return nullable_integers(np.append(values, 0)[rows.unit], unknown)

    return integers


def _positions(level: str, cut: Segmentation, units: Units) -> dict[str, Ints]:
    places = {"begin": units.begin, "end": units.end - 1}
    if level != "token":
        return places
    return places | {
        "sentence_index": _within(cut.sentence_document)[units.sentence],
        "token_index": _within(units.document),
    }


def _within(document: Ints) -> Ints:
    """The number of each unit within its document."""
    return np.arange(len(document)) - np.searchsorted(document, document)


def _metadata(
    found: Sequence[UnitVectors | UnitLabels],
    rows: Rows,
    integers: Callable[..., pd.api.extensions.ExtensionArray],
) -> dict[str, Any]:
    import pandas as pd

    names: list[str] = []
    values: list[Any] = []
    for vectors in found:
        names += ["piece_count", "window_count"]
        values += [integers(vectors.piece_count), integers(vectors.window_count)]
        if vectors.is_unknown is not None:
            counts: Any = integers(vectors.is_unknown.astype(np.int64))
            names.append("is_unknown")
            values.append(pd.array(counts.astype("boolean"), dtype="boolean"))
    return dict(zip(distinct(names), values, strict=True))
