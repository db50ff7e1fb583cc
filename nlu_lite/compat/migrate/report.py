"""What was found in a file, as text for people."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator

from nlu_lite.compat.migrate.changes import applied
from nlu_lite.compat.migrate.findings import Edit, Finding, Verdict, Verdicts, first_line
from nlu_lite.compat.migrate.sources import Unit

# The best first.
WORDS: dict[Verdict, str] = {
    "works": "works",
    "changed": "works with this changed line",
    "unknown": "known only when it runs",
    "cannot": "cannot work",
}
SUMMARY: dict[Verdict, str] = {
    "works": "as it is",
    "changed": "with changes",
    "unknown": "known only when run",
    "cannot": "cannot work",
}
_REASONS: dict[Verdict, str] = {"cannot": "cannot work because ", "unknown": "not known: "}
_BLANK = re.compile(r"\s*$|#\s*%%")


def works(verdicts: Verdicts) -> bool:
    """Whether everything works, perhaps with changes; not so where something is lost or not known.

    Args:
        verdicts: On a file.
    """
    bad = [finding for finding in verdicts.findings if finding.verdict in _REASONS]
    return not bad and not any(finding.missing for finding in verdicts.findings)


def report(verdicts: Verdicts) -> str:
    """A paragraph a cell, or a group of statements, that uses NLU, and a line that counts them.

    Args:
        verdicts: On a file.
    """
    name = str(verdicts.source.path)
    if not verdicts.findings:
        return f"{name}: does not use NLU; nothing to change"
    lines = [name]
    counts: Counter[Verdict] = Counter()
    groups = [(unit, *group) for unit in verdicts.source.units for group in _groups(unit)]
    for unit, first, last in groups:
        in_group = range(first, last + 1)
        findings = [finding for finding in verdicts.of_unit(unit) if finding.line in in_group]
        if findings:
            worst = max((finding.verdict for finding in findings), key=list(WORDS).index)
            counts[worst] += 1
            lines.append(f"{_label(unit, first, last)}: {_headline(worst, findings)}")
            lines += [line for finding in findings for line in _lines(unit, finding)]
    total, without = counts.total(), len(groups) - counts.total()
    parts = [f"{counts[verdict]} {words}" for verdict, words in SUMMARY.items() if counts[verdict]]
    kind, many = ("cell", "s") if verdicts.source.notebook else ("group", "s")
    kind = f"{kind}{many if total > 1 else ''}{'' if verdicts.source.notebook else ' of lines'}"
    rest = f"; {without} without NLU" if without else ""
    return "\n".join([*lines, f"{total} {kind} with NLU: {', '.join(parts)}{rest}"])


def _label(unit: Unit, first: int, last: int) -> str:
    if unit.label:
        return unit.label
    return f"line {first}" if first == last else f"lines {first} to {last}"


def _headline(worst: Verdict, findings: list[Finding]) -> str:
    if worst != "changed":
        return WORDS[worst]
    verdicts = [finding.verdict for finding in findings]
    plural = "s" if verdicts.count("changed") > 1 else ""
    in_part = ", in part" if any(finding.missing for finding in findings) else ""
    return f"{WORDS[worst]}{plural}{in_part}"


def _lines(unit: Unit, finding: Finding) -> Iterator[str]:
    number = f"  {finding.line:>4}"
    if finding.verdict == "changed":
        yield from _changed_lines(unit, finding)
    elif finding.reasons:
        yield f"{number}   {unit.lines[finding.line - 1].strip()}"
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
    """First and last lines: of a cell, or of statements without a blank line or ``# %%`` between."""
    if unit.label:
        return [(1, len(unit.lines))]
    statements = unit.tree.body if unit.tree else []
    spans = [(first_line(node), node.end_lineno or node.lineno) for node in statements]
    spans += [(magic.first, magic.last) for magic in unit.magics]
    groups: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        begin, end = groups[-1] if groups else (0, 0)
        if not groups or any(map(_BLANK.match, unit.lines[end : first - 1])):
            groups.append((first, last))
        else:
            groups[-1] = (begin, max(last, end))
    return groups
