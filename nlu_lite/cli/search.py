"""``nlu-lite search``: references that match, on standard output."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from nlu_lite import catalogue
from nlu_lite.cli import exit_codes
from nlu_lite.cli.formats import default_format, standard_output, write_records
from nlu_lite.cli.messages import say

# A table on a terminal leaves these out, for want of room.
WIDE_COLUMNS = ("model", "origin")


def run(arguments: argparse.Namespace) -> int:
    """Write a row a reference; a search without a match is no failure."""
    names: Sequence[str] = catalogue.COLUMNS
    rows: Sequence[Sequence[object]] = catalogue.find_rows(
        " ".join(arguments.words), lang=arguments.lang, task=arguments.task
    )
    if answer := catalogue.explain_name(" ".join(arguments.words)):
        say(answer)
    elif not rows:
        say("Nothing matches; try fewer or shorter words.")
    format_name = arguments.format or default_format()
    if format_name == "table":
        if not rows:
            return exit_codes.DONE
        names, rows = _leave_out(WIDE_COLUMNS, names, rows)
    write_records(format_name, standard_output(), names, rows, missing="unknown")
    return exit_codes.DONE


def _leave_out(
    columns: Sequence[str], names: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """Names and rows without some columns."""
    kept = [position for position, name in enumerate(names) if name not in columns]
    return [names[position] for position in kept], [
        [row[position] for position in kept] for row in rows
    ]
