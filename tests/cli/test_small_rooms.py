"""Threads, progress, the command line."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest
import torch

from nlu_lite import cli
from nlu_lite.common.progress import bar
from nlu_lite.encoder.backends import threads


@pytest.mark.parametrize(
    ("content", "most"),
    [("150000 100000", 2), ("100000 100000", 1), ("max 100000", None), ("junk", None)],
)
def test_threads_stay_within_the_containers_quota(tmp_path, content, most):
    (tmp_path / "cpu.max").write_text(content)
    free = threads.allowed(control_groups=tmp_path / "none")
    assert threads.allowed(control_groups=tmp_path) == (free if most is None else min(free, most))


def test_threads_read_the_quota_of_the_older_control_groups(tmp_path):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("50000")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000")
    assert threads.allowed(control_groups=tmp_path) == 1


def threads_after_limit(setting: str, environment: dict[str, str]) -> int:
    code = (
        "import torch; torch.set_num_threads(7); from nlu_lite.encoder.backends import threads; "
        "threads.limit(); "
        "print(torch.get_num_threads())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return int(result.stdout)


def test_threads_are_lowered_unless_the_user_chose_them():
    import os

    plain = {key: value for key, value in os.environ.items() if not key.endswith("NUM_THREADS")}
    assert threads_after_limit("", plain) == min(7, threads.allowed())
    assert threads_after_limit("", plain | {"OMP_NUM_THREADS": "7"}) == 7


def test_fewer_threads_than_allowed_stay_as_they_are(monkeypatch):
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    before = torch.get_num_threads()
    try:
        for given, most, left in ((1, 4, 1), (3, 2, 2)):
            monkeypatch.setattr(threads, "_limited", False)
            monkeypatch.setattr(threads, "allowed", lambda most=most: most)
            torch.set_num_threads(given)
            threads.limit()
            assert torch.get_num_threads() == left
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(("show", "seen"), [(True, True), (None, False), (False, False)])
def test_short_work_shows_no_bar_unless_asked(capsys, show, seen):
    with bar(3, unit="words", show=show, label="encoding") as done:
        done(3)
    assert ("encoding" in capsys.readouterr().err) is seen


def test_long_work_shows_a_bar(capsys, monkeypatch):
    monkeypatch.setattr("nlu_lite.common.progress.DELAY", 0.0)
    with bar(10, unit="words", show=None, label="encoding") as done:
        done(10)
    assert "encoding" in capsys.readouterr().err


def test_a_bar_says_how_fast_and_how_long(capsys, monkeypatch):
    monkeypatch.setattr(
        sys.stderr, "isatty", lambda: True
    )  # in a log a line comes every 30 seconds only
    with bar(2_000, unit="words", show=True, label="encoding") as done:
        done(1_000)
        time.sleep(0.2)
        done(500)
    assert re.search(r"1\.50k/2\.00k \[00:00<00:00, [\d.]+k? words/s\]", capsys.readouterr().err)


def test_a_failure_prints_the_error_and_exits_with_1(capsys):
    assert cli.main(["predict", "en.embed.minilm", "x"]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("nlu-lite: 'en.embed.minilm' is not a known reference")
    assert captured.out == ""


def test_wrong_usage_exits_with_2(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["sing"])
    assert caught.value.code == 2
    assert "predict" in capsys.readouterr().err


def test_a_notebook_without_widgets_is_not_warned():
    # tqdm asks whether it runs in a kernel, and warns at its first import if ipywidgets are
    # missing.
    code = (
        "import sys, warnings\n"
        "class Kernel:\n"
        "    config = {'IPKernelApp': 1}\n"
        "sys.modules['IPython'] = type(sys)('IPython')\n"
        "sys.modules['IPython'].get_ipython = lambda: Kernel()\n"
        "sys.modules['ipywidgets'] = None\n"
        "warnings.simplefilter('error')\n"
        "import nlu_lite as nlu\n"
        "nlu.load('en.embed.minilm_l6')\n"
        "print(sys.modules['tqdm.auto'].tqdm.__mro__[1].__module__)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
