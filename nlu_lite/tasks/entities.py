"""Labels of words -> entities: runs of words that are one thing, as the units of level chunk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nlu_lite import frame
from nlu_lite.common import Floats, Ints
from nlu_lite.tasks.encoding import read_as
from nlu_lite.tasks.labelling import UnitLabels, WordLabels
from nlu_lite.text import Segmentation

OUTSIDE = "O"
_PREFIXED = re.compile(r"([BIELSU])[-_](.+)", re.DOTALL)


def split_labels(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The prefix and the class of each label: ``B-PER`` is B and PER, a plain ``NOUN`` is I and NOUN.

    B begins an entity and I goes on; where a class has either of the two, E or L ends one and S or
    U is one by itself (BIOES, BILOU). The sign after the prefix may be a hyphen or an underscore.

    Args:
        names: Of the labels.

    Example:
        >>> split_labels(("O", "B-PER", "E-PER", "NOUN", "E-mail"))
        (['O', 'B', 'E', 'I', 'I'], ['O', 'PER', 'PER', 'NOUN', 'E-mail'])
    """
    found = [_PREFIXED.fullmatch(name) for name in names]
    schemes = {match[2] for match in found if match and match[1] in "BI"}
    pairs = [
        (OUTSIDE, name)
        if name == OUTSIDE
        else ({"L": "E", "U": "S"}.get(match[1], match[1]), match[2])
        if match and match[2] in schemes
        else ("I", name)
        for name, match in zip(names, found, strict=True)
    ]
    return [prefix for prefix, _ in pairs], [kind for _, kind in pairs]


@dataclass(frozen=True)
class Entities:
    """What a token classifier finds.

    Attributes:
        names: Of the classes.
        first: Shape (entities,): number of the first word.
        last: Shape (entities,): number of the last one.
        kind: Shape (entities,): number of the class.
        confidence: Shape (entities,), float32: the mean of the words' confidences.
    """

    names: tuple[str, ...]
    first: Ints
    last: Ints
    kind: Ints
    confidence: Floats


def merge(found: WordLabels, word_sentence: Ints) -> Entities:
    """Words to entities, within sentences.

    Neighbouring words of one class are one entity, as in transformers' pipelines
    (``token_classification.py``, 5.23), unless the second has prefix B or S, or the first E or S. A
    word is never cut, for its label is one.

    Args:
        found: The labels of all words.
        word_sentence: Shape (words,): number of the sentence that a word is in.
    """
    prefixes, kinds = split_labels(found.names)
    # Words that the model did not see, number -1, are outside: one more value at the end.
    names = tuple(
        dict.fromkeys(
            kind for prefix, kind in zip(prefixes, kinds, strict=True) if prefix != OUTSIDE
        )
    )
    numbers = {name: number for number, name in enumerate(names)}
    pairs = zip(prefixes, kinds, strict=True)
    kind = np.array([*(-1 if prefix == OUTSIDE else numbers[own] for prefix, own in pairs), -1])[
        found.label
    ]
    prefix = np.array([*prefixes, OUTSIDE])[found.label]
    goes_on = np.zeros(len(kind), dtype=np.bool_)
    goes_on[1:] = (kind[1:] == kind[:-1]) & (word_sentence[1:] == word_sentence[:-1])
    goes_on[1:] &= np.isin(prefix[1:], ("I", "E")) & np.isin(prefix[:-1], ("B", "I"))
    inside = np.flatnonzero(kind >= 0)
    begins = ~goes_on[inside]
    first = inside[begins]
    last = (
        inside[np.append(np.flatnonzero(begins)[1:] - 1, len(inside) - 1)] if len(inside) else first
    )
    counts = last - first + 1
    sums = (
        np.add.reduceat(found.confidence[inside].astype(np.float64), np.flatnonzero(begins))
        if len(inside)
        else counts
    )
    return Entities(names, first, last, kind[first], np.asarray(sums / counts, dtype=np.float32))


def units_of(
    cut: Segmentation, found: Mapping[int, WordLabels]
) -> tuple[frame.Units, dict[int, UnitLabels]]:
    """The entities of token classifiers as units, in the order of the text, and what each classifier says about them.

    Args:
        cut: The documents.
        found: The labels of all words, by the number of the component.

    Returns:
        The units: all entities, one that several classifiers find once. And for each component the
        class of the entities that it finds, none for the others'.
    """
    entities = {number: merge(labels, cut.word_sentence) for number, labels in found.items()}
    places = {
        number: np.stack(
            [cut.word_document[own.first], cut.word_begin[own.first], cut.word_end[own.last]],
            axis=1,
        )
        for number, own in entities.items()
    }
    every, place = np.unique(np.concatenate([*places.values()]), axis=0, return_inverse=True)
    spans: list[list[tuple[int, int]]] = [[] for _ in cut.texts]
    for document, begin, end in every.tolist():
        spans[document].append((begin, end))
    units = frame.units_of("chunk", cut, list(spans))
    said, at = {}, 0
    for number, own in entities.items():
        rows = place.reshape(-1)[at : at + len(own.first)]
        at += len(rows)
        label = np.full(len(units), -1, dtype=np.int64)
        confidence = np.full(len(units), np.nan, dtype=np.float32)
        label[rows], confidence[rows] = own.kind, own.confidence
        read = read_as(units, "chunk", cut, found[number].reading)
        said[number] = UnitLabels(own.names, label, confidence, *read)
    return units, said
