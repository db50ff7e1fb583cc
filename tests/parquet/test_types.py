"""A column has one type for all its rows, and every value comes back as it was, or is refused with
its row, its column and what to do."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlu_lite import cli
from nlu_lite.errors import InputValueError

# Rows of JSON lines are read by 1,024.
EARLY, ALL = 1_500, 1_600
DAY = datetime.date(2024, 2, 29)
NANOSECONDS = pd.Timestamp("2024-02-29 12:00:00.123456789")


def json_lines(path, early, late):
    """Lines whose ``value`` is of one kind first and of another later; ``...`` is no such key."""
    with path.open("w") as file:
        for number in range(ALL):
            value = early if number < EARLY else late
            record = {"text": "a"} | ({} if value is ... else {"value": value})
            file.write(json.dumps(record) + "\n")
    return path


def written(pipe, folder, data, **options):
    """The column ``value`` of a dataset, as Arrow reads it."""
    pipe.to_parquet(data, folder, "document", **options)
    return pq.read_table(folder)["value"]


@pytest.mark.parametrize(
    ("early", "late", "kind"),
    [
        (10, 9.99, "double"),
        (None, 5, "int64"),
        (None, 5.5, "double"),
        (None, "a", "string"),
        (None, True, "bool"),
        (..., 5, "int64"),
        (5, ..., "int64"),
        (2**60 + 1, ..., "int64"),
        (2**60 + 1, None, "int64"),
        (True, ..., "bool"),
        (2**63 + 5, 1, "uint64"),
        ([], [1], "list<element: int64>"),
        ([1], [2.5], "list<element: double>"),
        ([None], ["a"], "list<element: string>"),
        ({"a": 1}, {"a": 2.5}, "struct<a: double>"),
        ({"a": [1]}, {"a": [2.5]}, "struct<a: list<element: double>>"),
    ],
)
def test_types_are_those_of_all_rows(early, late, kind, pipe, folder, tmp_path):
    column = written(pipe, folder, json_lines(tmp_path / "in.jsonl", early, late), part_rows=400)
    assert str(column.type) == kind
    expected = [None if value is ... else value for value in (early, late)]
    assert column.to_pylist() == [expected[0]] * EARLY + [expected[1]] * (ALL - EARLY)


def test_keys_of_objects_that_come_up_late_are_null_before(pipe, folder, tmp_path):
    data = json_lines(tmp_path / "in.jsonl", {"a": 1}, {"b": "x"})
    values = written(pipe, folder, data).to_pylist()
    assert (values[0], values[-1]) == ({"a": 1, "b": None}, {"a": None, "b": "x"})


@pytest.mark.parametrize(
    ("early", "late", "shown"),
    [
        (1, "one", "'one' (str)"),
        ("one", 1, "1 (int)"),
        (True, 1, "1 (int)"),
        (1, [1], "[1] (list)"),
        ([1], ["a"], "['a'] (list)"),
        ({"a": 1}, {"a": "x"}, "{'a': 'x'} (dict)"),
        (1.5, 2**60 + 1, f"{2**60 + 1} (int)"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_its_row(
    early, late, shown, pipe, folder, tmp_path
):
    data = json_lines(tmp_path / "in.jsonl", early, late)
    with pytest.raises(InputValueError) as caught:
        pipe.to_parquet(data, folder, part_rows=400)
    assert f"'value' has no one type that Parquet knows: row {EARLY} holds {shown}" in str(
        caught.value
    )
    assert "keep=[...]" in str(caught.value)
    assert not list(folder.glob("*.parquet"))


def test_a_large_number_beside_fractions_is_refused(pipe, folder, tmp_path):
    """The two stand in one block of rows, where pandas would make both fractions."""
    lines = [{"text": "a", "value": value} for value in (2.5, 2**60 + 1)]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(InputValueError, match=rf"row 1 holds {2**60 + 1} \(int\)"):
        pipe.to_parquet(tmp_path / "in.jsonl", folder)


def test_what_is_not_carried_may_be_of_any_kind(pipe, folder, tmp_path):
    data = json_lines(tmp_path / "in.jsonl", 1, "one")
    pipe.to_parquet(data, folder, "document", keep=False)
    assert "value" not in pq.read_schema(folder / "part-000000.parquet").names


def test_a_key_that_comes_up_late_may_be_named(pipe, folder, tmp_path):
    data = json_lines(tmp_path / "in.jsonl", ..., 7)
    assert written(pipe, folder, data, keep=["value"]).to_pylist()[-1] == 7


def test_a_killed_job_and_its_shards_find_the_same_types(pipe, folder, tmp_path):
    data = json_lines(tmp_path / "in.jsonl", 10, 9.99)
    for number in (1, 0):
        pipe.to_parquet(data, folder, "document", part_rows=400, shard=(number, 2))
    (folder / "part-000001.parquet").unlink()
    column = written(pipe, folder, data, part_rows=400)
    assert sorted(set(column.to_pylist())) == [9.99, 10]


def test_one_file_of_the_command_line_takes_a_key_that_comes_up_late(tmp_path, family_folder):
    data, target = json_lines(tmp_path / "in.jsonl", ..., 7), tmp_path / "out.parquet"
    words = ["--path", family_folder("bert"), "--input", data, "--output", target, "--quiet"]
    assert cli.main(["predict", "x", *map(str, words), "--level", "document"]) == 0
    assert pq.read_table(target)["value"].to_pylist() == [None] * EARLY + [7] * (ALL - EARLY)


KINDS = {
    "periods": pd.period_range("2024-01", periods=3, freq="M"),
    "periods with nulls": pd.PeriodIndex(["2024-01", None, "2024-03"], freq="M"),
    "intervals": pd.interval_range(0, 3),
    "intervals of a cut": pd.cut([1, 2, 3], 2).astype("interval[float64, right]"),
    "categories": pd.Categorical(["a", None, "b"]),
    "ordered categories": pd.Categorical(["a", "b", "a"], ordered=True),
    "timedeltas": pd.timedelta_range(0, periods=3),
    "times of day": pd.array([datetime.time(1, 2, 3, 4)] * 3, dtype=object),
    "days": pd.array([DAY, None, DAY], dtype=object),
    "nanoseconds": pd.DatetimeIndex([NANOSECONDS] * 3),
    "nanoseconds of Python": pd.Series([NANOSECONDS, None, NANOSECONDS], dtype=object),
    "times with a zone": pd.date_range("2024-03-31", periods=3, tz="Europe/Berlin"),
    "decimals": pd.array([Decimal("1.50"), None, Decimal("10.25")], dtype=object),
    "bytes": pd.array([b"a", None, b"\xff"], dtype=object),
    "half precision": np.array([1.5, np.nan, 2], dtype=np.float16),
    "single precision": np.array([1.1, np.nan, 2], dtype=np.float32),
    "sparse": pd.arrays.SparseArray([1.5, np.nan, 2]),
}


@pytest.mark.parametrize("values", KINDS.values(), ids=KINDS)
def test_columns_of_pandas_come_back(values, pipe, folder):
    data = pd.DataFrame({"text": ["a", "b", "c"], "value": values})
    pipe.to_parquet(data, folder, "document", part_rows=2)
    column = pd.read_parquet(folder)["value"]
    kept, expected = (
        series.astype(object).where(series.notna(), None).tolist()
        for series in (column, data["value"])
    )
    assert kept == expected


@pytest.mark.parametrize("kind", ["periods", "intervals"])
def test_categories_that_parquet_cannot_hold_are_written_as_what_they_are(kind, pipe, folder):
    data = pd.DataFrame({"text": ["a", "b", "c"], "value": pd.Categorical(KINDS[kind])})
    pipe.to_parquet(data, folder, "document")
    assert pd.read_parquet(folder)["value"].tolist() == KINDS[kind].tolist()


@pytest.mark.parametrize("kind", ["periods", "intervals", "categories", "nanoseconds"])
def test_an_index_may_be_of_these_kinds(kind, pipe, folder):
    index = pd.Index(KINDS[kind], name="value")
    pipe.to_parquet(pd.DataFrame({"text": ["a", "b", "c"]}, index=index), folder, "document")
    kept = pd.read_parquet(folder)["value"]
    assert kept.astype(object).where(kept.notna(), None).tolist() == [
        None if pd.isna(key) else key for key in index
    ]


REFUSED = {
    "texts and bytes": ["a", b"b"],
    "days and times": [DAY, datetime.datetime(2024, 1, 1, 5)],
    "times with and without a zone": [
        datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
        datetime.datetime(2024, 1, 1),
    ],
    "decimals and fractions": [Decimal("0.1"), 0.1],
    "flags and numbers": [True, 1],
    "numbers and texts": [1, "a"],
    "large numbers": [2**70, 2**70],
    "complex numbers": [1 + 2j, 1 + 2j],
    "periods among objects": list(pd.period_range("2024-01", periods=2, freq="M")),
    "arrays of two dimensions": [np.ones((2, 2)), np.ones((2, 2))],
    "empty objects": [{}, {}],
}


@pytest.mark.parametrize("values", REFUSED.values(), ids=REFUSED)
def test_values_that_would_change_are_refused_with_the_cure(values, pipe, folder):
    data = pd.DataFrame({"text": ["a", "b"], "value": pd.Series(values, dtype=object)})
    with pytest.raises(InputValueError, match=r"(?s)'value' has .*keep=\[\.\.\.\]"):
        pipe.to_parquet(data, folder)
    assert not list(folder.glob("*.parquet"))


def blocks(*values, name="value"):
    """Frames of 30 rows that come one by one; ``...`` stands for a frame without the column."""
    for value in values:
        frame = pd.DataFrame({"text": ["a"] * 30})
        yield frame if value is ... else frame.assign(**{name: value})


def test_of_what_is_read_once_the_first_part_decides(pipe, folder):
    column = written(pipe, folder, blocks(1, 9.99), part_rows=60)
    assert column.to_pylist() == [1] * 30 + [9.99] * 30


def test_of_what_is_read_once_a_late_misfit_is_refused_with_its_row(pipe, folder):
    with pytest.raises(InputValueError, match=r"Row 60: the column 'value' does not fit int64.*9"):
        pipe.to_parquet(blocks(1, 1, 9.99), folder, part_rows=60)
    assert pq.read_table(folder / "part-000000.parquet")["value"][0].as_py() == 1


def test_of_what_is_read_once_a_late_column_is_refused(pipe, folder):
    with pytest.raises(InputValueError, match=r"\['late'\] come up in rows 60 to 89"):
        pipe.to_parquet(blocks(..., ..., 1, name="late"), folder, part_rows=60)


@pytest.mark.parametrize(
    "values", [(2**60 + 1, ...), (NANOSECONDS, ...), (2**60 + 1, pd.NA), (..., True)]
)
def test_blocks_that_lack_a_column_change_nothing_in_the_others(values, pipe, folder):
    column = written(pipe, folder, blocks(*values), part_rows=60)
    expected = [None if value is ... or value is pd.NA else value for value in values]
    assert column.to_pylist() == [expected[0]] * 30 + [expected[1]] * 30


@pytest.mark.parametrize(
    ("early", "late"), [("a", b"b"), (b"b", "a"), (Decimal("0.1"), 0.1), (["a"], [b"b"])]
)
def test_blocks_of_kinds_that_arrow_would_merge_are_refused(early, late, pipe, folder):
    frames = [
        pd.DataFrame({"text": ["a"], "value": pd.Series([value], dtype=object)})
        for value in (early, late)
    ]
    with pytest.raises(InputValueError, match=r"'value' has no one type.*row 1 holds"):
        pipe.to_parquet(iter(frames), folder)


def test_a_fraction_that_single_precision_would_change_is_refused(pipe, folder):
    batches = [
        pa.record_batch({"text": ["a", "b"], "value": pa.array([value, value], kind)})
        for kind, value in ((pa.float32(), 1.5), (pa.float64(), 1.1))
    ]
    with pytest.raises(InputValueError, match=r"Row 2: the column 'value' does not fit f.*1\.1"):
        pipe.to_parquet(iter(batches), folder, part_rows=2)


def test_later_blocks_may_have_many_more_categories(pipe, folder):
    names = [f"c{number}" for number in range(200)]
    frames = [
        pd.DataFrame({"text": ["a"] * 200, "value": pd.Categorical(values)})
        for values in (["c0"] * 200, names)
    ]
    column = written(pipe, folder, iter(frames), part_rows=200)
    assert column.to_pylist() == ["c0"] * 200 + names


def test_categories_may_differ_from_block_to_block(pipe, folder):
    frames = (frame.astype({"value": "category"}) for frame in blocks("a", "b"))
    column = written(pipe, folder, frames, part_rows=30)
    assert column.to_pylist() == ["a"] * 30 + ["b"] * 30


def files_of(tmp_path, *columns):
    """A folder of Parquet files, each with the column in a type of its own."""
    for number, (kind, value) in enumerate(columns):
        table = pa.table({"text": ["a", "b"], "value": pa.array([value, value], kind)})
        pq.write_table(table, tmp_path / f"{number}.parquet")
    return tmp_path


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ([(pa.int64(), 1), (pa.float64(), 9.99)], "double"),
        ([(pa.int32(), 1), (pa.int64(), 2**40)], "int64"),
        ([(pa.null(), None), (pa.int64(), 5)], "int64"),
        ([(pa.decimal128(3, 2), Decimal("1.50")), (pa.decimal128(9, 3), Decimal("1.555"))], None),
        ([(pa.dictionary(pa.int8(), pa.string()), "a"), (pa.string(), "b")], "string"),
        ([(pa.timestamp("us"), pd.Timestamp(0)), (pa.timestamp("ns"), NANOSECONDS)], None),
        ([(pa.list_(pa.int64()), [1]), (pa.list_(pa.float64()), [2.5])], None),
    ],
)
def test_files_of_parquet_may_declare_a_column_otherwise(columns, kind, pipe, folder, tmp_path):
    (tmp_path / "in").mkdir()
    column = written(pipe, folder, files_of(tmp_path / "in", *columns))
    assert kind in (None, str(column.type))
    assert column.to_pylist() == [value for _, value in columns for _ in range(2)]


def test_files_of_parquet_whose_types_have_nothing_in_common_are_refused(pipe, folder, tmp_path):
    (tmp_path / "in").mkdir()
    data = files_of(tmp_path / "in", (pa.int64(), 1), (pa.string(), "a"))
    with pytest.raises(InputValueError, match=r"'value' has no one type .* int64, others string"):
        pipe.to_parquet(data, folder)


def test_nested_texts_with_half_a_character_are_written_as_what_can_be(pipe, folder, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "a", "value": {"k": ["\\ud800"]}}\n')
    assert written(pipe, folder, tmp_path / "in.jsonl").to_pylist() == [{"k": ["\ufffd"]}]


def test_whole_numbers_with_nulls_of_parquet_stay_whole_in_a_stream(pipe, tmp_path):
    table = pa.table({"text": ["a", "b"], "value": pa.array([2**60 + 1, None])})
    pq.write_table(table, tmp_path / "in.parquet")
    (frame,) = pipe.stream(tmp_path / "in.parquet", "document")
    assert frame["value"].dtype == "Int64"
    assert frame["value"].tolist() == [2**60 + 1, pd.NA]
