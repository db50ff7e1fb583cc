"""Rows of an input in order, read as they are wanted."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import pandas as pd

# Neighbouring rows: a frame, or a series of bare texts, under the caller's index or the running
# number.
Chunk = Any
# Rows that are read at a time.
CHUNK_ROWS = 1_024


class Source:
    """The rows of an input, each read once, in order.

    Args:
        open_at: From the number of a row to the chunks from there on; called more than once only if
            ``reopens``.
        identity: What tells this input from another one, without reading it: names, sizes and times
            of files, or the kind of an object.
        text: The column that holds the text; None for bare texts.
        reopens: Whether the input can be opened at any row, so that rows nobody wants need not be
            read.

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
    ) -> None:
        self.identity = identity
        self.text = text
        self.position = 0
        self._open_at = open_at
        self._reopens = reopens
        self._chunks = open_at(0)
        none = pd.Series([], dtype=object)
        self._empty: Chunk = none if text is None else pd.DataFrame({text: none})
        # Read already and not handed out yet.
        self._waiting: list[Chunk] = []

    def __iter__(self) -> Iterator[Chunk]:
        """The chunks that are left."""
        while (chunk := self._next()) is not None:
            self.position += len(chunk)
            yield chunk

    def head(self) -> Chunk:
        """The first rows, which stay where they are; empty where there are none."""
        first = self._next()
        if first is None:
            return self._empty
        self._waiting.insert(0, first)
        return first

    def take(self, begin: int, rows: int) -> Chunk | None:
        """Neighbouring rows; rows before them that were not taken are passed over.

        Args:
            begin: Number of the first one, not before ``position``.
            rows: How many; there are fewer at the end of the input.

        Returns:
            None where the input has ended.
        """
        self._pass_over(begin)
        parts, missing = [], rows
        while missing > 0 and (chunk := self._next()) is not None:
            if len(chunk) > missing:
                self._waiting.insert(0, chunk.iloc[missing:])
                chunk = chunk.iloc[:missing]
            parts.append(chunk)
            missing -= len(chunk)
        self.position += rows - missing
        return join_chunks(parts) if parts else None

    def _pass_over(self, begin: int) -> None:
        waiting = sum(len(chunk) for chunk in self._waiting)
        if self._reopens and begin > self.position + waiting:
            self._chunks, self._waiting, self.position = self._open_at(begin), [], begin
        while self.position < begin and (chunk := self._next()) is not None:
            left = begin - self.position
            if len(chunk) > left:
                self._waiting.insert(0, chunk.iloc[left:])
            self.position += min(len(chunk), left)

    def _next(self) -> Chunk | None:
        """The next chunk that is not empty."""
        while self._waiting:
            if len(chunk := self._waiting.pop(0)):
                return chunk
        for chunk in self._chunks:
            if len(chunk):
                return chunk
            self._empty = chunk
        return None


def join_chunks(chunks: list[Chunk]) -> Chunk:
    """Chunks that follow each other as one.

    Args:
        chunks: At least one.
    """
    return chunks[0] if len(chunks) == 1 else pd.concat(chunks)
