"""The command line: ``nlu-lite predict REFERENCE TEXT ...``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nlu_lite.errors import NluLiteError

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = """examples:
  nlu-lite predict en.embed.minilm_l6 "I love NLP"
  cat texts.txt | nlu-lite predict en.embed.minilm_l6
"""
FAILURE, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Without the program's name; those of the process if not given.

    Returns:
        The exit code: 0, 1 for a failure, 130 for an interrupt. Wrong usage exits with 2.
    """
    parsed = _parser().parse_args(arguments)
    try:
        parsed.run(parsed)
    except NluLiteError as error:
        print(f"nlu-lite: {error}", file=sys.stderr)
        return FAILURE
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nlu-lite",
        description="Text to a table of words and their transformer vectors.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    predict = verbs.add_parser("predict", help="print words and vectors of texts")
    predict.add_argument("reference", metavar="REFERENCE", help='one or more references, in quotes: "bert albert"')
    predict.add_argument("texts", metavar="TEXT", nargs="*", help="texts; without any, one text a line of standard input")
    predict.add_argument("--level", metavar="LEVEL", help="token")
    predict.add_argument("--path", metavar="FOLDER", help="a model folder instead of the registry's files")
    predict.set_defaults(run=_predict)
    return parser


def _predict(parsed: argparse.Namespace) -> None:
    from nlu_lite.pipeline import load

    texts = parsed.texts or [line.rstrip("\n") for line in sys.stdin]
    frame = load(parsed.reference, path=parsed.path).predict(texts, parsed.level)
    print(table(frame))


def table(frame: pd.DataFrame) -> str:
    """A frame as text, vectors shortened to their first three numbers.

    Args:
        frame: From ``predict``.
    """
    from nlu_lite.frame.cells import vector_columns

    short = {str(name): _short for name in vector_columns(frame)}
    return frame.to_string(formatters=short, index_names=False, na_rep="")


def _short(cell: Any) -> str:  # noqa: ANN401 - a vector or a missing one
    if cell is None:
        return "None"
    more = ", ..." if len(cell) > 3 else ""
    return "[" + ", ".join(f"{number:.6f}" for number in cell[:3]) + more + "]"
