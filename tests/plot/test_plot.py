"""Figures, judged by their data: points, names, what stands under the mouse, titles."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import nlu_lite as nlu
from nlu_lite.errors import InputTypeError, InputValueError, MissingExtraError, OptionError
from nlu_lite.plot import figures as plot
from nlu_lite.plot import groups
from nlu_lite.plot.projection import pca, project
from tests.helpers.equal import assert_equal


@pytest.fixture(scope="module")
def pipe(family_pipe):
    return family_pipe("bert", column="vector")


@pytest.fixture(scope="module")
def frame(pipe):
    data = pd.DataFrame(
        {
            "text": ["One two. One!", None, "three <b> & four"],
            "stars": [5, 6, 7],
            "sure": [True, False, True],
        }
    )
    return pipe.predict(data, positions=True)


def cloud(rows, width=4, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32) * np.arange(
        1, width + 1, dtype=np.float32
    )


def frame_of(matrix, **columns):
    return pd.DataFrame({**columns, "vector": list(matrix)})


def points(figure):
    return np.concatenate([np.stack([trace.x, trace.y], axis=1) for trace in figure.data])


@pytest.mark.parametrize("shape", [(50, 6), (6, 50)])
def test_pca_is_the_singular_value_decomposition(shape):
    matrix = cloud(*shape)
    centred = matrix.astype(np.float64) - matrix.astype(np.float64).mean(axis=0)
    _, size, directions = np.linalg.svd(centred, full_matrices=False)
    components = pca(matrix, 3)
    assert_equal(np.abs(components), np.abs(centred @ directions[:3].T))
    assert_equal(np.sqrt((components**2).sum(axis=0))[None], size[:3][None])


def test_pca_gives_rows_the_same_points_in_any_order():
    matrix = cloud(40, 8)
    order = np.random.default_rng(3).permutation(40)
    assert_equal(pca(matrix[order], 3), pca(matrix, 3)[order])


def test_the_largest_entry_of_each_direction_is_positive():
    matrix = cloud(40, 8)
    centred = matrix - matrix.mean(axis=0)
    directions = np.linalg.lstsq(pca(matrix, 3), centred, rcond=None)[0]
    assert all(row[np.abs(row).argmax()] > 0 for row in directions)


@pytest.mark.parametrize("matrix", [np.ones((1, 5)), np.ones((4, 5)), np.array([[1.0], [2.0]])])
def test_directions_that_do_not_exist_are_zero(matrix):
    components = pca(matrix.astype(np.float32), 3)
    assert components.shape == (len(matrix), 3)
    assert (components[:, 1:] == 0).all()


def test_an_object_with_fit_transform_makes_the_points(frame):
    class First:
        def fit_transform(self, matrix):
            return matrix[:, :2]

    assert_equal(
        points(plot.map(frame, method=First())), nlu.vectors(frame.dropna(subset="token"))[:, :2]
    )
    with pytest.raises(
        InputValueError, match=r"First.fit_transform gave shape \(9, 2\), wanted is \(9, 3\)"
    ):
        plot.map(frame, method=First(), dims=3)


def test_scikit_learns_reducers_fit(frame):
    from sklearn.decomposition import PCA

    projected = points(plot.map(frame))
    reference = points(plot.map(frame, method=PCA(2)))
    assert_equal(np.abs(reference), np.abs(projected), tolerance=1e-4)


def test_umap_that_is_not_installed_names_its_extra(frame, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingExtraError, match=r"nlu-lite\[umap\]"):
        plot.map(frame, method="umap")


@pytest.mark.slow  # numba compiles for a minute
@pytest.mark.filterwarnings("ignore")  # of umap-learn and numba
def test_umap_gives_the_same_points_every_time():
    matrix = cloud(60, 8)
    first = project(matrix, 2, "umap")
    assert first.shape == (60, 2)
    assert np.array_equal(first, project(matrix, 2, "umap"))


def test_plotly_that_is_not_installed_names_its_extra(frame, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "plotly"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "plotly", None)
    for draw in (lambda: plot.map(frame), lambda: plot.similarity(frame, frame)):
        with pytest.raises(MissingExtraError, match=r"nlu-lite\[plot\]"):
            draw()


def test_the_package_offers_plot_without_importing_plotly():
    code = (
        "import sys, nlu_lite as nlu; assert 'plot' in dir(nlu); nlu.plot.map; "
        "assert not any(n.startswith('plotly') for n in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_map_has_a_point_for_every_vector_and_its_title_counts_the_others(frame):
    figure = plot.map(frame, title="Words")
    assert isinstance(figure, go.Figure)
    assert_equal(points(figure), pca(nlu.vectors(frame)[frame["token"].notna()], 2))
    assert figure.layout.title.text == "Words. 1 row without a vector left out"


def test_the_same_frame_gives_the_same_figure(frame):
    first, second = (plot.map(frame, color="token", dims=3).to_json() for _ in range(2))
    assert first == second


def test_under_the_mouse_are_word_sentence_position_and_other_columns(frame):
    hover = plot.map(frame).data[0].hovertext
    assert hover[1].split("<br>") == [
        "<b>two</b>",
        "sentence: One <b>two</b>.",
        *("begin: 4", "end: 6", "sentence_index: 0", "token_index: 1"),
        *("stars: 5", "sure: True"),
    ]


def test_markup_in_the_data_is_shown_to_the_letter(frame):
    traces = {trace.name: trace for trace in plot.map(frame, color="token").data}
    assert "sentence: three &lt;b&gt; &amp; <b>four</b><br>" in traces["four"].hovertext[0]
    assert "&amp;" in traces


def test_words_between_which_others_were_filtered_out_are_not_shown_as_one_text(frame):
    four_words = frame[frame["token"].isin(["three", "four", "two", "."])]
    hover = [text.split("<br>")[1] for text in plot.map(four_words).data[0].hovertext]
    assert hover == [
        "sentence: ... <b>two</b>.",
        "sentence: ... two<b>.</b>",
        "begin: 0",
        "begin: 12",
    ]


TEXT = (
    "The ferry stopped where the river meets the bank, a muddy bank of reeds that nobody ever mows."
)


@pytest.fixture(scope="module")
def banks(pipe):
    data = pd.DataFrame({"id": [1, 2], "text": [TEXT, "R&D, a bank\nand a loan"]}, index=["x", "x"])
    frame = pipe.predict(data, keep="all", positions=True)
    return frame[frame["token"] == "bank"]


def lines_of(figure):
    return [text.split("<br>") for text in figure.data[0].hovertext]


def test_a_word_of_a_filtered_frame_shows_a_window_of_its_own_text(banks):
    lines = lines_of(plot.map(banks))
    assert [line[1].removeprefix("text: ") for line in lines] == [
        "...stopped where the river meets the <b>bank</b>, a muddy bank of reeds that nobody...",
        "...the river meets the bank, a muddy <b>bank</b> of reeds that nobody ever mows.",
        "R&amp;D, a <b>bank</b> and a loan",
    ]
    assert [one.partition(":")[0] for one in lines[0]].count("text") == 1


def test_without_positions_a_word_that_stands_twice_shows_the_begin_of_its_text(banks):
    first, second, other = lines_of(plot.map(banks.drop(columns=["begin", "end"])))
    assert first[1] == second[1] == f"text: {TEXT[:77]}..."
    assert other[1] == "text: R&amp;D, a <b>bank</b> and a loan"


def test_a_text_that_was_changed_since_is_a_column_like_others(banks):
    changed = banks.assign(text=banks["text"].map(lambda text: f"Well: {text}"))
    assert lines_of(plot.map(changed))[0][1] == "begin: 44"
    assert lines_of(plot.map(changed))[0][-1].startswith("text: Well: The ferry")


def test_a_chunk_shows_a_window_of_its_text(pipe):
    data = pd.DataFrame({"text": [TEXT]})
    chunks = pipe.predict(data, "chunk", chunks=["muddy bank"], keep="all", positions=True)
    assert "<b>muddy bank</b> of reeds" in lines_of(plot.map(chunks))[0][1]


def test_a_title_says_what_is_drawn_where_none_is_given(frame, pipe):
    assert plot.map(frame).layout.title.text == "9 words by PCA. 1 row without a vector left out"
    assert plot.map(frame, title="").layout.title.text == "1 row without a vector left out"
    heat = plot.similarity("one", pipe.predict("Two. One!", "sentence"), pipe=pipe, measure="dot")
    assert heat.layout.title.text == "Dot of 1 word by 2 sentences"
    assert plot.similarity("one", "two", pipe=pipe, title="Mine").layout.title.text == "Mine"


def test_figures_have_plotlys_template_or_the_one_that_is_asked_for(frame, pipe, monkeypatch):
    import plotly.io as pio

    def draw(**options):
        return plot.map(frame, **options), plot.similarity("one", "two", pipe=pipe, **options)

    dark = pio.templates["plotly_dark"].layout.paper_bgcolor
    for figure in draw(template="plotly_dark"):
        assert figure.layout.template.layout.paper_bgcolor == dark
    monkeypatch.setattr(pio.templates, "default", "plotly_dark")
    for figure in draw():
        assert figure.layout.template.layout.paper_bgcolor == dark
        assert figure.layout.paper_bgcolor is None
    with pytest.raises(OptionError, match=r"template is 'night'; valid are .*plotly_dark"):
        plot.map(frame, template="night")


def test_a_small_heat_map_has_its_numbers_written_in(pipe):
    few, many = (plot.similarity(" ".join(["word"] * n), "a text", pipe=pipe) for n in (12, 13))
    assert few.data[0].texttemplate == "%{z:.2f}"
    assert many.data[0].texttemplate is None


def test_a_word_alone_shows_no_sentence(frame):
    hover = plot.map(frame[frame["token"] == "four"]).data[0].hovertext
    assert hover[0].startswith("<b>four</b><br>begin: ")


def test_equal_index_labels_do_not_join_the_sentences_of_two_texts(pipe):
    frame = pipe.predict(pd.Series(["one two", "three"], index=["a", "a"]), positions=True)
    assert [text.split("<br>")[1] for text in plot.map(frame).data[0].hovertext] == [
        "sentence: <b>one</b> two",
        "sentence: one <b>two</b>",
        "begin: 0",
    ]


def test_sentences_are_named_by_their_text(pipe):
    figure = plot.map(pipe.predict(["One two. Three!"], "sentence"))
    assert list(figure.data[0].hovertext) == ["<b>One two.</b>", "<b>Three!</b>"]


def test_long_texts_are_cut_under_the_mouse():
    hover = plot.map(frame_of(cloud(1), document=["x" * 500])).data[0].hovertext[0]
    assert hover == f"<b>{'x' * 77}...</b>"


def test_categories_are_traces_and_numbers_a_scale(frame):
    by_kind = plot.map(frame, color="sure")
    assert [(trace.name, len(trace.x)) for trace in by_kind.data] == [("True", 9)]
    by_number = plot.map(frame, color="stars")
    assert (
        by_number.data[0].marker.color.tolist() == frame["stars"][frame["token"].notna()].tolist()
    )
    assert by_number.data[0].marker.colorbar.title.text == "stars"


def test_a_missing_number_has_no_place_on_the_scale():
    figure = plot.map(
        frame_of(cloud(3), token=list("abc"), n=pd.array([1, None, 3], dtype="Int64")), color="n"
    )
    np.testing.assert_array_equal(figure.data[0].marker.color, [1.0, np.nan, 3.0])


def test_a_name_of_the_index_colours_as_a_column_does(pipe):
    frame = pipe.predict(
        pd.Series(["one two", "three"], index=pd.Index(["ann", "bob"], name="person"))
    )
    assert [(trace.name, len(trace.x)) for trace in plot.map(frame, color="person").data] == [
        ("ann", 2),
        ("bob", 1),
    ]


def test_missing_categories_have_a_colour_of_their_own():
    figure = plot.map(frame_of(cloud(3), token=list("abc"), kind=["x", None, "x"]), color="kind")
    assert [(trace.name, len(trace.x)) for trace in figure.data] == [("missing", 1), ("x", 2)]


def test_of_too_many_categories_the_rarest_are_one():
    kinds = [f"k{n:02}" for n in range(30)] + ["k29", "k28"]
    figure = plot.map(frame_of(cloud(32), kind=kinds), color="kind")
    assert len(figure.data) == groups.MOST_CATEGORIES
    assert figure.data[0].name == "7 others"  # under the others, and behind them in the legend
    assert figure.data[0].legendrank > 1000
    assert len(set(figure.layout.colorway)) >= groups.MOST_CATEGORIES
    assert {"k28", "k29"} <= {trace.name for trace in figure.data}
    assert sum(len(trace.x) for trace in figure.data) == 32


def test_many_points_are_drawn_by_webgl_and_few_are_not():
    assert plot.map(frame_of(cloud(2_001))).data[0].type == "scattergl"
    assert plot.map(frame_of(cloud(2_000))).data[0].type == "scatter"


def test_many_points_of_several_categories_are_drawn_by_webgl_too():
    figure = plot.map(frame_of(cloud(2_001), kind=["a", "b", "c"] * 667), color="kind")
    assert {trace.type for trace in figure.data} == {"scattergl"}


def test_a_long_title_has_several_lines():
    figure = plot.map(frame_of(cloud(5)), title="word " * 40)
    assert figure.layout.title.text.count("<br>") == 2


def test_a_heat_map_of_long_texts_grows_so_that_its_words_can_be_read(pipe):
    few, many = (plot.similarity(" ".join(["word"] * n), "a text", pipe=pipe) for n in (5, 60))
    assert few.layout.height is None
    assert many.layout.height >= 60 * 15


def test_of_too_many_points_the_same_sample_is_drawn_and_the_title_says_so(monkeypatch):
    monkeypatch.setattr(plot, "MOST_POINTS", 10)
    frame = frame_of(cloud(1_234), token=[str(n) for n in range(1_234)])
    figure = plot.map(frame)
    assert figure.layout.title.text == "10 words by PCA. A sample of 10 of 1,234 rows"
    assert len(figure.data[0].x) == len(set(figure.data[0].hovertext)) == 10
    assert plot.map(frame).to_json() == figure.to_json()


def test_a_map_of_three_dimensions(frame):
    figure = plot.map(frame, dims=3)
    assert figure.data[0].type == "scatter3d"
    assert figure.layout.scene.zaxis.title.text == "PCA 3"


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"dims": 4}, OptionError, "valid are 2 and 3"),
        (
            {"method": "tsne"},
            OptionError,
            "valid are 'pca', 'umap' or an object with fit_transform",
        ),
        ({"color": "nothing"}, InputValueError, "color is 'nothing'"),
        ({"column": "nothing"}, InputValueError, "is not among the columns"),
        ({"colour": "token"}, OptionError, "Did you mean color"),
    ],
)
def test_a_map_refuses_what_it_does_not_know(frame, options, error, says):
    with pytest.raises(error, match=says):
        plot.map(frame, **options)


def test_a_map_of_something_else_is_refused():
    with pytest.raises(InputTypeError, match="this is a list"):
        plot.map([1, 2])


def test_figures_are_json_and_are_not_shown(frame, capsys):
    json.loads(plot.map(frame, color="token").to_json())
    assert capsys.readouterr().out == ""


def test_a_heat_map_has_the_cosine_of_every_pair_of_words(pipe):
    figure = plot.similarity("one two three", "two one", pipe=pipe)
    assert_equal(
        figure.data[0].z, pipe.similarity(pipe.predict("one two three"), pipe.predict("two one"))
    )
    assert list(figure.layout.yaxis.ticktext) == ["one", "two", "three"]
    assert list(figure.layout.xaxis.ticktext) == ["two", "one"]
    assert figure.data[0].hovertext[2][1] == "three - one"


def test_a_word_that_stands_twice_has_two_rows(pipe):
    figure = plot.similarity("one one", "two", pipe=pipe)
    assert figure.data[0].z.shape == (2, 1)
    assert list(figure.layout.yaxis.tickvals) == [0, 1]


def test_without_a_pipeline_texts_are_read_by_minilm(minilm):
    figure = plot.similarity("river bank", "bank loan")
    assert_equal(
        figure.data[0].z,
        minilm.similarity(minilm.predict("river bank"), minilm.predict("bank loan")),
    )


def test_a_heat_map_of_frames_takes_any_level(pipe):
    sentences = pipe.predict("One two. Three!", "sentence")
    assert list(plot.similarity(sentences, "one", pipe=pipe).layout.yaxis.ticktext) == [
        "One two.",
        "Three!",
    ]


@pytest.mark.parametrize("color", [None, "token"])
def test_a_map_of_rows_without_vectors_has_no_points(pipe, color):
    figure = plot.map(pipe.predict([None, ""]), color=color)
    assert sum(len(trace.x) for trace in figure.data) == 0
    assert figure.layout.title.text == "0 words by PCA. 2 rows without a vector left out"
    assert sum(len(trace.x) for trace in plot.map(pipe.predict([]), dims=2).data) == 0


@pytest.mark.parametrize(("a", "error"), [(["one"], InputTypeError), (" ", InputValueError)])
def test_a_heat_map_refuses_what_is_neither_text_nor_frame(pipe, a, error):
    with pytest.raises(error):
        plot.similarity(a, "one", pipe=pipe)


def test_compat_draws_the_similarity_of_two_texts(served_names):
    import nlu_lite.compat as nlu_of_old

    pipe = nlu_of_old.load("bert")
    figure = pipe.viz_streamlit_word_similarity(("one two", "two"))
    assert_equal(pipe.viz(("one two", "two"), viz_type="similarity").data[0].z, figure.data[0].z)
    inside = pipe.pipeline
    assert_equal(
        figure.data[0].z, inside.similarity(inside.predict("one two"), inside.predict("two"))
    )
    with pytest.warns(UserWarning, match="threshold have no effect"):
        pipe.viz_streamlit_similarity(("one", "two"), threshold=0.5)
    with pytest.raises(InputTypeError, match="valid are two texts"):
        pipe.viz_streamlit_word_similarity("one two")
