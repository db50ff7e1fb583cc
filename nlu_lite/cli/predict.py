"""``nlu-lite predict``: texts, files or standard input to a table, a file or a folder."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from nlu_lite.cli.formats import chosen, standard_output, writer
from nlu_lite.errors import NluLiteError, OutputError

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline

ENDINGS = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
FOLDER = "folder"
# Options that only a folder has, beside --errors and --vectors, which a Parquet file has too.
OF_FOLDERS = ("part_rows", "key", "reuse", "shard")
OF_PARQUET = ("vectors", "errors")
# Work that takes less, to standard output, needs no word about its rate.
SHORT = 2.0


def predict(parsed: argparse.Namespace) -> int:
    """Run the verb.

    Args:
        parsed: What stands on the command line.
    """
    kind, target = _target(parsed)
    _check(parsed, kind, target)
    data = _data(parsed)
    if kind == FOLDER:
        assert target is not None, "only --output names a folder"
        return _to_folder(parsed, data, target)
    if kind == "parquet":
        return _to_parquet(parsed, data, target)
    return _to_text(parsed, data, kind, target)


def _target(parsed: argparse.Namespace) -> tuple[str, str | None]:
    """The format, or that it is a folder; and where to, None for standard output."""
    usage_error = _usage(parsed)
    place: str | None = None if parsed.output == "-" else parsed.output
    if place is None:
        kind = chosen(parsed.format)
        if kind == "parquet" and sys.stdout.isatty():
            usage_error("Parquet is not for a terminal; say --output FILE.parquet")
        return kind, None
    ending = Path(place).suffix.lower()
    if (
        place.endswith(("/", os.sep))
        or "://" in place
        or Path(place).is_dir()
        or (not ending and parsed.format is None)
    ):
        if parsed.format not in (None, "parquet"):
            usage_error(
                f"--output {place} is a folder, which is Parquet; for {parsed.format} name a file"
            )
        return FOLDER, place
    if not ending and parsed.format == "parquet":
        return FOLDER, place
    named = ENDINGS.get(ending)
    if parsed.format is None and named is None:
        usage_error(
            f"--output {place}: valid endings are {', '.join(ENDINGS)}; a folder's name ends in /, "
            f"or say --format"
        )
    if named is not None and parsed.format not in (None, named):
        usage_error(
            f"--output {place} says {named}, --format {parsed.format}; leave one of them out"
        )
    return str(parsed.format or named), place


def _usage(parsed: argparse.Namespace) -> Any:  # noqa: ANN401 - a function that does not return
    def usage_error(message: str) -> NoReturn:
        parsed.usage_error(message)
        raise AssertionError("it exits")

    return usage_error


def _check(parsed: argparse.Namespace, kind: str, target: str | None) -> None:
    """That the options go together."""
    usage_error = _usage(parsed)
    if parsed.texts and parsed.input is not None:
        usage_error("texts and --input are both given; leave one of them out")
    if parsed.column is not None and parsed.input is None:
        usage_error("--column is a column of --input FILE, which is missing")
    if parsed.keep and parsed.no_keep:
        usage_error("--keep and --no-keep are both given; leave one of them out")
    if (parsed.level == "chunk") != bool(parsed.chunk):
        usage_error("--level chunk and --chunk PHRASE belong together")
    allowed = {FOLDER: OF_FOLDERS + OF_PARQUET, "parquet": OF_PARQUET}.get(kind, ())
    several = parsed.device is not None and "," in parsed.device
    lost = [
        name
        for name in OF_FOLDERS + OF_PARQUET
        if getattr(parsed, name) is not None and name not in allowed
    ]
    if lost or (several and kind != FOLDER):
        names = ", ".join(f"--{name.replace('_', '-')}" for name in lost) or "several devices"
        usage_error(
            f"{names}: only for "
            f"{'Parquet' if set(lost) <= set(OF_PARQUET) and lost else '--output FOLDER'}"
        )
    if target and parsed.input and Path(target).resolve() == Path(parsed.input).resolve():
        usage_error("--output is the --input; name another file")
    if not parsed.texts and parsed.input is None and (sys.stdin is None or sys.stdin.isatty()):
        usage_error(
            "no text: name texts after the reference, or --input FILE, or pipe them in, one a line"
        )


def _data(parsed: argparse.Namespace) -> Any:  # noqa: ANN401 - as Pipeline.stream takes it
    if parsed.texts:
        return list(parsed.texts)
    return parsed.input if parsed.input is not None else _standard_input()


def _standard_input() -> Iterator[Any]:
    """A text a line; what is not UTF-8 is refused with its line when it is read."""
    from nlu_lite.inputs import lines

    def opened(_name: str) -> Any:  # noqa: ANN401 - a binary file
        return open(sys.stdin.fileno(), "rb", closefd=False)  # the reader closes it

    for texts in lines.read_texts(["standard input"], opened):
        yield from texts


def _load(parsed: argparse.Namespace) -> Pipeline:
    from nlu_lite.loading import load

    device = "auto" if parsed.device is None else parsed.device.partition(",")[0]
    return load(
        parsed.reference,
        path=parsed.path,
        task=parsed.task,
        labels=parsed.label,
        multi_label=parsed.multi_label,
        **({} if parsed.hypothesis is None else {"hypothesis": parsed.hypothesis}),
        language=parsed.language,
        device=device,
        dtype=parsed.dtype,
        offline=parsed.offline,
    )


def _frame_options(parsed: argparse.Namespace) -> dict[str, Any]:
    keep = False if parsed.no_keep else parsed.keep or True
    return {
        "text": parsed.column,
        "keep": keep,
        "metadata": parsed.metadata,
        "chunks": parsed.chunk,
    }


def _to_text(parsed: argparse.Namespace, data: Any, kind: str, target: str | None) -> int:  # noqa: ANN401
    from nlu_lite.common import bar

    with _appearing(target) as draft, _text_file(draft) as file:
        pipe = _load(parsed)
        write, rows, started = writer(kind, file), 0, time.perf_counter()
        frames = pipe.stream(
            data, parsed.level, positions=parsed.positions, **_frame_options(parsed)
        )
        # A terminal that the data runs over shows by that how far it is.
        shown = False if parsed.quiet or (target is None and sys.stdout.isatty()) else None
        with bar(None, unit="rows", show=shown, label="encoding") as done:
            for frame in frames:
                write(frame)
                done(len(frame))
                rows += len(frame)
        seconds = time.perf_counter() - started
    if target is not None or seconds > SHORT:
        _say(parsed, f"{rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} a second", target)
    return 0


def _text_file(draft: Path | None) -> contextlib.AbstractContextManager[TextIO]:
    if draft is None:
        return contextlib.nullcontext(standard_output())
    return draft.open("w", encoding="utf-8", newline="")


def _to_parquet(parsed: argparse.Namespace, data: Any, target: str | None) -> int:  # noqa: ANN401
    """One file: a folder of parts that are then laid end to end."""
    from nlu_lite.parquet import join

    with _appearing(target) as draft:
        beside = None if draft is None else draft.parent
        with tempfile.TemporaryDirectory(prefix=".nlu-lite-", dir=beside) as folder:
            report = _encode(parsed, data, folder)
            if draft is not None:
                join(folder, draft)
            else:
                join(folder, sys.stdout.buffer)
    _say(parsed, _rate(report), target)
    return 0


def _to_folder(parsed: argparse.Namespace, data: Any, folder: str) -> int:  # noqa: ANN401
    try:
        report = _encode(parsed, data, folder)
    except KeyboardInterrupt:
        print(
            f"nlu-lite: stopped; {folder} keeps its whole parts, and the same command goes on from "
            f"there",
            file=sys.stderr,
        )
        raise
    if report["failures"]:
        places = ", ".join(str(place) for place, _ in report["first_failures"][:5])
        print(
            f"nlu-lite: warning: {report['failures']:,} rows are no text (the first: {places})",
            file=sys.stderr,
        )
    _say(parsed, _rate(report), folder)
    return 0


def _encode(parsed: argparse.Namespace, data: Any, folder: str) -> dict[str, Any]:  # noqa: ANN401
    own = {
        name: value
        for name in OF_FOLDERS + OF_PARQUET
        if (value := getattr(parsed, name)) is not None
    }
    if parsed.device is not None and "," in parsed.device:
        own["device"] = parsed.device.split(",")
    progress = False if parsed.quiet else None
    return _load(parsed).to_parquet(
        data, folder, parsed.level, progress=progress, **own, **_frame_options(parsed)
    )


def _rate(report: dict[str, Any]) -> str:
    now = report["run"]
    rates = (
        f"{now['texts_per_second']:,.0f} texts and {now['pieces_per_second']:,.0f} pieces a second"
    )
    before = report["parts"] - now["parts"]
    kept = f" ({before:,} of {report['parts']:,} parts were there already)" if before else ""
    return f"{now['texts']:,} texts, {now['rows']:,} rows in {now['seconds']:.1f} s, {rates}{kept}"


def _say(parsed: argparse.Namespace, what: str, target: str | None) -> None:
    if not parsed.quiet:
        print(f"nlu-lite: {what}{'' if target is None else f': {target}'}", file=sys.stderr)


@contextlib.contextmanager
def _appearing(target: str | None) -> Iterator[Path | None]:
    """A path beside the target to write to, which takes its name when all went well; None for standard output."""
    if target is None:
        yield None
        return
    path = Path(target)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.touch()  # before the model is read
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        if isinstance(error, NluLiteError):
            raise
        raise OutputError(
            f"{target} cannot be written: {error}. Nothing is there under that name that was not "
            f"before."
        ) from error
    except KeyboardInterrupt:
        print(f"nlu-lite: stopped; {target} was not written", file=sys.stderr)
        raise
    finally:
        with contextlib.suppress(OSError):  # such as a folder that is none, which is said already
            draft.unlink(missing_ok=True)
