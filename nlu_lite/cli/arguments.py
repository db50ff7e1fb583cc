"""What may stand on the command line, and the help that says so. Nothing is imported for it that takes time."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite.cli import verbs
from nlu_lite.cli.predict import predict

if TYPE_CHECKING:
    from collections.abc import Callable

    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]

LEVELS = ("token", "sentence", "document", "chunk")
TASKS = (
    "embed",
    "embed_sentence",
    "token_classification",
    "text_classification",
    "zero_shot",
    "question_answering",
)
DTYPES = ("float32", "bfloat16", "float16", "auto")
EXIT_CODES = "exit codes: 0 done; 1 failure, with its reason on standard error; 2 wrong usage; 130 interrupted by Ctrl-C"
EXAMPLES = f"""examples:
  nlu-lite predict en.embed.minilm_l6 "I love NLP"          a table of words and vectors
  nlu-lite predict en.embed.minilm_l6 < texts.txt > w.csv   a text a line in, CSV out
  nlu-lite search small bert                                which references there are
  nlu-lite show en.embed.bert.small_L12_256                 what is known about one
  nlu-lite download en.embed.bert.small_L12_256             fetch its weights now, run without a network later
  nlu-lite migrate notebook.ipynb                           what of code for NLU works here

"nlu-lite VERB --help" says more, with examples of each verb.
{EXIT_CODES}
"""
PREDICT = """Texts to words, sentences or documents and their vectors.

The texts are those on the line; or a file or folder (--input); or standard input, a text a line. They are read and encoded a
few at a time, so that memory does not grow with the input.
"""
PREDICT_EXAMPLES = f"""examples:
  nlu-lite predict en.embed.minilm_l6 "I love NLP" "Me too"
  nlu-lite predict "en.embed.minilm_l6 en.embed_sentence.minilm_l6" "Several models side by side" --level sentence
  nlu-lite predict en.embed.minilm_l6 --input reviews.csv --column body --output words.jsonl
  nlu-lite predict en.embed.minilm_l6 --path ./my_model "A model folder of your own"

  A long job: a folder of Parquet parts. Killed or stopped by Ctrl-C, the same command goes on where it stopped.
  nlu-lite predict en.embed.minilm_l6 --input reviews.parquet --column body --output vectors/ --vectors float16

  The same every night, texts that did not change copied from yesterday; and shared by two machines:
  nlu-lite predict en.embed.minilm_l6 --input tue/ --column body --output tue-vectors/ --key id --reuse mon-vectors/
  nlu-lite predict en.embed.minilm_l6 --input tue/ --column body --output tue-vectors/ --shard 0/2     (and 1/2)

input (--input): .parquet, .csv, .tsv, .jsonl, .json, .txt (a text a line), all but Parquet also with .gz; a folder of such
files of one kind; or an address such as s3://bucket/folder. Other columns are carried into the output.

output (--output): by the ending .csv, .jsonl or .parquet, which appears when it is whole; without an ending, or with a / at the
end, a folder of parts. Without --output: a table on a terminal, otherwise CSV. In CSV a vector is a JSON array with all digits
of its float32 numbers. The column origin_index is the number of the text, from 0 on. Parquet needs pyarrow:
pip install 'nlu-lite[arrow]'

{EXIT_CODES}
"""
SEARCH_EXAMPLES = f"""examples:
  nlu-lite search small bert                    references with both words in name, model, language or licence
  nlu-lite search --lang fr --task embed
  nlu-lite search --format jsonl > all.jsonl    everything, for a program

A reference is what predict, show, download and verify take. "verified" says how far it is proven here.
{EXIT_CODES}
"""
SHOW_EXAMPLES = f"""examples:
  nlu-lite show en.embed.bert.small_L12_256
  nlu-lite show bert sentence-transformers/all-MiniLM-L6-v2    an alias; a model of the hub
{EXIT_CODES}
"""
DOWNLOAD_EXAMPLES = f"""examples:
  nlu-lite download en.embed.bert.small_L12_256              into the cache, where predict finds it
  nlu-lite download en.embed.bert.small_L12_256 --update     ... and look for a newer revision
  nlu-lite download en.embed.minilm_l6 --to models           a copy to carry to another machine, for predict --path

Prints a line for each reference: its name, a tab, its folder.
{EXIT_CODES}
"""
VERIFY_EXAMPLES = f"""examples:
  nlu-lite verify en.embed.bert.small_L12_256      configuration and published vectors
  nlu-lite verify --all --config-only              every reference whose weights are here
  nlu-lite verify --all --format csv > report.csv

{EXIT_CODES} (1 also where a check fails)
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


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; ``run`` of what it gives is the verb's function."""
    whole = argparse.ArgumentParser(
        prog="nlu-lite",
        description="Text to a table of words and their transformer vectors.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    added = whole.add_subparsers(required=True, metavar="VERB", title="verbs")
    _add_predict(added)
    _add_search(added)
    show = _add(added, "show", verbs.show, "what is known about references", SHOW_EXAMPLES)
    show.add_argument("references", metavar="REFERENCE", nargs="+")
    _add_download(added)
    _add_verify(added)
    _add_migrate(added)
    return whole


def _add(
    added: Verbs,
    name: str,
    run: Callable[[argparse.Namespace], int],
    purpose: str,
    examples: str,
    description: str = "",
) -> argparse.ArgumentParser:
    verb = added.add_parser(
        name,
        help=purpose,
        description=description or f"{purpose[0].upper()}{purpose[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(run=run, usage_error=verb.error)
    return verb


def _add_predict(added: Verbs) -> None:
    verb = _add(added, "predict", predict, "words and vectors of texts", PREDICT_EXAMPLES, PREDICT)
    verb.add_argument(
        "reference", metavar="REFERENCE", help='one or more references, in quotes: "bert albert"'
    )
    verb.add_argument(
        "texts",
        metavar="TEXT",
        nargs="*",
        help="texts; without any, --input or a text a line of standard input",
    )
    source = verb.add_argument_group("what goes in")
    source.add_argument("--input", metavar="FILE", help="a file, a folder or an address; see below")
    source.add_argument(
        "--column",
        metavar="NAME",
        help='the column with the text; otherwise "text", or the only text column',
    )
    model = verb.add_argument_group("the model")
    model.add_argument(
        "--path", metavar="FOLDER", help="a model folder instead of the registry's files"
    )
    model.add_argument(
        "--task",
        choices=TASKS,
        metavar="TASK",
        help="of a folder or a hub id: embed, text_classification, ...",
    )
    model.add_argument(
        "--label",
        metavar="NAME",
        action="append",
        help="a candidate label, for zero-shot; repeatable",
    )
    model.add_argument(
        "--hypothesis", metavar="TEXT", help="for zero-shot: a sentence with {} in it"
    )
    model.add_argument(
        "--multi-label", action="store_true", help="for zero-shot: several labels may be right"
    )
    model.add_argument(
        "--dtype", choices=DTYPES, default="float32", help="number format to compute in (float32)"
    )
    model.add_argument(
        "--device",
        metavar="NAME",
        help="auto, cpu, cuda, cuda:1, mps; for a folder also cuda:0,cuda:1",
    )
    model.add_argument(
        "--language", metavar="CODE", help="of the texts, for the rules of sentences and words"
    )
    model.add_argument("--offline", action="store_true", default=None, help="never ask the network")
    rows = verb.add_argument_group("what comes out")
    rows.add_argument(
        "--level", choices=LEVELS, help="what has a row (token, for sentence models sentence)"
    )
    rows.add_argument(
        "--chunk",
        metavar="PHRASE",
        action="append",
        help="a phrase to look for, for --level chunk; repeatable",
    )
    rows.add_argument(
        "--positions",
        action="store_true",
        help="add where each row stands in its text (in Parquet always)",
    )
    rows.add_argument(
        "--metadata",
        action="store_true",
        help="add how each row was read: pieces, windows, unknown pieces",
    )
    rows.add_argument(
        "--keep",
        metavar="NAME",
        action="append",
        help="a column of the input to carry (all); repeatable",
    )
    rows.add_argument("--no-keep", action="store_true", help="carry no column of the input")
    rows.add_argument("--output", metavar="FILE|FOLDER", help="where to; see below")
    _add_format(rows, "table", "csv", "jsonl", "parquet")
    rows.add_argument(
        "--quiet", action="store_true", help="no progress and no rate on standard error"
    )
    folder = verb.add_argument_group("folders of Parquet only")
    folder.add_argument("--part-rows", metavar="N", type=int, help="texts of a part (10000)")
    folder.add_argument(
        "--vectors", choices=("float32", "float16"), help="number format of the vectors (float32)"
    )
    folder.add_argument(
        "--errors",
        choices=("raise", "null"),
        help="of a row that is no text: stop, or count it (raise)",
    )
    folder.add_argument(
        "--key", metavar="NAME", help="the column that says which text is which, for --reuse"
    )
    folder.add_argument(
        "--reuse", metavar="FOLDER", help="an earlier output to copy unchanged texts from"
    )
    folder.add_argument(
        "--shard", metavar="I/N", type=_shard, help="only the I-th of N shares, I from 0 on"
    )


def _add_search(added: Verbs) -> None:
    verb = _add(
        added, "search", verbs.search, "list the references that match some words", SEARCH_EXAMPLES
    )
    verb.add_argument(
        "words",
        metavar="WORD",
        nargs="*",
        help="each must stand in the reference, its model or licence",
    )
    verb.add_argument("--lang", metavar="CODE", help="only this language, such as en")
    verb.add_argument(
        "--task", metavar="TASK", help="embed, embed_sentence, token_classification, ..."
    )
    _add_format(verb, "table", "csv", "jsonl")


def _add_download(added: Verbs) -> None:
    purpose = "fetch the weights of references, for use without a network"
    verb = _add(added, "download", verbs.download, purpose, DOWNLOAD_EXAMPLES)
    verb.add_argument("references", metavar="REFERENCE", nargs="+")
    verb.add_argument(
        "--to", metavar="FOLDER", help="copy the files into FOLDER/REFERENCE as well, for --path"
    )
    verb.add_argument(
        "--update", action="store_true", help="ask for a newer revision of what is here"
    )


def _add_verify(added: Verbs) -> None:
    purpose = "compare references with what is published about them"
    verb = _add(added, "verify", verbs.verify, purpose, VERIFY_EXAMPLES)
    verb.add_argument("references", metavar="REFERENCE", nargs="*")
    verb.add_argument(
        "--all", action="store_true", help="every reference whose weights are on this machine"
    )
    verb.add_argument(
        "--config-only", action="store_true", help="only the configuration, not the vectors"
    )
    verb.add_argument(
        "--write", action="store_true", help="record what is proven in the registry file"
    )
    _add_format(verb, "table", "csv", "jsonl")


def _add_migrate(added: Verbs) -> None:
    purpose = "what of code for NLU works here, and a changed copy"
    verb = _add(added, "migrate", verbs.migrate, purpose, MIGRATE_EXAMPLES, MIGRATE)
    verb.add_argument(
        "files",
        metavar="NOTEBOOK|FILE",
        nargs="+",
        type=Path,
        help="notebooks (.ipynb) and Python files",
    )
    verb.add_argument(
        "--write",
        action="store_true",
        help="write the changed copy: NAME.nlu_lite.ipynb, NAME.nlu_lite.py",
    )
    verb.add_argument(
        "--force", action="store_true", help="with --write: replace a copy that exists"
    )


def _add_format(verb: Any, *names: str) -> None:  # noqa: ANN401 - a parser or a group of one
    verb.add_argument(
        "--format", choices=names, help="of the output (a table on a terminal, otherwise csv)"
    )


def _shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and int(number) < int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no share; valid are 0/4, 1/4, 2/4, 3/4")
    return int(number), int(count)
