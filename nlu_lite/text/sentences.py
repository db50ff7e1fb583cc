"""Sentences of a text, with offsets, moved so that no boundary cuts a word."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sentencex

from nlu_lite.options import Spans


def automatic(text: str, language: str) -> Spans:
    """Sentences by ``sentencex`` in a language, white space at both ends left out.

    Args:
        text: Any text without lone surrogates.
        language: A language code; unknown ones fall back inside sentencex.

    Returns:
        Half-open spans in code points, in order; a text of white space has none.

    Example:
        >>> automatic("Dr. Smith is in. He waits.", "en")
        [(0, 16), (17, 26)]
    """
    spans = ((part["start_index"], part["end_index"]) for part in sentencex.get_sentence_boundaries(language, text))
    return trim(text, spans)


def trim(text: str, spans: Iterable[tuple[int, int]]) -> Spans:
    """Spans without the white space at their ends; those of white space only are left out."""
    trimmed = []
    for begin, end in spans:
        part = text[begin:end]
        left = len(part) - len(part.lstrip())
        right = len(part.rstrip())
        if left < right:
            trimmed.append((begin + left, begin + right))
    return trimmed


def move_out_of_words(text: str, spans: Spans, word_end: Callable[[int], int]) -> Spans:
    """Move every boundary that falls inside a word to that word's end.

    A sentence that loses all its text to the one before it disappears.

    Args:
        text: The text.
        spans: Sentences, half-open, in order.
        word_end: From a position to the end of the word that it stands strictly inside of, or to itself.

    Returns:
        Half-open spans in code points, in order.
    """
    moved = []
    reached = 0
    for begin, end in spans:
        start = max(begin, reached)
        stop = word_end(max(end, start))
        if start < stop:
            moved.append((start, stop))
        reached = stop
    return trim(text, moved)
