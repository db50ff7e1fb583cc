"""Bytes of a file -> its text, in the encoding that is asked for, or UTF-8."""

from __future__ import annotations

import codecs
import contextlib
import io
import re
from collections.abc import Callable, Iterator
from typing import IO, TextIO

from nlu_lite.errors import InputValueError, OptionError, brief

Open = Callable[[str], IO[bytes]]
BOM = "\ufeff"
# What bytes that are no text in the encoding become on reading.
_UNREADABLE = re.compile("[\udc80-\udcff]")
# The mark at the begin of a file -> the encoding that it stands for, and its names in Python. That
# of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", {"utf-32", "utf-32-le"}),
    (codecs.BOM_UTF32_BE, "utf-32", {"utf-32", "utf-32-be"}),
    (codecs.BOM_UTF16_LE, "utf-16", {"utf-16", "utf-16-le"}),
    (codecs.BOM_UTF16_BE, "utf-16", {"utf-16", "utf-16-be"}),
    (codecs.BOM_UTF8, "utf-8", {"utf-8", "utf-8-sig"}),
)
_PEEKED_BYTES = 64
WESTERN = 'encoding="cp1252" or "latin-1" reads files of Western Europe'


def check_encoding(encoding: object) -> None:
    """Raise for what is no encoding of text that Python knows.

    Raises:
        OptionError: With examples of what is valid.
    """
    if encoding is None:
        return
    try:
        # A codec of bytes, such as base64, is found too, and does not decode to text.
        b"a".decode(encoding)  # type: ignore[arg-type]  # whatever the caller gave
    except UnicodeDecodeError:  # of an encoding with two bytes or more a sign
        return
    except (LookupError, TypeError, ValueError) as error:
        raise OptionError(
            f"encoding is {brief(encoding)}; valid are Python's names of encodings, such as "
            f'"utf-8", "utf-16", "cp1252", "latin-1", "cp932" ({error}).'
        ) from error


@contextlib.contextmanager
def open_text(
    name: str, open_file: Open, encoding: str | None, *, newline: str
) -> Iterator[TextIO]:
    """A file as text, without the mark at its begin; what is no text there becomes surrogates.

    Args:
        name: Of the file.
        open_file: From the name to the file's bytes.
        encoding: Python's name of it; None for UTF-8.
        newline: As for ``open``.

    Raises:
        InputValueError: The file begins like one in another encoding.
    """
    with open_file(name) as file:
        peekable = file if hasattr(file, "peek") else io.BufferedReader(file)  # type: ignore[type-var]
        _check_begin(name, peekable.peek(_PEEKED_BYTES)[:_PEEKED_BYTES], encoding)
        yield io.TextIOWrapper(
            peekable,
            encoding=encoding or "utf-8",
            errors="surrogateescape",
            newline=newline,
        )


def is_readable(text: str) -> bool:
    """Whether all bytes of a text were text in the encoding."""
    return text.isascii() or not _UNREADABLE.search(text)


def describe_unreadable(encoding: str | None) -> str:
    """What is wrong with bytes that are no text in the encoding, and what reads them."""
    if encoding is None:
        return f"is not UTF-8; {WESTERN}"
    return f"is not in the encoding {encoding}; say another one by encoding="


def _check_begin(name: str, begin: bytes, encoding: str | None) -> None:
    canonical = "utf-8" if encoding is None else codecs.lookup(encoding).name
    expectation = (
        "UTF-8, which is read where encoding= says nothing" if encoding is None else encoding
    )
    for mark, meant, accepted in _MARKS:
        if begin.startswith(mark):
            if canonical not in accepted:
                raise InputValueError(
                    f"{name} is not in {expectation}: it begins with the mark of {meant.upper()} "
                    f'({mark.hex(" ").upper()}). Say encoding="{meant}".'
                )
            return
    unmarked = _unmarked_encoding(begin)
    if canonical in ("utf-8", "utf-8-sig") and unmarked is not None:
        raise InputValueError(
            f"{name} is not in {expectation}: every other byte at its begin is zero, as in UTF-16. "
            f'Say encoding="{unmarked}".'
        )


def _unmarked_encoding(begin: bytes) -> str | None:
    """The encoding of Latin letters with two bytes each, where no mark says so."""
    even, odd = begin[0::2], begin[1::2]
    if len(odd) < 2 or (any(even) and any(odd)) or not begin.strip(b"\0"):
        return None
    return "utf-16-be" if any(odd) else "utf-16-le"
