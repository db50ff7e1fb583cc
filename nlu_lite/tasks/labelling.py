"""Documents, units and a component that classifies -> a label and its probability a unit; the sibling of ``encoding``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nlu_lite.common import Bools, Floats, Ints
from nlu_lite.frame import UnitLabels as UnitLabels
from nlu_lite.frame import Units
from nlu_lite.tasks.encoding import read_as
from nlu_lite.text import Segmentation, replace_surrogates

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan, Reading, Work


@dataclass(frozen=True)
class WordLabels:
    """What a token classifier says about each word, whatever the level.

    Attributes:
        names: Of the labels.
        label: Shape (words,): -1 where the model did not see the word.
        confidence: Shape (words,), float32: the probability of that label, NaN where there is none.
        reading: How words and sentences were read.
    """

    names: tuple[str, ...]
    label: Ints
    confidence: Floats
    reading: Reading


class _Likeliest:
    """Collects the likeliest label of each word, and its probability.

    Args:
        words: How many there are.
    """

    def __init__(self, words: int) -> None:
        self.label = np.full(words, -1, dtype=np.int64)
        self.confidence = np.full(words, np.nan, dtype=np.float32)

    def add(self, words: Ints, vectors: Floats, present: Bools) -> None:
        """Take the probabilities of some words; every word comes once.

        Args:
            words: Which ones.
            vectors: Shape (words given, labels).
            present: Shape (words given,): whether the model saw each.
        """
        some = words[present]
        self.label[some], self.confidence[some] = likeliest(vectors[present])


def likeliest(probabilities: Floats) -> tuple[Ints, Floats]:
    """The likeliest label of each row, and its probability.

    Args:
        probabilities: Shape (rows, labels).
    """
    label = probabilities.argmax(axis=1) if len(probabilities) else np.zeros(0, dtype=np.int64)
    return label, probabilities[np.arange(len(label)), label]


def labels_of_words(
    plan: Plan, cut: Segmentation, progress: Callable[[int], object]
) -> Work[WordLabels]:
    """The label of every word: of its pieces' probabilities joined by ``word_pooling``, the likeliest.

    Args:
        plan: The component.
        cut: The documents.
        progress: Called with the number of words done.
    """
    from nlu_lite.encoder import encode_words

    collector = _Likeliest(len(cut.word_begin))
    reading = yield from encode_words(
        plan,
        [replace_surrogates(sentence) for sentence in cut.sentences()],
        cut.word_sentence,
        cut.word_begin - cut.sentence_begin[cut.word_sentence],
        cut.word_end - cut.sentence_begin[cut.word_sentence],
        collector=collector,
        progress=progress,
    )
    return WordLabels(plan.names, collector.label, collector.confidence, reading)


def of_words(
    plan: Plan, cut: Segmentation, units: Units, level: str, progress: Callable[[int], object]
) -> Work[UnitLabels]:
    """Labels of a token classifier: a word's own, and above that level a list, one item a word.

    Args:
        plan: The component.
        cut: The documents.
        units: The rows wanted.
        level: Their level.
        progress: Called with the number of words done.
    """
    found = yield from labels_of_words(plan, cut, progress)
    starts = None if level == "token" else units.starts
    label, confidence = found.label[units.words], found.confidence[units.words]
    return UnitLabels(
        found.names, label, confidence, *read_as(units, level, cut, found.reading), starts
    )


def known(found: UnitLabels) -> Work[UnitLabels]:
    """What is known already, as a work that needs nothing.

    Args:
        found: The labels.
    """
    yield from ()
    return found


def of_texts(
    plan: Plan, cut: Segmentation, units: Units, level: str, progress: Callable[[int], object]
) -> Work[UnitLabels]:
    """Labels of a text classifier or of zero-shot: of the unit's own text, or for words of the text of their sentence.

    Args:
        plan: The component.
        cut: The documents.
        units: The rows wanted.
        level: Their level.
        progress: Called with the number of texts done.
    """
    from nlu_lite.encoder import classify_zero_shot, encode_texts

    texts = [
        replace_surrogates(text).strip()
        for text in (cut.sentences() if level == "token" else units.texts(cut))
    ]
    if plan.entailment is not None:
        found = classify_zero_shot(plan, texts, progress=progress)
    else:
        found = yield from encode_texts(plan, texts, progress=progress)
    at: Ints | slice = units.sentence if level == "token" else slice(None)
    label, confidence = likeliest(found.matrix)
    return UnitLabels(
        plan.names, label[at], confidence[at], found.pieces[at], found.windows[at], None
    )
