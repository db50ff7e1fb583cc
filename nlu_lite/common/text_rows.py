"""Rows of cells as text for programs: CSV and JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

Rows = Iterable[Sequence[Any]]
# What a program reads for one cell.
WriteCell = Callable[[Any], str]


class _LineEnds:
    """A file whose rows come with a carriage return at their end, which is left out."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, row: str) -> int:
        return self._file.write(row.removesuffix("\r\n") + "\n")


def write_csv_rows(file: TextIO, rows: Rows, write_cell: WriteCell) -> None:
    """Write rows of CSV, each on a line of its own.

    Args:
        file: Where to.
        rows: Their cells.
        write_cell: From a cell to its text, which is quoted where it must be.
    """
    # Python before 3.13 quotes a carriage return only where it stands in the line's end.
    writer = csv.writer(_LineEnds(file), lineterminator="\r\n")
    writer.writerows([write_cell(cell) for cell in row] for row in rows)


def write_json_lines(file: TextIO, names: Sequence[str], rows: Rows, write_cell: WriteCell) -> None:
    """Write rows as JSON objects, each on a line of its own.

    Args:
        file: Where to.
        names: The keys.
        rows: Their cells, in the order of the names.
        write_cell: From a cell to its JSON.
    """
    keys = [json.dumps(name, ensure_ascii=False) for name in names]
    for row in rows:
        pairs = (f"{key}: {write_cell(cell)}" for key, cell in zip(keys, row, strict=True))
        file.write("{" + ", ".join(pairs) + "}\n")
