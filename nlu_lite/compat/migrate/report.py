"""What was found in a file, as text for people."""

from __future__ import annotations

import difflib
import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from nlu_lite.compat.migrate.changes import applied
from nlu_lite.compat.migrate.findings import Edit, Finding, Verdict, Verdicts, first_line
from nlu_lite.compat.migrate.sources import Unit

# Verdict -> what is said of lines and of a whole file; the best first.
WORDS: dict[Verdict, tuple[str, str]] = {
    "works": ("works", "as it is"),
    "changed": ("works with this changed line", "with changes"),
    "unknown": ("known only when it runs", "known only when run"),
    "cannot": ("cannot work", "cannot work"),
}
_REASONS: dict[Verdict, str] = {"cannot": "cannot work because ", "unknown": "not known: "}
_CELLS = ("cell", "cells")
_GROUPS_OF_LINES = ("group of lines", "groups of lines")
_BLANK = re.compile(r"\s*$|#\s*%%")


def works(verdicts: Verdicts) -> bool:
    """Whether everything works, perhaps with changes: nothing is lost or not known."""
    return not any(finding.verdict in _REASONS or finding.missing for finding in verdicts.findings)


def report(verdicts: Verdicts) -> str:
    """A paragraph a cell, or a group of statements, that uses NLU, and a line that counts them."""
    name = str(verdicts.source.path)
    if not verdicts.findings:
        return f"{name}: does not use NLU; nothing to change"
    lines = [name]
    counts: Counter[Verdict] = Counter()
    for unit in verdicts.source.units:
        for label, findings in _groups_of_findings(unit, verdicts.of_unit(unit)):
            worst = max((finding.verdict for finding in findings), key=list(WORDS).index)
            counts[worst] += 1
            in_part = ", in part" if any(finding.missing for finding in findings) else ""
            lines.append(f"{label}: {WORDS[worst][0]}{in_part}")
            lines += [line for finding in findings for line in _lines(unit, finding)]
    kinds = _CELLS if verdicts.source.notebook else _GROUPS_OF_LINES
    kind = kinds[counts.total() > 1]
    parts = [f"{counts[verdict]} {WORDS[verdict][1]}" for verdict in WORDS if counts[verdict]]
    return "\n".join([*lines, f"{counts.total()} {kind} with NLU: {', '.join(parts)}"])


def _groups_of_findings(unit: Unit, findings: list[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """The label of each cell, or group of statements, and what was found in it."""
    groups = _groups(unit)
    starts = [first for first, _ in groups]
    for number, group in groupby(findings, lambda finding: bisect(starts, finding.line)):
        first, last = groups[number - 1]
        lines = f"line {first}" if first == last else f"lines {first} to {last}"
        yield unit.label or lines, list(group)


def _lines(unit: Unit, finding: Finding) -> Iterator[str]:
    if finding.verdict == "changed":
        yield from _changed_lines(unit, finding)
    elif finding.reasons:
        yield f"  {finding.line:>4}   {unit.lines[finding.line - 1].strip()}"
    words = _REASONS.get(finding.verdict, "")
    yield from (f"         without: {reason}" for reason in finding.missing)
    yield from (f"         {words}{reason}" for reason in finding.reasons)


def _changed_lines(unit: Unit, finding: Finding) -> Iterator[str]:
    """The lines before and after that differ; comments above a line that others share left out."""
    begin, end = unit.lines_span(finding.line, finding.last)
    edits = [
        Edit(edit.start - begin, edit.end - begin, edit.text)
        for edit in finding.edits
        if edit.start >= begin
    ]
    before = unit.text[begin:end]
    for line in difflib.ndiff(before.splitlines(), applied(before, edits).splitlines()):
        if line[0] in "-+":
            yield f"  {finding.line:>4} {line[0]} {line[2:].strip()}"


def _groups(unit: Unit) -> list[tuple[int, int]]:
    """First and last line: of a cell, or of statements without a blank line or ``# %%`` between."""
    if unit.label or unit.tree is None:
        return [(1, len(unit.lines))]
    spans = [(first_line(node), node.end_lineno or node.lineno) for node in unit.tree.body]
    groups = [(0, 0)]
    for first, last in sorted([*spans, *unit.magics]):
        begin, end = groups[-1]
        if any(map(_BLANK.match, unit.lines[end : first - 1])) or not end:
            groups.append((first, last))
        else:
            groups[-1] = (begin, max(last, end))
    return groups[1:]
