"""``Pipeline.stream``: the frame of ``predict``, a few rows after the other, from every kind of
input."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import nlu_lite as nlu
from nlu_lite.errors import (
    InputTypeError,
    InputValueError,
    MissingExtraError,
    OptionError,
    UnknownOptionError,
)
from nlu_lite.inputs import cut_portions, open_source
from tests.helpers.equal import assert_equal

CHECKOUT = Path(__file__).resolve().parents[2]
# More rows than a chunk that is read at a time, some of them twice, null, blank and long.
TEXTS = [f"to be or not to be, number {n} of many" for n in range(1_100)]
TEXTS[3], TEXTS[5], TEXTS[1_050], TEXTS[7] = "", None, "a word " * 200, TEXTS[6]
FRAME = pd.DataFrame({"id": range(len(TEXTS)), "text": TEXTS}).astype({"text": object})


@pytest.fixture(scope="module")
def pipe(family_pipe):
    return family_pipe("bert")


@pytest.fixture(scope="module")
def whole(pipe):
    return pipe.predict(FRAME, progress=False)


def write_csv(path):
    FRAME.to_csv(path, index=False)


def write_jsonl(path):
    lines = "".join(json.dumps(record) + "\n" for record in FRAME.to_dict("records"))
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())


def write_parquet(path):
    pq.write_table(pa.Table.from_pandas(FRAME), path, row_group_size=300)


def write_folder(path):
    path.mkdir()
    for number, begin in enumerate(range(0, len(FRAME), 400)):
        FRAME.iloc[begin : begin + 400].to_parquet(path / f"part-{number}.parquet")
    (path / "_SUCCESS").touch()


FILES = {
    "a.csv": write_csv,
    "a.jsonl": write_jsonl,
    "a.json.gz": write_jsonl,
    "a.parquet": write_parquet,
    "folder": write_folder,
}


def assert_same_frames(frame: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert frame.index.equals(expected.index)
    assert frame.index.name == expected.index.name
    assert list(frame.columns) == list(expected.columns)
    for name in expected.columns:
        if name.endswith("_embeddings"):
            assert_equal(nlu.vectors(frame, name), nlu.vectors(expected, name))
        else:
            pd.testing.assert_series_equal(frame[name].astype(str), expected[name].astype(str))


@pytest.mark.parametrize("name", FILES)
def test_of_a_file_the_frames_are_the_whole_frame(name, tmp_path, pipe, whole):
    FILES[name](tmp_path / name)
    assert_same_frames(pd.concat(pipe.stream(tmp_path / name)), whole)


@pytest.mark.parametrize("name", ["a.csv", "a.json.gz", "a.parquet", "folder"])
def test_an_address_is_read_through_arrow(name, tmp_path, pipe, whole):
    FILES[name](tmp_path / name)
    assert_same_frames(pd.concat(pipe.stream(f"file://{tmp_path / name}")), whole)


IN_MEMORY = {
    "frame": lambda: FRAME,
    "arrow table": lambda: pa.Table.from_pandas(FRAME),
    "arrow batch": lambda: pa.RecordBatch.from_pandas(FRAME),
    "arrow reader": lambda: pa.Table.from_pandas(FRAME).to_reader(300),
    "iterator of batches": lambda: iter(pa.Table.from_pandas(FRAME).to_batches(300)),
    "iterator of frames": lambda: (
        FRAME.iloc[begin : begin + 300] for begin in range(0, len(FRAME), 300)
    ),
}


@pytest.mark.parametrize("kind", IN_MEMORY)
def test_of_tables_the_frames_are_the_whole_frame(kind, pipe, whole):
    assert_same_frames(pd.concat(pipe.stream(IN_MEMORY[kind]())), whole)


@pytest.mark.parametrize(
    "texts",
    [TEXTS, tuple(TEXTS), iter(TEXTS), pa.chunked_array([TEXTS]), pd.Series(TEXTS, dtype=object)],
    ids=lambda x: type(x).__name__,
)
def test_of_texts_the_frames_are_the_whole_frame(texts, pipe, whole):
    assert_same_frames(pd.concat(pipe.stream(texts)), whole.drop(columns="id"))


def test_a_text_file_has_a_text_a_line(tmp_path, pipe):
    (tmp_path / "a.txt").write_bytes("\ufeffto be\r\nor not\n\nto be".encode())
    frame = pd.concat(pipe.stream(str(tmp_path / "a.txt")))
    assert_same_frames(frame, pipe.predict(["to be", "or not", "", "to be"]))


def test_a_dataset_of_hugging_face(pipe, whole):
    import datasets

    data = datasets.Dataset.from_pandas(FRAME, preserve_index=False)
    assert_same_frames(pd.concat(pipe.stream(data)), whole)
    assert_same_frames(pd.concat(pipe.stream(data.to_iterable_dataset())), whole)


def test_the_callers_index_is_kept(pipe):
    frame = FRAME.iloc[:9].set_index(pd.Index(list("abcdefghi"), name="key"))
    assert_same_frames(pd.concat(pipe.stream(frame, rows=2)), pipe.predict(frame))
    series = frame["text"]
    assert_same_frames(pd.concat(pipe.stream(series, rows=2)), pipe.predict(series))


@pytest.mark.parametrize(
    "options",
    [
        {"output_level": "sentence", "positions": True, "metadata": True},
        {"output_level": "document", "keep": ["id"], "aggregate": "max"},
        {"output_level": "chunk", "chunks": ["not to be"]},
        {"text": "text", "keep": False, "positions": True},
    ],
    ids=str,
)
def test_the_options_are_those_of_predict(options, pipe):
    assert_same_frames(
        pd.concat(pipe.stream(FRAME.iloc[:40], **options)), pipe.predict(FRAME.iloc[:40], **options)
    )


def test_frames_have_so_many_rows_at_most(pipe):
    assert [len(frame) for frame in pipe.stream(["a b c", "d", "e"], rows=2)] == [2, 2, 1]


def test_an_empty_input_has_one_empty_frame(pipe):
    for data in ([], iter([]), FRAME.iloc[:0]):
        (frame,) = pipe.stream(data)
        assert_same_frames(
            frame.drop(columns="tiny_embeddings"),
            pipe.predict(data).drop(columns="tiny_embeddings"),
        )


def test_nothing_is_read_before_it_is_wanted(pipe):
    """An input without an end gives its first frames."""

    def endless():
        number = 0
        while True:
            yield f"text {number} " * 50
            number += 1

    frames = pipe.stream(endless(), rows=10)
    assert len(next(frames)) == 10
    frames.close()


def test_a_window_ends_at_so_many_texts_or_code_points():
    texts = ["a" * 6, "b" * 6, "c", "d", "e", "f" * 30, "g", None, ["to", "be"]]
    cut = [len(window) for window in cut_portions(open_source(texts), None, texts=3, length=12)]
    assert cut == [2, 3, 1, 3]
    # Chunks of other sizes make the same windows.
    series = pd.Series(texts, dtype=object)
    assert [
        len(window)
        for window in cut_portions(
            (series.iloc[n : n + 1] for n in range(9)), None, texts=3, length=12
        )
    ] == cut


def test_the_first_windows_are_small_and_each_is_four_times_larger():
    texts = [f"text {number}" for number in range(200)]
    cut = cut_portions(open_source(texts), None, texts=64, first_share=16)
    assert [len(window) for window in cut] == [4, 16, 64, 64, 52]


def test_rows_that_are_counted_are_those_of_the_file(tmp_path):
    (tmp_path / "a.csv").write_text('text,id\n"two\nlines",1\nb,2\n')
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n\n{"text": "b"}\n')
    (tmp_path / "a.txt").write_text("a\nb\n")
    write_folder(tmp_path / "folder")
    counted = [open_source(tmp_path / f"a.{kind}").count() for kind in ("csv", "jsonl", "txt")]
    assert counted == [2, 2, 2]
    assert open_source(tmp_path / "folder").count() == 1_100
    assert open_source(["a", "b"]).count() == 2
    assert open_source(iter(["a", "b"])).count() is None


def test_the_first_rows_are_cut_from_chunks_of_any_size(tmp_path):
    write_folder(tmp_path / "folder")
    chunks = list(open_source(tmp_path / "folder").first(1_050))
    assert [row for chunk in chunks for row in chunk["id"]] == list(range(1_050))


def test_whatever_rows_are_wanted_they_are_those_of_the_file(tmp_path):
    write_folder(tmp_path / "folder")
    for begin, rows in [(0, 5), (399, 2), (400, 1), (1_099, 5), (250, 800)]:
        chunk = open_source(tmp_path / "folder").take(begin, rows)
        assert (
            chunk.index.tolist()
            == chunk["id"].tolist()
            == list(range(begin, min(begin + rows, 1_100)))
        )
    source = open_source(tmp_path / "folder")
    assert [source.take(begin, 2)["id"].tolist() for begin in (3, 700, 900)] == [
        [3, 4],
        [700, 701],
        [900, 901],
    ]
    assert source.take(1_100, 2) is None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "a"}\n{"text": \n', "line 2 of a.jsonl is not JSON"),
        ("a.jsonl", '{"text": "a"}\n["a"]\n', "line 2 of a.jsonl is not a JSON object"),
        ("a.jsonl", '{"text": "a"}\n{"text": 7}\n', "Item 1 is 7, a int"),
        (
            "a.csv",
            "id,text\n1,a\n2\n",
            "Row 1 of the input, near line 3 of a.csv, has 1 cells, the header 2",
        ),
        ("a.csv", b"id,text\n1,a\n2,\xff\n", "Row 1 .* is not UTF-8"),
        ("a.txt", b"a\n\xff\n", "line 2 of a.txt is not UTF-8"),
        ("a.csv", "text,text\n", "column names that differ"),
        ("a.jsonl.gz", "no gzip", "cannot be read from row 0"),
        ("a.parquet", "no parquet", "cannot be read from row 0"),
        ("a.docx", "", "one kind: .parquet"),
        ("a.jsonl", '{"one": "a", "two": "b"}\n', "Which column is the text"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(name, content, message, tmp_path, pipe):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises((InputValueError, InputTypeError), match=message):
        list(pipe.stream(tmp_path / name))


def test_a_bad_item_is_named_by_its_place_in_the_whole_input(pipe):
    with pytest.raises(InputTypeError, match="Item 1090 is 7"):
        list(pipe.stream(iter([*TEXTS[:1_090], 7])))


def test_a_long_cell_of_a_csv_file(tmp_path):
    pd.DataFrame({"text": ["a " * 100_000]}).to_csv(tmp_path / "a.csv", index=False)
    assert open_source(tmp_path / "a.csv").take(0, 1)["text"].str.len().tolist() == [200_000]


def test_a_text_is_no_document_here(pipe):
    with pytest.raises(InputValueError, match=r"I love NLP is no file or folder.*\[text\]"):
        pipe.stream("I love NLP")


class LazyFrame:
    """A frame of a library that does not compute by itself; to iterate over it gives names."""

    columns = ("text",)

    def __iter__(self):
        return iter(self.columns)


def test_the_names_of_columns_are_not_taken_for_texts(pipe):
    with pytest.raises(InputTypeError, match="LazyFrame is not accepted; make it a pandas DataF"):
        pipe.stream(LazyFrame())


def test_a_frame_of_spark_is_answered_with_what_takes_it(pipe):
    frame = type("DataFrame", (), {"__module__": "pyspark.sql.dataframe"})()
    with pytest.raises(InputTypeError, match=r"nlu_lite\.spark\.transform\(pipe, df\)"):
        pipe.stream(frame)


@pytest.mark.parametrize("data", [b"a", {"a": 1}, 7, {1, 2}])
def test_what_predict_refuses_is_refused(data, pipe):
    with pytest.raises(InputTypeError):
        pipe.stream(data)


def test_options_are_checked_before_the_first_frame(pipe):
    with pytest.raises(OptionError, match="rows is 0"):
        pipe.stream(TEXTS, rows=0)
    with pytest.raises(OptionError, match="output_level is 'words'"):
        pipe.stream(TEXTS, "words")
    with pytest.raises(UnknownOptionError, match="rows"):
        pipe.stream(TEXTS, row=1)


MEMORY = """
import os, sys
from pathlib import Path
from tests.conftest import pipeline_at

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

folder, count = Path(sys.argv[1]), int(sys.argv[2])
pipe = pipeline_at(folder)
texts = (f"text number {n} is one of so many that differ, {n * 7919 % 10007}" for n in range(count))
early, last, rows = 0, 0, 0
for frame in pipe.stream(texts):
    last = int(frame.index[-1])
    rows += len(frame)
    del frame
    if not early and last >= count // 10:
        early = resident()
print(early, resident(), last, rows)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_input(family_folder):
    """200,000 texts: resident memory in the end within 5 % of that after the first tenth."""
    command = [sys.executable, "-c", MEMORY, str(family_folder("bert")), "200000"]
    process = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    early, late, last, rows = map(int, process.stdout.split())
    assert last == 199_999
    assert rows >= 200_000
    assert late <= 1.05 * early


def test_half_a_character_in_json_lines_keeps_its_row(pipe, tmp_path):
    (tmp_path / "a.jsonl").write_text(
        '{"text": "half \\ud800 of it"}\n{"text": "whole"}\n', encoding="utf-8"
    )
    frame = pd.concat(pipe.stream(str(tmp_path / "a.jsonl")))
    assert frame["token"].tolist() == ["half", "\ud800", "of", "it", "whole"]


class PolarsFrame:
    """The methods that matter of a polars.DataFrame, which is not among what the tests install."""

    columns = property(list)

    def to_pandas(self):
        return FRAME

    def __iter__(self):
        return iter(FRAME.columns)


def test_a_frame_of_polars(pipe, whole):
    assert_same_frames(pd.concat(pipe.stream(PolarsFrame())), whole)


@pytest.mark.parametrize(
    "data", [["a"], iter(["a"]), pd.Series(["a"])], ids=["list", "iterator", "series"]
)
def test_a_text_column_of_data_without_columns_is_refused(data, pipe):
    with pytest.raises(
        InputValueError,
        match=f"text='body' names a column, .* a {type(data).__name__}, which has none",
    ):
        pipe.stream(data, text="body")


def test_a_text_column_of_plain_text_is_refused(pipe, tmp_path):
    (tmp_path / "a.txt").write_text("to be\n")
    with pytest.raises(
        InputValueError,
        match=r"text='body' names a column, but .*a.txt is plain text, one text a line",
    ):
        pipe.stream(tmp_path / "a.txt", text="body")


def write_partitioned(folder):
    """Files below folders that are named ``column=value``, as pandas, Hive and Spark write them."""
    data = pd.DataFrame(
        {
            "review": ["one", "two", "three", "four"],
            "id": [1, 2, 3, 4],
            "year": [2023, 2023, 2024, 2024],
            "place": ["S\u00e8te", "a b", "x/y", "x/y"],
            "zip": ["01234", "10", "10", "11"],
        }
    )
    data.to_parquet(folder, partition_cols=["year", "place", "zip"])
    return data


def test_columns_in_names_of_folders_are_kept(pipe, tmp_path):
    data = write_partitioned(tmp_path / "in")
    frame = pd.concat(pipe.stream(tmp_path / "in", "document"))
    assert list(frame.columns[2:]) == ["review", "id", "year", "place", "zip"]
    found = frame.sort_values("id")
    for name in ("id", "year", "place", "zip", "review"):
        assert found[name].tolist() == data[name].tolist()


def test_columns_in_names_of_folders_are_chosen_by_keep(pipe, tmp_path):
    write_partitioned(tmp_path / "in")
    for keep in (["year"], ["place", "id"], ["zip"]):
        frame = pd.concat(pipe.stream(tmp_path / "in", "document", keep=keep))
        assert set(frame.columns[2:]) == set(keep)
    pipe.to_parquet(tmp_path / "in", tmp_path / "out", "document", keep=["year", "id"])
    written = pd.read_parquet(tmp_path / "out").sort_values("id")
    assert written["year"].tolist() == [2023, 2023, 2024, 2024]


def test_a_null_in_the_name_of_a_folder_is_a_null(pipe, tmp_path):
    data = pd.DataFrame(
        {"text": ["a", "b", "c"], "year": [2023.0, None, None], "day": [None, 2, 3]}
    )
    data = data.astype({"year": "Int64", "day": "Int64"})
    data.to_parquet(tmp_path / "in", partition_cols=["year"])
    frame = pd.concat(pipe.stream(tmp_path / "in", "document")).sort_values("text")
    assert frame["year"].isna().tolist() == [False, True, True]
    assert frame["year"].iloc[0] == 2023


def test_a_column_of_the_files_wins_over_the_name_of_a_folder(pipe, tmp_path):
    (tmp_path / "in" / "id=7").mkdir(parents=True)
    pd.DataFrame({"text": ["a"], "id": [1]}).to_parquet(tmp_path / "in" / "id=7" / "a.parquet")
    (frame,) = pipe.stream(tmp_path / "in", "document")
    assert frame["id"].tolist() == [1]


def test_an_address_that_leads_nowhere_is_named(pipe, tmp_path):
    with pytest.raises(InputValueError, match=r"none.txt is no file or folder"):
        pipe.stream(f"file://{tmp_path}/none.txt")
    with pytest.raises(InputValueError, match="nowhere://here cannot be read: "):
        pipe.stream("nowhere://here")


def test_without_pyarrow_parquet_and_addresses_name_the_extra(pipe, tmp_path, monkeypatch):
    write_parquet(tmp_path / "a.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for path in (tmp_path / "a.parquet", f"file://{tmp_path}/a.parquet"):
        with pytest.raises(
            MissingExtraError, match=r"To read .* needs pyarrow: pip install 'nlu-lite\[arrow\]'"
        ):
            pipe.stream(path)


def test_blank_lines_of_json_are_passed_over(pipe, tmp_path):
    (tmp_path / "a.jsonl").write_text('\n{"text": "to"}\n  \n\n{"text": "be"}\n\n')
    frame = pd.concat(pipe.stream(tmp_path / "a.jsonl"))
    assert frame["token"].tolist() == ["to", "be"]
    assert frame.index.tolist() == [0, 1]


def test_a_file_that_is_not_like_the_first_is_named(pipe, tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,a\n")
    (tmp_path / "b.csv").write_text("id,body\n1,a\n")
    with pytest.raises(
        InputValueError, match=r"b.csv has the columns \['id', 'body'\], a.csv has \['id', 'text'\]"
    ):
        list(pipe.stream(tmp_path))


@pytest.mark.parametrize(("present", "missing"), [("text", "id"), ("id", "text")])
def test_a_parquet_file_that_lacks_a_column_is_named(present, missing, pipe, tmp_path):
    pd.DataFrame({"id": [1], "text": ["a"]}).to_parquet(tmp_path / "a.parquet")
    pd.DataFrame({present: [1]}).to_parquet(tmp_path / "b.parquet")
    message = (
        r"b.parquet cannot be read from row 1 of the input on: it has no columns "
        rf"\['{missing}'\], which the first file has; all files need the same"
    )
    with pytest.raises(InputValueError, match=message):
        list(pipe.stream(tmp_path))
    with pytest.raises(InputValueError, match=message):
        pipe.to_parquet(tmp_path, tmp_path / "_out", keep=["id"])


def test_a_parquet_file_is_opened_in_the_middle(tmp_path):
    write_parquet(tmp_path / "a.parquet")  # row groups of 300
    for begin, rows in [(300, 2), (299, 2), (899, 3), (1_099, 5)]:
        chunk = open_source(tmp_path / "a.parquet").take(begin, rows)
        assert (
            chunk.index.tolist()
            == chunk["id"].tolist()
            == list(range(begin, min(begin + rows, 1_100)))
        )


def test_frames_without_rows_among_others_are_passed_over(pipe):
    frames = [FRAME.iloc[:0], FRAME.iloc[:1], FRAME.iloc[:0], FRAME.iloc[1:2]]
    assert_same_frames(pd.concat(pipe.stream(iter(frames))), pipe.predict(FRAME.iloc[:2]))
