"""Chunks as they come -> portions, the neighbouring texts that are encoded in one go."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from nlu_lite.inputs.source import Chunk, join_chunks

# Enough texts for sorting by length to pay, few enough for their vectors to be held: 250,000 code
# points are about 45,000 words, with 384 numbers each 70 MB.
PORTION_TEXTS = 4_096
PORTION_LENGTH = 250_000


def cut_portions(
    chunks: Iterable[Chunk],
    text: Hashable | None,
    *,
    texts: int = PORTION_TEXTS,
    length: int = PORTION_LENGTH,
) -> Iterator[Chunk]:
    """Cut rows into portions; where one ends follows from the texts alone, not from the chunks they came in.

    Args:
        chunks: Neighbouring rows, in order.
        text: The column that holds the text; None for bare texts.
        texts: So many at most.
        length: Code points of all its texts at most; a text that is longer is a portion by itself.
    """
    kept: list[Chunk] = []
    count = total = 0
    for chunk in chunks:
        begin = 0
        for place, own in enumerate(_lengths(chunk, text)):
            if count and (count == texts or total + own > length):
                yield join_chunks([*kept, chunk.iloc[begin:place]] if place > begin else kept)
                kept, begin, count, total = [], place, 0, 0
            count += 1
            total += own
        kept.append(chunk.iloc[begin:])
    if count:
        yield join_chunks(kept)


def _lengths(chunk: Chunk, text: Hashable | None) -> list[int]:
    cells = chunk if text is None else chunk.iloc[:, list(chunk.columns).index(text)]
    return [count_code_points(cell) for cell in cells.tolist()]


def count_code_points(cell: Any) -> int:  # noqa: ANN401 - whatever stands where a text should
    """Code points of a text; of words that are split already with the spaces between them."""
    if isinstance(cell, str):
        return len(cell)
    try:
        return sum(len(word) + 1 for word in cell)
    except TypeError:  # null, or no text at all: what is wrong with it is said when it is read
        return 0
