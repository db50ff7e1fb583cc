"""Our columns of a frame, in order: the unit, its position, how it was read, vectors, labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite.common import Bools, Ints
from nlu_lite.frame.build import distinct, nullable_integers
from nlu_lite.frame.levels import Level, numbers_within
from nlu_lite.frame.results import UnitReading, UnitResults
from nlu_lite.frame.rows import Rows
from nlu_lite.frame.units import Units
from nlu_lite.inputs import Inputs
from nlu_lite.text import Segmentation

if TYPE_CHECKING:
    import pandas as pd

# From one number a unit, and the units of which it is not known, to the column.
IntegerColumn = Callable[..., "pd.api.extensions.ExtensionArray"]


def columns_of(
    level: Level,
    inputs: Inputs,
    segmentation: Segmentation,
    units: Units,
    rows: Rows,
    results: Mapping[str, UnitResults],
    *,
    positions: bool,
    metadata: bool,
) -> dict[str, Any]:
    """The columns of a frame that are ours.

    Args:
        level: Of the frame.
        inputs: What the caller handed in.
        segmentation: Its documents.
        units: The level's units.
        rows: Which unit a row shows.
        results: What each component says, by the name of its column.
        positions: Add where each unit stands.
        metadata: Add how each unit was read.
    """
    columns = level.text_columns(inputs, segmentation, units, rows)
    integers = _integers(rows)
    if positions:
        is_missing = level.is_without_position(units)
        for name, values in level.positions(segmentation, units).items():
            columns[name] = integers(values, is_missing)
    if metadata:
        if level.lies_in_sentence:
            numbers = np.append(numbers_within(segmentation.sentence_document), 0)[units.sentence]
            columns["sentence_number"] = integers(numbers, units.sentence < 0)
        readings = [result.reading for result in results.values() if result.reading is not None]
        columns |= _reading_columns(readings, integers)
    for name, result in results.items():
        columns |= result.columns(name, rows.unit)
    return columns


def _integers(rows: Rows) -> IntegerColumn:
    def integers(values: Ints, is_missing: Bools | None = None) -> Any:  # noqa: ANN401 - a pandas array
        if is_missing is None:
            is_missing = np.zeros(len(values), dtype=np.bool_)
        # Rows without a unit show number -1: one more value at the end.
        missing = np.append(is_missing, True)[rows.unit]
        return nullable_integers(np.append(values, 0)[rows.unit], missing)

    return integers


def _reading_columns(readings: Iterable[UnitReading], integers: IntegerColumn) -> dict[str, Any]:
    import pandas as pd

    columns: list[tuple[str, Any]] = []
    for reading in readings:
        columns.append(("piece_count", integers(reading.piece_count)))
        columns.append(("window_count", integers(reading.window_count)))
        if reading.is_unknown is not None:
            counts: Any = integers(reading.is_unknown.astype(np.int64))
            columns.append(("is_unknown", pd.array(counts.astype("boolean"), dtype="boolean")))
    names = distinct(name for name, _ in columns)
    return dict(zip(names, (values for _, values in columns), strict=True))
