"""The parts of a dataset as one file."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlu_lite.parquet import join


@pytest.mark.parametrize(
    ("packed", "storage"),
    [
        ({"compression": "none"}, "UNCOMPRESSED"),
        ({"compression": "gzip", "use_dictionary": False}, "GZIP"),
    ],
    ids=["none", "gzip"],
)
def test_joined_parts_are_packed_as_they_were(packed, storage, folder, tmp_path):
    folder.mkdir()
    table = pa.table({"word": ["a", "b", "a"], "number": [1.0, 2.0, 3.0]})
    pq.write_table(table.slice(0, 0), folder / "part-000000.parquet", **packed)
    pq.write_table(table.slice(0, 2), folder / "part-000001.parquet", **packed)
    pq.write_table(table.slice(2), folder / "part-000002.parquet", **packed)
    join(folder, tmp_path / "one.parquet")
    assert pq.read_table(tmp_path / "one.parquet").equals(table)
    column = pq.read_metadata(tmp_path / "one.parquet").row_group(0).column(0)
    assert column.compression == storage
    assert column.has_dictionary_page is packed.get("use_dictionary", True)


def test_joined_parts_without_rows_are_a_file_without_rows(pipe, folder, tmp_path):
    pipe.to_parquet([], folder)
    join(folder, tmp_path / "one.parquet")
    assert pq.read_table(tmp_path / "one.parquet").num_rows == 0
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "one.parquet"), pd.read_parquet(folder)
    )
