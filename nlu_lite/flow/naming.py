"""What the columns of a frame are called, and what it says about where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from nlu_lite.frame import confidence_column
from nlu_lite.options import Options
from nlu_lite.tasks import Component


def column_names(
    components: Sequence[Component], column: str | tuple[str, ...] | None
) -> list[str]:
    """The columns of vectors and labels, one a component.

    Args:
        components: Of the pipeline.
        column: The names that the caller wants; None: after the references.
    """
    if column is not None:
        return [column] if isinstance(column, str) else list(column)
    names: list[str] = []
    for item in components:
        names.append(_free_name(item, names))
    return names


def lineage(
    components: Sequence[Component],
    options: Options,
    *,
    columns: Sequence[str],
    level: str,
    aggregate: str | None,
) -> dict[str, str]:
    """Where the vectors of a frame come from, as plain texts: ``df.attrs`` of a result.

    Args:
        components: Of the pipeline.
        options: Common to them.
        columns: One a component.
        level: Of the frame.
        aggregate: How vectors of words were joined.
    """
    changed = {f"option_{name}": str(value) for name, value in options.changed().items()}
    return {
        "nlu_lite": version("nlu-lite"),
        "references": " ".join(component.entry.request for component in components),
        "models": " ".join(component.entry.model_name for component in components),
        "columns": " ".join(columns),
        "level": level,
        "aggregate": str(aggregate),
        **changed,
    }


def _free_name(item: Component, earlier: list[str]) -> str:
    """A name for a component's column that no earlier column has, nor any confidences beside."""
    occupied = {*earlier, *map(confidence_column, earlier)}
    name, number = item.column, 1
    while name in occupied or not set(item.column_names(name)).isdisjoint(earlier):
        number += 1
        name = f"{item.column}_{number}"
    return name
