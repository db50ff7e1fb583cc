"""The frame: rows, index, order, columns, nulls, positions, vectors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlu_lite as nlu
from nlu_lite.errors import InputTypeError, InputValueError, OptionError
from tests.helpers.equal import assert_equal
from tests.text.test_words import TEXTS


@pytest.fixture(scope="module")
def pipe(family_pipe):
    return family_pipe("bert")


def test_the_one_liner(pipe):
    frame = pipe.predict(["I love NLP"], output_level="token")
    assert list(frame.columns) == ["token", "tiny_embeddings"]
    assert frame["token"].tolist() == ["I", "love", "NLP"]
    assert frame.index.tolist() == [0, 0, 0]
    assert frame.index.name == "origin_index"
    for cell in frame["tiny_embeddings"]:
        assert (type(cell), cell.dtype, cell.shape) == (np.ndarray, np.float32, (32,))


@pytest.mark.parametrize(
    "kind",
    [list, tuple, iter, pd.Series, pd.Index, np.array, lambda texts: np.array(texts, dtype=object)],
)
def test_kinds_of_input_give_the_same_rows(pipe, kind):
    texts = ["One two.", "Three"]
    wanted = pipe.predict(pd.DataFrame({"text": texts}))
    pd.testing.assert_frame_equal(pipe.predict(kind(texts)), wanted)


def test_a_single_text_is_one_document(pipe):
    assert pipe.predict("One two.").index.tolist() == [0, 0, 0]


def test_the_callers_index_is_kept_and_repeated(pipe):
    series = pd.Series(["a b", "c"], index=pd.Index([7, 7], name="key"))
    frame = pipe.predict(series)
    assert frame.index.name == "key"
    assert frame.index.tolist() == [7, 7, 7]
    levels = pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["letter", None])
    frame = pipe.predict(pd.Series(["a b", "c"], index=levels))
    assert frame.index.names == ["letter", "origin_index_1"]
    assert frame.index.tolist() == [("x", 1), ("x", 1), ("y", 2)]


@pytest.mark.parametrize("null", [None, np.nan, pd.NA, pd.NaT, "", " \n"])
def test_a_null_or_blank_text_keeps_one_row(pipe, null):
    frame = pipe.predict(["a", null, "b"], positions=True)
    assert frame.index.tolist() == [0, 1, 2]
    assert frame["token"].isna().tolist() == [False, True, False]
    assert frame["tiny_embeddings"].iloc[1] is None
    assert frame["begin"].dtype == "Int64"
    assert frame["begin"].isna().tolist() == [False, True, False]
    alone = pipe.predict([null], positions=True)
    assert (len(alone), alone["tiny_embeddings"].iloc[0]) == (1, None)


def test_no_text_at_all_gives_an_empty_frame_with_the_columns(pipe):
    frame = pipe.predict([], positions=True)
    assert list(frame.columns) == [
        "token",
        "begin",
        "end",
        "sentence_index",
        "token_index",
        "tiny_embeddings",
    ]
    assert len(frame) == 0


def test_positions_are_of_the_callers_text_and_unique(pipe):
    texts = ["  Hi there.  It is me.", "Two"]
    frame = pipe.predict(texts, positions=True)
    assert frame["begin"].tolist() == [2, 5, 10, 13, 16, 19, 21, 0]
    assert frame["end"].tolist() == [3, 9, 10, 14, 17, 20, 21, 2]
    assert frame["sentence_index"].tolist() == [0, 0, 0, 1, 1, 1, 1, 0]
    assert frame["token_index"].tolist() == [0, 1, 2, 3, 4, 5, 6, 0]


@given(texts=st.lists(TEXTS, max_size=4))
def test_every_word_slices_back_out_of_its_text(pipe, texts):
    frame = pipe.predict(texts, positions=True).dropna(subset=["begin"])
    for row in frame.itertuples():
        assert texts[row.Index][row.begin : row.end + 1] == row.token


def test_columns_come_in_order_and_the_callers_last(pipe):
    data = pd.DataFrame({"id": ["x", "y"], "text": ["a b", "c"], 5: [True, False]}, index=[3, 4])
    before = data.copy(deep=True)
    frame = pipe.predict(data, positions=True)
    expected = [
        "token",
        "begin",
        "end",
        "sentence_index",
        "token_index",
        "tiny_embeddings",
        "id",
        5,
    ]
    assert list(frame.columns) == expected
    assert frame["id"].tolist() == ["x", "x", "y"]
    pd.testing.assert_frame_equal(data, before)
    assert data.index.name is None
    assert list(pipe.predict(data, keep=False).columns) == ["token", "tiny_embeddings"]
    assert list(pipe.predict(data, keep=["text"]).columns) == ["token", "tiny_embeddings", "text"]
    with pytest.raises(OptionError, match=r"keep names \['ID'\]"):
        pipe.predict(data, keep=["ID"])
    with pytest.raises(OptionError, match="keep is 'id'"):
        pipe.predict(data, keep="id")


def test_a_callers_column_named_like_a_result_is_renamed_with_one_warning(pipe):
    data = pd.DataFrame({"text": ["a"], "token": ["mine"], "tiny_embeddings": [0]})
    with pytest.warns(UserWarning, match="token_input") as caught:
        frame = pipe.predict(data)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert list(frame.columns) == [
        "token",
        "tiny_embeddings",
        "token_input",
        "tiny_embeddings_input",
    ]
    assert frame["token_input"].tolist() == ["mine"]


def test_the_text_column_is_named_or_the_only_one_or_an_error_lists_the_candidates(pipe):
    data = pd.DataFrame({"title": ["a"], "body": ["b"], "n": [1]})
    assert pipe.predict(data, text="body")["token"].tolist() == ["b"]
    assert pipe.predict(data[["n", "title"]])["token"].tolist() == ["a"]
    with pytest.raises(InputValueError, match=r"2 columns hold text: \['title', 'body'\]"):
        pipe.predict(data)
    with pytest.raises(InputValueError, match="no column holds text"):
        pipe.predict(data[["n"]])
    with pytest.raises(InputValueError, match="'none' is not among"):
        pipe.predict(data, text="none")
    with pytest.raises(InputValueError, match="more than once"):
        pipe.predict(pd.DataFrame([["a", "b"]], columns=["text", "text"]))
    with pytest.raises(InputValueError, match="names a column, but the data is a list"):
        pipe.predict(["a"], text="body")


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (3, "A int is not accepted"),
        (None, "A NoneType is not accepted"),
        (b"bytes", "A bytes is not accepted"),
        ({"a": 1}, "A dict is not accepted"),
        (["a", 3], "Item 1 is 3, a int"),
        (["a", b"b"], "Item 1 is b'b', a bytes"),
        (["a", True], "Item 1 is True, a bool"),
        (["a", ["b", 4]], "Item 1 is text that is split already, and its word 1 is 4"),
        (np.array([["a"]]), "2 dimensions"),
    ],
)
def test_other_data_is_refused_with_its_position(pipe, data, part):
    with pytest.raises(InputTypeError) as caught:
        pipe.predict(data)
    assert part in str(caught.value)


def test_two_components_share_the_rows(family_folder):
    first = nlu.load("one", path=family_folder("bert"))
    from nlu_lite.options import Options
    from nlu_lite.pipeline import Pipeline

    other = nlu.load("two", path=family_folder("roberta"))
    both = Pipeline([*first.components, *other.components], Options())
    text = "“Two” models, one frame…"
    frame = both.predict(text)
    assert list(frame.columns) == ["token", "one_embeddings", "two_embeddings"]
    assert_equal(nlu.vectors(frame, "one_embeddings"), nlu.vectors(first.predict(text)))
    assert_equal(nlu.vectors(frame, "two_embeddings"), nlu.vectors(other.predict(text)))
    with pytest.raises(InputValueError, match="2 vector columns"):
        nlu.vectors(frame)


def test_vectors_is_a_view_where_it_can_be(pipe):
    frame = pipe.predict(["a b c", "d"])
    matrix = nlu.vectors(frame)
    assert matrix.base is frame["tiny_embeddings"].iloc[0].base
    assert_equal(nlu.vectors(frame.iloc[1:3]), matrix[1:3])
    assert nlu.vectors(frame.iloc[1:3]).base is matrix.base
    assert_equal(nlu.vectors(frame.iloc[[2, 0]]), matrix[[2, 0]])


def test_vectors_of_missing_cells_are_nan(pipe):
    frame = pipe.predict(["a", None, "b"])
    matrix = nlu.vectors(frame)
    assert np.isnan(matrix[1]).all()
    assert_equal(matrix[[0, 2]], nlu.vectors(pipe.predict(["a", "b"])))
    with pytest.raises(InputValueError, match="0 vector columns"):
        nlu.vectors(frame[["token"]])
    with pytest.raises(InputTypeError, match="not vectors"):
        nlu.vectors(frame, "token")


def test_a_frame_without_a_vector_has_a_matrix_of_its_width(pipe):
    column = pipe.columns[0]
    frame = pipe.predict(["a b", None])
    width = nlu.vectors(frame).shape[1]
    for empty in (
        frame[frame["token"].isna()],
        frame[frame["token"] == "nowhere"],
        frame.iloc[:0],
        pipe.predict([]),
        pipe.predict([None, ""]),
        pipe.predict([None], "sentence"),
        pipe.predict([None], "document"),
        pipe.predict(["a"], "chunk", chunks=["b"]),
        frame.iloc[:0].reset_index(),
        pd.concat([frame.iloc[:0], frame.iloc[:0]]),
    ):
        assert nlu.vectors(empty).shape == (len(empty), width)
        assert nlu.vectors(empty, column).shape == (len(empty), width)
        assert nlu.vectors(empty[column]).shape == (len(empty), width)
        assert np.isnan(nlu.vectors(empty)).all()
    renamed = frame.iloc[:0].rename(columns={column: "v"})
    assert nlu.vectors(renamed, "v").shape == (0, width)


def test_a_frame_read_again_without_a_vector_has_its_width(pipe, tmp_path):
    frame = pipe.predict([None, ""])
    frame.to_parquet(tmp_path / "a.parquet")
    read = pd.read_parquet(tmp_path / "a.parquet")
    assert np.array_equal(nlu.vectors(read), nlu.vectors(frame), equal_nan=True)


def test_where_a_cell_holds_a_vector_it_says_how_wide_all_are(pipe):
    frame = pipe.predict(["a", None])
    frame[pipe.columns[0]] = [np.zeros(3, dtype=np.float32), None]
    assert nlu.vectors(frame).shape == (2, 3)


def test_without_a_vector_and_without_attrs_the_width_is_not_known(pipe):
    frame = pipe.predict([None])
    for noted in ({}, {"vector_widths": "no JSON"}, {"vector_widths": 3}, {"vector_widths": "[1]"}):
        frame.attrs = noted
        with pytest.raises(InputValueError, match="no vector at all, and the frame's attrs do not"):
            nlu.vectors(frame, pipe.columns[0])
        with pytest.raises(InputValueError, match="0 vector columns"):
            nlu.vectors(frame)


def test_means_of_a_frame_without_a_vector_are_missing(pipe):
    means = nlu.mean_vectors(pipe.predict([None, "a"]).iloc[:1].fillna({"token": "x"}), by="token")
    assert means["count"].to_dict() == {"x": 0}
    assert means[pipe.columns[0]].tolist() == [None]
    none = nlu.mean_vectors(pipe.predict([]), by="token")
    assert list(none.columns) == ["count", *pipe.columns]
    assert nlu.vectors(none).shape == (0, nlu.vectors(pipe.predict("a")).shape[1])


def test_a_result_is_the_input_of_another_call(pipe):
    rows = pipe.predict(["One two. Three.", None], "sentence").drop(columns=pipe.columns)
    again = pipe.predict(rows.reset_index(), "document", text="sentence")
    assert again["origin_index"].tolist() == [0, 0, 1]
    assert again["sentence"].fillna("").tolist() == ["One two.", "Three.", ""]
    assert again.reset_index().groupby("origin_index").size().to_dict() == {0: 2, 1: 1}


@pytest.mark.parametrize("level", ["token", "sentence", "document"])
@pytest.mark.parametrize("name", ["token", "begin", "id", "origin_index", "sentence_index"])
def test_no_level_of_the_index_is_called_like_a_column(pipe, level, name):
    data = pd.DataFrame({"text": ["One two.", None], "id": [7, 8], "origin_index": [1, 2]})
    data.index = pd.Index([3, 4], name=name)
    frame = pipe.predict(data, level, positions=True)
    assert frame.index.name.removesuffix("_2") == name
    assert set(frame.index.names).isdisjoint(frame.columns)
    assert len(frame.reset_index().columns) == len(frame.columns) + 1
    assert set(frame.index) == {3, 4}
    assert data.index.name == name


def test_levels_of_an_index_get_names_that_are_free(pipe):
    levels = pd.MultiIndex.from_tuples([(1, 2, 3)], names=["token", None, "token_2"])
    frame = pipe.predict(pd.Series(["one"], index=levels))
    assert frame.index.names == ["token_3", "origin_index_1", "token_2"]


def test_encode_gives_the_mean_of_the_words_one_row_a_text(pipe):
    texts = ["One two. Three!", None, "four", " "]
    matrix = pipe.encode(texts)
    frame = pipe.predict(texts)
    assert matrix.dtype == np.float32
    assert np.isnan(matrix[[1, 3]]).all()
    for place in (0, 2):
        assert_equal(matrix[[place]], nlu.vectors(frame.loc[[place]]).mean(axis=0, keepdims=True))
    assert pipe.encode([]).shape == (0, 32)


def test_lone_surrogates_stay_in_the_word(pipe):
    frame = pipe.predict(["a\ud800b c"])
    assert frame["token"].tolist() == ["a\ud800b", "c"]
    assert_equal(nlu.vectors(frame), nlu.vectors(pipe.predict(["a\ufffdb c"])))


def test_a_word_without_a_piece_keeps_its_row(family_pipe):
    frame = family_pipe("bert").predict([["a", "\u0001", "", "b"]])
    assert frame["token"].tolist() == ["a", "\u0001", "", "b"]
    assert [cell is None for cell in frame["tiny_embeddings"]] == [False, True, True, False]


def test_a_word_without_a_piece_is_not_made_of_what_lay_in_the_memory(family_pipe, monkeypatch):
    empty = np.empty

    def used(shape, dtype=float, **more):
        return (
            np.full(shape, np.inf, dtype)
            if np.dtype(dtype).kind == "f"
            else empty(shape, dtype, **more)
        )

    pipe = family_pipe("bert", normalize=True)
    monkeypatch.setattr(np, "empty", used)
    cells = pipe.predict("a \u0001 b")["tiny_embeddings"].tolist()
    assert [cell is None for cell in cells] == [False, True, False]
    assert np.isfinite(np.stack([cells[0], cells[2]])).all()


def test_the_column_is_named_as_typed_or_as_asked(family_folder):
    folder = family_folder("bert")
    assert nlu.load("en.embed.x y".replace(" ", "_"), path=folder).columns == [
        "en_embed_x_y_embeddings"
    ]
    assert nlu.load(path=folder, column="vec").columns == ["vec"]
