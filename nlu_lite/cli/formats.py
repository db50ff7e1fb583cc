"""Rows as text: a table for people, CSV and JSON lines for programs.

Nothing is imported for it that takes time; what knows frames is ``frames.py``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from nlu_lite.cli.tables import Column, clean_cell, lay_out, table_lines, terminal_width
from nlu_lite.common import write_csv_rows, write_json_lines
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
        _write_table(file, names, rows, missing)
    elif format_name == "csv":
        write_csv_rows(file, [names])
        write_csv_rows(file, (map(_csv_field, row) for row in rows))
    else:
        write_json_lines(file, names, (map(_json, row) for row in rows))


def _write_table(file: TextIO, names: Sequence[str], rows: Rows, missing: str) -> None:
    lines = [[missing if cell is None else clean_cell(str(cell)) for cell in row] for row in rows]
    cells_by_column = zip(*lines, strict=True) if lines else [()] * len(names)
    columns = [Column(name, [cells]) for name, cells in zip(names, cells_by_column, strict=True)]
    widths = lay_out(columns, [column.width() for column in columns], terminal_width(file))
    print("\n".join(table_lines(columns, widths)), file=file)


def _csv_field(cell: object) -> str:
    return "" if cell is None else replace_surrogates(str(cell))


def _json(cell: object) -> str:
    return replace_surrogates(json.dumps(cell, ensure_ascii=False))
