"""Frames as CSV and JSON lines, which come back unchanged; taken frame by frame."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any, TextIO

import numpy as np
import pandas as pd

from nlu_lite.common import write_csv_rows, write_json_lines
from nlu_lite.errors import OutputError
from nlu_lite.frame.build import distinct
from nlu_lite.frame.cells import is_vector
from nlu_lite.frame.numerals import json_arrays
from nlu_lite.inputs import is_null
from nlu_lite.text import replace_surrogates

Locate = Callable[[str], str | None]
# Rows whose texts are in memory at a time.
BLOCK_ROWS = 512


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

        Args:
            frame: Of any columns, if it is the first.

        Raises:
            OutputError: It has a column that the first frame had not.
        """
        names = _names(frame, self._index)
        if self._header is None:
            write_csv_rows(self._file, [names])
            self._header = names
        self._refuse_late_columns(frame, names)
        # By name; what a row has not is empty.
        positions = [names.index(name) if name in names else -1 for name in self._header]
        for columns in _text_columns(frame, self._index, _csv_cell):
            empty = [""] * len(columns[0])
            ordered = [[*columns, empty][position] for position in positions]
            write_csv_rows(self._file, zip(*ordered, strict=True))

    def _refuse_late_columns(self, frame: pd.DataFrame, names: list[str]) -> None:
        late = [name for name in names if name not in (self._header or [])]
        if not late:
            return
        origin = self._locate(late[0]) if self._locate else None
        if origin is None:
            # The columns of the index stand in front.
            column = frame.iloc[:, names.index(late[0]) - len(names)]
            row: Any = column.first_valid_index()
            origin = f"row {row}"
        raise OutputError(
            f"The column {late[0]!r} comes up first in {origin}, and the CSV file has begun "
            f"without it: its columns are those of the first rows. Write JSON lines or Parquet, "
            f"which take it, or say which columns to carry."
        )


def write_frame_lines(frame: pd.DataFrame, file: TextIO, *, index: bool = True) -> None:
    """Write a frame as JSON lines: an object a row, under the names of the columns.

    Args:
        frame: Of any columns.
        file: Where to; JSON lines are UTF-8 if it is.
        index: Write the index too, as the first keys.
    """
    names = _names(frame, index)
    for columns in _text_columns(frame, index, _json):
        write_json_lines(file, names, zip(*columns, strict=True))


def _names(frame: pd.DataFrame, index: bool) -> list[str]:
    names = [str(name) for name in frame.columns]
    if not index:
        return names
    return [*distinct([str(name) for name in frame.index.names], taken=names), *names]


def _text_columns(
    frame: pd.DataFrame, index: bool, write_cell: Callable[[Any], str]
) -> Iterator[list[list[str]]]:
    """The columns of a block of rows as texts, block after block."""
    for begin in range(0, len(frame), BLOCK_ROWS):
        block = frame.iloc[begin : begin + BLOCK_ROWS]
        columns = [block.iloc[:, position].tolist() for position in range(block.shape[1])]
        if index:
            levels = range(block.index.nlevels)
            columns = [
                *(block.index.get_level_values(level).tolist() for level in levels),
                *columns,
            ]
        yield [_cell_texts(cells, write_cell) for cells in columns]


def _cell_texts(cells: list[Any], write_cell: Callable[[Any], str]) -> list[str]:
    is_of_numbers = [_is_float32_vector(cell) for cell in cells]
    vectors = list(itertools.compress(cells, is_of_numbers))
    widths = {len(vector) for vector in vectors}
    if len(widths) != 1 or 0 in widths:
        return [write_cell(cell) for cell in cells]
    arrays = iter(json_arrays(np.stack(vectors).astype(np.float32, copy=False)))
    return [
        next(arrays) if has_numbers else write_cell(cell)
        for cell, has_numbers in zip(cells, is_of_numbers, strict=True)
    ]


def _is_float32_vector(cell: Any) -> bool:  # noqa: ANN401 - whatever a frame holds
    """Whether nine digits say all of a vector's numbers."""
    return is_vector(cell) and cell.dtype.itemsize <= 4


def _csv_cell(cell: Any) -> str:  # noqa: ANN401
    if isinstance(cell, str):
        return replace_surrogates(cell)
    if is_null(cell):
        return ""
    return _json(cell) if hasattr(cell, "__len__") else str(cell)


def _json(cell: Any) -> str:  # noqa: ANN401
    if _is_float32_vector(cell) and len(cell):
        return json_arrays(cell.astype(np.float32, copy=False)[None])[0]
    if is_null(cell):
        return "null"
    return replace_surrogates(json.dumps(cell, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:  # noqa: ANN401
    return value.tolist() if hasattr(value, "tolist") else str(value)
