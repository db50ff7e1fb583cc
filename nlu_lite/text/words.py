"""Words of a text, with offsets: the standard rule, and Unicode's.

Spans are half-open pairs of code points, ``text[begin:end]``, as Python counts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

import regex

from nlu_lite.options import Spans
from nlu_lite.text.spans import merge_spans, trim_spans

# Spark NLP's context characters (Tokenizer.scala, contextChars), peeled off both ends of a
# candidate.
SPARK_CONTEXT = ".,;:!?*-()\"'"
# Unicode's White_Space, so that on ASCII text the candidates are Spark's and a no-break space parts
# words as well.
WHITE_SPACE = " \t\n\x0b\f\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_PUNCTUATION = {"Ps", "Pe", "Pi", "Pf", "Pd", "Po"}
_CANDIDATE = re.compile(f"[^{WHITE_SPACE}]+")
_UNICODE_BOUNDARY = regex.compile(r"\b", flags=regex.WORD)


def peeling_pattern(white_space: str, peeled: str) -> re.Pattern[str]:
    """A pattern whose matches are the words of a text by Spark NLP's default rule.

    A word is a run of peeled characters (at the start of a candidate, at its end, or all of it) or
    the core, from the first to the last character that is not peeled. The greedy core gives back
    only the trailing run, so time stays linear.

    Args:
        white_space: What parts candidates, as members of a class in a pattern.
        peeled: What is peeled off the ends of a candidate, as members of a class; may be empty.
    """
    core = f"[^{white_space}{peeled}](?:[^{white_space}]*[^{white_space}{peeled}])?"
    return re.compile(f"[{peeled}]+|{core}" if peeled else f"[^{white_space}]+")


@cache
def _standard_pattern() -> re.Pattern[str]:
    # Every non-ASCII punctuation character joins Spark's twelve, so that curly quotes, dashes and
    # CJK marks do not stick to words.
    beyond_ascii = map(chr, range(0x80, 0x20000))  # the planes above hold no punctuation
    marks = [char for char in beyond_ascii if unicodedata.category(char) in _PUNCTUATION]
    return peeling_pattern(WHITE_SPACE, re.escape(SPARK_CONTEXT + "".join(marks)))


def standard_words(text: str) -> Spans:
    """Words by Spark NLP's default rule, all other punctuation of Unicode being peeled off too.

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
    return [match.span() for match in _standard_pattern().finditer(text)]


def unicode_words(text: str) -> Spans:
    """Words by Unicode's default rule (UAX 29, word boundaries), as the ``regex`` package has it.

    Every punctuation mark is a word of its own, as is every Han character; languages written
    without spaces of which the rule knows no words (Thai, Lao, Khmer, Burmese) fall into
    characters, so give such texts a segmenter of your own.

    Args:
        text: Any text.

    Returns:
        Half-open spans in code points, in order; white space is left out.

    Example:
        >>> text = "Don't pay 3,000.5 (我爱北京)"
        >>> [text[begin:end] for begin, end in unicode_words(text)]
        ["Don't", 'pay', '3,000.5', '(', '我', '爱', '北', '京', ')']
    """
    boundaries = [0, *(match.start() for match in _UNICODE_BOUNDARY.finditer(text)), len(text)]
    # To Unicode an accent after a space makes one segment with it, hence the trimming.
    return trim_spans(text, pairwise(boundaries))


def separate_words(text: str, spans: Spans) -> Spans:
    """Spans without white space at their ends, none reaching into the one before it.

    Args:
        text: The text.
        spans: In order; those that come out empty are left out.
    """
    separate = []
    reached = 0
    for begin, end in trim_spans(text, spans):
        if max(begin, reached) < end:
            separate.append((max(begin, reached), end))
            reached = end
    return separate


def find_candidates(text: str, words: Spans = ()) -> Spans:
    """Runs without white space: what no boundary of a sentence may cut.

    Args:
        text: Any text.
        words: Of the text; they are inside the runs.
    """
    return [match.span() for match in _CANDIDATE.finditer(text)]


def merge_candidates(text: str, words: Spans) -> Spans:
    """Runs without white space, joined with the words that reach over its ends.

    Spark NLP takes Unicode's wider white space for a part of words, and its exceptions may hold
    spaces.
    """
    return merge_spans([*find_candidates(text), *words])
