"""How a pipeline shows itself in a notebook: a card of its models, its options and what to do with it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nlu_lite.catalogue import facts

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline

# Of what is known about a model, what helps with a loaded one.
SHOWN = ("task", "language", "model", "dimension", "layers", "longest sequence", "pooling", "license", "size", "verified")


def html_card(pipeline: Pipeline) -> str:
    """A pipeline as a small table: a column a model, then the options that are not defaults, then the next call.

    Args:
        pipeline: Its models need not be read.

    Returns:
        HTML without styles or scripts of its own, so that it follows the notebook's theme; every text in it is escaped.

    Example:
        >>> import nlu_lite as nlu
        >>> "<td>384</td>" in html_card(nlu.load("en.embed.minilm_l6"))
        True
    """
    known = [facts(component.entry) for component in pipeline.components]
    rows = {name: [one.get(name, "") for one in known] for name in SHOWN if any(name in one for one in known)}
    rows["vector column"] = pipeline.columns
    rows["computes"] = [c.plan.loaded.computes if c.is_read else "not read yet" for c in pipeline.components]
    body = "".join(_row(name, values) for name, values in rows.items())
    head = "".join(f"<th>{escape(component.entry.request)}</th>" for component in pipeline.components)
    options = ", ".join(f"{name}={value!r}" for name, value in pipeline.options.changed().items())
    return (
        f"<table><thead><tr><th>Pipeline</th>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>options: {escape(options) or 'all defaults'}; next: <code>pipe.predict(texts)</code></p>"
    )


def _row(name: str, values: list[str]) -> str:
    return f"<tr><th>{escape(name)}</th>{''.join(f'<td>{escape(value)}</td>' for value in values)}</tr>"
