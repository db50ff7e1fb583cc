r"""What the two Spark NLP segmenters share: checks of their options, Java's patterns, Java's string lengths.

Spark NLP runs on Java, and its patterns are Java patterns. They differ from Python's in a few
places that users meet: ``\w``, ``\d`` and ``\s`` are ASCII, the dot stops at five line terminators,
and a character class may hold another one.
"""

from __future__ import annotations

from collections.abc import Iterable

import regex

from nlu_lite.errors import OptionError

LINE_ENDS = "\n\r\x85\u2028\u2029"
"""The characters that Java's dot does not match."""

_JAVA_ANYWHERE = {
    r"\s": r"[ \t\n\x0b\f\r]",
    r"\S": r"[^ \t\n\x0b\f\r]",
    r"\w": r"[A-Za-z0-9_]",
    r"\W": r"[^A-Za-z0-9_]",
    r"\d": r"[0-9]",
    r"\D": r"[^0-9]",
}
_JAVA_OUTSIDE_CLASSES = _JAVA_ANYWHERE | {
    r"\z": r"\Z",
    r"\Z": r"(?=(?:\r\n|[\n\r\x85\u2028\u2029])?\Z)",
    ".": r"[^\n\r\x85\u2028\u2029]",
}
_PIECE = regex.compile(r"\\Q(?P<literal>.*?)(?:\\E|\Z)|\\.|\[\^?\]?|\]|\.", regex.DOTALL)
_DOTALL = regex.compile(r"\(\?[a-z]*s[a-z]*[:)-]")


def java_pattern(
    option: str, source: str, *, before: str = "", after: str = ""
) -> regex.Pattern[str]:
    r"""Compile a Java pattern so that it matches here what it matches there.

    Args:
        option: Name of the option that the pattern was given for; the error names it.
        source: The pattern as it would be written for ``java.util.regex``.
        before: What comes before it in the whole pattern.
        after: What comes after it in the whole pattern.

    Returns:
        The compiled pattern. Ignoring case concerns ASCII letters only, as in Java, unless the
        pattern holds ``\p``.

    Raises:
        OptionError: The pattern is no string or cannot be compiled.

    Examples:
        >>> java_pattern("split_pattern", r"\w+").findall("été")
        ['t']
    """
    fault = "it is no string"
    if isinstance(source, str):
        whole = before + source + after
        # The flag would make \p{L} mean ASCII letters; without it ignoring case would join the long
        # s to s.
        characters = regex.UNICODE if r"\p" in whole or r"\P" in whole else regex.ASCII
        try:
            return regex.compile(_translated(whole), regex.V1 | characters)
        except regex.error as error:
            fault = str(error)
    raise OptionError(
        f"{option}: the pattern {source!r} cannot be compiled ({fault}). "
        "Valid is a regular expression; put a backslash before a sign that is meant literally."
    )


def _translated(source: str) -> str:
    """Rewrite the few pieces of a Java pattern that the regex package reads otherwise."""
    outside = dict(_JAVA_OUTSIDE_CLASSES)
    if _DOTALL.search(source):
        del outside["."]
    depth = 0

    def rewritten(piece: regex.Match[str]) -> str:
        nonlocal depth
        text = piece[0]
        if text.startswith(r"\Q"):
            return char_class_members(piece["literal"])
        if text.startswith("["):
            depth += 1
        elif text == "]":
            depth = max(depth - 1, 0)
        return (_JAVA_ANYWHERE if depth else outside).get(text, text)

    return _PIECE.sub(rewritten, source)


def char_class_members(characters: str) -> str:
    """Escape each character, so that none means anything in a pattern or between the brackets of a class."""
    return "".join(rf"\U{ord(character):08x}" for character in characters)


def strings_option(option: str, value: Iterable[str]) -> tuple[str, ...]:
    """Turn an option that holds several strings into a tuple of non-empty strings.

    Args:
        option: Name of the option.
        value: What the caller gave.

    Returns:
        The strings in their order.

    Raises:
        OptionError: It is one string, whose characters would be taken one by one, or not all are
            strings.

    Examples:
        >>> strings_option("exceptions", ["New York"])
        ('New York',)
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise OptionError(
            f"{option}={value!r}: give a list or tuple of strings, for example {option}=[...]."
        )
    strings = tuple(value)
    for item in strings:
        if not isinstance(item, str) or not item:
            raise OptionError(f"{option} holds {item!r}; valid are strings that are not empty.")
    return strings


def check_flag(option: str, value: object) -> None:
    """Raise OptionError unless the value is True or False."""
    if not isinstance(value, bool):
        raise OptionError(f"{option}={value!r}: valid are True and False.")


def check_length(option: str, value: object, *, least: int, may_be_none: bool) -> None:
    """Raise OptionError unless the value is a whole number of at least ``least``, or None where that is allowed."""
    if value is None and may_be_none:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        none = " or None" if may_be_none else ""
        raise OptionError(f"{option}={value!r}: valid is a whole number of {least} or more{none}.")


def check_length_range(min_length: object, max_length: object) -> None:
    """Raise OptionError unless the two lengths are valid and some length lies between them."""
    check_length("min_length", min_length, least=0, may_be_none=False)
    check_length("max_length", max_length, least=0, may_be_none=True)
    if isinstance(min_length, int) and isinstance(max_length, int) and max_length < min_length:
        raise OptionError(
            f"max_length={max_length} is below min_length={min_length}, which would drop "
            f"everything; "
            "valid is a max_length of at least min_length, or None."
        )


def utf16_length(text: str) -> int:
    """Count as Java does: a character beyond U+FFFF, such as an emoji, counts two."""
    return len(text) + (0 if text.isascii() else sum(character > "\uffff" for character in text))


def within_lengths(
    text: str, spans: list[tuple[int, int]], *, min_length: int, max_length: int | None
) -> list[tuple[int, int]]:
    """Keep the spans whose text has an allowed length.

    Args:
        text: The text that the spans lie in.
        spans: Half-open spans in code points, none empty.
        min_length: Shortest length that stays, in UTF-16 units.
        max_length: Longest length that stays, in UTF-16 units; None for no limit.

    Returns:
        The spans that stay, in their order.

    Examples:
        >>> within_lengths("a bcd", [(0, 1), (2, 5)], min_length=2, max_length=None)
        [(2, 5)]
    """
    if min_length <= 1 and max_length is None:
        return spans
    longest = float("inf") if max_length is None else max_length
    return [
        (begin, end)
        for begin, end in spans
        if min_length <= utf16_length(text[begin:end]) <= longest
    ]
