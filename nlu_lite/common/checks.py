"""Checks of values that callers give; each raises what is valid, or gives the value back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nlu_lite.errors import OptionError, brief

# Larger than any length of text; what is counted in pieces or numbers must fit the machine's own.
MOST_UNITS = 1_000_000_000
Check = Callable[[str, Any], Any]


def check_flag(name: str, value: object, *, or_none: bool = False) -> None:
    """Raise for a value that is neither True nor False.

    Args:
        name: Of the option.
        value: As given.
        or_none: Whether None is valid too.

    Raises:
        OptionError: It is something else.
    """
    if isinstance(value, (bool, np.bool_)) or (or_none and value is None):
        return
    valid = "True, False and None" if or_none else "True and False"
    raise OptionError(f"{name} is {brief(value)}; valid are {valid}.")


def flag(name: str, value: object) -> object:
    """True or False, and nothing that merely counts as one of them."""
    if isinstance(value, bool):
        return value
    raise OptionError(f"{name} is {brief(value)}; valid are True and False.")


def choice(valid: Sequence[str], *, or_function: bool = False, or_none: bool = False) -> Check:
    """A check for one of some words.

    Args:
        valid: The words.
        or_function: Whether a function is valid too.
        or_none: Whether None is.
    """
    listed = ", ".join([*map(repr, valid), *(["None"] if or_none else [])])
    function = " or a function from a text to its (begin, end) spans" if or_function else ""

    def check(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever the caller gave
        if isinstance(value, str) and value in valid:
            return value
        if (or_none and value is None) or (or_function and callable(value)):
            return value
        raise OptionError(f"{name} is {brief(value)}; valid are {listed}{function}.")

    return check


def whole_number(minimum: int) -> Check:
    """A check for a whole number from a minimum on, or None."""

    def check(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever the caller gave
        if value is None or (is_whole_number(value) and minimum <= int(value) <= MOST_UNITS):
            return value
        raise OptionError(
            f"{name} is {brief(value)}; valid are whole numbers from {minimum} to {MOST_UNITS:,}, "
            f"or None."
        )

    return check


def of_type(kind: type, described: str) -> Check:
    """A check for a value of one type, or None."""

    def check(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever the caller gave
        if value is None or isinstance(value, kind):
            return value
        raise OptionError(f"{name} is {brief(value)}; valid is {described}.")

    return check


def is_whole_number(value: object) -> bool:
    """Whether a value is a whole number; a truth value is none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
