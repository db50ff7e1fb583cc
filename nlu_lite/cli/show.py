"""``nlu-lite show``: a card a reference, on standard output."""

from __future__ import annotations

import argparse

from nlu_lite.catalogue import format_card
from nlu_lite.cli import exit_codes
from nlu_lite.cli.formats import standard_output
from nlu_lite.errors import show_controls
from nlu_lite.registry import resolve


def run(arguments: argparse.Namespace) -> int:
    """Write what the registry knows."""
    request = " ".join(arguments.references)
    entries = resolve(request, path=None, task=None, language=None, one_language=False)
    print(show_controls("\n\n".join(map(format_card, entries))), file=standard_output())
    return exit_codes.DONE
