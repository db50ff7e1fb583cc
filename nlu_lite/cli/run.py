"""From the words of a command line to an exit code."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module

from nlu_lite.cli import exit_codes
from nlu_lite.cli.messages import say
from nlu_lite.cli.option_words import say_options
from nlu_lite.cli.parser import build_parser, parse_words
from nlu_lite.errors import NluLiteError, OptionError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Data goes to standard output, everything else to standard error.

    Args:
        arguments: Without the program's name; those of the process if not given.

    Returns:
        The exit code: 0, 1 for a failure, 2 for an option outside what is valid, 130 for an
        interrupt. Where the words make no command the process exits with 2.
    """
    parser = build_parser()
    parsed_arguments = parse_words(parser, arguments)
    if parsed_arguments.verb is None:
        parser.print_help()
        return exit_codes.DONE
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _print_warning  # type: ignore[assignment]
            # A verb imports what it needs when it runs, so that --help is quick.
            verb = import_module(f"nlu_lite.cli.{parsed_arguments.verb}")
            code: int = verb.run(parsed_arguments)
            sys.stdout.flush()
    except OptionError as error:
        _print_error(error)
        print(f"Try `{parsed_arguments.parser.prog} --help`.", file=sys.stderr)
        return exit_codes.USAGE
    except NluLiteError as error:
        _print_error(error)
        return exit_codes.FAILURE
    except BrokenPipeError:
        # The reader has what it wanted (`| head`).
        _drop_output()
        return exit_codes.DONE
    except OSError as error:  # whatever is read or written by name has an error of ours
        _drop_output()
        print(f"nlu-lite: standard output cannot be written: {error}", file=sys.stderr)
        return exit_codes.FAILURE
    except KeyboardInterrupt:
        return exit_codes.INTERRUPTED
    return code


def _drop_output() -> None:
    """What is still in the buffer goes nowhere, or the exit would fail on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(error: NluLiteError) -> None:
    say(say_options(str(error)))


def _print_warning(message: Warning | str, *_where: object) -> None:
    """A warning without the line of code that it comes from."""
    say(f"warning: {say_options(str(message))}")
