"""A download shows one bar, where somebody looks: in a kernel as a widget or as text, in a terminal
as a line, else nothing."""

from __future__ import annotations

import os
import re
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from tests.helpers.hub import HubServer
from tests.helpers.hub.models import LOCATE, REFERENCE, REPO, entry_text, files_of, start

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
]  # of the kernel's own client, about its own sockets

CELL = f"import nlu_lite as nlu\nnlu.load({REFERENCE!r}).predict('I love NLP')['token'].tolist()"


@pytest.fixture
def surroundings(tmp_path, tiny):
    """The environment of a process that finds a reference on a hub of this machine, and nothing in
    its cache."""
    registry_file = tmp_path / "own.yaml"
    registry_file.write_text(entry_text(), encoding="utf-8")
    with HubServer() as hub:
        hub.add(REPO, files_of(tiny))
        yield hub.env(tmp_path / "home", 2) | {"NLU_LITE_REGISTRY": str(registry_file)}


@pytest.fixture
def outputs_of(surroundings, monkeypatch):
    """From a cell to its outputs in a kernel that has the hub, and the texts of its widgets."""

    def run(cell):
        for name, value in surroundings.items():
            monkeypatch.setenv(name, value)
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
        NotebookClient(notebook, timeout=120).execute()
        widgets = (
            notebook.metadata.get("widgets", {})
            .get("application/vnd.jupyter.widget-state+json", {})
            .get("state", {})
        )
        values = [str(widget["state"].get("value")) for widget in widgets.values()]
        # tqdm's own spaces, of the width of a digit and of a hair.
        return notebook.cells[0].outputs, [
            value.replace("\u2007", " ").replace("\u200a", "") for value in values
        ]

    return run


def test_a_kernel_shows_a_widget(outputs_of):
    outputs, widgets = outputs_of(CELL)
    views = [
        output
        for output in outputs
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {})
    ]
    assert len(views) == 1
    assert any(re.match(rf"{REPO}:\s+100%", text) for text in widgets), widgets
    assert any(
        re.search(r"\d[.\d]*k/\d[.\d]*k .*\[00:00&lt;00:00,.*B/s\]", text) for text in widgets
    ), widgets
    assert outputs[-1].data["text/plain"] == "['I', 'love', 'NLP']"


def test_a_kernel_without_widgets_shows_text(outputs_of):
    outputs, _ = outputs_of(f"import sys; sys.modules['ipywidgets'] = None\n{CELL}")
    printed = "".join(output.text for output in outputs if output.get("name") == "stderr")
    assert re.search(rf"{REPO}: 100%.*B/s\]", printed), printed


def test_what_is_in_the_cache_shows_no_bar(outputs_of):
    assert len(outputs_of(CELL)[0]) == 2
    assert len(outputs_of(CELL)[0]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_terminal_shows_one_line(surroundings):
    import pty
    import termios

    reading_end, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    process = start(LOCATE, surroundings, stderr=terminal)
    os.close(terminal)
    printed = b""
    while True:
        try:
            part = os.read(reading_end, 65_536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        printed += part
    os.close(reading_end)
    assert process.communicate()[0]
    assert process.returncode == 0
    lines = printed.decode().strip().splitlines()
    last = lines[-1].rpartition("\r")[2]
    assert re.fullmatch(rf"{REPO}: 100%\|.*\| [\d.]+k/[\d.]+k \[00:00<00:00, .*B/s\]", last), (
        printed
    )


def test_a_log_shows_nothing(surroundings):
    process = start(LOCATE, surroundings)
    printed, logged = process.communicate()
    assert process.returncode == 0
    assert printed
    assert logged == ""
