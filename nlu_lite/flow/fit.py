"""A flow and a table of texts and labels -> a head on the vectors of one component."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from nlu_lite.common import Floats, Ints
from nlu_lite.errors import InputValueError
from nlu_lite.flow.examples import Examples, read_examples
from nlu_lite.flow.flow import Flow
from nlu_lite.flow.frame_options import FrameArguments
from nlu_lite.frame import Level, UnitVectors
from nlu_lite.inputs import Inputs
from nlu_lite.tasks.head import Head, learn, source_of


def fit_head(
    flow: Flow,
    name: str,
    data: Any,  # noqa: ANN401 - a table of any accepted kind
    *,
    text: Hashable | None,
    y: Hashable,
    level_name: str | None,
    classifier: Any,  # noqa: ANN401 - of scikit-learn
    progress: bool | None,
) -> Head:
    """Learn labels from vectors; arguments and errors are those of ``Pipeline.fit``.

    Args:
        flow: Its components give the vectors.
        name: What is trained.
        data: Texts and labels.
        text: Their column.
        y: The labels' column.
        level_name: What an example is.
        classifier: None: scikit-learn's LogisticRegression.
        progress: As in ``Pipeline.predict``.
    """
    component, level = source_of(name, level_name, flow.components)
    table = read_examples(data, text, y)
    labels_words = not level.joins_words
    classes, labels = table.word_classes() if labels_words else table.text_classes()
    vectors, unit_document = _vectors(flow, component, table, level, progress)
    if not labels_words:
        labels = labels[unit_document]
    return Head(
        name=name,
        level=level.name,  # type: ignore[arg-type]  # source_of gives no chunks
        component=component,
        width=vectors.shape[1],
        classes=classes,
        model=learn(vectors, labels, classes, classifier),
    )


def _vectors(
    flow: Flow, component: int, table: Examples, level: Level, progress: bool | None
) -> tuple[Floats, Ints]:
    """The vectors of all units, shape (units, width), and the document of each, shape (units,)."""
    alone = flow.with_components([flow.components[component]])
    inputs = Inputs(documents=table.documents, index=table.index, columns=None, text_column=None)
    segmentation = alone.segment(inputs.documents)
    units = level.units(segmentation)
    options = alone.frame_options(FrameArguments(level.name))
    (result,) = alone.results(inputs, segmentation, units, options, progress)
    assert isinstance(result, UnitVectors), "the component has vectors"
    counts = np.bincount(units.document, minlength=len(table.documents))
    lacking = sorted({*np.flatnonzero(counts == 0), *units.document[~result.present]})
    if lacking:
        raise InputValueError(
            f"{len(lacking)} of {len(table.documents)} texts have a {level.name} without a vector, "
            f"or no {level.name} at all: "
            f'{table.rows(lacking)}. Leave them out; with long="cut" the model reads the beginning '
            f"of a text only."
        )
    return result.joined, units.document
