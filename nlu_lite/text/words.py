"""Words of a text, with offsets: the standard rule, and Unicode's.

Spans are half-open pairs of code points, ``text[begin:end]``, as Python counts.
"""

from __future__ import annotations

import bisect
import itertools
import re
import unicodedata
from functools import cache

import regex

from nlu_lite.options import Spans
from nlu_lite.text.sentences import trim

# Spark NLP's context characters (Tokenizer.scala, contextChars), peeled off both ends of a
# candidate.
SPARK_CONTEXT = ".,;:!?*-()\"'"
# Unicode's White_Space, so that on ASCII text the candidates are Spark's and a no-break space parts
# words as well.
WHITE_SPACE = " \t\n\x0b\f\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_PUNCTUATION = ("Ps", "Pe", "Pi", "Pf", "Pd", "Po")


@cache
def _peeled() -> str:
    # Every non-ASCII punctuation character joins Spark's twelve, so that curly quotes, dashes and
    # CJK marks do not stick to words.
    wide = (chr(code) for code in range(0x80, 0x20000))  # the planes above hold no punctuation
    return SPARK_CONTEXT + "".join(
        char for char in wide if unicodedata.category(char) in _PUNCTUATION
    )


@cache
def _pattern() -> re.Pattern[str]:
    peeled = re.escape(_peeled())
    # A run of peeled characters (at the start, at the end, or the whole candidate), or the core:
    # from the first to the last character that is not peeled. The greedy core gives back only the
    # trailing run, so time stays linear.
    return re.compile(
        f"[{peeled}]+|[^{WHITE_SPACE}{peeled}](?:[^{WHITE_SPACE}]*[^{WHITE_SPACE}{peeled}])?"
    )


def standard_words(text: str) -> Spans:
    """Words by Spark NLP's default rule, with every non-ASCII punctuation character peeled off as well.

    A candidate is a run without white space; the run of peeled characters at its start is one word,
    that at its end another, and what stands between is a third. A candidate of peeled characters
    only is one word.

    Args:
        text: Any text.

    Returns:
        Half-open spans in code points, in order, without overlap.

    Example:
        >>> text = "I'd like “curly” (e.g. U.S.A.) quotes..."
        >>> [text[begin:end] for begin, end in standard_words(text)]
        ["I'd", 'like', '“', 'curly', '”', '(', 'e.g', '.', 'U.S.A', '.)', 'quotes', '...']
    """
    return [match.span() for match in _pattern().finditer(text)]


_UNICODE_BOUNDARY = regex.compile(r"\b", flags=regex.WORD)


def unicode(text: str) -> Spans:
    """Words by Unicode's default rule (UAX 29, word boundaries), as the ``regex`` package implements it.

    Every punctuation mark is a word of its own, as is every Han character; languages written
    without spaces of which the rule knows no words (Thai, Lao, Khmer, Burmese) fall into
    characters, so give such texts a segmenter of your own.

    Args:
        text: Any text.

    Returns:
        Half-open spans in code points, in order; white space is left out.

    Example:
        >>> text = "Don't pay 3,000.5 (我爱北京)"
        >>> [text[begin:end] for begin, end in unicode(text)]
        ["Don't", 'pay', '3,000.5', '(', '我', '爱', '北', '京', ')']
    """
    cuts = [0, *(match.start() for match in _UNICODE_BOUNDARY.finditer(text)), len(text)]
    spans = [
        (begin, end)
        for begin, end in itertools.pairwise(cuts)
        if begin < end and not text[begin:end].isspace()
    ]
    # To Unicode an accent after a space makes one segment with it.
    return [
        (end - len(text[begin:end].lstrip()), end) if text[begin].isspace() else (begin, end)
        for begin, end in spans
    ]


def in_order(text: str, spans: Spans) -> Spans:
    """Spans without white space at their ends, none reaching into the one before it; empty ones are left out."""
    result = []
    reached = 0
    for begin, end in trim(text, spans):
        if max(begin, reached) < end:
            result.append((max(begin, reached), end))
            reached = end
    return result


_CANDIDATE = re.compile(f"[^{WHITE_SPACE}]+")


def end_of_candidate(text: str, _words: Spans, position: int) -> int:
    """The end of the run without white space that ``position`` stands strictly inside of, else ``position`` itself.

    Args:
        text: Any text.
        position: A code point offset, 0 to ``len(text)``.
    """
    if position == 0 or _CANDIDATE.match(text, position - 1) is None:
        return position
    match = _CANDIDATE.match(text, position)
    return match.end() if match else position


def end_of_word(_text: str, words: Spans, position: int) -> int:
    """The end of the word that ``position`` stands strictly inside of, else ``position`` itself.

    Args:
        words: Half-open spans, in order.
        position: A code point offset.
    """
    place = bisect.bisect_right(words, (position, -1)) - 1
    if place >= 0 and words[place][0] < position < words[place][1]:
        return words[place][1]
    return position
