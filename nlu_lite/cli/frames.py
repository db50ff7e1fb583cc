"""Frames as text: a table for people, CSV and JSON lines for programs; taken frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TextIO

import pandas as pd

from nlu_lite.cli.messages import say
from nlu_lite.cli.tables import Column, clean_cell, lay_out, table_lines, terminal_width
from nlu_lite.frame import CsvWriter, Locate, is_vector, write_frame_lines
from nlu_lite.inputs import is_null

Write = Callable[[pd.DataFrame], None]
# How many numbers of a vector a table shows, and their decimals: fewer where it has no room.
SHORT_VECTORS = ((3, 6), (2, 6), (2, 3), (1, 3))


def writer_of(
    format_name: str, file: TextIO, *, index: bool = True, locate: Locate | None = None
) -> Write:
    """A function that writes frames one after the other.

    Their columns may stand in another order; of CSV the first frame has all of them.

    Args:
        format_name: ``table``, ``csv`` or ``jsonl``.
        file: Where to; CSV and JSON lines are UTF-8 if it is. A table is as wide as the terminal
            that it is; elsewhere as wide as it needs.
        index: Write the index too: in CSV and JSON lines as the first columns.
        locate: From the name of a column to where it comes up first in the input, for messages.
    """
    if format_name == "table":
        return TableWriter(file, index=index)
    if format_name == "csv":
        return CsvWriter(file, index=index, locate=locate)
    return partial(write_frame_lines, file=file, index=index)


class TableWriter:
    """Writes frames one after the other as one table, vectors shortened to three numbers.

    Its names come again where later rows have other columns or need wider ones. Missing values are
    blank, control characters are shown as escapes.

    Args:
        file: Where to.
        index: Show the index.
    """

    def __init__(self, file: TextIO, *, index: bool = True) -> None:
        self._file = file
        self._index = index
        self._names: list[str] = []
        self._widths: list[int] = []
        self._needed: list[int] = []

    def __call__(self, frame: pd.DataFrame) -> None:
        """Write the rows of a frame.

        Args:
            frame: Of any columns.
        """
        columns = _columns_of(frame, self._index)
        names = [column.name for column in columns]
        is_other = names != self._names
        needed = [column.width() for column in columns]
        if not is_other:
            needed = [max(pair) for pair in zip(needed, self._needed, strict=True)]
        widths = lay_out(columns, needed, terminal_width(self._file))
        header, *lines = table_lines(columns, widths)
        if is_other or widths != self._widths:
            lines = [header, *lines]
        self._file.writelines(f"{line}\n" for line in lines)
        left_out = [name for name, width in zip(names, widths, strict=True) if not width]
        if is_other and left_out:
            say(
                f"no room for {', '.join(left_out)}; a wider terminal, or --format csv, shows all "
                f"columns"
            )
        self._names, self._needed, self._widths = names, needed, widths


def _columns_of(frame: pd.DataFrame, index: bool) -> list[Column]:
    columns = [
        _column_of(str(name), frame.iloc[:, position].tolist())
        for position, name in enumerate(frame.columns)
    ]
    if not index:
        return columns
    levels = [frame.index.get_level_values(level) for level in range(frame.index.nlevels)]
    return [*(_column_of("", level.tolist()) for level in levels), *columns]


def _column_of(name: str, cells: list[Any]) -> Column:
    name = clean_cell(name)
    if not any(map(is_vector, cells)):
        return Column(name, [list(map(_show_cell, cells))])
    variants = [[_show_vector(cell, *short) for cell in cells] for short in SHORT_VECTORS]
    return Column(name, variants, matters=True)


def _show_cell(cell: Any) -> str:  # noqa: ANN401 - whatever a frame holds
    if is_null(cell):
        return ""
    return clean_cell(f"{cell:.6g}" if isinstance(cell, float) else str(cell))


def _show_vector(vector: Any, length: int, decimals: int) -> str:  # noqa: ANN401
    if not is_vector(vector):
        return str(None) if is_null(vector) else _show_cell(vector)
    numbers = [f"{number:.{decimals}f}" for number in vector[:length]]
    if len(vector) > length:
        numbers.append("...")
    return f"[{', '.join(numbers)}]"
