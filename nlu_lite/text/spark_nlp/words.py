"""Words as Spark NLP's Tokenizer cuts them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import regex

from nlu_lite.errors import OptionError
from nlu_lite.text.spark_nlp.parameters import (
    LINE_ENDS,
    char_class_members,
    check_flag,
    check_length_range,
    java_pattern,
    strings_option,
    within_lengths,
)

_CONTEXT_CHARS = (".", ",", ";", ":", "!", "?", "*", "-", "(", ")", '"', "'")
_SPACES = " \t\n\x0b\f\r"
_DEFAULT_TARGET = r"\S+"
_LINE_END = re.compile(f"[{LINE_ENDS}]")
_LINE_END_IN_A_CANDIDATE = re.compile(
    "[\x85\u2028\u2029]"
)  # the ones that are not ASCII white space

_Span = tuple[int, int]


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

    context_chars: Sequence[str] = _CONTEXT_CHARS
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

    _one_pass: re.Pattern[str] | None = field(init=False, repr=False, compare=False)
    _separator: regex.Pattern[str] = field(init=False, repr=False, compare=False)
    _exception: regex.Pattern[str] | None = field(init=False, repr=False, compare=False)
    _rules: tuple[regex.Pattern[str], ...] = field(init=False, repr=False, compare=False)
    _splitter: regex.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        def put(name: str, value: object) -> None:
            object.__setattr__(self, name, value)  # the dataclass module's own way round `frozen`

        put("context_chars", _context(self.context_chars))
        put("exceptions", strings_option("exceptions", self.exceptions))
        put("infix_patterns", strings_option("infix_patterns", self.infix_patterns))
        put("split_chars", _split_characters(self.split_chars))
        check_flag("exceptions_case_sensitive", self.exceptions_case_sensitive)
        check_length_range(self.min_length, self.max_length)
        put(
            "_separator",
            java_pattern("target_pattern", self.target_pattern, before="[^(?:", after=")]"),
        )
        put(
            "_exception", _exception(self.exceptions, case_sensitive=self.exceptions_case_sensitive)
        )
        put("_rules", self._compiled_rules())
        put("_splitter", self._compiled_splitter())
        default = (
            not (self._exception or self._rules or self._splitter)
            and self.target_pattern == _DEFAULT_TARGET
        )
        put("_one_pass", _one_pass(self.context_chars) if default else None)

    def __call__(self, text: str) -> list[tuple[int, int]]:
        """Cut one text.

        Args:
            text: The text; Spark NLP gives its Tokenizer one sentence at a time.

        Returns:
            Half-open spans in code points, one a word, none empty. They are in order and apart,
            unless groups in the caller's own patterns lie inside one another.
        """
        if self._one_pass is not None and (
            text.isascii() or not _LINE_END_IN_A_CANDIDATE.search(text)
        ):
            spans = [match.span() for match in self._one_pass.finditer(text)]
        else:
            spans = [
                span
                for begin, end, whole in self._candidates(text)
                for span in self._words(text, begin, end, whole)
            ]
        return within_lengths(text, spans, min_length=self.min_length, max_length=self.max_length)

    def _compiled_rules(self) -> tuple[regex.Pattern[str], ...]:
        """Compile prefix + infix + suffix for each infix; nothing if context characters are all there is."""
        prefix, suffix, infixes = self.prefix_pattern, self.suffix_pattern, self.infix_patterns
        if prefix is None and suffix is None and not infixes:
            return ()
        members = char_class_members("".join(self.context_chars))
        context, other = (f"[{members}]", f"[^{members}]") if members else ("(?!)", r"[\s\S]")
        for option, pattern in (("prefix_pattern", prefix), ("suffix_pattern", suffix)):
            if pattern is not None:
                _check_groups(option, pattern)
        for pattern in infixes:
            _check_groups("infix_patterns", pattern)
        if prefix is not None and not prefix.startswith(r"\A"):
            raise OptionError(
                rf"prefix_pattern={prefix!r}: valid is a pattern that starts with \A, such as "
                rf"'\\A([#.]*)'."
            )
        if suffix is not None and not suffix.endswith(r"\z"):
            raise OptionError(
                rf"suffix_pattern={suffix!r}: valid is a pattern that ends with \z, such as "
                rf"'([#.]*)\\z'."
            )
        before = rf"\A({context}*)" if prefix is None else prefix
        after = rf"({context}*)\z" if suffix is None else suffix
        between = infixes or (f"({other}(?:.*{other})?)",)
        return tuple(
            java_pattern("infix_patterns", infix, before=before, after=after) for infix in between
        )

    def _compiled_splitter(self) -> regex.Pattern[str] | None:
        if self.split_pattern is not None:
            return java_pattern("split_pattern", self.split_pattern)
        if self.split_chars:
            members = char_class_members("".join(item[-1] for item in self.split_chars))
            return java_pattern("split_chars", f"[{members}]")
        return None

    def _candidates(self, text: str) -> Iterator[tuple[int, int, bool]]:
        """Yield begin and end of each candidate, and whether an exception keeps it whole."""
        matches = (
            [match.span() for match in self._exception.finditer(text)] if self._exception else []
        )
        kept = set(matches)
        following = iter(matches)
        exception = next(following, None)
        begin, whole = 0, False
        for separator in self._separator.finditer(text):
            at, after = separator.span()
            while exception is not None and exception[1] <= at:
                exception = next(following, None)
            if exception is not None and exception[0] <= at:
                whole = True
                continue
            if begin < at:
                yield begin, at, whole or (begin, at) in kept
            begin, whole = after, False
        if begin < len(text):
            yield begin, len(text), whole or (begin, len(text)) in kept

    def _words(self, text: str, begin: int, end: int, whole: bool) -> Iterator[_Span]:
        """Yield the words of one candidate."""
        groups = None if whole else self._groups(text[begin:end])
        if groups is None:
            yield begin, end
            return
        for group_begin, group_end in groups:
            for first, last in self._pieces(text[begin + group_begin : begin + group_end]):
                yield begin + group_begin + first, begin + group_begin + last

    def _groups(self, candidate: str) -> list[_Span] | None:
        """Divide a candidate into prefix, middle and suffix; None where no rule matches it."""
        if not self._rules:
            return _peeled(candidate, "".join(self.context_chars))
        for rule in self._rules:
            if match := rule.search(candidate):
                return [match.span(group) for group in range(1, rule.groups + 1) if match[group]]
        return None

    def _pieces(self, word: str) -> list[_Span]:
        """Cut a word at the separators of split_pattern or split_chars, as Java's String.split does."""
        if not word or self._splitter is None:
            return [(0, len(word))] if word else []
        # Java gives no empty piece before an empty match at the very start.
        cuts = [match.span() for match in self._splitter.finditer(word) if match.end() > 0]
        begins, ends = [0, *(end for _, end in cuts)], [*(begin for begin, _ in cuts), len(word)]
        pieces = list(zip(begins, ends, strict=True))
        filled = [(begin, end) for begin, end in pieces if begin < end]
        # Java drops empty pieces at the end of the list only, so what counts as several is told by
        # the later ones.
        if self.split_pattern is not None and filled in ([], pieces[:1]):
            return [(0, len(word))]
        return filled


def _one_pass(context_chars: Sequence[str]) -> re.Pattern[str]:
    """Build one pattern for the default rules, each of whose matches is a word; linear in the length of the text.

    The second branch runs from the first to the last other character of a candidate, so the first
    branch meets context characters at the two ends only. The branches start with different
    characters, and the only way back is from the end of a candidate over its trailing context
    characters.
    """
    members = char_class_members(
        "".join(character for character in context_chars if character not in _SPACES)
    )
    other = rf"[^\s{members}](?:\S*[^\s{members}])?"
    return re.compile(f"[{members}]+|{other}" if members else r"\S+", re.ASCII)


def _peeled(candidate: str, context: str) -> list[_Span] | None:
    """Divide a candidate into leading context characters, the rest and trailing ones; None where there is no rest."""
    begin, end = len(candidate) - len(candidate.lstrip(context)), len(candidate.rstrip(context))
    # The pattern behind this rule has Java's dot between the first and the last character of the
    # rest.
    if begin >= end or _LINE_END.search(candidate, begin + 1, end - 1):
        return None
    return [span for span in ((0, begin), (begin, end), (end, len(candidate))) if span[0] < span[1]]


def _context(value: Sequence[str]) -> tuple[str, ...]:
    characters = tuple(value) if isinstance(value, str) else strings_option("context_chars", value)
    for character in characters:
        if len(character) != 1:
            raise OptionError(
                f"context_chars holds {character!r}; valid are single characters, or one string of "
                f"them."
            )
    return characters


def _split_characters(value: Sequence[str]) -> tuple[str, ...]:
    characters = strings_option("split_chars", value)
    for item in characters:
        if len(item) != 1 and not (len(item) == 2 and item[0] == "\\"):
            raise OptionError(
                f"split_chars holds {item!r}; valid are single characters, each with or without a "
                f"backslash before it. "
                "Give longer separators as split_pattern."
            )
    return characters


def _exception(patterns: Sequence[str], *, case_sensitive: bool) -> regex.Pattern[str] | None:
    """Join the exceptions, the earlier ones going first; each is tried by itself so that an error names it."""
    for pattern in patterns:
        java_pattern("exceptions", pattern)
    joined = "|".join(pattern if case_sensitive else f"(?i:{pattern})" for pattern in patterns)
    return java_pattern("exceptions", joined) if patterns else None


def _check_groups(option: str, pattern: str) -> None:
    if not java_pattern(option, pattern).groups:
        raise OptionError(
            f"{option}: the pattern {pattern!r} has no group; put what is to be a word in "
            f"parentheses."
        )
