"""The components of a request: found where their files lie, and checked against each other."""

from __future__ import annotations

from collections.abc import Sequence

from nlu_lite import registry, weights
from nlu_lite.common import import_tqdm
from nlu_lite.errors import OptionError
from nlu_lite.flow.flow import Flow
from nlu_lite.options import Options
from nlu_lite.registry import TRAINED_HEAD, Entry
from nlu_lite.tasks import Component, check_labels, check_tasks
from nlu_lite.tasks.head import Head, TrainedComponent


def find_components(
    entries: Sequence[Entry], options: Sequence[Options], head: Head | None = None
) -> list[Component]:
    """The components of entries, their files found here, the models not read yet.

    Args:
        entries: One a component.
        options: Those of each.
        head: What was learnt, where an entry stands for something to be trained.

    Raises:
        WeightsNotFoundError: Files are not on this machine and cannot be fetched.
    """
    import_tqdm()
    current = registry.current()
    components: list[Component] = []
    for entry, component_options in zip(entries, options, strict=True):
        if entry.kind is TRAINED_HEAD:
            components.append(TrainedComponent.on(entry, components, head))
            continue
        folder = weights.locate(
            entry, current, offline=component_options.offline, revision=component_options.revision
        )
        completed_entry = weights.complete_entry(entry, folder)
        components.append(Component(completed_entry, folder, component_options))
    return components


def check_column_count(options: Options, components: int) -> None:
    """Raise OptionError where ``column`` names more or fewer columns than there are components."""
    columns = [options.column] if isinstance(options.column, str) else options.column
    if columns is not None and len(columns) != components:
        raise OptionError(
            f"column names {len(columns)} columns; the request has {components} components."
        )


def check_flow(flow: Flow) -> None:
    """Read the models and rules of a flow, so that every fault of theirs shows now.

    Raises:
        NluLiteError: As ``load`` does.
    """
    check_tasks(flow.components, flow.options)
    for component in flow.components:
        component.plan  # noqa: B018 - reads the model
    check_labels(flow.components, flow.options, flow.columns, flow.confidences)
    flow.segment  # noqa: B018 - says whether the rules for text go with the models
    if flow.trained is not None and flow.trained.head is not None:
        flow.trained.head.check_width(flow.trained.plan.final_width)
