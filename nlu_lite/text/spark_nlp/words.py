"""Words as Spark NLP's Tokenizer cuts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import regex

from nlu_lite.common import check_flag
from nlu_lite.errors import OptionError
from nlu_lite.options import Spans
from nlu_lite.text.spark_nlp.java import (
    SPACES,
    check_lengths,
    check_strings,
    java_pattern,
    keep_lengths,
)
from nlu_lite.text.words import SPARK_CONTEXT, peeling_pattern

_DEFAULT_TARGET = r"\S+"
# Line ends that Java's dot does not match, and that a candidate may hold: no ASCII white space.
_LINE_END_IN_A_CANDIDATE = re.compile("[\x85\u2028\u2029]")
# Stands for a separator inside an exception, and for itself in a text that holds it: two
# noncharacters, which text for interchange does not hold.
_HIDDEN, _STAND_IN = "\ufdd0", "\ufdd1"
_SPLIT_CHARS = (
    "single characters, each with or without a backslash before it. Give longer separators as "
    "split_pattern"
)


@dataclass(frozen=True, kw_only=True)
class SparkTokenizer:
    r"""Cut a text into words by the rules of Spark NLP's Tokenizer.

    By default a candidate is a run without ASCII white space. The run of context characters at its
    start and the one at its end become a word each, and what is between them is a word. Context
    characters inside stay, and a candidate of nothing else stays whole. Patterns are Java patterns:
    ``\w``, ``\d``, ``\s`` and ignoring case are ASCII.

    Source: Spark NLP Tokenizer, rules as observed in releases 4 and 5.

    Args:
        context_chars: Single characters that are peeled off both ends of a candidate.
        exceptions: Patterns whose matches are not cut. A candidate stays whole if it holds a
            separator that an exception matched, or if it is itself such a match; so ``New York``
            keeps ``New York.`` whole.
        exceptions_case_sensitive: False lets exceptions match in any case.
        prefix_pattern: Stands for the leading context characters; starts with ``\A``, and each
            group in it is a word.
        suffix_pattern: Stands for the trailing context characters; ends with ``\z``, and each group
            in it is a word.
        infix_patterns: Stand for what is between; each has groups, which are the words. They are
            tried in order, and the first that matches together with prefix and suffix counts; if
            none does, the candidate stays whole.
        target_pattern: What a candidate may hold. As in Spark NLP it is put inside a character
            class, together with the characters ``(?:)``: only something like a class works, such as
            ``\S+``, ``a-z0-7`` or ``[A-Za-z]``.
        split_chars: Single characters, or a backslash and a character, at which a word is cut
            again; they are dropped.
        split_pattern: The same as a pattern, instead of ``split_chars``; it counts only where it
            gives several pieces.
        min_length: Shorter words are dropped, after everything else. In UTF-16 units, as Java
            counts.
        max_length: Longer words are dropped, in UTF-16 units; None for no limit.

    Raises:
        OptionError: An option is not valid; the message says what is.

    Examples:
        >>> text = "I'd visit the U.S.A. (and more)."
        >>> [text[begin:end] for begin, end in SparkTokenizer()(text)]
        ["I'd", 'visit', 'the', 'U.S.A', '.', '(', 'and', 'more', ').']
    """

    context_chars: Sequence[str] = tuple(SPARK_CONTEXT)
    exceptions: Sequence[str] = ()
    exceptions_case_sensitive: bool = True
    prefix_pattern: str | None = None
    suffix_pattern: str | None = None
    infix_patterns: Sequence[str] = ()
    target_pattern: str = _DEFAULT_TARGET
    split_chars: Sequence[str] = ()
    split_pattern: str | None = None
    min_length: int = 0
    max_length: int | None = None

    _whole_pass: re.Pattern[str] | None = field(init=False, repr=False, compare=False)
    _separator: regex.Pattern[str] = field(init=False, repr=False, compare=False)
    _exception: regex.Pattern[str] = field(init=False, repr=False, compare=False)
    _rules: tuple[regex.Pattern[str], ...] = field(init=False, repr=False, compare=False)
    _splitter: regex.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        options = vars(self)  # past what makes the record frozen
        if isinstance(self.context_chars, str):
            options["context_chars"] = tuple(self.context_chars)
        for option, shape, valid in (
            ("context_chars", ".", "single characters, or one string of them"),
            ("split_chars", r"\\?.", _SPLIT_CHARS),
            ("exceptions", ".+", "strings that are not empty"),
            ("infix_patterns", ".+", "strings that are not empty"),
        ):
            options[option] = check_strings(option, options[option], shape=shape, valid=valid)
        check_flag("exceptions_case_sensitive", self.exceptions_case_sensitive)
        check_lengths(self.min_length, self.max_length)
        options["_separator"] = java_pattern(
            "target_pattern", self.target_pattern, before=f"(?!{_HIDDEN})[^(?:", after=")]"
        )
        options["_exception"] = self._compile_exceptions()
        options["_rules"] = self._compile_rules()
        options["_splitter"] = self._compile_splitter()
        options["_whole_pass"] = self._compile_whole_pass()

    def __call__(self, text: str) -> Spans:
        """Cut one text.

        Args:
            text: The text; Spark NLP gives its Tokenizer one sentence at a time.

        Returns:
            Half-open spans in code points, one a word, none empty. They are in order and apart,
            unless groups in the caller's own patterns lie inside one another.
        """
        if self._whole_pass and not _LINE_END_IN_A_CANDIDATE.search(text):
            spans = [match.span() for match in self._whole_pass.finditer(text)]
        else:
            spans = list(self._find_words(text))
        return keep_lengths(text, spans, min_length=self.min_length, max_length=self.max_length)

    def _find_words(self, text: str) -> Iterator[tuple[int, int]]:
        plain = text.replace(_HIDDEN, _STAND_IN)
        exceptions = {match.span() for match in self._exception.finditer(plain)}
        hidden = self._exception.sub(lambda match: self._separator.sub(_HIDDEN, match[0]), plain)
        for begin, end in _between(self._separator, hidden):
            is_whole = (begin, end) in exceptions or _HIDDEN in hidden[begin:end]
            for first, last in self._divide(text[begin:end], is_whole=is_whole):
                yield begin + first, begin + last

    def _divide(self, candidate: str, *, is_whole: bool) -> Spans:
        """The words of a candidate; it stays whole for an exception, or where no rule matches."""
        for rule in () if is_whole else self._rules:
            if match := rule.search(candidate):
                groups = [group for group in match.regs[1:] if group[0] < group[1]]
                return self._split(candidate, groups) if self._splitter else groups
        return [(0, len(candidate))]

    def _split(self, candidate: str, groups: Spans) -> Spans:
        """The pieces of words between separators, as Java's String.split gives them."""
        assert self._splitter, "asked for only where there is one"
        pieces: list[tuple[int, int]] = []
        for begin, end in groups:
            parts = _between(self._splitter, candidate[begin:end])
            # Java drops empty pieces at the end only: a part behind a separator makes it several.
            are_several = max(parts, default=(0, 0))[0] > 0
            if self.split_pattern is not None and not are_several:
                parts = [(0, end - begin)]
            pieces += [(begin + first, begin + last) for first, last in parts]
        return pieces

    def _compile_exceptions(self) -> regex.Pattern[str]:
        for pattern in self.exceptions:
            java_pattern("exceptions", pattern)  # by itself, so that an error names it
        opening = "(?:" if self.exceptions_case_sensitive else "(?i:"
        alternatives = "|".join(self.exceptions) or "(?!)"
        return java_pattern("exceptions", alternatives, before=opening, after=")")

    def _compile_rules(self) -> tuple[regex.Pattern[str], ...]:
        """A pattern for each infix, with prefix and suffix; its groups are words."""
        context, core = _classes(self.context_chars)
        prefix = rf"\A({context}*)" if self.prefix_pattern is None else self.prefix_pattern
        suffix = rf"({context}*)\z" if self.suffix_pattern is None else self.suffix_pattern
        infixes = self.infix_patterns or (f"({core}(?:.*{core})?)",)
        _check_groups("prefix_pattern", prefix)
        _check_groups("suffix_pattern", suffix)
        for infix in infixes:
            _check_groups("infix_patterns", infix)
        if not prefix.startswith(r"\A"):
            raise OptionError(
                rf"prefix_pattern={prefix!r}: valid is a pattern that starts with \A, such as "
                rf"'\\A([#.]*)'."
            )
        if not suffix.endswith(r"\z"):
            raise OptionError(
                rf"suffix_pattern={suffix!r}: valid is a pattern that ends with \z, such as "
                rf"'([#.]*)\\z'."
            )
        return tuple(
            java_pattern("infix_patterns", infix, before=prefix, after=suffix) for infix in infixes
        )

    def _compile_splitter(self) -> regex.Pattern[str] | None:
        if self.split_pattern is not None:
            return java_pattern("split_pattern", self.split_pattern)
        if not self.split_chars:
            return None
        separator, _ = _classes(item[-1] for item in self.split_chars)
        return java_pattern("split_chars", separator)

    def _compile_whole_pass(self) -> re.Pattern[str] | None:
        """A pattern that finds all words of a text at once; only where context_chars is all."""
        patterns = {self.prefix_pattern, self.suffix_pattern, self.split_pattern}
        strings = {self.exceptions, self.infix_patterns, self.split_chars}
        if patterns != {None} or strings != {()} or self.target_pattern != _DEFAULT_TARGET:
            return None
        peeled = "".join(char for char in self.context_chars if char not in SPACES)
        return peeling_pattern(SPACES, re.escape(peeled))


def _between(separator: regex.Pattern[str], text: str) -> Spans:
    """What lies between the matches of a pattern, empty spans left out."""
    matches = (match.span() for match in separator.finditer(text))
    boundaries = [0, *chain.from_iterable(matches), len(text)]
    spans = zip(boundaries[::2], boundaries[1::2], strict=True)
    return [(begin, end) for begin, end in spans if begin < end]


def _classes(characters: Iterable[str]) -> tuple[str, str]:
    """Patterns for one of some characters, and for any other character."""
    members = "".join(regex.escape(character) for character in characters)
    return (f"[{members}]", f"[^{members}]") if members else ("(?!)", r"[\s\S]")


def _check_groups(option: str, pattern: str) -> None:
    if not java_pattern(option, pattern).groups:
        raise OptionError(
            f"{option}: the pattern {pattern!r} has no group; put what is to be a word in "
            f"parentheses."
        )
