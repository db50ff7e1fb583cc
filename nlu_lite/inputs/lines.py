"""Files that are read line by line: plain text, JSON lines.

Where a line is faulty, its row holds in the text column what is wrong. ``names`` are those of the
files in order, ``open_file`` leads from a name to the file's bytes.
"""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import zlib
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from nlu_lite.errors import InputValueError, NluLiteError
from nlu_lite.inputs.chunks import (
    CHUNK_ROWS,
    chunk_texts,
    count_code_points,
    group_items,
    make_column,
)
from nlu_lite.inputs.columns import Unreadable, find_text_column
from nlu_lite.inputs.decoding import BOM, Open, describe_unreadable, is_readable, open_text

# Of ASCII alone: others are text, which is no JSON.
_BLANKS = " \t\r\n\f\v"
# Characters of a JSON file among which its first sign is looked for.
_LOOKED_AT = 256


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


def read_texts(
    names: Sequence[str], open_file: Open, encoding: str | None = None
) -> Iterator[pd.Series[Any]]:
    """Lines as texts, the running number as index."""
    yield from chunk_texts(line for line, _ in _lines(names, open_file, encoding))


def read_json(
    names: Sequence[str], open_file: Open, text: Hashable, encoding: str | None = None
) -> Iterator[pd.DataFrame]:
    """Objects, one a line, as rows; blank lines are passed over."""
    records = (
        {text: record} if isinstance(record, Unreadable) else record
        for record, _ in _records(names, open_file, encoding)
    )
    keys: dict[Hashable, None] = {}
    for group in group_items(records, lambda record: count_code_points(record.get(text))):
        # All keys so far, in the order in which they came up, whatever order a line has.
        keys |= dict.fromkeys(itertools.chain(*group, [text]))
        yield pd.DataFrame(
            {name: make_column([record.get(name) for record in group]) for name in keys}
        )


def json_text_column(
    names: Sequence[str], open_file: Open, text: Hashable | None, encoding: str | None = None
) -> Hashable:
    """The column that holds the text, judged by the first objects."""
    if text is not None:
        return text
    records = (
        record for record, _ in _records(names, open_file, encoding) if isinstance(record, dict)
    )
    first = pd.DataFrame(list(itertools.islice(records, CHUNK_ROWS)), dtype=object)
    return find_text_column(first, text)


def find_key(
    names: Sequence[str], open_file: Open, key: str, encoding: str | None = None
) -> str | None:
    """Where a key of JSON comes up first, such as ``line 7 of a.jsonl``; None where it does not."""
    return next(
        (
            location
            for record, location in _records(names, open_file, encoding)
            if isinstance(record, dict) and key in record
        ),
        None,
    )


def _lines(
    names: Sequence[str], open_file: Open, encoding: str | None
) -> Iterator[tuple[str | Unreadable, str]]:
    """Every line without its end, and where it stands."""
    cursor = Cursor()
    for name in names:
        with (
            report_faults(name, cursor),
            open_text(name, open_file, encoding, newline="\n") as file,
        ):
            for number, line in enumerate(file, 1):
                start = line.removeprefix(BOM) if number == 1 else line
                text = start.removesuffix("\n").removesuffix("\r")
                location = f"line {number} of {name}"
                yield _readable(text, location, encoding), location
                cursor.row += 1


def _readable(line: str, location: str, encoding: str | None) -> str | Unreadable:
    if is_readable(line):
        return line
    return Unreadable(f"{location} {describe_unreadable(encoding)}.")


def _records(
    names: Sequence[str], open_file: Open, encoding: str | None
) -> Iterator[tuple[dict[Hashable, Any] | Unreadable, str]]:
    """Every object, and where it stands."""
    for name in names:
        if _holds_array(name, open_file, encoding):
            yield from _array_records(name, open_file, encoding)
            continue
        for line, location in _lines([name], open_file, encoding):
            if isinstance(line, Unreadable):
                yield line, location
            elif line.strip(_BLANKS):
                yield _parse_object(line, location), location


def _holds_array(name: str, open_file: Open, encoding: str | None) -> bool:
    """Whether a ``.json`` file is one array of objects, as browsers and R write it."""
    if ".json" not in PurePosixPath(name.lower()).suffixes:
        return False
    with report_faults(name, Cursor()), open_text(name, open_file, encoding, newline="\n") as file:
        start: str = file.read(_LOOKED_AT)
    return start.removeprefix(BOM).lstrip(_BLANKS).startswith("[")


def _array_records(
    name: str, open_file: Open, encoding: str | None
) -> Iterator[tuple[dict[Hashable, Any] | Unreadable, str]]:
    """Every object of an array, which is in memory as a whole meanwhile."""
    with report_faults(name, Cursor()), open_text(name, open_file, encoding, newline="\n") as file:
        try:
            records = json.loads(file.read().removeprefix(BOM))
        except RecursionError as error:
            raise ValueError("its values are nested too deeply") from error
    for number, record in enumerate(records, 1):
        location = f"object {number} of {name}"
        yield _check_object(record, location), location


def _parse_object(line: str, location: str) -> dict[Hashable, Any] | Unreadable:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Unreadable(f"{location} is not JSON: {error}")
    return _check_object(record, location)


def _check_object(record: Any, location: str) -> dict[Hashable, Any] | Unreadable:  # noqa: ANN401
    if isinstance(record, dict):
        return record
    return Unreadable(f"{location} is not a JSON object but {str(record)!r:.60}.")
