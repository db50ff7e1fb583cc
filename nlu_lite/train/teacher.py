"""What a classifier says about whole texts: the probabilities of all its classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu_lite.common import progress_bar
from nlu_lite.encoder import encode_texts, run_together
from nlu_lite.errors import InputTypeError, OptionError
from nlu_lite.pipeline import Pipeline
from nlu_lite.registry import TEXT_LABELS
from nlu_lite.train.trainer import plain_text

if TYPE_CHECKING:
    from nlu_lite.tasks import Component
    from nlu_lite.tasks.head import TrainedComponent
    from nlu_lite.text import Document

Probabilities = NDArray[np.float64]


def ask_teacher(
    teacher: Pipeline, documents: Sequence[Document], progress: bool | None
) -> tuple[tuple[str, ...], Probabilities]:
    """The names of a teacher's classes, and how likely each is for each text.

    Args:
        teacher: With one text classifier, or a head that was fitted to texts.
        documents: None is blank.
        progress: As in ``Pipeline.predict``.

    Returns:
        The names, and probabilities of shape (texts, classes), rows of sum 1.

    Raises:
        InputTypeError: The teacher is no pipeline.
        OptionError: It has no classifier of texts, several, one of words, or one that gives no
            probabilities of classes of which one is right.
        NotFittedError: What it trains was not fitted.
    """
    if not isinstance(teacher, Pipeline):
        raise InputTypeError(
            f"The teacher is a {type(teacher).__name__}; it must be a Pipeline, or the request of "
            f"one."
        )
    classifiers = [item for item in teacher.components if item.task.kind is TEXT_LABELS]
    trained_component = teacher.flow.trained
    count = len(classifiers) + (trained_component is not None)
    if count != 1:
        raise OptionError(
            f"The teacher {teacher!r} has {count} classifiers of texts; it must have one: a model "
            f'of task text_classification, or a "train.classifier" that was fitted.'
        )
    if trained_component is None:
        return _ask_model(classifiers[0], documents, progress)
    return _ask_head(teacher, trained_component, documents, progress)


def _ask_head(
    teacher: Pipeline,
    trained: TrainedComponent,
    documents: Sequence[Document],
    progress: bool | None,
) -> tuple[tuple[str, ...], Probabilities]:
    head = trained.fitted()
    if trained.task.labels_words():
        raise OptionError(
            f"The teacher's {head.name} was fitted to words; a student learns classes of whole "
            f"texts."
        )
    source = teacher.components[head.component]
    vectors = teacher.with_components([source]).encode(list(documents), progress=progress)
    if head.gives_several:
        raise OptionError(
            f"{head.name} gives a text several labels, and a model that is taught learns one. "
            f"Distil from a train.classifier."
        )
    probabilities = head.model.probabilities(vectors)
    if probabilities is None:
        raise OptionError(
            f"The teacher's classifier, {head.model!r:.80}, gives no probabilities. Fit one that "
            f"does, such as the LogisticRegression that fit takes by default."
        )
    return head.classes.names, probabilities


def _ask_model(
    component: Component, documents: Sequence[Document], progress: bool | None
) -> tuple[tuple[str, ...], Probabilities]:
    texts = [plain_text(document) for document in documents]
    with progress_bar(
        len(texts), unit="texts", show=progress, label="asking the teacher"
    ) as advance:
        (results,) = run_together([encode_texts(component.plan, texts, progress=advance)])
    probabilities = results.matrix.astype(np.float64)
    sums = probabilities.sum(axis=1, keepdims=True)
    if probabilities.shape[1] < 2 or not np.allclose(sums, 1, atol=1e-2):
        raise OptionError(
            f"{component.entry.request!r} gives each class a probability of its own (several "
            f"labels a text); a student learns classes of which one is right."
        )
    return component.plan.names, probabilities / sums
