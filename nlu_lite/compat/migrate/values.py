"""What a name in the code may stand for, as far as the code itself says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A literal text."""

    text: str


@dataclass(frozen=True)
class Module:
    """The module ``nlu``, or ``nlp`` of ``johnsnowlabs``."""


@dataclass(frozen=True)
class Function:
    """A function of the module."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Pipe:
    """A pipeline.

    Attributes:
        request: What it is loaded by; empty if not known.
        missing: Columns that its frames will lack.
        renamed: Older names of columns that its frames have, each with the name they have now.
    """

    request: str = ""
    missing: frozenset[str] = frozenset()
    renamed: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Component:
    """What ``pipe[KEY]`` gives in NLU: an annotator of Spark NLP."""

    key: str
    request: str


@dataclass(frozen=True)
class Method:
    """A method of a pipeline or of a component."""

    owner: Pipe | Component
    name: str


@dataclass(frozen=True)
class Frame:
    """What ``predict`` gives, with the missing and the renamed columns of its pipeline."""

    missing: frozenset[str]
    renamed: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Result:
    """A function of the file: what a call of it gives, and its literal texts and attributes."""

    value: Value
    words: frozenset[str]


@dataclass(frozen=True)
class Broken:
    """What a line that is taken out would have made; ``line`` says which for people."""

    line: str


# A tuple: one value for each element of a tuple or list. None: anything else, or not known.
Value = (
    Text
    | Module
    | Function
    | Pipe
    | Component
    | Method
    | Frame
    | Result
    | Broken
    | tuple["Value", ...]
    | None
)


def joined(first: Value, second: Value) -> Value:
    """What a name stands for that is bound in one way or in another, as the code runs.

    What is missing in one of them is missing; a text is known only if it is the same in both.
    """
    match first, second:
        case (Broken() as broken, _) | (_, Broken() as broken):
            return broken
        case Frame(), Frame():
            return Frame(first.missing | second.missing, first.renamed & second.renamed)
        case Pipe(request=request), Pipe(request=other) if request != other:
            return Pipe(missing=first.missing | second.missing)
        case (Text(), value) | (value, Text()) if first != second:
            return None if isinstance(value, Text) else value
    return first or second
