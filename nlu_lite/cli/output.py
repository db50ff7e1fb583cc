"""Where ``nlu-lite predict`` writes to, in which format, and which options go with it."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu_lite.cli.formats import default_format
from nlu_lite.cli.messages import say
from nlu_lite.cli.parser import refuse_usage
from nlu_lite.common import draft_file, resolve_address
from nlu_lite.errors import InputValueError, OutputError

ENDINGS = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
FOLDER = "folder"
FOLDER_OPTIONS = ("part_rows", "key", "reuse", "shard")
# Those that one Parquet file has as well.
PARQUET_OPTIONS = ("vectors", "errors")
FILE_OPTIONS = ("delimiter", "quoting", "escape", "encoding")


@dataclass(frozen=True, kw_only=True)
class Output:
    """What ``predict`` writes.

    Attributes:
        format: ``table``, ``csv``, ``jsonl``, ``parquet``, or ``folder`` for a folder of Parquet.
        path: A file, a folder or an address; None for standard output.
    """

    format: str
    path: str | None


def output_of(arguments: argparse.Namespace) -> Output:
    """What ``--output`` and ``--format`` say; wrong usage ends the process."""
    path = None if arguments.output == "-" else arguments.output
    if path is None:
        return Output(format=_standard_format(arguments), path=None)
    address = resolve_address(path, OutputError)
    if isinstance(address, str):
        _refuse_remote_file(arguments, path)
    if isinstance(address, str) or _names_folder(path, address, arguments.format):
        format_name = arguments.format
        if format_name not in (None, "parquet"):
            refuse_usage(
                arguments,
                f"--output {path} is a folder, which is Parquet; for {format_name} name a file",
            )
        return Output(format=FOLDER, path=str(address))
    return Output(format=_file_format(arguments, path), path=str(address))


def _refuse_remote_file(arguments: argparse.Namespace, path: str) -> None:
    """End the process where one file is asked for at an address, where only folders are written."""
    if not path.endswith("/") and Path(path).suffix.lower() in ENDINGS:
        refuse_usage(
            arguments,
            f"--output {path} is one file at an address; there only a folder of Parquet is "
            f"written, whose name ends in /. Or name a file of this machine",
        )


def _standard_format(arguments: argparse.Namespace) -> str:
    format_name = arguments.format or default_format()
    if format_name == "parquet" and sys.stdout.isatty():
        refuse_usage(arguments, "Parquet is not for a terminal; say --output FILE.parquet")
    return str(format_name)


def _names_folder(path: str, address: Path, format_name: str | None) -> bool:
    if path.endswith(("/", os.sep)) or address.is_dir():
        return True
    return not address.suffix and format_name in (None, "parquet")


def _file_format(arguments: argparse.Namespace, path: str) -> str:
    by_ending = ENDINGS.get(Path(path).suffix.lower())
    format_name = arguments.format or by_ending
    if format_name is None:
        refuse_usage(
            arguments,
            f"--output {path}: valid endings are {', '.join(ENDINGS)}; a folder's name ends in /, "
            f"or say --format",
        )
    if by_ending not in (None, format_name):
        refuse_usage(
            arguments,
            f"--output {path} says {by_ending}, --format {format_name}; leave one of them out",
        )
    return str(format_name)


def _check_input(name: str) -> None:
    """Refuse a file that is not there, before a model is read or fetched for it.

    Raises:
        InputValueError: There is none.
    """
    path = resolve_address(name, InputValueError)
    if isinstance(path, str) or path.exists():
        return
    names = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=1)
    hint = f" Did you mean {path.parent / near[0]}?" if near else ""
    raise InputValueError(f"--input {path} is no file or folder.{hint}")


def check_options(arguments: argparse.Namespace, output: Output) -> None:
    """End the process with wrong usage where options do not go together."""
    has_input = arguments.input is not None
    if arguments.texts and has_input:
        refuse_usage(arguments, "texts and --input are both given; leave one of them out")
    if arguments.column is not None and not has_input:
        refuse_usage(arguments, "--column is a column of --input FILE, which is missing")
    _check_file_options(arguments)
    if arguments.keep and arguments.no_keep:
        refuse_usage(arguments, "--keep and --no-keep are both given; leave one of them out")
    if bool(arguments.chunk) != (arguments.level == "chunk"):
        refuse_usage(arguments, "--level chunk and --chunk PHRASE belong together")
    if arguments.limit is not None and output.format == FOLDER:
        refuse_usage(
            arguments,
            "--limit: not for --output FOLDER, whose parts are of the whole input; name "
            "one file, such as sample.parquet",
        )
    _check_parquet_options(arguments, output)
    _hint_at_files(arguments)
    if has_input and _is_same_path(output.path, arguments.input):
        refuse_usage(arguments, "--output is the --input; name another file")
    if not (arguments.texts or has_input or _is_piped(sys.stdin)):
        refuse_usage(
            arguments,
            "no text: name texts after the reference, or --input FILE, or pipe them in, one a line",
        )
    if has_input:
        _check_input(arguments.input)


def _hint_at_files(arguments: argparse.Namespace) -> None:
    """Say of a text that is the name of a file how the file is read."""
    for text in arguments.texts:
        with contextlib.suppress(OSError):  # longer than a name may be
            if Path(text).is_file():
                say(f"{text} is a file, taken for a text here; to read it: --input {text}")


def _check_file_options(arguments: argparse.Namespace) -> None:
    reading = file_options(arguments)
    if arguments.texts and reading:
        refuse_usage(arguments, f"{_typed(reading)}: only for --input FILE")
    if arguments.input is None and set(reading) - {"encoding"}:
        refuse_usage(arguments, f"{_typed(reading)}: only for --input FILE; of a pipe --encoding")


def _typed(names: Iterable[str]) -> str:
    """Options as they are typed."""
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def file_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """How the input is read, by the names in ``Pipeline.stream``."""
    options = {name: getattr(arguments, name) for name in FILE_OPTIONS}
    return {name: value for name, value in options.items() if value is not None}


def _check_parquet_options(arguments: argparse.Namespace, output: Output) -> None:
    if output.format == FOLDER:
        return
    valid = PARQUET_OPTIONS if output.format == "parquet" else ()
    refused = [name for name in parquet_options(arguments) if name not in valid]
    if refused:
        needed = "Parquet" if set(refused) <= set(PARQUET_OPTIONS) else "--output FOLDER"
        refuse_usage(arguments, f"{_typed(refused)}: only for {needed}")
    if "," in arguments.device:
        refuse_usage(arguments, "several devices: only for --output FOLDER")


def parquet_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """The options of Parquet on the command line, by their names in ``Pipeline.to_parquet``."""
    options = {name: getattr(arguments, name) for name in FOLDER_OPTIONS + PARQUET_OPTIONS}
    return {name: value for name, value in options.items() if value is not None}


def _is_same_path(path: str | None, other_path: str) -> bool:
    if path is None:
        return False
    addresses = [resolve_address(name, InputValueError) for name in (path, other_path)]
    resolved = [
        address.resolve() if isinstance(address, Path) else address for address in addresses
    ]
    return resolved[0] == resolved[1]


def _is_piped(stream: Any) -> bool:  # noqa: ANN401 - a file, or None where the process has none
    return stream is not None and not stream.isatty()


@contextlib.contextmanager
def draft_of(path: str) -> Iterator[Path]:
    """A file beside the path to write to, which takes its name when all went well.

    Raises:
        OutputError: The file cannot be written.
    """
    try:
        with draft_file(Path(path)) as draft:
            yield draft
    except KeyboardInterrupt:
        say(f"stopped; {path} was not written")
        raise
