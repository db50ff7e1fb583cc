"""The command line: ``nlu-lite predict REFERENCE TEXT ...`` and its sisters."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite.errors import NluLiteError, OptionError

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = """examples:
  nlu-lite predict en.embed.minilm_l6 "I love NLP"
  cat texts.txt | nlu-lite predict en.embed.minilm_l6
  nlu-lite search small bert
  nlu-lite download en.embed.bert.small_L12_256
  nlu-lite migrate notebook.ipynb
"""
MIGRATE = """Reads code that was written for NLU (import nlu), without running it, and says of each cell of a notebook, or each
group of statements of a .py file, what of it works with `import nlu_lite.compat as nlu`:

  works                         as it is
  works with this changed line  "-" before, "+" after; "without" names parts of a request that are not served
  cannot work                   why, and the nearest thing that does
  known only when it runs       what the code alone does not tell, such as a request out of a file
"""
MIGRATE_EXAMPLES = """examples:
  nlu-lite migrate notebook.ipynb               say what works
  nlu-lite migrate --write notebook.ipynb       write the changed copy as well: notebook.nlu_lite.ipynb
  nlu-lite migrate --write --force src/*.py     ... also where copies exist already

The copy is written beside the file, which is not touched. Lines that cannot work are comments in it, with the reason; outputs
of changed cells are removed.

exit codes: 0 everything works, perhaps with changes; 1 something cannot work, is not known, or a file cannot be read; 2 usage
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
        code: int = parsed.run(parsed)
    except NluLiteError as error:
        print(f"nlu-lite: {error}", file=sys.stderr)
        return FAILURE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


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
    predict.add_argument("--level", metavar="LEVEL", help="token, sentence or document")
    predict.add_argument("--path", metavar="FOLDER", help="a model folder instead of the registry's files")
    predict.set_defaults(run=_predict)
    found = verbs.add_parser("search", help="list the references that match some words")
    found.add_argument("words", metavar="WORD", nargs="*", help="each must stand in the reference, its model or licence")
    found.add_argument("--lang", metavar="CODE", help="only this language, such as en")
    found.add_argument("--task", metavar="TASK", help="embed or embed_sentence")
    found.set_defaults(run=_search)
    show = verbs.add_parser("show", help="what is known about references")
    show.add_argument("references", metavar="REFERENCE", nargs="+")
    show.set_defaults(run=_show)
    download = verbs.add_parser("download", help="fetch the weights of references, for use without a network")
    download.add_argument("references", metavar="REFERENCE", nargs="+")
    download.add_argument("--to", metavar="FOLDER", help="copy the files into FOLDER/REFERENCE as well, for path=")
    download.add_argument("--update", action="store_true", help="ask for a newer revision of what is here")
    download.set_defaults(run=_download)
    check = verbs.add_parser("verify", help="compare references with what is published about them")
    check.add_argument("references", metavar="REFERENCE", nargs="*")
    check.add_argument("--all", action="store_true", help="every reference whose weights are on this machine")
    check.add_argument("--config-only", action="store_true", help="only the configuration, not the vectors")
    check.add_argument("--write", action="store_true", help="record what is proven in the registry file")
    check.set_defaults(run=_verify)
    _add_migrate(verbs)
    return parser


def _add_migrate(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    migrate = verbs.add_parser(
        "migrate",
        help="what of code for NLU works here, and a changed copy",
        description=MIGRATE,
        epilog=MIGRATE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    migrate.add_argument("files", metavar="NOTEBOOK|FILE", nargs="+", type=Path, help="notebooks (.ipynb) and Python files")
    migrate.add_argument("--write", action="store_true", help="write the changed copy: NAME.nlu_lite.ipynb, NAME.nlu_lite.py")
    migrate.add_argument("--force", action="store_true", help="with --write: replace a copy that exists")
    migrate.set_defaults(run=_migrate, usage_error=migrate.error)


def _predict(parsed: argparse.Namespace) -> int:
    from nlu_lite.pipeline import load

    texts = parsed.texts or [line.rstrip("\n") for line in sys.stdin]
    frame = load(parsed.reference, path=parsed.path).predict(texts, parsed.level)
    print(table(frame))
    return 0


def _search(parsed: argparse.Namespace) -> int:
    from nlu_lite.catalogue import search

    found = search(" ".join(parsed.words), lang=parsed.lang, task=parsed.task)
    shown = found.drop(columns=["model", "origin"])
    print(shown.to_string(index=False, na_rep="unknown") if len(found) else "Nothing matches; try fewer or shorter words.")
    return 0


def _show(parsed: argparse.Namespace) -> int:
    from nlu_lite.catalogue import card
    from nlu_lite.request import resolve

    entries = resolve(" ".join(parsed.references), path=None, task=None, language=None, one_language=False)
    print("\n\n".join(card(entry) for entry in entries))
    return 0


def _download(parsed: argparse.Namespace) -> int:
    from nlu_lite import registry, saved, weights
    from nlu_lite.request import resolve

    entries = resolve(" ".join(parsed.references), path=None, task=None, language=None, one_language=False)
    for entry in entries:
        folder = weights.update(entry) if parsed.update else None
        folder = folder or weights.locate(entry, registry.current())
        if parsed.to:
            folder = saved.copy_model(folder, Path(parsed.to) / (entry.reference or entry.request.replace("/", "--")))
        print(f"{entry.request}\t{folder}")
    return 0


def _verify(parsed: argparse.Namespace) -> int:
    from nlu_lite import registry, weights
    from nlu_lite.verification import verify

    known = registry.current()
    names = parsed.references
    if parsed.all:
        names = [name for name in known.references if weights.is_local(known.entry(name))]
    if not names:
        raise OptionError("Name references, or say --all for those whose weights are on this machine.")
    report = verify(" ".join(names), config_only=parsed.config_only, write=parsed.write)
    print(report.to_string(index=False, na_rep="", float_format="{:.2e}".format))
    failed = int((report["ok"] == False).sum())  # noqa: E712 - missing values are neither
    print(f"{int(report['ok'].sum())} checks hold, {failed} fail, {int(report['ok'].isna().sum())} had nothing to compare with")
    return FAILURE if failed else 0


def _migrate(parsed: argparse.Namespace) -> int:
    from nlu_lite import migration

    if parsed.force and not parsed.write:
        parsed.usage_error("--force is for --write")
    code = 0
    for path in parsed.files:
        try:
            verdicts = migration.judge(migration.read(path))
            print(migration.report(verdicts))
            if parsed.write:
                copy = migration.write(verdicts, is_forced=parsed.force)
                print(f"written: {copy}" if copy else "nothing written: the file needs no change")
        except NluLiteError as error:
            # The other files are read all the same.
            print(f"nlu-lite: {error}", file=sys.stderr)
            code = FAILURE
        else:
            code = code if migration.works(verdicts) else FAILURE
    return code


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
