"""How a pipeline shows itself in a notebook: a card of its models, its options, the next call."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from nlu_lite.catalogue import describe_entry, html_row

if TYPE_CHECKING:
    from nlu_lite.options import Options
    from nlu_lite.tasks import Component

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


def html_card(components: Sequence[Component], columns: Sequence[str], options: Options) -> str:
    """A pipeline as a small table: a column a model, changed options, the next call.

    Args:
        components: Their models need not be read.
        columns: The name of each one's column.
        options: Common to all of them.

    Returns:
        HTML without styles or scripts of its own, so that it follows the notebook's theme; every
        text in it is escaped.

    Example:
        >>> import nlu_lite as nlu
        >>> "<td>384</td>" in nlu.load("en.embed.minilm_l6")._repr_html_()
        True
    """
    facts = [describe_entry(component.entry) for component in components]
    cells = {name: [of_model.get(name, "") for of_model in facts] for name in SHOWN}
    rows = {name: values for name, values in cells.items() if any(values)}
    rows["vector column"] = list(columns)
    rows["computes"] = [c.plan.loaded.computes if c.is_read else "not read yet" for c in components]
    body = "".join(html_row(name, values) for name, values in rows.items())
    head = "".join(f"<th>{escape(component.entry.request)}</th>" for component in components)
    changed = ", ".join(f"{name}={value!r}" for name, value in options.changed().items())
    return (
        f"<table><thead><tr><th>Pipeline</th>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>options: {escape(changed) or 'all defaults'}; next: "
        f"<code>pipe.predict(texts)</code></p>"
    )
