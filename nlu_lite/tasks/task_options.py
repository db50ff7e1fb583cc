"""Which options go with which tasks, and names of labels with which models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nlu_lite.errors import OptionError, brief
from nlu_lite.options import CANDIDATE_OPTIONS, LABEL_OPTIONS, VECTOR_OPTIONS, Options

if TYPE_CHECKING:
    from nlu_lite.tasks.component import Component


def check_tasks(components: Sequence[Component], options: Options) -> None:
    """Refuse options that mean nothing for any component of a request.

    Where they mean something for one, the others pass over them.

    Args:
        components: Of the request.
        options: Common to all of them.

    Raises:
        OptionError: Says for which tasks such an option is.
    """
    listed = ", ".join(f"{item.entry.request!r} ({item.entry.task})" for item in components)
    if unfit := _find_unfit(VECTOR_OPTIONS, components, options):
        raise OptionError(
            f"{' and '.join(unfit)} say how vectors are made, and {listed} give none. Leave them "
            f"out, or load "
            "embeddings beside."
        )
    has_labels = any(item.gives_labels for item in components)
    unfit = _find_unfit(LABEL_OPTIONS, components, options)
    if unfit and not has_labels:
        raise OptionError(
            f"{' and '.join(unfit)} are for references that give labels, and {listed} give none."
        )
    _check_candidates(components, options)
    if len(components) > 1 and not all(item.task.takes_texts for item in components):
        raise OptionError(
            f"Question answering reads pairs of a question and a context, the other components "
            f"texts: {listed}. "
            "Load them apart."
        )


def _find_unfit(
    names: Sequence[str], components: Sequence[Component], options: Options
) -> list[str]:
    """Of some options those that were changed and mean nothing for any component's task."""
    fitting = {name for item in components for name in item.task.options}
    return [name for name in names if name in options.changed() and name not in fitting]


def _check_candidates(components: Sequence[Component], options: Options) -> None:
    """Candidate labels belong to tasks that choose among them."""
    is_list = isinstance(options.labels, tuple)
    if any(item.task.takes_candidates for item in components):
        if is_list:
            return
        raise OptionError(
            f'Zero-shot needs the labels to choose from: labels=["sports", "politics"]. Given was '
            f"{brief(options.labels)}."
        )
    tasks = [str(item.entry.task) for item in components if item.gives_labels]
    if unfit := _find_unfit(CANDIDATE_OPTIONS, components, options):
        raise OptionError(
            f"{' and '.join(unfit)} are for zero-shot, which no component of the request is: "
            f"{tasks}."
        )
    if is_list:
        raise OptionError(
            f"labels is a list, {brief(list(options.labels or ()))}, which is for zero-shot; to "
            f"rename labels give a mapping "
            'such as {"LABEL_0": "negative"}.'
        )


def check_labels(
    components: Sequence[Component],
    options: Options,
    columns: Sequence[str],
    confidences: Mapping[str, str],
) -> None:
    """Refuse names of labels and columns that cannot be.

    Args:
        components: Their models are read.
        options: Common to all of them.
        columns: The name of each one's column.
        confidences: The name of each column of labels, and of the column of their confidences.

    Raises:
        OptionError: ``labels`` renames a label that no model has, or makes two of one name; or a
            column of confidences would be called like another column.
    """
    if isinstance(options.labels, Mapping):
        _check_renamed([item for item in components if item.gives_labels], options.labels)
    if clashing := [name for name in confidences.values() if name in columns]:
        raise OptionError(
            f"column is {list(columns)}; {clashing} are the columns of confidences, so choose "
            f"other names."
        )


def _check_renamed(labellers: Sequence[Component], renamed: Mapping[str, str]) -> None:
    names = {name for item in labellers for name in item.plan.loaded.names or ()}
    if unknown := [name for name in renamed if name not in names]:
        raise OptionError(
            f"labels renames {brief(unknown)}, which no model of the request has; valid are "
            f"{sorted(names)}."
        )
    for item in labellers:
        if len(set(item.plan.names)) < len(item.plan.names):
            raise OptionError(
                f"labels is {brief(renamed)}; two labels of {item.entry.request!r} would have one "
                f"name."
            )
