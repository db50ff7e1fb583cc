"""The table of recommended references in README.md and docs/which-model.md, from the registry.

    python -m tests.helpers.which_model

writes it anew between its marks; tests/catalogue/test_which_model.py holds both files to it.
"""

from __future__ import annotations

from pathlib import Path

from nlu_lite import registry
from nlu_lite.catalogue import size_of
from nlu_lite.registry import Entry, Recommendation, compute_speed, recommendations

CHECKOUT = Path(__file__).resolve().parents[2]
README, PAGE = CHECKOUT / "README.md", CHECKOUT / "docs" / "which-model.md"
TABLE, REASONS = "which model", "why these"
COLUMNS = (
    *("for", "line to type", "MB", "dimension", "layers", "pieces"),
    *("licence", "languages", "speed", "proof"),
)
PROOFS = {"unverified": "mapped"}


def make_table() -> str:
    """A row a recommended reference, with what the registry says of it."""
    lines = "|".join("---" for _ in COLUMNS)
    rows = map(make_row, recommendations().values())
    return "\n".join([f"| {' | '.join(COLUMNS)} |", f"|{lines}|", *rows])


def make_row(recommendation: Recommendation) -> str:
    entry = registry.current().entry(recommendation.reference)
    # Without a folder, so that a page does not depend on the machine.
    size = size_of(entry, None)
    cells = (
        recommendation.purpose,
        f'`nlu.load("{recommendation.reference}")`',
        size.short if size else "unknown",
        entry.dimension,
        entry.layers,
        entry.max_length,
        entry.license or "unknown",
        recommendation.languages,
        format_speed(entry),
        PROOFS.get(entry.verified, entry.verified),
    )
    return f"| {' | '.join(map(str, cells))} |"


def format_speed(entry: Entry) -> str:
    speed = compute_speed(entry)
    return "unknown" if speed is None else f"{speed:.2g}"


def make_reasons() -> str:
    """A line a recommended reference: why it, and where that is published."""
    lines = []
    for one in recommendations().values():
        source = f" ([source]({one.source}))" if one.source else ""
        lines.append(f"- `{one.reference}`, {one.purpose}: {one.why}{source}.")
    return "\n".join(lines)


def read_section(text: str, name: str) -> str:
    """What stands between the marks of a name."""
    return text.partition(begin(name))[2].partition(end(name))[0].strip()


def write_section(path: Path, name: str, content: str) -> None:
    before, _, rest = path.read_text(encoding="utf-8").partition(begin(name))
    after = rest.partition(end(name))[2]
    path.write_text(f"{before}{begin(name)}\n\n{content}\n\n{end(name)}{after}", encoding="utf-8")


def begin(name: str) -> str:
    return f"<!-- {name}: begin -->"


def end(name: str) -> str:
    return f"<!-- {name}: end -->"


if __name__ == "__main__":
    write_section(README, TABLE, make_table())
    write_section(PAGE, TABLE, make_table())
    write_section(PAGE, REASONS, make_reasons())
