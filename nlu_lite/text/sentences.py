"""Sentences of a text, with offsets, moved so that no boundary cuts a word."""

from __future__ import annotations

import re
from itertools import pairwise

import sentencex

from nlu_lite.options import Spans
from nlu_lite.text.long_paragraphs import sentence_ends
from nlu_lite.text.spans import span_around, spans_between, trim_spans

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


def replace_surrogates(text: str) -> str:
    r"""The text as models and rules in other languages can take it: U+FFFD for lone surrogates.

    Example:
        >>> replace_surrogates("a\ud800b") == "a\ufffdb"
        True
    """
    return text if text.isascii() else _LONE_SURROGATES.sub("\ufffd", text)


def whole_text(text: str) -> Spans:
    """The text as one sentence."""
    return [(0, len(text))]


def split_sentences(text: str, language: str) -> Spans:
    """Sentences by ``sentencex`` in a language, which leave nothing out.

    Args:
        text: Any text.
        language: A language code; unknown ones fall back inside sentencex.

    Returns:
        Half-open spans in code points, each from the end of the one before it; white space is not
        trimmed.

    Example:
        >>> split_sentences("Dr. Wu is in. He waits.", "en")
        [(0, 14), (14, 23)]
    """

    def find_ends(part: str) -> list[int]:
        return [item["end_index"] for item in sentencex.get_sentence_boundaries(language, part)]

    ends = [*sentence_ends(replace_surrogates(text), find_ends)]
    return list(pairwise([0, *ends[:-1], len(text)]))


def close_gaps(text: str, spans: Spans) -> Spans:
    """Spans from the beginning of the text to its end, each from the end of the one before it.

    Example:
        >>> close_gaps("One. Two.", [(0, 4), (5, 9)])
        [(0, 4), (4, 9)]
    """
    return list(pairwise([0, *(end for _, end in spans[:-1]), len(text)]))


def fit_around_words(text: str, sentences: Spans, words: Spans, unbreakable: Spans) -> Spans:
    """Move every boundary inside an unbreakable span to its end, and trim white space.

    A sentence that loses all its text to the one before it disappears. A word that no sentence
    reaches stays outside; one whose end a sentence reaches first belongs to it whole.

    Args:
        text: The text.
        sentences: Half-open spans in code points, in order.
        words: Half-open spans in order, each inside an unbreakable one.
        unbreakable: Half-open spans in order.

    Returns:
        Half-open spans in code points, in order and apart. White space at their ends is left out,
        unless a rule takes it for a part of a word.
    """
    fitted = []
    reached = 0
    for begin, end in sentences:
        start, _ = span_around(words, max(begin, reached))
        _, stop = span_around(unbreakable, max(end, start))
        if start >= stop:
            continue
        reached = stop
        sentence_words = spans_between(words, start, stop)
        extents = [*trim_spans(text, [(start, stop)]), *sentence_words[:1], *sentence_words[-1:]]
        if extents:
            fitted.append((min(extents)[0], max(last for _, last in extents)))
    return fitted
