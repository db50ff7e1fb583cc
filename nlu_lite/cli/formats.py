"""Frames as text: a table for people, CSV and JSON lines for programs; each taken frame by frame."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import pandas as pd

Write = Callable[["pd.DataFrame"], None]


def standard_output() -> TextIO:
    """Standard output in UTF-8, whatever the terminal's language, with the same line ends everywhere."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    return sys.stdout


def chosen(asked: str | None) -> str:
    """The format of what goes to standard output.

    Args:
        asked: By ``--format``.
    """
    return asked or ("table" if sys.stdout.isatty() else "csv")


def writer(kind: str, file: TextIO, *, index: bool = True, missing: str = "") -> Write:
    """A function that writes frames of the same columns one after the other.

    Args:
        kind: ``table``, ``csv`` or ``jsonl``.
        file: Where to; CSV and JSON lines are UTF-8 if it is.
        index: Write the index too: in CSV and JSON lines as the first columns.
        missing: What stands in a table for a missing value.
    """
    if kind == "table":
        return lambda frame: print(table(frame, index=index, missing=missing), file=file)
    return _csv(file, index) if kind == "csv" else _json_lines(file, index)


def table(frame: pd.DataFrame, *, index: bool = True, missing: str = "") -> str:
    """A frame as text, vectors shortened to their first three numbers.

    Args:
        frame: Of any columns.
        index: Show the index.
        missing: What stands for a missing value.
    """
    from nlu_lite.frame import vector_columns
    from nlu_lite.text import replace_surrogates

    vectors = vector_columns(frame)
    short: Any = {str(name): _short for name in vectors}
    shown = frame.copy(deep=False)
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        if name not in vectors and column.isna().any():
            # na_rep stands for NaN only: pandas writes "<NA>" and "None" for the others.
            shown.isetitem(place, column.astype(object).where(column.notna(), missing).to_numpy())
    return replace_surrogates(shown.to_string(formatters=short, index=index, index_names=False))


def _short(cell: Any) -> str:  # noqa: ANN401 - a vector or a missing one
    if cell is None:
        return "None"
    more = ", ..." if len(cell) > 3 else ""
    return "[" + ", ".join(f"{number:.6f}" for number in cell[:3]) + more + "]"


def _csv(file: TextIO, index: bool) -> Write:
    rows = csv.writer(file, lineterminator="\n")
    is_first = True

    def write(frame: pd.DataFrame) -> None:
        nonlocal is_first
        names, records = _records(frame, index)
        if is_first:
            rows.writerow(names)
            is_first = False
        rows.writerows([_field(cell) for cell in record] for record in records)

    return write


def _json_lines(file: TextIO, index: bool) -> Write:
    def write(frame: pd.DataFrame) -> None:
        names, records = _records(frame, index)
        keys = [json.dumps(name, ensure_ascii=False) for name in names]
        for record in records:
            pairs = (f"{key}: {_json(cell)}" for key, cell in zip(keys, record, strict=True))
            file.write("{" + ", ".join(pairs) + "}\n")

    return write


def _records(frame: pd.DataFrame, index: bool) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """The names of the columns, and the rows."""
    from nlu_lite.frame import distinct

    names = [str(name) for name in frame.columns]
    columns = [frame.iloc[:, place].tolist() for place in range(len(names))]
    if index:
        levels = [str(name) for name in frame.index.names]
        names = [*distinct(levels, taken=names), *names]
        columns = [
            *(frame.index.get_level_values(level).tolist() for level in range(len(levels))),
            *columns,
        ]
    return names, zip(*columns, strict=True)


def _field(cell: Any) -> str:  # noqa: ANN401 - whatever a frame holds
    from nlu_lite.inputs import is_null
    from nlu_lite.text import replace_surrogates

    if isinstance(cell, str):
        return replace_surrogates(cell)
    if is_null(cell):
        return ""
    return _json(cell) if hasattr(cell, "__len__") else str(cell)


def _json(cell: Any) -> str:  # noqa: ANN401
    from nlu_lite.frame import is_vector
    from nlu_lite.inputs import is_null
    from nlu_lite.text import replace_surrogates

    if is_vector(cell) and cell.dtype.itemsize <= 4:
        return _numbers(cell.tolist())
    if is_null(cell):
        return "null"
    return replace_surrogates(json.dumps(cell, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:  # noqa: ANN401
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _numbers(vector: list[float]) -> str:
    """A JSON array; nine digits are what tells any float32 number from its neighbours."""
    text = _pattern(len(vector)) % tuple(vector)
    # As Python's json writes and reads them.
    return text.replace("nan", "NaN").replace("inf", "Infinity") if "n" in text else text


@lru_cache(maxsize=16)
def _pattern(length: int) -> str:
    return "[" + ",".join(["%.9g"] * length) + "]"
