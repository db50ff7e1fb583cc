"""What NLU can be asked for and this package does not do: parameters without effect or refused."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NoReturn

from nlu_lite.compat.facts import Fact, Facts
from nlu_lite.errors import NotServedError, OptionError


def refuse(values: Mapping[str, Any], facts: Facts, *, where: str) -> None:
    """Raise for a parameter that asks for what is not possible.

    Args:
        values: Parameter -> value.
        facts: What becomes of each.
        where: The function, for the message.

    Raises:
        OptionError: A parameter that is refused has another value than its default.
    """
    for fact in _changed(values, facts, "refused"):
        if values[fact.name]:
            raise OptionError(
                f"{where}: {fact.name}={values[fact.name]!r} is not possible: {fact.advice}. "
                f"Leave {fact.name} out."
            )


def warn_ignored(
    values: Mapping[str, Any], facts: Facts, *, where: str, more: Mapping[str, str] | None = None
) -> None:
    """Warn, once for all of them, of parameters that change nothing.

    Args:
        values: Parameter -> value.
        facts: What becomes of each.
        where: The function, for the message.
        more: Further parameters with less effect than in NLU, and what is different.
    """
    reasons = [
        f"{fact.name} has no effect: {fact.advice}" for fact in _changed(values, facts, "no effect")
    ]
    reasons += [f"{name}: {difference}" for name, difference in (more or {}).items()]
    if reasons:
        warnings.warn(
            f"{where} is not NLU's in this: {'; '.join(reasons)}.", UserWarning, stacklevel=3
        )


def _changed(values: Mapping[str, Any], facts: Facts, outcome: str) -> list[Fact]:
    """The facts with an outcome whose parameter has another value than its default."""
    changed = [facts[name] for name, value in values.items() if value != facts[name].default]
    return [fact for fact in changed if fact.outcome == outcome]


def not_served(name: str, reason: str) -> NoReturn:
    """Raise for a function that is not here.

    Raises:
        NotServedError: Always.
    """
    raise NotServedError(f"NLU's {name} is not served: {reason}.")
