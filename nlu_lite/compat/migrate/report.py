"""What was found in a file, as text for people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from nlu_lite.compat.migrate.changes import lines_changed
from nlu_lite.compat.migrate.judge import Verdicts
from nlu_lite.compat.migrate.sources import Unit, lines_of
from nlu_lite.compat.migrate.statement import Finding, Verdict, first_line

# The worst first.
ORDER: tuple[Verdict, ...] = ("cannot", "unknown", "changed", "works")
WORDS: dict[str, str] = {
    "works": "works",
    "changed": "works with this changed line",
    "cannot": "cannot work",
    "unknown": "known only when it runs",
}
SUMMARY: dict[str, str] = {
    "works": "as it is",
    "changed": "with changes",
    "cannot": "cannot work",
    "unknown": "known only when run",
}
_SEPARATOR = re.compile(r"#\s*%%")


def works(verdicts: Verdicts) -> bool:
    """Whether everything works, perhaps with changes; not so where something is lost or not known."""
    return all(
        found.verdict in ("works", "changed") and not found.lost for found in verdicts.findings
    )


def report(verdicts: Verdicts) -> str:
    """A paragraph a cell, or a group of statements, that uses NLU, and a line that counts them.

    Args:
        verdicts: On a file.
    """
    name = str(verdicts.source.path)
    if not verdicts.findings:
        return f"{name}: does not use NLU; nothing to change"
    one, many = (
        ("cell", "cells")
        if verdicts.source.notebook is not None
        else ("group of lines", "groups of lines")
    )
    lines = [name]
    counted: Counter[str] = Counter()
    others = 0
    for unit in verdicts.source.units:
        for first, last in [(1, len(lines_of(unit.text)))] if unit.label else groups(unit):
            inside = [
                f for f in verdicts.findings if f.unit == unit.index and first <= f.line <= last
            ]
            if not inside:
                others += 1
                continue
            worst = min((found.verdict for found in inside), key=ORDER.index)
            counted[worst] += 1
            changes = sum(found.verdict == "changed" for found in inside)
            head = WORDS[worst] + ("s" if worst == "changed" and changes > 1 else "")
            if worst == "changed" and any(found.lost for found in inside):
                head += ", in part"
            label = unit.label or (f"line {first}" if first == last else f"lines {first} to {last}")
            lines += [
                f"{label}: {head}",
                *(line for found in inside for line in _shown(unit, found)),
            ]
    total = sum(counted.values())
    tail = ", ".join(
        f"{counted[verdict]} {SUMMARY[verdict]}" for verdict in reversed(ORDER) if counted[verdict]
    )
    rest = f"; {others} without NLU" if others else ""
    return "\n".join([*lines, f"{total} {one if total == 1 else many} with NLU: {tail}{rest}"])


def _shown(unit: Unit, found: Finding) -> Iterator[str]:
    number = f"{found.line}"
    if found.verdict == "changed":
        before, after = lines_changed(unit, found)
        yield from (f"  {number:>4} - {line.strip()}" for line in before)
        yield from (f"  {number:>4} + {line.strip()}" for line in after)
    elif found.reasons:
        yield f"  {number:>4}   {unit.line(found.line).strip()}"
    words = {"cannot": "cannot work because ", "unknown": "not known: "}.get(found.verdict, "")
    yield from (f"         without: {reason}" for reason in found.lost)
    yield from (f"         {words}{reason}" for reason in found.reasons)


def groups(unit: Unit) -> list[tuple[int, int]]:
    """The first and last lines of groups of statements: what stands together without a blank line or a ``# %%``.

    Args:
        unit: A file.
    """
    body = unit.tree.body if unit.tree else []
    spans = [(first_line(node), node.end_lineno or node.lineno) for node in body]
    spans = sorted({*spans, *((magic.line, magic.line + magic.count - 1) for magic in unit.magics)})
    found: list[tuple[int, int]] = []
    for first, last in spans:
        between = (
            [unit.line(number) for number in range(found[-1][1] + 1, first)] if found else [""]
        )
        if any(not line.strip() or _SEPARATOR.match(line) for line in between):
            found.append((first, last))
        else:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
    return found
