"""Frames as text: a table for people, CSV and JSON lines for programs; taken frame by frame."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any, TextIO

import pandas as pd

from nlu_lite.cli.formats import write_csv_rows, write_json_lines
from nlu_lite.errors import OutputError, show_controls
from nlu_lite.frame import distinct, is_vector, vector_columns
from nlu_lite.inputs import is_null
from nlu_lite.text import replace_surrogates

Write = Callable[[pd.DataFrame], None]
Locate = Callable[[str], str | None]
SHORT_VECTOR = 3


def writer_of(
    format_name: str, file: TextIO, *, index: bool = True, locate: Locate | None = None
) -> Write:
    """A function that writes frames one after the other.

    Their columns may stand in another order; of CSV the first frame has all of them.

    Args:
        format_name: ``table``, ``csv`` or ``jsonl``.
        file: Where to; CSV and JSON lines are UTF-8 if it is.
        index: Write the index too: in CSV and JSON lines as the first columns.
        locate: From the name of a column to where it comes up first in the input, for messages.
    """
    if format_name == "table":
        return lambda frame: print(table_of(frame, index=index), file=file)
    if format_name == "csv":
        return _CsvWriter(file, index, locate)
    return partial(_write_json_lines, file, index)


def table_of(frame: pd.DataFrame, *, index: bool = True) -> str:
    """A frame as text for a terminal: vectors shortened to three numbers, missing values blank.

    Control characters in it are shown as escapes.

    Args:
        frame: Of any columns.
        index: Show the index.
    """
    vectors = vector_columns(frame)
    formatters: Any = {str(name): _short_vector for name in vectors}
    columns = [frame.iloc[:, position] for position in range(frame.shape[1])]
    filled = pd.concat(
        [column if column.name in vectors else _filled(column) for column in columns],
        axis="columns",
    )
    # pandas escapes line breaks and tabs of cells by itself.
    text = filled.to_string(formatters=formatters, index=index, index_names=False)
    return show_controls(replace_surrogates(text))


def _filled(column: pd.Series[Any]) -> pd.Series[Any]:
    # na_rep of to_string stands for NaN only: pandas writes "<NA>" and "None" for the others.
    if column.isna().any():
        column = column.astype(object).where(column.notna(), "")
    if not (column.dtype == object or isinstance(column.dtype, pd.StringDtype)):
        return column
    # Before pandas measures how wide the column is.
    cells = [_show_text(cell) if isinstance(cell, str) else cell for cell in column.tolist()]
    return pd.Series(cells, index=column.index, name=column.name, dtype=object)


def _show_text(text: str) -> str:
    return show_controls(replace_surrogates(text))


def _short_vector(vector: Any) -> str:  # noqa: ANN401 - an array, or None where it is missing
    if vector is None:
        return "None"
    numbers = [f"{number:.6f}" for number in vector[:SHORT_VECTOR]]
    if len(vector) > SHORT_VECTOR:
        numbers.append("...")
    return f"[{', '.join(numbers)}]"


class _CsvWriter:
    """Rows in CSV under the names of their columns, which stand before the first row."""

    def __init__(self, file: TextIO, index: bool, locate: Locate | None) -> None:
        self._file = file
        self._index = index
        self._locate = locate
        self._header: list[str] | None = None

    def __call__(self, frame: pd.DataFrame) -> None:
        names, rows = _rows(frame, self._index)
        if self._header is None:
            write_csv_rows(self._file, [names], str)
            self._header = names
        if names == self._header:
            write_csv_rows(self._file, rows, _csv_field)
            return
        self._refuse_late_columns(frame, names)
        # By name; what a row has not is empty.
        positions = [names.index(name) if name in names else -1 for name in self._header]
        rows_by_name = ([(*row, None)[position] for position in positions] for row in rows)
        write_csv_rows(self._file, rows_by_name, _csv_field)

    def _refuse_late_columns(self, frame: pd.DataFrame, names: list[str]) -> None:
        late = [name for name in names if name not in (self._header or [])]
        if not late:
            return
        place = self._locate(late[0]) if self._locate else None
        raise OutputError(
            f"The column {late[0]!r} comes up first in {place or f'row {frame.index[0]} or later'}"
            f", and the CSV file has begun without it: its columns are those of the first rows. "
            f"Write JSON lines or Parquet, which take it, or say which columns to carry."
        )


def _write_json_lines(file: TextIO, index: bool, frame: pd.DataFrame) -> None:
    write_json_lines(file, *_rows(frame, index), _json)


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
