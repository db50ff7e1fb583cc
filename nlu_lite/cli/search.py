"""``nlu-lite search``: references that match, on standard output."""

from __future__ import annotations

import argparse

from nlu_lite import catalogue
from nlu_lite.cli import exit_codes
from nlu_lite.cli.formats import default_format, standard_output, writer_of
from nlu_lite.cli.messages import say

# A table on a terminal leaves these out, for want of room.
WIDE_COLUMNS = ["model", "origin"]


def run(arguments: argparse.Namespace) -> int:
    """Write a row a reference; a search without a match is no failure."""
    matches = catalogue.search(" ".join(arguments.words), lang=arguments.lang, task=arguments.task)
    if matches.empty:
        say("Nothing matches; try fewer or shorter words.")
    format_name = arguments.format or default_format()
    write = writer_of(format_name, standard_output(), index=False, missing="unknown")
    if format_name != "table":
        write(matches)
    elif not matches.empty:
        write(matches.drop(columns=WIDE_COLUMNS))
    return exit_codes.DONE
