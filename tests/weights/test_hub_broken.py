"""What breaks on the way from the hub and in its cache: right vectors or our error, and the next
try works."""

from __future__ import annotations

import contextlib
import hashlib
import json
import resource
import signal
import threading
import time
from pathlib import Path

import pytest
from huggingface_hub import constants, hf_hub_download
from huggingface_hub.utils import close_session

import nlu_lite as nlu
from nlu_lite import registry
from nlu_lite.common import lock_file
from nlu_lite.errors import DownloadError, IntegrityError, ModelError, WeightsNotFoundError
from nlu_lite.weights import hub as hub_module
from nlu_lite.weights import sources as weights
from nlu_lite.weights import transfer
from tests.helpers.hub import Fault
from tests.helpers.hub.models import (
    LOCATE,
    REFERENCE,
    REPO,
    assert_loads,
    assert_refused,
    entry_text,
    files_of,
    start,
    unsound,
)

SHORT = 0.3


@pytest.fixture
def short_timeouts(monkeypatch):
    monkeypatch.setattr(hub_module, "LIST_TIMEOUT", SHORT)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", SHORT)


def assert_next_try_works(hub, folder):
    hub.clear_faults()
    hub.release()
    assert_loads(folder)


def ranges(hub):
    return [request.range for request in hub.requests if "/cdn/" in request.path]


# The connection


def test_a_server_that_refuses_connections_is_named_at_once(served, tiny, naps):
    served.stop()
    assert_refused(
        DownloadError,
        served.url,
        REPO,
        "Connection refused",
        "Is the network up?",
        "HTTPS_PROXY",
        "path=",
    )
    assert naps == []
    served.start()
    assert_loads(tiny)


@pytest.mark.parametrize(
    ("variable", "value", "part"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1", "socksio"),
        ("ALL_PROXY", "nonsense://127.0.0.1:1", "nonsense"),
        ("SSL_CERT_FILE", "/no/such/file", "No such file"),
    ],
)
def test_a_proxy_or_certificate_that_cannot_be_used_is_our_error(
    served, tiny, variable, value, part
):
    close_session()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("all_proxy")
        patch.setenv(variable, value)
        assert_refused(
            DownloadError, served.url, part, "Check HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE"
        )
    assert_loads(tiny)


def test_a_download_that_is_cut_goes_on_where_it_stopped(served, tiny, naps):
    served.fault(Fault(path="/cdn/", cut=70_000, times=2))
    assert_loads(tiny)
    assert ranges(served) == [None, "bytes=70000-", "bytes=140000-"]
    # The count begins anew with every step forward, and so do the waits.
    assert naps == [1.0, 1.0]


def test_a_download_that_is_cut_where_the_server_cannot_go_on_begins_anew(served, tiny, naps):
    content = (tiny / "model.safetensors").read_bytes()
    served.fault(Fault(path="/cdn/", cut=70_000, times=1))
    served.fault(Fault(path="/cdn/", status=200, body=content, times=1))
    assert_loads(tiny)
    assert ranges(served) == [None, "bytes=70000-"]


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("path", ["/api/", "/tokenizer.json", "/cdn/"])
@pytest.mark.parametrize("cut", [0, 100])
def test_a_connection_that_always_breaks_ends_in_an_error(served, tiny, naps, path, cut, reset):
    served.fault(Fault(path=path, cut=cut, reset=reset))
    assert_refused(DownloadError, served.url, REPO, "Is the network up?")
    assert naps == [1.0, 2.0]
    assert_next_try_works(served, tiny)


@pytest.mark.parametrize("path", ["/api/", "/tokenizer.json", "/cdn/"])
@pytest.mark.parametrize("stall", [0, 100])
def test_a_server_that_falls_silent_ends_in_an_error_within_the_time_outs(
    served, tiny, naps, short_timeouts, path, stall
):
    served.fault(Fault(path=path, stall=stall))
    began = time.monotonic()
    assert_refused(DownloadError, served.url, "timed out", "Is the network up?")
    assert time.monotonic() - began < 3 * SHORT + 3
    assert_next_try_works(served, tiny)


def test_a_server_that_falls_silent_once_does_no_harm(served, tiny, naps, short_timeouts):
    served.fault(Fault(path="/api/", stall=0, times=1))
    served.fault(Fault(path="/cdn/", stall=1000, times=1))
    assert_loads(tiny)
    assert ranges(served) == [None, "bytes=1000-"]


def test_a_slow_server_may_take_longer_than_a_time_out(served, tiny, short_timeouts):
    served.fault(Fault(path="/cdn/", rate=300_000))
    began = time.monotonic()
    assert_loads(tiny)
    assert time.monotonic() - began > 2 * SHORT


def test_a_server_that_drips_ends_in_an_error_though_no_time_out_is_met(
    served, tiny, monkeypatch, short_timeouts
):
    monkeypatch.setattr(transfer, "PATIENCE", 0.4)
    monkeypatch.setattr(transfer, "LEAST_RATE", 100_000)
    served.fault(Fault(path="/cdn/", rate=50_000))
    assert_refused(
        DownloadError,
        served.url,
        "model.safetensors",
        "too slowly",
        "Try again later",
        "HF_ENDPOINT",
    )
    assert_next_try_works(served, tiny)


def test_a_server_that_is_fast_enough_is_waited_for_however_long_it_takes(
    served, tiny, monkeypatch
):
    monkeypatch.setattr(transfer, "PATIENCE", 0.02)
    monkeypatch.setattr(transfer, "LEAST_RATE", 1_000)
    served.fault(Fault(path="/cdn/", rate=500_000))
    assert_loads(tiny)


# What comes is not what was announced


@pytest.mark.parametrize("name", ["/config.json", "/tokenizer.json", "/cdn/"])
def test_wrong_bytes_are_thrown_away(served, tiny, name):
    served.fault(Fault(path=name, alter=True))
    assert_refused(IntegrityError, "came damaged", "the hub announced", "thrown away; try again")
    assert_refused(WeightsNotFoundError, "lacks", offline=True)
    assert_next_try_works(served, tiny)


@pytest.mark.parametrize(
    "change", [lambda content: content[:-1], lambda content: content + b"!" * 100_000]
)
def test_a_wrong_length_is_thrown_away(served, tiny, change):
    served.fault(Fault(path="/cdn/", body=change((tiny / "model.safetensors").read_bytes())))
    assert_refused(IntegrityError, "came damaged")
    assert_next_try_works(served, tiny)


def test_the_entrys_sha256_is_the_last_word(served, own_registry, tiny, other):
    digest = hashlib.sha256((tiny / "model.safetensors").read_bytes()).hexdigest()
    own_registry(entry_text(source={"sha256": {"model.safetensors": digest}}))
    served.add(REPO, files_of(other))
    for _ in range(2):
        assert_refused(IntegrityError, "model.safetensors", "the registry names", digest)
    # It is a sound file of the hub all the same, and may be in use by others: it is neither removed
    # nor fetched again.
    assert len(ranges(served)) == 1
    served.clear_requests()
    assert_refused(IntegrityError, digest, offline=True)
    assert served.requests == []
    served.add(REPO, files_of(tiny))
    assert_loads(tiny)


def test_a_file_that_was_damaged_in_the_cache_is_fetched_anew_where_the_entry_has_its_sha256(
    served, own_registry, tiny
):
    digest = hashlib.sha256((tiny / "model.safetensors").read_bytes()).hexdigest()
    own_registry(entry_text(source={"sha256": {"model.safetensors": digest}}))
    assert_loads(tiny)
    damage(digest)
    assert_loads(tiny)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_file_that_was_damaged_in_the_cache_is_fetched_anew_by_an_update(served, tiny, name):
    assert_loads(tiny)
    damage(name)
    nlu.clear_cache()
    assert_refused(ModelError, name.partition(".")[0], "--update")
    weights.update(registry.current().find(REFERENCE))
    assert_loads(tiny)


def damage(name):
    """Cut off the end of a file in the cache, named by its own name or by its content's."""
    paths = [path for path in Path(constants.HF_HUB_CACHE).rglob(name) if path.is_file()]
    assert paths
    content = paths[0].resolve()
    content.write_bytes(content.read_bytes()[:-20])


@pytest.mark.parametrize("moved", [False, True])
def test_wrong_bytes_that_another_program_left_are_not_taken_over(served, tiny, moved):
    served.fault(Fault(path="/cdn/", alter=True))
    hf_hub_download(REPO, "model.safetensors")
    if moved:  # then only the content is here, under its name
        served.add(REPO, files_of(tiny, README_dot_md="changed"))
    assert_next_try_works(served, tiny)


@pytest.mark.parametrize("etag", ["../../../escaped", "/tmp/hubtests-escaped", "x" * 300])
def test_an_etag_names_nothing_in_the_cache(served, tiny, tmp_path, etag):
    served.fault(Fault(etag=etag))
    assert_loads(tiny)
    assert not list(tmp_path.rglob("*escaped*"))


def test_file_names_that_lead_out_of_the_folder_are_not_fetched(served, tiny, tmp_path):
    names = (
        "../../../escaped.safetensors",
        "/escaped.json",
        "1_Pooling/../../escaped/config.json",
        "..\\escaped.json",
    )
    served.add(REPO, {**files_of(tiny), **dict.fromkeys(names, b"{}")})
    assert_loads(tiny)
    assert not list(tmp_path.rglob("*escaped*"))
    assert not [request for request in served.requests if "escaped" in request.path]


def test_a_revision_that_leads_out_of_the_cache_is_refused(served, tiny, tmp_path):
    served.add(REPO, files_of(tiny), revision="../../../escaped")
    assert_refused(
        WeightsNotFoundError,
        "cannot be a revision",
        "Leave revision= out",
        revision="../../../escaped",
    )
    assert served.requests == []
    served.add(REPO, files_of(tiny), revision="refs/pr/1")
    assert_loads(tiny, revision="refs/pr/1")
    served.clear_requests()
    assert_loads(tiny, revision="refs/pr/1")
    assert served.requests == []


def test_a_mirror_that_announces_no_digests_serves_all_the_same(served, tiny):
    commit = served.add(REPO, files_of(tiny))
    info = {"id": REPO, "sha": commit, "siblings": [{"rfilename": name} for name in files_of(tiny)]}
    served.fault(Fault(path="/api/", body=json.dumps(info).encode()))
    assert_loads(tiny)
    served.clear_requests()
    assert_loads(tiny)
    assert served.requests == []


@pytest.mark.parametrize("digest", ["../../../escaped", "/tmp/hubtests-escaped"])
def test_a_digest_that_leads_out_of_the_cache_is_refused(served, tiny, tmp_path, digest):
    info = {
        "id": REPO,
        "sha": "0" * 40,
        "siblings": [{"rfilename": "config.json", "size": 2, "blobId": digest}],
    }
    served.fault(Fault(path="/api/", body=json.dumps(info).encode()))
    assert_refused(DownloadError, "not what a hub answers", "HF_ENDPOINT")
    assert not list(tmp_path.rglob("*escaped*"))
    assert_next_try_works(served, tiny)


# Several at once, and the disk


@pytest.mark.parametrize("locked", [True, False])
def test_two_threads_at_once_both_succeed(served, tiny, locked, monkeypatch):
    if not locked:  # a file system that does not know locks
        monkeypatch.setattr("huggingface_hub.utils.WeakFileLock", contextlib.nullcontext)
    served.fault(Fault(path="/cdn/", rate=500_000))
    known_entries = registry.current()
    entry = known_entries.find(REFERENCE)
    folders = []
    threads = [
        threading.Thread(target=lambda: folders.append(weights.locate(entry, known_entries)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert len(folders) == 2
    assert folders[0] == folders[1]
    assert len(ranges(served)) == (1 if locked else 2)
    assert_loads(tiny)


def test_two_processes_at_once_both_succeed_and_one_fetches(served, tiny, tmp_path):
    served.fault(Fault(path="/cdn/", stall=1000))
    variables = {"NLU_LITE_REGISTRY": str(tmp_path / "own_registry.yaml")}
    children = [
        start(LOCATE, served.env(tmp_path / "home", timeout=30), variables) for _ in range(2)
    ]
    try:
        wait_for(
            lambda: (
                sum("/api/" in request.path for request in served.requests) == 2 and ranges(served)
            )
        )
        served.clear_faults()
        served.release()
        answers = [child.communicate(timeout=30) for child in children]
    finally:
        for child in children:
            child.kill()
    assert [complaints for _, complaints in answers] == ["", ""]
    assert answers[0] == answers[1]
    assert len(ranges(served)) == 1
    served.clear_requests()
    assert_loads(tiny)
    assert served.requests == []


def wait_for(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def wait_until_it_waits(child):
    """Return once the child sleeps; on a busy machine that can take a while. An interrupt before
    may hit anything."""
    stat, asleep = Path(f"/proc/{child.pid}/stat"), 0
    if not stat.exists():
        time.sleep(2)
        return
    while asleep < 10:
        time.sleep(0.05)
        state = stat.read_text().rpartition(")")[2].split()[0]
        asleep = asleep + 1 if state == "S" else 0


# A process whose parent ignores interrupts, as one in the background of a script, ignores them too.
HEED_INTERRUPTS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def test_an_interrupt_in_the_middle_ends_the_process_and_leaves_no_trace(served, tiny, tmp_path):
    served.fault(Fault(path="/cdn/", stall=1000))
    variables = {"NLU_LITE_REGISTRY": str(tmp_path / "own_registry.yaml")}
    child = start(HEED_INTERRUPTS + LOCATE, served.env(tmp_path / "home", timeout=30), variables)
    try:
        wait_for(lambda: ranges(served))
        assert list(tmp_path.rglob("*.incomplete"))
        wait_until_it_waits(
            child
        )  # the server has the request; the child may not wait for its answer yet
        child.send_signal(signal.SIGINT)
        _, complaints = child.communicate(
            timeout=25
        )  # well below the stall, and below the time-out of 30 s
    finally:
        child.kill()
    assert "KeyboardInterrupt" in complaints
    assert child.returncode == -signal.SIGINT
    assert unsound(tmp_path / "home" / "hub") == []
    assert_next_try_works(served, tiny)


def test_the_next_process_goes_on_where_a_killed_one_stopped(served, tiny, tmp_path):
    served.fault(Fault(path="/cdn/", stall=100_000))
    variables = {"NLU_LITE_REGISTRY": str(tmp_path / "own_registry.yaml")}
    child = start(LOCATE, served.env(tmp_path / "home", timeout=30), variables)
    try:
        wait_for(lambda: any(path.stat().st_size for path in tmp_path.rglob("*.incomplete")))
    finally:
        child.kill()
        child.communicate(timeout=20)
    (left,) = tmp_path.rglob("*.incomplete")
    begin = left.stat().st_size
    served.clear_requests()
    assert_next_try_works(served, tiny)
    assert ranges(served) == [f"bytes={begin}-"]
    assert not list(tmp_path.rglob("*.incomplete"))


def partial_of(tmp_path, tiny, content):
    """What a killed download left of the weights, or of a content that nobody wants any more."""
    digest = hashlib.sha256((tiny / "model.safetensors").read_bytes()).hexdigest()
    contents = tmp_path / "home" / "hub" / f"models--{REPO.replace('/', '--')}" / "blobs"
    contents.mkdir(parents=True, exist_ok=True)
    (contents.parents[1] / ".locks" / contents.parent.name).mkdir(parents=True, exist_ok=True)
    path = contents / f"{digest}.0123abcd.incomplete"
    path.write_bytes(content)
    return path


def test_what_a_killed_download_left_damaged_is_fetched_anew(served, tiny, tmp_path):
    partial_of(tmp_path, tiny, b"\0" * 1000)
    assert_loads(tiny)
    assert ranges(served) == ["bytes=1000-", None]
    assert not list(tmp_path.rglob("*.incomplete"))


def test_what_is_longer_than_the_file_is_fetched_anew(served, tiny, tmp_path):
    size = (tiny / "model.safetensors").stat().st_size
    partial_of(tmp_path, tiny, b"\0" * (size + 1))
    assert_loads(tiny)
    assert ranges(served) == [None]
    assert not list(tmp_path.rglob("*.incomplete"))


def test_what_a_killed_download_left_of_an_earlier_commit_is_removed(served, tiny, tmp_path):
    left = partial_of(tmp_path, tiny, b"old")
    other_left = left.with_name(f"{'0' * 64}.0123abcd.incomplete")
    left.rename(other_left)
    assert_loads(tiny)
    assert not other_left.exists()


def test_what_another_process_is_fetching_is_left_alone(served, tiny, tmp_path):
    left = partial_of(tmp_path, tiny, b"half")
    in_use = left.rename(left.with_name(f"{'0' * 64}.0123abcd.incomplete"))
    with (left.parents[2] / ".locks" / left.parents[1].name / f"{'0' * 64}.lock").open(
        "wb"
    ) as lock:
        lock_file(lock)
        assert_loads(tiny)
    assert in_use.read_bytes() == b"half"
    in_use.unlink()


def test_a_full_disk_is_our_error(served, tiny):
    with no_file_longer_than(100_000):
        assert_refused(
            DownloadError,
            REPO,
            constants.HF_HUB_CACHE,
            "File too large",
            "Free space",
            "HF_HUB_CACHE",
        )
    assert_next_try_works(served, tiny)


@contextlib.contextmanager
def no_file_longer_than(size):
    """What a full disk does, and as real: a write fails in the middle of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_cache_that_cannot_be_written_is_our_error(served, tiny, tmp_path):
    # A file in its place; permissions would not keep root out.
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "hub").touch()
    assert_refused(DownloadError, "cannot be written", constants.HF_HUB_CACHE, "HF_HUB_CACHE")
    assert len(served.requests) == 1
    (tmp_path / "home" / "hub").unlink()
    assert_loads(tiny)


def test_a_load_from_the_cache_writes_nothing(served, tiny, tmp_path):
    def state():
        return {path: path.lstat().st_mtime_ns for path in tmp_path.rglob("*")}

    assert_loads(tiny)
    before = state()
    assert_loads(tiny)
    assert state() == before


def test_a_revision_that_cannot_be_written_down_is_asked_for_again(served, tiny, tmp_path):
    (tmp_path / "home" / "hub" / "models--org--tiny").mkdir(parents=True)
    (tmp_path / "home" / "hub" / "models--org--tiny" / "refs").touch()
    assert_loads(tiny)
    served.clear_requests()
    assert_loads(tiny)
    assert len(served.requests) == 1


def test_a_download_that_breaks_after_its_last_byte_is_not_asked_for_again(served, tiny, naps):
    whole = (tiny / "model.safetensors").stat().st_size
    served.fault(
        Fault(path="/cdn/", cut=whole, headers={"Content-Length": str(whole + 1)}, times=1)
    )
    assert_loads(tiny)
    assert ranges(served) == [None]
