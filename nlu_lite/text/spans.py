"""Half-open spans of code points, ``text[begin:end]``: trimmed, merged, looked up, checked."""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections.abc import Iterable

from nlu_lite.errors import InputValueError
from nlu_lite.options import Spans


def trim_spans(text: str, spans: Iterable[tuple[int, int]], characters: str | None = None) -> Spans:
    """Spans without the white space at their ends; those of white space only are left out.

    Args:
        text: The text that the spans lie in.
        spans: In order.
        characters: What is trimmed instead of white space.

    Example:
        >>> trim_spans(" a b  ", [(0, 3), (3, 6), (4, 6)])
        [(1, 2), (3, 4)]
    """
    trimmed = []
    for begin, end in spans:
        part = text[begin:end]
        first, last = end - len(part.lstrip(characters)), begin + len(part.rstrip(characters))
        if first < last:
            trimmed.append((first, last))
    return trimmed


def merge_spans(spans: Iterable[tuple[int, int]]) -> Spans:
    """Spans in order, those that overlap made one.

    Example:
        >>> merge_spans([(4, 6), (0, 2), (1, 3), (3, 4)])
        [(0, 3), (3, 4), (4, 6)]
    """
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            first, last = merged.pop()
            merged.append((first, max(last, end)))
        else:
            merged.append((begin, end))
    return merged


def span_around(spans: Spans, position: int) -> tuple[int, int]:
    """The span that a position stands strictly inside of, else an empty one at the position.

    Args:
        spans: In order and apart.
        position: Code points from the beginning of the text.

    Example:
        >>> span_around([(0, 3), (3, 7)], 5), span_around([(0, 3), (3, 7)], 3)
        ((3, 7), (3, 3))
    """
    index = bisect_left(spans, (position, position)) - 1
    if index >= 0 and spans[index][1] > position:
        return spans[index]
    return position, position


def spans_between(spans: Spans, begin: int, end: int) -> Spans:
    """The spans that begin between two positions.

    Args:
        spans: In order and apart.
        begin: First position, in code points.
        end: Behind the last position.
    """
    return spans[bisect_left(spans, (begin, begin)) : bisect_left(spans, (end, end))]


def check_spans(spans: object, text: str, *, rule: str) -> Spans:
    """Spans that a caller's function returned, as pairs of plain integers, if they are usable.

    Args:
        spans: What the function returned.
        text: What it was given.
        rule: What the function looks for, for the message.

    Raises:
        InputValueError: They are not pairs of integers, empty, not in order, overlap, or leave the
            text.
    """
    try:
        pairs = [(operator.index(begin), operator.index(end)) for begin, end in spans]  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise InputValueError(
            f"The {rule} function must return pairs (begin, end) of whole numbers: {error}"
        ) from error
    reached = 0
    for begin, end in pairs:
        if not reached <= begin < end <= len(text):
            raise InputValueError(
                f"The {rule} function returned ({begin}, {end}) for a text of {len(text)} "
                f"characters, after a span that ended at {reached}; spans are half-open, not "
                f"empty, in order, without overlap, inside the text."
            )
        reached = end
    return pairs
