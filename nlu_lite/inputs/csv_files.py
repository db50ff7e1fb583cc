"""CSV and TSV: read strictly, and refused where it is in doubt what the file means.

Python's csv module cuts rows into cells. A cell that may mean two things is an error that says what
was seen, and which option reads it. ``names`` are those of the files in order, ``open_file`` leads
from a name to the file's bytes.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from nlu_lite.errors import InputValueError, OptionError, brief
from nlu_lite.inputs.chunks import count_code_points, group_items
from nlu_lite.inputs.columns import Unreadable, find_text_column
from nlu_lite.inputs.csv_rows import Dialect, Row, Rows
from nlu_lite.inputs.decoding import Open, describe_unreadable, is_readable, open_text
from nlu_lite.inputs.file_arguments import NONE
from nlu_lite.inputs.lines import Cursor, report_faults

# The csv module refuses longer fields otherwise, and a document may be longer.
_LONGEST_FIELD = 2**31 - 1
_SAMPLE_ROWS = 100


class CsvFiles:
    """Files with a header and the same columns; every cell is a text, as it stands in the file.

    Args:
        names: Of the files.
        open_file: From a name to its bytes.
        given: Those of ``FileArguments`` that are given.
    """

    def __init__(self, names: Sequence[str], open_file: Open, given: Mapping[str, str]) -> None:
        csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
        self._names = names
        self._open_file = open_file
        self._given = given
        self._encoding = given.get("encoding")

    @cached_property
    def header(self) -> list[str]:
        """The names of the columns.

        Raises:
            InputValueError: There are none, two are the same, or the file has another delimiter.
        """
        name = self._names[0]
        cursor, rows = Cursor(), list[Row]()
        for row in itertools.islice(self._rows(name, cursor), _SAMPLE_ROWS + 1):
            cursor.row = len(rows)
            rows.append(row)
        header = rows[0].cells if rows else []
        if not any(header) or len(set(header)) < len(header):
            raise InputValueError(
                f"{name} must begin with a line of column names that differ; it begins with "
                f"{brief(header, 200)}. Where it has none, write one above."
            )
        if unreadable := [cell for cell in header if not is_readable(str(cell))]:
            raise InputValueError(
                f"{name}: {brief(unreadable)} in its line of column names "
                f"{describe_unreadable(self._encoding)}."
            )
        if len(header) > 1 and len(rows) > 2:
            _refuse_other_widths(name, header, rows[1:])
        return header

    def text_column(self, text: Hashable | None) -> Hashable:
        """The column that holds the text: as given, ``text``, or the only one."""
        return find_text_column(pd.DataFrame({name: ["a text"] for name in self.header}), text)

    def no_rows(self) -> pd.DataFrame:
        """A frame of the columns without rows."""
        return pd.DataFrame({name: pd.Series([], dtype=object) for name in self.header})

    def read(self, text: Hashable) -> Iterator[pd.DataFrame]:
        """The rows; one that cannot be read holds in the text column what is wrong."""
        column_number = self.header.index(str(text))
        for group in group_items(
            self._cells(column_number), lambda cells: count_code_points(cells[column_number])
        ):
            columns = map(list, zip(*group, strict=True))
            yield pd.DataFrame(dict(zip(self.header, columns, strict=True)))

    def _cells(self, column_number: int) -> Iterator[list[Any]]:
        cursor = Cursor()
        for name in self._names:
            rows = self._rows(name, cursor)
            first = next(rows, None)
            header = [] if first is None else first.cells
            if header != self.header:
                raise InputValueError(
                    f"{name} has the columns {header}, {self._names[0]} has {self.header}; all "
                    f"files need the same."
                )
            for row in rows:
                cells: list[Any] = row.cells
                if fault := self._fault(cells):
                    origin = f"Row {cursor.row} of the input, near line {row.last_line} of {name}"
                    cells = [None] * len(header)
                    cells[column_number] = Unreadable(f"{origin}, {fault}.")
                yield cells
                cursor.row += 1

    def _fault(self, cells: list[str | None]) -> str | None:
        if len(cells) != len(self.header):
            return f"has {len(cells)} cells, the header {len(self.header)}"
        if not all(is_readable(cell) for cell in cells if cell):
            return describe_unreadable(self._encoding)
        return None

    def _rows(self, name: str, cursor: Cursor) -> Iterator[Row]:
        """The header, then the rows of a file; lines with nothing in them are passed over."""
        with (
            report_faults(name, cursor),
            open_text(name, self._open_file, self._encoding, newline="") as file,
        ):
            yield from Rows(name, file, self._dialect(name), cursor)

    def _dialect(self, name: str) -> Dialect:
        """How a file is written, by what is given and by the last ending of its name."""
        is_tsv = PurePosixPath(name.lower().removesuffix(".gz")).suffix == ".tsv"
        given = {key: value for key, value in self._given.items() if key != "encoding"}
        dialect = Dialect(**{"delimiter": "\t" if is_tsv else ",", **given}, given=frozenset(given))
        signs = [dialect.delimiter, dialect.quoting, dialect.escape]
        used = [sign for sign in signs if sign != NONE]
        if len(set(used)) < len(used):
            raise OptionError(
                f"{name}: delimiter, quoting and escape are {signs}; valid are signs that differ."
            )
        return dialect


def _refuse_other_widths(name: str, header: list[str], sample: list[Row]) -> None:
    """Raise where none of the first rows has a cell for each column."""
    widths = [len(row.cells) for row in sample]
    if len(header) not in widths:
        raise InputValueError(
            f"{name} names {len(header)} columns, and none of its first {len(sample)} rows has as "
            f"many cells; the first has {widths[0]}: {brief(sample[0].cells, 200)}. Say which sign "
            f"stands between cells, and which around them: delimiter=, quoting=."
        )
