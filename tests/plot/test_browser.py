"""Figures and exported notebooks in a real browser: they are drawn, without a network, and the
mouse finds their words."""

from __future__ import annotations

import base64
import re

import nbformat
import numpy as np
import pandas as pd
import pytest

import nlu_lite.compat as compat
from nlu_lite.plot import figures as plot
from tests.helpers import browser as browsers
from tests.helpers import notebook as notebooks
from tests.helpers import pictures
from tests.helpers.exported import export
from tests.plot.test_plot import cloud, frame_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser():
    if (install := browsers.missing()) is not None:
        (pytest.fail if browsers.is_required() else pytest.skip)(install)
    with browsers.browser() as opened:
        yield opened


def numbers(values) -> np.ndarray:
    """The numbers of an axis as a notebook keeps them: a list, or base64."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
    return np.array(values)


def place_of(frame, figure, word):
    """Where the one trace of a figure has a word."""
    row = frame["token"].tolist().index(word)
    return [
        float(getattr(figure.data[0], axis)[row]) for axis in "xyz" if hasattr(figure.data[0], axis)
    ]


def test_the_mouse_on_a_point_shows_its_word_and_sentence(browser, tmp_path, minilm):
    frame = minilm.predict(pd.Series(["The <i>bank</i> by the river flooded."]), positions=True)
    figure = plot.map(frame)
    browser.show(figure, tmp_path)
    hover = browser.point_at(*place_of(frame, figure, "river"))
    assert hover.startswith("riversentence: The <i>bank</i> by the river flooded.")


def test_the_mouse_in_a_map_of_three_dimensions_shows_the_word(browser, tmp_path, minilm):
    frame = minilm.predict("The bank by the river flooded.")
    figure = plot.map(frame, dims=3)
    browser.show(figure, tmp_path)
    assert browser.point_at(*place_of(frame, figure, "river")) == "river"


def test_the_mouse_on_a_heat_map_shows_both_words(browser, tmp_path, minilm):
    browser.show(plot.similarity("the river bank", "a loan", pipe=minilm), tmp_path)
    assert browser.point_at(1, 2).startswith("bank - loan")


def test_the_mouse_on_the_figure_of_compat_shows_both_words(browser, tmp_path):
    pipe = compat.load("en.embed.minilm_l6")
    browser.show(pipe.viz(("the river bank", "a loan"), viz_type="similarity"), tmp_path)
    assert browser.point_at(0, 1).startswith("river - a")


def test_fifty_thousand_points_are_drawn_and_found(browser, tmp_path):
    rows = plot.MOST_POINTS + 1
    figure = plot.map(frame_of(cloud(rows), token=[f"w{n}" for n in range(rows)]), title="All")
    browser.show(figure, tmp_path)
    trace = figure.data[0]
    far = int(trace.x.argmax())
    assert (
        f"<b>{browser.point_at(float(trace.x[far]), float(trace.y[far]))}</b>"
        == trace.hovertext[far]
    )
    assert "All. A sample of 50,000 of 50,001 rows" in browser.run(
        "return document.body.textContent"
    )


def test_the_pictures_of_the_documents_can_be_taken_again(browser, tmp_path):
    pictures.take(tmp_path)
    taken = sorted(path.name for path in tmp_path.iterdir())
    assert taken == sorted(path.name for path in pictures.IMAGES.glob("*.png"))


@pytest.mark.parametrize("notebook", notebooks.NOTEBOOKS, ids=lambda path: path.name)
def test_an_exported_notebook_shows_its_text_and_its_figures_without_a_network(
    browser, tmp_path, notebook
):
    kept = nbformat.read(notebook, as_version=4)
    outputs = [output for cell in kept.cells for output in cell.get("outputs", [])]
    figures = [
        output.data[notebooks.FIGURE]
        for output in outputs
        if notebooks.FIGURE in output.get("data", {})
    ]
    browser.open(export(notebook, tmp_path), figures=len(figures))
    text = browser.run("return document.body.innerText")
    for cell in kept.cells:
        if cell.cell_type == "markdown":
            heading = re.match(r"#+ (.*)", cell.source)
            assert heading is None or heading[1] in text
        else:
            assert cell.source.splitlines()[0] in text
            assert all(
                output.text.splitlines()[0] in text
                for output in cell.outputs
                if output.output_type == "stream"
            )
    for number, figure in enumerate(figures):
        trace = figure["data"][0]
        if trace["type"] == "heatmap":
            point, word = (1, 1), trace["hovertext"][1][1]
        else:
            point = (float(numbers(trace["x"])[0]), float(numbers(trace["y"])[0]))
            word = trace["hovertext"][0]
        lines = [re.sub(r"<.*?>", "", line) for line in word.split("<br>")]
        assert browser.point_at(*point, figure=number).startswith("".join(lines))
    fetched = browser.run(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert [
        address for address in fetched if not address.startswith(("file:", "data:", "blob:"))
    ] == []
