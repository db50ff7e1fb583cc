r"""Sentences as Spark NLP's pragmatic SentenceDetector cuts them.

The rules rewrite the text one after the other, and each sees the marks that earlier ones left.
BREAK, OPEN and CLOSE stand between characters; MASK stands in place of a full stop that ends
nothing. So a position in the marked text, less the marks before it that were put between, is one in
the text.

In the patterns ``\s``, ``\w`` and ``\d`` are ASCII and ``\A`` is the start of the text, never of a
line. Each takes linear time: what it repeats is anchored or cannot hold the beginning of another
match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, pairwise

import regex

from nlu_lite.common import check_flag, choice, whole_number
from nlu_lite.errors import OptionError
from nlu_lite.options import Spans
from nlu_lite.text.spans import trim_spans
from nlu_lite.text.spark_nlp.java import (
    LINE_ENDS,
    check_lengths,
    check_strings,
    java_pattern,
    keep_lengths,
    utf16_length,
)

# Noncharacters, which text for interchange does not hold. A text that holds them all the same is
# rewritten with another sign that no rule knows; only positions are read off the marked text, so
# that sign never comes back.
_BREAK, _OPEN, _CLOSE, _MASK = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
_MARKS = _BREAK + _OPEN + _CLOSE + _MASK
_MARK = re.compile(f"[{_MARKS}]")
_STAND_IN = "\ufffd"
_UP_TO_SPAN_MARK = re.compile(f"[^{_OPEN}{_CLOSE}]*+[{_OPEN}{_CLOSE}]?")

_TRIMMED = "".join(map(chr, range(0x21)))  # what Java's trim takes away
# To which end of a custom bound's match the text before it reaches, and from which the next begins.
_STRATEGIES = {"none": (0, 1), "prepend": (0, 0), "append": (1, 1)}

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
    """Match a word in any case; as in Spark NLP a full stop in a word is any character."""
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

_QUOTABLE = r"[\w\s?!.,|']"
# That is (?:\A|(?<=\s))'[\w\s?!.,|']+'\W, tried once in each run of these characters: otherwise it
# takes quadratic time where many quotes open and none closes. A match lies in one run but for its
# last character, and being greedy it ends with the last closing quote there; so no run holds two.
_SINGLE_QUOTED = _rule(
    rf"(?<!{_QUOTABLE})(?>({_QUOTABLE}*?)(?:\A|(?<=\s))(?='))('{_QUOTABLE}+'\W)",
    rf"\1{_OPEN}\2{_CLOSE}",
)
# Spark NLP masks some ! and ? before the last rule, which has no effect and is left out.
_REMAINING = (
    # After a run of marks, which is after its last one; at the end of the text there is nothing to
    # cut off.
    _rule(r"(?<=\S)[!?](?=[\s$])", rf"\g<0>{_BREAK}"),
    _rule(r"\.(?<=\w\.)(?=\w)", _MASK),
    _rule(r"([A-Za-z]°)\.(?=\s*\d)", rf"\1{_MASK}"),
    _rule(r"\.\.\.(?:(?=\s+[A-Z])|(?<=\S\.\.\.)(?=\.\s[A-Z]))", _MASK * 3 + _BREAK),
    _SINGLE_QUOTED,
    _rule(r'"[\w\s?!.,]+"', _SPAN),
    _rule(r"\[[\w\s?!.,]+\]", _SPAN),
    _rule(r"\([\w\s?!.,]+\)", _SPAN),
    _rule(r"[.;]", rf"\g<0>{_BREAK}"),
)


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
        choice([*_STRATEGIES])("custom_bounds_strategy", self.custom_bounds_strategy)
        whole_number(1)("split_length", self.split_length)
        check_lengths(self.min_length, self.max_length)
        bounds = check_strings("custom_bounds", self.custom_bounds)
        if self.use_custom_bounds_only and not bounds:
            raise OptionError(
                "use_custom_bounds_only=True: there are no custom_bounds; give some, or leave it "
                "out."
            )
        patterns = tuple(java_pattern("custom_bounds", bound) for bound in bounds)
        vars(self).update(custom_bounds=bounds, _bounds=patterns)  # past what makes it frozen

    def __call__(self, text: str) -> Spans:
        """Cut one text.

        Args:
            text: The text.

        Returns:
            Half-open spans in code points of this text, in order and apart, none empty, without
            white space or control characters at their ends. Where the match of a custom bound is
            dropped inside quotes or brackets that are not cut, the span goes across it.
        """
        marked, origins = self._mark_bounds(text)
        # The text without what custom bounds drop, and where its characters are in the text.
        kept = marked.replace(_BREAK, "")
        positions = [origin for origin in origins if origin >= 0]
        for rule in self._rules():
            marked = rule(marked)
        spans = trim_spans(kept, pairwise(_cuts(marked)), _TRIMMED)
        if self.split_length is not None:
            spans = _split_long(kept, spans, self.split_length)
        spans = [(positions[begin], positions[end - 1] + 1) for begin, end in spans]
        return keep_lengths(text, spans, min_length=self.min_length, max_length=self.max_length)

    def _rules(self) -> tuple[_Rule, ...]:
        """The rules in their order; with custom bounds numbers and abbreviations change places."""
        if self.use_custom_bounds_only:
            return ()
        lists = _LISTS if self.detect_lists else ()
        listed = _LISTED_ABBREVIATIONS if self.use_abbreviations else ()
        if self.custom_bounds:
            return (*lists, *_ABBREVIATIONS, *listed, *_NUMBERS, *_REMAINING)
        return (*lists, *_NUMBERS, *_ABBREVIATIONS, *listed, *_REMAINING)

    def _mark_bounds(self, text: str) -> tuple[str, Sequence[int]]:
        """Put a BREAK at each custom bound.

        Returns:
            The marked text, free of marks that were in the text before, and the position in the
            text of each of its characters, which is -1 for a BREAK.
        """
        marked, origins = text, [*range(len(text))]
        for bound in self._bounds:
            marked, origins = _mark_bound(bound, self.custom_bounds_strategy, marked, origins)
        characters = [*_MARK.sub(_STAND_IN, text), _BREAK]
        return "".join(characters[origin] for origin in origins), origins


def _mark_bound(
    bound: regex.Pattern[str], strategy: str, text: str, origins: list[int]
) -> tuple[str, list[int]]:
    """Put a BREAK before, after or instead of each match."""
    parts: list[str] = []
    part_origins: list[int] = []
    reached = 0
    for match in bound.finditer(text):
        stop, start = (match.span()[end] for end in _STRATEGIES[strategy])
        parts += text[reached:stop], _BREAK
        part_origins += [*origins[reached:stop], -1]
        reached = start
    return "".join([*parts, text[reached:]]), part_origins + origins[reached:]


def _cuts(marked: str) -> list[int]:
    """Where to cut, in positions of the text without inserted marks, its two ends among them.

    A BREAK counts unless it is inside a span, which Spark NLP takes to be so when the next mark of
    a span is a CLOSE.
    """
    unprotected = _UP_TO_SPAN_MARK.sub(_drop_protected, marked)
    parts = unprotected.replace(_OPEN, "").replace(_CLOSE, "").split(_BREAK)
    return [0, *accumulate(len(part) for part in parts)]


def _drop_protected(match: re.Match[str]) -> str:
    return match[0].replace(_BREAK, "") if match[0].endswith(_CLOSE) else match[0]


def _split_long(text: str, sentences: Spans, length: int) -> Spans:
    """Cut sentences before each word that, with the words before it, exceeds a length.

    Args:
        text: The text.
        sentences: Half-open spans in code points.
        length: In UTF-16 units; each word before counts one more, for the space behind it.
    """
    pieces: list[tuple[int, int]] = []
    for begin, end in sentences:
        cuts, position, used = [begin], begin, 0
        for word in text[begin:end].split(" "):
            size = utf16_length(word)
            if used + size > length:
                cuts.append(position)
                used = 0
            used += size + 1
            position += len(word) + 1
        pieces += pairwise([*cuts, end])
    return trim_spans(text, pieces, _TRIMMED)
