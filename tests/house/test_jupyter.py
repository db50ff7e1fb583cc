"""What a notebook shows: cards, errors, bars; in a real kernel where it matters."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

import nlu_lite as nlu
from tests.helpers.pipelines import pipeline_of


def test_a_pipelines_card_has_a_column_a_model(family_folder):
    pipe = pipeline_of(
        ("w", family_folder("bert"), "embed"),
        ("s", family_folder("roberta"), "embed_sentence"),
        layers=1,
    )
    html = pipe._repr_html_()
    assert "<th>Pipeline</th><th>w</th><th>s</th>" in html
    assert "<th>vector column</th><td>w_embeddings</td><td>s_embeddings</td>" in html
    assert "not read yet" in html
    assert "layers=1" in html


def test_a_card_says_what_the_registry_knows(minilm):
    html = minilm._repr_html_()
    for part in ("<td>384</td>", "<td>apache-2.0</td>", "<td>512 pieces</td>", "float32 on "):
        assert part in html


def test_a_card_shows_no_markup_of_others(family_folder):
    html = pipeline_of(
        ("<script>x</script>", family_folder("bert"), "embed"), column="<b>"
    )._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html


def test_the_card_of_compat_is_that_of_the_pipeline_inside(served_names):
    import nlu_lite.compat as nlu_of_old

    pipe = nlu_of_old.load("bert")
    assert pipe._repr_html_() == pipe.pipeline._repr_html_()


def test_the_catalogue_card_is_as_text_what_the_facts_are():
    from nlu_lite.catalogue import describe_entry, format_card

    entry = nlu.models["en.embed.minilm_l6"]
    assert format_card(entry).splitlines() == [
        f"{name:<16}  {value}" for name, value in describe_entry(entry).items()
    ]


def shown_by(*cells: str) -> list[list[nbformat.NotebookNode]]:
    """The outputs of cells, run in a kernel."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, allow_errors=True).execute()
    return [cell.outputs for cell in notebook.cells]


kernel = pytest.mark.filterwarnings("ignore")  # of the kernel's own client, about its own sockets


@kernel
@pytest.mark.slow
def test_an_error_shows_the_callers_line_and_ends_with_what_to_do():
    ((error,), (nested,)) = shown_by(
        "import nlu_lite as nlu\nnlu.load('en.embed.minlm_l6')",
        "def mine(name):\n    return nlu.load(name, words='none')\nmine('en.embed.minilm_l6')",
    )
    assert error.ename == "UnknownReferenceError"
    assert error.traceback[-1].strip() == f"nlu_lite.errors.UnknownReferenceError: {error.evalue}"
    text = "\n".join(error.traceback)
    assert "nlu.load('en.embed.minlm_l6')" in text
    assert "lookup.py" not in text
    assert len(error.traceback) <= 4
    text = "\n".join(nested.traceback)
    assert "in mine" in text
    assert "options.py" not in text
    assert text.strip().endswith("or a function from a text to its (begin, end) spans.")


COMPLETE = """
import json, sys, warnings
from IPython.core.completer import ProvisionalCompleterWarning
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.Completer.use_jedi = sys.argv[1] == "jedi"
warnings.simplefilter("ignore", ProvisionalCompleterWarning)
shell.run_cell("import nlu_lite as nlu")
shell.run_cell("import importlib; importlib.reload(nlu)")
found = shell.Completer.completions(sys.argv[2], len(sys.argv[2]))
print(json.dumps([[one.start, one.end, one.text] for one in found]))
"""


def completed(code: str, *, jedi: str) -> list[list[object]]:
    """Begin, end and text of what IPython's Tab offers behind some code."""
    command = [sys.executable, "-c", COMPLETE, jedi, code]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stderr == ""
    return json.loads(answer.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("jedi", ["jedi", "plain"])
def test_tab_completes_references_in_load(jedi):
    code = 'pipe = nlu.load("en.embed.minilm_l6 en.embed.b'
    found = completed(code, jedi=jedi)
    begin = code.index("en.embed.b")
    wanted = [name for name in nlu.models if name.startswith("en.embed.b")]
    assert sorted(found) == [[begin, len(code), name] for name in wanted]


@pytest.mark.slow
@pytest.mark.parametrize("jedi", ["jedi", "plain"])
@pytest.mark.parametrize(
    ("code", "names"), [("nlu.", [*nlu.__all__, "plot"]), ("nlu.plot.", nlu.plot.__all__)]
)
def test_tab_behind_the_package_shows_public_names_only(code, names, jedi):
    found = [text.removeprefix(".") for _, _, text in completed(code, jedi=jedi)]
    assert sorted(found) == sorted(names)


@kernel
@pytest.mark.slow
def test_a_kernel_completes_references_and_shows_signatures():
    manager, client = start_new_kernel()
    try:
        client.execute("import nlu_lite as nlu", reply=True, timeout=60)
        code = 'nlu.load("en.embed.minilm'
        reply = client.complete(code, reply=True, timeout=60)["content"]
        shown = client.inspect("nlu.load", reply=True, timeout=60)["content"]["data"]["text/plain"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert reply["matches"] == ["en.embed.minilm_l6"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (code.index("en."), len(code))
    text = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert "    request: str | None = None,\n" in text
    assert text.index("-> Pipeline") < text.index("Load the models that a request names.")


@pytest.mark.parametrize("call", ["load", "Pipeline.predict", "Pipeline.to_parquet"])
def test_shift_tab_shows_a_readable_signature_and_the_purpose(call):
    from IPython.core.oinspect import Inspector

    function = nlu.load if call == "load" else getattr(nlu.Pipeline, call.partition(".")[2])
    shown = Inspector(theme_name="nocolor").info(function, oname=call)
    lines = shown["definition"].splitlines()
    assert max(map(len, lines)) <= 80
    annotations = [line.partition(": ")[2].partition(" = ")[0] for line in lines]
    assert not any("'" in annotation for annotation in annotations)
    assert shown["docstring"].splitlines()[0].endswith(".")


BAR = """
from nlu_lite.common import progress_bar
import time
with progress_bar(100, unit="words", show=True, label="encoding") as done:
    done(40)
    time.sleep(0.3)
    done(40)
    print([part.value for part in done.__self__.container.children])
"""


@kernel
@pytest.mark.slow
def test_a_kernel_shows_a_widget_with_rate_and_time_left():
    ((widget, printed),) = shown_by(BAR)
    assert "application/vnd.jupyter.widget-view+json" in widget.data
    words = printed.text.replace("\\u2007", " ").replace("\\u200a", "")
    assert re.search(
        r"encoding:\s+80%', 80\.0, .*80\.0/100 \[00:0\d&lt;00:0\d,\s+\d+ words/s\]", words
    ), words


@kernel
@pytest.mark.slow
def test_without_widgets_a_kernel_shows_the_bar_as_text():
    outputs = shown_by(
        "import sys; sys.modules['ipywidgets'] = None" + BAR.rpartition("    print")[0]
    )[0]
    assert {output.name for output in outputs} == {"stderr"}
    assert re.search(
        r"80\.0/100 \[00:0\d<00:0\d, +\d+ words/s\]", "".join(output.text for output in outputs)
    )


@kernel
@pytest.mark.slow
def test_without_widgets_loading_a_model_shows_nothing():
    _, loading = shown_by(
        "import sys; sys.modules['ipywidgets'] = None",
        "import nlu_lite as nlu\npipe = nlu.load('en.embed.minilm_l6')",
    )
    assert loading == []
