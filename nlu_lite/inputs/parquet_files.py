"""Parquet files, read from any row on, and only the columns that are needed."""

from __future__ import annotations

import contextlib
import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import IO, Any
from urllib.parse import unquote

import pandas as pd

from nlu_lite.inputs.arrow import import_pyarrow, to_frame
from nlu_lite.inputs.chunks import CHUNK_ROWS
from nlu_lite.inputs.columns import find_text_column
from nlu_lite.inputs.lines import Cursor, report_faults

# What Hive and Spark call the folder of nulls; whole numbers of 64 bits; 01 is a text.
_NULL = "__HIVE_DEFAULT_PARTITION__"
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


class ParquetFiles:
    """Files of the same columns, one after the other.

    A folder called ``name=value`` is a column too, as Hive and Spark write them, behind those of
    its files. A column of that name in the files themselves wins.

    Args:
        names: In order; paths below the folder that was asked for.
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
        # Texts do not stand in names of folders, so these are no candidates.
        names = self._schema.names
        *_, frame = itertools.islice(self._read_frames(0, names, exact=False), 2)
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
                in_files = [name for name in names if name in self._schema.names]
                folder_columns = [field for field in self._folder_columns if field.name in names]
                _check_columns(file, in_files)
                empty = file.schema_arrow.empty_table().select(in_files)
                yield to_frame(_append_values(empty, folder_columns, {}), exact=True)
                cursor.row += file.metadata.num_rows

    def count_rows(self) -> int:
        """The rows of all files; reads the files' footers."""
        return self._starts[-1]

    def _names_of(self, text: Hashable, columns: Sequence[Hashable] | None) -> list[Hashable]:
        """The text and some columns, or all, in the order of the first file; folders' behind."""
        names: list[Hashable] = [*self._schema.names, *self._folder_columns.names]
        return names if columns is None else [name for name in names if name in {text, *columns}]

    @cached_property
    def _schema(self) -> Any:  # noqa: ANN401 - a pyarrow.Schema
        with self._open(self._names[0], Cursor()) as file:
            return file.schema_arrow.remove_metadata()

    @cached_property
    def _folder_columns(self) -> Any:  # noqa: ANN401 - a pyarrow.Schema
        """The columns in names of folders that no file has: whole numbers, else texts."""
        import pyarrow

        values: dict[str, list[str]] = {}
        for name in self._names:
            for column, value in folder_values(name).items():
                values.setdefault(column, []).extend([] if value is None else [value])
        kinds = {
            column: pyarrow.int64() if all(map(_WHOLE.fullmatch, cells)) else pyarrow.string()
            for column, cells in values.items()
            if column not in self._schema.names
        }
        return pyarrow.schema(kinds)

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
        all_names = [*self._schema.names, *self._folder_columns.names]
        columns = all_names if names is None else names
        in_files = [name for name in columns if name in self._schema.names]
        folder_columns = [field for field in self._folder_columns if field.name in columns]
        empty = _append_values(self._schema.empty_table().select(in_files), folder_columns, {})
        yield to_frame(empty, exact=exact)
        # The footers of all files are read only where rows are passed over.
        first, skipped = _locate(self._starts, row) if row else (0, 0)
        cursor = Cursor(row)
        for name in self._names[first:]:
            with self._open(name, cursor) as file:
                _check_columns(file, in_files)
                values = folder_values(name)
                for batch in _read_batches(file, skipped, in_files):
                    cursor.row += len(batch)
                    yield to_frame(_append_values(batch, folder_columns, values), exact=exact)
            skipped = 0


def _locate(starts: list[int], row: int) -> tuple[int, int]:
    """Which of several runs of rows holds a row, and how many rows of that run come before it."""
    number = bisect_right(starts, row) - 1
    return number, row - starts[number]


def folder_values(name: str) -> dict[str, str | None]:
    """What stands in the names of a file's folders, None for Hive's word for null.

    Example:
        >>> folder_values("year=2024/place=S%C3%A8te/part-0.parquet")
        {'year': '2024', 'place': 'Sète'}
    """
    parts = [part.partition("=") for part in name.split("/")[:-1] if "=" in part]
    decoded = {unquote(column): unquote(value) for column, _, value in parts}
    return {column: None if value == _NULL else value for column, value in decoded.items()}


def _append_values(
    rows: Any,  # noqa: ANN401 - a pyarrow.Table or RecordBatch
    fields: Sequence[Any],
    values: Mapping[str, str | None],
) -> Any:  # noqa: ANN401 - the same
    """Rows with further columns, which have one value each; ``fields`` are of pyarrow."""
    import pyarrow

    for field in fields:
        value = pyarrow.scalar(values.get(field.name), pyarrow.string()).cast(field.type)
        rows = rows.append_column(field, pyarrow.repeat(value, len(rows)))
    return rows


def _check_columns(file: Any, columns: list[Hashable]) -> None:  # noqa: ANN401
    missing = [name for name in columns if name not in file.schema_arrow.names]
    if missing:
        raise ValueError(
            f"it has no columns {missing}, which the first file has; all files need the same."
        )


def _read_batches(
    file: Any,  # noqa: ANN401 - a pyarrow.parquet.ParquetFile
    skipped: int,
    names: list[Hashable],
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
