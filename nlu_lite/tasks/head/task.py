"""Task ``train``: labels by a head on the vectors of another component."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite.common import Bools, Floats, Ints
from nlu_lite.errors import NotFittedError
from nlu_lite.frame import (
    LEVELS,
    TOKEN,
    ColumnType,
    Level,
    UnitLabels,
    UnitResults,
    UnitVectors,
    WordCollector,
)
from nlu_lite.registry import TRAINED_HEAD
from nlu_lite.tasks.head.head import Head
from nlu_lite.tasks.labels import LabelsTask
from nlu_lite.tasks.task import Task, UnitRequest

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan, Work
    from nlu_lite.tasks.head.classes import Kind


@dataclass(frozen=True)
class HeadTask(LabelsTask):
    """Labels that were learnt here.

    Attributes:
        name: Of the request, for messages.
        source: The task of the component whose vectors it reads.
        head: What was learnt; None before ``fit``.
    """

    kind = TRAINED_HEAD
    default_level = TOKEN

    name: str
    source: Task
    head: Head | None

    def fitted(self) -> Head:
        """What was learnt.

        Raises:
            NotFittedError: Nothing yet.
        """
        if self.head is None:
            raise NotFittedError(
                f"{self.name} was not fitted: call pipe.fit(df) first, with a DataFrame of the "
                f"columns text and y (text=, y= name others)."
            )
        return self.head

    @property
    def level(self) -> Level:
        """What an example was."""
        return LEVELS[self.fitted().level]

    @property
    def label_scalar(self) -> Kind:  # type: ignore[override]
        """What the labels are that it learnt."""
        return self.fitted().classes.kind

    def labels_words(self) -> bool:
        """Whether its labels are of words."""
        return self.level is TOKEN

    def gives_probabilities(self, level: Level) -> bool:
        """What learnt of words says them of words; all, if the classifier has them."""
        is_of_unit = not (self.labels_words() and level.joins_words)
        return is_of_unit and self.fitted().has_probabilities

    def results(self, plan: Plan, request: UnitRequest) -> Work[UnitResults]:
        """The label of each unit.

        What was learnt of words labels words, and gives lists above their level. What was learnt of
        texts labels the unit's own text, at token level that of the word's sentence.
        """
        if self.labels_words():
            return (yield from self._labels_of_words(plan, request))
        # Vectors of words are joined by their mean, as was learnt, whatever the frame's are.
        texts, selection = request.of_whole_texts()
        vectors = yield from self.source.results(plan, texts)
        assert isinstance(vectors, UnitVectors), "a head reads vectors"
        labels = self._labels_of_texts(vectors.joined, vectors.present, selection)
        if not (request.probabilities and self.gives_probabilities(request.level)):
            return labels
        likely = self.fitted().probabilities(vectors.joined, vectors.present)
        return replace(labels, probabilities=likely[selection])

    def _labels_of_texts(self, vectors: Floats, present: Bools, selection: Any) -> UnitLabels:  # noqa: ANN401 - an index
        if self.fitted().gives_several:
            return self._several_labels(vectors, present, selection)
        label, confidence = self.fitted().predict(vectors, present)
        return self._unit_labels(label[selection], confidence[selection])

    def _several_labels(self, vectors: Floats, present: Bools, selection: Ints) -> UnitLabels:
        """A list of labels for each unit; ``selection`` says which text is each one's."""
        label, confidence, counts = self.fitted().predict_several(vectors, present)
        first = np.cumsum(counts) - counts
        of_units = counts[selection]
        starts = np.concatenate([[0], np.cumsum(of_units)])
        # The place of each unit's labels among those of the texts.
        positions = np.arange(starts[-1]) + np.repeat(first[selection] - starts[:-1], of_units)
        return self._unit_labels(label[positions], confidence[positions], starts)

    def column_types(
        self,
        plan: Plan,
        column: str,
        *,
        level: Level,
        aggregate: str | None,
        has_own_units: bool,
    ) -> dict[str, ColumnType]:
        """Lists at every level where a text may have several labels."""
        types = super().column_types(
            plan, column, level=level, aggregate=aggregate, has_own_units=has_own_units
        )
        if not self.fitted().gives_several:
            return types
        return {name: replace(kind, lists=1) for name, kind in types.items()}

    def _labels_of_words(self, plan: Plan, request: UnitRequest) -> Work[UnitResults]:
        collector = WordCollector(len(request.segmentation.word_begin), plan.final_width)
        yield from request.read_words(plan, collector)
        label, confidence = self.fitted().predict(collector.matrix, collector.present)
        units = request.units
        starts = units.starts if request.level.joins_words else None
        labels = self._unit_labels(label[units.words], confidence[units.words], starts)
        if not (request.probabilities and self.gives_probabilities(request.level)):
            return labels
        likely = self.fitted().probabilities(collector.matrix, collector.present)
        return replace(labels, probabilities=likely[units.words])

    def _unit_labels(self, label: Any, confidence: Any, starts: Any = None) -> UnitLabels:  # noqa: ANN401 - Ints, Floats
        # How units were read, the component tells whose vectors these are.
        classes = self.fitted().classes
        return UnitLabels(
            None,
            names=classes.names,
            label=label,
            confidence=confidence,
            starts=starts,
            classes=classes,
        )
