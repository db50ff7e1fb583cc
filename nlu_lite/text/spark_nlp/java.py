r"""What Spark NLP takes from Java: patterns and lengths of strings; and checks of such parameters.

Java's patterns differ from Python's in a few places that users meet: ``\w``, ``\d`` and ``\s`` are
ASCII, the dot stops at five line terminators, and a character class may hold another one. Its
strings count a character beyond U+FFFF, such as an emoji, as two.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import regex

from nlu_lite.common import whole_number
from nlu_lite.errors import OptionError
from nlu_lite.options import Spans

# What Java's dot does not match.
LINE_ENDS = "\n\r\x85\u2028\u2029"
SPACES = " \t\n\x0b\f\r"

_LETTERS = {
    r"\s": f"[{SPACES}]",
    r"\S": f"[^{SPACES}]",
    r"\w": r"[A-Za-z0-9_]",
    r"\W": r"[^A-Za-z0-9_]",
    r"\d": r"[0-9]",
    r"\D": r"[^0-9]",
}
_OUTSIDE_CLASSES = _LETTERS | {
    r"\z": r"\Z",
    r"\Z": rf"(?=(?:\r\n|[{LINE_ENDS}])?\Z)",
    ".": f"[^{LINE_ENDS}]",
}
_TOKEN = re.compile(r"\\Q(?P<literal>.*?)(?:\\E|\Z)|\\.|\[\^?\]?|\]|\.", re.DOTALL)
_DOT_MATCHES_ALL = re.compile(r"\(\?[a-z]*s[a-z]*[:)-]")


def java_pattern(
    option: str, source: str, *, before: str = "", after: str = ""
) -> regex.Pattern[str]:
    r"""Compile a Java pattern so that it matches here what it matches there.

    Args:
        option: Name of the option that the pattern was given for; the error names it.
        source: The pattern; ignoring case concerns ASCII letters only, as in Java, unless it holds
            ``\p``.
        before: What comes before it in the whole pattern.
        after: What comes after it in the whole pattern.

    Raises:
        OptionError: The pattern is no string or cannot be compiled.

    Examples:
        >>> java_pattern("split_pattern", r"\w+").findall("été")
        ['t']
    """
    if not isinstance(source, str):
        raise OptionError(f"{option}: the pattern {source!r} is no string.")
    whole = before + source + after
    # With the ASCII flag \p{L} means ASCII letters; without it ignoring case joins the long s to s.
    flags = regex.UNICODE if re.search(r"\\[pP]", whole) else regex.ASCII
    try:
        return regex.compile(_translate(whole), regex.V1 | flags)
    except regex.error as error:
        raise OptionError(
            f"{option}: the pattern {source!r} cannot be compiled ({error}). Valid is a regular "
            f"expression; put a backslash before a sign that is meant literally."
        ) from error


def _translate(source: str) -> str:
    """Rewrite the few parts of a Java pattern that the regex package reads otherwise."""
    outside = dict(_OUTSIDE_CLASSES)
    if _DOT_MATCHES_ALL.search(source):
        del outside["."]
    depth = 0

    def rewrite(match: re.Match[str]) -> str:
        nonlocal depth
        token = match[0]
        if token.startswith(r"\Q"):
            return regex.escape(match["literal"])
        depth = max(depth + {"[": 1, "]": -1}.get(token[0], 0), 0)
        return (_LETTERS if depth else outside).get(token, token)

    return _TOKEN.sub(rewrite, source)


def check_strings(
    option: str,
    value: Iterable[str],
    *,
    shape: str = ".+",
    valid: str = "strings that are not empty",
) -> tuple[str, ...]:
    """An option that holds several strings as a tuple.

    Args:
        option: Name of the option.
        value: What the caller gave.
        shape: Pattern that every string has to match as a whole.
        valid: What that means, for the message.

    Raises:
        OptionError: It is one string, or not all are strings of the shape.
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise OptionError(
            f"{option}={value!r}: give a list or tuple of strings, for example {option}=[...]."
        )
    strings = tuple(value)
    for item in strings:
        if not isinstance(item, str) or not re.fullmatch(shape, item, re.DOTALL):
            raise OptionError(f"{option} holds {item!r}; valid are {valid}.")
    return strings


def check_lengths(min_length: int, max_length: int | None) -> None:
    """Raise OptionError unless some length lies between the two."""
    whole_number(0)("max_length", max_length)
    if whole_number(0)("min_length", min_length) is None:
        raise OptionError("min_length is None; valid are whole numbers from 0.")
    if max_length is not None and max_length < min_length:
        raise OptionError(
            f"max_length={max_length} is below min_length={min_length}, which would drop "
            f"everything; valid is a max_length of at least min_length, or None."
        )


def utf16_length(text: str) -> int:
    """The length of a text as Java counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def keep_lengths(text: str, spans: Spans, *, min_length: int, max_length: int | None) -> Spans:
    """The spans of a text whose length in UTF-16 units is allowed.

    Examples:
        >>> keep_lengths("a bcd", [(0, 1), (2, 5)], min_length=2, max_length=None)
        [(2, 5)]
    """
    if min_length <= 1 and max_length is None:
        return spans
    longest = math.inf if max_length is None else max_length
    return [
        (begin, end)
        for begin, end in spans
        if min_length <= utf16_length(text[begin:end]) <= longest
    ]
