"""Chunks as they come -> windows, the neighbouring texts that are encoded in one go."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from nlu_lite.inputs.source import Chunk, joined

# Enough texts for sorting by length to pay, few enough for their vectors to be held: 250,000 code
# points are about 45,000 words, with 384 numbers each 70 MB.
WINDOW_TEXTS = 4_096
WINDOW_LENGTH = 250_000


def windows(
    chunks: Iterable[Chunk],
    text: Hashable | None,
    *,
    texts: int = WINDOW_TEXTS,
    length: int = WINDOW_LENGTH,
) -> Iterator[Chunk]:
    """Cut rows into windows; where one ends follows from the texts alone, not from the chunks they came in.

    Args:
        chunks: Neighbouring rows, in order.
        text: The column that holds the text; None for bare texts.
        texts: So many at most.
        length: Code points of all its texts at most; a text that is longer is a window by itself.
    """
    kept: list[Chunk] = []
    count = total = 0
    for chunk in chunks:
        begin = 0
        for place, own in enumerate(_lengths(chunk, text)):
            if count and (count == texts or total + own > length):
                yield joined([*kept, chunk.iloc[begin:place]] if place > begin else kept)
                kept, begin, count, total = [], place, 0, 0
            count += 1
            total += own
        kept.append(chunk.iloc[begin:])
    if count:
        yield joined(kept)


def _lengths(chunk: Chunk, text: Hashable | None) -> list[int]:
    cells = chunk if text is None else chunk.iloc[:, list(chunk.columns).index(text)]
    return [length_of(cell) for cell in cells.tolist()]


def length_of(cell: Any) -> int:  # noqa: ANN401 - whatever stands where a text should
    """Code points of a text; of words that are split already with the spaces between them."""
    if isinstance(cell, str):
        return len(cell)
    try:
        return sum(len(word) + 1 for word in cell)
    except TypeError:  # null, or no text at all: what is wrong with it is said when it is read
        return 0
