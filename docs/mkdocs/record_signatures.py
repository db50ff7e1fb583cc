"""What the reference shows of functions that take a record: the record's fields as parameters.

Such a function is decorated with one of ``nlu_lite.common``: ``takes``, ``method_takes`` or
``owner_takes``. At run time its signature and docstring list the record's fields. The reference is
made from the source text, which is not run, so the same is done here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from griffe import (
    Alias,
    Class,
    Extension,
    Function,
    Module,
    Parameter,
    ParameterKind,
    Parameters,
)

from nlu_lite.common.signatures import described_attributes, with_arguments

DECORATOR = re.compile(r"(?:method_takes|owner_takes|takes)\((?P<record>\w+)\)")
# The house writes `Example:`, which griffe would take for a note.
EXAMPLE = re.compile(r"^Example:$", re.MULTILINE)


# What a method writes of the argument that takes unknown options only to refuse them.
REFUSED = re.compile(r"^ +\*\*unknown: Refused\.\n?", re.MULTILINE)


class RecordSignatures(Extension):
    """Give functions of a record the parameters and the descriptions of its fields."""

    def on_package(self, *, pkg: Module, **_: Any) -> None:  # noqa: ANN401 - griffe calls it
        """Change the functions and docstrings of a package that was read."""
        errors = [item for item in _objects(pkg["errors"]) if item.is_class]
        for item in list(_objects(pkg)):
            if item.is_function:
                _show_arguments(item)
            if item.is_module:
                _know(item, errors)
            if item.docstring is not None:
                text = REFUSED.sub("", item.docstring.value)
                item.docstring.value = EXAMPLE.sub("Examples:", text)


def _objects(parent: Module | Class) -> Iterator[Any]:
    """A module or class and what it defines; what it imports is left out."""
    yield parent
    for member in parent.members.values():
        if member.is_alias:
            continue
        if member.is_module or member.is_class:
            yield from _objects(member)
        else:
            yield member


def _know(module: Module, classes: list[Class]) -> None:
    """Make classes known to a module that mentions them in docstrings, to link them."""
    for known in classes:
        if known.name not in module.members:
            module.set_member(known.name, Alias(known.name, known.path))


def _show_arguments(function: Function) -> None:
    """Leave out what a function takes only to refuse it, and expand the record that it takes."""
    kept = [parameter for parameter in function.parameters if parameter.name != "unknown"]
    function.parameters = Parameters(*kept)
    for decorator in function.decorators:
        match = DECORATOR.fullmatch(str(decorator.value))
        if match is not None:
            _expand(function, function.module[match["record"]])


def _expand(function: Function, record: Class) -> None:
    """Put the fields of a record in place of a function's last parameter."""
    described: dict[str, str] = {}
    for owner in (*reversed(record.mro()), record):
        if owner.docstring is not None:
            described |= described_attributes(owner.docstring.value)
    fields = sorted(
        (_field(record, parameter) for parameter in list(record.parameters)[1:]),
        key=lambda field: field.kind is ParameterKind.keyword_only,
    )
    function.parameters = Parameters(*list(function.parameters)[:-1], *fields)
    if function.docstring is not None:
        names = [field.name for field in fields]
        text = with_arguments(function.docstring.value, described, names)
        function.docstring.value = text or ""


def _field(record: Class, parameter: Parameter) -> Parameter:
    """A field as a parameter; griffe overlooks one that its class takes by place."""
    if "kw_only=False" in str(record.all_members[parameter.name].value):
        parameter.kind = ParameterKind.positional_or_keyword
    return parameter
