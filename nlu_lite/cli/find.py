"""``nlu-lite find``: which model of the hub a name of NLU stands for."""

from __future__ import annotations

import argparse
import sys

from nlu_lite import registry, weights
from nlu_lite.cli import exit_codes
from nlu_lite.cli.formats import default_format, standard_output, write_records
from nlu_lite.errors import UnknownReferenceError, UnservedReferenceError
from nlu_lite.registry import HubImport

COLUMNS = ("hub_id", "match")


def run(arguments: argparse.Namespace) -> int:
    """Write a row a candidate, the exact ones first; with ``--write`` record the only exact one."""
    own_file = registry.own_file() if arguments.write else None
    name = arguments.reference
    entries = registry.current()
    try:
        entry = entries.find(name)
    except UnservedReferenceError:
        record = entries.unserved(name)
        if record is None:
            raise
    except UnknownReferenceError:
        raise
    else:
        print(f"nlu-lite: {name} is served already, as {entry.model_name}.", file=sys.stderr)
        return exit_codes.DONE
    model = registry.hub_import(record, name)
    candidates = find_candidates(model)
    rows = [(hub_id, match) for match in ("exact", "near") for hub_id in candidates[match]]
    format_name = arguments.format or default_format()
    if rows or format_name != "table":
        write_records(format_name, standard_output(), COLUMNS, rows, missing="")
    exact = candidates["exact"]
    print(f"nlu-lite: {_explain(exact, len(rows), arguments.write)}", file=sys.stderr)
    if own_file is None:
        return exit_codes.DONE if rows else exit_codes.FAILURE
    if len(exact) != 1:
        return exit_codes.FAILURE
    registry.add_hub_model(own_file, model, exact[0])
    print(f"nlu-lite: {model.reference} is now in {own_file}, unverified.", file=sys.stderr)
    return exit_codes.DONE


def find_candidates(model: HubImport) -> dict[str, list[str]]:
    """The ids of the hub that may be the model, by how well they match: ``exact`` and ``near``.

    Args:
        model: What is known of it.
    """
    hub_ids: dict[str, None] = {}
    for author in model.authors:
        hub_ids |= dict.fromkeys(weights.search_hub(author=author, tag=model.tag))
    for words in model.queries:
        hub_ids |= dict.fromkeys(weights.search_hub(words=words, tag=model.tag))
    matches: dict[str, list[str]] = {"exact": [], "near": []}
    for hub_id in hub_ids:
        match = model.compare(hub_id)
        if match is not None:
            matches[match].append(hub_id)
    return matches


def _explain(exact: list[str], count: int, is_writing: bool) -> str:
    """What the candidates mean for the user."""
    if len(exact) == 1:
        advice = "" if is_writing else " --write puts it into your registry file."
        return (
            f"{exact[0]} is the only exact match; look at its page before you rely on it.{advice}"
        )
    if exact:
        return (
            f"{len(exact)} ids match exactly, so none is taken. Look at their pages, and load the "
            f"right one by its id, or write it into your own registry file."
        )
    if count:
        return (
            "No id matches exactly, so none is taken. Look at the pages of the near ones, and load "
            "the right one by its id."
        )
    return "The hub shows no model that goes with this name. It may be gone, private or renamed."
