"""Words of a text, with offsets: the standard rule, Unicode's, and the one of the two by script.

Spans are half-open pairs of code points, ``text[begin:end]``, as Python counts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import chain, pairwise

import regex

from nlu_lite.options import Spans
from nlu_lite.text.clusters import (
    BLANKS,
    WHITE_SPACE,
    attached,
    class_members,
    drop_invisible,
    invisible,
    keep_clusters,
    unattached,
)
from nlu_lite.text.spans import merge_spans, spans_between, trim_spans

# Spark NLP's context characters (Tokenizer.scala, contextChars), peeled off both ends of a
# candidate.
SPARK_CONTEXT = ".,;:!?*-()\"'"
_PUNCTUATION = {"Ps", "Pe", "Pi", "Pf", "Pd", "Po"}
_CANDIDATE = re.compile(f"[^{WHITE_SPACE}]+")
_UNICODE_BOUNDARY = regex.compile(r"\b", flags=regex.WORD)
_FLAG_LETTERS = "\U0001f1e6-\U0001f1ff"
# Letters to Unicode that show as blanks.
_FILLERS = dict.fromkeys(map(ord, "\u3164\uffa0"), " ")
# Scripts written without spaces between words.
_WITHOUT_SPACES = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tai_Le}"
    r"\p{New_Tai_Lue}\p{Tai_Tham}\p{Tai_Viet}"
)


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
def _peeled() -> str:
    """Members of a class: Spark's twelve characters, and all punctuation beyond ASCII.

    So curly quotes, dashes and CJK marks do not stick to words.
    """
    beyond_ascii = map(chr, range(0x80, 0x20000))  # the planes above hold no punctuation
    marks = [char for char in beyond_ascii if unicodedata.category(char) in _PUNCTUATION]
    return re.escape(SPARK_CONTEXT + "".join(marks))


@cache
def _standard_pattern() -> re.Pattern[str]:
    return peeling_pattern(WHITE_SPACE, _peeled())


@cache
def _uncommon() -> re.Pattern[str]:
    """What takes more than the standard pattern: clusters of marks, invisible characters."""
    prepended = class_members(r"\p{GCB=Prepend}")
    return re.compile(f"[{invisible()}{BLANKS}{prepended}]|[{_peeled()}][{attached()}]")


@cache
def _cluster_pattern() -> re.Pattern[str]:
    """The standard pattern over clusters.

    A mark takes with it what is attached to it. Where that makes an emoji of it, it is peeled off
    with its like: no emoji shares a word with full stops. Invisible characters that belong to none
    before them are peeled off too, so that the marks before them are reached.
    """
    space, sign = f"{WHITE_SPACE}{BLANKS}", f"[{attached()}]*+"
    peeled = f"{_peeled()}{unattached()}"
    emoji = f"[{_peeled()}](?:\ufe0f\u20e3?|\u20e3)"
    begin, end = f"[^{space}{peeled}]{sign}", f"[^{space}{peeled}{attached()}]{sign}"
    return re.compile(
        f"(?:{emoji})++|(?:(?!{emoji}|[{BLANKS}])[{peeled}]{sign})++|{begin}(?:[^{space}]*{end})?"
    )


def standard_words(text: str) -> Spans:
    """Words by Spark NLP's default rule, all other punctuation of Unicode being peeled off too.

    A candidate is a run without white space; the run of peeled characters at its start is one word,
    that at its end another, and what stands between is a third. A candidate of peeled characters
    only is one word. No word cuts a cluster of characters; invisible ones make no words, and stand
    at no word's end.

    Args:
        text: Any text.

    Returns:
        Half-open spans in code points, in order, without overlap.

    Example:
        >>> text = "I'd like “curly” (e.g. U.S.A.) quotes..."
        >>> [text[begin:end] for begin, end in standard_words(text)]
        ["I'd", 'like', '“', 'curly', '”', '(', 'e.g', '.', 'U.S.A', '.)', 'quotes', '...']
    """
    if text.isascii() or not _uncommon().search(text):
        return [match.span() for match in _standard_pattern().finditer(text)]
    spans = [match.span() for match in _cluster_pattern().finditer(text)]
    return drop_invisible(text, keep_clusters(text, spans))


def unicode_words(text: str) -> Spans:
    """Words by Unicode's default rule (UAX 29, word boundaries), as the ``regex`` package has it.

    Every punctuation mark is a word of its own, as is every Han character; languages written
    without spaces of which the rule knows no words (Thai, Lao, Khmer, Burmese) fall into
    clusters of characters, so give such texts a segmenter of your own.

    Args:
        text: Any text.

    Returns:
        Half-open spans in code points, in order; white space is left out.

    Example:
        >>> text = "Don't pay 3,000.5 (我爱北京)"
        >>> [text[begin:end] for begin, end in unicode_words(text)]
        ["Don't", 'pay', '3,000.5', '(', '我', '爱', '北', '京', ')']
    """
    if text.isascii():
        return _between_boundaries(text, _boundaries(text, 0))
    plain = text.translate(_FILLERS)
    inner = (_boundaries(part, begin) for begin, part in _without_flags(plain))
    flags = (_flag_boundaries(match) for match in _runs_of_flags().finditer(plain))
    boundaries = sorted({*chain.from_iterable(inner), *chain.from_iterable(flags)})
    return drop_invisible(text, keep_clusters(text, _between_boundaries(plain, boundaries)))


def _boundaries(part: str, begin: int) -> list[int]:
    """Where Unicode parts words in a part of a text, its two ends included."""
    inner = (begin + match.start() for match in _UNICODE_BOUNDARY.finditer(part))
    return [begin, *inner, begin + len(part)]


def _between_boundaries(text: str, boundaries: list[int]) -> Spans:
    # To Unicode an accent after a space makes one segment with it, hence the trimming.
    return trim_spans(text, pairwise(boundaries))


@cache
def _runs_of_flags() -> re.Pattern[str]:
    """Three and more letters of flags, with what is attached to each.

    The regex package counts the letters before each of them, which takes quadratic time.
    """
    return re.compile(f"(?:[{_FLAG_LETTERS}]{_flag_signs()}){{3,}}+")


@cache
def _flag_signs() -> str:
    signs = class_members(r"\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}")
    return f"[{signs}]*+"


def _without_flags(text: str) -> list[tuple[int, str]]:
    """What stands between runs of flags, and where it begins; there words always part."""
    spans = (match.span() for match in _runs_of_flags().finditer(text))
    begins_and_ends = [0, *chain.from_iterable(spans), len(text)]
    between = zip(begins_and_ends[::2], begins_and_ends[1::2], strict=True)
    return [(begin, text[begin:end]) for begin, end in between if begin < end]


def _flag_boundaries(run: re.Match[str]) -> list[int]:
    """Two letters that stand together make a flag; any other stands alone."""
    flags = re.finditer(f"[{_FLAG_LETTERS}]{{1,2}}{_flag_signs()}", run[0])
    return [*(run.start() + flag.start() for flag in flags), run.end()]


@cache
def _script_without_spaces() -> re.Pattern[str]:
    return re.compile(f"[{class_members(_WITHOUT_SPACES)}\U00020000-\U0003ffff]")


def script_words(text: str) -> Spans:
    """The standard rule; Unicode's where a candidate holds a script written without spaces.

    These are Han, Kana, Thai, Lao, Khmer, Burmese and their like. So texts of many languages have
    the words that each would have by itself.

    Args:
        text: Any text.

    Returns:
        Half-open spans in code points, in order, without overlap.

    Example:
        >>> text = "The U.S.A. and 中国。"
        >>> [text[begin:end] for begin, end in script_words(text)]
        ['The', 'U.S.A', '.', 'and', '中', '国', '。']
    """
    if text.isascii() or not _script_without_spaces().search(text):
        return standard_words(text)
    return [span for candidate in find_candidates(text) for span in _words_of(text, *candidate)]


def _words_of(text: str, begin: int, end: int) -> Spans:
    """The words of one candidate by its scripts, as spans of the text."""
    part = text[begin:end]
    rule = unicode_words if _script_without_spaces().search(part) else standard_words
    return [(begin + first, begin + last) for first, last in rule(part)]


def split_candidates(text: str, words: Spans) -> Spans:
    """What no boundary of a sentence may cut by ``script_words``: candidates, or their words.

    Args:
        text: Any text.
        words: Of the text, by that rule.
    """
    unbreakable: list[tuple[int, int]] = []
    for begin, end in find_candidates(text):
        if _script_without_spaces().search(text, begin, end):
            unbreakable += spans_between(words, begin, end)
        else:
            unbreakable.append((begin, end))
    return unbreakable


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
