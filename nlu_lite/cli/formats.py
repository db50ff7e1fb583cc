"""Rows as text: a table for people, CSV and JSON lines for programs.

Nothing is imported for it that takes time; what knows frames is ``frames.py``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from nlu_lite.common import write_csv_rows, write_json_lines
from nlu_lite.errors import show_controls
from nlu_lite.text import replace_surrogates

Rows = Iterable[Sequence[Any]]


def standard_output() -> TextIO:
    """Standard output in UTF-8 with plain line ends, whatever the machine's own."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    return sys.stdout


def default_format() -> str:
    """The format of standard output where ``--format`` names none."""
    return "table" if sys.stdout.isatty() else "csv"


def write_records(
    format_name: str, file: TextIO, names: Sequence[str], rows: Rows, *, missing: str
) -> None:
    """Write rows of plain cells: texts, numbers, yes or no, None where nothing is known.

    Args:
        format_name: ``table``, ``csv`` or ``jsonl``.
        file: Where to; CSV and JSON lines are UTF-8 if it is.
        names: Of the columns.
        rows: Their cells, in the order of the names.
        missing: What stands in a table for None.
    """
    if format_name == "table":
        print(_table_of(names, rows, missing), file=file)
    elif format_name == "csv":
        write_csv_rows(file, [names])
        write_csv_rows(file, (map(_csv_field, row) for row in rows))
    else:
        write_json_lines(file, names, (map(_json, row) for row in rows))


def _table_of(names: Sequence[str], rows: Rows, missing: str) -> str:
    """Columns side by side, each as wide as its widest cell."""
    cells = ([missing if cell is None else str(cell) for cell in row] for row in rows)
    # Before it is measured how wide a column is.
    lines = [names, *([show_controls(cell) for cell in row] for row in cells)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return replace_surrogates(
        "\n".join(
            " ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines
        )
    )


def _csv_field(cell: object) -> str:
    return "" if cell is None else replace_surrogates(str(cell))


def _json(cell: object) -> str:
    return replace_surrogates(json.dumps(cell, ensure_ascii=False))
