"""Files that are read line by line: plain text, JSON lines, CSV. What a line does not give is said in its row's place."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import json
import zlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import pandas as pd

from nlu_lite.errors import InputValueError, NluLiteError
from nlu_lite.inputs.documents import Unreadable, find_text_column
from nlu_lite.inputs.memory import grouped, series
from nlu_lite.inputs.portions import count_code_points
from nlu_lite.inputs.source import CHUNK_ROWS

Open = Callable[[str], IO[bytes]]
# The csv module refuses longer fields otherwise, and a document may be longer.
_LONGEST_FIELD = 2**31 - 1


@dataclass
class Place:
    """How far the reading of an input came: the number of its next row."""

    row: int = 0


@contextlib.contextmanager
def report_faults(name: str, place: Place) -> Iterator[None]:
    """Faults of a file as ours, which say how far the reading came.

    Args:
        name: Of the file.
        place: Where the reading is; changed by the reader.
    """
    try:
        yield
    except (OSError, EOFError, zlib.error, csv.Error, ValueError) as error:
        if isinstance(error, NluLiteError):
            raise
        raise InputValueError(
            f"{name} cannot be read from row {place.row} of the input on: {error}"
        ) from error


def read_texts(names: Sequence[str], open_file: Open) -> Iterator[pd.Series[Any]]:
    """Lines as texts, the running number as index.

    Args:
        names: The files in order.
        open_file: From a name to the file's bytes.
    """
    begin = 0
    for group in grouped(
        (_decoded(line, place) for line, place in _lines(names, open_file)), count_code_points
    ):
        yield series(group, begin)
        begin += len(group)


def read_json(names: Sequence[str], open_file: Open, text: Hashable) -> Iterator[pd.DataFrame]:
    """Objects, one a line, as rows; blank lines are passed over.

    Args:
        names: The files in order.
        open_file: From a name to the file's bytes.
        text: The column that holds the text; where a line is no object, it holds what is wrong.
    """
    for group in grouped(
        _records(names, open_file, text), lambda record: count_code_points(record.get(text))
    ):
        here = dict.fromkeys(itertools.chain(*group, [text]))
        yield pd.DataFrame({name: _column([record.get(name) for record in group]) for name in here})


def _column(values: list[Any]) -> pd.Series[Any]:
    """With nulls a column keeps what it is given: whole numbers would become floating point numbers otherwise."""
    if any(value is None for value in values):
        return pd.Series(values, dtype=object)
    try:
        return pd.Series(values)
    except UnicodeEncodeError:  # half a character, which JSON can say and Arrow cannot
        return pd.Series(values, dtype=object)


def json_text_column(names: Sequence[str], open_file: Open, text: Hashable | None) -> Hashable:
    """The column that holds the text, judged by the first objects."""
    if text is not None:
        return text
    good = (record for record in _records(names, open_file, None) if record)
    return find_text_column(
        pd.DataFrame(list(itertools.islice(good, CHUNK_ROWS)), dtype=object), text
    )


def read_csv(names: Sequence[str], open_file: Open, text: Hashable) -> Iterator[pd.DataFrame]:
    """Rows of files with a header; every cell is a text, as it stands in the file.

    Args:
        names: The files in order; tabs separate the cells where the name ends in ``.tsv``.
        open_file: From a name to the file's bytes.
        text: The column that holds the text; where a row has too many or too few cells, it holds
            what is wrong.
    """
    header = read_header(names, open_file)
    place = header.index(str(text))
    for group in grouped(
        _cells(names, open_file, header, place), lambda cells: count_code_points(cells[place])
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
    at = Place()
    for name in names:
        with report_faults(name, at), open_file(name) as file:
            for number, line in enumerate(file, 1):
                start = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                yield start.removesuffix(b"\n").removesuffix(b"\r"), f"line {number} of {name}"
                at.row += 1


def _decoded(line: bytes, place: str) -> str | Unreadable:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        return Unreadable(f"{place} is not UTF-8: {error}")


def _records(
    names: Sequence[str], open_file: Open, text: Hashable | None
) -> Iterator[dict[Hashable, Any]]:
    for line, place in _lines(names, open_file):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            record = Unreadable(f"{place} is not JSON: {error}")
        if not isinstance(record, (dict, Unreadable)):
            record = Unreadable(f"{place} is not a JSON object but {str(record)!r:.60}.")
        if isinstance(record, Unreadable):
            record = {} if text is None else {text: record}
        yield record


@contextlib.contextmanager
def _reader(name: str, open_file: Open) -> Iterator[Any]:
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
    with report_faults(name, Place()), open_file(name) as file:
        # Bytes that are no UTF-8 become lone surrogates, by which their row is known.
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        yield csv.reader(text, delimiter="\t" if ".tsv" in name else ",")


def _cells(
    names: Sequence[str], open_file: Open, header: list[str], place: int
) -> Iterator[list[Any]]:
    at = Place()
    for name in names:
        with report_faults(name, at), _reader(name, open_file) as rows:
            own: list[str] = next(rows, [])
            if own != header:
                raise InputValueError(
                    f"{name} has the columns {own}, {names[0]} has {header}; all files need the "
                    f"same."
                )
            for cells in filter(None, rows):
                if wrong := _fault(cells, header):
                    reason = Unreadable(
                        f"Row {at.row} of the input, near line {rows.line_num} of {name}, {wrong}"
                    )
                    yield [reason if number == place else None for number in range(len(header))]
                else:
                    yield cells
                at.row += 1


def _fault(cells: list[str], header: list[str]) -> str | None:
    if len(cells) != len(header):
        return f"has {len(cells)} cells, the header {len(header)}."
    if any("\udc80" <= char <= "\udcff" for cell in cells if not cell.isascii() for char in cell):
        return "is not UTF-8."
    return None
