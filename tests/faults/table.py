"""The table: what was tried, what survived, and what it ended in."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults.case import Case
from tests.faults.server import Outcome

HEAD = ("| group | cases | ended in | tried | survived |", "|---|---|---|---:|---:|")


def declared(cases: Iterable[Case]) -> list[tuple[Case, Outcome]]:
    """What should come of cases."""
    return [(case, Outcome(endings=[case.ending] * case.tried)) for case in cases]


def table(outcomes: Iterable[tuple[Case, Outcome]]) -> str:
    """The table in Markdown: a row for the cases of a group that ended alike, and a sum.

    A case survived where every attempt ended as declared, within its bounds of memory and time, no
    code came out of the data, and the next correct call gave right vectors; else its row says what
    it ended in.
    """
    rows: dict[tuple[str, str], list[tuple[Case, bool]]] = {}
    for case, outcome in outcomes:
        ended = (
            case.ending
            if not outcome.faults
            else f"NOT {case.ending}: {', '.join(sorted(set(outcome.endings)))}"
        )
        rows.setdefault((case.group, ended), []).append((case, not outcome.faults))
    lines = [*HEAD]
    for (group, ended), some in rows.items():
        lines.append(_line(group, "; ".join(case.name for case, _ in some), ended, list(some)))
    every = [one for some in rows.values() for one in some]
    lines.append(_line("all", f"{len(every)} cases", "", every))
    return "\n".join(lines) + "\n"


def _line(group: str, names: str, ended: str, some: list[tuple[Case, bool]]) -> str:
    tried = sum(case.tried for case, _ in some)
    survived = sum(case.tried for case, is_sound in some if is_sound)
    return f"| {group} | {names} | {ended} | {tried} | {survived} |"


if __name__ == "__main__":
    from tests.faults.groups import CASES

    print(table(declared(CASES)), end="")
