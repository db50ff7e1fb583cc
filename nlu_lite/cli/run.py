"""From the words of a command line to an exit code."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence

from nlu_lite.cli.arguments import parser
from nlu_lite.errors import NluLiteError, OptionError

FAILURE, USAGE, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Data goes to standard output, everything else to standard error.

    Args:
        arguments: Without the program's name; those of the process if not given.

    Returns:
        The exit code: 0, 1 for a failure, 2 for an option outside what is valid, 130 for an
        interrupt. Where the words make no command the process exits with 2.
    """
    parsed = parser().parse_args(arguments)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _say  # type: ignore[assignment]
            code: int = parsed.run(parsed)
            sys.stdout.flush()
    except NluLiteError as error:
        print(f"nlu-lite: {error}", file=sys.stderr)
        return USAGE if isinstance(error, OptionError) else FAILURE
    except BrokenPipeError:
        # The reader has what it wanted (`| head`). What is still in the buffer goes nowhere, or the
        # exit would fail on it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _say(message: Warning | str, *_where: object) -> None:
    """A warning without the line of code that it comes from."""
    print(f"nlu-lite: warning: {message}", file=sys.stderr)
