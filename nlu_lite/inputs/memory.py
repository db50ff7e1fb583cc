"""Sources in memory or arriving one by one: frames, series, lists, iterators of texts or of frames."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nlu_lite.inputs.documents import find_text_column
from nlu_lite.inputs.portions import PORTION_LENGTH, count_code_points
from nlu_lite.inputs.source import CHUNK_ROWS, Chunk, Source


def of_memory(data: Chunk, kind: str, text: Hashable | None) -> Source:
    """A frame, or a series of texts.

    Args:
        data: The rows.
        kind: What the caller handed in.
        text: The column that holds the text; None for a series.
    """
    identity: dict[str, Any] = {"kind": kind, "rows": len(data)}
    if text is not None:
        identity |= {"columns": [str(name) for name in data.columns], "text": str(text)}
    return Source(lambda row: _slices(data, row), identity=identity, text=text, reopens=True)


def of_texts(items: Iterable[Any]) -> Source:
    """Texts that arrive one by one."""
    return Source(lambda _row: _series_of(items), identity={"kind": "texts"}, text=None)


def of_frames(
    frames: Iterable[pd.DataFrame], kind: str, text: Hashable | None, *, numbered: bool
) -> Source:
    """Frames that arrive one by one.

    Args:
        frames: Of the same columns.
        kind: What the caller handed in.
        text: The column that holds the text; without it it is found in the first frame.
        numbered: Put the running number in place of the frames' index.
    """
    small = (part for frame in frames for part in _slices(frame, 0))
    chunks = numbers(small, 0) if numbered else small
    first = list(itertools.islice(chunks, 1))
    text = find_text_column(first[0], text) if first else text
    identity: dict[str, Any] = {"kind": kind, "text": None if text is None else str(text)}
    return Source(lambda _row: itertools.chain(first, chunks), identity=identity, text=text)


def numbers(chunks: Iterable[pd.DataFrame], begin: int) -> Iterator[pd.DataFrame]:
    """The chunks with the running number as index.

    Args:
        chunks: Of any index.
        begin: The first row's number.
    """
    for chunk in chunks:
        yield chunk.set_axis(pd.RangeIndex(begin, begin + len(chunk)), axis=0)
        begin += len(chunk)


def grouped(items: Iterable[Any], length: Callable[[Any], int]) -> Iterator[list[Any]]:
    """Neighbouring items, few at a time where they are long.

    Args:
        items: Any.
        length: Of an item, in code points.
    """
    kept: list[Any] = []
    total = 0
    for item in items:
        kept.append(item)
        total += length(item)
        if len(kept) == CHUNK_ROWS or total >= PORTION_LENGTH:
            yield kept
            kept, total = [], 0
    if kept:
        yield kept


def series(items: Sequence[Any], begin: int) -> pd.Series[Any]:
    """Texts under their running number.

    Args:
        items: Texts, or what stands in their place.
        begin: The first one's number.
    """
    cells = np.fromiter(items, dtype=object, count=len(items))
    return pd.Series(cells, index=pd.RangeIndex(begin, begin + len(items)), dtype=object)


def _slices(data: Chunk, row: int) -> Iterator[Chunk]:
    for begin in range(row, max(len(data), 1), CHUNK_ROWS):
        yield data.iloc[begin : begin + CHUNK_ROWS]


def _series_of(items: Iterable[Any]) -> Iterator[Chunk]:
    begin = 0
    for group in grouped(items, count_code_points):
        yield series(group, begin)
        begin += len(group)
