"""What a classifier says about whole texts: the probabilities of all its classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu_lite.common import progress_bar
from nlu_lite.encoder import encode_texts, run_together
from nlu_lite.errors import InputTypeError, OptionError

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline
    from nlu_lite.tasks import Component
    from nlu_lite.text import Document

Probabilities = NDArray[np.float64]


def probabilities(
    pipeline: Pipeline, documents: Sequence[Document], progress: bool | None
) -> tuple[tuple[str, ...], Probabilities]:
    """The names of a teacher's classes, and how likely each is for each text.

    Args:
        pipeline: With one text classifier, or a head that was fitted to texts.
        documents: None is blank.
        progress: As in ``Pipeline.predict``.

    Returns:
        Shape (texts, classes), float64, rows of sum 1.

    Raises:
        InputTypeError: The teacher is no pipeline.
        OptionError: It has no classifier of texts, several, one of words, or one that gives no
            probabilities of classes of which one is right.
        NotFittedError: What it trains was not fitted.
    """
    from nlu_lite.pipeline import Pipeline

    if not isinstance(pipeline, Pipeline):
        raise InputTypeError(
            f"The teacher is a {type(pipeline).__name__}; it must be a Pipeline, or the request of "
            f"one."
        )
    classifiers = [item for item in pipeline.components if item.entry.task == "text_classification"]
    trained = pipeline._flow.trained is not None
    if len(classifiers) + trained != 1:
        raise OptionError(
            f"The teacher {pipeline!r} has {len(classifiers) + trained} classifiers of texts; it "
            f"must have one: a model of "
            'task text_classification, or a "train.classifier" that was fitted.'
        )
    return (
        _of_head(pipeline, documents, progress)
        if trained
        else _of_model(classifiers[0], documents, progress)
    )


def _of_head(
    pipeline: Pipeline, documents: Sequence[Document], progress: bool | None
) -> tuple[tuple[str, ...], Probabilities]:
    assert pipeline._flow.trained is not None, "asked before"
    head = pipeline._flow.trained.fitted()
    if head.level == "token":
        raise OptionError(
            f"The teacher's {head.name} was fitted to words; a student learns classes of whole "
            f"texts."
        )
    source = pipeline.components[head.component]
    vectors = pipeline.with_components([source]).encode(list(documents), progress=progress)
    likely = head.model.probabilities(vectors)
    if likely is None:
        raise OptionError(
            f"The teacher's classifier, {head.model!r:.80}, gives no probabilities. Fit one that "
            f"does, such as the "
            "LogisticRegression that fit takes by default."
        )
    return head.classes.names, likely


def _of_model(
    component: Component, documents: Sequence[Document], progress: bool | None
) -> tuple[tuple[str, ...], Probabilities]:
    from nlu_lite.train.finetune import text_of

    with progress_bar(
        len(documents), unit="texts", show=progress, label="asking the teacher"
    ) as done:
        found = run_together(
            [
                encode_texts(
                    component.plan, [text_of(document) for document in documents], progress=done
                )
            ]
        )[0]
    likely = found.matrix.astype(np.float64)
    sums = likely.sum(axis=1, keepdims=True)
    if likely.shape[1] < 2 or not np.allclose(sums, 1, atol=1e-2):
        raise OptionError(
            f"{component.entry.request!r} gives each class a probability of its own (several "
            f"labels a text); a student learns "
            "classes of which one is right."
        )
    return component.plan.names, likely / sums
