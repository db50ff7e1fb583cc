"""Rows of texts for programs: CSV and JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

_QUOTE = '"'
# A cell with one of them stands in quotes.
_QUOTED = re.compile(r'[,"\r\n]')


def write_csv_rows(file: TextIO, rows: Iterable[Iterable[str]]) -> None:
    """Write rows of CSV, each on a line of its own.

    Args:
        file: Where to.
        rows: Their cells; quotes are put around them where they need it.
    """
    pieces: list[str] = []
    for row in rows:
        begin = len(pieces)
        for cell in row:
            pieces += (_csv_cell(cell), ",")
        if pieces[begin:] == ["", ","]:  # would be taken for no row
            pieces[begin] = '""'
        pieces[-1] = "\n"
    # A cell may be long, so it is copied only once.
    file.write("".join(pieces))


def write_json_lines(file: TextIO, names: Sequence[str], rows: Iterable[Iterable[str]]) -> None:
    """Write rows as JSON objects, each on a line of its own.

    Args:
        file: Where to.
        names: The keys.
        rows: Their cells as JSON, in the order of the names.
    """
    keys = [json.dumps(name, ensure_ascii=False) for name in names]
    for row in rows:
        pairs = (f"{key}: {cell}" for key, cell in zip(keys, row, strict=True))
        file.write("{" + ", ".join(pairs) + "}\n")


def _csv_cell(text: str) -> str:
    if not _QUOTED.search(text):
        return text
    # Looking is faster than replacing.
    return f'"{text.replace(_QUOTE, 2 * _QUOTE) if _QUOTE in text else text}"'
