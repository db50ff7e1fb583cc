"""Sentences of a text, with offsets, moved so that no boundary cuts a word."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable
from itertools import pairwise

import sentencex

from nlu_lite.options import Spans

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


def replace_surrogates(text: str) -> str:
    r"""The text as models and rules in other languages can take it: lone surrogates become U+FFFD, one for one.

    Example:
        >>> replace_surrogates("a\ud800b") == "a\ufffdb"
        True
    """
    return text if text.isascii() else _LONE_SURROGATES.sub("\ufffd", text)


def automatic(text: str, language: str) -> Spans:
    """Sentences by ``sentencex`` in a language, which leave nothing out.

    Args:
        text: Any text.
        language: A language code; unknown ones fall back inside sentencex.

    Returns:
        Half-open spans in code points, each from the end of the one before it; white space is not
        trimmed.

    Example:
        >>> automatic("Dr. Wu is in. He waits.", "en")
        [(0, 14), (14, 23)]
    """
    parts = sentencex.get_sentence_boundaries(language, replace_surrogates(text))
    return gapless(text, [(part["start_index"], part["end_index"]) for part in parts])


def gapless(text: str, spans: Spans) -> Spans:
    """Spans that each begin where the one before it ends, and reach from the beginning of the text to its end.

    Example:
        >>> gapless("One. Two.", [(0, 4), (5, 9)])
        [(0, 4), (4, 9)]
    """
    return list(pairwise([0, *(end for _, end in spans[:-1]), len(text)]))


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


def around_words(text: str, spans: Spans, words: Spans, word_end: Callable[[int], int]) -> Spans:
    """Move every boundary that falls inside a word to that word's end, and leave out white space that is no word.

    A sentence that loses all its text to the one before it disappears. A word that no sentence
    reaches stays outside.

    Args:
        text: The text.
        spans: Sentences, half-open, in order.
        words: Words, half-open, in order.
        word_end: From a position to the end of the word that it stands strictly inside of, or to
            itself.

    Returns:
        Half-open spans in code points, in order.
    """
    fitted = []
    reached = 0
    for begin, end in spans:
        start = max(begin, reached)
        place = bisect.bisect_left(words, (start, start))
        if (
            place and words[place - 1][1] > start
        ):  # the word begins where no sentence is, and belongs to this one
            place -= 1
            start = max(words[place][0], reached)
        stop = word_end(max(end, start))
        if start >= stop:
            continue
        reached = stop
        following = bisect.bisect_left(words, (stop, stop))
        own = [(words[place][0], words[following - 1][1])] if place < following else []
        # White space is trimmed, but not off a word: a rule may take some of it for a word.
        ends = [*trim(text, [(start, stop)]), *own]
        if ends:
            fitted.append((min(first for first, _ in ends), max(last for _, last in ends)))
    return fitted
