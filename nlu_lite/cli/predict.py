"""``nlu-lite predict``: its words are checked before anything is imported that takes long."""

from __future__ import annotations

import argparse

from nlu_lite.cli import exit_codes
from nlu_lite.cli.messages import erase_status, show_status
from nlu_lite.cli.output import check_options, output_of


def run(arguments: argparse.Namespace) -> int:
    """Write the frame of the texts."""
    output = output_of(arguments)
    check_options(arguments, output)
    if not arguments.quiet:
        show_status(f"loading {arguments.reference}...")
    try:
        # pandas, and soon torch: the most of the time until the model is there.
        from nlu_lite.cli.encode import write_output

        write_output(arguments, output)
    finally:
        erase_status()
    return exit_codes.DONE
