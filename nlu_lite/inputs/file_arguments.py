"""How files of text are read: what the caller may say of them, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from nlu_lite.errors import OptionError, brief
from nlu_lite.inputs.decoding import check_encoding

NONE = "none"
# What people can type where the sign itself is hard to type.
_TYPED = {"\\t": "\t", "tab": "\t"}


@dataclass(frozen=True, kw_only=True)
class FileArguments:
    """How files of text are read.

    Attributes:
        delimiter: Of CSV: the sign between two cells, such as ``;``. Without it a comma, in
            ``.tsv`` a tab.
        quoting: Of CSV: the sign before and after a cell that holds delimiters or line breaks;
            without it ``"``. ``none``: every quote is a part of the text.
        escape: Of CSV: the sign before a quote or a line break that is part of the text, for files
            of Spark and of databases the backslash. Without it, or with ``none``, such a sign is
            part of the text itself.
        encoding: Of all but Parquet: Python's name of the encoding, such as ``utf-16`` or
            ``cp1252``; without it UTF-8.
    """

    delimiter: str | None = None
    quoting: str | None = None
    escape: str | None = None
    encoding: str | None = None


NAMES = tuple(field.name for field in fields(FileArguments))


def given_of(arguments: FileArguments) -> dict[str, Any]:
    """The arguments that are given, checked; signs as the signs they are.

    Args:
        arguments: Those, among which there may be others.

    Raises:
        OptionError: A value outside what is valid.
    """
    values = asdict(FileArguments(**{name: getattr(arguments, name) for name in NAMES}))
    given = {name: value for name, value in values.items() if value is not None}
    for name, value in given.items():
        if name != "encoding":
            given[name] = _sign(name, value)
    check_encoding(given.get("encoding"))
    return given


def refuse_arguments(given: Mapping[str, Any], valid: tuple[str, ...], kind: str) -> None:
    """Raise for arguments that say nothing about an input.

    Args:
        given: From ``given_of``.
        valid: Those that say something about it.
        kind: What the input is, for the message.

    Raises:
        OptionError: One is not valid.
    """
    if wrong := {name: value for name, value in given.items() if name not in valid}:
        raise OptionError(
            f"{_shown(wrong)} says how a file of text is read, and the input is {kind}; leave it "
            f"out. delimiter, quoting and escape are for CSV and TSV, encoding for all files but "
            f"Parquet."
        )


def _sign(name: str, value: Any) -> str:  # noqa: ANN401 - whatever the caller gave
    sign = _TYPED.get(value, value) if isinstance(value, str) else value
    is_sign = isinstance(sign, str) and len(sign) == 1 and sign not in "\r\n"
    if is_sign or (sign == NONE and name != "delimiter"):
        return str(sign)
    more = "" if name == "delimiter" else f', or "{NONE}"'
    raise OptionError(f"{name} is {brief(value)}; valid is one sign{more}.")


def _shown(given: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={brief(value)}" for name, value in given.items())
