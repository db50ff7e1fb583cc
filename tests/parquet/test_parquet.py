"""``Pipeline.to_parquet``: what is in the folder, and what it refuses."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

import nlu_lite as nlu
from nlu_lite.errors import (
    InputTypeError,
    InputValueError,
    OptionError,
    OutputError,
    UnknownOptionError,
)
from nlu_lite.parquet import join
from nlu_lite.parquet.layout import vector_type
from tests.helpers.equal import assert_equal
from tests.helpers.pipelines import pipeline_of

CHECKOUT = Path(__file__).resolve().parents[2]
COUNT = 50
TEXTS = [f"to be or not to be, number {n}. That is it" for n in range(COUNT)]
TEXTS[3], TEXTS[5], TEXTS[7] = "", None, "a word " * 100
FRAME = pd.DataFrame(
    {
        "id": [f"k{n}" for n in range(COUNT)],
        "text": TEXTS,
        "count": pd.array([None if n % 3 else 2**60 + n for n in range(COUNT)], dtype="Int64"),
        "day": pd.Timestamp("2024-02-29"),
        "tags": [["a", "b"][: n % 3] for n in range(COUNT)],
    }
).astype({"text": object})


@pytest.fixture(scope="module")
def pipe(family_pipe):
    return family_pipe("bert")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "dataset"


def parts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("part-*"))}


def report(folder: Path, name: str = "report.json") -> dict:
    return json.loads((folder / "_nlu_lite" / name).read_text())


def assert_holds(folder: Path, wanted: pd.DataFrame) -> None:
    """The dataset, read by pandas, is the frame."""
    found = pd.read_parquet(folder)
    assert found[wanted.index.name].tolist() == wanted.index.tolist()
    for name in wanted.columns:
        if name.endswith("_embeddings"):
            assert_equal(nlu.vectors(found, name), nlu.vectors(wanted, name))
        else:
            ours, theirs = (
                column.astype(object).where(column.notna(), None).tolist()
                for column in (found[name], wanted[name])
            )
            assert list(map(plain, ours)) == list(map(plain, theirs))


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


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
    found, wanted = pd.read_parquet(folder), pipe.predict(FRAME)
    assert pq.read_schema(folder / "part-000000.parquet").field(
        "tiny_embeddings"
    ).type == vector_type(pa.float16(), 32)
    assert_equal(nlu.vectors(found), nlu.vectors(wanted), tolerance=2**-11)


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
    found = pd.read_parquet(folder)
    assert found["id"].tolist() == FRAME["id"].tolist()
    assert found["origin_index"].tolist() == list(range(COUNT))


def test_a_level_of_an_index_may_be_of_a_type_of_pandas_with_nulls(pipe, folder):
    frame = FRAME.assign(flag=pd.array([True, None] * 25)).set_index(["id", "count"])
    pipe.to_parquet(frame, folder, "document")
    found = pd.read_parquet(folder)
    assert found["count"].dtype == "Int64"
    assert found["count"].dropna().tolist() == FRAME["count"].dropna().tolist()
    assert found["flag"].dtype == "boolean"


def test_lone_surrogates_are_written_as_what_the_model_saw(pipe, folder):
    pipe.to_parquet(["to \ud800be"], folder)
    assert pd.read_parquet(folder)["token"].tolist() == ["to", "\ufffdbe"]


def test_an_empty_input_is_an_empty_dataset(pipe, folder):
    pipe.to_parquet([], folder)
    found = pd.read_parquet(folder)
    assert len(found) == 0
    assert "tiny_embeddings" in found.columns


def test_parts_are_fixed_ranges_of_the_input_whatever_it_comes_from(pipe, tmp_path):
    FRAME[["id", "text"]].to_json(tmp_path / "input.jsonl", orient="records", lines=True)
    FRAME[["id", "text"]].to_parquet(tmp_path / "input.parquet")
    tables = []
    for name in ("input.jsonl", "input.parquet"):
        pipe.to_parquet(tmp_path / name, tmp_path / f"of-{name}", part_rows=20)
        table = pq.read_table(tmp_path / f"of-{name}" / "part-000001.parquet")
        assert table["origin_index"].unique().to_pylist() == list(range(20, 40))
        tables.append(table.replace_schema_metadata(None))
    assert tables[0].equals(tables[1])


def test_a_second_run_does_nothing_and_a_missing_part_is_made_again(pipe, folder):
    pipe.to_parquet(FRAME, folder, part_rows=20)
    before = parts(folder)
    assert pipe.to_parquet(FRAME, folder, part_rows=20)["run"]["parts"] == 0
    (folder / "part-000001.parquet").unlink()
    (folder / "part-000002.parquet").write_bytes(before["part-000002.parquet"][:100])
    again = pipe.to_parquet(FRAME, folder, part_rows=20)
    assert again["run"]["parts"] == 2
    assert again["texts"] == COUNT
    assert parts(folder) == before


def test_the_report_says_what_was_done(pipe, folder):
    returned = pipe.to_parquet(FRAME, folder, part_rows=20)
    written = report(folder)
    assert returned == written
    assert written["complete"]
    assert (written["parts"], written["texts"], written["failures"]) == (3, COUNT, 0)
    assert written["rows"] == len(pipe.predict(FRAME))
    assert written["run"]["pieces_per_second"] > 0
    assert written["computed_with"]["versions"]["pyarrow"] == pa.__version__


# What another job is, and what the message names.
OTHER_JOBS = {
    "options": ({"positions": False}, "rows.positions: true there, false here"),
    "level": ({"output_level": "document"}, 'rows.level: "token" there, "document" here'),
    "parts": ({"part_rows": 21}, "part_rows: 20 there, 21 here"),
    "vectors": ({"vectors": "float16"}, "rows.vectors"),
    "columns": ({"keep": ["id"]}, "columns.count"),
}


@pytest.mark.parametrize("name", OTHER_JOBS)
def test_another_job_into_the_same_folder_is_refused_with_the_difference(name, pipe, folder):
    pipe.to_parquet(FRAME, folder, part_rows=20)
    before = parts(folder)
    options, message = OTHER_JOBS[name]
    with pytest.raises(OutputError, match=message):
        pipe.to_parquet(FRAME, folder, **{"part_rows": 20, **options})
    assert parts(folder) == before


def test_another_pipeline_is_refused(pipe, folder, family_pipe, other):
    from tests.conftest import pipeline_at

    pipe.to_parquet(FRAME, folder)
    with pytest.raises(OutputError, match=r"pipeline.options.stride: null there, 3 here"):
        family_pipe("bert", stride=3).to_parquet(FRAME, folder)
    with pytest.raises(OutputError, match=r"pipeline.models\[0\].files.model.safetensors"):
        pipeline_at(other).to_parquet(FRAME, folder)


def test_functions_are_told_apart_by_what_they_do(family_pipe, folder):
    family_pipe("bert", words=lambda text: [(0, len(text))]).to_parquet(["to be"], folder)
    family_pipe("bert", words=lambda text: [(0, len(text))]).to_parquet(["to be"], folder)
    with pytest.raises(OutputError, match=r"pipeline.options.words"):
        family_pipe("bert", words=lambda text: [(0, 2)]).to_parquet(["to be"], folder)


def test_another_machine_is_refused(pipe, folder):
    pipe.to_parquet(FRAME, folder)
    path = folder / "_nlu_lite" / "manifest.json"
    facts = json.loads(path.read_text())
    facts["computed_with"]["versions"]["torch"] = "1.0"
    path.write_text(json.dumps(facts))
    with pytest.raises(OutputError, match=r'versions.torch: "1.0" there'):
        pipe.to_parquet(FRAME, folder)


def test_the_recorded_number_of_threads_is_used_again(pipe, folder):
    import torch

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        pipe.to_parquet(FRAME, folder, part_rows=20)
        whole = parts(folder)
        (folder / "part-000001.parquet").unlink()
        torch.set_num_threads(1)
        pipe.to_parquet(FRAME, folder, part_rows=20)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    assert parts(folder) == whole


def test_another_input_is_refused(pipe, folder, tmp_path):
    path = tmp_path / "input.txt"
    path.write_text("to be\nor not")
    pipe.to_parquet(path, folder)
    path.write_text("to be\nor not to be")
    with pytest.raises(OutputError, match=r"input.files: .*input.txt"):
        pipe.to_parquet(path, folder)


@pytest.mark.parametrize("kind", [list, iter], ids=["list", "iterator"])
def test_other_texts_of_the_same_kind_are_refused(kind, pipe, folder):
    pipe.to_parquet(kind(TEXTS), folder, part_rows=20)
    pipe.to_parquet(kind(TEXTS), folder, part_rows=20)
    with pytest.raises(OutputError, match="rows 20 to 39 have changed"):
        pipe.to_parquet(kind([*TEXTS[:30], "another", *TEXTS[31:]]), folder, part_rows=20)


def test_a_folder_of_something_else_is_refused(pipe, folder):
    folder.mkdir()
    (folder / "thesis.docx").touch()
    with pytest.raises(OutputError, match=r"thesis.docx and no manifest"):
        pipe.to_parquet(TEXTS, folder)


HOLD = """
import sys, time
from pathlib import Path
from nlu_lite.parquet.store import LocalStore, Shard
with LocalStore(Path(sys.argv[1])).lock(Shard(int(sys.argv[2]), int(sys.argv[3]))):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(folder: Path, number: int, count: int):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), str(number), str(count)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_of_two_processes_one_is_refused_until_the_other_is_dead(pipe, folder):
    pipe.to_parquet(FRAME.iloc[:20], folder, part_rows=20)
    before = parts(folder)
    process = holder(folder, 0, 1)
    try:
        with pytest.raises(OutputError, match="Another process writes into"):
            pipe.to_parquet(FRAME.iloc[:20], folder, part_rows=20)
        with pytest.raises(OutputError, match="Another process writes into"):
            pipe.to_parquet(FRAME.iloc[:20], folder, part_rows=20, shard=(0, 2))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert parts(folder) == before
    assert pipe.to_parquet(FRAME.iloc[:20], folder, part_rows=20)["complete"]


def test_shards_go_side_by_side_and_each_has_one_process(pipe, folder):
    process = holder(folder, 0, 2)
    try:
        assert pipe.to_parquet(FRAME, folder, part_rows=20, shard=(1, 2))["parts"] == 1
        with pytest.raises(OutputError, match="lock-0-of-2"):
            pipe.to_parquet(FRAME, folder, part_rows=20, shard=(0, 2))
        with pytest.raises(OutputError, match="Another process"):
            pipe.to_parquet(FRAME, folder, part_rows=20)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_shards_make_the_dataset_that_one_machine_makes(pipe, folder, tmp_path):
    pipe.to_parquet(FRAME, tmp_path / "whole", part_rows=8)
    for number in (2, 0, 1):
        pipe.to_parquet(FRAME, folder, part_rows=8, shard=(number, 3))
        assert report(folder, f"report-{number}-of-3.json")["complete"]
    assert parts(folder) == parts(tmp_path / "whole")
    assert pipe.to_parquet(FRAME, folder, part_rows=8)["run"]["parts"] == 0


def test_several_devices_make_the_dataset_that_one_makes(pipe, folder, tmp_path):
    pipe.to_parquet(FRAME, tmp_path / "whole", part_rows=8)
    done = pipe.to_parquet(FRAME, folder, part_rows=8, device=["cpu", "cpu"])
    assert done["texts"] == COUNT
    assert parts(folder) == parts(tmp_path / "whole")


def test_several_devices_compute_at_once(pipe, folder, monkeypatch):
    """Both parts are begun before one ends."""
    from nlu_lite.parquet.part import Parts

    both, write = threading.Barrier(2, timeout=60), Parts.write

    def together(*arguments):
        both.wait()
        return write(*arguments)

    monkeypatch.setattr(Parts, "write", together)
    assert pipe.to_parquet(FRAME, folder, part_rows=25, device=["cpu", "cpu"])["parts"] == 2


def test_a_fault_on_one_of_several_devices_is_raised(pipe, folder):
    with pytest.raises(InputTypeError, match="Item 21 is 7"):
        pipe.to_parquet([*TEXTS[:21], 7, *TEXTS], folder, part_rows=5, device=["cpu", "cpu"])
    assert not report(folder)["complete"]


def test_unchanged_rows_are_copied_and_the_rest_is_encoded(pipe, folder, tmp_path):
    pipe.to_parquet(FRAME, tmp_path / "monday", key="id", part_rows=20)
    changed = FRAME.copy()
    changed.loc[11, "text"] = "another text"
    changed["day"] = pd.Timestamp("2024-03-01")  # columns are the new ones
    changed.loc[12, "id"] = "another key"
    new = pd.concat([changed.iloc[30:], changed.iloc[:29]])  # another order, one gone
    new.loc[100] = FRAME.loc[0].to_dict() | {"id": "new", "text": "a new text"}
    done = pipe.to_parquet(new, folder, key="id", reuse=tmp_path / "monday", part_rows=15)
    assert done["copied"] == COUNT - 3
    assert done["texts"] == COUNT
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


BAD = ["to be", 7, "or not", b"to be"]


def test_a_bad_row_stops_the_job_and_finished_parts_are_kept(pipe, folder):
    with pytest.raises(InputTypeError, match="Item 41 is 7"):
        pipe.to_parquet([*TEXTS[:40], *BAD], folder, part_rows=20)
    assert sorted(parts(folder)) == ["part-000000.parquet", "part-000001.parquet"]
    written = report(folder)
    assert (written["complete"], written["texts"]) == (False, 40)
    assert "Item 41 is 7" in written["error"]


def test_bad_rows_become_null_and_are_counted_also_after_a_stop(pipe, folder):
    data = pd.DataFrame({"id": range(24), "text": [*TEXTS[:20], *BAD]}, dtype=object)
    with pytest.raises(InputTypeError):
        pipe.to_parquet(data, folder, "document", part_rows=10)
    done = pipe.to_parquet(data, folder, "document", part_rows=10, errors="null")
    assert (done["complete"], done["failures"], done["run"]["parts"]) == (True, 2, 1)
    assert [row for row, _ in done["first_failures"]] == [21, 23]
    assert "bytes" in done["first_failures"][1][1]
    found = pd.read_parquet(folder)
    assert found["document"].isna().tolist()[20:] == [False, True, False, True]
    assert found["text"].isna().tolist()[20:] == [False, True, False, True]
    assert found["id"].tolist() == list(range(24))


def test_a_line_that_is_no_json_becomes_null(pipe, folder, tmp_path):
    (tmp_path / "input.jsonl").write_text(
        '{"id": 1, "text": "to be"}\n{"id": 2, "te\n{"id": 3, "text": "or not"}\n'
    )
    done = pipe.to_parquet(tmp_path / "input.jsonl", folder, "document", errors="null")
    assert done["failures"] == 1
    assert pd.read_parquet(folder)["document"].isna().tolist() == [False, True, False]


def test_an_input_that_breaks_off_keeps_the_finished_parts(pipe, folder, tmp_path):
    import gzip

    path = tmp_path / "input.txt.gz"
    path.write_bytes(
        gzip.compress("\n".join(f"{n} {n * 7919}" for n in range(9_000)).encode())[:-5_000]
    )
    with pytest.raises(InputValueError, match=r"input.txt.gz cannot be read from row \d+"):
        pipe.to_parquet(path, folder, part_rows=100)
    assert len(parts(folder)) > 10


def test_a_column_that_changes_its_type_is_named(pipe, folder, tmp_path):
    lines = [{"text": "a", "n": 1}] * 1_500 + [{"text": "a", "n": "one"}]
    (tmp_path / "input.jsonl").write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(
        InputValueError, match=r"Rows 1000 to 1500: the column 'n' does not fit int64"
    ):
        pipe.to_parquet(tmp_path / "input.jsonl", folder, "document", part_rows=1_000)
    (tmp_path / "input.jsonl").write_text(
        "\n".join(map(json.dumps, [{"text": "a"}] * 1_500 + [{"text": "a", "late": 1}]))
    )
    with pytest.raises(InputValueError, match=r"columns \['late'\] come up in rows 1000"):
        pipe.to_parquet(tmp_path / "input.jsonl", folder / "2", "document", part_rows=1_000)


def test_a_full_disk_is_said_and_finished_parts_are_kept(pipe, folder):
    """The limit on the size of a file stands for the disk: the writer meets the same error in the
    same place."""
    data = [*TEXTS[:20], *(["to be or not to be " * 100] * 20)]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
        with pytest.raises(
            OutputError, match=r"part-000001.parquet cannot be written: .*goes on from there"
        ):
            pipe.to_parquet(data, folder, part_rows=20)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert sorted(parts(folder)) == ["part-000000.parquet"]
    assert not [path for path in (folder / "_nlu_lite" / "drafts").rglob("*") if path.is_file()]
    assert pipe.to_parquet(data, folder, part_rows=20)["run"]["parts"] == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(pipe, folder):
    folder.mkdir(mode=0o500)
    with pytest.raises(OutputError, match="cannot be made or written to"):
        pipe.to_parquet(TEXTS, folder)


def test_on_a_file_system_of_arrow(pipe, folder, tmp_path):
    """What serves s3:// serves this one; both know no lock."""
    pipe.to_parquet(FRAME, folder, part_rows=20)
    (tmp_path / "bucket").mkdir()
    system = fs.SubTreeFileSystem(str(tmp_path / "bucket"), fs.LocalFileSystem())
    done = pipe.to_parquet(FRAME, "there/dataset", part_rows=20, filesystem=system)
    assert done["parts"] == 3
    there = tmp_path / "bucket" / "there" / "dataset"
    assert parts(there) == parts(folder)
    (there / "part-000001.parquet").unlink()
    assert (
        pipe.to_parquet(FRAME, "there/dataset", part_rows=20, filesystem=system)["run"]["parts"]
        == 1
    )
    assert parts(there) == parts(folder)
    with pytest.raises(OutputError, match="part_rows: 20 there, 10 here"):
        pipe.to_parquet(FRAME, "there/dataset", part_rows=10, filesystem=system)


def test_on_a_file_system_in_memory(pipe):
    system = fs._MockFileSystem()
    pipe.to_parquet(FRAME, "dataset", key="id", part_rows=20, filesystem=system)
    done = pipe.to_parquet(
        FRAME, "again", key="id", reuse="dataset", part_rows=20, filesystem=system
    )
    assert done["copied"] == COUNT
    assert pq.read_table("again", filesystem=system).num_rows == done["rows"]


def test_an_address_of_this_machine_is_a_folder(pipe, folder):
    pipe.to_parquet(FRAME, f"file://{folder}", part_rows=20)
    assert len(parts(folder)) == 3
    assert (folder / "_nlu_lite" / "lock").exists()


def test_an_address_that_nobody_knows(pipe):
    with pytest.raises(OutputError, match="nowhere://here cannot be written to"):
        pipe.to_parquet(TEXTS, "nowhere://here")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"part_rows": 0}, "part_rows is 0"),
        ({"vectors": "float64"}, "vectors is 'float64'; valid are float32, float16"),
        ({"errors": "ignore"}, "errors is 'ignore'; valid are raise, null"),
        ({"shard": (2, 2)}, r"shard is \(2, 2\)"),
        ({"shard": 1}, "shard is 1"),
        ({"device": []}, "device is"),
        ({"output_level": "document", "aggregate": None}, "matrices"),
        ({"keep": ["nothing"]}, r"keep names \['nothing'\]"),
    ],
    ids=str,
)
def test_options_that_cannot_be(options, message, pipe, folder):
    with pytest.raises(OptionError, match=message):
        pipe.to_parquet(FRAME, folder, **options)
    assert parts(folder) == {}


def test_an_unknown_option_is_refused(pipe, folder):
    with pytest.raises(UnknownOptionError, match="part_rows"):
        pipe.to_parquet(TEXTS, folder, rows=3)


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


def test_devices_that_do_not_compute_alike_are_refused(pipe, folder, monkeypatch):
    """What the second device says of itself is made up: this machine has one kind only."""
    from nlu_lite import encoder

    real, said = encoder.describe_computation, iter(("a processor", "another"))
    monkeypatch.setattr(
        encoder, "describe_computation", lambda loaded: {**real(loaded), "processor": next(said)}
    )
    with pytest.raises(
        OptionError,
        match='must compute alike; cpu does not: processor: "a processor" there, "another" here',
    ):
        pipe.to_parquet(TEXTS, folder, device=["cpu", "cpu"])
    assert parts(folder) == {}


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


def test_options_of_several_values_and_objects_are_told_apart(family_pipe, folder):
    class Words:
        def __call__(self, text):
            return [(0, len(text))]

        def __repr__(self):
            return "Words()"

    family_pipe("bert", layers=[1, 2], words=Words()).to_parquet(["to be"], folder)
    assert (
        family_pipe("bert", layers=[1, 2], words=Words()).to_parquet(["to be"], folder)["run"][
            "parts"
        ]
        == 0
    )
    written = report(folder, "manifest.json")["pipeline"]["options"]
    assert (written["layers"], written["words"]) == ([1, 2], "Words()")
    with pytest.raises(OutputError, match=r"pipeline.options.layers\[1\]: 2 there, 3 here"):
        family_pipe("bert", layers=[1, 3], words=Words()).to_parquet(["to be"], folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"format": 9}', "has format 9, this version writes 1; name a new folder"),
        ("{", r"manifest.json cannot be read: JSONDecodeError.*Name a new folder"),
        ("{}", r"manifest.json cannot be read: KeyError\('format'\)"),
        ("[]", r"manifest.json cannot be read: TypeError"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_named(content, message, pipe, folder):
    pipe.to_parquet(TEXTS[:3], folder)
    (folder / "_nlu_lite" / "manifest.json").write_text(content)
    with pytest.raises(OutputError, match=message):
        pipe.to_parquet(TEXTS[:3], folder)


def test_a_part_of_another_job_is_refused(pipe, folder, tmp_path):
    pipe.to_parquet(TEXTS[:3], folder)
    pipe.to_parquet(TEXTS[:3], tmp_path / "other", positions=False)
    (folder / "part-000000.parquet").write_bytes(
        (tmp_path / "other" / "part-000000.parquet").read_bytes()
    )
    with pytest.raises(
        OutputError, match=r"part-000000.parquet is of another job; remove it, or name a new folder"
    ):
        pipe.to_parquet(TEXTS[:3], folder)


def test_a_full_disk_is_said_where_it_is_the_index_of_a_part_that_has_no_room(pipe, folder):
    pipe.to_parquet(TEXTS[:3], folder)
    before = parts(folder)
    index = folder / "_nlu_lite" / "index"
    shutil.rmtree(index)
    index.touch()  # a file where the folder should be
    (folder / "part-000000.parquet").unlink()
    with pytest.raises(OutputError, match=r"_nlu_lite/index/part-000000.parquet cannot be written"):
        pipe.to_parquet(TEXTS[:3], folder)
    assert parts(folder) == {}
    index.unlink()
    pipe.to_parquet(TEXTS[:3], folder)
    assert parts(folder) == before


def test_a_folder_that_is_a_file_is_refused(pipe, folder):
    folder.touch()
    with pytest.raises(OutputError, match="dataset cannot be made or written to"):
        pipe.to_parquet(TEXTS, folder)


@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda path: path.write_bytes(b"no parquet")], ids=["missing", "broken"]
)
def test_an_index_that_cannot_be_read_says_how_it_is_made_again(harm, pipe, folder, tmp_path):
    pipe.to_parquet(FRAME, tmp_path / "old", key="id", part_rows=20)
    harm(tmp_path / "old" / "_nlu_lite" / "index" / "part-000001.parquet")
    for reuse, place in ((tmp_path / "old", folder), (None, tmp_path / "old")):
        with pytest.raises(
            OutputError,
            match=r"index/part-000001.parquet cannot be read.* Remove .*old/part-000001.parquet",
        ):
            pipe.to_parquet(FRAME, place, key="id", reuse=reuse, part_rows=20)
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
