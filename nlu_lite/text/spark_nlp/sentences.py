r"""Sentences as Spark NLP's pragmatic SentenceDetector cuts them.

The rules rewrite the text one after the other, and each sees the marks that earlier ones left.
BREAK, OPEN and CLOSE stand between characters; MASK stands in place of a full stop that ends
nothing. So a place in the marked text is a place in the text as soon as the marks before it are
counted.

In the patterns ``\s``, ``\w`` and ``\d`` are ASCII and ``\A`` is the start of the text, never of a
line. Each takes linear time: what it repeats is anchored or cannot hold the beginning of another
match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import regex

from nlu_lite.errors import OptionError
from nlu_lite.text.spark_nlp.parameters import (
    LINE_ENDS,
    check_flag,
    check_length,
    check_length_range,
    java_pattern,
    strings_option,
    utf16_length,
    within_lengths,
)

# Noncharacters, which text for interchange does not hold. A text that holds them all the same is
# rewritten with another sign that no rule knows; only places are read off the marked text, so that
# sign never comes back.
_BREAK, _OPEN, _CLOSE, _MASK = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
_MARKS = _BREAK + _OPEN + _CLOSE + _MASK
_MARK = re.compile(f"[{_MARKS}]")
_STAND_IN = "\ufffd"

_TRIMMED = "".join(map(chr, range(0x21)))  # what Java's trim takes away
_STRATEGIES = ("none", "prepend", "append")

_Span = tuple[int, int]
_Rule = Callable[[str], str]


def _rule(pattern: str, replacement: str) -> _Rule:
    return partial(re.compile(pattern, re.ASCII).sub, replacement)


_SPAN = rf"{_OPEN}\g<0>{_CLOSE}"
_ANY = f"[^{LINE_ENDS}]"

_LISTS = (
    _rule(r"\([a-z]+\)|\A[a-z]+\)", _BREAK + _SPAN),
    # The letter s in the third line is Spark NLP's slip for a space.
    _rule(
        r"(?:\s|\A)-?\d{1,2}\.\s"
        r"|(?:\s|\A)\d{1,2}\.\)"
        r"|s-\d{1,2}\.\)"
        rf"|\A-\d{{1,2}}{_ANY}\)",
        _BREAK + _SPAN,
    ),
)

_NUMBERS = (_rule(r"\.(?:(?=\d)|(?<=\d\.)(?=\S)|(?:(?<=\A\d\.)|(?<=\A\d\d\.))(?=\s\S|\)))", _MASK),)

_ABBREVIATIONS = (
    # Java's \b: not after a letter or digit of any script, with or without an accent that is a
    # character by itself.
    _rule(r"(?u:(?<!\w)(?<!\w[\u0300-\u036f]))[A-Za-z](?:\.[A-Za-z])++(?:\.(?!\s[A-Z]))*+", _SPAN),
    _rule(r"(?i:[ap]\.m)\.*+", _SPAN),
    _rule(r"\.(?='s(?:[\s$]|\Z)|(?<=Co\.)(?=\sKG)|(?:(?<=\A[A-Z]\.)|(?<=\s[A-Z]\.))(?=\s))", _MASK),
)


def _words(words: str) -> str:
    """Match one of the words in any case; a full stop in a word is any character, as it is in Spark NLP."""
    return f"(?i:{'|'.join(words.split())})".replace(".", _ANY)


_NAME_FOLLOWS = _words("dr mr ms prof mt st")
_NUMBER_FOLLOWS = _words("no p px")
_GENERAL = _words(
    "adj bros btw co col corp cpl dec aug del dept dist dr e.g etc exp feb fy hr i.e id inc jan jr "
    "jul jun lt ltd mar "
    "may min mr mrs ms no nov oct ok p px plz prof rep sec sep sept sr st u.s ver vs"
)
_LISTED_ABBREVIATIONS = (
    _rule(rf"((?:\A|(?<=\s)){_NAME_FOLLOWS})\.(?=\s|:\d)", rf"\1{_MASK}"),
    _rule(rf"((?:\A|(?<=\s)){_NUMBER_FOLLOWS})\.(?=\s\d|\s+\()", rf"\1{_MASK}"),
    _rule(
        rf"(\A{_GENERAL}(?!\.-)|(?<=\s){_GENERAL})\.(?=[.:?,-]|\s(?:[a-z\d]|I\s|I'm|I'll))",
        rf"\1{_MASK}",
    ),
)

_QUOTABLE_RUN = re.compile(r"[\w\s?!.,|']+[^\w\s?!.,|']?", re.ASCII)
_OPENING_QUOTE = re.compile(r"(?:\A|(?<=\s))'", re.ASCII)
_UP_TO_CLOSING_QUOTE = re.compile(r".*'(?=\W)", re.ASCII | re.DOTALL)


def _protect_single_quoted(text: str) -> str:
    r"""Put OPEN and CLOSE around ``'…'`` after a space or at the start, and a non-word character, which has to follow.

    That is the pattern ``(?:\A|(?<=\s))'[\w\s?!.,|']+'\W``, which takes quadratic time where many
    quotes open and none closes. But all of a match except its last character is in one run of these
    characters, and being greedy it ends with the last quote of the run that has a non-word
    character behind it. So a run holds one match at most.
    """
    return _QUOTABLE_RUN.sub(_protect_in_run, text)


def _protect_in_run(run: re.Match[str]) -> str:
    text = run[0]
    closing = _UP_TO_CLOSING_QUOTE.match(text) if "'" in text else None
    opening = _OPENING_QUOTE.search(run.string, run.start(), run.end()) if closing else None
    if closing is None or opening is None:
        return text
    begin, end = opening.start() - run.start(), closing.end() + 1
    if end - begin < len("'x'."):
        return text
    return f"{text[:begin]}{_OPEN}{text[begin:end]}{_CLOSE}{text[end:]}"


# Spark NLP masks some ! and ? after these. All that comes later there is the cut at . and ;, so it
# has no effect and is left out.
_REMAINING = (
    # After a run of marks, which is after its last one; at the end of the text there is nothing to
    # cut off.
    _rule(r"(?<=\S)[!?](?=[\s$])", rf"\g<0>{_BREAK}"),
    _rule(r"\.(?<=\w\.)(?=\w)", _MASK),
    _rule(r"([A-Za-z]°)\.(?=\s*\d)", rf"\1{_MASK}"),
    _rule(r"\.\.\.(?:(?=\s+[A-Z])|(?<=\S\.\.\.)(?=\.\s[A-Z]))", _MASK * 3 + _BREAK),
    _protect_single_quoted,
    _rule(r'"[\w\s?!.,]+"', _SPAN),
    _rule(r"\[[\w\s?!.,]+\]", _SPAN),
    _rule(r"\([\w\s?!.,]+\)", _SPAN),
)

_INSERTED = re.compile(f"[{_BREAK}{_OPEN}{_CLOSE}]")
_INSERTED_OR_STOP = re.compile(f"[{_BREAK}{_OPEN}{_CLOSE}.;]")


@dataclass(frozen=True, kw_only=True)
class SparkSentences:
    r"""Cut a text into sentences by the rules of Spark NLP's pragmatic SentenceDetector.

    A sentence ends after ``.`` and ``;``, and after ``!`` and ``?`` before a space, with rules for
    lists, numbers, abbreviations, ellipses, quotes and brackets. White space never ends one, a
    paragraph break neither; that takes ``custom_bounds``. The rules know English and ASCII letters.
    Patterns are Java patterns: ``\w``, ``\d``, ``\s`` and ignoring case are ASCII.

    Source: Spark NLP SentenceDetector, rules as observed in releases 4 and 5.

    Args:
        use_abbreviations: Whether the full stop of words such as ``Dr`` and ``etc`` may stand
            inside a sentence.
        detect_lists: Whether ``1.``, ``1.)`` and ``(a)`` begin a sentence, wherever in a line they
            stand.
        custom_bounds: Patterns that end a sentence, applied in order before the other rules.
        use_custom_bounds_only: True leaves out all other rules.
        custom_bounds_strategy: What becomes of the text that a custom bound matches: ``"none"``
            drops it, ``"prepend"`` makes it the beginning of the next sentence, ``"append"`` the
            end of the one before.
        split_length: Longer sentences are cut at spaces into pieces of at most this length; a word
            that is longer is a piece by itself. In UTF-16 units, as Java counts; None leaves
            sentences as they are.
        min_length: Shorter sentences are dropped, after everything else; in UTF-16 units.
        max_length: Longer sentences are dropped, in UTF-16 units; None for no limit.

    Raises:
        OptionError: An option is not valid; the message says what is.

    Examples:
        >>> text = "Dr. Who lives in the U.S. now. Why? He likes it."
        >>> [text[begin:end] for begin, end in SparkSentences()(text)]
        ['Dr. Who lives in the U.S. now.', 'Why?', 'He likes it.']
    """

    use_abbreviations: bool = True
    detect_lists: bool = True
    custom_bounds: Sequence[str] = ()
    use_custom_bounds_only: bool = False
    custom_bounds_strategy: str = "none"
    split_length: int | None = None
    min_length: int = 0
    max_length: int | None = None

    _bounds: tuple[regex.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for option in ("use_abbreviations", "detect_lists", "use_custom_bounds_only"):
            check_flag(option, getattr(self, option))
        if self.custom_bounds_strategy not in _STRATEGIES:
            raise OptionError(
                f"custom_bounds_strategy={self.custom_bounds_strategy!r}: valid are "
                f"{', '.join(_STRATEGIES)}."
            )
        check_length("split_length", self.split_length, least=1, may_be_none=True)
        check_length_range(self.min_length, self.max_length)
        bounds = strings_option("custom_bounds", self.custom_bounds)
        if self.use_custom_bounds_only and not bounds:
            raise OptionError(
                "use_custom_bounds_only=True: there are no custom_bounds; give some, or leave it "
                "out."
            )
        object.__setattr__(
            self, "custom_bounds", bounds
        )  # the dataclass module's own way round `frozen`
        object.__setattr__(
            self, "_bounds", tuple(java_pattern("custom_bounds", bound) for bound in bounds)
        )

    def __call__(self, text: str) -> list[tuple[int, int]]:
        """Cut one text.

        Args:
            text: The text.

        Returns:
            Half-open spans in code points of this text, in order and apart, none empty, without
            white space or control characters at their ends. Where the match of a custom bound is
            dropped inside quotes or brackets that are not cut, the span goes across it.
        """
        marked, places = self._bounded(text)
        if not self.use_custom_bounds_only:
            for rule in self._rules():
                marked = rule(marked)
        kept = text if places is None else "".join(text[place] for place in places)
        cuts = _cuts(marked, _INSERTED if self.use_custom_bounds_only else _INSERTED_OR_STOP)
        spans = []
        for piece in pairwise((0, *cuts, len(kept))):
            begin, end = _trimmed(kept, *piece)
            if begin < end:
                spans.append(
                    (begin, end) if places is None else (places[begin], places[end - 1] + 1)
                )
        if self.split_length is not None:
            spans = [
                piece
                for begin, end in spans
                for piece in _split(text, begin, end, self.split_length)
            ]
        return within_lengths(text, spans, min_length=self.min_length, max_length=self.max_length)

    def _rules(self) -> Iterator[_Rule]:
        """Yield the rules in their order, in which numbers and abbreviations change places with custom bounds."""
        abbreviations = _ABBREVIATIONS + (_LISTED_ABBREVIATIONS if self.use_abbreviations else ())
        if self.detect_lists:
            yield from _LISTS
        yield from (*abbreviations, *_NUMBERS) if self._bounds else (*_NUMBERS, *abbreviations)
        yield from _REMAINING

    def _bounded(self, text: str) -> tuple[str, list[int] | None]:
        """Put a BREAK at each custom bound.

        Returns:
            The marked text, free of marks that were in the text before, and the place in the text
            of each character that was kept; None where all were.
        """
        if not self._bounds:
            return _MARK.sub(_STAND_IN, text), None
        marked, places = text, list(range(len(text)))
        for bound in self._bounds:
            marked, places = _marked_at(bound, self.custom_bounds_strategy, marked, places)
        if _MARK.search(text):
            marked = "".join(
                _STAND_IN if place >= 0 and character in _MARKS else character
                for character, place in zip(marked, places, strict=True)
            )
        return marked, [place for place in places if place >= 0]


def _marked_at(
    bound: regex.Pattern[str], strategy: str, text: str, places: list[int]
) -> tuple[str, list[int]]:
    """Put a BREAK, whose place is -1, before, after or instead of each match."""
    parts: list[str] = []
    part_places: list[int] = []
    done = 0
    for match in bound.finditer(text):
        begin, end = match.span()
        before = end if strategy == "append" else begin
        parts += text[done:before], _BREAK
        part_places += [*places[done:before], -1]
        done = begin if strategy == "prepend" else end
    return "".join([*parts, text[done:]]), part_places + places[done:]


def _cuts(marked: str, ends: re.Pattern[str]) -> list[int]:
    """Find where to cut, in places of the text without the inserted marks.

    A BREAK counts unless it is inside a span, which Spark NLP takes to be so when the next mark of
    a span is a CLOSE.
    """
    cuts: list[int] = []
    open_question: list[int] = []
    inserted = 0
    for match in ends.finditer(marked):
        mark = match[0]
        if mark in ".;":
            open_question.append(match.end() - inserted)
            continue
        if mark == _BREAK:
            open_question.append(match.start() - inserted)
        else:
            cuts += open_question if mark == _OPEN else ()
            open_question.clear()
        inserted += 1
    return cuts + open_question


def _trimmed(text: str, begin: int, end: int) -> _Span:
    """Leave out what Java's trim takes off both ends."""
    piece = text[begin:end]
    return end - len(piece.lstrip(_TRIMMED)), begin + len(piece.rstrip(_TRIMMED))


def _split(text: str, begin: int, end: int, length: int) -> Iterator[_Span]:
    """Cut a sentence before each word that, with the words before it and a space after each, exceeds a length."""
    cuts, place, used = [begin], begin, 0
    for word in text[begin:end].split(" "):
        size = utf16_length(word)
        if used + size > length:
            cuts.append(place)
            used = 0
        used += size + 1
        place += len(word) + 1
    for piece in pairwise((*cuts, end)):
        first, last = _trimmed(text, *piece)
        if first < last:
            yield first, last
