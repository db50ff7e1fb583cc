"""Whether the probabilities of all classes can be shown."""

from __future__ import annotations

from collections.abc import Sequence

from nlu_lite.errors import OptionError
from nlu_lite.frame import Level
from nlu_lite.tasks import Component


def check_probabilities(components: Sequence[Component], level: Level) -> None:
    """Raise where ``probabilities=True`` would add no column.

    Args:
        components: Of the pipeline.
        level: Of the frame.

    Raises:
        OptionError: No component says them at this level; names what does.
    """
    if any(component.task.gives_probabilities(level) for component in components):
        return
    requests = " ".join(component.entry.request for component in components)
    raise OptionError(
        f"probabilities=True shows how likely each class of a text is, and {requests!r} does not "
        f"say that at output_level={level.name!r}. Valid is a classifier of texts, or "
        f"train.classifier, fitted with a classifier that has predict_proba. What learnt labels of "
        f"words says it at output_level='token'."
    )
