"""Rows of CSV, written the same way for the command line and for frames."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

CsvRows = Iterable[Sequence[Any]]
# What a program reads for one cell.
WriteCell = Callable[[Any], str]


class _LineEnds:
    """A file whose rows come with a carriage return at their end, which is left out."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, row: str) -> int:
        return self._file.write(row.removesuffix("\r\n") + "\n")


def write_csv_rows(file: TextIO, rows: CsvRows, write_cell: WriteCell) -> None:
    """Write rows of CSV, each on a line of its own.

    Args:
        file: Where to.
        rows: Of cells.
        write_cell: From a cell to its text.
    """
    # Python before 3.13 quotes a carriage return only where it stands in the line's end.
    writer = csv.writer(_LineEnds(file), lineterminator="\r\n")
    writer.writerows([write_cell(cell) for cell in row] for row in rows)
