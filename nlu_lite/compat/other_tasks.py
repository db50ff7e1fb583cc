"""References of NLU that are no embeddings: which task one stands for, and the columns that NLU gives for it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from nlu_lite.compat.names import KINDS, LANGUAGES, parts_of

# Parts that tell the task wherever they stand, as in `xx.de.marian.translate_to.en`.
_ANYWHERE = ("translate_to", "marian", "zero_shot_classifier", "classify")
# Classifiers that are whole transformers name their columns after what they classify.
_TRANSFORMERS = ("bert", "xlm", "xlnet", "longformer", "electra")


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherTask:
    """What a reference stands for.

    Attributes:
        reference: As typed.
        what: Its task, for people.
        columns: The main columns that NLU gives for it; empty where none would be missed or its
            name is not known.
    """

    reference: str
    what: str
    columns: tuple[str, ...]


@cache
def tasks() -> dict[str, tuple[str, tuple[str, ...]]]:
    """From the part of a reference that says what is done to what that is and its columns (``{x}``: the model's name)."""
    text = resources.files(__package__).joinpath("other_tasks.csv").read_text(encoding="utf-8")
    return {
        row["name"]: (row["what"], tuple(row["columns"].split()))
        for row in csv.DictReader(text.splitlines())
    }


def other_task(reference: str) -> OtherTask | None:
    """What a reference of NLU stands for, if it is one of another task than embeddings.

    The name space has 10,000 references, so what counts is the part that says what is done; a wrong
    name after it is not noticed.

    Args:
        reference: As typed, such as ``pos``, ``en.sentiment.twitter`` or
            ``xx.de.marian.translate_to.en``.

    Example:
        >>> other_task("en.classify.sarcasm").columns
        ('sarcasm', 'sarcasm_confidence')
        >>> other_task("en.embed.bert") is None
        True
    """
    parts = reference.split(".")
    while len(parts) > 1 and parts[0] in LANGUAGES:
        parts.pop(0)
    if parts[0] in KINDS:
        return None
    known = tasks()
    name = next(
        (
            part
            for part in (parts[0], *(part for part in _ANYWHERE if part in parts))
            if part in known
        ),
        None,
    )
    if name is None:
        return None
    what, columns = known[name]
    model = parts_of(reference)[0]
    if name == "classify" and model.startswith("token_"):
        columns = ("classified_token",)
    elif name == "classify" and any(family in model for family in _TRANSFORMERS):
        columns = ("classified_sequence",)
    return OtherTask(
        reference=reference, what=what, columns=tuple(column.format(x=model) for column in columns)
    )
