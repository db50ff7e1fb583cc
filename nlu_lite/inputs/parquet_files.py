"""Parquet files, read from any row on, and only the columns that are needed."""

from __future__ import annotations

import contextlib
import itertools
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from typing import IO, Any

import pandas as pd

from nlu_lite.inputs.arrow import import_pyarrow, to_frame
from nlu_lite.inputs.chunks import CHUNK_ROWS
from nlu_lite.inputs.columns import find_text_column
from nlu_lite.inputs.lines import Cursor, report_faults


class ParquetFiles:
    """Files of the same columns, one after the other.

    Args:
        names: In order.
        open_file: From a name to the file's bytes, seekable.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """

    def __init__(self, names: Sequence[str], open_file: Callable[[str], IO[bytes]]) -> None:
        import_pyarrow("To read Parquet")
        self._names = names
        self._open_file = open_file

    def text_column(self, text: Hashable | None) -> Hashable:
        """The column that holds the text: as given, else judged by the first rows."""
        *_, frame = itertools.islice(self._read_frames(0, None, exact=False), 2)
        return find_text_column(frame, text)

    def reader(
        self, text: Hashable, columns: Sequence[Hashable] | None, *, exact: bool
    ) -> Callable[[int], Iterator[pd.DataFrame]]:
        """From the number of a row to the frames from there on, of the text and some columns."""
        names = None if columns is None else self._names_of(text, columns)
        return lambda row: self._read_frames(row, names, exact=exact)

    def survey(self, text: Hashable, columns: Sequence[Hashable] | None) -> Iterator[pd.DataFrame]:
        """A frame without rows of each file, in Arrow's types; reads the files' footers."""
        cursor = Cursor()
        for name in self._names:
            with self._open(name, cursor) as file:
                names = self._names_of(text, columns)
                _check_columns(file, names)
                empty = file.schema_arrow.empty_table().select(names)
                yield to_frame(empty, exact=True)
                cursor.row += file.metadata.num_rows

    def _names_of(self, text: Hashable, columns: Sequence[Hashable] | None) -> list[Hashable]:
        """The text and some columns, or all, in the order of the first file."""
        names: list[Hashable] = self._schema.names
        return names if columns is None else [name for name in names if name in {text, *columns}]

    @cached_property
    def _schema(self) -> Any:  # noqa: ANN401 - a pyarrow.Schema
        with self._open(self._names[0], Cursor()) as file:
            return file.schema_arrow.remove_metadata()

    @cached_property
    def _starts(self) -> list[int]:
        """The number of each file's first row, and of all rows; reads the files' footers."""
        counts = []
        for name in self._names:
            with self._open(name, Cursor()) as file:
                counts.append(file.metadata.num_rows)
        return [0, *itertools.accumulate(counts)]

    @contextlib.contextmanager
    def _open(self, name: str, cursor: Cursor) -> Iterator[Any]:
        """A pyarrow.parquet.ParquetFile; what fails while it is open is told with the cursor."""
        import pyarrow.parquet

        with report_faults(name, cursor), self._open_file(name) as file:
            yield pyarrow.parquet.ParquetFile(file)

    def _read_frames(
        self, row: int, names: list[Hashable] | None, *, exact: bool
    ) -> Iterator[pd.DataFrame]:
        """An empty frame of the right columns, then the rows from a number on."""
        columns = names or self._schema.names
        yield to_frame(self._schema.empty_table().select(columns), exact=exact)
        # The footers of all files are read only where rows are passed over.
        first, skipped = _locate(self._starts, row) if row else (0, 0)
        cursor = Cursor(row)
        for name in self._names[first:]:
            with self._open(name, cursor) as file:
                _check_columns(file, columns)
                for batch in _read_batches(file, skipped, names):
                    cursor.row += len(batch)
                    yield to_frame(batch, exact=exact)
            skipped = 0


def _locate(starts: list[int], row: int) -> tuple[int, int]:
    """Which of several runs of rows holds a row, and how many rows of that run come before it."""
    number = bisect_right(starts, row) - 1
    return number, row - starts[number]


def _check_columns(file: Any, columns: list[Hashable]) -> None:  # noqa: ANN401
    missing = [name for name in columns if name not in file.schema_arrow.names]
    if missing:
        raise ValueError(
            f"it has no columns {missing}, which the first file has; all files need the same."
        )


def _read_batches(
    file: Any,  # noqa: ANN401 - a pyarrow.parquet.ParquetFile
    skipped: int,
    names: list[Hashable] | None,
) -> Iterator[Any]:
    """The batches of a file, its first rows left out."""
    groups = range(file.metadata.num_row_groups)
    sizes = (file.metadata.row_group(group).num_rows for group in groups)
    first, skipped = _locate([0, *itertools.accumulate(sizes)], skipped)
    for batch in file.iter_batches(
        batch_size=CHUNK_ROWS, row_groups=[*groups[first:]], columns=names
    ):
        if skipped < len(batch):
            yield batch.slice(skipped)
        skipped = max(skipped - len(batch), 0)
