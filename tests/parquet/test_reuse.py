"""Rows of an earlier dataset are copied where key and text are unchanged."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlu_lite.errors import InputValueError, OptionError, OutputError
from tests.helpers.datasets import COUNT, FRAME, assert_holds


def test_unchanged_rows_are_copied_and_the_rest_is_encoded(pipe, folder, tmp_path):
    pipe.to_parquet(FRAME, tmp_path / "monday", key="id", part_rows=20)
    changed = FRAME.copy()
    changed.loc[11, "text"] = "another text"
    changed["day"] = pd.Timestamp("2024-03-01")  # columns are the new ones
    changed.loc[12, "id"] = "another key"
    new = pd.concat([changed.iloc[30:], changed.iloc[:29]])  # another order, one gone
    new.loc[100] = FRAME.loc[0].to_dict() | {"id": "new", "text": "a new text"}
    summary = pipe.to_parquet(new, folder, key="id", reuse=tmp_path / "monday", part_rows=15)
    assert summary["copied"] == COUNT - 3
    assert summary["texts"] == COUNT
    assert_holds(folder, pipe.predict(new, positions=True))


def test_copied_rows_are_those_of_the_earlier_dataset(pipe, folder, tmp_path):
    """They are not encoded again: numbers that were changed there come back."""
    pipe.to_parquet(FRAME, tmp_path / "old", key="id", keep=["id"])
    path = tmp_path / "old" / "part-000000.parquet"
    table = pq.read_table(path)
    marked = table.set_column(0, "token", pa.array(["marked"] * len(table)))
    pq.write_table(marked, path, row_group_size=len(table))
    pipe.to_parquet(FRAME, folder, key="id", keep=["id"], reuse=tmp_path / "old")
    assert pd.read_parquet(folder)["token"].unique().tolist() == ["marked"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"positions": False, "key": "id"}, "rows.positions: true there, false here"),
        ({"key": "count"}, 'rows.key: "id" there, "count" here'),
    ],
    ids=["options", "key"],
)
def test_rows_made_otherwise_are_not_reused(options, message, pipe, folder, tmp_path):
    pipe.to_parquet(FRAME, tmp_path / "old", key="id")
    with pytest.raises(OutputError, match=message):
        pipe.to_parquet(FRAME, folder, reuse=tmp_path / "old", **options)


def test_a_reuse_that_cannot_be(pipe, folder, tmp_path):
    with pytest.raises(OptionError, match="needs key="):
        pipe.to_parquet(FRAME, folder, reuse=tmp_path / "old")
    with pytest.raises(OutputError, match="is no other dataset"):
        pipe.to_parquet(FRAME, folder, key="id", reuse=tmp_path / "old")
    with pytest.raises(InputValueError, match="key='ids' names a column"):
        pipe.to_parquet(FRAME, folder, key="ids")


@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda path: path.write_bytes(b"no parquet")], ids=["missing", "broken"]
)
def test_an_index_that_cannot_be_read_says_how_it_is_made_again(harm, pipe, folder, tmp_path):
    pipe.to_parquet(FRAME, tmp_path / "old", key="id", part_rows=20)
    harm(tmp_path / "old" / "_nlu_lite" / "index" / "part-000001.parquet")
    for reuse, target in ((tmp_path / "old", folder), (None, tmp_path / "old")):
        with pytest.raises(
            OutputError,
            match=r"index/part-000001.parquet cannot be read.* Remove .*old/part-000001.parquet",
        ):
            pipe.to_parquet(FRAME, target, key="id", reuse=reuse, part_rows=20)
    (tmp_path / "old" / "part-000001.parquet").unlink()
    assert pipe.to_parquet(FRAME, tmp_path / "old", key="id", part_rows=20)["run"]["parts"] == 1
    assert (
        pipe.to_parquet(FRAME, folder, key="id", reuse=tmp_path / "old", part_rows=20)["copied"]
        == COUNT
    )


def test_rows_are_copied_in_whatever_order_from_more_parts_than_are_at_hand(pipe, folder, tmp_path):
    pipe.to_parquet(FRAME, tmp_path / "old", key="id", part_rows=5)
    order = [n + 10 * k for n in range(10) for k in range(5)]
    new = FRAME.iloc[order]
    assert (
        pipe.to_parquet(new, folder, key="id", reuse=tmp_path / "old", part_rows=50)["copied"]
        == COUNT
    )
    assert_holds(folder, pipe.predict(new, positions=True))
