"""The few references to begin with: what each is for, and why it and no other."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

COMMON_CHOICE = "a common choice"


@dataclass(frozen=True)
class Recommendation:
    """A row of ``recommended.csv``.

    Attributes:
        reference: One that the built-in registry serves.
        purpose: What it is for, in few words.
        languages: Those that its model was trained on.
        why: A published result of a benchmark, or that it is a common choice.
        source: Where that is published; empty for a common choice.
    """

    reference: str
    purpose: str
    languages: str
    why: str
    source: str


@cache
def recommendations() -> MappingProxyType[str, Recommendation]:
    """Reference -> why it is recommended, in the order in which they are shown.

    Example:
        >>> recommendations()["en.embed.minilm_l6"].purpose
        'English words, fast'
    """
    text = resources.files(__package__).joinpath("recommended.csv").read_text(encoding="utf-8")
    rows = [Recommendation(**row) for row in csv.DictReader(text.splitlines())]
    return MappingProxyType({row.reference: row for row in rows})
