"""A fitted flow and texts with labels -> the share of examples whose label it gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nlu_lite.common import Floats, Ints
from nlu_lite.errors import InputTypeError
from nlu_lite.flow.examples import ExampleArguments, Examples, read_examples
from nlu_lite.flow.fit import trained_component, unit_vectors
from nlu_lite.flow.flow import Flow
from nlu_lite.frame import LEVELS
from nlu_lite.inputs import Data
from nlu_lite.tasks.head import Classes, Head


def score_flow(flow: Flow, data: Data, arguments: ExampleArguments) -> float:
    """See ``Pipeline.score``.

    Args:
        flow: A fitted one.
        data: Texts and labels.
        arguments: Where they are.

    Raises:
        OptionError: The flow has nothing that was trained.
        NotFittedError: Nothing was trained yet.
        InputTypeError: The labels are of another kind than those learnt.
    """
    head = trained_component(flow).fitted()
    table = read_examples(data, arguments.text, arguments.y)
    level = LEVELS[head.level]
    vectors, document = unit_vectors(flow, head.component, table, level, arguments.progress)
    if head.gives_several:
        is_right = _has_right_sets(head, table, vectors, document)
    else:
        classes, labels = table.text_classes() if level.joins_words else table.word_classes()
        _check_kind(head, classes)
        expected = labels[document] if level.joins_words else labels
        predicted, _ = head.predict(vectors, np.ones(len(vectors), dtype=np.bool_))
        is_right = _are_equal(head.classes.cells(predicted), classes.cells(expected))
    return float(np.mean(is_right))


def _has_right_sets(head: Head, table: Examples, vectors: Floats, document: Ints) -> list[bool]:
    """Whether each unit has all labels of its text, and no others."""
    classes, has_label = table.label_sets()
    _check_kind(head, classes)
    predicted, _, counts = head.predict_several(vectors, np.ones(len(vectors), dtype=np.bool_))
    of_units = np.split(predicted, np.cumsum(counts)[:-1])
    expected = [set(classes.cells(np.flatnonzero(has_label[text]))) for text in document]
    return _are_equal([set(head.classes.cells(labels)) for labels in of_units], expected)


def _are_equal(predicted: Sequence[Any], expected: Sequence[Any]) -> list[bool]:
    return [label == truth for label, truth in zip(predicted, expected, strict=True)]


def _check_kind(head: Head, classes: Classes) -> None:
    """Raise where no label could be right, since texts are never equal to numbers."""
    if classes.kind != head.classes.kind:
        raise InputTypeError(
            f"The labels are of the kind {classes.kind}, and {head.name} learnt labels of the kind "
            f"{head.classes.kind}; give them in the type that was fitted."
        )
