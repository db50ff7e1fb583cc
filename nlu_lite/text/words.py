"""Words of a text, with offsets: the standard rule.

Spans are half-open pairs of code points, ``text[begin:end]``, as Python counts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from nlu_lite.options import Spans

# Spark NLP's context characters (Tokenizer.scala, contextChars), peeled off both ends of a candidate.
SPARK_CONTEXT = ".,;:!?*-()\"'"
# Unicode's White_Space, so that on ASCII text the candidates are Spark's and a no-break space parts words as well.
WHITE_SPACE = " \t\n\x0b\f\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_PUNCTUATION = ("Ps", "Pe", "Pi", "Pf", "Pd", "Po")


@cache
def _peeled() -> str:
    # Every non-ASCII punctuation character joins Spark's twelve, so that curly quotes, dashes and CJK marks do not
    # stick to words.
    wide = (chr(code) for code in range(0x80, 0x20000))  # the planes above hold no punctuation
    return SPARK_CONTEXT + "".join(char for char in wide if unicodedata.category(char) in _PUNCTUATION)


@cache
def _pattern() -> re.Pattern[str]:
    peeled = re.escape(_peeled())
    # A run of peeled characters (at the start, at the end, or the whole candidate), or the core: from the first to the
    # last character that is not peeled. The greedy core gives back only the trailing run, so time stays linear.
    return re.compile(f"[{peeled}]+|[^{WHITE_SPACE}{peeled}](?:[^{WHITE_SPACE}]*[^{WHITE_SPACE}{peeled}])?")


def standard(text: str) -> Spans:
    """Words by Spark NLP's default rule, with every non-ASCII punctuation character peeled off as well.

    A candidate is a run without white space; the run of peeled characters at its start is one word, that at its end
    another, and what stands between is a third. A candidate of peeled characters only is one word.

    Args:
        text: Any text.

    Returns:
        Half-open spans in code points, in order, without overlap.

    Example:
        >>> text = "I'd like “curly” (e.g. U.S.A.) quotes..."
        >>> [text[begin:end] for begin, end in standard(text)]
        ["I'd", 'like', '“', 'curly', '”', '(', 'e.g', '.', 'U.S.A', '.)', 'quotes', '...']
    """
    return [match.span() for match in _pattern().finditer(text)]


_CANDIDATE = re.compile(f"[^{WHITE_SPACE}]+")


def candidate_end(text: str, position: int) -> int:
    """The end of the run without white space that ``position`` stands strictly inside of, else ``position`` itself.

    Args:
        text: Any text.
        position: A code point offset, 0 to ``len(text)``.
    """
    if position == 0 or _CANDIDATE.match(text, position - 1) is None:
        return position
    match = _CANDIDATE.match(text, position)
    return match.end() if match else position
