"""What a name in the code may stand for, as far as the code itself says."""

from __future__ import annotations

from dataclasses import dataclass

# From so many possible texts on, a text counts as unknown.
MOST_TEXTS = 200


@dataclass(frozen=True)
class Texts:
    """One of these texts."""

    values: frozenset[str]


@dataclass(frozen=True)
class Module:
    """The module ``nlu``; ``migrated`` where it is ``nlu_lite.compat`` already."""

    migrated: bool = False


@dataclass(frozen=True)
class Function:
    """A function of the module."""

    name: str


@dataclass(frozen=True)
class Pipe:
    """A pipeline; the requests that it may be of (None: not known), and the columns that its frames will lack."""

    requests: frozenset[str] | None
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Component:
    """What ``pipe[KEY]`` gives in NLU: an annotator of Spark NLP."""

    key: str
    requests: frozenset[str] | None


@dataclass(frozen=True)
class Frame:
    """What ``predict`` gives: columns that will be missing, and those that have another name now."""

    missing: frozenset[str]
    renamed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Method:
    """A method of a pipeline or of a component, not called yet."""

    owner: Pipe | Component
    name: str


@dataclass(frozen=True)
class Broken:
    """What a line that cannot work would have made."""

    line: int
    unit: str

    def __str__(self) -> str:
        """Where that line is."""
        return f"{self.unit}, line {self.line}" if self.unit else f"line {self.line}"


# None: anything else, or not known.
Value = Texts | Module | Function | Pipe | Component | Frame | Method | Broken | None


def joined(one: Value, other: Value) -> Value:
    """What a name stands for that was bound in one way or another, depending on what happens when the code runs.

    What is NLU's wins over what is not, so that its use is judged; texts are known only if they are
    in both ways.
    """
    if one == other:
        return one
    if isinstance(one, Texts) and isinstance(other, Texts):
        values = one.values | other.values
        return Texts(values) if len(values) <= MOST_TEXTS else None
    if isinstance(one, Texts) or isinstance(other, Texts):
        rest = other if isinstance(one, Texts) else one
        return None if isinstance(rest, Broken) else rest
    if isinstance(one, Pipe) and isinstance(other, Pipe):
        known = one.requests is not None and other.requests is not None
        requests = (
            one.requests | other.requests if known and one.requests and other.requests else None
        )
        return Pipe(requests, one.missing & other.missing)
    if isinstance(one, Frame) and isinstance(other, Frame):
        return Frame(
            one.missing & other.missing,
            tuple(item for item in one.renamed if item in other.renamed),
        )
    if one is None or isinstance(one, Broken):
        return other if other is not None else one
    return one if other is None or isinstance(other, Broken) else other
