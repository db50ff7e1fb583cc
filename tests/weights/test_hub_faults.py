"""The hub of the tests fails as told, and what the real client makes of it (huggingface_hub 2.4).

The second half is more than a test of a test double: a loader is built on what is written there.
Where a newer client behaves otherwise, the test that fails names what changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from huggingface_hub import HfApi, constants, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    FileMetadataError,
    HfHubHTTPError,
    HTTPError,
    IncompleteSnapshotError,
    LocalEntryNotFoundError,
)
from huggingface_hub.utils import get_session

from tests.helpers.hub import Fault, HubServer, connected

REPO = "org/name"
WEIGHTS = bytes(range(256)) * 8


@pytest.fixture
def hub(tmp_path):
    with HubServer() as server, connected(server, tmp_path / "home", timeout=1):
        server.add(REPO, {"config.json": b"{}", "model.safetensors": WEIGHTS})
        yield server


@pytest.fixture
def small_chunks(monkeypatch):
    """The client keeps what it got in whole chunks only, of 10 MiB; this is the same with smaller
    files."""
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 256)


def answers(hub, method="GET"):
    return [(request.status, request.range) for request in hub.requests if request.method == method]


def blobs(tmp_path):
    """What lies in the cache, partial downloads too."""
    return list(tmp_path.glob("home/hub/*/blobs/*"))


def get(hub, name="config.json", method="GET"):
    return get_session().request(
        method, f"{hub.url}/{REPO}/resolve/main/{name}", timeout=1, follow_redirects=True
    )


# What a fault does


def test_a_fault_strikes_the_requests_it_is_meant_for(hub):
    hub.fault(Fault(path="config", method="GET", skip=1, times=2, status=418))
    assert get(hub, "model.safetensors").status_code == 200
    assert get(hub, method="HEAD").status_code == 200
    assert [get(hub).status_code for _ in range(5)] == [200, 418, 418, 200, 200]


def test_the_first_fault_that_strikes_is_the_only_one(hub):
    hub.fault(Fault(status=500, times=1))
    hub.fault(Fault(status=503, times=1))
    assert [get(hub).status_code for _ in range(3)] == [500, 503, 200]
    hub.fault(Fault(status=500))
    hub.clear_faults()
    assert get(hub).status_code == 200


def test_headers_are_added_replaced_and_taken_away(hub):
    hub.fault(
        Fault(headers={"Retry-After": "7", "Content-Type": "text/html", "X-Repo-Commit": None})
    )
    headers = get(hub).headers
    assert (headers["Retry-After"], headers["Content-Type"]) == ("7", "text/html")
    assert "X-Repo-Commit" not in headers


def test_an_altered_body_differs_in_one_bit(hub):
    hub.fault(Fault(alter=True))
    body = get(hub, "model.safetensors").content
    assert len(body) == len(WEIGHTS)
    assert sum((a ^ b).bit_count() for a, b in zip(body, WEIGHTS, strict=True)) == 1


def test_a_fault_of_the_body_is_not_used_up_by_a_request_without_one(hub):
    hub.fault(Fault(cut=1, times=1))
    assert get(hub, method="HEAD").status_code == 200
    with pytest.raises(HTTPError):
        get(hub)
    assert get(hub).content == b"{}"


def test_a_slow_body_comes_at_the_rate_and_does_not_time_out(hub):
    hub.fault(Fault(path="/cdn/", rate=1600))
    began = time.monotonic()
    assert (
        get(hub, "model.safetensors").content == WEIGHTS
    )  # longer in all than the timeout of one second
    assert 1.2 < time.monotonic() - began < 2.5


@pytest.mark.parametrize("stall", [0, 100])
def test_a_stalled_request_goes_on_when_released(hub, stall):
    hub.fault(Fault(path="/cdn/", stall=stall))
    with pytest.raises(HTTPError, match="timed out"):
        get(hub, "model.safetensors")
    threading.Timer(0.2, hub.release).start()
    assert get(hub, "model.safetensors").content == WEIGHTS


# What the client makes of it: trying again


def test_a_download_that_is_cut_goes_on_where_it_stopped(hub, naps, small_chunks):
    hub.fault(Fault(path="/cdn/", cut=1000, times=2))
    assert Path(hf_hub_download(REPO, "model.safetensors")).read_bytes() == WEIGHTS
    assert answers(hub) == [(200, None), (206, "bytes=768-"), (206, "bytes=1536-")]
    assert naps == [1, 1]


def test_a_download_that_is_cut_before_the_first_chunk_begins_anew(hub, naps):
    hub.fault(Fault(path="/cdn/", cut=1000, times=1))
    assert Path(hf_hub_download(REPO, "model.safetensors")).read_bytes() == WEIGHTS
    assert answers(hub) == [(200, None), (200, None)]


def test_a_range_that_the_server_ignores_does_no_harm(hub, naps, small_chunks):
    hub.fault(Fault(path="/cdn/", cut=1000, times=1))
    hub.fault(Fault(path="/cdn/", status=200, body=WEIGHTS, times=1))
    assert Path(hf_hub_download(REPO, "model.safetensors")).read_bytes() == WEIGHTS
    assert answers(hub) == [(200, None), (200, "bytes=768-")]


def test_a_download_that_is_always_cut_fails_after_six_attempts_and_leaves_nothing(
    hub, naps, tmp_path
):
    hub.fault(Fault(path="/cdn/", cut=1000))
    with pytest.raises(HTTPError) as caught:
        hf_hub_download(REPO, "model.safetensors")
    assert type(caught.value).__name__ == "RemoteProtocolError"
    assert not isinstance(caught.value, OSError)
    assert naps == [1] * 5
    assert blobs(tmp_path) == []


def test_a_download_that_stalls_goes_on_after_the_timeout(hub, naps):
    hub.fault(Fault(path="/cdn/", stall=1000, times=1))
    began = time.monotonic()
    assert Path(hf_hub_download(REPO, "model.safetensors")).read_bytes() == WEIGHTS
    assert 1 <= time.monotonic() - began < 3
    assert len(answers(hub)) == 2


def test_a_connection_that_is_reset_is_not_tried_again(hub, naps, tmp_path):
    hub.fault(Fault(path="/cdn/", cut=1000, reset=True, times=1))
    with pytest.raises(HTTPError) as caught:
        hf_hub_download(REPO, "model.safetensors")
    assert type(caught.value).__name__ == "ReadError"
    assert naps == blobs(tmp_path) == []


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_too_many_requests_are_tried_again_a_second_later_than_told(hub, naps, method):
    hub.fault(Fault(method=method, status=429, headers={"Retry-After": "3"}, times=2))
    assert Path(hf_hub_download(REPO, "config.json")).read_bytes() == b"{}"
    # The first HEAD is there to fall back on the cache at once: it is repeated without a wait.
    assert naps == ([4.0] if method == "HEAD" else [4.0, 4.0])


def test_a_500_before_the_download_is_tried_again_at_once(hub, naps):
    hub.fault(Fault(method="HEAD", status=500, times=1))
    assert Path(hf_hub_download(REPO, "config.json")).read_bytes() == b"{}"
    assert answers(hub, "HEAD") == [(500, None), (200, None)]
    assert naps == []


def test_a_500_in_the_download_is_not_tried_again(hub, naps):
    hub.fault(Fault(method="GET", status=500, times=1))
    with pytest.raises(HfHubHTTPError) as caught:
        hf_hub_download(REPO, "config.json")
    assert caught.value.response.status_code == 500
    assert naps == []


# What the client makes of it: the cache


def test_without_an_answer_a_file_that_is_not_cached_takes_23_seconds_to_fail(hub, naps):
    hub.stop()
    with pytest.raises(LocalEntryNotFoundError) as caught:
        hf_hub_download(REPO, "config.json")
    assert type(caught.value.__cause__).__name__ == "ConnectError"
    assert naps == [1, 2, 4, 8, 8]
    naps.clear()
    with pytest.raises(LocalEntryNotFoundError):
        snapshot_download(REPO)
    assert naps == []


@pytest.mark.parametrize(
    "fault",
    [Fault(status=503), Fault(status=403), Fault(stall=0), None],
    ids=["503", "403", "silent", "stopped"],
)
def test_without_an_answer_the_cached_file_is_returned_though_it_may_be_old(hub, naps, fault):
    old = hf_hub_download(REPO, "config.json")
    hub.add(REPO, {"config.json": b"new"})
    if fault is None:
        hub.stop()
    else:
        hub.fault(fault)
    assert hf_hub_download(REPO, "config.json") == old
    assert naps == []


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(
    "download", [lambda: hf_hub_download(REPO, "config.json"), lambda: snapshot_download(REPO)]
)
def test_a_connection_that_is_closed_without_an_answer_fails_though_the_file_is_cached(
    hub, reset, download
):
    download()
    hub.fault(Fault(cut=0, reset=reset))
    with pytest.raises(HTTPError) as caught:
        download()
    assert type(caught.value).__name__ == ("ReadError" if reset else "RemoteProtocolError")


def test_a_server_that_is_no_hub_is_told_from_one_that_is_away(hub):
    hub.fault(Fault(headers={"X-Repo-Commit": None}))
    with pytest.raises(
        LocalEntryNotFoundError, match="does not seem to be served by a Hugging Face Hub"
    ) as caught:
        hf_hub_download(REPO, "config.json")
    assert isinstance(caught.value.__cause__, FileMetadataError)


def test_a_snapshot_that_is_known_to_lack_files_is_not_returned_from_the_cache(hub):
    snapshot_download(REPO, allow_patterns="*.json")
    assert snapshot_download(REPO, allow_patterns="*.json", local_files_only=True)
    with pytest.raises(IncompleteSnapshotError):
        snapshot_download(REPO, local_files_only=True)


def test_a_snapshot_made_file_by_file_is_returned_from_the_cache_though_it_lacks_files(hub):
    path = hf_hub_download(REPO, "config.json")
    assert snapshot_download(REPO, local_files_only=True) == str(Path(path).parent)


# What the client does not notice


def test_wrong_bytes_of_the_right_length_are_not_noticed(hub):
    hub.fault(Fault(path="/cdn/", alter=True))
    path = Path(hf_hub_download(REPO, "model.safetensors"))
    assert path.read_bytes() != WEIGHTS
    hub.clear_faults()
    assert (
        Path(hf_hub_download(REPO, "model.safetensors")).read_bytes() != WEIGHTS
    )  # cached for good


@pytest.mark.parametrize("body", [WEIGHTS[:-1], WEIGHTS + b"!"])
def test_a_wrong_length_is_noticed_and_leaves_nothing(hub, tmp_path, body):
    hub.fault(Fault(path="/cdn/", body=body))
    with pytest.raises(OSError, match="Consistency check failed: file should be of size 2048"):
        hf_hub_download(REPO, "model.safetensors")
    assert blobs(tmp_path) == []


def test_a_wrong_etag_is_not_noticed_and_names_the_blob(hub, tmp_path):
    hub.fault(Fault(etag="wrong"))
    assert Path(hf_hub_download(REPO, "config.json")).read_bytes() == b"{}"
    assert [path.name for path in blobs(tmp_path)] == ["wrong"]


def test_a_snapshot_waits_for_ever_for_the_listing_whatever_the_timeouts(hub):
    hub.fault(Fault(path="/api/", stall=0, times=1))
    client = threading.Thread(target=snapshot_download, args=(REPO,), kwargs={"etag_timeout": 1})
    client.start()
    client.join(timeout=1.7)
    assert client.is_alive()
    hub.release()
    client.join(timeout=2)
    assert not client.is_alive()
    hub.fault(Fault(path="/api/", stall=0, times=1))
    with pytest.raises(HTTPError, match="timed out"):
        HfApi().model_info(REPO, timeout=0.2)


def test_local_files_only_asks_the_hub_about_agents_unless_telemetry_is_off(hub, tmp_path):
    script = (
        "from huggingface_hub import hf_hub_download\n"
        "hf_hub_download('org/name', 'config.json', local_files_only=True)"
    )
    paths = []
    for disabled in ("", "1"):
        environment = (
            os.environ
            | hub.env(tmp_path / "other", timeout=1)
            | {"HF_HUB_DISABLE_TELEMETRY": disabled}
        )
        run = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, check=False
        )
        assert b"LocalEntryNotFoundError" in run.stderr
        paths.append([request.path for request in hub.requests])
        hub.clear_requests()
    assert paths == [["/api/agent-harnesses"], []]
