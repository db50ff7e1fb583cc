"""The cases of tests/faults, one by one; and that the judge, the table and the document tell the
truth."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import nlu_lite as nlu
from nlu_lite.errors import ModelError
from tests.faults import judge
from tests.faults.case import RIGHT, Case, Room
from tests.faults.groups import CASES
from tests.faults.server import Outcome, Runner
from tests.faults.table import declared, table

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
# Those of many attempts take more than the few seconds of a quick test.
MOST_QUICK = 6


@pytest.fixture(scope="module")
def runner():
    with Runner() as running:
        yield running


def marked(case: Case):
    marks = [pytest.mark.slow] if case.slow or case.tried > MOST_QUICK else []
    return pytest.param(case, id=case.key, marks=marks)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_case(case, runner):
    assert runner.run(case).faults == []


def test_the_document_has_the_table():
    assert table(declared(CASES)) in DOCUMENT.read_text(encoding="utf-8"), (
        "python -m tests.faults.table prints it"
    )


# What the judge notices


@pytest.fixture
def room(tmp_path, family_folder, family_pipe):
    return Room(tmp_path, family_folder("bert"), family_pipe("bert"), family_folder)


def faults(room, attempt, *ends, **more):
    # A room of its own, as each case has.
    room = dataclasses.replace(room, folder=Path(tempfile.mkdtemp(dir=room.folder)))
    return judge.outcomes(Case("group", "name", (attempt,), ends or (RIGHT,), **more), room)[
        "faults"
    ]


def test_a_case_that_ends_as_declared_has_no_faults(room):
    assert faults(room, lambda room: room.check(room.pipe)) == []


def test_another_ending_is_a_fault(room):
    def refused(_):
        raise ModelError("word is wrong")

    def foreign(_):
        raise KeyError("word")

    assert faults(room, refused, "ModelError", says=("word",)) == []
    assert "not in right vectors" in faults(room, refused)[0]
    assert "does not say 'number'" in faults(room, refused, "ModelError", says=("number",))[0]
    assert "ended in KeyError" in faults(room, foreign, "ModelError")[1]


def test_a_canary_is_a_fault(room):
    assert "code out of the data ran" in faults(room, lambda room: room.canary.touch())[0]


def test_a_long_message_is_a_fault(room):
    def long(_):
        raise ModelError("x" * 50_000)

    assert "50000 characters" in faults(room, long, "ModelError")[0]


def test_a_next_call_that_fails_is_a_fault(room, monkeypatch):
    def breaks(_):
        monkeypatch.setattr(nlu.Pipeline, "predict", lambda *_: 1 / 0)

    assert "the next correct call fails: ZeroDivisionError" in faults(room, breaks)[0]


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("import os; os.abort()", "ended by SIGABRT"),
        ("import time; time.sleep(60)", "did not end within"),
        ("import os; os._exit(0)", "gave no answer"),
    ],
)
def test_a_process_that_dies_or_hangs_is_a_fault(tmp_path, body, part):
    script = f"""
from pathlib import Path
from tests.faults import server
from tests.faults.case import Case, Room
def attempt(_):
    {body}
folder = Path({str(tmp_path)!r})
case = Case("group", "name", (attempt,), ("right vectors",), seconds=1)
print(server.in_child(case, Room(folder, folder, None, None), folder))
"""
    process = subprocess.run(
        [sys.executable, "-c", script],
        cwd=DOCUMENT.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert part in process.stdout


def test_what_does_not_survive_stands_in_the_table():
    case = Case("group", "name", (lambda _: None,), (RIGHT,))
    assert "| group | name | right vectors | 1 | 1 |" in table([(case, Outcome([RIGHT]))])
    assert "| group | name | NOT right vectors: KeyError | 1 | 0 |" in table(
        [(case, Outcome(["KeyError"], ["a fault"]))]
    )
