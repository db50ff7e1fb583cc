"""Rows of an input in order, read as they are needed."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

import pandas as pd

from nlu_lite.errors import NluLiteError
from nlu_lite.inputs.chunks import Chunk, join_chunks


class Source:
    """The rows of an input, each read once, in order.

    Args:
        open_at: From the number of a row to the chunks from there on; called more than once only if
            ``reopens``.
        identity: What tells this input from another one, without reading it: names, sizes and times
            of files, or the kind of an object.
        text: The column that holds the text; None for bare texts.
        reopens: Whether the input can be opened at any row, so that rows nobody needs are not read.
        survey: Opens what shows the columns of all rows and their types, where that costs little
            beside encoding: the rows once more, or frames without rows whose types are declared.
            None for an input that is read only once.
        count: Counts the rows, where that costs little beside encoding; None where it does not.

    Attributes:
        identity: As given.
        text: As given.
        position: Number of the next row.
    """

    def __init__(
        self,
        open_at: Callable[[int], Iterator[Chunk]],
        *,
        identity: dict[str, Any],
        text: Hashable | None,
        reopens: bool = False,
        survey: Callable[[], Iterable[Chunk]] | None = None,
        count: Callable[[], int] | None = None,
    ) -> None:
        self.identity = identity
        self.text = text
        self.position = 0
        self._open_at = open_at
        self._reopens = reopens
        self._survey = survey
        self._count = count
        self._chunks = open_at(0)
        no_text = pd.Series([], dtype=object)
        # Read already and not handed out yet; empty, but of the right columns, at the end.
        self._rest: Chunk = no_text if text is None else pd.DataFrame({text: no_text})

    def __iter__(self) -> Iterator[Chunk]:
        """The chunks that are left."""
        yield from self.first(sys.maxsize)

    def first(self, rows: int) -> Iterator[Chunk]:
        """The first of the rows that are left, chunk by chunk.

        Args:
            rows: How many at most.
        """
        while rows > 0 and len(chunk := self._next_rows(rows)):
            yield chunk
            rows -= len(chunk)

    def count(self) -> int | None:
        """How many rows the input has, those taken included; None where nobody knows."""
        if self._count is None:
            return None
        try:
            return self._count()
        except NluLiteError:  # it is said when the row is read that cannot be
            return None

    def head(self) -> Chunk:
        """The first rows, which stay where they are; empty where there are none."""
        while not len(self._rest) and (chunk := next(self._chunks, None)) is not None:
            self._rest = chunk
        return self._rest

    def survey(self, rows: int) -> Iterator[Chunk]:
        """Chunks that show the columns and their types, from the first row on; none is taken.

        Args:
            rows: How many of them are looked at where the input is read only once.
        """
        head = self.head()
        if self._survey is not None:
            yield from self._survey()
            return
        yield head
        read, count = list[Chunk](), len(head)
        while count < rows and (chunk := next(self._chunks, None)) is not None:
            read.append(chunk)
            count += len(chunk)
        self._chunks = itertools.chain(read, self._chunks)
        yield from read

    def take(self, begin: int, rows: int) -> Chunk | None:
        """Neighbouring rows; rows before them that were not taken are passed over.

        Args:
            begin: Number of the first one, not before ``position``.
            rows: How many; there are fewer at the end of the input.

        Returns:
            None where the input has ended.
        """
        if self._reopens and begin > self.position + len(self._rest):
            self._chunks, self._rest, self.position = self._open_at(begin), self._rest[:0], begin
        while self.position < begin and len(self._next_rows(begin - self.position)):
            pass
        parts = list(self.first(rows))
        return join_chunks(parts) if parts else None

    def _next_rows(self, rows: int) -> Chunk:
        """So many rows at most, of one chunk; none at the end of the input."""
        chunk = self.head()
        self._rest = chunk.iloc[rows:]
        self.position += min(len(chunk), rows)
        return chunk.iloc[:rows]
