"""How large a model is, and who says so; and what it is called on the hub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nlu_lite import weights
from nlu_lite.errors import NluLiteError
from nlu_lite.registry import Entry, HubSource, compute_size_mb

# Who says how large a model is, and how people read that.
SizeOrigin = Literal["registry", "weights", "shape"]
_NOTES: dict[SizeOrigin, str] = {
    "registry": "",
    "weights": ", measured on this machine",
    "shape": ", computed from its shape",
}


@dataclass(frozen=True)
class Size:
    """The size of a model's weights.

    Attributes:
        megabytes: In units of 10**6 bytes.
        origin: Whether the registry states it, the files on this machine have it, or it was
            computed from the shape of the model.
    """

    megabytes: float
    origin: SizeOrigin

    @property
    def is_computed(self) -> bool:
        """Whether nobody has looked."""
        return self.origin == "shape"

    @property
    def short(self) -> str:
        """For a table: whole numbers, a computed one behind a tilde."""
        number = f"{self.megabytes:.0f}" if self.megabytes >= 1 else f"{self.megabytes:.1f}"
        return f"~{number}" if self.is_computed else number

    def __str__(self) -> str:
        """For people, with who says it."""
        number = f"{self.megabytes:.0f}" if self.is_computed else f"{self.megabytes:.4g}"
        return f"{'about ' if self.is_computed else ''}{number} MB{_NOTES[self.origin]}"


def size_of(entry: Entry, folder: Path | None) -> Size | None:
    """The size that the registry states, else that of the files, else that of the shape.

    Args:
        entry: Of the model.
        folder: Where its files lie on this machine; None where they do not.
    """
    if entry.size_mb is not None:
        return Size(entry.size_mb, "registry")
    measured = 0 if folder is None else _measure(folder)
    if measured:
        return Size(measured / 1e6, "weights")
    computed = compute_size_mb(entry)
    return None if computed is None else Size(computed, "shape")


def _measure(folder: Path) -> int:
    try:
        return weights.measure_weights(folder)
    except (NluLiteError, OSError):  # what is wrong with the files is said when they are loaded
        return 0


def hub_id(entry: Entry) -> str | None:
    """The hub's name of an entry's model, if it has one there."""
    return next((source.hub for source in entry.sources if isinstance(source, HubSource)), None)
