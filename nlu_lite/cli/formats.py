"""Frames as text: a table for people, CSV and JSON lines for programs; taken frame by frame."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any, TextIO

import pandas as pd

from nlu_lite.errors import show_controls
from nlu_lite.frame import distinct, is_vector, vector_columns
from nlu_lite.inputs import is_null
from nlu_lite.text import replace_surrogates

Write = Callable[[pd.DataFrame], None]
SHORT_VECTOR = 3


def standard_output() -> TextIO:
    """Standard output in UTF-8 with plain line ends, whatever the machine's own."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    return sys.stdout


def default_format() -> str:
    """The format of standard output where ``--format`` names none."""
    return "table" if sys.stdout.isatty() else "csv"


def writer_of(format_name: str, file: TextIO, *, index: bool = True, missing: str = "") -> Write:
    """A function that writes frames of the same columns one after the other.

    Args:
        format_name: ``table``, ``csv`` or ``jsonl``.
        file: Where to; CSV and JSON lines are UTF-8 if it is.
        index: Write the index too: in CSV and JSON lines as the first columns.
        missing: What stands in a table for a missing value.
    """
    if format_name == "table":
        return lambda frame: print(table_of(frame, index=index, missing=missing), file=file)
    if format_name == "csv":
        return _CsvWriter(file, index)
    return partial(_write_json_lines, file, index)


def table_of(frame: pd.DataFrame, *, index: bool = True, missing: str = "") -> str:
    """A frame as text, vectors shortened to their first three numbers, for a terminal.

    Control characters in it are shown as escapes.

    Args:
        frame: Of any columns.
        index: Show the index.
        missing: What stands for a missing value.
    """
    vectors = vector_columns(frame)
    formatters: Any = {str(name): _short_vector for name in vectors}
    columns = [frame.iloc[:, position] for position in range(frame.shape[1])]
    filled = pd.concat(
        [column if column.name in vectors else _filled(column, missing) for column in columns],
        axis="columns",
    )
    # pandas escapes line breaks and tabs of cells by itself.
    text = filled.to_string(formatters=formatters, index=index, index_names=False)
    return show_controls(replace_surrogates(text))


def _filled(column: pd.Series[Any], missing: str) -> pd.Series[Any]:
    # na_rep of to_string stands for NaN only: pandas writes "<NA>" and "None" for the others.
    if column.isna().any():
        column = column.astype(object).where(column.notna(), missing)
    if not (column.dtype == object or isinstance(column.dtype, pd.StringDtype)):
        return column
    # Before pandas measures how wide the column is.
    cells = [show_controls(cell) if isinstance(cell, str) else cell for cell in column.tolist()]
    return pd.Series(cells, index=column.index, name=column.name, dtype=object)


def _short_vector(vector: Any) -> str:  # noqa: ANN401 - an array, or None where it is missing
    if vector is None:
        return "None"
    numbers = [f"{number:.6f}" for number in vector[:SHORT_VECTOR]]
    if len(vector) > SHORT_VECTOR:
        numbers.append("...")
    return f"[{', '.join(numbers)}]"


class _LineEnds:
    """A file whose rows come with a carriage return at their end, which is left out."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, row: str) -> int:
        return self._file.write(row.removesuffix("\r\n") + "\n")


class _CsvWriter:
    """Rows in CSV, the names of the columns before the first."""

    def __init__(self, file: TextIO, index: bool) -> None:
        # Python before 3.13 quotes a carriage return only where it stands in the line's end.
        self._writer = csv.writer(_LineEnds(file), lineterminator="\r\n")
        self._index = index
        self._has_header = False

    def __call__(self, frame: pd.DataFrame) -> None:
        names, rows = _rows(frame, self._index)
        if not self._has_header:
            self._writer.writerow(names)
            self._has_header = True
        self._writer.writerows([_csv_field(cell) for cell in row] for row in rows)


def _write_json_lines(file: TextIO, index: bool, frame: pd.DataFrame) -> None:
    names, rows = _rows(frame, index)
    keys = [json.dumps(name, ensure_ascii=False) for name in names]
    for row in rows:
        pairs = (f"{key}: {_json(cell)}" for key, cell in zip(keys, row, strict=True))
        file.write("{" + ", ".join(pairs) + "}\n")


def _rows(frame: pd.DataFrame, index: bool) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """The names of the columns, and the rows."""
    names = [str(name) for name in frame.columns]
    columns = [frame.iloc[:, position].tolist() for position in range(len(names))]
    if index:
        index_names = distinct([str(name) for name in frame.index.names], taken=names)
        levels = range(frame.index.nlevels)
        names = [*index_names, *names]
        columns = [*(frame.index.get_level_values(level).tolist() for level in levels), *columns]
    return names, zip(*columns, strict=True)


def _csv_field(cell: Any) -> str:  # noqa: ANN401 - whatever a frame holds
    if isinstance(cell, str):
        return replace_surrogates(cell)
    if is_null(cell):
        return ""
    return _json(cell) if hasattr(cell, "__len__") else str(cell)


def _json(cell: Any) -> str:  # noqa: ANN401
    if is_vector(cell) and cell.dtype.itemsize <= 4:
        return _json_array(cell.tolist())
    if is_null(cell):
        return "null"
    return replace_surrogates(json.dumps(cell, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:  # noqa: ANN401
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _json_array(vector: list[float]) -> str:
    """A JSON array; nine digits are what tells any float32 number from its neighbours."""
    text = _array_pattern(len(vector)) % tuple(vector)
    # As Python's json writes and reads them.
    return text.replace("nan", "NaN").replace("inf", "Infinity") if "n" in text else text


@lru_cache(maxsize=16)
def _array_pattern(length: int) -> str:
    return f"[{','.join(['%.9g'] * length)}]"
