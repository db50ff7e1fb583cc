"""What a name in the code may stand for, as far as the code itself says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce


@dataclass(frozen=True)
class Text:
    """A literal text."""

    text: str


@dataclass(frozen=True)
class Module:
    """The module ``nlu``, or ``nlp`` of ``johnsnowlabs``."""


@dataclass(frozen=True)
class Frame:
    """What ``predict`` gives: the columns that are missing, and (older name, name) of others."""

    missing: frozenset[str] = frozenset()
    renamed: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Pipe:
    """A pipeline: its request, empty if not known, and what ``predict`` gives."""

    request: str = ""
    frame: Frame = Frame()


@dataclass(frozen=True)
class Component:
    """What ``pipe[KEY]`` gives in NLU: an annotator of Spark NLP."""

    key: str
    request: str


@dataclass(frozen=True)
class Function:
    """A function of the module, or a method."""

    owner: Module | Pipe | Component
    name: str


@dataclass(frozen=True)
class Result:
    """A function of the file: what a call of it gives, and its literal texts and attributes."""

    value: Value
    words: frozenset[str]


@dataclass(frozen=True)
class Broken:
    """What a line that is taken out would have made; ``line`` says which, for people."""

    line: str


# A tuple: one value for each element of a tuple or list. None: anything else, or not known.
Value = (
    Text
    | Module
    | Frame
    | Pipe
    | Component
    | Function
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
        case (Pipe(frame=Frame() as one), Pipe(frame=Frame() as two)) if first != second:
            return Pipe(frame=Frame(one.missing | two.missing, one.renamed & two.renamed))
        case (Text(), value) | (value, Text()) if first != second:
            return None if isinstance(value, Text) else value
    return first or second


def any_of(value: Value) -> Value:
    """What an element of a tuple stands for; literal texts stay a tuple, any one of them."""
    match value:
        case (Text(), *_):
            return value
        case (first, *others):
            return reduce(joined, others, first)
    return None
