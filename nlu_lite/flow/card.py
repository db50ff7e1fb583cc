"""How a pipeline shows itself in a notebook: a card of its models, its options, the next call."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nlu_lite.catalogue import describe_entry, html_row

if TYPE_CHECKING:
    from nlu_lite.flow.flow import Flow

# Of what is known about a model, what helps with a loaded one.
SHOWN = (
    "task",
    "language",
    "model",
    "hub id",
    "dimension",
    "layers",
    "longest sequence",
    "pooling",
    "license",
    "size",
    "verified",
)


def html_card(flow: Flow) -> str:
    """A pipeline as a small table: a column a model, changed options, the next call.

    Args:
        flow: Of the pipeline; its models need not be read.

    Returns:
        HTML without styles or scripts of its own, so that it follows the notebook's theme; every
        text in it is escaped.

    Example:
        >>> import nlu_lite as nlu
        >>> "<td>384</td>" in nlu.load("en.embed.minilm_l6")._repr_html_()
        True
    """
    components, columns = flow.components, flow.columns
    facts = [describe_entry(component.entry) for component in components]
    cells = {name: [of_model.get(name, "") for of_model in facts] for name in SHOWN}
    rows = {name: values for name, values in cells.items() if any(values)}
    rows["vector column"] = list(columns)
    rows["computes"] = [c.plan.loaded.computes if c.is_read else "not read yet" for c in components]
    body = "".join(html_row(name, values) for name, values in rows.items())
    head = "".join(f"<th>{escape(component.entry.request)}</th>" for component in components)
    changed = ", ".join(f"{name}={value!r}" for name, value in flow.options.changed().items())
    return (
        f"<table><thead><tr><th>Pipeline</th>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>options: {escape(changed) or 'all defaults'}; next: "
        f"<code>pipe.predict(texts)</code>, a row a {flow.default_level.name}"
        f"{', as was fitted' if flow.fitted_level else ''}</p>"
    )
