"""What the command line says to people, on standard error."""

from __future__ import annotations

import sys

from nlu_lite.errors import hide_secrets, show_controls


def say(message: object) -> None:
    """Print a message; keys and passwords are left out, control characters shown as escapes."""
    print(f"nlu-lite: {show_controls(hide_secrets(str(message)))}", file=sys.stderr)
