"""Frames as text for programs: vectors as lists of numbers, and files of CSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd

from nlu_lite.common import check_flag, draft_file, is_whole_number, local_path, write_csv_rows
from nlu_lite.errors import InputTypeError, OptionError, OutputError
from nlu_lite.frame.build import distinct, strings
from nlu_lite.frame.cells import is_missing_vector, is_vector, vector_positions
from nlu_lite.inputs import is_null
from nlu_lite.text import replace_surrogates

# Rows that are taken out of a frame at a time.
BLOCK_ROWS = 1_024
Locate = Callable[[str], str | None]


def as_text(data: pd.DataFrame, *, digits: int | None = None) -> pd.DataFrame:
    """A copy of a frame for files of text: every vector a list of numbers that JSON readers read.

    Args:
        data: A frame with vector columns.
        digits: Decimals of each number; None keeps what float32 needs to come back unchanged.

    Returns:
        The frame with texts such as ``[0.287224, -0.569387]`` in place of vectors, missing ones as
        they are.

    Raises:
        OptionError: ``digits`` is no whole number from 0 on.
        InputTypeError: A vector column holds something else as well.

    Example:
        >>> import nlu_lite as nlu
        >>> frame = nlu.load("en.embed.minilm_l6", dimensions=2).predict("I love NLP")
        >>> print(nlu.as_text(frame, digits=3).to_csv(index=False))
        token,en_embed_minilm_l6_embeddings
        I,"[0.287, -0.569]"
        love,"[-0.249, -0.345]"
        NLP,"[0.024, -0.65]"
        <BLANKLINE>
    """
    if digits is not None and not (is_whole_number(digits) and digits >= 0):
        raise OptionError(f"digits is {digits!r}; valid are None and whole numbers from 0 on.")
    result = data.copy()
    for position in vector_positions(data):
        result.isetitem(position, _text_column(data.iloc[:, position], digits))
    return result


def _text_column(column: pd.Series[Any], digits: int | None) -> Any:  # noqa: ANN401 - a pandas array
    """The vectors of a column as texts.

    Block by block, since Arrow, where pandas keeps texts, copies them; and one vector after the
    other, since numbers as texts of their own take ten times the memory.
    """
    blocks = []
    for begin in range(0, max(len(column), 1), BLOCK_ROWS):
        cells = column.iloc[begin : begin + BLOCK_ROWS].tolist()
        blocks.append(pd.Series(strings([_vector_text(cell, digits) for cell in cells])))
    return pd.concat(blocks, ignore_index=True).array


def _vector_text(cell: Any, digits: int | None) -> str | None:  # noqa: ANN401 - whatever a frame holds
    if is_missing_vector(cell):
        return None
    try:
        vector = np.asarray(cell, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputTypeError(f"A cell of a column of vectors is no vector: {error}") from error
    if vector.ndim != 1:
        raise InputTypeError(
            f"A cell is an array of {vector.ndim} dimensions; a vector has one. Matrices of words "
            f"come with aggregate=None."
        )
    return f"[{', '.join(map(str, vector if digits is None else vector.round(digits)))}]"


def write_csv(
    frame: pd.DataFrame | Iterable[pd.DataFrame], path: str | Path, *, index: bool = True
) -> None:
    """Write a frame as a file of CSV, as ``nlu-lite predict --output FILE.csv`` does.

    Row after row, so that it takes no more memory however long the frame is. A vector is a list of
    numbers in brackets that JSON readers read, with the nine digits that bring float32 back
    unchanged; what is missing is empty.

    Args:
        frame: A frame, or frames one after the other, as ``Pipeline.stream`` gives them.
        path: A file of this machine, in UTF-8; it is complete when it appears, and replaces one of
            the same name.
        index: Write the index too, as the first columns.

    Raises:
        InputTypeError: It is no frame.
        OutputError: The file cannot be written, or a later frame has a column that the first one
            had not.

    Example:
        >>> import nlu_lite as nlu, pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "words.csv"
        >>> pipe = nlu.load("en.embed.minilm_l6", dimensions=2)
        >>> nlu.write_csv(pipe.stream(["I love NLP"]), path, index=False)
        >>> print(path.read_text().splitlines()[1])
        I,"[0.28722...,-0.56938...]"
    """
    check_flag("index", index)
    target = local_path(path, "a file of CSV", OutputError)
    frames = [frame] if isinstance(frame, pd.DataFrame) else frame
    with draft_file(target) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        write = CsvWriter(file, index)
        for rows in frames:
            if not isinstance(rows, pd.DataFrame):
                raise InputTypeError(
                    f"write_csv writes a DataFrame, or several one after the other; this is a "
                    f"{type(rows).__name__}."
                )
            for begin in range(0, max(len(rows), 1), BLOCK_ROWS):
                write(rows.iloc[begin : begin + BLOCK_ROWS])


class CsvWriter:
    """Rows in CSV under the names of their columns, which stand before the first row.

    Args:
        file: Where to.
        index: Write the index too, as the first columns.
        locate: From the name of a column to where it comes up first in the input, for messages.
    """

    def __init__(self, file: TextIO, index: bool, locate: Locate | None = None) -> None:
        self._file = file
        self._index = index
        self._locate = locate
        self._header: list[str] | None = None

    def __call__(self, frame: pd.DataFrame) -> None:
        """Write the rows of a frame; its columns may stand in another order.

        Args:
            frame: It has no column that the first one had not.

        Raises:
            OutputError: It has one.
        """
        names, rows = rows_of(frame, self._index)
        if self._header is None:
            write_csv_rows(self._file, [names], str)
            self._header = names
        if names == self._header:
            write_csv_rows(self._file, rows, csv_cell)
            return
        self._refuse_late_columns(frame, names)
        # By name; what a row has not is empty.
        positions = [names.index(name) if name in names else -1 for name in self._header]
        rows_by_name = ([(*row, None)[position] for position in positions] for row in rows)
        write_csv_rows(self._file, rows_by_name, csv_cell)

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


def rows_of(frame: pd.DataFrame, index: bool) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """The names of the columns, and the rows.

    Args:
        frame: Of any columns.
        index: The index too, as the first columns.
    """
    names = [str(name) for name in frame.columns]
    columns = [frame.iloc[:, position].tolist() for position in range(len(names))]
    if index:
        index_names = distinct([str(name) for name in frame.index.names], taken=names)
        levels = range(frame.index.nlevels)
        names = [*index_names, *names]
        columns = [*(frame.index.get_level_values(level).tolist() for level in levels), *columns]
    return names, zip(*columns, strict=True)


def csv_cell(cell: Any) -> str:  # noqa: ANN401 - whatever a frame holds
    """A cell as CSV readers read it, a vector as a list in brackets."""
    if isinstance(cell, str):
        return replace_surrogates(cell)
    if is_null(cell):
        return ""
    return json_cell(cell) if hasattr(cell, "__len__") else str(cell)


def json_cell(cell: Any) -> str:  # noqa: ANN401 - whatever a frame holds
    """A cell as JSON readers read it."""
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
