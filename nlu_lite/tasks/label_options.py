"""Which options go with which tasks, and labels with which models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nlu_lite.errors import OptionError, brief
from nlu_lite.options import OF_LABELS, OF_VECTORS, Options
from nlu_lite.registry import EMBED_TASKS, Entry

if TYPE_CHECKING:
    from nlu_lite.tasks.component import Component


def check_tasks(entries: Sequence[Entry], options: Options) -> None:
    """Refuse options that mean nothing for any component of a request; where some mean something, the others ignore them.

    Args:
        entries: Of the components, their tasks known.
        options: Common to all of them.

    Raises:
        OptionError: Says for which tasks such an option is.
    """
    tasks = [str(entry.task) for entry in entries]
    given = options.changed()
    embeds = any(task in EMBED_TASKS for task in tasks)
    if not embeds and (lost := [name for name in OF_VECTORS if name in given]):
        raise OptionError(
            f"{' and '.join(lost)} say how vectors are made, and {_named(entries)} give labels. "
            f"Leave them out, or load "
            "embeddings beside."
        )
    labelling = [task for task in tasks if task not in EMBED_TASKS]
    if not labelling and (lost := [name for name in OF_LABELS if name in given]):
        raise OptionError(
            f"{' and '.join(lost)} are for references that give labels, and {_named(entries)} give "
            f"vectors."
        )
    if "zero_shot" not in labelling:
        if lost := [name for name in ("hypothesis", "multi_label") if name in given]:
            raise OptionError(
                f"{' and '.join(lost)} are for zero-shot, which no component of the request is: "
                f"{tasks}."
            )
        if isinstance(options.labels, tuple):
            raise OptionError(
                f"labels is a list, {brief(list(options.labels))}, which is for zero-shot; to "
                f"rename labels give a mapping "
                'such as {"LABEL_0": "negative"}.'
            )
    elif not isinstance(options.labels, tuple):
        raise OptionError(
            f'Zero-shot needs the labels to choose from: labels=["sports", "politics"]. Given was '
            f"{brief(options.labels)}."
        )
    if "question_answering" in labelling and len(entries) > 1:
        raise OptionError(
            f"Question answering reads pairs of a question and a context, the other components "
            f"texts: {_named(entries)}. "
            "Load them apart."
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
    labellers = [item for item in components if item.gives_labels]
    given = options.labels
    if isinstance(given, Mapping):
        own = [name for item in labellers for name in item.plan.loaded.names or ()]
        if unknown := [name for name in given if name not in own]:
            raise OptionError(
                f"labels renames {brief(unknown)}, which no model of the request has; valid are "
                f"{sorted(set(own))}."
            )
        for item in labellers:
            if len(set(item.plan.names)) < len(item.plan.names):
                raise OptionError(
                    f"labels is {brief(given)}; two labels of {item.entry.request!r} would have "
                    f"one name."
                )
    if clashing := [name for name in confidences.values() if name in columns]:
        raise OptionError(
            f"column is {list(columns)}; {clashing} are the columns of confidences, so choose "
            f"other names."
        )


def _named(entries: Sequence[Entry]) -> str:
    return ", ".join(f"{entry.request!r} ({entry.task})" for entry in entries)
