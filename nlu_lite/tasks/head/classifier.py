"""Classifiers of vectors: to probabilities of classes; a linear one needs NumPy only."""

from __future__ import annotations

import pickle
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu_lite.common import Floats, Ints
from nlu_lite.errors import InputValueError, MissingExtraError, OptionError
from nlu_lite.tasks.head.classes import Classes

# Vectors that are long, as those of a BERT, need more steps than scikit-learn's 100.
MOST_STEPS = 1000
EXTRA = "needs scikit-learn: pip install 'nlu-lite[train]'."


@dataclass(frozen=True, eq=False)
class Linear:
    """Logistic regression as its numbers.

    Attributes:
        weights: Shape (classes, width), float64; of two classes one row, the second one's.
        bias: Shape (classes,), or (1,).
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def content(self) -> bytes:
        """The numbers, as they lie in memory or came from a file."""
        return self.weights.tobytes() + self.bias.tobytes()

    def probabilities(self, vectors: Floats) -> NDArray[np.float64]:
        """Shape (rows, classes): the softmax of the scores, of two the logistic function."""
        scores = vectors.astype(np.float64) @ self.weights.T + self.bias
        if scores.shape[1] == 1:
            scores = np.hstack([np.zeros_like(scores), scores])
        scores -= scores.max(axis=1, keepdims=True)
        likely = np.exp(scores)
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))

    def predict(self, vectors: Floats) -> tuple[Ints, NDArray[np.float64]]:
        """The number of the likeliest class of each row, and its probability."""
        likely = self.probabilities(vectors)
        label = likely.argmax(axis=1)
        return label, likely[np.arange(len(label)), label]


@dataclass(frozen=True, eq=False)
class SklearnHead:
    """A fitted classifier of scikit-learn in the head's place.

    Attributes:
        classifier: It has learnt the numbers of the classes.
    """

    classifier: Any

    def content(self) -> bytes:
        """The classifier as bytes, the same for a fitted one and its pickled or saved copies."""
        # A first copy differs in which equal parts are one object, which a pickle shows; copies of
        # copies do not.
        return pickle.dumps(pickle.loads(pickle.dumps(self.classifier)))  # noqa: S301 - of bytes made in this line

    def probabilities(self, vectors: Floats) -> NDArray[np.float64] | None:
        """Shape (rows, classes); None if the classifier has none."""
        if not hasattr(self.classifier, "predict_proba"):
            return None
        return np.asarray(self.classifier.predict_proba(vectors), dtype=np.float64)

    def predict(self, vectors: Floats) -> tuple[Ints, NDArray[np.float64]]:
        """The number of the class it chooses for each row, and its probability or NaN."""
        label = np.asarray(self.classifier.predict(vectors), dtype=np.int64)
        likely = self.probabilities(vectors)
        if likely is None:
            return label, np.full(len(label), np.nan)
        return label, likely[np.arange(len(label)), label]


def learn(vectors: Floats, labels: Ints, classes: Classes, classifier: Any) -> Linear | SklearnHead:  # noqa: ANN401
    """Fit a classifier to vectors.

    Args:
        vectors: Shape (examples, width).
        labels: Shape (examples,): the number of each one's class.
        classes: At least two.
        classifier: A classifier of scikit-learn, of which a copy is fitted; None: its
            LogisticRegression.

    Returns:
        The numbers alone, where they say what a LogisticRegression says; else the classifier.

    Raises:
        OptionError: ``classifier`` is none.
        InputValueError: It cannot learn from the examples.
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.base import BaseEstimator, clone, is_classifier
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise MissingExtraError(f"fit {EXTRA}") from error
    if classifier is None:
        classifier = LogisticRegression(max_iter=MOST_STEPS)
    elif (
        isinstance(classifier, type)
        or not isinstance(classifier, BaseEstimator)
        or not is_classifier(classifier)
    ):
        raise OptionError(
            f"classifier is {classifier!r:.100}; valid is a classifier of scikit-learn, such as "
            f"LogisticRegression(C=10)."
        )
    if len(classes.values) < 2:
        raise InputValueError(
            f"All labels are {classes.values[0]!r:.80}; there must be two classes at least to tell "
            f"apart."
        )
    with warnings.catch_warnings():
        # Of its own future; what concerns the data still warns.
        warnings.simplefilter("ignore", FutureWarning)
        fitted = clone(classifier)
        try:
            fitted.fit(vectors, labels)
        except ValueError as error:
            raise InputValueError(
                f"{classifier!r:.100} cannot learn from these {len(labels)} examples: {error}"
            ) from error
        return _numbers(fitted, vectors) or SklearnHead(fitted)


def _numbers(fitted: Any, vectors: Floats) -> Linear | None:  # noqa: ANN401
    """The numbers of a LogisticRegression, if that is all there is to it."""
    from sklearn.linear_model import LogisticRegression

    if type(fitted) is not LogisticRegression:
        return None
    linear = Linear(
        np.asarray(fitted.coef_, dtype=np.float64), np.asarray(fitted.intercept_, dtype=np.float64)
    )
    same = np.allclose(linear.probabilities(vectors), fitted.predict_proba(vectors), atol=1e-5)
    return linear if same else None
