"""What people use instead of the names of NLU that its notebooks use most.

Substitutes, not equals. Their hub ids and licences are from memory.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from nlu_lite.registry.schema import DEFAULT_LANGUAGE


class Substitute(NamedTuple):
    """What is used instead of a name of NLU.

    Attributes:
        reference: The name of NLU.
        served: A reference of the built-in registry, or empty.
        hub_id: Of a model, or empty.
        runs_by: What runs the model of the hub: ``load``, or the Python package that does.
        package: A Python package for the same, or empty.
        licence: Of the model or the package, from memory; ``not stated`` where its card has none.
        labels: What it gives.
    """

    reference: str
    served: str
    hub_id: str
    runs_by: str
    package: str
    licence: str
    labels: str

    def explain(self) -> str:
        """The next step, as a sentence; where there is no substitute, that."""
        facts = f"gives {self.labels}; licence {self.licence}, from memory"
        if self.served:
            step = f"nlu.load({self.served!r})"
        elif self.runs_by == "load":
            step = f"nlu.load({self.hub_id!r})"
        elif self.hub_id:
            step = f"{self.hub_id!r} of the hub by {self.runs_by}"
        elif self.package:
            step = f"the Python package {self.package}"
        else:
            return "No substitute for it is known."
        if self.hub_id and self.package:
            step += f", or the Python package {self.package}"
        if self.served and self.runs_by not in ("", "load"):
            step += f", or {self.hub_id!r} of the hub by {self.runs_by}"
        return f"Next step: {step}, a substitute and not its equal ({facts})."


@cache
def substitutes() -> Mapping[str, Substitute]:
    """The whole table by name of NLU."""
    text = resources.files(__package__).joinpath("substitutes.csv").read_text(encoding="utf-8")
    return {row[0]: Substitute(*row) for row in csv.reader(text.splitlines()[1:])}


def substitute_of(reference: str) -> Substitute | None:
    """What is used instead of a name of NLU, with or without its ``en.``.

    Args:
        reference: A reference of NLU.

    Example:
        >>> substitute_of("en.emotion").served
        'en.classify.distilbert_sequence.emotion'
    """
    prefix = f"{DEFAULT_LANGUAGE}."
    for name in (reference, reference.removeprefix(prefix), prefix + reference):
        if name in substitutes():
            return substitutes()[name]
    return None


def stands_in_for(reference: str) -> list[str]:
    """The names of NLU that a served reference is a substitute for."""
    return [row.reference for row in substitutes().values() if row.served == reference]
