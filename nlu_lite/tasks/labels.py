"""What the tasks that give labels have in common: their columns, and the likeliest label."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nlu_lite.common import Floats, Ints
from nlu_lite.frame import ColumnType, Level, confidence_column
from nlu_lite.frame.column_types import Scalar
from nlu_lite.tasks.task import Task

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan


class LabelsTask(Task):
    """A task that gives labels.

    Attributes:
        label_scalar: What its labels are.
    """

    options: ClassVar[tuple[str, ...]] = ("labels",)
    label_scalar: ClassVar[Scalar] = "str"

    def labels_words(self) -> bool:
        """Whether a label is of a word, so that other units have a list of labels."""
        return self.kind.reads_words

    def column_types(
        self,
        plan: Plan,
        column: str,
        *,
        level: Level,
        aggregate: str | None,
        has_own_units: bool,
    ) -> dict[str, ColumnType]:
        """A column of labels and one of confidences; of lists where units have several words."""
        lists = int(self.labels_words() and level.joins_words and not has_own_units)
        return {
            column: ColumnType(self.label_scalar, lists=lists),
            confidence_column(column): ColumnType("float32", lists=lists),
        }


def likeliest(probabilities: Floats) -> tuple[Ints, Floats]:
    """The likeliest label of each row, and its probability.

    Args:
        probabilities: Shape (rows, labels).
    """
    if not len(probabilities):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    label = probabilities.argmax(axis=1)
    return label, probabilities[np.arange(len(label)), label]
