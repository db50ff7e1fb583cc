"""Tables for people, as wide as the terminal. Nothing is imported for it that takes time."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from nlu_lite.errors import show_controls
from nlu_lite.text import replace_surrogates

# Columns of a terminal that a column of a table has at least, which is a vector's first number.
LEAST_WIDTH = 13
_CUT = "…"
# Kinds of characters that take no place of their own: accents, and signs that join others.
_NO_PLACE = frozenset({"Mn", "Me", "Cf"})


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: Stands above it.
        variants: Its cells, written out, then in shorter ways for where there is no room; the last
            way may be cut.
        matters: Whether others are left out first.
    """

    name: str
    variants: Sequence[Sequence[str]]
    matters: bool = False

    def width(self) -> int:
        """How wide it is written out."""
        return max(map(display_width, [self.name, *self.variants[0]]))

    def cells(self, width: int) -> list[str]:
        """Its name and its cells, right-aligned."""
        widths = [max(map(display_width, cells), default=0) for cells in self.variants]
        fitting = (
            cells for cells, needed in zip(self.variants, widths, strict=True) if needed <= width
        )
        cells = next(fitting, self.variants[-1])
        return [_align(cell, width) for cell in [self.name, *cells]]


def lay_out(columns: Sequence[Column], widths: Sequence[int], room: int | None) -> list[int]:
    """How wide columns are side by side: the widest are cut, and the last ones left out.

    Args:
        columns: Of which those that matter most are left out last.
        widths: That they would have.
        room: Columns of the terminal; None: as much as is needed.

    Returns:
        Their widths; 0 of those that are left out.
    """
    if room is None:
        return list(widths)
    visible = list(range(len(widths)))
    dispensable = [position for position in visible if not columns[position].matters]
    while len(visible) > 1 and _joined([min(widths[n], LEAST_WIDTH) for n in visible]) > room:
        visible.remove(dispensable.pop() if dispensable else visible[-1])
    fitted = [min(widths[n], room) for n in visible]
    while _joined(fitted) > room:
        fitted[fitted.index(max(fitted))] -= 1
    result = [0] * len(widths)
    for position, width in zip(visible, fitted, strict=True):
        result[position] = width
    return result


def table_lines(columns: Sequence[Column], widths: Sequence[int]) -> list[str]:
    """The lines of a table, the names first.

    Args:
        columns: All.
        widths: From ``lay_out``.
    """
    visible = [column.cells(width) for column, width in zip(columns, widths, strict=True) if width]
    return [" ".join(line) for line in zip(*visible, strict=True)]


def terminal_width(file: TextIO) -> int | None:
    """Columns of the terminal that a file is; None where it is none."""
    return shutil.get_terminal_size().columns if file.isatty() else None


def clean_cell(text: str) -> str:
    """A text on one line, with nothing in it that a terminal obeys."""
    escaped = text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
    return show_controls(replace_surrogates(escaped))


def display_width(text: str) -> int:
    r"""How many columns of a terminal a text takes: two for a wide character, none for an accent.

    Example:
        >>> display_width("abc"), display_width("東京"), display_width("e\u0301")
        (3, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in _NO_PLACE:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _joined(widths: Sequence[int]) -> int:
    """The width of a line."""
    return sum(widths) + len(widths) - 1


def _align(text: str, width: int) -> str:
    text = _cut(text, width)
    return " " * (width - display_width(text)) + text


def _cut(text: str, width: int) -> str:
    """The begin of a text that has no room."""
    if display_width(text) <= width:
        return text
    taken, kept = display_width(_CUT), []
    for character in text:
        taken += _character_width(character)
        if taken > width:
            break
        kept.append(character)
    return "".join([*kept, _CUT])
