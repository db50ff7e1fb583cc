"""Task ``text_classification``: a label of each unit's text; for a word of its sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nlu_lite.common import Floats
from nlu_lite.frame import SENTENCE, Level, UnitLabels, UnitReading, UnitResults
from nlu_lite.registry import TEXT_LABELS, Entry
from nlu_lite.tasks.labels import LabelsTask, likeliest
from nlu_lite.tasks.task import Spans, UnitRequest

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan, TextVectors, Work


class TextLabelsTask(LabelsTask):
    """Labels of sentences, documents or chunks."""

    kind = TEXT_LABELS
    default_level = SENTENCE

    def gives_probabilities(self, level: Level) -> bool:
        """Of every level."""
        return True

    def results(self, plan: Plan, request: UnitRequest) -> Work[UnitResults]:
        """The likeliest label of each unit's text."""
        texts, selection = request.of_whole_texts()
        probabilities = yield from self.probabilities(plan, texts)
        label, confidence = likeliest(probabilities.matrix)
        return UnitLabels(
            UnitReading(probabilities.pieces[selection], probabilities.windows[selection]),
            names=plan.names,
            label=label[selection],
            confidence=confidence[selection],
            probabilities=probabilities.matrix[selection] if request.probabilities else None,
        )

    def probabilities(self, plan: Plan, request: UnitRequest) -> Work[TextVectors]:
        """The probabilities of all labels of each text, shape (texts, labels)."""
        from nlu_lite.encoder import encode_texts

        return (yield from encode_texts(plan, request.unit_texts(), progress=request.progress))

    def direct_results(
        self, folder: Path, entry: Entry, plan: Plan, text: str, spans: Spans
    ) -> Floats:
        """The probabilities of all labels."""
        from nlu_lite.encoder import run_plain_classifier

        return run_plain_classifier(folder, entry, text)[0]
