"""Files that are read line by line: plain text, JSON lines, CSV.

Where a line is faulty, its row holds in the text column what is wrong. ``names`` are those of the
files in order, ``open_file`` leads from a name to the file's bytes.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import json
import re
import zlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import pandas as pd

from nlu_lite.errors import InputValueError, NluLiteError
from nlu_lite.inputs.chunks import CHUNK_ROWS, chunk_texts, count_code_points, group_items, make_column
from nlu_lite.inputs.columns import Unreadable, find_text_column

Open = Callable[[str], IO[bytes]]
# What bytes that are no UTF-8 become on reading.
_NO_UTF_8 = re.compile("[\udc80-\udcff]")
# The csv module refuses longer fields otherwise, and a document may be longer.
_LONGEST_FIELD = 2**31 - 1


@dataclass
class Cursor:
    """How far the reading of an input came: the number of its next row."""

    row: int = 0


@contextlib.contextmanager
def report_faults(name: str, cursor: Cursor) -> Iterator[None]:
    """Faults of a file as ours, which say how far the reading came by the cursor that it moves."""
    try:
        yield
    except (OSError, EOFError, zlib.error, csv.Error, ValueError) as error:
        if isinstance(error, NluLiteError):
            raise
        raise InputValueError(
            f"{name} cannot be read from row {cursor.row} of the input on: {error}"
        ) from error


def read_texts(names: Sequence[str], open_file: Open) -> Iterator[pd.Series[Any]]:
    """Lines as texts, the running number as index."""
    yield from chunk_texts(_decode(line, location) for line, location in _lines(names, open_file))


def read_json(names: Sequence[str], open_file: Open, text: Hashable) -> Iterator[pd.DataFrame]:
    """Objects, one a line, as rows; blank lines are passed over."""
    records = (
        {text: record} if isinstance(record, Unreadable) else record
        for record in _records(names, open_file)
    )
    names: dict[Hashable, None] = {}
    for group in group_items(records, lambda record: count_code_points(record.get(text))):
        # All keys so far, in the order in which they came up, whatever order a line has.
        names |= dict.fromkeys(itertools.chain(*group, [text]))
        yield pd.DataFrame(
            {name: make_column([record.get(name) for record in group]) for name in names}
        )


def json_text_column(names: Sequence[str], open_file: Open, text: Hashable | None) -> Hashable:
    """The column that holds the text, judged by the first objects."""
    if text is not None:
        return text
    records = (record for record in _records(names, open_file) if isinstance(record, dict))
    first = pd.DataFrame(list(itertools.islice(records, CHUNK_ROWS)), dtype=object)
    return find_text_column(first, text)


def read_csv(names: Sequence[str], open_file: Open, text: Hashable) -> Iterator[pd.DataFrame]:
    """Rows of files with a header; every cell is a text, as it stands in the file."""
    header = read_header(names, open_file)
    column_number = header.index(str(text))
    for group in group_items(
        _cells(names, open_file, header, column_number),
        lambda cells: count_code_points(cells[column_number]),
    ):
        yield pd.DataFrame(dict(zip(header, map(list, zip(*group, strict=True)), strict=True)))


def csv_text_column(names: Sequence[str], open_file: Open, text: Hashable | None) -> Hashable:
    """The column that holds the text: as given, ``text``, or the only one."""
    return find_text_column(
        pd.DataFrame({name: ["a text"] for name in read_header(names, open_file)}), text
    )


def read_header(names: Sequence[str], open_file: Open) -> list[str]:
    """The names of the columns.

    Raises:
        InputValueError: There are none, or two are the same.
    """
    with _reader(names[0], open_file) as rows:
        header: list[str] = next(rows, [])
    if not header or len(set(header)) < len(header):
        raise InputValueError(
            f"{names[0]} must begin with a line of column names that differ; it begins with "
            f"{header}."
        )
    return header


def _lines(names: Sequence[str], open_file: Open) -> Iterator[tuple[bytes, str]]:
    """Every line without its end, and where it stands."""
    cursor = Cursor()
    for name in names:
        with report_faults(name, cursor), open_file(name) as file:
            for number, line in enumerate(file, 1):
                start = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                yield start.removesuffix(b"\n").removesuffix(b"\r"), f"line {number} of {name}"
                cursor.row += 1


def _decode(line: bytes, location: str) -> str | Unreadable:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        return Unreadable(f"{location} is not UTF-8: {error}")


def _records(names: Sequence[str], open_file: Open) -> Iterator[dict[Hashable, Any] | Unreadable]:
    for line, location in _lines(names, open_file):
        if line.strip():
            yield _parse_object(line, location)


def _parse_object(line: bytes, location: str) -> dict[Hashable, Any] | Unreadable:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Unreadable(f"{location} is not JSON: {error}")
    if isinstance(record, dict):
        return record
    return Unreadable(f"{location} is not a JSON object but {str(record)!r:.60}.")


@contextlib.contextmanager
def _reader(name: str, open_file: Open) -> Iterator[Any]:
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
    with report_faults(name, Cursor()), open_file(name) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        yield csv.reader(text, delimiter="\t" if ".tsv" in name else ",")


def _cells(
    names: Sequence[str], open_file: Open, header: list[str], column_number: int
) -> Iterator[list[Any]]:
    cursor = Cursor()
    for name in names:
        with report_faults(name, cursor), _reader(name, open_file) as rows:
            columns: list[str] = next(rows, [])
            if columns != header:
                raise InputValueError(
                    f"{name} has the columns {columns}, {names[0]} has {header}; all files need "
                    f"the same."
                )
            for cells in filter(None, rows):
                if fault := _fault(cells, header):
                    row = f"Row {cursor.row} of the input, near line {rows.line_num} of {name}"
                    cells = [None] * len(header)
                    cells[column_number] = Unreadable(f"{row}, {fault}")
                yield cells
                cursor.row += 1


def _fault(cells: list[str], header: list[str]) -> str | None:
    if len(cells) != len(header):
        return f"has {len(cells)} cells, the header {len(header)}."
    if any(map(_NO_UTF_8.search, cells)):
        return "is not UTF-8."
    return None
