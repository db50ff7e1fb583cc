"""Parquet files, read from any row on, and only the columns that are wanted."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from typing import IO, Any

import numpy as np
import pandas as pd

from nlu_lite.errors import InputValueError
from nlu_lite.inputs.arrow import import_pyarrow, pandas_of
from nlu_lite.inputs.documents import find_text_column
from nlu_lite.inputs.lines import Place, report_faults
from nlu_lite.inputs.source import CHUNK_ROWS


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
        """The column that holds the text, judged by the first rows.

        Args:
            text: Its name if it is known.
        """
        none, *head = itertools.islice(self._batches(0, None, exact=False), 2)
        return find_text_column(head[0] if head else none, text)

    def reader(
        self, text: Hashable, columns: Sequence[Hashable] | None, *, exact: bool
    ) -> Callable[[int], Iterator[pd.DataFrame]]:
        """From the number of a row to the frames from there on.

        Args:
            text: The column that holds the text.
            columns: The other columns that are wanted, None for all.
            exact: Keep Arrow's types.
        """
        known: list[Hashable] = self._schema.names
        wanted = (
            None if columns is None else [name for name in known if name == text or name in columns]
        )
        return lambda row: self._batches(row, wanted, exact=exact)

    @cached_property
    def _schema(self) -> Any:  # noqa: ANN401 - a pyarrow.Schema
        with report_faults(self._names[0], Place()), self._open_file(self._names[0]) as file:
            return self._parquet(file).schema_arrow.remove_metadata()

    @cached_property
    def _starts(self) -> list[int]:
        """The number of each file's first row, and of all rows; only the files' footers are read."""
        counts = []
        for name in self._names:
            with report_faults(name, Place()), self._open_file(name) as file:
                counts.append(self._parquet(file).metadata.num_rows)
        return [0, *np.cumsum(counts).tolist()]

    @staticmethod
    def _parquet(file: IO[bytes]) -> Any:  # noqa: ANN401 - a pyarrow.parquet.ParquetFile
        import pyarrow.parquet

        return pyarrow.parquet.ParquetFile(file)

    def _batches(
        self, row: int, wanted: list[Hashable] | None, *, exact: bool
    ) -> Iterator[pd.DataFrame]:
        yield pandas_of(
            self._schema.empty_table().select(wanted or self._schema.names), exact=exact
        )
        first = 0 if row == 0 else max(int(np.searchsorted(self._starts, row, side="right")) - 1, 0)
        before = row - (self._starts[first] if row else 0)
        at = Place(row)
        for name in self._names[first:]:
            with report_faults(name, at), self._open_file(name) as file:
                for batch in self._of_file(file, before, wanted):
                    at.row += len(batch)
                    yield pandas_of(batch, exact=exact)
            before = 0

    def _of_file(
        self, file: IO[bytes], before: int, wanted: list[Hashable] | None
    ) -> Iterator[Any]:
        """The batches of a file, its first rows left out."""
        opened = self._parquet(file)
        if lost := [
            name for name in wanted or self._schema.names if name not in opened.schema_arrow.names
        ]:
            raise InputValueError(
                f"it has no columns {lost}, which the first file has; all files need the same."
            )
        groups = list(range(opened.metadata.num_row_groups))
        while groups and before >= (own := opened.metadata.row_group(groups[0]).num_rows):
            before -= own
            groups.pop(0)
        for batch in opened.iter_batches(batch_size=CHUNK_ROWS, row_groups=groups, columns=wanted):
            if before < len(batch):
                yield batch.slice(before)
            before = max(before - len(batch), 0)
