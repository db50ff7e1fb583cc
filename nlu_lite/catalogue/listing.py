"""``search``: the references that match some words, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nlu_lite import registry, weights
from nlu_lite.catalogue.sizes import Size, hub_id, size_of
from nlu_lite.common import check_flag, warn
from nlu_lite.errors import OptionError, UnknownReferenceError, UnservedReferenceError, brief
from nlu_lite.registry import (
    DEFAULT_LANGUAGE,
    TASK_NAMES,
    Entry,
    parts_of_name,
    recommendations,
    stands_in_for,
)

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
    "size_from",
    "recommended_for",
)
# Models with random weights, made for tests of software; only who types the second word sees them.
_TEST_MODELS = re.compile(r"tiny[_-]random", re.IGNORECASE)
_WORD_OF_TEST_MODELS = "random"


def search(
    text: str = "",
    *,
    lang: str | None = None,
    task: str | None = None,
    local: bool | None = None,
    max_size_mb: float | None = None,
) -> pd.DataFrame:
    """The references that match, with what is known about each, the likeliest first.

    An exact name comes first, then what is on this machine, then the recommended ones, then those
    whose names are nearest. Without words the recommended ones come first. Models with random
    weights (``tiny_random``) are left out unless ``random`` is among the words.

    Args:
        text: Words with spaces between; each must stand somewhere in the reference, its Spark NLP
            name, model, language or licence, or a name that it is a substitute for, in any case.
            Empty matches all.
        lang: Only references of this language, for example ``en``.
        task: ``embed`` (words), ``embed_sentence`` or another task.
        local: True for those whose weights are on this machine, False for all others.
        max_size_mb: Only models of at most this size (10**6 bytes); those of unknown size are left
            out.

    Returns:
        One row a reference: reference, task, language, model, hub_id, dimension (of a vector),
        layers, size_mb (10**6 bytes), license, verified (``unverified`` is mapped, opened by nobody
        yet), local (its weights are on this machine), origin (which registry file says so),
        substitute_for (names of NLU that are not served, which people use it instead of), size_from
        (``registry``, ``weights`` on this machine, or ``shape``: computed, since nobody has
        looked), recommended_for. What is unknown is missing.

    Warns:
        UserWarning: Nothing matches, and the text is a name of NLU that is not served; says what it
            is and what to do instead.

    Raises:
        OptionError: ``task`` or ``lang`` is none that exists, or a filter is outside what is valid.

    Example:
        >>> import nlu_lite as nlu
        >>> nlu.search("small bert L12 256", task="embed")["reference"].tolist()
        ['en.embed.bert.small_L12_256']
        >>> nlu.search(local=True)["reference"].tolist()[:2]
        ['en.embed.minilm_l6', 'en.embed_sentence.minilm_l6']
    """
    import pandas as pd

    matches = find_matches(text, lang=lang, task=task, local=local, max_size_mb=max_size_mb)
    answer = "" if matches else explain_name(text)
    if answer:
        warn(answer)
    frame = pd.DataFrame([match.row for match in matches], columns=list(COLUMNS))
    return frame.astype({"dimension": "Int64", "layers": "Int64", "size_mb": "Float64"})


@dataclass(frozen=True)
class Match:
    """A reference that matches.

    Attributes:
        entry: Of the reference.
        folder: Where its files lie on this machine; None where they do not.
        size: Of its weights.
    """

    entry: Entry
    folder: Path | None
    size: Size | None

    @property
    def is_local(self) -> bool:
        """Whether its weights are on this machine."""
        return self.folder is not None

    def is_within(self, max_size_mb: float) -> bool:
        """Whether its size is known, and not above one in units of 10**6 bytes."""
        return self.size is not None and self.size.megabytes <= max_size_mb

    @property
    def row(self) -> tuple[object, ...]:
        """Its row of ``search``."""
        entry = self.entry
        recommendation = recommendations().get(str(entry.reference))
        return (
            entry.reference,
            entry.task,
            entry.language,
            entry.model_name,
            hub_id(entry),
            entry.dimension,
            entry.layers,
            None if self.size is None else round(self.size.megabytes, 1),
            entry.license,
            entry.verified,
            self.is_local,
            entry.origin,
            " ".join(stands_in_for(str(entry.reference))) or None,
            None if self.size is None else self.size.origin,
            None if recommendation is None else recommendation.purpose,
        )


def find_matches(
    text: str,
    *,
    lang: str | None = None,
    task: str | None = None,
    local: bool | None = None,
    max_size_mb: float | None = None,
) -> list[Match]:
    """The references of the rows of ``search``, in their order.

    Args:
        text: As for ``search``.
        lang: As there.
        task: As there.
        local: As there.
        max_size_mb: As there.

    Raises:
        OptionError: As there.
    """
    entries = registry.current().entries_for_search(text, task)
    _check_filters(entries, lang, task, local, max_size_mb)
    words = text.lower().split()
    matches = [
        _look(entry)
        for entry in entries
        if lang in (None, entry.language) and task in (None, entry.task)
        if _matches(entry, words)
    ]
    if local is not None:
        matches = [match for match in matches if match.is_local == local]
    if max_size_mb is not None:
        matches = [match for match in matches if match.is_within(max_size_mb)]
    ranks = {name: rank for rank, name in enumerate(recommendations())}
    return sorted(matches, key=lambda match: _rank(match, words, ranks))


def _check_filters(
    entries: list[Entry],
    lang: str | None,
    task: str | None,
    local: bool | None,
    max_size_mb: float | None,
) -> None:
    languages = sorted({entry.language or "" for entry in entries})
    if task is not None and task not in TASK_NAMES:
        raise OptionError(f"task is {task!r}; valid are {', '.join(TASK_NAMES)}.")
    if lang is not None and lang not in languages:
        raise OptionError(f"lang is {lang!r}; the registry has {', '.join(languages)}.")
    check_flag("local", local, or_none=True)
    is_number = isinstance(max_size_mb, int | float) and not isinstance(max_size_mb, bool)
    if max_size_mb is not None and not (is_number and max_size_mb > 0):
        raise OptionError(
            f"max_size_mb is {brief(max_size_mb)}; valid is a number of 10**6 bytes above 0."
        )


def _look(entry: Entry) -> Match:
    folder = weights.find_local(entry)
    return Match(entry, folder, size_of(entry, folder))


def _matches(entry: Entry, words: list[str]) -> bool:
    if _is_of_tests(entry) and not any(_WORD_OF_TEST_MODELS in word for word in words):
        return False
    facts = (
        *(entry.reference, entry.spark_name, entry.model_name, entry.license, hub_id(entry)),
        *stands_in_for(str(entry.reference)),
    )
    text = " ".join(filter(None, facts)).lower()
    return all(word in text for word in words)


def _is_of_tests(entry: Entry) -> bool:
    return _TEST_MODELS.search(f"{entry.reference} {entry.model_name}") is not None


def _rank(match: Match, words: list[str], ranks: Mapping[str, int]) -> tuple[object, ...]:
    """What sorts a reference among those that match; ``places`` are those of the recommended."""
    reference = str(match.entry.reference)
    rank = ranks.get(reference, len(ranks))
    if not words:
        return rank, not match.is_local, reference
    is_exact = " ".join(words) in _names_of(match.entry)
    return not is_exact, not match.is_local, rank, *_distance(match.entry, words)


def _names_of(entry: Entry) -> set[str]:
    """The names that mean a reference and no other word, in small letters."""
    reference = str(entry.reference)
    without_language = reference.removeprefix(f"{DEFAULT_LANGUAGE}.")
    names = (reference, without_language, entry.spark_name, hub_id(entry))
    return {name.lower() for name in names if name}


def _distance(entry: Entry, words: list[str]) -> tuple[int, int, bool, str]:
    """How far a reference is from the words: parts that they only begin, length, language."""
    reference = str(entry.reference)
    parts = parts_of_name(reference.lower())
    strange_words = sum(word not in parts for word in words)
    return strange_words, len(reference), entry.language != DEFAULT_LANGUAGE, reference


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
