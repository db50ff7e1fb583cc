"""A model of the hub by a reference: fetched once, kept, used without a request, and refused with
cause and cure."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import socket
import struct
import termios
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import constants

from nlu_lite import registry
from nlu_lite.errors import DownloadError, WeightsNotFoundError
from nlu_lite.weights import sources as weights
from tests.helpers.equal import assert_equal
from tests.helpers.hub import Fault
from tests.helpers.hub.models import (
    LOCATE,
    REFERENCE,
    REPO,
    TEXT,
    assert_loads,
    assert_refused,
    entry_text,
    files_of,
    right_vectors,
    start,
)


def paths(hub):
    return [request.path for request in hub.requests]


def own_variable(tmp_path):
    return {"NLU_LITE_REGISTRY": str(tmp_path / "own_registry.yaml")}


# Fetched once


def test_the_first_load_fetches_and_the_second_asks_nothing(served, tiny, monkeypatch):
    assert_loads(tiny)
    assert served.requests
    served.clear_requests()
    # As a user has it: the client asks the hub about agents when it makes headers, unless telemetry
    # is off.
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    assert_loads(tiny)
    assert_loads(tiny, offline=True)
    assert served.requests == []


def test_a_hub_id_is_fetched_by_itself(served, tiny):
    assert_loads(tiny, request=REPO, task="embed")
    served.clear_requests()
    assert_loads(tiny, request=REPO, task="embed", revision="main")
    assert served.requests == []


@pytest.mark.slow
def test_a_new_process_loads_from_the_cache_without_opening_a_connection(served, tiny, tmp_path):
    assert_loads(tiny)
    served.clear_requests()
    script = f"""
import sys
opened = []
CONNECTIONS = ("socket.connect", "socket.getaddrinfo")
sys.addaudithook(lambda event, args: opened.append(event) if event in CONNECTIONS else None)
import nlu_lite as nlu
from nlu_lite import registry
for offline in (None, True):
    vectors = nlu.vectors(nlu.load("{REFERENCE}", offline=offline).predict({TEXT!r}))
vectors.tofile({str(tmp_path / "vectors")!r})
assert not opened, opened
"""
    telemetry = {"HF_HUB_DISABLE_TELEMETRY": "", "HF_HUB_DISABLE_UPDATE_CHECK": ""}
    _, complaints = start(
        script, served.env(tmp_path / "home"), telemetry, own_variable(tmp_path)
    ).communicate(timeout=60)
    assert complaints == ""
    assert served.requests == []
    expected = right_vectors(tiny)
    assert_equal(
        np.fromfile(tmp_path / "vectors", dtype=np.float32).reshape(expected.shape), expected
    )


def test_a_terminal_sees_a_bar_and_a_pipe_does_not(served, tmp_path):
    child = start(LOCATE, served.env(tmp_path / "first"), own_variable(tmp_path))
    folder, complaints = child.communicate(timeout=30)
    assert Path(folder.strip()).is_dir()
    assert complaints == ""
    reading_end, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    child = start(LOCATE, served.env(tmp_path / "home"), own_variable(tmp_path), stderr=terminal)
    os.close(terminal)
    printed = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while part := os.read(reading_end, 4096):
            printed += part
    os.close(reading_end)
    child.communicate(timeout=30)
    assert child.returncode == 0
    assert f"{REPO}: 100%".encode() in printed


def test_only_what_is_needed_is_fetched(served, tiny, other):
    useless = (
        "tf_model.h5",
        "flax_model.msgpack",
        "onnx/model.onnx",
        "pytorch_model.bin",
        "README.md",
        "vocab.txt",
    )
    served.add(
        REPO,
        files_of(tiny) | dict.fromkeys(useless, b"not needed") | {"tokenizer_config.json": "{}"},
    )
    assert_loads(tiny)
    fetched = [path.rpartition("/")[2] for path in paths(served) if "/resolve/" in path]
    assert sorted(set(fetched)) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    assert len(fetched) == 4
    # The list, four files, and what the large one is redirected to.
    assert len(served.requests) == 6


# Without a network


@pytest.fixture
def no_connections(monkeypatch):
    """What would open a connection fails, and is written down."""
    tried = []

    def refuse(*arguments, **_options):
        tried.append(arguments)
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield
    assert tried == []


@pytest.fixture(params=["offline=True", "HF_HUB_OFFLINE"])
def offline(request, monkeypatch, no_connections):
    """The options of a load that may not open a connection."""
    if request.param == "offline=True":
        return {"offline": True}
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return {}


def test_offline_with_an_empty_cache_names_the_cure(served, offline):
    assert_refused(
        WeightsNotFoundError,
        f"hub {REPO} at 'main': the cache on this machine lacks everything",
        f"`nlu-lite download {REFERENCE}`",
        "path=",
        "References that work now: ",
        **offline,
    )
    assert served.requests == []


def test_offline_with_a_part_of_the_files_says_what_is_lacking(served, tiny, monkeypatch, naps):
    served.fault(Fault(path="/cdn/", cut=0))
    assert_refused(DownloadError)
    served.clear_requests()
    assert_refused(WeightsNotFoundError, "the cache on this machine lacks", offline=True)
    assert served.requests == []
    served.clear_faults()
    assert_loads(tiny)


def test_offline_with_files_that_another_program_left_says_what_is_lacking(served, tiny):
    from huggingface_hub import hf_hub_download

    hf_hub_download(REPO, "config.json")
    served.clear_requests()
    assert_refused(
        WeightsNotFoundError,
        "lacks a tokenizer (tokenizer.json or vocab.txt), weights (model.safetensors",
        offline=True,
    )
    assert served.requests == []
    assert_loads(tiny)


def test_the_environment_of_a_process_forbids_connections(served, tmp_path):
    child = start(
        LOCATE, served.env(tmp_path / "home"), own_variable(tmp_path), {"HF_HUB_OFFLINE": "1"}
    )
    _, complaints = child.communicate(timeout=30)
    assert "WeightsNotFoundError" in complaints
    assert "(offline=True or HF_HUB_OFFLINE)" in complaints
    assert served.requests == []


def test_an_update_without_a_network_says_what_forbids_it(
    served, tiny, monkeypatch, no_connections
):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        DownloadError, match=r"HF_HUB_OFFLINE forbids to ask .* for org/tiny .* unset it"
    ):
        weights.update(registry.current().find(REFERENCE))


@pytest.mark.parametrize("fetch", ["us", "the client"])
def test_offline_with_a_full_cache_loads(hub, own_registry, tiny, fetch, request):
    hub.add(REPO, files_of(tiny))
    own_registry(entry_text())
    if fetch == "us":
        assert_loads(tiny)
    else:
        from huggingface_hub import snapshot_download

        snapshot_download(REPO)
    hub.clear_requests()
    request.getfixturevalue("no_connections")
    assert_loads(tiny, offline=True)
    assert hub.requests == []


def test_the_client_finds_what_we_fetched(served, tiny):
    from huggingface_hub import snapshot_download

    assert_loads(tiny)
    served.clear_requests()
    folder = Path(snapshot_download(REPO, local_files_only=True))
    assert (folder / "model.safetensors").read_bytes() == (tiny / "model.safetensors").read_bytes()
    assert snapshot_download(REPO) == str(folder)
    assert [
        request
        for request in served.requests
        if request.method == "GET" and "/resolve/" in request.path
    ] == []


# The hub refuses


def test_a_private_repository_asks_for_a_token_and_gets_it(served, tiny, monkeypatch):
    served.add(REPO, files_of(tiny), token="secret")
    assert_refused(
        DownloadError,
        served.url,
        REPO,
        "it does not exist, or it is private",
        "`hf auth login`",
        "HF_TOKEN",
    )
    monkeypatch.setenv("HF_TOKEN", "wrong")
    assert_refused(DownloadError, "private")
    monkeypatch.setenv("HF_TOKEN", "secret")
    served.clear_requests()
    assert_loads(tiny)
    # The token goes to the hub and never to where the hub sends us on to.
    assert {
        (request.authorization, request.path.startswith("/cdn/")) for request in served.requests
    } == {
        ("Bearer secret", False),
        (None, True),
    }


def test_a_gated_repository_asks_to_accept_its_terms(served, tiny, monkeypatch):
    served.add(REPO, files_of(tiny), token="secret", gated=True)
    for token in ("", "of another"):  # answered 401 and 403
        monkeypatch.setenv("HF_TOKEN", token)
        assert_refused(DownloadError, REPO, "accepted its terms", "`hf auth login`", "HF_TOKEN")
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert_loads(tiny)


@pytest.mark.parametrize("token", ["", "mine"])
def test_a_repository_that_does_not_exist_is_named(served, tiny, token, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", token)  # answered 401 and 404
    served.forget(REPO)
    assert_refused(DownloadError, served.url, REPO, "it does not exist", "Check the name")
    served.add(REPO, files_of(tiny))
    assert_loads(tiny)


def test_a_hub_id_that_cannot_be_one_is_said_to_be_so(served):
    assert_refused(
        WeightsNotFoundError, "org/na--me", "not a valid name", request="org/na--me", task="embed"
    )
    assert served.requests == []


def test_a_revision_that_does_not_exist_is_named(served, tiny):
    assert_refused(
        WeightsNotFoundError, "no such revision", "'v9'", "Leave revision= out", revision="v9"
    )
    assert_loads(tiny)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_file_that_is_listed_and_not_there_is_named(served, tiny, name):
    served.fault(
        Fault(
            path=f"/resolve/{served.add(REPO, files_of(tiny))}/{name}",
            status=404,
            headers={"X-Error-Code": "EntryNotFound"},
        )
    )
    assert_refused(WeightsNotFoundError, served.url, f"{name} of {REPO}")
    served.clear_faults()
    assert_loads(tiny)


def test_a_repository_without_weights_says_what_it_has(served, tiny):
    served.add(REPO, {"config.json": b"{}", "tf_model.h5": b"", "README.md": b""})
    assert_refused(
        WeightsNotFoundError,
        "no weights that can be read here",
        "model.safetensors or pytorch_model.bin",
        "tf_model.h5",
    )
    served.add(REPO, files_of(tiny))
    assert_loads(tiny)


def test_too_many_requests_are_repeated_after_the_time_asked_for(served, tiny, naps):
    served.fault(Fault(path="/api/", status=429, headers={"Retry-After": "3"}, times=1))
    served.fault(
        Fault(
            path="/config.json", status=429, headers={"RateLimit": '"resolvers";r=0;t=7'}, times=1
        )
    )
    served.fault(Fault(path="/cdn/", status=429, headers={"Retry-After": "5"}, times=1))
    assert_loads(tiny)
    assert naps == [3.0, 7.0, 5.0]


@pytest.mark.parametrize("path", ["/api/", "/config.json", "/cdn/"])
def test_too_many_requests_for_long_end_in_an_error_that_says_how_long(served, tiny, naps, path):
    served.fault(Fault(path=path, status=429, headers={"Retry-After": "3600"}))
    assert_refused(
        DownloadError, served.url, "too many requests", "wait 3600 seconds", "later", "HF_TOKEN"
    )
    assert naps == []
    served.clear_faults()
    assert_loads(tiny)


def test_too_many_requests_without_a_time_are_said_to_be_so(served, tiny, naps):
    served.fault(Fault(path="/api/", status=429))
    assert_refused(
        DownloadError,
        f"too many requests from here ({REPO} at revision 'main'). Try again later, or set "
        f"HF_TOKEN",
    )
    assert naps == [1.0, 2.0]


@pytest.mark.parametrize("path", ["/api/", "/config.json", "/cdn/"])
@pytest.mark.parametrize("status", [408, 500, 503])
def test_a_hub_that_stumbles_is_asked_again(served, tiny, naps, path, status):
    served.fault(Fault(path=path, status=status, times=2))
    assert_loads(tiny)
    assert naps == [1.0, 2.0]


@pytest.mark.parametrize("path", ["/api/", "/config.json", "/cdn/"])
def test_a_hub_that_fails_for_good_ends_in_an_error(served, tiny, naps, path):
    served.fault(Fault(path=path, status=500))
    assert_refused(DownloadError, served.url, "answered 500", REPO, "Try again later")
    assert naps == [1.0, 2.0]
    served.clear_faults()
    assert_loads(tiny)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>log in to the guest network</html>",
        b"{}",
        b"[]",
        b'{"id": "x", "sha": "../..", "siblings": []}',
    ],
)
def test_a_server_that_is_no_hub_is_told_from_one_that_is_away(served, tiny, body):
    served.fault(Fault(path="/api/", body=body))
    assert_refused(DownloadError, served.url, "not what a hub answers", "HF_ENDPOINT")
    served.clear_faults()
    assert_loads(tiny)


# Revisions


def test_a_revision_that_moved_is_fetched_only_when_asked_for(served, tiny, other):
    assert_loads(tiny)
    served.add(REPO, files_of(other))
    served.clear_requests()
    assert_loads(tiny)
    assert served.requests == []
    entry = registry.current().find(REFERENCE)
    weights.update(entry)
    # Only what changed: the tokenizer is the same file.
    assert [path.rpartition("/")[2] for path in paths(served) if "/resolve/" in path] == [
        "model.safetensors"
    ]
    assert_loads(other)


def test_an_update_that_fails_leaves_the_old_files_in_use(served, tiny, other, naps):
    assert_loads(tiny)
    served.add(REPO, files_of(other))
    served.fault(Fault(path="/cdn/", status=500))
    with pytest.raises(DownloadError, match="answered 500"):
        weights.update(registry.current().find(REFERENCE))
    assert_loads(tiny)
    served.clear_faults()
    weights.update(registry.current().find(REFERENCE))
    assert_loads(other)


def test_a_revision_that_vanished_is_used_from_the_cache(served, own_registry, tiny, other):
    served.add(REPO, files_of(other), revision="v1")
    own_registry(entry_text(source={"revision": "v1"}))
    assert_loads(other)
    served.forget(REPO, "v1")
    assert_loads(other)
    with pytest.raises(WeightsNotFoundError, match="no such revision"):
        weights.update(registry.current().find(REFERENCE))
    assert_loads(other)


def test_a_commit_is_a_revision(served, tiny, other):
    old = served.add(REPO, files_of(other))
    served.add(REPO, files_of(tiny))
    assert_loads(other, revision=old)
    assert_loads(tiny)
    served.clear_requests()
    assert_loads(other, revision=old)
    assert served.requests == []
