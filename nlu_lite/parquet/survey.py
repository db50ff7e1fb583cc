"""What is known of an input's columns before anything is written: their names and their types."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Self

import pandas as pd
import pyarrow as pa

from nlu_lite import frame
from nlu_lite.flow import FrameOptions
from nlu_lite.inputs import ORIGIN_INDEX, Chunk, Source, read
from nlu_lite.parquet.types import Column, merge_type


@dataclass
class ColumnSurvey:
    """What the rows so far say of a column.

    Attributes:
        kind: The type that holds them all; null where there is nothing in them.
        dtype: The type in pandas, None where it differs.
    """

    kind: pa.DataType = field(default_factory=pa.null)
    dtype: Any = None
    _is_new: bool = True

    def add(self, values: Column, name: Hashable, first: int) -> None:
        """Look at more rows.

        Args:
            values: Of the column.
            name: Of the column, for messages.
            first: Number of their first row.

        Raises:
            InputValueError: No type holds them and those before.
        """
        self.kind = merge_type(self.kind, values, name=name, first=first)
        self.dtype = values.dtype if self._is_new or values.dtype == self.dtype else None
        self._is_new = False


@dataclass(frozen=True)
class Survey:
    """The columns that come from an input.

    Attributes:
        levels: Names of the index's levels.
        carried: The caller's columns that are carried.
        columns: Of the levels, then of the columns that are carried.
        allowed: All columns that the input may have; None where others do not matter.
    """

    levels: list[Hashable]
    carried: list[Hashable]
    columns: list[ColumnSurvey]
    allowed: frozenset[Hashable] | None

    @classmethod
    def make(cls, source: Source, rows: int, frame_options: FrameOptions) -> Self:
        """Look at the rows of an input: all, or the first ``rows`` of one that is read once.

        Raises:
            OptionError: ``keep`` names a column that the input lacks.
            InputValueError: A column has no one type; names it and the row.
        """
        head = source.head()
        columns_of_head = list(head.columns) if isinstance(head, pd.DataFrame) else []
        levels = [ColumnSurvey() for _ in range(head.index.nlevels)]
        columns: dict[Hashable, ColumnSurvey] = {}
        late: dict[Hashable, None] = {}
        first = 0
        for chunk in _surveyed(source, rows, frame_options):
            for number, (name, level) in enumerate(zip(chunk.index.names, levels, strict=True)):
                label = ORIGIN_INDEX if name is None else name
                level.add(chunk.index.get_level_values(number), label, first)
            for name, values in _carried_columns(chunk, source.text, frame_options):
                columns.setdefault(name, ColumnSurvey()).add(values, name, first)
            if isinstance(chunk, pd.DataFrame):
                late |= dict.fromkeys(name for name in chunk.columns if name not in columns_of_head)
            first += len(chunk)
        names = [*columns_of_head, *late]
        carried = _carried(names, source.text, frame_options)
        return cls(
            levels=list(head.index.names),
            carried=carried,
            columns=[*levels, *(columns.get(name, ColumnSurvey()) for name in carried)],
            allowed=frozenset(names) if names and is_everything_kept(frame_options) else None,
        )


def is_everything_kept(frame_options: FrameOptions) -> bool:
    """Whether a column is carried whatever its name."""
    return frame_options.keep is True or frame_options.keep == frame.KEEP_ALL


def _surveyed(source: Source, rows: int, frame_options: FrameOptions) -> Iterable[Chunk]:
    """The rows to look at; a file, whose index is the running number, only for what is carried."""
    is_nothing_carried = frame_options.keep in (False, [], ())
    if is_nothing_carried and "files" in source.identity:
        return [source.head()]
    return source.survey(rows)


def _carried(
    names: list[Hashable], text: Hashable | None, frame_options: FrameOptions
) -> list[Hashable]:
    positions = frame.carried_positions(
        names, text, keep=frame_options.keep, repeats_text=frame_options.level.repeats_text
    )
    return [names[position] for position in positions]


def _carried_columns(
    chunk: Chunk, text: Hashable | None, frame_options: FrameOptions
) -> Iterator[tuple[Hashable, pd.Series[Any]]]:
    """The columns of some rows that are carried, nulls for the texts that cannot be used."""
    if not isinstance(chunk, pd.DataFrame):
        return
    keep = frame_options.keep
    if not isinstance(keep, (bool, str)):  # some names of a list may come up in other rows
        keep = [name for name in keep if name in chunk.columns]
    carried = _carried(list(chunk.columns), text, replace(frame_options, keep=keep))
    is_text_carried = text in carried
    usable: Any = read(chunk, text, errors="null").columns if is_text_carried else chunk
    for name in dict.fromkeys(carried):
        values = usable[name]
        if isinstance(values, pd.Series):  # two columns of one name are refused with the layout
            yield name, values


def input_columns(chunk: Chunk, carried: Iterable[Hashable]) -> list[Column]:
    """The levels of the index and the columns that are carried; nulls for a column it lacks."""
    index = chunk.index
    levels = [index.get_level_values(level) for level in range(index.nlevels)]
    missing = pd.Series([None] * len(chunk), dtype=object)
    return [*levels, *(chunk.get(name, missing) for name in carried)]
