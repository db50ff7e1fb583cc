"""The progress bar: when it appears, and what it says."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest

from nlu_lite.common import progress_bar


@pytest.mark.parametrize(("show", "seen"), [(True, True), (None, False), (False, False)])
def test_short_work_shows_no_bar_unless_asked(capsys, show, seen):
    with progress_bar(3, unit="words", show=show, label="encoding") as advance:
        advance(3)
    assert ("encoding" in capsys.readouterr().err) is seen


def test_long_work_shows_a_bar(capsys, monkeypatch):
    monkeypatch.setattr("nlu_lite.common.progress.DELAY", 0.0)
    with progress_bar(10, unit="words", show=None, label="encoding") as advance:
        advance(10)
    assert "encoding" in capsys.readouterr().err


def test_a_bar_says_how_fast_and_how_long(capsys, monkeypatch):
    # In a log a line comes every 30 seconds only.
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress_bar(2_000, unit="words", show=True, label="encoding") as advance:
        advance(1_000)
        time.sleep(0.2)
        advance(500)
    assert re.search(r"1\.50k/2\.00k \[00:00<00:00, [\d.]+k? words/s\]", capsys.readouterr().err)


def test_a_notebook_without_widgets_is_not_warned():
    # tqdm asks whether it runs in a kernel, and warns when first imported without ipywidgets.
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
