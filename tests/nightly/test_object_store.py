"""A dataset on an S3 server: its writer killed again and again, five shards at once, requests
refused. Keys come from the environment alone."""

from __future__ import annotations

import pytest

from nlu_lite.errors import OutputError
from tests.conftest import pipeline_at
from tests.helpers.datasets import parts
from tests.helpers.object_store import KEY, SECRET, keys_environment, running_store
from tests.helpers.store_jobs import PARTS, StoreJob, options_of, texts_of
from tests.nightly.sizes import STORE_KILLS, STORE_ROUNDS, STORE_TEXTS

pytestmark = pytest.mark.nightly
SHARDS = 5
# Of the requests, every so-and-so-many-th is refused. What is refused is tried again.
REFUSED = 7


@pytest.fixture(scope="module")
def store():
    with running_store() as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(two_layers, tmp_path_factory):
    """The parts that a job in a folder of this machine writes."""
    folder = tmp_path_factory.mktemp("undisturbed") / "dataset"
    pipeline_at(two_layers).to_parquet(
        texts_of(STORE_TEXTS), folder, progress=False, **options_of(STORE_TEXTS)
    )
    return parts(folder)


def assert_whole(store, folder: str, undisturbed: dict[str, bytes]) -> None:
    """The dataset on the server has the bytes of the one in a folder, and nothing is left over."""
    files = store.files(folder)
    assert {name: file for name, file in files.items() if name in undisturbed} == undisturbed
    assert [name for name in files if name.startswith("part-") and name not in undisturbed] == []
    assert [name for name in files if "drafts" in name] == []
    for content in files.values():
        assert KEY.encode() not in content
        assert SECRET.encode() not in content


def run(*processes) -> list[str]:
    """What processes that failed said."""
    outputs = [process.communicate()[0] for process in processes]
    codes = [process.returncode for process in processes]
    return [output for output, code in zip(outputs, codes, strict=True) if code != 0]


def test_a_writer_killed_again_and_again_is_resumed_with_the_same_bytes(
    store, two_layers, undisturbed
):
    job = StoreJob(store, two_layers, STORE_TEXTS, "killed")
    written = 0
    step = max(1, PARTS // (STORE_KILLS + 1))
    for _ in range(STORE_KILLS):
        before, written = written, job.kill_after(written + step)
        assert before < written < PARTS
    kept = store.files("killed")
    assert run(job.start()) == []
    assert_whole(store, "killed", undisturbed)
    after = store.files("killed")
    names = [name for name in kept if name.startswith("part-")]
    assert {name: kept[name] for name in names} == {name: after[name] for name in names}


def test_five_shards_at_once_go_on_while_requests_are_refused(store, two_layers, undisturbed):
    refused = store.refuse(REFUSED)
    for this_round in range(STORE_ROUNDS):
        job = StoreJob(store, two_layers, STORE_TEXTS, f"shards/{this_round}")
        assert run(*(job.start(number, SHARDS) for number in range(SHARDS))) == []
    assert store.refuse(0) > refused
    for this_round in range(STORE_ROUNDS):
        assert_whole(store, f"shards/{this_round}", undisturbed)


def test_a_store_that_refuses_all_is_our_error_and_the_job_is_resumed_later(
    store, two_layers, undisturbed, monkeypatch
):
    for name, value in keys_environment().items():
        monkeypatch.setenv(name, value)
    job = StoreJob(store, two_layers, STORE_TEXTS, "refused")
    job.kill_after(PARTS // 2)
    pipe, address = pipeline_at(two_layers), store.address("refused", credentials="")
    arguments = {"progress": False, **options_of(STORE_TEXTS)}
    store.refuse(1)
    try:
        with pytest.raises(OutputError, match=r"cannot be (read|written)"):
            pipe.to_parquet(texts_of(STORE_TEXTS), address, **arguments)
    finally:
        store.refuse(0)
    report = pipe.to_parquet(texts_of(STORE_TEXTS), address, **arguments)
    assert report["complete"]
    assert 0 < report["run"]["parts"] <= PARTS // 2
    assert_whole(store, "refused", undisturbed)
