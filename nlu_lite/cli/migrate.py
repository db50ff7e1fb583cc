"""``nlu-lite migrate``: what becomes of code for NLU, file by file."""

from __future__ import annotations

import argparse
from pathlib import Path

from nlu_lite.cli import exit_codes
from nlu_lite.cli.messages import say
from nlu_lite.cli.parser import refuse_usage
from nlu_lite.compat import migrate as migration
from nlu_lite.errors import NluLiteError, show_controls


def run(arguments: argparse.Namespace) -> int:
    """Say what works; a failure where something cannot work, is not known or cannot be read."""
    if arguments.force and not arguments.write:
        refuse_usage(arguments, "--force is for --write")
    code = exit_codes.DONE
    for path in arguments.files:
        try:
            all_work = _migrate(path, write=arguments.write, force=arguments.force)
        except NluLiteError as error:
            # The other files are read all the same.
            say(error)
            all_work = False
        if not all_work:
            code = exit_codes.FAILURE
    return code


def _migrate(path: Path, *, write: bool, force: bool) -> bool:
    """Say what works of one file, and whether all of it does."""
    verdicts = migration.judge(migration.read(path))
    print(show_controls(migration.report(verdicts)))
    if write:
        copy = migration.write(verdicts, is_forced=force)
        outcome = f"written: {copy}" if copy else "nothing written: the file needs no change"
        print(show_controls(outcome))
    return migration.works(verdicts)
