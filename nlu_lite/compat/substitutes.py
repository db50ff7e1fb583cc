"""``load(..., unserved="substitute")``: served references instead of names of NLU that are not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from nlu_lite import registry
from nlu_lite.compat.refusals import Refusal, refusal_of
from nlu_lite.errors import UnservedReferenceError


def put_substitutes(request: str, language: str | None) -> tuple[str, Mapping[str, str]]:
    """A request with substitutes for what is not served, told by one warning.

    Args:
        request: References of NLU separated by spaces.
        language: Of Spark NLP names that several languages share.

    Returns:
        The request that can be loaded, and for each substitute in it the name that it stands for.

    Raises:
        UnservedReferenceError: A name has no substitute that is served.
    """
    stands_for: dict[str, str] = {}
    loaded: dict[str, None] = {}
    refused: list[str] = []
    for name in registry.current().split(request):
        refusal = refusal_of(name, language)
        if refusal is None:
            loaded[name] = None
            continue
        if refusal.is_needless:
            continue
        substitute = _substitute_of(name, language)
        if substitute and substitute not in loaded:
            stands_for[substitute] = name
            loaded[substitute] = None
        else:
            refused.append(_explain(refusal, substitute))
    if refused or not loaded:
        reasons = "\n".join(refused) or "- nothing in it names a model"
        raise UnservedReferenceError(
            f"{request!r} cannot be loaded with substitutes:\n{reasons}\nLeave these names out."
        )
    if stands_for:
        _warn(stands_for)
    return " ".join(loaded), stands_for


def _substitute_of(name: str, language: str | None) -> str:
    record = registry.current().unserved(name, language)
    return record.served_substitute if record else ""


def _explain(refusal: Refusal, substitute: str) -> str:
    """A line about a name that is left without a model."""
    if substitute:
        return f"- {refusal.reference!r}: its substitute {substitute!r} is in the request already."
    return f"- {refusal.reason}"


def _warn(stands_for: Mapping[str, str]) -> None:
    lines = [f"- {substitute!r} for {name!r}" for substitute, name in stands_for.items()]
    warnings.warn(
        "Loaded are substitutes, not the models of NLU; they stand under NLU's column names and "
        "may give other labels:\n" + "\n".join(lines),
        UserWarning,
        stacklevel=4,
    )
