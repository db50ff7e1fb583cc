"""Files of code -> units of Python that can be parsed: a cell of a notebook, or a whole ``.py`` file.

Lines that are IPython's and not Python's (``!pip``, ``%time``, ``name?``) are put aside and give
way to ``pass``; every other line keeps its number and its columns, so that a change can be made in
the text as it stands in the file.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nlu_lite.errors import MigrationError

# Line and cell magics whose argument or body is Python.
PYTHON_MAGICS = ("time", "timeit", "capture", "prun", "debug", "memit", "mprun")
SHELL_CELLS = ("bash", "sh", "script")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_MAGIC = re.compile(r"\s*(?:[!%?]|.*\?\s*(?:#.*)?$)")
_ASSIGNED_MAGIC = re.compile(r"(?P<indent>\s*)(?P<target>[\w.,\[\]'\" ]+?)\s*=\s*[!%]")
_PYTHON_LINE = re.compile(
    rf"(?P<indent>\s*)(?P<magic>%%?(?:{'|'.join(PYTHON_MAGICS)})\s)(?=\s*[A-Za-z_(])"
)
_CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w+)")


@dataclass(frozen=True, kw_only=True)
class Magic:
    """A line that is not Python's: its number in the unit (from 1), how many lines it goes on for, and its text."""

    line: int
    count: int
    text: str


@dataclass(kw_only=True)
class Unit:
    """A piece of code that is parsed as a whole.

    ``label`` is for people (``cell 3``; empty for a file), ``text`` as in the file, ``starts`` the
    offset of each line in code points, ``tree`` None where a cell is not Python, ``index`` the
    cell's place in the notebook.
    """

    label: str
    text: str
    index: int
    magics: list[Magic] = field(default_factory=list)
    tree: ast.Module | None = None
    starts: list[int] = field(default_factory=list)
    _masked: list[str] = field(default_factory=list)

    def line(self, number: int) -> str:
        """A line by its number, from 1, without its end."""
        return lines_of(self.text)[number - 1]

    def offset(self, line: int, column: int) -> int:
        """The place in ``text`` of a position that ``ast`` gives: a line from 1, a column in bytes of UTF-8."""
        masked = self._masked[line - 1]
        return self.starts[line - 1] + len(
            masked.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "surrogatepass")
        )


@dataclass(kw_only=True)
class Source:
    """A file of code: its units, and what it takes to write it again."""

    path: Path
    units: list[Unit]
    encoding: str = "utf-8"
    mark: str = ""
    notebook: dict[str, Any] | None = None
    indent: int | str | None = 1
    ending: str = ""
    is_ascii: bool = False


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends, cut where Python cuts them."""
    return _NEWLINE.split(text)


def read(path: Path) -> Source:
    """Read a file; ``.ipynb`` is a notebook, everything else Python.

    Args:
        path: Of the file.

    Returns:
        The file, its units parsed.

    Raises:
        MigrationError: It cannot be read, is no notebook, or its code is not Python; with file,
            cell and line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MigrationError(f"{path}: cannot be read: {error.strerror or error}.") from error
    return _notebook(path, content) if path.suffix == ".ipynb" else _script(path, content)


def _script(path: Path, content: bytes) -> Source:
    try:
        # The declaration stands in one of the first two lines, however they end.
        lines = io.BytesIO(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        encoding, _ = tokenize.detect_encoding(lines.readline)
        plain = "utf-8" if encoding == "utf-8-sig" else encoding
        text = content.decode(plain)
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise MigrationError(
            f"{path}:1: is not text in the encoding that it declares: {error}."
        ) from error
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    unit = parsed(Unit(label="", text=text[len(mark) :], index=0), str(path))
    return Source(path=path, units=[unit], encoding=plain, mark=mark)


def _notebook(path: Path, content: bytes) -> Source:
    try:
        text = content.decode("utf-8")
        notebook = json.loads(text)
    except (UnicodeError, ValueError, RecursionError) as error:
        raise MigrationError(
            f"{path}:{getattr(error, 'lineno', 1)}: is no notebook: {error}."
        ) from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all(_is_cell(cell) for cell in cells):
        raise MigrationError(
            f"{path}:1: is no notebook of version 4, which has a list of cells with cell_type and "
            f"source; an older one becomes "
            "one with `jupyter nbconvert --to notebook`."
        )
    language = _language(notebook)
    if language not in ("python", "ipython"):
        raise MigrationError(f"{path}:1: is a notebook in {language}; only Python is read.")
    units = []
    number = 0
    for index, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            number += 1
            code = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            units.append(
                parsed(
                    Unit(label=f"cell {number}", text=code, index=index), f"{path}: cell {number}"
                )
            )
    indent = re.match(r"\{\r?\n([ \t]+)", text)
    ending = text[len(text.rstrip()) :]
    return Source(
        path=path,
        units=units,
        notebook=notebook,
        indent=indent[1] if indent else None,
        ending=ending,
        is_ascii=text.isascii(),
    )


def _is_cell(cell: object) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        return False
    code = cell.get("source")
    return isinstance(code, str) or (
        isinstance(code, list) and all(isinstance(line, str) for line in code)
    )


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        said = metadata.get(key) if isinstance(metadata, dict) else None
        if isinstance(said, dict) and isinstance(said.get(name), str):
            return str(said[name]).lower()
    return "python"


def parsed(unit: Unit, where: str) -> Unit:
    """Put IPython's lines aside and parse the rest.

    Args:
        unit: With its text.
        where: For messages.

    Returns:
        The same unit.

    Raises:
        MigrationError: What is left is not Python.
    """
    unit._masked = lines_of(unit.text)
    unit.starts = [0, *(match.end() for match in _NEWLINE.finditer(unit.text))]
    first = next((number for number, line in enumerate(unit._masked, 1) if line.strip()), 1)
    magic = _CELL_MAGIC.match(unit._masked[first - 1])
    if magic and magic["name"] not in PYTHON_MAGICS:
        if magic["name"] in SHELL_CELLS:
            unit.magics = _shell_lines(unit, first)
        else:
            unit.magics = [
                Magic(
                    line=first,
                    count=len(unit._masked) - first + 1,
                    text="\n".join(unit._masked[first - 1 :]),
                )
            ]
        return unit
    # One line is put aside a round, so there are no more rounds than lines.
    for _ in range(len(unit._masked) + 1):
        try:
            unit.tree = _tree("\n".join(unit._masked))
            return unit
        except SyntaxError as error:
            if not _mask(unit, error.lineno or 0):
                raise _fault(unit, where, error.lineno or 1, error.msg) from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise _fault(unit, where, 1, str(error) or "it is nested too deeply") from error
    raise AssertionError("every round puts a line aside")


def _fault(unit: Unit, where: str, line: int, what: str) -> MigrationError:
    place = f"{where}, line {line}" if unit.label else f"{where}:{line}"
    return MigrationError(
        f"{place}: is not Python that this version of Python reads: {what}. Nothing was changed."
    )


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        # An invalid escape is a warning, and none of ours.
        warnings.simplefilter("ignore")
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = compile(text, "<code>", "exec", flags=flags, dont_inherit=True)
    assert isinstance(tree, ast.Module), "that is what exec mode gives"
    return tree


def _mask(unit: Unit, number: int) -> bool:
    """Put the line at which parsing failed aside if it is IPython's; whether it was."""
    if not 1 <= number <= len(unit._masked) or any(
        m.line <= number < m.line + m.count for m in unit.magics
    ):
        return False
    line = unit.line(number)
    is_tried = unit._masked[number - 1] != line
    if not is_tried and (python := _PYTHON_LINE.match(line)):
        # As long as what it stands for, so that columns stay: "%time x" becomes "if 1: x".
        room = len(python["magic"])
        unit._masked[number - 1] = python["indent"] + "if 1:".ljust(room) + line[python.end() :]
        return True
    if not is_tried and (assigned := _ASSIGNED_MAGIC.match(line)):
        unit.magics.append(_taken(unit, number))
        unit._masked[number - 1] = f"{assigned['indent']}{assigned['target']} = None"
        return True
    if not _MAGIC.match(line):
        return False
    magic = _taken(unit, number)
    unit.magics.append(magic)
    indent = line[: len(line) - len(line.lstrip())]
    for place in range(number, number + magic.count):
        unit._masked[place - 1] = indent + "pass" if place == number else ""
    return True


def _shell_lines(unit: Unit, first: int) -> list[Magic]:
    """The commands of a cell for the shell, its first line aside."""
    found: list[Magic] = []
    number = first + 1
    while number <= len(lines_of(unit.text)):
        magic = _taken(unit, number)
        if magic.text.strip():
            found.append(magic)
        number += magic.count
    return found


def _taken(unit: Unit, number: int) -> Magic:
    """The line with those that a backslash at its end joins to it."""
    lines = lines_of(unit.text)
    last = number
    while lines[last - 1].endswith("\\") and last < len(lines):
        last += 1
    return Magic(line=number, count=last - number + 1, text="\n".join(lines[number - 1 : last]))
