"""What the columns of a dataset hold, and which ones cannot be written."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import nlu_lite as nlu
from nlu_lite.errors import InputValueError, OptionError
from nlu_lite.parquet.layout import vector_type
from tests.helpers.datasets import COUNT, FRAME, assert_holds, parts
from tests.helpers.equal import assert_equal
from tests.helpers.pipelines import pipeline_of


@pytest.mark.parametrize("level", ["token", "sentence", "document"])
def test_the_dataset_holds_the_frame_of_predict(level, pipe, folder):
    pipe.to_parquet(FRAME, folder, level, part_rows=20, metadata=True)
    assert len(parts(folder)) == 3
    assert_holds(folder, pipe.predict(FRAME, level, positions=True, metadata=True))


def test_chunks_of_a_column(pipe, folder):
    frame = FRAME.assign(phrase=["not to be" if n % 2 else None for n in range(COUNT)])
    pipe.to_parquet(frame, folder, "chunk", chunks="phrase", part_rows=20)
    assert_holds(folder, pipe.predict(frame, "chunk", chunks="phrase", positions=True))


def test_several_components_and_no_other_columns(family_folder, folder):
    bert = family_folder("bert")
    pipe = pipeline_of(("w", bert, "embed"), ("s", bert, "embed_sentence"))
    pipe.to_parquet(FRAME, folder, keep=False, positions=False, part_rows=20)
    assert_holds(folder, pipe.predict(FRAME, keep=False))
    assert pq.read_schema(folder / "part-000000.parquet").names == [
        "token",
        "w_embeddings",
        "s_embeddings",
        "origin_index",
    ]


def test_keep_all_carries_the_text_as_predict_does(pipe, folder, tmp_path):
    FRAME.to_csv(tmp_path / "in.csv", index=False)
    for number, data in enumerate([FRAME, tmp_path / "in.csv"]):
        pipe.to_parquet(data, folder / str(number), keep="all", positions=False, part_rows=20)
    assert_holds(folder / "0", pipe.predict(FRAME, keep="all"))
    assert pd.read_parquet(folder / "1")["text"].notna().any()


def test_columns_have_the_types_that_are_promised(pipe, folder):
    pipe.to_parquet(FRAME, folder)
    schema = pq.read_schema(folder / "part-000000.parquet")
    assert schema.field("tiny_embeddings").type == vector_type(pa.float32(), 32)
    expected = {
        "token": pa.string(),
        "begin": pa.int64(),
        "origin_index": pa.int64(),
        "count": pa.int64(),
    }
    assert {name: schema.field(name).type for name in expected} == expected
    assert schema.field("tags").type == pa.list_(pa.string())


def test_half_precision_vectors(pipe, folder):
    pipe.to_parquet(FRAME, folder, vectors="float16")
    dataset, expected = pd.read_parquet(folder), pipe.predict(FRAME)
    assert pq.read_schema(folder / "part-000000.parquet").field(
        "tiny_embeddings"
    ).type == vector_type(pa.float16(), 32)
    assert_equal(nlu.vectors(dataset), nlu.vectors(expected), tolerance=2**-11)


def test_numbers_too_large_for_half_precision_are_refused(pipe, folder):
    """Sums over many words grow; infinity would be written otherwise."""
    data = ["to be or not to be " * 20_000]
    with pytest.raises(OptionError, match='vectors="float32"'):
        pipe.to_parquet(data, folder, "document", aggregate="sum", vectors="float16")


def test_whole_numbers_with_nulls_stay_whole(pipe, folder, tmp_path):
    FRAME.to_parquet(tmp_path / "input.parquet")
    pipe.to_parquet(tmp_path / "input.parquet", folder, "document")
    assert (
        pq.read_table(folder)["count"].to_pylist()
        == FRAME["count"].astype(object).where(FRAME["count"].notna(), None).tolist()
    )


def test_whole_numbers_of_json_stay_whole(pipe, folder, tmp_path):
    (tmp_path / "input.jsonl").write_text(f'{{"text": "a", "n": {2**60 + 1}}}\n{{"text": "b"}}\n')
    pipe.to_parquet(tmp_path / "input.jsonl", folder)
    assert pq.read_table(folder)["n"].to_pylist() == [2**60 + 1, None]


def test_the_callers_index_is_a_column(pipe, folder):
    frame = FRAME.set_index(["id", FRAME.index])
    pipe.to_parquet(frame, folder, "document")
    dataset = pd.read_parquet(folder)
    assert dataset["id"].tolist() == FRAME["id"].tolist()
    assert dataset["origin_index"].tolist() == list(range(COUNT))


def test_a_level_of_an_index_may_be_of_a_type_of_pandas_with_nulls(pipe, folder):
    frame = FRAME.assign(flag=pd.array([True, None] * 25)).set_index(["id", "count"])
    pipe.to_parquet(frame, folder, "document")
    dataset = pd.read_parquet(folder)
    assert dataset["count"].dtype == "Int64"
    assert dataset["count"].dropna().tolist() == FRAME["count"].dropna().tolist()
    assert dataset["flag"].dtype == "boolean"


def test_lone_surrogates_are_written_as_what_the_model_saw(pipe, folder):
    pipe.to_parquet(["to \ud800be"], folder)
    assert pd.read_parquet(folder)["token"].tolist() == ["to", "\ufffdbe"]


def test_an_empty_input_is_an_empty_dataset(pipe, folder):
    pipe.to_parquet([], folder)
    dataset = pd.read_parquet(folder)
    assert len(dataset) == 0
    assert "tiny_embeddings" in dataset.columns


def test_a_column_that_changes_its_type_is_named(pipe, folder, tmp_path):
    lines = [{"text": "a", "n": 1}] * 1_500 + [{"text": "a", "n": "one"}]
    (tmp_path / "input.jsonl").write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(InputValueError, match=r"'n' has no one type.*row 1500 holds 'one'.*int64"):
        pipe.to_parquet(tmp_path / "input.jsonl", folder, "document", part_rows=1_000)


def test_two_columns_of_one_name_are_refused(pipe, folder):
    frame = pd.DataFrame([["a", 1, 2]], columns=["text", "n", "n"])
    with pytest.raises(OptionError, match="two columns of one name"):
        pipe.to_parquet(frame, folder)


def test_a_column_of_several_types_is_named(pipe, folder):
    frame = FRAME.assign(mixed=[1, "one"] * (COUNT // 2))
    with pytest.raises(InputValueError, match=r"The column 'mixed' has no one type.*keep="):
        pipe.to_parquet(frame, folder)


def test_nothing_is_written_into_the_callers_frame(pipe, folder):
    before = FRAME.copy(deep=True)
    pipe.to_parquet(FRAME, folder, errors="null")
    pd.testing.assert_frame_equal(FRAME, before)
