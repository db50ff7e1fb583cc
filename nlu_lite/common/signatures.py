"""Functions whose arguments are the fields of a record, so that options are written down once."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from nlu_lite.errors import UnknownOptionError

Arguments = ParamSpec("Arguments")
Record = TypeVar("Record")
Result = TypeVar("Result")
Owner = TypeVar("Owner")
Data = Any  # of the many kinds that callers have


def takes(
    record: Callable[Arguments, Record],
) -> Callable[[Callable[[Record], Result]], Callable[Arguments, Result]]:
    """Give a function of a record the signature of that record.

    A call makes the record from its arguments. A type checker and ``inspect.signature`` see the
    record's fields with their defaults, the documentation lists what the record's class says about
    them, and a name that is none of them is refused with the valid ones.

    Args:
        record: The class of the record, a dataclass; its docstring describes its fields.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True, kw_only=True)
        ... class Size:
        ...     width: int = 1
        >>> @takes(Size)
        ... def area(size: Size) -> int:
        ...     return size.width**2
        >>> area(width=3)
        9
    """

    def decorate(function: Callable[[Record], Result]) -> Callable[Arguments, Result]:
        @functools.wraps(function)
        def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            refuse_unknown(kwargs, parameters, where=function.__name__)
            return function(record(*args, **kwargs))

        parameters = _describe(call, record, function, skip=0)
        return call

    return decorate


def method_takes(
    record: Callable[Arguments, Record],
) -> Callable[
    [Callable[[Owner, Any, Record], Result]], Callable[Concatenate[Owner, Any, Arguments], Result]
]:
    """The same for a method whose first argument is the data that it works on.

    Args:
        record: The class of the record.
    """

    def decorate(
        function: Callable[[Owner, Any, Record], Result],
    ) -> Callable[Concatenate[Owner, Any, Arguments], Result]:
        @functools.wraps(function)
        def call(
            self: Owner,
            data: Data,
            *args: Arguments.args,
            **kwargs: Arguments.kwargs,
        ) -> Result:
            refuse_unknown(kwargs, parameters, where=function.__name__)
            return function(self, data, record(*args, **kwargs))

        parameters = _describe(call, record, function, skip=2)
        return call  # type: ignore[return-value]  # self and data are named, and may be positions

    return decorate


def owner_takes(
    record: Callable[Arguments, Record],
) -> Callable[[Callable[[Owner, Record], Result]], Callable[Concatenate[Owner, Arguments], Result]]:
    """The same for a method without data, such as ``__init__``.

    Args:
        record: The class of the record.
    """

    def decorate(
        function: Callable[[Owner, Record], Result],
    ) -> Callable[Concatenate[Owner, Arguments], Result]:
        @functools.wraps(function)
        def call(self: Owner, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            refuse_unknown(kwargs, parameters, where=type(self).__name__)
            return function(self, record(*args, **kwargs))

        parameters = _describe(call, record, function, skip=1)
        return call  # type: ignore[return-value]  # self is named, and may be a position

    return decorate


def _describe(
    call: Callable[..., Any], record: Callable[..., Any], function: Callable[..., Any], *, skip: int
) -> list[str]:
    """Write signature and documentation of a call; the names of the record's fields."""
    fields = inspect.signature(record).parameters
    described = inspect.signature(function)
    leading = list(described.parameters.values())[:skip]
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            parameter.replace(annotation=_readable(parameter.annotation))
            for parameter in (*leading, *fields.values())
        ],
        return_annotation=_readable(described.return_annotation),
    )
    call.__doc__ = with_arguments(function.__doc__, described_fields(record), list(fields))
    return list(fields)


class _Annotation(str):
    """An annotation that is shown as it was written, without quotes around it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _readable(annotation: object) -> object:
    return _Annotation(annotation) if isinstance(annotation, str) else annotation


def described_fields(record: Any) -> dict[str, str]:  # noqa: ANN401 - a class
    """What the docstrings of a record and of the classes it inherits from say about their fields.

    Args:
        record: A dataclass, its fields described under ``Attributes:``.

    Returns:
        From the name of a field to the lines that describe it, without indentation.
    """
    described: dict[str, str] = {}
    for owner in reversed(record.__mro__):
        described |= described_attributes(inspect.getdoc(owner) or "")
    return described


def described_attributes(documentation: str) -> dict[str, str]:
    """What one docstring says about the attributes of its class.

    Args:
        documentation: Without the indentation of its class.

    Returns:
        From the name of an attribute to the lines that describe it, without indentation.
    """
    described: dict[str, str] = {}
    name = ""
    for line in documentation.partition("\nAttributes:\n")[2].splitlines():
        if line and not line.startswith(" "):
            break
        if line.startswith("    ") and not line.startswith("     "):
            name = line.partition(":")[0].strip()
            described[name] = ""
        described[name] += f"{line[4:]}\n"
    return described


def with_arguments(
    documentation: str | None, described: Mapping[str, str], names: Iterable[str]
) -> str | None:
    """A docstring with descriptions of fields in place of the argument that holds them.

    Args:
        documentation: Its ``Args:`` end with the one line ``arguments: ...``.
        described: From ``described_fields``.
        names: The fields, in their order.
    """
    if documentation is None:
        return None
    fields = [f"    {line}" for name in names for line in described.get(name, "").splitlines()]
    lines: list[str] = []
    for line in inspect.cleandoc(documentation).splitlines():
        lines += fields if line.startswith("    arguments: ") else [line]
    return "\n".join(lines)


def refuse_unknown(unknown: Iterable[str], valid: Iterable[str], *, where: str) -> None:
    """Raise for option names that do not exist.

    Args:
        unknown: Names that were given; those that are valid are passed over.
        valid: Names that exist.
        where: The call they were given to, for the message.

    Raises:
        UnknownOptionError: A name is not valid; names the nearest valid ones, and all.
    """
    valid_names = sorted(valid)
    names = sorted(set(unknown) - set(valid_names))
    if not names:
        return
    near = [match for name in names for match in _near_names(name, valid_names)[:1]]
    hint = f" Did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
    raise UnknownOptionError(
        f"{where} has no option {', '.join(names):.300}.{hint} Valid are: {', '.join(valid_names)}."
    )


def _near_names(name: str, valid: Sequence[str]) -> list[str]:
    """The valid names that one may have meant: spelt alike, or with its word in them."""
    alike = difflib.get_close_matches(name, valid, n=1)
    return alike or [option for option in valid if name in option.split("_")]
