"""What the command line says to people, on standard error."""

from __future__ import annotations

import shutil
import sys

from nlu_lite.errors import hide_secrets, show_controls

# To the begin of a terminal's line, and what is behind deleted.
_ERASED_LINE = "\r\x1b[K"


def say(message: object) -> None:
    """Print a message; keys and passwords are left out, control characters shown as escapes."""
    erase_status()
    print(f"nlu-lite: {_clean(message)}", file=sys.stderr)


def show_status(text: str) -> None:
    """Show on a terminal what is being done; the next message takes its place.

    Args:
        text: Of one line; what does not fit is left out, since only one line can be erased.
    """
    if sys.stderr.isatty():
        room = shutil.get_terminal_size().columns - 1
        print(f"{_ERASED_LINE}{_clean(text)[:room]}", end="", file=sys.stderr, flush=True)


def erase_status() -> None:
    """Take a status from the terminal, if there is one."""
    if sys.stderr.isatty():
        print(_ERASED_LINE, end="", file=sys.stderr, flush=True)


def _clean(message: object) -> str:
    return show_controls(hide_secrets(str(message)))
