"""Where a dataset may lie, who may write into it, and what is left of a file without room."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from nlu_lite.errors import OutputError
from tests.helpers.datasets import COUNT, FRAME, TEXTS, parts

CHECKOUT = Path(__file__).resolve().parents[2]


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


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(pipe, folder):
    folder.mkdir(mode=0o500)
    with pytest.raises(OutputError, match="cannot be made or written to"):
        pipe.to_parquet(TEXTS, folder)


def test_a_folder_that_is_a_file_is_refused(pipe, folder):
    folder.touch()
    with pytest.raises(OutputError, match="dataset cannot be made or written to"):
        pipe.to_parquet(TEXTS, folder)


def test_on_a_file_system_of_arrow(pipe, folder, tmp_path):
    """What serves s3:// serves this one; both know no lock."""
    pipe.to_parquet(FRAME, folder, part_rows=20)
    (tmp_path / "bucket").mkdir()
    system = fs.SubTreeFileSystem(str(tmp_path / "bucket"), fs.LocalFileSystem())
    summary = pipe.to_parquet(FRAME, "there/dataset", part_rows=20, filesystem=system)
    assert summary["parts"] == 3
    dataset = tmp_path / "bucket" / "there" / "dataset"
    assert parts(dataset) == parts(folder)
    (dataset / "part-000001.parquet").unlink()
    assert (
        pipe.to_parquet(FRAME, "there/dataset", part_rows=20, filesystem=system)["run"]["parts"]
        == 1
    )
    assert parts(dataset) == parts(folder)
    with pytest.raises(OutputError, match="part_rows: 20 there, 10 here"):
        pipe.to_parquet(FRAME, "there/dataset", part_rows=10, filesystem=system)


def test_on_a_file_system_in_memory(pipe):
    system = fs._MockFileSystem()
    pipe.to_parquet(FRAME, "dataset", key="id", part_rows=20, filesystem=system)
    summary = pipe.to_parquet(
        FRAME, "again", key="id", reuse="dataset", part_rows=20, filesystem=system
    )
    assert summary["copied"] == COUNT
    assert pq.read_table("again", filesystem=system).num_rows == summary["rows"]


def test_an_address_of_this_machine_is_a_folder(pipe, folder):
    pipe.to_parquet(FRAME, f"file://{folder}", part_rows=20)
    assert len(parts(folder)) == 3
    assert (folder / "_nlu_lite" / "lock").exists()


def test_an_address_that_nobody_knows(pipe):
    with pytest.raises(OutputError, match="nowhere://here cannot be written to"):
        pipe.to_parquet(TEXTS, "nowhere://here")
