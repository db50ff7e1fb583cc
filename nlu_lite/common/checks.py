"""Checks of values that several rooms take."""

from __future__ import annotations

import numpy as np

from nlu_lite.errors import OptionError, brief


def check_flag(name: str, value: object, *, or_none: bool = False) -> None:
    """Raise for a value that is neither True nor False.

    Args:
        name: The option's, for the message.
        value: What the caller gave.
        or_none: Whether None is valid too.

    Raises:
        OptionError: It is something else.
    """
    if isinstance(value, (bool, np.bool_)) or (or_none and value is None):
        return
    valid = "True, False and None" if or_none else "True and False"
    raise OptionError(f"{name} is {brief(value)}; valid are {valid}.")
