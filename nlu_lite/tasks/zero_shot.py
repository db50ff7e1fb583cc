"""Task ``zero_shot``: the likeliest of listed labels for each text, by entailment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nlu_lite.options import LABEL_OPTIONS
from nlu_lite.registry import ZERO_SHOT
from nlu_lite.tasks.task import UnitRequest
from nlu_lite.tasks.text_labels import TextLabelsTask

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan, TextVectors, Work


class ZeroShotTask(TextLabelsTask):
    """Candidate labels of sentences, documents or chunks."""

    kind = ZERO_SHOT
    options = LABEL_OPTIONS
    takes_candidates = True

    def probabilities(self, plan: Plan, request: UnitRequest) -> Work[TextVectors]:
        """The probabilities of the candidate labels of each text."""
        from nlu_lite.encoder import classify_zero_shot

        yield from ()  # pairs are read at once, and share no forward with other components
        return classify_zero_shot(plan, request.unit_texts(), progress=request.progress)
