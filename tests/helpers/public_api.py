"""What users may rely on, as text: every public name and its signature. docs/compatibility.md says
what may change when.

python -m tests.helpers.public_api > tests/data/public_api.txt     after a change that is meant, and
named in CHANGELOG.md
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import nlu_lite
import nlu_lite.cli
import nlu_lite.compat
import nlu_lite.errors
import nlu_lite.plot
import nlu_lite.sklearn
import nlu_lite.spark


def lines() -> list[str]:
    """One line a name: functions with parameters and defaults, classes with those of their public
    methods."""
    modules: list[tuple[ModuleType, list[str]]] = [
        (nlu_lite, [*nlu_lite.__all__, "__version__", "plot"]),
        (nlu_lite.compat, nlu_lite.compat.__all__),
        (nlu_lite.plot, ["map", "similarity"]),
        (nlu_lite.spark, nlu_lite.spark.__all__),
        (nlu_lite.sklearn, ["TextEmbedder"]),
        (
            nlu_lite.errors,
            [name for name, kind in vars(nlu_lite.errors).items() if inspect.isclass(kind)],
        ),
    ]
    entries = [
        line for module, names in modules for name in sorted(names) for line in _of(module, name)
    ]
    return list(dict.fromkeys(entries))


def _of(module: ModuleType, name: str) -> Iterator[str]:
    value: Any = getattr(module, name)
    full = f"{module.__name__}.{name}"
    if inspect.isclass(value) and issubclass(value, Exception):
        ancestors = [kind.__name__ for kind in value.__mro__[1:-1] if kind is not Exception]
        yield f"{full} is a {', '.join(ancestors)}"
    elif inspect.isclass(value):
        yield f"{full}{_parameters(value)}"
        for method, function in _members(value):
            if not method.startswith("_"):
                parameters = _parameters(function) if inspect.isfunction(function) else ""
                yield f"{full}.{method}{parameters}"
    elif callable(value):
        yield f"{full}{_parameters(value)}"
    else:
        yield f"{full}: {type(value).__name__}"


def _members(value: type) -> list[tuple[str, Any]]:
    """What a class and its ancestors of this package define."""
    members: dict[str, Any] = {}
    for kind in reversed(value.__mro__):
        if kind.__module__.startswith("nlu_lite"):
            members |= vars(kind)
    return sorted(members.items())


def _parameters(function: Any) -> str:
    signature = inspect.signature(function)
    # Annotations may become wider, and the ways to write them differ.
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty, default=_named(parameter.default))
        for parameter in signature.parameters.values()
        if parameter.name != "unknown"
    ]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def _named(default: Any) -> Any:
    """A file of the package by its name, wherever it lies."""
    return default.name if isinstance(default, Path) else default


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
