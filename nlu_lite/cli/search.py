"""``nlu-lite search``: references that match, on standard output."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from nlu_lite import catalogue
from nlu_lite.catalogue import Match
from nlu_lite.cli import exit_codes
from nlu_lite.cli.formats import default_format, standard_output, write_records
from nlu_lite.cli.messages import say

# Of a table on a terminal; with more of them the likeliest would run out of sight.
TERMINAL_ROWS = 20
# A table has few columns, so that it fits a terminal; programs get all of them.
TABLE_COLUMNS = ("reference", "task", "dim", "layers", "MB", "proof", "here")
_PROOFS = {"unverified": "mapped"}


def run(arguments: argparse.Namespace) -> int:
    """Write a row a reference, the likeliest first; a search without a match is no failure."""
    words = " ".join(arguments.words)
    matches = catalogue.find_matches(
        words,
        lang=arguments.lang,
        task=arguments.task,
        local=arguments.local,
        max_size_mb=arguments.max_size_mb,
    )
    if answer := catalogue.explain_name(words):
        say(answer)
    elif not matches:
        say("Nothing matches; try fewer or shorter words, or fewer filters.")
    format_name = arguments.format or default_format()
    names: Sequence[str] = catalogue.COLUMNS
    rows = [match.row for match in matches]
    if format_name == "table":
        if not matches:
            return exit_codes.DONE
        names, rows = TABLE_COLUMNS, [_table_row(match) for match in matches]
    limit = arguments.limit
    if limit is None and format_name == "table" and sys.stdout.isatty():
        limit = TERMINAL_ROWS
    write_records(format_name, standard_output(), names, rows[:limit], missing="?")
    if arguments.limit is None and limit is not None and len(rows) > limit:
        advice = f"words narrow them down, --limit {len(rows)} shows all"
        say(f"the first {limit} of {len(rows):,}; {advice}")
    return exit_codes.DONE


def _table_row(match: Match) -> tuple[object, ...]:
    entry = match.entry
    return (
        entry.reference,
        entry.task,
        entry.dimension,
        entry.layers,
        None if match.size is None else match.size.short,
        _PROOFS.get(entry.verified, entry.verified),
        "yes" if match.is_local else "no",
    )
