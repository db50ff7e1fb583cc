"""What is found out about one statement, and the text changes that follow."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, field
from typing import Literal

from nlu_lite.compat.migrate.sources import Unit, lines_of

Verdict = Literal["works", "changed", "cannot", "unknown"]


@dataclass(frozen=True, order=True)
class Edit:
    """Replace the text from ``start`` to ``end`` (code points of the unit, half-open)."""

    start: int
    end: int
    text: str


@dataclass(kw_only=True)
class Outcome:
    """What one statement does with NLU.

    ``problems`` are reasons why it cannot work, ``unknowns`` what only a run would tell, ``lost``
    parts of requests that a changed line leaves out, ``needless`` reasons why it can be left out,
    ``notes`` what else a reader should know.
    """

    unit: Unit
    used: bool = False
    edits: list[Edit] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unknowns: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """The worst of what was found."""
        if self.problems:
            return "cannot"
        if self.edits or self.needless:
            return "changed"
        return "unknown" if self.unknowns else "works"

    def replace(self, node: ast.expr, text: str) -> None:
        """Put a text in place of an expression."""
        self.edits.append(Edit(*span(self.unit, node), text))


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The verdict on the lines ``line`` to ``last`` of a unit (from 1), its reasons, and the edits of the copy.

    ``lost`` are the parts of requests that the changed line does without.
    """

    unit: int
    line: int
    last: int
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    lost: tuple[str, ...] = ()


def span(unit: Unit, node: ast.stmt | ast.expr | ast.keyword) -> tuple[int, int]:
    """Where a node stands in the text of its unit."""
    assert node.end_lineno is not None, "parsed from text"
    assert node.end_col_offset is not None, "parsed from text"
    return unit.offset(node.lineno, node.col_offset), unit.offset(
        node.end_lineno, node.end_col_offset
    )


def source(unit: Unit, node: ast.expr) -> str:
    """The text of an expression as it stands in the file."""
    begin, end = span(unit, node)
    return unit.text[begin:end]


def quoted(text: str, like: str) -> str:
    """A text as a literal, in the quotes of another one."""
    return repr(text) if like.endswith("'") else json.dumps(text, ensure_ascii=False)


def first_line(node: ast.stmt) -> int:
    """The line a statement begins on, decorators counted."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def commented(
    unit: Unit, node: ast.stmt, anchor: int, reasons: list[str], *, is_nested: bool
) -> list[Edit]:
    """The edits that put a statement into comments, after the reasons.

    Args:
        unit: The unit.
        node: The statement.
        anchor: A line before which comments can be put: that of the statement, or of what it shares
            its first line with.
        reasons: One comment line each.
        is_nested: The statement is in the body of another, which must not become empty.
    """
    first, last = first_line(node), node.end_lineno or node.lineno
    begin, end = unit.starts[first - 1], unit.starts[last - 1] + len(unit.line(last))
    _, stop = span(unit, node)
    own = unit.line(first)
    start = unit.offset(first, node.col_offset)
    is_alone = not unit.text[begin:start].strip() and unit.text[stop:end].lstrip()[:1] in ("", "#")
    ending = _ending(unit.text)
    if is_alone:
        indent = own[: len(own) - len(own.lstrip())]
        body = [unit.line(number) for number in range(first, last + 1)]
        lines = [f"{indent}# {reason}" for reason in reasons]
        lines += [f"{indent}# {line.removeprefix(indent)}".rstrip() for line in body]
        return [Edit(begin, end, ending.join([*lines, f"{indent}pass"] if is_nested else lines))]
    above = unit.line(anchor)
    indent = above[: len(above) - len(above.lstrip())]
    lines = [f"{indent}# {line}".rstrip() for line in (*reasons, *lines_of(unit.text[start:stop]))]
    place = unit.starts[anchor - 1]
    return [Edit(place, place, "".join(line + ending for line in lines)), Edit(start, stop, "pass")]


def _ending(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
