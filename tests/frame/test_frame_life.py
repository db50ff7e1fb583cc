"""What happens to a frame after predict: filtered, joined, pickled, written, read; what its cells
cost."""

from __future__ import annotations

import json
import pickle
import sys

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
from tests.helpers.equal import assert_equal


@pytest.fixture(scope="module")
def pipe(family_pipe):
    return family_pipe("bert", column="vector")


@pytest.fixture
def frame(pipe):
    return pipe.predict(
        pd.DataFrame({"text": ["One two. One!", None, "three"], "id": [5, 6, 7]}), positions=True
    )


def test_it_survives_filter_sort_concat_merge_and_groupby(frame):
    matrix = nlu.vectors(frame)
    assert_equal(nlu.vectors(frame[frame["token"] == "One"]), matrix[[0, 3]])
    assert_equal(
        nlu.vectors(frame.sort_values("id", ascending=False, kind="stable")),
        matrix[[6, 5, 0, 1, 2, 3, 4]],
    )
    assert_equal(nlu.vectors(pd.concat([frame, frame])), np.concatenate([matrix, matrix]))
    merged = frame.merge(pd.DataFrame({"id": [7, 5], "x": [1, 2]}), on="id")
    assert_equal(nlu.vectors(merged), matrix[[0, 1, 2, 3, 4, 6]])
    largest = frame.groupby("id", as_index=False).head(1)
    assert_equal(nlu.vectors(largest), matrix[[0, 5, 6]])


@pytest.mark.parametrize("way", ["pickle", "parquet"])
def test_it_survives_being_written_and_read(frame, tmp_path, way):
    if way == "pickle":
        again = pickle.loads(pickle.dumps(frame))
    else:
        frame.to_parquet(tmp_path / "frame.parquet")
        again = pd.read_parquet(tmp_path / "frame.parquet")
    assert again["token"].isna().tolist() == frame["token"].isna().tolist()
    assert again["begin"].tolist() == frame["begin"].tolist()
    assert again.index.tolist() == frame.index.tolist()
    assert_equal(nlu.vectors(again), nlu.vectors(frame))


def test_it_joins_back_on_the_callers_index(pipe):
    data = pd.DataFrame({"text": ["a b", "c"], "n": [1, 2]}, index=["x", "y"])
    joined = pipe.predict(data["text"]).join(data)
    assert joined[["token", "n"]].values.tolist() == [["a", 1], ["b", 1], ["c", 2]]


def test_rows_of_equal_texts_do_not_share_memory(pipe):
    frame = pipe.predict(["same words", "same words"])
    cells = frame["vector"].tolist()
    assert not any(np.shares_memory(cells[i], cells[j]) for i in range(4) for j in range(i))
    before = cells[2].copy()
    cells[0][:] = 0
    assert_equal(cells[2][None], before[None])


@pytest.mark.parametrize("level", ["token", "sentence", "document"])
def test_a_vector_column_costs_at_most_160_bytes_a_row_beside_its_numbers(pipe, level):
    frame = pipe.predict([f"word{n} and another one." for n in range(200)], level)
    cells = frame["vector"].tolist()
    bases = {id(cell.base): cell.base.nbytes for cell in cells}
    pointers = frame["vector"].memory_usage(index=False, deep=False)
    # sys.getsizeof of a view counts its header, not the numbers that it shows.
    total = sum(bases.values()) + pointers + sum(sys.getsizeof(cell) for cell in cells)
    assert total <= len(cells) * (4 * 32 + 160)


def test_lineage_is_plain_text_and_names_what_made_the_frame(family_folder):
    pipe = nlu.load("my.name", path=family_folder("bert"), layers=[1, 2], words="unicode")
    attrs = pipe.predict("a", "document", aggregate="max").attrs
    assert all(isinstance(key, str) and isinstance(value, str) for key, value in attrs.items())
    assert (attrs["references"], attrs["level"], attrs["aggregate"]) == (
        "my.name",
        "document",
        "max",
    )
    assert (attrs["option_layers"], attrs["option_words"]) == ("(1, 2)", "unicode")


def test_mean_vectors_gives_the_mean_of_each_group(frame):
    means = nlu.mean_vectors(frame, by="token")
    matrix = nlu.vectors(frame)
    assert means["count"].to_dict() == {"!": 1, ".": 1, "One": 2, "three": 1, "two": 1}
    assert_equal(
        means.loc[["One"], "vector"].iloc[0][None], matrix[[0, 3]].mean(axis=0, keepdims=True)
    )
    by_id = nlu.mean_vectors(frame, by=["id"])
    assert by_id["count"].tolist() == [5, 0, 1]
    assert by_id["vector"].iloc[1] is None
    with pytest.raises(nlu.NluLiteError, match=r"by names \['nothing'\]"):
        nlu.mean_vectors(frame, by="nothing")


def test_as_text_makes_a_csv_that_comes_back_unchanged(frame, tmp_path):
    nlu.as_text(frame).to_csv(tmp_path / "frame.csv")
    lines = (tmp_path / "frame.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(frame) + 1
    read = pd.read_csv(tmp_path / "frame.csv", index_col=0)
    assert read["token"].isna().tolist() == frame["token"].isna().tolist()
    cells = [
        None if isinstance(cell, float) else np.array(json.loads(cell), dtype=np.float32)
        for cell in read["vector"]
    ]
    assert cells[5] is None
    np.testing.assert_array_equal(nlu.vectors(pd.Series(cells, dtype=object)), nlu.vectors(frame))


def test_as_text_leaves_the_frame_and_its_other_columns_as_they_are(frame):
    before = frame.copy()
    written = nlu.as_text(frame, digits=2)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(written.drop(columns="vector"), frame.drop(columns="vector"))
    assert written.attrs == frame.attrs
    assert json.loads(written["vector"].iloc[0]) == [
        float(str(x)) for x in frame["vector"].iloc[0].round(2)
    ]


def test_as_text_refuses_digits_that_are_no_number(frame):
    with pytest.raises(nlu.NluLiteError, match="digits is -1; valid are None and whole numbers"):
        nlu.as_text(frame, digits=-1)


def test_as_text_refuses_what_is_no_vector(frame):
    mixed = frame.assign(vector=[*frame["vector"].iloc[:-1], "text"])
    with pytest.raises(nlu.NluLiteError, match="no vector"):
        nlu.as_text(mixed)


SIGNED = [
    ("The “bank” refused the loan", "The bank refused the loan", "bank"),
    ("They sell it for $500 now", "They sell it for 500 now", "500"),
    ("We talked about #climate all day", "We talked about climate all day", "climate"),
]


@pytest.mark.parametrize(("signed", "plain", "word"), SIGNED)
def test_on_minilm_a_word_with_a_sign_is_nearest_to_itself_without(minilm, signed, plain, word):
    """Words are cut as the text has them, with the sign, so that only the choice of the piece
    decides."""
    whole = nlu.load("en.embed.minilm_l6", words=lambda text: spans_between_spaces(text))
    with_sign = whole.predict(signed)
    row = with_sign["token"].tolist().index(next(w for w in signed.split() if word in w))
    vector = nlu.vectors(with_sign)[row]
    others = pd.concat([minilm.predict(text) for _, text, _ in SIGNED])
    matrix = nlu.vectors(others)
    cosines = matrix @ vector / np.linalg.norm(matrix, axis=1) / np.linalg.norm(vector)
    nearest = others["token"].iloc[int(np.argmax(cosines))]
    assert nearest == word


def spans_between_spaces(text):
    spans, begin = [], 0
    for word in text.split(" "):
        spans.append((begin, begin + len(word)))
        begin += len(word) + 1
    return spans


def test_a_frame_in_types_of_arrow_has_its_vector_column_found(frame, tmp_path):
    frame.assign(n=[[1]] * len(frame)).to_parquet(tmp_path / "frame.parquet")
    again = pd.read_parquet(tmp_path / "frame.parquet", dtype_backend="pyarrow")
    assert isinstance(again["vector"].dtype, pd.ArrowDtype)
    assert_equal(nlu.vectors(again), nlu.vectors(frame))


def test_matrices_are_no_vectors(pipe):
    frame = pipe.predict(["one two", "two three"], "document", aggregate=None)
    with pytest.raises(nlu.NluLiteError, match="arrays of 2 dimensions; vectors have one"):
        nlu.vectors(frame, "vector")


def test_mean_vectors_of_missing_keys_only_is_empty(frame):
    means = nlu.mean_vectors(frame.assign(key=None), by="key")
    assert len(means) == 0
    assert list(means.columns) == ["count", "vector"]
