"""Files of code -> units that can be parsed: a cell of a notebook, or a whole ``.py`` file.

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
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nlu_lite.errors import MigrationError

# Line and cell magics whose argument or body is Python.
PYTHON_MAGICS = ("time", "timeit", "capture", "prun", "debug", "memit", "mprun")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_CELL_MAGIC = re.compile(rf"\s*%%(?!(?:{'|'.join(PYTHON_MAGICS)})\b)(?P<name>\w+).*")
_PYTHON_LINE = re.compile(
    rf"^(?P<indent>[ \t]*)(?P<magic>%%?(?:{'|'.join(PYTHON_MAGICS)})[ \t])(?=[ \t]*[A-Za-z_(])",
    re.MULTILINE,
)
# With the lines that a backslash joins to it.
_COMMAND = r"(?:.*\\\n)*.*"
_MAGIC = re.compile(
    rf"^(?P<indent>[ \t]*)"
    rf"(?:[!%?]{_COMMAND}|[\w.]+\?+[ \t]*$|[\w.,\[\]'\" ]+=[ \t]*[!%]{_COMMAND})",
    re.MULTILINE,
)
_SHELL_LINE = re.compile(rf"^(?=.*\S){_COMMAND}", re.MULTILINE)
# Databricks writes the lines of a notebook that are not Python as comments of a file.
_DATABRICKS = re.compile(r"^# MAGIC .*\binstall\b.*", re.MULTILINE)


@dataclass(kw_only=True)
class Unit:
    """A piece of code that is parsed as a whole.

    ``label`` is for people (``cell 3``; empty for a file), ``text`` as in the file, ``tree`` None
    where a cell is not Python, ``index`` the cell's number among all of the notebook, ``magics``
    the first and last lines (from 1) of what is not Python's.
    """

    label: str
    text: str
    index: int
    tree: ast.Module | None = None
    magics: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Cut the text into lines where Python does."""
        self.lines = _NEWLINE.split(self.text)
        self.starts = [0, *(newline.end() for newline in _NEWLINE.finditer(self.text))]
        self.newline = "\r\n" if "\r\n" in self.text else "\n"

    def lines_span(self, first: int, last: int) -> tuple[int, int]:
        """Where lines (from 1) begin and end, in code points of ``text``."""
        return self.starts[first - 1], self.starts[last - 1] + len(self.lines[last - 1])

    def offset(self, line: int, column: int) -> int:
        """The code point of a position of ``ast``'s: line from 1, column in bytes of UTF-8."""
        before = self.lines[line - 1].encode("utf-8", "surrogatepass")[:column]
        return self.starts[line - 1] + len(before.decode("utf-8", "surrogatepass"))

    def span(self, node: ast.stmt | ast.expr | ast.keyword) -> tuple[int, int]:
        """Where a node begins and ends, in code points of ``text``."""
        last, column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self.offset(node.lineno, node.col_offset), self.offset(last, column)

    def source(self, node: ast.expr) -> str:
        """The text of an expression as it stands in the file."""
        begin, end = self.span(node)
        return self.text[begin:end]

    def parse(self, name: str) -> None:
        """Put lines aside that are not Python, and parse the rest; ``name`` is the file's.

        Raises:
            MigrationError: What is left is not Python.
        """
        text = "\n".join(self.lines)
        cell = _CELL_MAGIC.match(text)
        if cell and cell["name"] in ("bash", "sh", "script"):
            self.magics = _magics(_SHELL_LINE.finditer(text, cell.end() + 1))
        elif cell:
            self.magics = [(1, len(self.lines))]
        else:
            self._parse_python(text, name)

    def _parse_python(self, text: str, name: str) -> None:
        error: Exception | None = None
        for version, magics in _versions(text):
            self.magics = magics + _magics(_DATABRICKS.finditer(text))
            try:
                self.tree = _tree(version)
                return
            except (SyntaxError, ValueError, RecursionError, MemoryError) as failure:
                error = failure
        line = getattr(error, "lineno", None) or 1
        position = f"{name}: {self.label}, line {line}" if self.label else f"{name}:{line}"
        reason = getattr(error, "msg", "") or str(error) or "it is nested too deeply"
        raise MigrationError(
            f"{position}: is not Python that this version of Python reads: {reason}. Nothing was "
            f"changed."
        ) from error


@dataclass(kw_only=True)
class Source:
    """A file of code: its units, and what it takes to write it again."""

    path: Path
    units: list[Unit]
    encoding: str = "utf-8"
    byte_order_mark: str = ""
    notebook: dict[str, Any] | None = None
    indent: str | None = None
    ending: str = ""
    is_ascii: bool = False


def read(path: Path) -> Source:
    """Read a file and parse its units; ``.ipynb`` is a notebook, everything else Python.

    Raises:
        MigrationError: It cannot be read, is no notebook, or its code is not Python; with file,
            cell and line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MigrationError(f"{path}: cannot be read: {error.strerror or error}.") from error
    source = _notebook(path, content) if path.suffix == ".ipynb" else _script(path, content)
    for unit in source.units:
        unit.parse(str(path))
    return source


def _script(path: Path, content: bytes) -> Source:
    try:
        # The declaration stands in one of the first two lines, however they end.
        lines = io.BytesIO(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        encoding = tokenize.detect_encoding(lines.readline)[0].removesuffix("-sig")
        text = content.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise MigrationError(
            f"{path}:1: is not text in the encoding that it declares: {error}."
        ) from error
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    unit = Unit(label="", text=text.removeprefix(mark), index=0)
    return Source(path=path, units=[unit], encoding=encoding, byte_order_mark=mark)


def _notebook(path: Path, content: bytes) -> Source:
    try:
        text = content.decode("utf-8")
        notebook = json.loads(text)
    except (UnicodeError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise MigrationError(f"{path}:{line}: is no notebook: {error}.") from error
    language = _language(notebook)
    if language not in ("python", "ipython"):
        raise MigrationError(f"{path}:1: is a notebook in {language}; only Python is read.")
    try:
        units = list(_code_cells(notebook))
    except (KeyError, TypeError) as error:
        raise MigrationError(
            f"{path}:1: is no notebook of version 4, which has a list of cells with cell_type and "
            f"source; an older one becomes one with `jupyter nbconvert --to notebook`."
        ) from error
    return Source(
        path=path,
        units=units,
        notebook=notebook,
        indent=re.match(r"\{?\r?\n?([ \t]*)", text)[1] or None,  # type: ignore[index]
        ending=text[len(text.rstrip()) :],
        # Half of a surrogate pair can stand in JSON only as an escape.
        is_ascii=text.isascii() or "\\ud" in text.lower(),
    )


def _language(notebook: object) -> str:
    match notebook:
        case {"metadata": {"language_info": {"name": str() as name}}}:
            return name.lower()
        case {"metadata": {"kernelspec": {"language": str() as name}}}:
            return name.lower()
    return "python"


def _code_cells(notebook: dict[str, Any]) -> Iterator[Unit]:
    """The cells of code; a ``KeyError`` or ``TypeError`` where it is no notebook of version 4."""
    number = 0
    for index, cell in enumerate(notebook["cells"]):
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            number += 1
            yield Unit(label=f"cell {number}", text=text, index=index)


def _versions(text: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Texts that may be Python: the text itself, then without the lines that look like magics."""
    yield text, []
    # As long as what it stands for, so that columns stay: "%time x" becomes "if 1: x".
    with_python = _PYTHON_LINE.sub(
        lambda line: line["indent"] + "if 1:".ljust(len(line["magic"])), text
    )
    for version in (with_python, text):
        yield _MAGIC.sub(_passed, version), _magics(_MAGIC.finditer(version))


def _magics(matches: Iterator[re.Match[str]]) -> list[tuple[int, int]]:
    """The first and the last line of each match."""
    return [(_line(match, match.start()), _line(match, match.end())) for match in matches]


def _line(match: re.Match[str], offset: int) -> int:
    return match.string.count("\n", 0, offset) + 1


def _passed(magic: re.Match[str]) -> str:
    return f"{magic['indent']}pass" + "\n" * magic[0].count("\n")


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        # An invalid escape is a warning of the file's, not of this package.
        warnings.simplefilter("ignore")
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = compile(text, "<code>", "exec", flags=flags, dont_inherit=True)
    assert isinstance(tree, ast.Module), "that is what exec mode gives"
    return tree
