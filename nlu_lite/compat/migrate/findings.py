"""What is found out about a statement, and the changes of text that follow."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, field
from typing import Literal

from nlu_lite.compat.facts import Fact
from nlu_lite.compat.migrate.sources import Source, Unit

Verdict = Literal["works", "changed", "cannot", "unknown"]


@dataclass(frozen=True, order=True)
class Edit:
    """Put a text in place of that from ``start`` to ``end`` (code points of the unit)."""

    start: int
    end: int
    text: str


@dataclass(kw_only=True)
class Outcome:
    """What one statement does with NLU.

    ``problems`` are reasons why it cannot work, ``unknowns`` what only a run would tell,
    ``missing`` parts of requests that a changed line leaves out, ``needless`` reasons why it can be
    left out, ``notes`` what else a reader should know.
    """

    unit: Unit
    uses_nlu: bool = False
    edits: list[Edit] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unknowns: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
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

    def judge(self, name: str, fact: Fact | None, unknown: str) -> None:
        """Note what the table says about a name; ``unknown`` is said of one that it has not."""
        match fact:
            case None:
                self.problems.append(f"{name}: {unknown}")
            case Fact(outcome="refused"):
                self.problems.append(f"{name}: {fact.advice}")
            case Fact(outcome="needless"):
                self.needless.append(f"{name}: {fact.advice}")

    def requote(self, literal: ast.expr, text: str) -> None:
        """Put another text into a literal, in its own quotes."""
        is_single = self.unit.source(literal).endswith("'")
        quoted = repr(text) if is_single else json.dumps(text, ensure_ascii=False)
        self.edits.append(Edit(*self.unit.span(literal), quoted))


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The verdict on the lines ``line`` to ``last`` of a unit (from 1), its reasons and edits.

    ``missing`` are the parts of requests that the changed line does without.
    """

    unit: int
    line: int
    last: int
    verdict: Verdict = "works"
    reasons: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What was found in a file; no findings where it does not use NLU."""

    source: Source
    findings: tuple[Finding, ...]

    def of_unit(self, unit: Unit) -> list[Finding]:
        """The findings of a unit."""
        return [finding for finding in self.findings if finding.unit == unit.index]


def first_line(node: ast.stmt) -> int:
    """The line that a statement begins on, decorators counted."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def commented(unit: Unit, node: ast.stmt, anchor: int, reasons: list[str]) -> list[Edit]:
    """The edits that put a statement into comments, after the reasons.

    ``anchor`` is a line that comments can be put before.
    """
    first, last = first_line(node), node.end_lineno or node.lineno
    begin, end = unit.lines_span(first, last)
    start, stop = unit.offset(first, node.col_offset), unit.span(node)[1]
    indent = unit.text[begin:start]
    if indent.strip() or unit.text[stop:end].lstrip()[:1] not in ("", "#"):
        # It shares its line with others.
        above = unit.lines[anchor - 1]
        indent = above[: len(above) - len(above.lstrip())]
        lines = [*reasons, *unit.text[start:stop].splitlines()]
        comments = [f"{indent}# {line}".rstrip() + unit.newline for line in lines]
        begin = unit.starts[anchor - 1]
        return [Edit(begin, begin, "".join(comments)), Edit(start, stop, "pass")]
    lines = [line.removeprefix(indent) for line in unit.lines[first - 1 : last]]
    comments = [f"{indent}# {line}".rstrip() for line in (*reasons, *lines)]
    # A body must not become empty.
    passes = [f"{indent}pass"] if indent else []
    return [Edit(begin, end, unit.newline.join(comments + passes))]
