"""What a request of NLU means here: what of it is served, what is missing, names of columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from nlu_lite import registry
from nlu_lite.compat.names import (
    KINDS,
    component_keys,
    component_names,
    label_name,
    name_of_2020,
    parts_of,
)
from nlu_lite.compat.refusals import Refusal, names_rows_alone, refusal_of
from nlu_lite.errors import OptionError, UnknownReferenceError
from nlu_lite.registry import (
    TRAINABLE_TAGGERS,
    WORD_VECTORS,
    Entry,
    common_language,
    is_trainable,
    split_trainable,
    trainable_entry,
)


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What becomes of a request.

    Attributes:
        served: The references that are served, in its order, each with its entry.
        refusals: Why each other one is not.
        columns: Reference -> the column of its vectors since 3.0.1, of those that are served.
        missing: The columns that go with what is not served.
        is_renaming: The columns would be called otherwise without what is not served.
        fault: Why nothing can be loaded; empty if something can.

    Words and sentences alone need no model: then nothing is served, refused or missing.
    """

    served: Mapping[str, Entry]
    refusals: tuple[Refusal, ...]
    columns: Mapping[str, str]
    missing: frozenset[str]
    is_renaming: bool
    fault: str

    @property
    def request(self) -> str:
        """The request that can be served, or an empty text."""
        return " ".join(self.served)

    @property
    def learns(self) -> bool:
        """Whether it names something to be trained."""
        return any(map(is_trainable, self.served))

    @property
    def labels_words(self) -> bool:
        """Whether what is to be trained gives labels of words."""
        return any(name in TRAINABLE_TAGGERS for name in self.served)

    @property
    def renamed(self) -> frozenset[tuple[str, str]]:
        """The name of each column until 3.0.0, with the one it has now."""
        vectors = {(name_of_2020(name), column) for name, column in self.columns.items()}
        trained = filter(is_trainable, self.served)
        labels = {(label_name(name, "2020"), label_name(name)) for name in trained}
        return frozenset(vectors | labels)

    @property
    def keys(self) -> list[str]:
        """What a component can be called by in ``pipe[KEY]``: reference, NLU's key, column."""
        keys = [key for entry in self.served.values() for key in component_keys(entry)]
        return [*self.served, *keys, *self.columns.values()]


@cache
def meaning(request: str) -> Meaning:
    """What a request of NLU means here.

    Args:
        request: As in NLU code: references separated by spaces.

    Example:
        >>> words = meaning("bert pos")
        >>> words.request, words.columns, [refusal.reference for refusal in words.refusals]
        ('bert', {'bert': 'word_embedding_bert'}, ['pos'])
    """
    parts = {reference: _part(reference) for reference in registry.current().split(request)}
    served = {name: part for name, part in parts.items() if isinstance(part, Entry)}
    is_rows = names_rows_alone(request)
    refusals = [] if is_rows else [part for part in parts.values() if isinstance(part, Refusal)]
    # In NLU the names of vectors depend on the others of the request.
    columns, all_columns = _columns(served), _columns(parts)
    missing = set(all_columns.values())
    for refusal in refusals:
        missing |= {*refusal.columns, *refusal.older_columns}
    return Meaning(
        served=served,
        refusals=tuple(refusals),
        columns=columns,
        missing=frozenset(missing - set(columns.values())),
        is_renaming=not columns.items() <= all_columns.items(),
        fault="" if is_rows else _fault(served, refusals),
    )


def _part(reference: str) -> Entry | Refusal:
    """The entry that serves a reference, or why none does."""
    try:
        refusal = refusal_of(reference)
    except UnknownReferenceError as error:
        columns = [f"{kind}_{parts_of(reference)[0]}" for kind in KINDS.values()]
        columns.append(name_of_2020(reference))
        return Refusal(reference=reference, reason=str(error), columns=tuple(columns))
    if refusal is not None:
        return refusal
    if is_trainable(reference):
        return trainable_entry(reference)
    return registry.current().find(reference)


def _columns(parts: Mapping[str, Entry | Refusal]) -> dict[str, str]:
    """Reference -> column of those that give vectors."""
    tasks = {reference: str(part.task) for reference, part in parts.items() if part.task in KINDS}
    names = component_names([(task, reference) for reference, task in tasks.items()])
    return dict(zip(tasks, names, strict=True))


def _fault(served: Mapping[str, Entry], refusals: list[Refusal]) -> str:
    reasons = [refusal.reason.rstrip(".") for refusal in refusals]
    if not served:
        empty = "the request is empty; name a reference such as 'en.embed.minilm_l6'"
        return "; ".join(reasons) or empty
    try:
        common_language(list(served.values()), None)
        _, trained = split_trainable(list(served))
    except OptionError as error:
        return str(error).rstrip(".")
    has_words = len(served) == 1 or any(
        entry.task == WORD_VECTORS.name for entry in served.values()
    )
    if trained in TRAINABLE_TAGGERS and not has_words:
        return (
            f"{trained} learns labels of words, and the request has no embedding of words. "
            f"Nearest: nlu.load({trained!r}), or 'bert {trained}'"
        )
    return ""
