"""What a case is: attempts to do something, and how each must end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nlu_lite as nlu
from nlu_lite.errors import NluLiteError
from nlu_lite.pipeline import Pipeline
from tests.helpers.equal import assert_equal
from tests.helpers.hub.models import TEXT, right_vectors

RIGHT = "right vectors"
Ending = type[NluLiteError] | str
# What an attempt may return: the endings of the processes that it consisted of. None is: as it
# should, RIGHT.
Endings = list[str] | None


@dataclass(frozen=True)
class Room:
    """What an attempt has at hand.

    Attributes:
        folder: An empty folder of its own.
        model: The folder of a tiny model, to be left as it is.
        pipe: A pipeline on that model, loaded before.
        make: From the name of a family (tests/helpers/families.py) to the folder of its tiny model.
    """

    folder: Path
    model: Path
    pipe: Pipeline
    make: Callable[[str], Path]

    @property
    def canary(self) -> Path:
        """A file that code in hostile data would make."""
        return self.folder / "canary"

    def copy(self, family: str = "bert") -> Path:
        """A copy of a tiny model, to be spoiled."""
        return Path(shutil.copytree(self.make(family), self.folder / "model"))

    def check(self, pipe: Pipeline) -> None:
        """A pipeline gives the vectors that a direct forward of the tiny model gives."""
        assert_equal(nlu.vectors(pipe.predict(TEXT)), right_vectors(self.model))


@dataclass(frozen=True)
class Case:
    """Attempts that must end alike.

    Attributes:
        group: The row of the table.
        name: What is wrong, in a few words.
        attempts: Each is given a room; it raises, or returns because what it checked was right.
        ends: How an attempt may end: RIGHT, or the name of an error of ours.
        says: Parts of the message of every error, the offending value above all.
        processes: Of which an attempt consists.
        most_mb: Memory that an attempt may take, in 2**20 bytes.
        seconds: After which an attempt counts as hung.
        slow: Whether it is left out of the quick tests.
    """

    group: str
    name: str
    attempts: tuple[Callable[[Room], Endings], ...]
    ends: tuple[str, ...]
    says: tuple[str, ...] = ()
    processes: int = 1
    most_mb: int = 200
    seconds: int = 20
    slow: bool = False

    @property
    def key(self) -> str:
        """Its name among all cases."""
        return f"{self.group}: {self.name}"

    @property
    def tried(self) -> int:
        """How many endings there are."""
        return len(self.attempts) * self.processes

    @property
    def ending(self) -> str:
        """How it ends, for the table."""
        return " or ".join(self.ends)


@dataclass
class Group:
    """The cases of one group, as its module declares them."""

    name: str
    cases: list[Case] = field(default_factory=list)

    def add(
        self,
        name: str,
        attempts: Callable[[Room], Endings] | Iterable[Callable[[Room], Endings]],
        *ends: Ending,
        **more: object,
    ) -> None:
        """Declare a case."""
        each = (attempts,) if callable(attempts) else tuple(attempts)
        named = tuple(end if isinstance(end, str) else end.__name__ for end in ends)
        says = more.pop("says", ())
        said = (says,) if isinstance(says, str) else tuple(says)  # type: ignore[arg-type]
        self.cases.append(Case(self.name, name, each, named, said, **more))  # type: ignore[arg-type]

    def case(
        self, name: str, *ends: Ending, **more: object
    ) -> Callable[[Callable[[Room], Endings]], Callable[[Room], Endings]]:
        """Declare a function as a case of one attempt."""

        def declare(attempt: Callable[[Room], Endings]) -> Callable[[Room], Endings]:
            self.add(name, attempt, *ends, **more)
            return attempt

        return declare

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)
