"""What is known about one model, for people: as lines of text and as a table of a notebook."""

from __future__ import annotations

import dataclasses

from nlu_lite import weights
from nlu_lite.catalogue.sizes import hub_id, size_of
from nlu_lite.registry import (
    WORD_VECTORS,
    Entry,
    compute_speed,
    recommendations,
)

_YES_OR_NO: dict[bool | None, str] = {True: "yes", False: "no"}
_PROOFS = {
    "unverified": "no: mapped, opened by nobody yet",
    "opened": "opened: compared with a plain forward pass",
    "golden": "golden: has the published vectors",
}


class ModelCard(Entry):
    """An entry that shows itself: lines on a console, a table in a notebook."""

    def __repr__(self) -> str:
        """The card as text, and the next call."""
        return _format_facts({**describe_entry(self), "next": _next_call(self)})

    def _repr_html_(self) -> str:
        """A card for notebooks, without styles or scripts of its own; all in it is escaped."""
        from html import escape

        facts = describe_entry(self)
        if facts["reference"] == self.request:  # which stands above it
            del facts["reference"]
        rows = "".join(html_row(name, [value]) for name, value in facts.items())
        return (
            f"<table><thead><tr><th>Model</th><th>{escape(self.request)}</th></tr></thead>"
            f"<tbody>{rows}</tbody></table><p>next: <code>{escape(_next_call(self))}</code></p>"
        )


def make_card(entry: Entry) -> ModelCard:
    """The entry as one that shows itself."""
    facts = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}
    return ModelCard(**facts)


def _next_call(entry: Entry) -> str:
    return f'nlu.load("{entry.request}")'


def describe_entry(entry: Entry) -> dict[str, str]:
    """What is known about one entry, by name; what is unknown says so."""
    folder = weights.find_local(entry)
    recommendation = recommendations().get(str(entry.reference))
    facts = {
        "reference": entry.reference or _describe_request(entry),
        "recommended for": recommendation and f"{recommendation.purpose}: {recommendation.why}",
        "task": entry.task or "told by its files when it is loaded",
        "language": entry.language,
        "model": entry.model_name,
        "hub id": hub_id(entry),
        "Spark NLP name": entry.spark_name,
        "architecture": entry.architecture,
        "dimension": entry.dimension,
        "layers": entry.layers,
        "longest sequence": entry.max_length and f"{entry.max_length} pieces",
        "lower case": _YES_OR_NO.get(entry.lowercase),
        "pooling": entry.pooling,
        "license": entry.license,
        "size": size_of(entry, folder),
        "speed": _describe_speed(entry),
        "verified": _PROOFS.get(entry.verified, entry.verified),
        "on this machine": _YES_OR_NO[folder is not None],
        "said by": entry.origin,
    }
    if entry.kind is WORD_VECTORS:
        del facts["pooling"]
    if recommendation is None:
        del facts["recommended for"]
    return {name: "unknown" if value is None else str(value) for name, value in facts.items()}


def _describe_request(entry: Entry) -> str:
    """What was asked for, where that is no reference."""
    if entry.origin in ("hub", "path"):
        return f"{entry.request} (not in the registry)"
    return f"{entry.request} (a hub id of the registry's model {entry.model_name})"


def _describe_speed(entry: Entry) -> str | None:
    speed = compute_speed(entry)
    return None if speed is None else f"{speed:.2g} x MiniLM's, computed from its shape"


def format_card(entry: Entry) -> str:
    """What is known about one entry, for people: lines of ``name: value``."""
    return _format_facts(describe_entry(entry))


def _format_facts(facts: dict[str, str]) -> str:
    width = max(len(name) for name in facts)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in facts.items())


def html_row(name: str, values: list[str]) -> str:
    """A row of a card's table, escaped."""
    # Its table of names takes milliseconds to import, which a search would pay.
    from html import escape

    cells = "".join(f"<td>{escape(value)}</td>" for value in values)
    return f"<tr><th>{escape(name)}</th>{cells}</tr>"
