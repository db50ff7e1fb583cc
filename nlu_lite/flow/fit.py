"""A flow and a table of texts and labels -> a head on the vectors of one component."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite import frame
from nlu_lite.errors import InputValueError
from nlu_lite.flow.examples import Examples, examples
from nlu_lite.frame import UnitVectors
from nlu_lite.tasks.head import Head, learn, source_of

if TYPE_CHECKING:
    from nlu_lite.common import Ints
    from nlu_lite.flow.flow import Flow
    from nlu_lite.tasks.head import Classes


def fit(
    flow: Flow,
    name: str,
    data: Any,  # noqa: ANN401 - a table of any accepted kind
    *,
    text: Hashable | None,
    y: Hashable,
    level: str | None,
    classifier: Any,  # noqa: ANN401 - of scikit-learn
    progress: bool | None,
) -> Head:
    """Learn labels from vectors; the arguments are those of ``Pipeline.fit``, and so are the errors.

    Args:
        flow: Whose components give the vectors.
        name: What is trained.
        data: Texts and labels.
        text: Their column.
        y: The labels' column.
        level: What an example is.
        classifier: None: scikit-learn's LogisticRegression.
        progress: As in ``Pipeline.predict``.
    """
    place, asked = source_of(name, level, flow.components)
    found = examples(data, text, y)
    classes: Classes
    labels: Ints
    classes, labels = found.of_words() if asked == "token" else found.numbered()
    vectors, unit_document = _vectors(flow, place, found, asked, progress)
    if asked != "token":
        labels = labels[unit_document]
    return Head(
        name, asked, place, vectors.shape[1], classes, learn(vectors, labels, classes, classifier)
    )


def _vectors(
    flow: Flow, place: int, found: Examples, level: str, progress: bool | None
) -> tuple[Any, Ints]:  # the vectors of all units, and the document of each
    alone = flow.with_components([flow.components[place]])
    cut = alone.segment(found.documents)
    units = frame.units_of(level, cut)
    said = alone.found(cut, units, level, "mean", progress)[0]
    assert isinstance(said, UnitVectors), "the component has vectors"
    assert isinstance(said.matrix, np.ndarray), "they were joined"
    counts = np.bincount(units.document, minlength=len(found.documents))
    lacking = sorted(
        {*np.flatnonzero(counts == 0).tolist(), *units.document[~said.present].tolist()}
    )
    if lacking:
        raise InputValueError(
            f"{len(lacking)} of {len(found.documents)} texts have a {level} without a vector, or "
            f"no {level} at all: "
            f'{found.rows(lacking)}. Leave them out; with long="cut" the model reads the beginning '
            f"of a text only."
        )
    return said.matrix, units.document
