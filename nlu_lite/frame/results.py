"""What one component says about each unit of a level: vectors, or labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from nlu_lite.common import Bools, Floats, Ints


@dataclass(frozen=True)
class UnitVectors:
    """What one component says about each unit.

    Attributes:
        matrix: Shape (units, width), float32; rows of units without a vector are NaN. Instead,
            where matrices were asked for, a list with an array of shape (words, width) a unit.
        present: Shape (units,): whether the unit has a vector.
        piece_count: Shape (units,): pieces of the unit.
        window_count: Shape (units,): windows that the text around it was read in.
        is_unknown: Shape (units,): whether one of its pieces is the vocabulary's unknown one; None
            where not known.
    """

    matrix: Floats | list[Floats]
    present: Bools
    piece_count: Ints
    window_count: Ints
    is_unknown: Bools | None


class OwnLabels(Protocol):
    """Labels in the type of those that a caller trained on."""

    def column(self, numbers: Ints) -> Any:  # noqa: ANN401 - a pandas array
        """The column of labels, by their numbers, -1 for none."""

    def cells(self, numbers: Ints) -> list[Any]:
        """The same as plain values and None."""


@dataclass(frozen=True)
class UnitLabels:
    """What one component that classifies says about each unit.

    Attributes:
        names: Of the labels.
        label: Shape (units,): number of the unit's label, -1 where it has none. With ``starts``,
            shape (words,): those of all units' words, side by side.
        confidence: The same shape, float32: the probability of that label; NaN where there is none.
        piece_count: Shape (units,): pieces of the unit.
        window_count: Shape (units,): windows that the text around it was read in.
        is_unknown: Shape (units,): whether one of its pieces is the vocabulary's unknown one; None
            where not known.
        starts: Shape (units + 1,): first place in ``label`` of each unit, and their number; None
            where a unit has one label.
        own: How labels are shown that are no texts, or were learnt here on another component's
            vectors; None: as texts.
    """

    names: tuple[str, ...]
    label: Ints
    confidence: Floats
    piece_count: Ints
    window_count: Ints
    is_unknown: Bools | None
    starts: Ints | None = None
    own: OwnLabels | None = None
