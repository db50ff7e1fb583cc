"""Files and folders, on this machine or at an address: Parquet, CSV, JSON lines, plain text."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

import pandas as pd

from nlu_lite.errors import InputValueError, hide_secrets_of
from nlu_lite.inputs import lines
from nlu_lite.inputs.arrow import import_pyarrow
from nlu_lite.inputs.chunks import Chunk, number_rows, number_texts
from nlu_lite.inputs.csv_files import CsvFiles
from nlu_lite.inputs.file_arguments import refuse_arguments
from nlu_lite.inputs.parquet_files import ParquetFiles
from nlu_lite.inputs.source import Source

# Ending of a file's name -> its format.
FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".txt": "text",
}
# Format -> what may be said of how its files are read.
_VALID: dict[str, tuple[str, ...]] = {
    "parquet": (),
    "csv": ("delimiter", "quoting", "escape", "encoding"),
    "jsonl": ("encoding",),
    "text": ("encoding",),
}
# In a folder hidden files are no data, nor by custom those that begin with an underscore.
_NO_DATA = re.compile(r"(?:\A|/)[_.]")
# Bytes of files of text that are read through to count their rows, which takes a second.
_COUNTED_BYTES = 16_000_000
# Name, size in bytes and time of the last change in nanoseconds.
FileFacts = tuple[str, int, int | None]


@dataclass(frozen=True)
class Listing:
    """Files that make one input, in the order of their names.

    Attributes:
        location: As the caller gave it.
        files: What tells each from another one.
        open: From a name to the file's bytes, unpacked; those of Parquet are seekable.
    """

    location: str
    files: list[FileFacts]
    open: Callable[[str], IO[bytes]]


def list_local(path: Path) -> Listing:
    """A file or folder of this machine.

    Raises:
        InputValueError: There is none.
    """
    if not path.exists():
        raise InputValueError(
            f"{path} is no file or folder. To encode one text by itself, hand over a list: [text]."
        )
    folder, paths = path.parent, [path]
    if path.is_dir():
        folder, paths = path, sorted(path.rglob("*"))
    files = [_local_facts(file, folder) for file in paths if file.is_file()]
    return Listing(
        location=str(path),
        files=_leave_out_hidden(files) if path.is_dir() else files,
        open=lambda name: _open_local(folder / name),
    )


def list_remote(location: str, filesystem: Any = None) -> Listing:  # noqa: ANN401
    """A file or folder at an address, or on a file system of Arrow.

    Args:
        location: An address such as ``s3://bucket/folder``; with ``filesystem`` a path on it.
        filesystem: A pyarrow.fs.FileSystem; None: the address says which.

    Raises:
        InputValueError: There is no such file or folder, or the address is not understood.
        MissingExtraError: pyarrow is not installed.
    """
    import_pyarrow(f"To read {location}")
    from pyarrow import fs

    path = location
    try:
        if filesystem is None:
            filesystem, path = fs.FileSystem.from_uri(location)
        info = filesystem.get_file_info(path)
        folder, entries = str(PurePosixPath(path).parent), [info]
        if info.type == fs.FileType.Directory:
            folder = path.rstrip("/")
            entries = filesystem.get_file_info(fs.FileSelector(path, recursive=True))
    except (OSError, ValueError) as error:
        message = f"{location} cannot be read: {error}"
        raise InputValueError(message) from hide_secrets_of(error)
    if info.type == fs.FileType.NotFound:
        raise InputValueError(f"{location} is no file or folder.")
    files = sorted(
        (str(PurePosixPath(entry.path).relative_to(folder)), int(entry.size), entry.mtime_ns)
        for entry in entries
        if entry.type == fs.FileType.File
    )
    return Listing(
        location=location,
        files=files if info.type == fs.FileType.File else _leave_out_hidden(files),
        open=lambda name: _open_remote(filesystem, f"{folder}/{name}"),
    )


def open_files(
    listing: Listing,
    text: Hashable | None,
    *,
    columns: Sequence[Hashable] | None,
    exact: bool,
    given: Mapping[str, str],
) -> Source:
    """The rows of files.

    Args:
        listing: The files.
        text: The column that holds the text; without it a column named ``text``, else the only text
            column.
        columns: The other columns that are needed, None for all.
        exact: Keep Arrow's types.
        given: Those of ``FileArguments`` that the caller gave.

    Raises:
        InputValueError: Files of several formats, or of none that is read; or it is not clear which
            column holds the text.
        OptionError: One of ``given`` says nothing about such files.
    """
    names = [name for name, _, _ in listing.files]
    file_format = _common_format(listing.location, names)
    refuse_arguments(given, _VALID[file_format], f"{listing.location} ({file_format})")
    identity: dict[str, Any] = {"kind": file_format, "files": [*map(list, listing.files)], **given}
    encoding = given.get("encoding")
    if file_format == "text":
        if text is not None:
            raise InputValueError(
                f"text={text!r} names a column, but {listing.location} is plain text, one text a "
                f"line."
            )

        def open_texts(_row: int = 0) -> Iterator[Chunk]:
            return lines.read_texts(names, listing.open, encoding)

        return Source(
            open_texts,
            identity=identity,
            text=None,
            survey=lambda: [number_texts([])],
            count=_counter(listing, open_texts),
        )
    if file_format == "parquet":
        return _open_parquet(names, listing, text, columns, exact=exact, identity=identity)
    if file_format == "csv":
        return _open_csv(names, listing, text, given, identity)
    column = lines.json_text_column(names, listing.open, text, encoding)

    def open_json(_row: int = 0) -> Iterator[pd.DataFrame]:
        return number_rows(lines.read_json(names, listing.open, column, encoding), 0)

    return Source(
        open_json,
        identity=identity | {"text": str(column)},
        text=column,
        survey=open_json,
        count=_counter(listing, open_json),
    )


def locate_column(listing: Listing, column: str, given: Mapping[str, str]) -> str | None:
    """Where a column comes up first in files whose rows may have columns of their own, JSON lines.

    Args:
        listing: The files.
        column: Its name.
        given: Those of ``FileArguments`` that the caller gave.

    Returns:
        The line, such as ``line 7 of a.jsonl``; None of other files, and where there is none.
    """
    names = [name for name, _, _ in listing.files]
    if _common_format(listing.location, names) != "jsonl":
        return None
    return lines.find_key(names, listing.open, column, given.get("encoding"))


def _open_csv(
    names: list[str],
    listing: Listing,
    text: Hashable | None,
    given: Mapping[str, str],
    identity: dict[str, Any],
) -> Source:
    files = CsvFiles(names, listing.open, given)
    column = files.text_column(text)

    def open_rows(_row: int = 0) -> Iterator[Chunk]:
        return number_rows(files.read(column), 0)

    return Source(
        open_rows,
        identity=identity | {"text": str(column)},
        text=column,
        # All cells are texts.
        survey=lambda: number_rows([files.no_rows()], 0),
        count=_counter(listing, open_rows),
    )


def _open_parquet(
    names: list[str],
    listing: Listing,
    text: Hashable | None,
    columns: Sequence[Hashable] | None,
    *,
    exact: bool,
    identity: dict[str, Any],
) -> Source:
    files = ParquetFiles(names, listing.open)
    column = files.text_column(text)
    read_from = files.reader(column, columns, exact=exact)
    return Source(
        lambda row: number_rows(read_from(row), row),
        identity=identity | {"text": str(column)},
        text=column,
        reopens=True,
        survey=lambda: number_rows(files.survey(column, columns), 0),
        count=files.count_rows,
    )


def _counter(
    listing: Listing, open_rows: Callable[[], Iterator[Chunk]]
) -> Callable[[], int] | None:
    """What counts the rows of files of text; None where they are too large to read them twice."""
    if sum(size for _, size, _ in listing.files) > _COUNTED_BYTES:
        return None
    return lambda: sum(map(len, open_rows()))


def _common_format(location: str, names: list[str]) -> str:
    lowered = [name.lower().removesuffix(".gz") for name in names]
    formats = {FORMATS.get(PurePosixPath(name).suffix, "") for name in lowered}
    if len(formats) != 1 or "" in formats:
        endings = {PurePosixPath(name).suffix or "no ending" for name in names}
        raise InputValueError(
            f"{location} has {', '.join(sorted(endings)) or 'no file'}; an input is one file, or a "
            f"folder of files of one kind: {', '.join(FORMATS)}; all but Parquet also with .gz."
        )
    return formats.pop()


def _local_facts(path: Path, folder: Path) -> FileFacts:
    status = path.stat()
    return path.relative_to(folder).as_posix(), status.st_size, status.st_mtime_ns


def _leave_out_hidden(files: list[FileFacts]) -> list[FileFacts]:
    return [facts for facts in files if not _NO_DATA.search(facts[0])]


def _open_local(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def _open_remote(filesystem: Any, path: str) -> IO[bytes]:  # noqa: ANN401 - a pyarrow.fs.FileSystem
    if path.lower().endswith(".gz"):
        stream = filesystem.open_input_stream(path, compression="gzip")
    else:
        stream = filesystem.open_input_file(path)
    return cast(IO[bytes], io.BufferedReader(stream))
