"""Neighbouring rows of an input: cut, numbered, joined; chunks as they come -> portions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

# Whatever a caller has.
Data = Any
# Neighbouring rows: a frame, or a series of bare texts, under the caller's index or the running
# number.
Chunk = Any
# Rows that are read at a time.
CHUNK_ROWS = 1_024
# A portion is what is encoded in one go: enough texts for sorting by length to pay, few enough for
# their vectors to be held. 250,000 code points are about 45,000 words, with 384 numbers each 70 MB.
PORTION_TEXTS = 4_096
PORTION_LENGTH = 250_000


# Whole numbers up to this one are floating point numbers too.
_MOST_EXACT = 2**53


def make_column(values: list[Any]) -> pd.Series[Any]:
    """Values of Python as a column in which each is what it was.

    Numbers become an array of NumPy where that changes none: not where some are null, which would
    make whole numbers floating point numbers, nor where some are too large for these.
    """
    kinds = set(map(type, values))
    large = float in kinds and any(type(n) is int and abs(n) > _MOST_EXACT for n in values)
    if not kinds or type(None) in kinds or large:
        return pd.Series(values, dtype=object)
    try:
        return pd.Series(values)
    except (UnicodeEncodeError, OverflowError):  # half a character, which JSON can say, or 10**30
        return pd.Series(values, dtype=object)


def join_chunks(chunks: list[Chunk]) -> Chunk:
    """Chunks that follow each other, at least one, as one; every value is what it was.

    Where pandas would change values to find one type for them, as whole numbers that stand beside
    nulls or fractions, the column holds objects.
    """
    # One without rows may have columns that none of these rows has.
    chunks = [chunk for chunk in chunks if len(chunk)] or chunks[:1]
    if len(chunks) == 1:
        return chunks[0]
    frames = [chunk for chunk in chunks if isinstance(chunk, pd.DataFrame)]
    if any(frame.columns.has_duplicates for frame in frames):
        return pd.concat(chunks)
    names = dict.fromkeys(name for frame in frames for name in frame.columns)
    changed = [name for name in names if not _is_joined_exactly(frames, name)]
    if not changed:
        return pd.concat(chunks)
    return pd.concat(
        frame.astype({name: object for name in changed if name in frame}) for frame in frames
    )


def _is_joined_exactly(frames: list[pd.DataFrame], name: Hashable) -> bool:
    """Whether pandas changes no value where it joins the columns of a name."""
    columns = [frame[name] for frame in frames if name in frame]
    dtypes = {column.dtype for column in columns}
    if len(columns) < len(frames):
        # Nulls take the place of a column that is not there; NumPy's whole numbers have none.
        return len(dtypes) == 1 and columns[0].dtype.kind not in "iub"
    return len(dtypes) == 1 or _comes_back(columns)


def _comes_back(columns: list[pd.Series[Any]]) -> bool:
    """Whether columns of several types can be told from what pandas joins them to."""
    try:
        joined = pd.concat(columns, ignore_index=True)
        begin = 0
        for column in columns:
            part = joined.iloc[begin : begin + len(column)].astype(column.dtype)
            if not part.reset_index(drop=True).equals(column.reset_index(drop=True)):
                return False
            begin += len(column)
    except (TypeError, ValueError, OverflowError, NotImplementedError):
        return False
    return True


def slice_rows(rows: Chunk, begin: int) -> Iterator[Chunk]:
    """Rows from a position on as chunks; an empty chunk where there are none."""
    for first in range(begin, max(len(rows), 1), CHUNK_ROWS):
        yield rows.iloc[first : first + CHUNK_ROWS]


def number_rows(chunks: Iterable[pd.DataFrame], begin: int) -> Iterator[pd.DataFrame]:
    """Chunks with the running number, which begins at ``begin``, in place of their index."""
    for chunk in chunks:
        yield chunk.set_axis(pd.RangeIndex(begin, begin + len(chunk)), axis=0)
        begin += len(chunk)


def group_items(items: Iterable[Any], length: Callable[[Any], int]) -> Iterator[list[Any]]:
    """Neighbouring items, few at a time where they are long.

    Args:
        items: Texts, or rows of cells.
        length: Of an item, in code points.
    """
    group: list[Any] = []
    total = 0
    for item in items:
        group.append(item)
        total += length(item)
        if len(group) == CHUNK_ROWS or total >= PORTION_LENGTH:
            yield group
            group, total = [], 0
    if group:
        yield group


def number_texts(texts: Sequence[Any], begin: int = 0) -> pd.Series[Any]:
    """Texts, or what stands in their place, under the running number, which begins at ``begin``."""
    cells = np.fromiter(texts, dtype=object, count=len(texts))
    return pd.Series(cells, index=pd.RangeIndex(begin, begin + len(texts)), dtype=object)


def chunk_texts(texts: Iterable[Any]) -> Iterator[pd.Series[Any]]:
    """Texts that arrive one by one as chunks under the running number; an empty one of none."""
    begin = 0
    for group in group_items(texts, count_code_points):
        yield number_texts(group, begin)
        begin += len(group)
    if not begin:
        yield number_texts([])


def count_code_points(cell: Data) -> int:
    """Code points of a text; of split words with the spaces between them; of else 0."""
    if isinstance(cell, str):
        return len(cell)
    try:
        return sum(len(word) + 1 for word in cell)
    except TypeError:  # null, or no text at all: what is wrong with it is said when it is read
        return 0


def cut_portions(
    chunks: Iterable[Chunk],
    text: Hashable | None,
    *,
    texts: int = PORTION_TEXTS,
    length: int = PORTION_LENGTH,
    first_share: int = 1,
) -> Iterator[Chunk]:
    """Cut rows into portions; where they end follows from the texts alone, not from the chunks.

    Args:
        chunks: Neighbouring rows, in order.
        text: The column that holds the text; None for bare texts.
        texts: So many at most.
        length: Code points of all its texts at most; a text that is longer is a portion by itself.
        first_share: The first portion is so many times smaller, so that it is there soon; each one
            after it is four times larger than the one before, up to the full size.
    """
    parts: list[Chunk] = []
    count = total = 0
    share = first_share
    for chunk in chunks:
        begin = 0
        for row, text_length in enumerate(_text_lengths(chunk, text)):
            if count and (count >= texts // share or total + text_length > length // share):
                yield join_chunks([*parts, chunk.iloc[begin:row]])
                parts, begin, count, total = [], row, 0, 0
                share = max(share // 4, 1)
            count += 1
            total += text_length
        parts.append(chunk.iloc[begin:])
    if count:
        yield join_chunks(parts)


def _text_lengths(chunk: Chunk, text: Hashable | None) -> list[int]:
    cells = chunk if text is None else chunk.iloc[:, list(chunk.columns).index(text)]
    return [count_code_points(cell) for cell in cells.tolist()]
