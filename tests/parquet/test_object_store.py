"""Datasets on an S3 server: many writers at once, kills, and what is left of them."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.helpers.datasets import FRAME, TEXTS, parts
from tests.helpers.object_store import PART_ROWS, running_store, write_together
from tests.helpers.store_jobs import PARTS, StoreJob, options_of, texts_of

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def object_store():
    with running_store() as store:
        yield store


def parts_of(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name.startswith("part-")}


def test_a_dataset_at_an_address_is_that_of_a_folder(object_store, pipe, folder):
    pipe.to_parquet(FRAME, folder, part_rows=PART_ROWS)
    pipe.to_parquet(FRAME, object_store.address("same"), part_rows=PART_ROWS)
    files = object_store.files("same")
    assert parts_of(files) == parts(folder)
    assert not [name for name in files if "drafts" in name]


@pytest.mark.slow
@pytest.mark.parametrize(
    "shards",
    [[(number, 5) for number in range(5)], [(0, 1), (0, 1)]],
    ids=["five shards", "two equal jobs"],
)
def test_many_writers_at_once_all_succeed_and_write_the_same(
    object_store, pipe, family_folder, folder, tmp_path, shards
):
    rounds = 20
    name = f"together-{len(shards)}"
    complaints = write_together(
        object_store, family_folder("bert"), shards, rounds, tmp_path / name
    )
    assert complaints == []
    pipe.to_parquet(FRAME, folder, part_rows=PART_ROWS)
    for this_round in range(rounds):
        files = object_store.files(f"{name}/{this_round}")
        assert parts_of(files) == parts(folder)
        assert not [name for name in files if "drafts" in name]


KILLED = """
import os, signal, sys
from pathlib import Path
from pyarrow import fs
from nlu_lite.parquet.store import Store, Shard
from tests.helpers.object_store import ObjectStore
store = Store(ObjectStore(int(sys.argv[1])).filesystem, "bucket/killed", "killed")
with store.lock(Shard(0, 1)), store.new_file("part-000000.parquet") as draft:
    draft.write_bytes(b"x" * 1000)
    print(draft.parent, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_on_this_machine_goes_with_the_next(
    object_store, pipe, tmp_path, monkeypatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    command = [sys.executable, "-c", KILLED, str(object_store.port)]
    completed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert completed.returncode == -signal.SIGKILL, completed.stderr
    left = Path(completed.stdout.strip())
    assert left.parent == tmp_path
    assert (left / "part-000000.parquet").exists()
    assert object_store.files("killed") == {}
    pipe.to_parquet(TEXTS[:3], object_store.address("killed"))
    assert list(tmp_path.iterdir()) == []


def test_drafts_of_a_writer_that_lives_are_left_alone(object_store, pipe, tmp_path, monkeypatch):
    from nlu_lite.common import draft_folder

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with draft_folder(tmp_path, "nlu_lite-drafts-") as living:
        pipe.to_parquet(TEXTS[:3], object_store.address("beside"))
        assert living.exists()
    assert not living.exists()


@pytest.mark.slow
def test_a_killed_job_is_resumed_while_requests_are_refused(
    object_store, pipe, family_folder, folder
):
    count = 80
    job = StoreJob(object_store, family_folder("bert"), count, "resumed")
    written = job.kill_after(3)
    assert 0 < written < PARTS
    refused = object_store.refuse(7)
    process = job.start()
    output = process.communicate()[0]
    assert process.returncode == 0, output
    assert object_store.refuse(0) > refused
    pipe.to_parquet(texts_of(count), folder, **options_of(count))
    assert parts_of(object_store.files("resumed")) == parts(folder)
