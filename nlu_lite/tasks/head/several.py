"""A trained head that gives a text several labels, or none: a yes or no for each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu_lite.common import Bools, Floats, Ints
from nlu_lite.tasks.head.classes import Classes
from nlu_lite.tasks.head.classifier import Linear, learn

# A label is given where it is likelier than not. Source: MultiClassifierDLModel's threshold.
THRESHOLD = 0.5
_YES_OR_NO = Classes((False, True))


@dataclass(frozen=True, eq=False)
class LinearLabels:
    """Logistic regressions as their numbers, one a label.

    Attributes:
        weights: Shape (labels, width), float64.
        bias: Shape (labels,), float64.
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def content(self) -> bytes:
        """The numbers, as they lie in memory or came from a file."""
        return self.weights.tobytes() + self.bias.tobytes()

    def probabilities(self, vectors: Floats) -> NDArray[np.float64]:
        """Shape (rows, labels): of each label by itself, so that a row has no sum."""
        scores = vectors.astype(np.float64) @ self.weights.T + self.bias
        # The logistic function, written so that a large negative score does not overflow.
        return np.asarray(np.exp(-np.logaddexp(0.0, -scores)))

    def predict(self, vectors: Floats) -> tuple[Ints, Floats, Ints]:
        """The labels of each row.

        Args:
            vectors: Shape (rows, width).

        Returns:
            Shapes (labels given,): their numbers, row after row, and how likely each is; and shape
            (rows,): how many each row has.
        """
        likely = self.probabilities(vectors)
        row, label = np.nonzero(likely > THRESHOLD)
        counts = np.bincount(row, minlength=len(vectors))
        return label, np.asarray(likely[row, label], dtype=np.float32), counts


def learn_labels(vectors: Floats, has_label: Bools) -> LinearLabels:
    """Fit a logistic regression to each label.

    Args:
        vectors: Shape (examples, width).
        has_label: Shape (examples, labels): whether an example has a label; each label has one.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    width, labels = vectors.shape[1], has_label.shape[1]
    weights, bias = np.zeros((labels, width)), np.zeros(labels)
    for label in range(labels):
        column = has_label[:, label]
        if column.all():
            # Nothing tells it apart: as likely as its share, with one more of either kind.
            bias[label] = np.log(len(column) + 1)
            continue
        model = learn(vectors, column.astype(np.int64), _YES_OR_NO, None)
        assert isinstance(model, Linear), "that is what learn gives where no classifier is named"
        weights[label], bias[label] = model.weights[0], model.bias[0]
    return LinearLabels(weights, bias)
