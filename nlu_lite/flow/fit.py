"""A flow and texts with labels -> a head on the vectors of one component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nlu_lite.common import Floats, Ints
from nlu_lite.errors import InputValueError, OptionError
from nlu_lite.flow.examples import ExampleArguments, Examples, read_examples
from nlu_lite.flow.flow import Flow
from nlu_lite.flow.frame_options import FrameArguments
from nlu_lite.frame import Level, UnitVectors
from nlu_lite.inputs import Data, Inputs
from nlu_lite.registry import TRAINABLE_SEVERAL
from nlu_lite.tasks.head import Head, TrainedComponent, learn, learn_labels, source_of


@dataclass(frozen=True, kw_only=True)
class FitArguments(ExampleArguments):
    """What is learnt from examples, and how.

    Attributes:
        output_level: What an example is: a ``sentence``, each with its text's label, a whole text
            (``document``), or a word (``token``), for which texts are lists of words and labels
            lists as long. Without it ``token`` for ``train.ner`` and ``train.pos`` and where only
            words have vectors, else ``sentence``. For ``train.multi_classifier`` each label is a
            list, which may be empty.
        classifier: A classifier of scikit-learn to fit, of which a copy is taken; without it
            LogisticRegression, of which only the numbers are kept.
    """

    output_level: Literal["token", "sentence", "document"] | None = None
    classifier: Any = None


def fit_flow(flow: Flow, data: Data, arguments: FitArguments) -> None:
    """Learn labels from vectors, and put what was learnt into a flow; see ``Pipeline.fit``.

    Args:
        flow: Its components give the vectors.
        data: Texts and labels.
        arguments: What is learnt, and how.

    Raises:
        OptionError: The flow has nothing to be trained.
    """
    trained = trained_component(flow)
    flow.learn(trained, _fit_head(flow, trained.entry.request, data, arguments))


def trained_component(flow: Flow) -> TrainedComponent:
    """What of a flow is to be trained, or was.

    Raises:
        OptionError: There is nothing; says what to write.
    """
    if flow.trained is not None:
        return flow.trained
    requests = " ".join(item.entry.request for item in flow.components)
    raise OptionError(
        f"Nothing in {requests!r} is to be trained. Write "
        f"nlu.load({f'{requests} train.classifier'!r}).fit(df), or "
        "nlu.finetune(reference, df) for a whole model."
    )


def _fit_head(flow: Flow, name: str, data: Data, arguments: FitArguments) -> Head:
    component, level = source_of(name, arguments.output_level, flow.components)
    table = read_examples(data, arguments.text, arguments.y)
    if name in TRAINABLE_SEVERAL:
        return _fit_label_sets(flow, name, table, (component, level), arguments)
    labels_words = not level.joins_words
    classes, labels = table.word_classes() if labels_words else table.text_classes()
    vectors, unit_document = unit_vectors(flow, component, table, level, arguments.progress)
    if not labels_words:
        labels = labels[unit_document]
    return Head(
        name=name,
        level=level.name,  # type: ignore[arg-type]  # source_of gives no chunks
        component=component,
        width=vectors.shape[1],
        classes=classes,
        model=learn(vectors, labels, classes, arguments.classifier),
    )


def _fit_label_sets(
    flow: Flow,
    name: str,
    table: Examples,
    source: tuple[int, Level],
    arguments: FitArguments,
) -> Head:
    """A head that gives a text several labels; ``source`` is the component, and the level."""
    if arguments.classifier is not None:
        raise OptionError(
            f"classifier= is not possible with {name}, which learns a LogisticRegression for each "
            f"label; leave it out, or fit one train.classifier a label."
        )
    component, level = source
    classes, has_label = table.label_sets()
    vectors, unit_document = unit_vectors(flow, component, table, level, arguments.progress)
    return Head(
        name=name,
        level=level.name,  # type: ignore[arg-type]  # source_of gives no chunks
        component=component,
        width=vectors.shape[1],
        classes=classes,
        model=learn_labels(vectors, has_label[unit_document]),
    )


def unit_vectors(
    flow: Flow, component: int, table: Examples, level: Level, progress: bool | None
) -> tuple[Floats, Ints]:
    """The vectors of all units of some examples.

    Args:
        flow: Its components give the vectors.
        component: The number of the one that does.
        table: The examples.
        level: Of the units.
        progress: Show a bar.

    Returns:
        The vectors, shape (units, width), and the document of each, shape (units,).

    Raises:
        InputValueError: A unit has no vector, or a text no unit.
    """
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
