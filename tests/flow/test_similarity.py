"""pipe.similarity and pipe.nearest: which vectors are compared, how, and under which names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite.errors import InputTypeError, InputValueError, OptionError
from nlu_lite.flow import similarity as nearness
from tests.helpers.equal import assert_equal
from tests.helpers.pipelines import pipeline_of


@pytest.fixture(scope="module")
def pipe(family_pipe):
    return family_pipe("bert", column="vector")


@pytest.fixture(scope="module")
def frame(pipe):
    return pipe.predict(
        pd.DataFrame({"text": ["One two. One!", None, "three"], "id": [5, 6, 7]}), positions=True
    )


def cosine(x, y):
    x, y = x.astype(np.float64), y.astype(np.float64)
    return x @ y / np.sqrt(x @ x) / np.sqrt(y @ y)


def test_nothing_is_near_in_a_frame_without_a_vector(pipe):
    frame = pipe.predict([None, ""])
    for empty in (frame, frame.iloc[:0], pipe.predict([])):
        nearest = pipe.nearest(empty, "bank", k=3)
        assert list(nearest.columns) == ["similarity", *empty.columns]
        assert len(nearest) == 0
        assert pipe.similarity(empty, "bank").shape[0] == len(empty)


def test_texts_are_compared_by_the_cosine_of_their_encodings(pipe):
    texts, others = ["one two", "three"], ["one", "four five", "two"]
    found = pipe.similarity(texts, others)
    a, b = pipe.encode(texts), pipe.encode(others)
    assert (found.index.tolist(), found.columns.tolist()) == (texts, others)
    assert set(found.dtypes) == {np.dtype("float32")}
    assert_equal(found, [[cosine(x, y) for y in b] for x in a])


def test_without_a_second_one_texts_are_compared_with_themselves(pipe):
    found = pipe.similarity(["one", "two three"])
    assert found.index.equals(found.columns)
    assert_equal(np.diag(found)[None], [[1, 1]])


def test_a_single_word_and_a_series_are_texts(pipe):
    assert pipe.similarity("one", pd.Series(["two", "one"])).shape == (1, 2)


def test_rows_of_a_frame_are_named_after_their_words(pipe, frame):
    found = pipe.similarity(frame, "three")
    assert found.index.name == "token"
    assert found.index[:3].tolist() == ["One", "two", "."]
    assert np.isnan(found.to_numpy()[5]).all()
    assert_equal(found.to_numpy()[6:], [[1.0]])


@pytest.mark.parametrize(
    ("measure", "by_hand"),
    [("dot", lambda x, y: x @ y), ("euclidean", lambda x, y: -np.sqrt(((x - y) ** 2).sum()))],
)
def test_the_other_measures(measure, by_hand):
    numbers = np.random.default_rng(1)
    a, b = (numbers.normal(size=(rows, 5)).astype(np.float32) for rows in (3, 4))
    assert_equal(nearness.vector_similarity(a, b, measure), [[by_hand(x, y) for y in b] for x in a])


def test_near_neighbours_of_long_vectors_keep_their_distance():
    a = np.full((1, 8), 1000.0, dtype=np.float32)
    b = a + np.float32(0.5)
    assert_equal(nearness.vector_similarity(a, b, "euclidean"), [[-np.sqrt(8 * 0.25)]])


def test_a_vector_without_direction_is_near_to_nothing():
    zero, one = np.zeros((1, 3), dtype=np.float32), np.ones((1, 3), dtype=np.float32)
    assert nearness.vector_similarity(zero, one, "cosine").tolist() == [[0.0]]


def test_cosine_never_leaves_its_range():
    a = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    assert nearness.vector_similarity(a, a, "cosine").max() <= 1.0


def test_nearest_gives_the_rows_of_the_frame_the_nearest_first(pipe, frame):
    found = pipe.nearest(frame, "three", 3)
    everything = nearness.vector_similarity(nlu.vectors(frame), pipe.encode("three"), "cosine")[
        :, 0
    ]
    assert found.columns.tolist() == ["similarity", *frame.columns]
    assert found["token"].iloc[0] == "three"
    assert found["id"].iloc[0] == 7
    assert (
        found["similarity"].tolist() == sorted(everything[~np.isnan(everything)], reverse=True)[:3]
    )


@pytest.mark.parametrize("kind", [list, tuple, pd.Series, np.array])
def test_nearest_to_several_texts_says_which_row_answers_which(pipe, frame, kind):
    found = pipe.nearest(frame, kind(["three", "two"]), 2)
    assert found.columns.tolist() == ["query", "similarity", *frame.columns]
    assert found["query"].tolist() == ["three", "three", "two", "two"]
    for query, of_query in found.groupby("query"):
        pd.testing.assert_frame_equal(
            of_query.drop(columns="query"), pipe.nearest(frame, query, 2), rtol=1e-5
        )


def test_nearest_to_several_texts_in_a_frame_without_vectors_is_empty(pipe):
    found = pipe.nearest(pipe.predict([None]), ["one", "two"], 2)
    assert found.columns[:2].tolist() == ["query", "similarity"]
    assert len(found) == 0


def test_long_texts_give_short_names_to_rows_and_columns(pipe):
    long = "one two three four five six seven eight nine ten"
    table = pipe.similarity([long, None], pipe.predict([long], "document"))
    assert table.index.tolist() == ["one two three four five six seven eig...", None]
    assert table.columns.tolist() == ["one two three four five six seven eig..."]
    assert table.columns.name == "document"
    assert pipe.similarity(pipe.predict([long]).reset_index()).shape == (10, 10)


def test_nearest_leaves_out_missing_vectors_and_the_frame_as_it_is(pipe, frame):
    before = frame.copy()
    assert len(pipe.nearest(frame, "one", 100)) == len(frame) - 1
    pd.testing.assert_frame_equal(frame, before)


def test_nearest_of_nearest_keeps_both_numbers(pipe, frame):
    again = pipe.nearest(pipe.nearest(frame, "one", 4), "two", 2)
    assert again.columns[:2].tolist() == ["similarity_2", "similarity"]


def test_of_several_components_a_column_says_which(family_folder):
    both = pipeline_of(
        ("w", family_folder("bert"), "embed"), ("s", family_folder("roberta"), "embed_sentence")
    )
    frame = both.predict(["one two", "three"], "sentence")
    with pytest.raises(InputValueError, match=r"\['w_embeddings', 's_embeddings'\]"):
        both.nearest(frame, "one")
    with pytest.raises(OptionError, match=r"\['w_embeddings', 's_embeddings'\]"):
        both.similarity("one", "two")
    alone = pipeline_of(("s", family_folder("roberta"), "embed_sentence"))
    found = both.nearest(frame, "one", 1, column="s_embeddings")
    assert found["similarity"].iloc[0] == pytest.approx(
        alone.nearest(alone.predict(["one two", "three"]), "one", 1)["similarity"].iloc[0]
    )


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (("frame", "one", 0), OptionError, "k is 0; valid are whole numbers from 1"),
        (("frame", " ", 1), InputTypeError, "one text with a word in it"),
        (("frame", ["one", None], 1), InputTypeError, "a list of such texts, not for None"),
        (("frame", [], 1), InputTypeError, "this list has none"),
        (("frame", {"one": 1}, 1), InputTypeError, "one text"),
        ((["one"], "one", 1), InputTypeError, "this is a list"),
    ],
)
def test_nearest_refuses_what_it_cannot_look_for(pipe, frame, arguments, error, says):
    where, *others = arguments
    with pytest.raises(error, match=says):
        pipe.nearest(frame if where == "frame" else where, *others)


def test_unknown_measures_and_options_name_the_valid_ones(pipe):
    with pytest.raises(OptionError, match="valid are cosine, dot, euclidean"):
        pipe.similarity("a", "b", measure="jaccard")
    with pytest.raises(OptionError, match="column, measure"):
        pipe.similarity("a", "b", metric="cosine")


def test_vectors_of_different_width_are_refused(pipe, frame):
    narrow = pd.DataFrame({"token": ["a"], "vector": [np.ones(3, dtype=np.float32)]})
    with pytest.raises(InputValueError, match="3 and of 32 numbers"):
        pipe.nearest(narrow, "one")


def test_a_frame_of_another_model_is_warned_of(pipe, family_pipe):
    other = family_pipe("electra", column="vector", facts={"architecture": "electra"}).predict(
        "one two"
    )
    other.attrs["models"] = "another"
    with pytest.warns(UserWarning, match="vectors come from another"):
        pipe.nearest(other, "one", 1)
    other.attrs.clear()
    assert len(pipe.nearest(other, "one", 1)) == 1


def test_on_minilm_a_question_finds_its_sentence():
    pipe = nlu.load("en.embed_sentence.minilm_l6")
    frame = pipe.predict(
        ["The cat sleeps on the sofa.", "Interest rates went up.", "The train was late."]
    )
    assert pipe.nearest(frame, "monetary policy", 1)["sentence"].tolist() == [
        "Interest rates went up."
    ]
