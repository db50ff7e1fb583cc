"""docs/coming-from-nlu.md: its table of features says of each that matters which test shows it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
TABLE = (
    (CHECKOUT / "docs" / "coming-from-nlu.md")
    .read_text(encoding="utf-8")
    .partition("## Feature by feature")[2]
)
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in TABLE.splitlines()
    if line.startswith("| ")
][1:]
STATES = ("same", "differs", "later", "refused")
WEIGHTS = ("must", "should", "later", "not")


def test_the_table_has_all_features():
    weights = [row[2] for row in ROWS]
    assert {weight: weights.count(weight) for weight in WEIGHTS} == {
        "must": 25,
        "should": 9,
        "later": 8,
        "not": 3,
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_feature_has_a_state_and_those_that_matter_a_test(row):
    _, _, weight, state, evidence = row
    assert any(word in state for word in STATES)
    tests = re.findall(r"\(\.\./tests/((?:\w+/)?test_\w+\.py)\) `(test_\w+)`", evidence)
    assert tests or weight in ("later", "not")
    for file, name in tests:
        tree = ast.parse((CHECKOUT / "tests" / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
