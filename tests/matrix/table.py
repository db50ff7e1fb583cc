"""What `python -m tests.matrix` printed -> the tables of docs/models.md."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import transformers

PAGE = Path(__file__).resolve().parents[2] / "docs" / "models.md"
BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"
TASKS = {
    "embed": "vectors",
    "token_classification": "labels of words",
    "text_classification": "labels of texts",
}
# What stands in a reason -> what is said about all that share it.
REASONS = {
    "reads no text": "reads no text, but pictures, sound or series of numbers",
    "on a page": "needs the places of words on a page",
    "cannot be run on a text alone": "needs more than a text, or gives no vector for each piece",
    "fails on texts of up to": "transformers itself fails on plain texts",
    "gives other numbers each time": "gives other numbers each time",
    "changes its own weights": "changes its weights as it reads",
    "do not fit": "the weights of its tower for texts have other names there",
    "is no configuration": "its configuration has no plain sizes",
    "it must be a whole number": "its configuration has no plain sizes",
    "has no model of the architecture": "transformers has no class that reads texts",
    "do not belong together": "it has fewer pieces than a tokenizer",
    "library": "needs a library that transformers does not bring",
    "its smallest model": "cannot be made small by the names of its sizes",
    "has no such class": "transformers has no class that gives vectors",
}
NAMES_A_ROW = 20
OTHER_REASON = "cannot be made small from its configuration"


def read_outcomes(path: Path) -> list[dict[str, Any]]:
    """The lines of a run."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def make_section(outcomes: list[dict[str, Any]]) -> str:
    """The tables, between their marks."""
    served, refused, unknown = defaultdict(list), defaultdict(list), defaultdict(list)
    for outcome in outcomes:
        name = f"`{outcome['model_type']}`"
        if outcome["tasks"]:
            tasks = ", ".join(TASKS[task] for task in outcome["tasks"])
            served[outcome["reading"] or "not read", tasks].append(name)
        elif "embed" in outcome["refused"] and not _fails_by_its_size(outcome["refused"]["embed"]):
            refused[_explain(outcome["refused"]["embed"])].append(name)
        else:
            reason = outcome["not_built"].get("embed", OTHER_REASON)
            unknown[_explain(reason)].append(name)
    count = sum(map(len, served.values()))
    return "\n".join(
        [
            BEGIN,
            "",
            f"transformers {transformers.__version__} has {len(outcomes)} architectures. "
            f"{count} of them gave the numbers of a plain forward. "
            f"{sum(map(len, refused.values()))} are refused with a reason. "
            f"{sum(map(len, unknown.values()))} could not be tried.",
            "",
            "| read how | gives | architectures |",
            "|---|---|---|",
            *_make_rows(
                {f"{reading} | {tasks}": names for (reading, tasks), names in served.items()}
            ),
            "",
            "Refused:",
            "",
            "| reason | architectures |",
            "|---|---|",
            *_make_rows(refused),
            "",
            "Not tried, since no small model of them could be made and run here:",
            "",
            "| reason | architectures |",
            "|---|---|",
            *_make_rows(unknown),
            "",
            END,
        ]
    )


def _make_rows(groups: dict[str, list[str]]) -> list[str]:
    """Rows of a table, with no more names than the eye takes in."""
    return [
        f"| {cells} | {', '.join(names[begin : begin + NAMES_A_ROW])} |"
        for cells, names in sorted(groups.items())
        for begin in range(0, len(names), NAMES_A_ROW)
    ]


def _fails_by_its_size(message: str) -> bool:
    """Whether a small model fails since its sizes do not go together, in transformers as well."""
    return "cannot be run" in message and "RuntimeError" in message


def _explain(message: str) -> str:
    return next((text for part, text in REASONS.items() if part in message), OTHER_REASON)


def main(path: str) -> None:
    """Renew the page."""
    page = PAGE.read_text(encoding="utf-8")
    marks = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    section = make_section(read_outcomes(Path(path)))
    PAGE.write_text(marks.sub(lambda _: section, page), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
