"""One failing test does not take others with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
TESTS = """
import gc

def test_that_fails_with_an_open_file(tmp_path):
    file = open(tmp_path / "file", "w")
    raise AssertionError

def test_behind_it():
    gc.collect()
"""


@pytest.mark.parametrize("is_closed", [True, False])
def test_what_a_failed_test_left_open_does_not_fail_the_next_one(tmp_path, is_closed):
    (tmp_path / "test_two.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    plugin = ["-p", "tests.helpers.leftovers"] if is_closed else []
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
    )
    assert ("1 failed, 1 passed" if is_closed else "2 failed") in run.stdout


def test_the_tests_of_this_checkout_run_so(request):
    import tests.conftest

    assert request.config.pluginmanager.is_registered(tests.conftest)
    assert tests.conftest.pytest_runtest_protocol.__module__ == "tests.helpers.leftovers"
