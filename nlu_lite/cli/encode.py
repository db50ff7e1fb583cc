"""The work of ``nlu-lite predict``: texts, files or standard input to a table, a file, a folder."""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TextIO

from nlu_lite.cli.formats import standard_output
from nlu_lite.cli.frames import writer_of
from nlu_lite.cli.messages import erase_status, say
from nlu_lite.cli.output import FOLDER, Output, draft_of, file_options, parquet_options
from nlu_lite.common import draft_folder, progress_bar
from nlu_lite.frame import Locate
from nlu_lite.inputs import (
    FileArguments,
    Source,
    check_encoding,
    locate_column,
    open_source,
    read_texts,
)
from nlu_lite.loading import load
from nlu_lite.pipeline import Pipeline

# Work that takes less, to standard output, needs no word about its rate.
QUICK_SECONDS = 2.0
LONGEST_LIST = 5


def write_output(arguments: argparse.Namespace, output: Output) -> None:
    """Read the model, encode the texts and write their frame; on a terminal with how far it is.

    Args:
        arguments: Those of ``predict``, checked.
        output: What is written, and where to.
    """
    if arguments.input is not None:
        _open_input(arguments)  # a wrong column is told before a model is read or fetched
    if output.format == FOLDER:
        _write_folder(arguments, str(output.path))
    elif output.format == "parquet":
        _write_parquet(arguments, output.path)
    else:
        _write_text(arguments, output)


def _write_text(arguments: argparse.Namespace, output: Output) -> None:
    if output.path is None:
        rows, seconds = _write_frames(arguments, output, standard_output())
        if seconds <= QUICK_SECONDS:
            return
    else:
        with (
            draft_of(output.path) as draft,
            draft.open("w", encoding="utf-8", newline="") as file,
        ):
            rows, seconds = _write_frames(arguments, output, file)
    rate = rows / seconds
    _report(arguments, f"{rows:,} rows in {seconds:.1f} s, {rate:,.0f} a second", output.path)


def _write_frames(arguments: argparse.Namespace, output: Output, file: TextIO) -> tuple[int, float]:
    """Write frame after frame; returns the rows, and the seconds after the model was read."""
    # A terminal that the data runs over shows by that how far the work is.
    hides_bar = arguments.quiet or (output.path is None and sys.stdout.isatty())
    total = None if hides_bar or not sys.stderr.isatty() else _count_texts(arguments)
    pipeline = _load(arguments)
    write = writer_of(output.format, file, locate=_locate_in(arguments))
    rows = texts = 0
    start = time.perf_counter()
    frames = pipeline.stream(
        _data(arguments),
        arguments.level,
        positions=arguments.positions,
        **_frame_options(arguments),
    )
    with progress_bar(
        total, unit="texts", show=False if hides_bar else None, label="encoding"
    ) as advance:
        for frame in frames:
            write(frame)
            file.flush()  # for readers who wait for the first rows
            rows += len(frame)
            if len(frame):  # under the running number of the texts
                advance(frame.index[-1] + 1 - texts)
                texts = frame.index[-1] + 1
    return rows, time.perf_counter() - start


def _count_texts(arguments: argparse.Namespace) -> int | None:
    """How many texts there are to encode; None where only reading them all would tell."""
    count = len(arguments.texts) or None
    if arguments.input is not None:
        count = _open_input(arguments).count()
    return min((number for number in (count, arguments.limit) if number is not None), default=None)


def _locate_in(arguments: argparse.Namespace) -> Locate | None:
    """What tells in which line of the input a column comes up first."""
    if arguments.input is None:
        return None
    reading = FileArguments(**file_options(arguments))
    return lambda column: locate_column(arguments.input, column, reading)


def _write_parquet(arguments: argparse.Namespace, path: str | None) -> None:
    """One file: a folder of parts that are then laid end to end."""
    if path is None:
        report = _write_parts_and_join(arguments, sys.stdout.buffer, beside=None)
    else:
        with draft_of(path) as draft:
            report = _write_parts_and_join(arguments, draft, beside=draft.parent)
    _report(arguments, _rate(report), path)


def _write_parts_and_join(
    arguments: argparse.Namespace, file: Path | IO[bytes], beside: Path | None
) -> dict[str, Any]:
    from nlu_lite.parquet import join  # needs pyarrow, which a plain install has not

    parent = Path(tempfile.gettempdir()) if beside is None else beside
    with draft_folder(parent, ".nlu-lite-") as drafts:
        folder = str(drafts / "parts")
        report = _write_parts(arguments, folder)
        join(folder, file)
    return report


def _write_folder(arguments: argparse.Namespace, folder: str) -> None:
    try:
        report = _write_parts(arguments, folder)
    except KeyboardInterrupt:
        say(f"stopped; {folder} keeps its whole parts, and the same command goes on from there")
        raise
    if report["failures"]:
        first_rows = ", ".join(str(row) for row, _ in report["first_failures"][:LONGEST_LIST])
        say(f"warning: {report['failures']:,} rows are no text (the first: {first_rows})")
    _report(arguments, _rate(report), folder)


def _write_parts(arguments: argparse.Namespace, folder: str) -> dict[str, Any]:
    options = parquet_options(arguments)
    if "," in arguments.device:
        options["device"] = arguments.device.split(",")
    return _load(arguments).to_parquet(
        _data(arguments),
        folder,
        arguments.level,
        progress=False if arguments.quiet else None,
        **options,
        **_frame_options(arguments),
    )


def _load(arguments: argparse.Namespace) -> Pipeline:
    options: dict[str, Any] = {}
    if arguments.prompt is not None:
        options["prompt"] = arguments.prompt
    if arguments.hypothesis is not None:
        options["hypothesis"] = arguments.hypothesis
    pipeline = load(
        arguments.reference,
        path=arguments.path,
        task=arguments.task,
        labels=arguments.label,
        multi_label=arguments.multi_label,
        language=arguments.language,
        device=arguments.device.partition(",")[0],
        dtype=arguments.dtype,
        offline=arguments.offline,
        **options,
    )
    erase_status()
    return pipeline


def _frame_options(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "text": arguments.column,
        "keep": not arguments.no_keep if arguments.keep is None else arguments.keep,
        "metadata": arguments.metadata,
        "chunks": arguments.chunk,
        # Of the first rows alone the file is open already.
        **(file_options(arguments) if arguments.input and arguments.limit is None else {}),
    }


def _data(arguments: argparse.Namespace) -> Any:  # noqa: ANN401 - as Pipeline.stream takes it
    if arguments.texts:
        return list(arguments.texts)[: arguments.limit]
    if arguments.input is None:
        check_encoding(arguments.encoding)
        return itertools.islice(_standard_input(arguments.encoding), arguments.limit)
    if arguments.limit is None:
        return arguments.input
    source = _open_input(arguments)
    rows = source.first(arguments.limit)
    return rows if source.text is not None else itertools.chain.from_iterable(rows)


def _open_input(arguments: argparse.Namespace) -> Source:
    reading = FileArguments(**file_options(arguments))
    return open_source(arguments.input, arguments.column, exact=True, file_arguments=reading)


def _standard_input(encoding: str | None) -> Iterator[Any]:
    """A text a line; what is not in the encoding is refused with its line when it is read."""
    for texts in read_texts(["standard input"], _open_standard_input, encoding):
        yield from texts


def _open_standard_input(_name: str) -> IO[bytes]:
    return open(sys.stdin.fileno(), "rb", closefd=False)  # the reader closes it


def _rate(report: dict[str, Any]) -> str:
    run = report["run"]
    rates = (
        f"{run['texts_per_second']:,.0f} texts and {run['pieces_per_second']:,.0f} pieces a second"
    )
    before = report["parts"] - run["parts"]
    kept = f" ({before:,} of {report['parts']:,} parts were there already)" if before else ""
    return f"{run['texts']:,} texts, {run['rows']:,} rows in {run['seconds']:.1f} s, {rates}{kept}"


def _report(arguments: argparse.Namespace, message: str, path: str | None) -> None:
    if not arguments.quiet:
        say(f"{message}{'' if path is None else f': {path}'}")
