"""A trained head: what was learnt, from which vectors, and how it tells its classes apart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nlu_lite.common import Bools, Floats, Ints
from nlu_lite.errors import ModelError, OptionError
from nlu_lite.tasks.head.classes import Classes
from nlu_lite.tasks.head.classifier import Linear, SklearnHead
from nlu_lite.tasks.head.several import LinearLabels

Level = Literal["token", "sentence", "document"]


@dataclass(frozen=True, eq=False)
class Head:
    """What was learnt, and from what.

    Attributes:
        name: Of the request: ``train.classifier`` or another one.
        level: What an example was: a word, a sentence or a whole text.
        component: Number of the pipeline's component whose vectors it reads.
        width: Of those vectors.
        classes: What it tells apart.
        model: How.
    """

    name: str
    level: Level
    component: int
    width: int
    classes: Classes
    model: Linear | SklearnHead | LinearLabels

    @property
    def gives_several(self) -> bool:
        """Whether a text has several labels, or none, in place of one."""
        return not isinstance(self.model, (Linear, SklearnHead))

    def digest(self) -> str:
        """A sha256 that differs where what was learnt does."""
        facts = (self.name, self.level, self.component, self.classes)
        return hashlib.sha256(repr(facts).encode() + self.model.content()).hexdigest()

    def check_width(self, width: int) -> None:
        """Raise OptionError where vectors have another width than those learnt from."""
        if width != self.width:
            raise OptionError(
                f"{self.name} was fitted to vectors of {self.width} numbers; with these options "
                f"they have {width}. Load the request anew and fit it."
            )

    def predict(self, vectors: Floats, present: Bools) -> tuple[Ints, Floats]:
        """The class of each vector.

        Args:
            vectors: Shape (rows, width).
            present: Shape (rows,): whether there is a vector.

        Returns:
            Shapes (rows,): the numbers of the classes, -1 for none; and their probabilities, NaN
            for none, and where the classifier does not say.

        Raises:
            ModelError: The classifier names a class that there is not.
        """
        assert isinstance(self.model, (Linear, SklearnHead)), "several labels: predict_several"
        label = np.full(len(vectors), -1, dtype=np.int64)
        confidence = np.full(len(vectors), np.nan, dtype=np.float32)
        if present.any():
            label[present], confidence[present] = self.model.predict(vectors[present])
            if not (label[present].min() >= 0 and label[present].max() < len(self.classes.values)):
                raise ModelError(
                    f"The classifier of {self.name} gives a class that is none of its "
                    f"{len(self.classes.values)}. Fit it again, and save."
                )
        return label, confidence

    @property
    def has_probabilities(self) -> bool:
        """Whether it says how likely each class is."""
        classifier = self.model.classifier if isinstance(self.model, SklearnHead) else None
        return classifier is None or hasattr(classifier, "predict_proba")

    def probabilities(self, vectors: Floats, present: Bools) -> Floats:
        """How likely each class is of each vector.

        Args:
            vectors: Shape (rows, width).
            present: Shape (rows,): whether there is a vector.

        Returns:
            Shape (rows, classes), float32; NaN without a vector.
        """
        likely = np.full((len(vectors), len(self.classes.values)), np.nan, dtype=np.float32)
        if present.any():
            likely[present] = self.model.probabilities(vectors[present])
        return likely

    def predict_several(self, vectors: Floats, present: Bools) -> tuple[Ints, Floats, Ints]:
        """The labels of each vector, where it may have several.

        Args:
            vectors: Shape (rows, width).
            present: Shape (rows,): whether there is a vector; without one there is no label.

        Returns:
            Shapes (labels given,): their numbers, row after row, and how likely each is; and shape
            (rows,): how many each row has.
        """
        assert not isinstance(self.model, (Linear, SklearnHead)), "one label: predict"
        counts = np.zeros(len(vectors), dtype=np.int64)
        label, confidence, counts[present] = self.model.predict(vectors[present])
        return label, confidence, counts
