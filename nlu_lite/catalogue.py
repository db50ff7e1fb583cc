"""What the registry knows: as a frame, as a card, and as a mapping that notebooks complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from nlu_lite import registry, weights
from nlu_lite.common import warn
from nlu_lite.errors import OptionError, UnknownReferenceError, UnservedReferenceError
from nlu_lite.registry import TASK_NAMES, WORD_VECTORS, Entry, HubSource, stands_in_for

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "reference",
    "task",
    "language",
    "model",
    "hub_id",
    "dimension",
    "layers",
    "size_mb",
    "license",
    "verified",
    "local",
    "origin",
    "substitute_for",
)


def search(text: str = "", *, lang: str | None = None, task: str | None = None) -> pd.DataFrame:
    """The references that match, with what is known about each.

    Args:
        text: Words with spaces between; each must stand somewhere in the reference, its Spark NLP
            name, model, language or licence, or a name that it is a substitute for, in any case.
            Empty matches all.
        lang: Only references of this language, for example ``en``.
        task: ``embed`` (words) or ``embed_sentence``.

    Returns:
        One row a reference: reference, task, language, model, hub_id, dimension (of a vector),
        layers, size_mb (10**6 bytes), license, verified (``unverified`` is mapped, opened by nobody
        yet), local (its weights are on this machine), origin (which registry file says so),
        substitute_for (names of NLU that are not served, which people use it instead of). What is
        unknown is missing.

    Warns:
        UserWarning: Nothing matches, and the text is a name of NLU that is not served; says what it
            is and what to do instead.

    Raises:
        OptionError: ``task`` or ``lang`` is none that exists.

    Example:
        >>> import nlu_lite as nlu
        >>> nlu.search("small bert L12 256", task="embed")["reference"].tolist()
        ['en.embed.bert.small_L12_256']
    """
    import pandas as pd

    rows = find_rows(text, lang=lang, task=task)
    answer = "" if rows else explain_name(text)
    if answer:
        warn(answer)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"dimension": "Int64", "layers": "Int64", "size_mb": "Float64"})


def find_rows(
    text: str, *, lang: str | None = None, task: str | None = None
) -> list[tuple[object, ...]]:
    """The rows of ``search``, for callers that need no frame.

    Args:
        text: As for ``search``.
        lang: As there.
        task: As there.

    Returns:
        Tuples in the order of ``COLUMNS``; None is unknown.

    Raises:
        OptionError: As there.
    """
    entries = registry.current().searched(text, task)
    languages = sorted({entry.language or "" for entry in entries})
    if task is not None and task not in TASK_NAMES:
        raise OptionError(f"task is {task!r}; valid are {', '.join(TASK_NAMES)}.")
    if lang is not None and lang not in languages:
        raise OptionError(f"lang is {lang!r}; the registry has {', '.join(languages)}.")
    words = text.lower().split()
    return [_row(entry) for entry in entries if _matches(entry, words, lang, task)]


def explain_name(text: str) -> str:
    """What a name of NLU that is not served is, and what to do instead; empty for other texts.

    Args:
        text: As for ``search``.
    """
    names = registry.current().split(text)
    if len(names) != 1:
        return ""
    try:
        registry.current().find(names[0])
    except UnservedReferenceError as error:
        return str(error)
    except UnknownReferenceError:
        return ""
    return ""


def _matches(entry: Entry, words: list[str], lang: str | None, task: str | None) -> bool:
    if lang not in (None, entry.language) or task not in (None, entry.task):
        return False
    facts = (
        *(entry.reference, entry.spark_name, entry.model_name, entry.license, hub_id(entry)),
        *stands_in_for(str(entry.reference)),
    )
    text = " ".join(filter(None, facts)).lower()
    return all(word in text for word in words)


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        entry.reference,
        entry.task,
        entry.language,
        entry.model_name,
        hub_id(entry),
        entry.dimension,
        entry.layers,
        entry.size_mb,
        entry.license,
        entry.verified,
        weights.is_local(entry),
        entry.origin,
        " ".join(stands_in_for(str(entry.reference))) or None,
    )


def hub_id(entry: Entry) -> str | None:
    """The hub's name of an entry's model, if it has one there."""
    return next((source.hub for source in entry.sources if isinstance(source, HubSource)), None)


def describe_entry(entry: Entry) -> dict[str, str]:
    """What is known about one entry, by name; what is unknown says so."""
    facts = {
        "reference": entry.reference or f"{entry.request} (not in the registry)",
        "task": entry.task,
        "language": entry.language,
        "model": entry.model_name,
        "hub id": hub_id(entry),
        "Spark NLP name": entry.spark_name,
        "architecture": entry.architecture,
        "dimension": entry.dimension,
        "layers": entry.layers,
        "longest sequence": entry.max_length and f"{entry.max_length} pieces",
        "lower case": _YES_OR_NO.get(entry.lowercase),
        "pooling": entry.pooling,
        "license": entry.license,
        "size": entry.size_mb and f"{entry.size_mb:g} MB",
        "verified": _VERIFIED.get(entry.verified, entry.verified),
        "on this machine": _YES_OR_NO[weights.is_local(entry)],
        "said by": entry.origin,
    }
    if entry.kind is WORD_VECTORS:
        del facts["pooling"]
    return {name: "unknown" if value is None else str(value) for name, value in facts.items()}


_YES_OR_NO: dict[bool | None, str] = {True: "yes", False: "no"}
_VERIFIED = {"unverified": "no: mapped, opened by nobody yet"}


def format_card(entry: Entry) -> str:
    """What is known about one entry, for people: lines of ``name: value``."""
    facts = describe_entry(entry)
    width = max(len(name) for name in facts)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in facts.items())


class Catalogue(Mapping[str, Entry]):
    """The references of the registry in force and what is known about each.

    Looking up a key takes every name that ``load`` takes: aliases and Spark NLP names too.

    Example:
        >>> import nlu_lite as nlu
        >>> nlu.models["en.embed.bert.small_L12_256"].dimension
        256
        >>> "en.embed.minilm_l6" in nlu.models
        True
    """

    def __getitem__(self, reference: str) -> Entry:
        """The entry that a name means.

        Raises:
            UnknownReferenceError: No registry knows it; a LookupError, as of other mappings.
            UnservedReferenceError: NLU knows it and it is not served here.
        """
        return registry.current().find(reference)

    def __contains__(self, reference: object) -> bool:
        """Whether a reference stands in a registry file under exactly this name."""
        return isinstance(reference, str) and reference in registry.current().references

    def __iter__(self) -> Iterator[str]:
        """Every reference, sorted."""
        return iter(registry.current().references)

    def __len__(self) -> int:
        """How many references there are."""
        return len(registry.current().references)

    def __repr__(self) -> str:
        """How many references, and how to find one."""
        return (
            f"<{len(self)} references; nlu.search(...) lists those that match, nlu.load(...) loads "
            f"one>"
        )

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


models = Catalogue()
