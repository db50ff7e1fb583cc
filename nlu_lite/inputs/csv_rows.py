"""One file of CSV or TSV -> its rows, by Python's csv module; what is in doubt is refused."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Never, TextIO

from nlu_lite.errors import InputValueError, brief
from nlu_lite.inputs.decoding import BOM
from nlu_lite.inputs.file_arguments import NONE
from nlu_lite.inputs.lines import Cursor

# Signs that files of this name may have in place of the comma or the tab.
_DELIMITERS = (",", ";", "\t", "|", "\x01", "^", "~")
# So many rows must have another delimiter as often as the line of names.
_SAMPLE_LINES = 100
# What databases write for signs that would end a cell or a row.
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "v": "\v"}
_NULL = "N"
# An escaped sign while the csv module cuts: no text has these code points, which stand for half a
# character, and the module takes none of them for a quote or a delimiter.
_SHIELD = 0xD800
_SHIELDED = re.compile("[\ud800-\ud87f]")
_SHIELDED_BREAKS = (chr(_SHIELD + ord("\n")), chr(_SHIELD + ord("\r")))
# What no text holds either; in a file of one column nothing stands between cells.
_NO_DELIMITER = "\udfff"
_EXCEL_HINT = re.compile(r"sep=(.)\r?\n\Z")


@dataclass(frozen=True)
class Dialect:
    """How a file is written.

    Attributes:
        delimiter: See ``FileArguments``.
        quoting: Likewise; never None.
        escape: Likewise.
        given: Which of these the caller has said; only of the others there are doubts.
    """

    delimiter: str
    quoting: str = '"'
    escape: str = NONE
    given: frozenset[str] = frozenset()

    @property
    def has_quotes(self) -> bool:
        """Whether a cell may stand in quotes."""
        return self.quoting != NONE

    @property
    def has_escapes(self) -> bool:
        """Whether a sign may be escaped."""
        return self.escape != NONE

    @cached_property
    def _escaped(self) -> re.Pattern[str]:
        escape = re.escape(self.escape)
        if not self.has_quotes:
            return re.compile(f"{escape}(\r\n|[\\x00-\\x7f])")
        return re.compile(f"{escape}(\r\n|[\r\n0{_NULL}{re.escape(self.escape + self.quoting)}])")

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        """From outside of quotes to the begin of a cell in quotes."""
        return re.compile(rf"(?:\A|{re.escape(self.delimiter)}){re.escape(self.quoting)}")

    @cached_property
    def _inside(self) -> re.Pattern[str]:
        """What stands in quotes, up to the closing one or the end of the line."""
        escape, quote = re.escape(self.escape), re.escape(self.quoting)
        return re.compile(rf"(?:{escape}[\s\S]|{quote}{quote}|[^{escape}{quote}])*")

    def shield(self, line: str, is_inside: bool) -> tuple[str, bool]:
        """A line, each escaped sign as one that means nothing to the csv module.

        Args:
            line: With its end.
            is_inside: Whether it begins within a cell in quotes. Only there signs are escaped,
                where a file has quotes.

        Returns:
            The line, and whether the next one begins within a cell in quotes.
        """
        if not self.has_quotes:
            return self._shielded(line), False
        parts, position = list[str](), 0
        while position < len(line):
            if not is_inside:
                opening = self._opening.search(line, position)
                end = opening.end() if opening else len(line)
                parts.append(line[position:end])
                position, is_inside = end, opening is not None
                continue
            inside = self._inside.match(line, position)
            end = inside.end() if inside else position
            parts += [self._shielded(line[position:end]), line[end : end + 1]]
            position, is_inside = end + 1, line[end : end + 1] != self.quoting
        return "".join(parts), is_inside

    def _shielded(self, text: str) -> str:
        return self._escaped.sub(
            lambda match: "".join(chr(_SHIELD + ord(sign)) for sign in match[1]), text
        )

    def unshield(self, cell: str) -> str | None:
        """A cell with the signs that were escaped; None for null."""
        null = f"{self.escape}{_NULL}" if self.has_quotes else chr(_SHIELD + ord(_NULL))
        return None if cell == null else _SHIELDED.sub(self._sign, cell)

    def _sign(self, match: re.Match[str]) -> str:
        sign = chr(ord(match[0]) - _SHIELD)
        if self.has_quotes and sign == _NULL:
            return self.escape + sign  # in quotes it is a text
        letters = {"0": "\0"} if self.has_quotes else _LETTERS
        return letters.get(sign, sign)


@dataclass(frozen=True)
class Row:
    """A row of a file.

    Attributes:
        cells: Its cells; None for null.
        lines: As they stand in the file.
        last_line: Number of the last one, from 1 on.
    """

    cells: list[Any]
    lines: list[str]
    last_line: int


@dataclass
class Rows:
    """The rows of a file, the line of column names first.

    Attributes:
        name: Of the file, for messages.
        file: Its text.
        dialect: How it is written.
        cursor: Which row of the input comes next, for messages.
    """

    name: str
    file: TextIO
    dialect: Dialect
    cursor: Cursor
    _first_lines: list[str] = field(default_factory=list)
    _taken: list[str] = field(default_factory=list)
    _line: int = 0
    _columns: int = 0
    _header_is_quoted: bool = False

    def __iter__(self) -> Iterator[Row]:
        """Raises ``InputValueError`` for a row of which it is not clear what it means."""
        self._read_begin()
        quoted = {"quotechar": self.dialect.quoting, "doublequote": True}
        rows = csv.reader(
            self._lines(),
            delimiter=self.dialect.delimiter if self._columns > 1 else _NO_DELIMITER,
            strict=True,
            **(quoted if self.dialect.has_quotes else {"quoting": csv.QUOTE_NONE}),
        )
        while (cells := self._next(rows)) is not None:
            row = Row(self._unshielded(cells), self._taken, self._line)
            self._taken = []
            if cells:
                self._refuse_doubts(row)
                yield row

    def _next(self, rows: Iterator[list[str]]) -> list[str] | None:
        try:
            return next(rows, None)
        except csv.Error as error:
            self._refuse_quote(error)

    def _unshielded(self, cells: list[str]) -> list[str | None]:
        if not self.dialect.has_escapes:
            return list(cells)
        return [self.dialect.unshield(cell) for cell in cells]

    def _read_begin(self) -> None:
        """Read the first lines, from which follow the delimiter and the number of columns."""
        first = self.file.readline().removeprefix(BOM)
        if (hint := _EXCEL_HINT.match(first)) and "delimiter" not in self.dialect.given:
            given = self.dialect.given | {"delimiter"}
            self.dialect = Dialect(hint[1], self.dialect.quoting, self.dialect.escape, given)
        if hint:
            self._line += 1
            first = self.file.readline()
        while first and not first.strip("\r\n"):
            self._line += 1
            first = self.file.readline()
        self._first_lines = [first] if first else []
        self._columns = len(self._cut(first, self.dialect.delimiter))
        if self.dialect.has_quotes:
            self._header_is_quoted = first.startswith(self.dialect.quoting)
        if self._columns == 1 and "delimiter" not in self.dialect.given:
            self._refuse_other_delimiter(first)

    def _cut(self, line: str, delimiter: str) -> list[str]:
        """The cells of a line, cut without strictness, for a guess."""
        quoted = {"quotechar": self.dialect.quoting}
        dialect: Any = quoted if self.dialect.has_quotes else {"quoting": csv.QUOTE_NONE}
        return next(csv.reader([line], delimiter=delimiter, **dialect), [])

    def _refuse_other_delimiter(self, header: str) -> None:
        for delimiter in _DELIMITERS:
            width = len(self._cut(header, delimiter))
            if width == 1:
                continue
            while len(self._first_lines) <= _SAMPLE_LINES and (line := self.file.readline()):
                self._first_lines.append(line)
            lines = [line for line in self._first_lines[1:] if line.strip("\r\n")]
            if all(len(self._cut(line, delimiter)) >= width for line in lines):
                raise InputValueError(
                    f"{self.name} has no {self.dialect.delimiter!r} in its line of column names, "
                    f"{brief(header.rstrip())}, but {width - 1} {delimiter!r}, as each of the "
                    f"{len(lines)} lines behind it has. Say delimiter={delimiter!r}; if all of it "
                    f"is one column of texts, delimiter={self.dialect.delimiter!r}."
                )

    def _lines(self) -> Iterator[str]:
        """The lines as the csv module gets them; those of the row are kept."""
        is_inside = False
        while line := self._take():
            if self.dialect.has_escapes:
                line, is_inside = self.dialect.shield(line, is_inside)
                # An escaped line break does not end the row.
                while line.endswith(_SHIELDED_BREAKS) and (more := self._take()):
                    more, is_inside = self.dialect.shield(more, is_inside)
                    line += more
            if self._columns == 1 and len(self._taken) == 1 and self._is_prose(line):
                line = self._quoted(line)
            yield line

    def _take(self) -> str:
        line = self._first_lines.pop(0) if self._first_lines else self.file.readline()
        if line:
            self._line += 1
            self._taken.append(line)
        return line

    def _is_prose(self, line: str) -> bool:
        """Whether a line of a file of one column begins with a quotation, which is part of it."""
        quote = re.escape(self.dialect.quoting)
        if not self.dialect.has_quotes or f"\\{self.dialect.quoting}" in line:
            return False
        quotation = f"{quote}(?:[^{quote}]|{quote}{quote})*{quote}(?!{quote})[^\r\n]"
        return re.match(quotation, line) is not None

    def _quoted(self, line: str) -> str:
        text, quote = line.rstrip("\r\n"), self.dialect.quoting
        return quote + text.replace(quote, quote * 2) + quote + line[len(text) :]

    def _refuse_quote(self, error: csv.Error) -> Never:
        quote, first = self.dialect.quoting, self._line - len(self._taken) + 1
        line = brief("".join(self._taken).rstrip("\r\n"), 120)
        if "end of data" in str(error):
            seen = f"a {quote} opens a cell in line {first} and none closes it"
        else:
            seen = f"in a cell that begins with {quote} more text follows its closing {quote}"
        advice = f'quoting="{NONE}" reads every {quote} as part of the text'
        if f"\\{quote}" in "".join(self._taken) and not self.dialect.has_escapes:
            spark = f'it has \\{quote}, as Spark and MySQL write it: say escape="\\\\"'
            advice = f"{spark}. Or {advice}"
        raise InputValueError(
            f"{self.name}, line {self._line} (row {self.cursor.row} of the input): {seen}: "
            f"{line}. Rows behind it would be swallowed; {advice}."
        ) from error

    def _refuse_doubts(self, row: Row) -> None:
        """Raise for a row that reads as well otherwise, if the caller has not said how."""
        given, quote = self.dialect.given, self.dialect.quoting
        raw = "".join(row.lines)
        if "escape" not in given and "\\" in raw:
            self._refuse_escapes(row)
        if "quoting" in given or quote not in raw:
            return
        # Quotes that are doubled were written by someone who means them.
        is_plain = quote * 2 not in raw
        pieces = [line.rstrip("\r\n").split(self.dialect.delimiter) for line in row.lines]
        is_long = len(row.lines) > 1 and self._columns > 1
        if is_long and is_plain and self._look_like_rows(pieces):
            self._refuse(
                row,
                f"a cell in {quote} goes over {len(row.lines)} lines, each of which looks like a "
                f"row",
                f'quoting="{NONE}" reads every {quote} as part of the text; '
                f"quoting='{quote}' reads one long cell",
            )
        if self._columns > 1 and any(self._is_quoted_behind_blank(cell) for cell in row.cells):
            self._refuse(
                row,
                f"a blank stands before the {quote} of a cell, which is then part of the text",
                f'quoting="{NONE}" reads it so; otherwise take the blanks out of the file',
            )
        if self.dialect.delimiter == "\t" and not self._header_is_quoted and len(row.lines) == 1:
            needless = [f"{quote}{cell}{quote}" for cell in row.cells if cell and quote not in cell]
            if any(cell in needless for cell in pieces[0]):
                self._refuse(
                    row,
                    f"a cell stands in {quote} that needs none",
                    f'quoting="{NONE}" reads the quotes as part of the text, as databases write '
                    f"it; quoting='{quote}' takes them away, as spreadsheets write it",
                )

    def _refuse_escapes(self, row: Row) -> None:
        letters = r"\\[ntr\\]" if self.dialect.delimiter == "\t" else r"(?!)"
        for cell in row.cells:
            if cell == "\\N" or re.search(letters, cell or ""):
                self._refuse(
                    row,
                    f"the cell {brief(cell, 60)} looks like one of a database, where \\N is null, "
                    f"and \\n and \\t are a line break and a tab",
                    f'escape="\\\\" reads it so (with quoting="{NONE}" where a quote is part of '
                    f'the text); escape="{NONE}" reads it as it stands',
                )

    def _is_quoted_behind_blank(self, cell: str | None) -> bool:
        text = (cell or "").strip(" ")
        quote = self.dialect.quoting
        is_quoted = len(text) > 1 and text.startswith(quote) and text.endswith(quote)
        return is_quoted and str(cell).startswith(" ")

    def _look_like_rows(self, pieces: list[list[str]]) -> bool:
        """Whether every line of a cell that goes over several has the cells of a row.

        A comma is common in prose, so there each line must begin with a number as well.
        """
        if any(len(cells) != self._columns for cells in pieces):
            return False
        return self.dialect.delimiter == "\t" or all(cells[0].isdecimal() for cells in pieces)

    def _refuse(self, row: Row, seen: str, advice: str) -> Never:
        line = brief("".join(row.lines).rstrip("\r\n"), 120)
        raise InputValueError(
            f"{self.name}, line {row.last_line} (row {self.cursor.row} of the input): {seen}: "
            f"{line}. Say which it is: {advice}."
        )
