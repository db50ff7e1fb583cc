"""Labels of words -> entities: runs of words that are one thing, as the units of level chunk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nlu_lite.common import Floats, Ints
from nlu_lite.frame import CHUNK, UnitLabels, UnitReading, Units
from nlu_lite.text import Segmentation

OUTSIDE = "O"
_PREFIXED = re.compile(r"([BIELSU])[-_](.+)", re.DOTALL)
# BILOU's words for BIOES' E and S.
_SAME_PREFIX = {"L": "E", "U": "S"}


def split_labels(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Prefix and class of each label: ``B-PER`` is B and PER, a plain ``NOUN`` is I and NOUN.

    B begins an entity and I goes on; where a class has either of the two, E or L ends one and S or
    U is one by itself (BIOES, BILOU). The sign after the prefix may be a hyphen or an underscore.

    Args:
        names: Of the labels.

    Example:
        >>> split_labels(("O", "B-PER", "E-PER", "NOUN", "E-mail"))
        (['O', 'B', 'E', 'I', 'I'], ['O', 'PER', 'PER', 'NOUN', 'E-mail'])
    """
    matches = [_PREFIXED.fullmatch(name) for name in names]
    schemes = {match[2] for match in matches if match and match[1] in "BI"}
    prefixes, classes = [], []
    for name, match in zip(names, matches, strict=True):
        prefix, label_class = "I", name
        if name == OUTSIDE:
            prefix = OUTSIDE
        elif match and match[2] in schemes:
            prefix, label_class = _SAME_PREFIX.get(match[1], match[1]), match[2]
        prefixes.append(prefix)
        classes.append(label_class)
    return prefixes, classes


@dataclass(frozen=True)
class Entities:
    """What a token classifier finds.

    Attributes:
        names: Of the classes.
        first: Shape (entities,): number of the first word.
        last: Shape (entities,): number of the last one.
        label: Shape (entities,): number of the class.
        confidence: Shape (entities,), float32: the mean of the words' confidences.
    """

    names: tuple[str, ...]
    first: Ints
    last: Ints
    label: Ints
    confidence: Floats


def merge_words(
    names: tuple[str, ...], label: Ints, confidence: Floats, word_sentence: Ints
) -> Entities:
    """Words to entities, within sentences.

    Neighbouring words of one class are one entity, as in transformers' pipelines
    (``token_classification.py``, 5.23), unless the second has prefix B or S, or the first E or S. A
    word is never cut, for its label is one.

    Args:
        names: Of the labels.
        label: Shape (words,): -1 where the model did not see the word.
        confidence: Shape (words,).
        word_sentence: Shape (words,): number of the sentence that a word is in.
    """
    prefixes, classes = split_labels(names)
    inside_pairs = zip(prefixes, classes, strict=True)
    class_names = tuple(dict.fromkeys(name for prefix, name in inside_pairs if prefix != OUTSIDE))
    numbers = {name: number for number, name in enumerate(class_names)}
    class_of_label = [
        -1 if prefix == OUTSIDE else numbers[name]
        for prefix, name in zip(prefixes, classes, strict=True)
    ]
    # Words that the model did not see, number -1, are outside: one more value at the end.
    word_class = np.array([*class_of_label, -1])[label]
    prefix = np.array([*prefixes, OUTSIDE])[label]
    inside = np.flatnonzero(word_class >= 0)
    if not len(inside):
        nothing = np.zeros(0, dtype=np.int64)
        return Entities(class_names, nothing, nothing, nothing, np.zeros(0, dtype=np.float32))
    begins = np.flatnonzero(~_goes_on(word_class, prefix, word_sentence)[inside])
    first, last = inside[begins], inside[np.append(begins[1:] - 1, len(inside) - 1)]
    sums = np.add.reduceat(confidence[inside].astype(np.float64), begins)
    mean = np.asarray(sums / (last - first + 1), dtype=np.float32)
    return Entities(class_names, first, last, word_class[first], mean)


def _goes_on(word_class: Ints, prefix: np.ndarray, word_sentence: Ints) -> np.ndarray:
    """Shape (words,): whether a word belongs to the entity of the word before it."""
    goes_on = np.zeros(len(word_class), dtype=np.bool_)
    goes_on[1:] = (word_class[1:] == word_class[:-1]) & (word_sentence[1:] == word_sentence[:-1])
    goes_on[1:] &= np.isin(prefix[1:], ("I", "E")) & np.isin(prefix[:-1], ("B", "I"))
    return goes_on


def units_of_entities(
    segmentation: Segmentation, entities: Mapping[int, Entities]
) -> tuple[Units, dict[int, Ints]]:
    """The entities of token classifiers as units; one that several find is one unit.

    Args:
        segmentation: The documents.
        entities: By the number of the component.

    Returns:
        The units, and for each component the unit of each of its entities, shape (entities,).
    """
    spans = {
        number: np.stack(
            [
                segmentation.word_document[one.first],
                segmentation.word_begin[one.first],
                segmentation.word_end[one.last],
            ],
            axis=1,
        )
        for number, one in entities.items()
    }
    distinct, unit = np.unique(np.concatenate([*spans.values()]), axis=0, return_inverse=True)
    of_documents: list[list[tuple[int, int]]] = [[] for _ in segmentation.texts]
    for document, begin, end in distinct.tolist():
        of_documents[document].append((begin, end))
    bounds = np.cumsum([len(rows) for rows in spans.values()])[:-1]
    units_of_each = np.split(unit.reshape(-1), bounds)
    return CHUNK.units(segmentation, of_documents), dict(zip(entities, units_of_each, strict=True))


def labels_of_entities(
    entities: Entities, unit: Ints, units: int, reading: UnitReading
) -> UnitLabels:
    """The class of each unit that is an entity of a component; none of the others.

    Args:
        entities: Of the component.
        unit: Shape (entities,): which unit each is.
        units: How many there are.
        reading: How they were read.
    """
    label = np.full(units, -1, dtype=np.int64)
    confidence = np.full(units, np.nan, dtype=np.float32)
    label[unit], confidence[unit] = entities.label, entities.confidence
    return UnitLabels(reading, names=entities.names, label=label, confidence=confidence)
