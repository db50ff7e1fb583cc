"""The grammar of the command line. Nothing is imported for it that takes time."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from nlu_lite.cli import help_texts
from nlu_lite.errors import hide_secrets, show_controls

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction["_Parser"]
    Options = argparse.ArgumentParser | argparse._ArgumentGroup

# A copy of the tables of levels and tasks, which take too long to import; a test compares them.
LEVELS = ("token", "sentence", "document", "chunk")
TASKS = (
    "embed",
    "embed_sentence",
    "token_classification",
    "text_classification",
    "zero_shot",
    "question_answering",
    "translation",
)
DTYPES = ("float32", "bfloat16", "float16", "auto")


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are two lines: what is wrong, and where to read more.

    They hold no secrets and nothing that a terminal obeys.
    """

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and end the process with 2."""
        message = show_controls(hide_secrets(message))
        self.exit(2, f"{self.prog}: {message}\nTry `{self.prog} --help`.\n")


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __init__(self, option_strings: Sequence[str], dest: str, **options: Any) -> None:  # noqa: ANN401
        super().__init__(option_strings, dest, nargs=0, **options)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _namespace: argparse.Namespace,
        _values: object,
        _option: str | None = None,
    ) -> None:
        """Print it and end the process."""
        from importlib.metadata import version

        print(f"nlu-lite {version('nlu-lite')}")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line.

    What it gives holds the ``verb``, which is the name of a module of this folder, and the verb's
    own ``parser``, which knows how to refuse wrong usage.
    """
    parser = _Parser(
        prog="nlu-lite",
        description=help_texts.PROGRAM,
        epilog=help_texts.PROGRAM_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, help="show the version and end")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs")
    _add_predict(verbs)
    _add_search(verbs)
    _add_show(verbs)
    _add_find(verbs)
    _add_download(verbs)
    _add_verify(verbs)
    _add_migrate(verbs)
    return parser


def parse_words(parser: argparse.ArgumentParser, words: Sequence[str] | None) -> argparse.Namespace:
    """The arguments of a command line, whose texts may stand before and behind options.

    argparse takes only the words before the first option for texts.

    Args:
        parser: From ``build_parser``.
        words: Without the program's name; those of the process if not given.
    """
    arguments, rest = parser.parse_known_args(words)
    texts: list[str] | None = getattr(arguments, "texts", None)
    unknown = [word for word in rest if texts is None or word.startswith("-")]
    if unknown:
        used: argparse.ArgumentParser = getattr(arguments, "parser", parser)
        used.error(f"unrecognized arguments: {' '.join(unknown)}{_hint_at_option(used, unknown)}")
    if texts is not None:
        arguments.texts = [*texts, *rest]
    return arguments


def _hint_at_option(parser: argparse.ArgumentParser, unknown: Sequence[str]) -> str:
    """The option that is spelt most like the first unknown one."""
    valid = [name for name in parser._option_string_actions if name.startswith("--")]
    near = difflib.get_close_matches(unknown[0].partition("=")[0], valid, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def refuse_usage(arguments: argparse.Namespace, message: str) -> NoReturn:
    """Print how the verb is used and what is wrong, and end the process with 2."""
    parser: argparse.ArgumentParser = arguments.parser
    parser.error(message)


def _add_verb(
    verbs: Verbs, name: str, purpose: str, examples: str, description: str = ""
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(
        name,
        help=purpose,
        description=description or f"{purpose[0].upper()}{purpose[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(parser=parser)
    return parser


def _add_predict(verbs: Verbs) -> None:
    parser = _add_verb(
        verbs,
        "predict",
        "words and vectors of texts",
        help_texts.PREDICT_EXAMPLES,
        help_texts.PREDICT,
    )
    add = parser.add_argument
    add("reference", metavar="REFERENCE", help='one or more references, in quotes: "bert albert"')
    add(
        "texts",
        metavar="TEXT",
        nargs="*",
        help="texts; without any, --input or a text a line of standard input",
    )
    _add_source_options(parser.add_argument_group("what goes in"))
    _add_model_options(parser.add_argument_group("the model"))
    _add_row_options(parser.add_argument_group("what comes out"))
    _add_folder_options(parser.add_argument_group("folders of Parquet only"))


def _add_source_options(group: Options) -> None:
    add = group.add_argument
    add("--input", metavar="FILE", help="a file, a folder or an address; see below")
    add(
        "--column",
        metavar="NAME",
        help='the column with the text; otherwise "text", or the only text column',
    )
    add(
        "--limit",
        metavar="N",
        type=_count,
        help="stop after N texts: rows of a file, lines of a pipe (all)",
    )
    add("--delimiter", metavar="SIGN", help="of CSV: between two cells (a comma; in .tsv a tab)")
    add("--quoting", metavar="SIGN", help='of CSV: around a cell ("), or none: quotes are text')
    add("--escape", metavar="SIGN", help="of CSV: before a quote that is text, such as \\ (none)")
    add("--encoding", metavar="NAME", help="of a file of text or a pipe, such as utf-16 (utf-8)")


def _add_model_options(group: Options) -> None:
    add = group.add_argument
    add("--path", metavar="FOLDER", help="a model folder instead of the registry's files")
    add(
        "--task",
        metavar="TASK",
        choices=TASKS,
        help="of a folder or a hub id: embed, text_classification, ...",
    )
    add(
        "--label",
        metavar="NAME",
        action="append",
        help="a candidate label, for zero-shot; repeatable",
    )
    add("--hypothesis", metavar="TEXT", help="for zero-shot: a sentence with {} in it")
    add("--multi-label", action="store_true", help="for zero-shot: several labels may be right")
    add(
        "--prompt",
        metavar="TEXT",
        help="in front of every text; for a translator the code of the language to write",
    )
    add("--dtype", choices=DTYPES, default="float32", help="number format to compute in (float32)")
    add(
        "--device",
        metavar="NAME",
        default="auto",
        help="auto, cpu, cuda, cuda:1, mps; for a folder also cuda:0,cuda:1",
    )
    add("--language", metavar="CODE", help="of the texts, for the rules of sentences and words")
    add("--offline", action="store_true", default=None, help="never ask the network")


def _add_row_options(group: Options) -> None:
    add = group.add_argument
    add("--level", choices=LEVELS, help="what has a row (token, for sentence models sentence)")
    add(
        "--chunk",
        metavar="PHRASE",
        action="append",
        help="a phrase to look for, for --level chunk; repeatable",
    )
    add(
        "--positions",
        action="store_true",
        help="add where each row stands in its text (in Parquet always)",
    )
    add(
        "--metadata",
        action="store_true",
        help="add how each row was read: pieces, windows, unknown pieces",
    )
    add(
        "--keep",
        metavar="NAME",
        action="append",
        help="a column of the input to carry (all); repeatable",
    )
    add("--no-keep", action="store_true", help="carry no column of the input")
    add("--output", metavar="FILE|FOLDER", help="where to; see below")
    _add_format(group, "table", "csv", "jsonl", "parquet")
    add("--quiet", action="store_true", help="no progress and no rate on standard error")


def _add_folder_options(group: Options) -> None:
    add = group.add_argument
    add("--part-rows", metavar="N", type=int, help="texts of a part (10000)")
    add("--vectors", choices=("float32", "float16"), help="number format of the vectors (float32)")
    add(
        "--errors",
        choices=("raise", "null"),
        help="of a row that is no text: stop, or count it (raise)",
    )
    add("--key", metavar="NAME", help="the column that says which text is which, for --reuse")
    add("--reuse", metavar="FOLDER", help="an earlier output to copy unchanged texts from")
    add("--shard", metavar="I/N", type=_shard, help="only the I-th of N shares, I from 0 on")


def _add_search(verbs: Verbs) -> None:
    parser = _add_verb(verbs, "search", help_texts.SEARCH, help_texts.SEARCH_EXAMPLES)
    add = parser.add_argument
    add(
        "words",
        metavar="WORD",
        nargs="*",
        help="each must stand in the reference, its model or licence",
    )
    add("--lang", metavar="CODE", help="only this language, such as en")
    add("--task", metavar="TASK", help="embed, embed_sentence, token_classification, ...")
    add(
        "--local",
        action=argparse.BooleanOptionalAction,
        help="only what is on this machine, or only what is not",
    )
    add("--max-size-mb", metavar="MB", type=float, help="only models of at most this size")
    add("--limit", metavar="N", type=_count, help="only the first N (on a terminal 20, else all)")
    _add_format(parser, "table", "csv", "jsonl")


def _add_show(verbs: Verbs) -> None:
    parser = _add_verb(verbs, "show", help_texts.SHOW, help_texts.SHOW_EXAMPLES)
    parser.add_argument("references", metavar="REFERENCE", nargs="+")


def _add_find(verbs: Verbs) -> None:
    parser = _add_verb(verbs, "find", help_texts.FIND, help_texts.FIND_EXAMPLES)
    add = parser.add_argument
    add("reference", metavar="REFERENCE", help="a name of NLU that is not served")
    add("--write", action="store_true", help="write the one exact match into your registry file")
    _add_format(parser, "table", "csv", "jsonl")


def _add_download(verbs: Verbs) -> None:
    parser = _add_verb(verbs, "download", help_texts.DOWNLOAD, help_texts.DOWNLOAD_EXAMPLES)
    add = parser.add_argument
    add("references", metavar="REFERENCE", nargs="+")
    add("--to", metavar="FOLDER", help="copy the files into FOLDER/REFERENCE as well, for --path")
    add("--update", action="store_true", help="ask for a newer revision of what is here")


def _add_verify(verbs: Verbs) -> None:
    parser = _add_verb(verbs, "verify", help_texts.VERIFY, help_texts.VERIFY_EXAMPLES)
    add = parser.add_argument
    add("references", metavar="REFERENCE", nargs="*")
    add("--all", action="store_true", help="every reference whose weights are on this machine")
    add("--config-only", action="store_true", help="only the configuration, not the vectors")
    add("--write", action="store_true", help="record what is proven in the registry file")
    add("--fetch", action="store_true", help="fetch each model, compare it, delete it again")
    add(
        "--disk",
        metavar="SIZE",
        type=_byte_count,
        help="with --fetch: what the models may take, such as 500MB (20GB)",
    )
    _add_format(parser, "table", "csv", "jsonl")


def _add_migrate(verbs: Verbs) -> None:
    parser = _add_verb(
        verbs,
        "migrate",
        "what of code for NLU works here, and a changed copy",
        help_texts.MIGRATE_EXAMPLES,
        help_texts.MIGRATE,
    )
    add = parser.add_argument
    add(
        "files",
        metavar="NOTEBOOK|FILE",
        nargs="+",
        type=Path,
        help="notebooks (.ipynb) and Python files",
    )
    add(
        "--write",
        action="store_true",
        help="write the changed copy: NAME.nlu_lite.ipynb, NAME.nlu_lite.py",
    )
    add("--force", action="store_true", help="with --write: replace a copy that exists")


def _add_format(group: Options, *names: str) -> None:
    help_text = "of the output (a table on a terminal, otherwise csv)"
    group.add_argument("--format", choices=names, help=help_text)


def _byte_count(text: str) -> int:
    units = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
    number, unit = text[:-2], text[-2:].upper()
    if not (number.isdecimal() and unit in units and int(number)):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; it must be like 500MB or 20GB")
    return int(number) * units[unit]


def _count(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no such number; valid are 1, 2, 3, ...")
    return int(text)


def _shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and int(number) < int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no share; valid are 0/4, 1/4, 2/4, 3/4")
    return int(number), int(count)
