"""Frames as CSV and JSON lines, which come back unchanged; taken frame by frame."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TextIO

import pandas as pd

from nlu_lite.common import write_csv_rows, write_json_lines
from nlu_lite.errors import OutputError
from nlu_lite.frame.build import distinct
from nlu_lite.frame.cells import is_vector
from nlu_lite.inputs import is_null
from nlu_lite.text import replace_surrogates

Locate = Callable[[str], str | None]


class CsvWriter:
    """Writes frames one after the other as CSV, under the names of the first one's columns.

    Later frames may have them in another order, and may miss some.

    Args:
        file: Where to, opened with ``newline=""``; CSV is UTF-8 if it is.
        index: Write the index too, as the first columns.
        locate: From the name of a column to where it comes up first in the input, for messages.

    Example:
        >>> import io, pandas
        >>> file = io.StringIO()
        >>> write = CsvWriter(file)
        >>> write(pandas.DataFrame({"token": ["love", None]}, index=pandas.Index([0, 1], name="n")))
        >>> print(file.getvalue())
        n,token
        0,love
        1,
        <BLANKLINE>
    """

    def __init__(self, file: TextIO, *, index: bool = True, locate: Locate | None = None) -> None:
        self._file = file
        self._index = index
        self._locate = locate
        self._header: list[str] | None = None

    def __call__(self, frame: pd.DataFrame) -> None:
        """Write the rows of a frame.

        Raises:
            OutputError: It has a column that the first frame had not.
        """
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


def write_frame_lines(frame: pd.DataFrame, file: TextIO, *, index: bool = True) -> None:
    """Write a frame as JSON lines: an object a row, under the names of the columns.

    Args:
        frame: Of any columns.
        file: Where to; JSON lines are UTF-8 if it is.
        index: Write the index too, as the first keys.
    """
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
