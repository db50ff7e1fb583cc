"""Clusters of characters, which no word cuts, and characters that nobody sees, at no word's end.

A cluster is what a reader takes for one character: a letter with its accents, an emoji sequence
(UAX 29, grapheme clusters). Where one goes on is told by the character there and the one before it,
so that a text is read once, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import chain, pairwise

import regex

from nlu_lite.options import Spans

# Unicode's White_Space, so that on ASCII text the candidates are Spark's and a no-break space parts
# words as well; members of a class in a pattern.
WHITE_SPACE = " \t\n\x0b\f\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# The zero width space, by which Thai and Khmer part words, and two fillers of Hangul, which are
# letters to Unicode and show as blanks.
BLANKS = "\u200b\u3164\uffa0"
# Planes 0, 1 and 14; the others hold nothing that these rules ask for.
_PLANES = (range(0x80, 0x20000), range(0xE0000, 0xE1000))
_ATTACHED = r"\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}"
# Two fillers of Hangul are left out: they are parts of syllables.
_INVISIBLE = r"\p{Default_Ignorable_Code_Point}--[\u115f\u1160]"


@cache
def _characters(members: str) -> str:
    """All characters of a class of ``regex``, beyond ASCII."""
    all_members = "".join(map(chr, chain(*_PLANES)))
    return "".join(regex.findall(f"[{members}]", all_members, flags=regex.VERSION1))


@cache
def class_members(members: str) -> str:
    """The characters of a class of ``regex`` as members of a class of ``re``, which is faster."""
    points = [*map(ord, _characters(members)), -1]
    ranges: list[tuple[int, int]] = []
    first = points[0]
    for point, following in pairwise(points):
        if following != point + 1:
            ranges.append((first, point))
            first = following
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


@cache
def attached() -> str:
    """Members of a class: what belongs to the character before it, such as accents and joiners."""
    return class_members(_ATTACHED)


@cache
def unattached() -> str:
    """Members of a class: invisible characters that belong to none before them."""
    return class_members(f"{_INVISIBLE}--[{_ATTACHED}]")


@cache
def invisible() -> str:
    """Members of a class: what nobody sees by itself; controls are not among it."""
    return class_members(_INVISIBLE)


@cache
def _continuations() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What begins where a cluster goes on, and what ends there."""
    control, prepended = class_members(r"\p{GCB=Control}"), class_members(r"\p{GCB=Prepend}")
    apart = f"{WHITE_SPACE}\x00-\x1f\x7f{control}"
    # A sign below the letter that a stacker stands before is one with that letter.
    stacker, letter = class_members(r"\p{InSC=Virama}\p{InSC=Invisible_Stacker}"), r"[^\W\d_]"
    picture = class_members(r"\p{Extended_Pictographic}")
    lead, rest = class_members(r"\p{GCB=L}"), class_members(r"\p{GCB=V}\p{GCB=T}")
    syllable = "\uac00-\ud7a3"
    goes_on = (
        f"[{attached()}](?<=[^{apart}][{attached()}])",
        f"[{rest}](?<=[{lead}{rest}{syllable}][{rest}])",
    )
    joins = (
        f"[{stacker}][{attached()}]{{0,4}}(?={letter})",
        f"\u200d(?=[{picture}])",
        f"[{prepended}](?=[^{apart}])",
        f"[{lead}](?=[{lead}{syllable}])",
    )
    return re.compile("|".join(goes_on)), re.compile("|".join(joins))


def _positions_inside(text: str) -> set[int]:
    """Where clusters go on: positions, in code points, at which no word may begin or end."""
    attached_sign, joiner = _continuations()
    inside = {match.start() for match in attached_sign.finditer(text)}
    inside.update(match.end() for match in joiner.finditer(text))
    return inside


def keep_clusters(text: str, spans: Iterable[tuple[int, int]]) -> Spans:
    """Words made longer so that none cuts a cluster; those that share one become one word.

    Args:
        text: Any text.
        spans: Half-open spans in code points, in order and apart.

    Example:
        >>> keep_clusters("cafe\u0301 \u203c\ufe0f", [(0, 4), (6, 7), (7, 8)])
        [(0, 5), (6, 8)]
    """
    inside = set() if text.isascii() else _positions_inside(text)
    if not inside:
        return list(spans)
    kept: list[tuple[int, int]] = []
    for begin, end in spans:
        reached = kept[-1][1] if kept else 0
        while begin in inside and begin > reached:
            begin -= 1
        end = max(end, reached)  # what an earlier word has taken in is not walked again
        while end in inside:
            end += 1
        if kept and (begin < reached or begin in inside):
            begin, _ = kept.pop()
        kept.append((begin, end))
    return kept


@cache
def _invisible_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    members = (invisible(), unattached(), attached())
    sought, cut, sign = (re.compile(f"[{characters}]") for characters in members)
    return sought, cut, sign


def drop_invisible(text: str, spans: Spans) -> Spans:
    """Words without invisible characters at their ends; a word of nothing else is left out.

    What belongs to the cluster of a visible character stays, such as the sign that makes an emoji
    of it, and so does what stands inside a word.

    Args:
        text: Any text.
        spans: Half-open spans in code points, in order, that cut no cluster.

    Example:
        >>> drop_invisible("\ufeffone\u200e \u200b a\u00adb", [(0, 5), (6, 7), (8, 11)])
        [(1, 4), (8, 11)]
    """
    sought, cut, sign = _invisible_patterns()
    if text.isascii() or not sought.search(text):
        return spans
    unseen = _characters(_INVISIBLE)
    visible = []
    for begin, end in spans:
        word = text[begin:end]
        first, tail = len(word) - len(word.lstrip(unseen)), len(word.rstrip(unseen))
        # A visible sign may be attached to a joiner that stands first.
        while 0 < first < tail and sign.match(word, first) and not cut.match(word, first - 1):
            first -= 1
        if first < tail:
            match = cut.search(word, tail)
            visible.append((begin + first, end if match is None else begin + match.start()))
    return visible
