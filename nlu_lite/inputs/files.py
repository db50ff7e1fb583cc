"""Sources in files and folders, on this machine or at an address: Parquet, CSV, JSON lines, plain text."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from nlu_lite.errors import InputValueError
from nlu_lite.inputs import lines
from nlu_lite.inputs.arrow import import_pyarrow
from nlu_lite.inputs.memory import numbers
from nlu_lite.inputs.parquet_files import ParquetFiles
from nlu_lite.inputs.source import Source

KINDS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".txt": "text",
}
READ = f"{', '.join(KINDS)}; all but Parquet also with .gz"


@dataclass(frozen=True)
class Listed:
    """Files that make one input, in the order of their names.

    Attributes:
        place: As the caller said it.
        facts: Name, size in bytes and time of the last change in nanoseconds of each.
        open: From a name to the file's bytes, unpacked; those of Parquet are seekable.
    """

    place: str
    facts: tuple[tuple[str, int, int | None], ...]
    open: Callable[[str], IO[bytes]]


def local(path: Path) -> Listed:
    """A file or folder of this machine.

    Raises:
        InputValueError: There is none.
    """
    if not path.exists():
        raise InputValueError(
            f"{path} is no file or folder. To encode one text by itself, hand over a list: [text]."
        )
    base = path if path.is_dir() else path.parent
    found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    names = [p.relative_to(base).as_posix() for p in found]
    facts = [
        (name, p.stat().st_size, p.stat().st_mtime_ns) for name, p in zip(names, found, strict=True)
    ]
    return Listed(str(path), _wanted(facts, path.is_dir()), lambda name: _local(base / name))


def remote(place: str, filesystem: Any = None) -> Listed:  # noqa: ANN401 - a pyarrow.fs.FileSystem
    """A file or folder at an address, or on a file system of Arrow.

    Args:
        place: An address such as ``s3://bucket/folder``; with ``filesystem`` a path on it.
        filesystem: None: the address says which.

    Raises:
        InputValueError: There is no such file or folder, or the address is not understood.
        MissingExtraError: pyarrow is not installed.
    """
    import_pyarrow(f"To read {place}")
    from pyarrow import fs

    try:
        system, path = (
            (filesystem, place) if filesystem is not None else fs.FileSystem.from_uri(place)
        )
        info = system.get_file_info(path)
        is_folder = info.type == fs.FileType.Directory
        found = system.get_file_info(fs.FileSelector(path, recursive=True)) if is_folder else [info]
    except (OSError, ValueError) as error:
        raise InputValueError(f"{place} cannot be read: {error}") from error
    if info.type == fs.FileType.NotFound:
        raise InputValueError(f"{place} is no file or folder.")
    base = path.rstrip("/") if is_folder else str(PurePosixPath(path).parent)
    some = sorted(
        (one for one in found if one.type == fs.FileType.File), key=lambda one: str(one.path)
    )
    facts = [
        (str(PurePosixPath(one.path).relative_to(base)), int(one.size), one.mtime_ns)
        for one in some
    ]
    return Listed(place, _wanted(facts, is_folder), lambda name: _remote(system, f"{base}/{name}"))


def _wanted(
    facts: Sequence[tuple[str, int, int | None]], is_folder: bool
) -> tuple[tuple[str, int, int | None], ...]:
    """All but hidden files, and those that begin with an underscore, as is the custom for what is no data."""
    if not is_folder:
        return tuple(facts)
    return tuple(
        fact
        for fact in facts
        if not any(part.startswith(("_", ".")) for part in PurePosixPath(fact[0]).parts)
    )


def source(
    listed: Listed, text: Hashable | None, *, columns: Sequence[Hashable] | None, exact: bool
) -> Source:
    """The rows of files.

    Args:
        listed: The files.
        text: The column that holds the text; without it a column named ``text``, else the only text
            column.
        columns: The other columns that are wanted, None for all.
        exact: Keep Arrow's types.

    Raises:
        InputValueError: Files of several kinds, or of none that is read; or it is not clear which
            column holds the text.
    """
    kinds = {name: _kind(name) for name, _, _ in listed.facts}
    if len(set(kinds.values())) != 1 or None in kinds.values():
        found = sorted({PurePosixPath(name).suffix or "no ending" for name in kinds}) or ["no file"]
        raise InputValueError(
            f"{listed.place} has {', '.join(found)}; an input is one file, or a folder of files of "
            f"one kind: {READ}."
        )
    kind, names = kinds.popitem()[1], [name for name, _, _ in listed.facts]
    identity: dict[str, Any] = {"kind": kind, "files": [list(fact) for fact in listed.facts]}
    if kind == "text":
        if text is not None:
            raise InputValueError(
                f"text={text!r} names a column, but {listed.place} is plain text, one text a line."
            )
        return Source(
            lambda _row: lines.read_texts(names, listed.open), identity=identity, text=None
        )
    if kind == "parquet":
        files = ParquetFiles(names, listed.open)
        text = files.text_column(text)
        reader = files.reader(text, columns, exact=exact)
        identity["text"] = str(text)
        return Source(
            lambda row: numbers(reader(row), row), identity=identity, text=text, reopens=True
        )
    name_of, frames = (
        (lines.csv_text_column, lines.read_csv)
        if kind == "csv"
        else (lines.json_text_column, lines.read_json)
    )
    column = name_of(names, listed.open, text)
    identity["text"] = str(column)
    return Source(
        lambda _row: numbers(frames(names, listed.open, column), 0), identity=identity, text=column
    )


def _kind(name: str) -> str | None:
    endings = PurePosixPath(name).suffixes
    return KINDS.get(
        endings[-2] if endings[-1:] == [".gz"] and len(endings) > 1 else (endings or [""])[-1]
    )


def _local(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _remote(system: Any, path: str) -> IO[bytes]:  # noqa: ANN401
    if path.endswith(".gz"):
        return cast(
            IO[bytes], io.BufferedReader(system.open_input_stream(path, compression="gzip"))
        )
    return cast(IO[bytes], io.BufferedReader(system.open_input_file(path)))
