"""Task ``token_classification``: a label of each word, lists above, entities as chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlu_lite.common import Bools, Floats, Ints
from nlu_lite.frame import TOKEN, Level, UnitLabels, UnitResults, Units
from nlu_lite.registry import WORD_LABELS, Entry
from nlu_lite.tasks.direct import first_pieces
from nlu_lite.tasks.entities import labels_of_entities, merge_words, units_of_entities
from nlu_lite.tasks.labels import LabelsTask, likeliest
from nlu_lite.tasks.task import Spans, UnitRequest

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan, Reading, Work


class LabelCollector:
    """Collects the likeliest label of each word, and its probability, as the encoder gives them.

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
        seen = words[present]
        self.label[seen], self.confidence[seen] = likeliest(vectors[present])


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


class WordLabelsTask(LabelsTask):
    """Labels of words."""

    kind = WORD_LABELS
    default_level = TOKEN
    finds = ("labelling", "words")

    def results(self, plan: Plan, request: UnitRequest) -> Work[UnitResults]:
        """A word's own label, and above that level a list, one item a word."""
        labels = yield from word_labels(plan, request)
        units = request.units
        return UnitLabels(
            request.unit_reading(labels.reading),
            names=labels.names,
            label=labels.label[units.words],
            confidence=labels.confidence[units.words],
            starts=units.starts if request.level.joins_words else None,
        )

    def finds_units(self, level: Level) -> bool:
        """Entities are the chunks of a frame that is given none."""
        return level.takes_chunks

    def find_units(
        self, plans: Mapping[int, Plan], request: UnitRequest
    ) -> tuple[Units, dict[int, UnitResults]]:
        """The entities of all token classifiers, and their classes."""
        from nlu_lite.encoder import run_together

        segmentation = request.segmentation
        labels = dict(
            zip(plans, run_together([word_labels(p, request) for p in plans.values()]), strict=True)
        )
        entities = {
            number: merge_words(one.names, one.label, one.confidence, segmentation.word_sentence)
            for number, one in labels.items()
        }
        units, rows = units_of_entities(segmentation, entities)
        of_entities = replace(request, units=units)
        return units, {
            number: labels_of_entities(
                entities[number],
                rows[number],
                len(units),
                of_entities.unit_reading(labels[number].reading),
            )
            for number in entities
        }

    def direct_results(
        self, folder: Path, entry: Entry, plan: Plan, text: str, spans: Spans
    ) -> Floats:
        """The probabilities of all labels, of each word's first piece."""
        from nlu_lite.encoder import run_plain_classifier

        probabilities, offsets = run_plain_classifier(folder, entry, text)
        return first_pieces(probabilities, offsets, text, spans)


def word_labels(plan: Plan, request: UnitRequest) -> Work[WordLabels]:
    """The likeliest label of every word, its pieces' probabilities joined by ``word_pooling``.

    Args:
        plan: Of the component.
        request: The documents.
    """
    collector = LabelCollector(len(request.segmentation.word_begin))
    reading = yield from request.read_words(plan, collector)
    return WordLabels(plan.names, collector.label, collector.confidence, reading)
