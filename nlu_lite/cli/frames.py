"""Frames as text: a table for people, CSV and JSON lines for programs; taken frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TextIO

import pandas as pd

from nlu_lite.errors import show_controls
from nlu_lite.frame import CsvWriter, Locate, vector_columns, write_frame_lines
from nlu_lite.text import replace_surrogates

Write = Callable[[pd.DataFrame], None]
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
        return CsvWriter(file, index=index, locate=locate)
    return partial(write_frame_lines, file=file, index=index)


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
