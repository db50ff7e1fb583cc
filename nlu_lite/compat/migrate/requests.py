"""What a request of NLU means here: which of its references are served, and why each other one is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from nlu_lite import registry
from nlu_lite.compat.names import KINDS, component_names, label_name, name_of_2020, parts_of
from nlu_lite.compat.refusals import refusal_of
from nlu_lite.errors import OptionError, UnknownReferenceError
from nlu_lite.registry import (
    EMBED_TASKS,
    TRAINABLE_CLASSIFIERS,
    Entry,
    common_language,
    split_trainable,
    trainable_entry,
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One reference of a request: the entry that serves it, or why none does and what is nearest.

    ``task`` is that of an embedding which is not served, ``columns`` what the columns of the result
    that go with it are called, ``is_given`` where nothing is lost without.
    """

    name: str
    entry: Entry | None = None
    why: str = ""
    columns: tuple[str, ...] = ()
    is_given: bool = False
    task: str | None = None


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """A request: its parts, and what is against loading the served ones together."""

    parts: tuple[Part, ...]
    fault: str = ""

    @property
    def served(self) -> tuple[Part, ...]:
        """The parts with an entry, in the request's order."""
        return tuple(part for part in self.parts if part.entry is not None)

    @property
    def lost(self) -> tuple[Part, ...]:
        """The parts that are missed in the result."""
        return tuple(part for part in self.parts if part.entry is None and not part.is_given)

    @property
    def names_change(self) -> bool:
        """Whether a served column would be called otherwise in a request without the embeddings that are not served."""
        all_of_it = [
            (str(part.entry.task) if part.entry else part.task, part.name) for part in self.parts
        ]
        both = [(task, name) for task, name in all_of_it if task is not None]
        names = dict(zip((name for _, name in both), _column_names(both), strict=True))
        return [names[part.name] for part in self.served] != nlu_columns(
            tuple(p.entry for p in self.served if p.entry)
        )

    @property
    def request(self) -> str:
        """The request that can be served, or an empty text."""
        return " ".join(part.name for part in self.served)


@cache
def meaning(request: str) -> Meaning:
    """What a request of NLU means here.

    Args:
        request: As in NLU code: references separated by spaces.

    Example:
        >>> found = meaning("bert pos")
        >>> found.request, [part.name for part in found.lost]
        ('bert', ['pos'])
    """
    parts = tuple(part(name) for name in registry.current().split(request))
    if not parts:
        return Meaning(
            parts=(), fault="the request is empty; name a reference such as 'en.embed.minilm_l6'"
        )
    fault = ""
    try:
        common_language([found.entry for found in parts if found.entry is not None], None)
    except OptionError as error:
        fault = f"{error} Load one language at a time"
    if not fault and any(found.name in TRAINABLE_CLASSIFIERS for found in parts):
        fault = _training_fault(parts)
    return Meaning(parts=parts, fault=fault)


def _training_fault(parts: tuple[Part, ...]) -> str:
    try:
        split_trainable([found.name for found in parts if found.entry is not None])
    except OptionError as error:
        return str(error).rstrip(".")
    return ""


def part(name: str) -> Part:
    """What one reference means here.

    Args:
        name: As typed, without a request's other names.
    """
    try:
        refusal = refusal_of(name)
    except UnknownReferenceError as error:
        vectors = (f"{kind}_{parts_of(name)[0]}" for kind in KINDS.values())
        columns = (name_of_2020(name), *vectors)
        return Part(name=name, why=str(error).rstrip("."), columns=columns)
    if refusal is None:
        entry = (
            trainable_entry(name)
            if name in TRAINABLE_CLASSIFIERS
            else registry.current().find(name)
        )
        return Part(name=name, entry=entry)
    older = (name_of_2020(name),) if refusal.task else refusal.older_columns
    return Part(
        name=name,
        why=refusal.reason.rstrip("."),
        columns=(*refusal.columns, *older),
        is_given=refusal.is_needless,
        task=refusal.task,
    )


def nlu_columns(entries: tuple[Entry, ...]) -> list[str]:
    """What NLU calls the vector columns since 3.0.1: one part of the reference, more where two would be called the same.

    Args:
        entries: The components of one request.

    Example:
        >>> nlu_columns(tuple(found.entry for found in meaning("bert en.embed.bert.small_L8_128").served))
        ['word_embedding_bert', 'word_embedding_bert_small_L8_128']
    """
    return _column_names([(str(entry.task), entry.request) for entry in entries])


def _column_names(components: Sequence[tuple[str, str]]) -> list[str]:
    """Of embeddings as NLU names them; of labels as ``nlu_lite.compat`` does."""
    vectors = [(task, name) for task, name in components if task in KINDS]
    named = dict(zip(vectors, component_names(vectors), strict=True))
    return [named.get(pair) or label_name(pair[1]) for pair in components]


def old_columns(entries: tuple[Entry, ...]) -> list[str]:
    """What NLU called them up to 3.0.0, and what ``nlu_lite.load`` does: the reference as typed.

    Args:
        entries: The components of one request.
    """
    return [
        name_of_2020(entry.request)
        if entry.task in EMBED_TASKS
        else entry.request.replace(".", "_")
        for entry in entries
    ]
