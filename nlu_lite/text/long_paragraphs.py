"""Sentences of paragraphs that would take ``sentencex`` quadratic time, found piece by piece.

sentencex looks from each quote that opens for the one that closes it, from each full stop for the
quote, bracket or item of a list around it, and from some marks back to the last space. In ordinary
text what it looks for is near. Where it is not, the paragraph is read in pieces that begin where a
sentence does.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from nlu_lite.text.clusters import class_members

# Half of a piece is looked at twice: no sentence of the first half is decided by a mark that the
# end of the piece hides, unless that mark is half a piece away. In code points.
PIECE = 2_048
# Nanoseconds a code point that are granted for looking far, by an estimate that is mostly too high.
GRANTED = 500
_PARAGRAPH_END = re.compile("\n\r*\n")
# The opening quotes of sentencex with those that close them.
_PAIRS = ("«»", "»«", "‘’", "“”", "„“", "‹›", "《》", "「」", "『』", "‚‚", "‛‛", "‟‟")
# Quotes that open and close by one sign; an apostrophe inside a word is none.
_SYMMETRIC = re.compile(r"(['`])\1|['`](?:(?<!\w['`])|(?!\w))|\"")
_MARKS = "'`\"()[]{}<>（）" + "".join({mark for pair in _PAIRS for mark in pair})
_MARK = re.compile(f"[{re.escape(_MARKS)}]|^[ \t]*(?:[0-9A-Za-z]{{1,3}}[.)]|[-*•])", re.MULTILINE)
_LONG_RUN = re.compile(r"[^\s./]{256,}")


# From a text to where each of its sentences ends.
SentenceEnds = Callable[[str], list[int]]


@cache
def _terminators() -> re.Pattern[str]:
    beyond_ascii = class_members(r"\p{Sentence_Terminal}｡。")
    return re.compile(f"[!.?…{beyond_ascii}]")


def sentence_ends(text: str, find_ends: SentenceEnds) -> Iterator[int]:
    """Where the sentences and the gaps between paragraphs end, in order, in linear time.

    Args:
        text: Any text.
        find_ends: The rule. It must give the ends of one paragraph without looking at others.
    """
    if _is_harmless(text):
        yield from find_ends(text)
        return
    begin = 0
    for gap in _PARAGRAPH_END.finditer(text):
        yield from _ends_of_paragraph(text[begin : gap.start()], begin, find_ends)
        yield gap.end()
        begin = gap.end()
    yield from _ends_of_paragraph(text[begin:], begin, find_ends)


def _ends_of_paragraph(paragraph: str, offset: int, find_ends: SentenceEnds) -> Iterator[int]:
    if _is_harmless(paragraph):
        yield from (offset + end for end in find_ends(paragraph))
        return
    begin, reached = 0, 0
    while begin + PIECE < len(paragraph):
        inner = [begin + end for end in find_ends(paragraph[begin : begin + PIECE])[:-1]]
        ends = [end for end in inner if end <= begin + PIECE // 2] or inner[:1]
        yield from (offset + end for end in ends if end > reached)
        reached = max([reached, *ends])
        begin = ends[-1] if ends else begin + PIECE
    yield from (offset + begin + end for end in find_ends(paragraph[begin:]))


def _is_harmless(text: str) -> bool:
    """Whether the rule looks far only a few times; an estimate in linear time."""
    if len(text) <= PIECE:
        return True
    return sum(_far_looks(text)) <= GRANTED * len(text)


def _far_looks(text: str) -> Iterator[float]:
    """Nanoseconds that the rule takes for what it looks for far away, as measured."""
    unclosed = sum(text.count(pair[0], text.rfind(pair[1]) + 1) for pair in _PAIRS)
    yield 0.2 * unclosed * len(text)
    marks, ends = (sum(1 for _ in sought.finditer(text)) for sought in (_MARK, _terminators()))
    yield 0.35 * marks * ends
    symmetric = [match[0] for match in _SYMMETRIC.finditer(text)]
    yield 0.15 * len(symmetric) * marks
    # A sign is counted in the whole paragraph again where quotations by another came between.
    quotations = list(_pair_up(symmetric))
    yield 1.3 * sum(map(operator.ne, quotations, quotations[1:])) * len(text)
    for run in _LONG_RUN.finditer(text):
        yield 0.9 * len(run[0]) * len(_terminators().findall(run[0]))


def _pair_up(quotes: Iterable[str]) -> Iterator[str]:
    """The sign of each quotation, which reaches from one to the next of its kind."""
    opening = None
    for quote in quotes:
        if opening is None:
            opening = quote
        elif quote == opening:
            yield quote
            opening = None
