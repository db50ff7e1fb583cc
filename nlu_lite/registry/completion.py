"""References that Tab completes between the quotes of a call, in IPython and Jupyter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

from nlu_lite.errors import RegistryError
from nlu_lite.registry.active import current

PACKAGE = "nlu_lite"
# The functions whose first argument is a request.
CALLS = frozenset({"load", "verify", "finetune", "distil"})
# A call up to the cursor: the quote of its first argument is open.
_OPEN_CALL = re.compile(
    r"(?:^|[^\w.])(?P<call>[A-Za-z_][\w.]*)\(\s*"
    r"(?:(?:request|ref|student)\s*=\s*)?(?P<quote>[\"'])(?P<typed>[^\"'\n]*)$"
)


def complete_reference(code: str, names: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The references that continue what stands between the quotes of ``nlu.load("...``.

    Args:
        code: Of the cell, up to the cursor.
        names: What the user's own names are bound to.

    Returns:
        The begin of a reference that was typed (of several the last), and the references that begin
        so; none where the cursor is somewhere else.

    Example:
        >>> import nlu_lite as nlu
        >>> complete_reference('nlu.load("en.embed.minilm', {"nlu": nlu})
        ('en.embed.minilm', ['en.embed.minilm_l6'])
    """
    opened = _OPEN_CALL.search(code)
    if opened is None or not _takes_request(opened["call"], names):
        return "", []
    typed = opened["typed"].rpartition(" ")[2]
    try:
        references = current().references
    except RegistryError:  # load says what is wrong with a registry file
        return "", []
    return typed, [reference for reference in references if reference.startswith(typed)]


def _takes_request(call: str, names: Mapping[str, Any]) -> bool:
    """Whether a call is one of ours; nothing of the user's is run to find out."""
    first, *attributes = call.split(".")
    value = names.get(first)
    if isinstance(value, ModuleType):
        return _is_ours(value.__name__) and not CALLS.isdisjoint(attributes[-1:])
    if isinstance(value, FunctionType) and not attributes:
        return _is_ours(value.__module__) and value.__name__ in CALLS
    return False


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE
