"""The hub of the tests serves what the real client asks for: downloads, listings, errors, tokens,
moved revisions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from huggingface_hub import (
    HfApi,
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    model_info,
    snapshot_download,
    try_to_load_from_cache,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import get_session

from tests.helpers.hub import Fault, HubServer, connected

REPO = "org/name"
WEIGHTS = bytes(range(256)) * 4
WEIGHTS_SHA256 = "785b0751fc2c53dc14a4ce3d800e69ef9ce1009eb327ccf458afe09c242c26c9"
# What `git hash-object` says of "hello\n", and of the LFS pointer to the weights.
HELLO_OID = "ce013625030ba8dba906f756967f9e9ca394464a"
POINTER_OID = "b9982934fe384deba04d1162a3aa71e0af353d55"


@pytest.fixture
def hub(tmp_path):
    with HubServer() as server, connected(server, tmp_path / "home"):
        yield server


def requests_of(hub):
    return [(request.method, request.path) for request in hub.requests]


def test_a_small_file_is_served_by_the_hub_itself(hub, tmp_path):
    sha = hub.add(REPO, {"sub/hello.txt": b"hello\n"})
    path = Path(hf_hub_download(REPO, "sub/hello.txt", cache_dir=tmp_path))
    assert path == tmp_path / "models--org--name" / "snapshots" / sha / "sub" / "hello.txt"
    assert path.read_bytes() == b"hello\n"
    assert path.resolve().name == HELLO_OID
    assert (tmp_path / "models--org--name" / "refs" / "main").read_text() == sha
    assert requests_of(hub) == [
        (method, f"/{REPO}/resolve/main/sub/hello.txt") for method in ("HEAD", "GET")
    ]


def test_a_large_file_is_redirected_to_the_cdn_which_gets_no_token(hub):
    hub.add(REPO, {"model.safetensors": WEIGHTS})
    path = Path(hf_hub_download(REPO, "model.safetensors", token="good"))
    assert path.read_bytes() == WEIGHTS
    head, get = hub.requests
    assert (head.method, head.status, head.authorization) == ("HEAD", 302, "Bearer good")
    assert (get.method, get.status, get.authorization) == ("GET", 200, None)
    assert get.path == f"/cdn/{REPO}/{path.resolve().name}/model.safetensors"


def test_the_metadata_names_commit_etag_and_size(hub, tmp_path):
    (tmp_path / "weights").write_bytes(WEIGHTS)
    sha = hub.add(REPO, {"hello.txt": "hello\n", "model.bin": tmp_path / "weights"})
    small = get_hf_file_metadata(hf_hub_url(REPO, "hello.txt"))
    assert (small.commit_hash, small.etag, small.size) == (sha, HELLO_OID, 6)
    large = get_hf_file_metadata(hf_hub_url(REPO, "model.bin"))
    assert (large.commit_hash, large.size) == (sha, len(WEIGHTS))
    assert large.etag == WEIGHTS_SHA256
    assert large.location.startswith(hub.cdn_url)


def test_the_endpoint_argument_names_the_hub(hub, tmp_path):
    with HubServer() as second_hub:
        sha = second_hub.add(REPO, {"hello.txt": b"hello\n"})
        path = hf_hub_download(REPO, "hello.txt", endpoint=second_hub.url, cache_dir=tmp_path)
        assert Path(path).read_bytes() == b"hello\n"
        assert HfApi(endpoint=second_hub.url).model_info(REPO).sha == sha
    assert hub.requests == []


def test_a_snapshot_holds_the_files_that_match(hub):
    sha = hub.add(
        REPO,
        {
            "config.json": b"{}",
            "model.safetensors": WEIGHTS,
            "onnx/model.onnx": b"o",
            "README.md": b"",
        },
    )
    folder = Path(snapshot_download(REPO, allow_patterns=["*.json", "*.safetensors"]))
    assert folder.name == sha
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "config.json": b"{}",
        "model.safetensors": WEIGHTS,
    }


def test_what_is_in_the_cache_needs_no_request(hub):
    hub.add(REPO, {"config.json": b"{}", "model.safetensors": WEIGHTS})
    folder = snapshot_download(REPO)
    hub.clear_requests()
    assert snapshot_download(REPO, local_files_only=True) == folder
    assert hf_hub_download(REPO, "config.json", local_files_only=True) == f"{folder}/config.json"
    assert hub.requests == []
    with pytest.raises(LocalEntryNotFoundError):
        hf_hub_download(REPO, "other.json", local_files_only=True)
    assert hub.requests == []


def test_model_info_lists_the_files(hub):
    sha = hub.add(REPO, {"hello.txt": b"hello\n", "model.bin": WEIGHTS})
    info = model_info(REPO)
    assert (info.id, info.sha, info.private, info.gated) == (REPO, sha, False, False)
    assert [(file.rfilename, file.size) for file in info.siblings] == [
        ("hello.txt", None),
        ("model.bin", None),
    ]
    small, large = HfApi().model_info(REPO, revision=sha, files_metadata=True).siblings
    assert (small.size, small.blob_id, small.lfs) == (6, HELLO_OID, None)
    assert (large.size, large.blob_id) == (1024, POINTER_OID)
    assert (large.lfs.size, large.lfs.sha256) == (1024, WEIGHTS_SHA256)


def test_the_tree_is_listed_by_folder_and_as_a_whole(hub):
    hub.add(REPO, {"a.txt": b"a", "sub/b.txt": b"b", "sub/deep/c.bin": b"c"})

    def paths(**options):
        return [entry.path for entry in HfApi().list_repo_tree(REPO, **options)]

    assert paths() == ["sub", "a.txt"]
    assert paths(path_in_repo="sub") == ["sub/deep", "sub/b.txt"]
    assert paths(recursive=True) == ["sub", "sub/deep", "a.txt", "sub/b.txt", "sub/deep/c.bin"]
    with pytest.raises(EntryNotFoundError):
        paths(path_in_repo="other")


def test_a_long_listing_comes_in_pages(tmp_path):
    names = [f"{number}.txt" for number in range(7)]
    with HubServer(page_size=3) as hub, connected(hub, tmp_path):
        hub.add(REPO, dict.fromkeys(names, b""))
        assert sorted(HfApi().list_repo_files(REPO)) == names
        assert len(hub.requests) == 3


@pytest.mark.parametrize(
    ("repo", "revision", "file", "error"),
    [
        ("org/missing", "main", "config.json", RepositoryNotFoundError),
        (REPO, "missing", "config.json", RevisionNotFoundError),
        (REPO, "0" * 40, "config.json", RevisionNotFoundError),
        (REPO, "main", "missing.json", EntryNotFoundError),
    ],
)
def test_what_is_missing_is_told_apart(hub, repo, revision, file, error):
    hub.add(REPO, {"config.json": b"{}"})
    with pytest.raises(error) as caught:
        hf_hub_download(repo, file, revision=revision)
    assert (
        type(caught.value.__cause__).__name__ == "HTTPStatusError"
    )  # the hub said so, not the cache
    if error is not EntryNotFoundError:
        with pytest.raises(error):
            snapshot_download(repo, revision=revision)


def test_the_client_writes_down_that_a_commit_lacks_a_file(hub):
    hub.add(REPO, {"config.json": b"{}"})
    with pytest.raises(EntryNotFoundError):
        hf_hub_download(REPO, "missing.json")
    assert try_to_load_from_cache(REPO, "missing.json") not in (None, "")
    assert try_to_load_from_cache(REPO, "other.json") is None


def test_a_private_repository_is_missing_without_its_token(hub):
    hub.add(REPO, {"config.json": b"{}", "model.bin": WEIGHTS}, token="good")
    for token in (False, "bad"):
        with pytest.raises(RepositoryNotFoundError) as caught:
            hf_hub_download(REPO, "config.json", token=token)
        assert caught.value.response.status_code == 401
        with pytest.raises(RepositoryNotFoundError):
            snapshot_download(REPO, token=token)
    assert Path(snapshot_download(REPO, token="good"), "model.bin").read_bytes() == WEIGHTS


@pytest.mark.parametrize(("token", "status"), [(False, 401), ("bad", 403)])
def test_a_gated_repository_shows_its_listing_and_keeps_its_files(hub, token, status):
    hub.add(REPO, {"config.json": b"{}"}, token="good", gated=True)
    assert HfApi().model_info(REPO, token=token).gated == "auto"
    with pytest.raises(GatedRepoError):
        hf_hub_download(REPO, "config.json", token=token)
    with pytest.raises(GatedRepoError):
        snapshot_download(REPO, token=token)
    assert hub.requests[1].status == status
    assert Path(hf_hub_download(REPO, "config.json", token="good")).read_bytes() == b"{}"


def test_a_branch_moves_and_the_old_commit_stays(hub):
    old = hub.add(REPO, {"config.json": b"old"})
    assert Path(hf_hub_download(REPO, "config.json")).parent.name == old
    new = hub.add(REPO, {"config.json": b"new"})
    assert new != old
    assert Path(hf_hub_download(REPO, "config.json")).read_bytes() == b"new"
    assert Path(hf_hub_download(REPO, "config.json", revision=old)).read_bytes() == b"old"
    assert HfApi().model_info(REPO, revision=old).sha == old
    assert hub.add(REPO, {"config.json": b"new"}) not in {old, new}  # the same files again


def test_branches_have_commits_of_their_own(hub):
    hub.add(REPO, {"config.json": b"main"})
    hub.add(REPO, {"config.json": b"other"}, revision="refs/pr/1")
    assert Path(hf_hub_download(REPO, "config.json", revision="refs/pr/1")).read_bytes() == b"other"
    assert Path(snapshot_download(REPO), "config.json").read_bytes() == b"main"


def test_a_revision_vanishes(hub):
    old = hub.add(REPO, {"config.json": b"old"})
    hub.add(REPO, {"config.json": b"new"})
    hub.forget(REPO, old)
    with pytest.raises(RevisionNotFoundError):
        hf_hub_download(REPO, "config.json", revision=old)
    assert Path(hf_hub_download(REPO, "config.json")).read_bytes() == b"new"
    hub.forget(REPO, "main")
    with pytest.raises(RevisionNotFoundError):  # though the cache has the file
        hf_hub_download(REPO, "config.json")
    with pytest.raises(RevisionNotFoundError):
        snapshot_download(REPO)
    hub.forget(REPO)
    with pytest.raises(RepositoryNotFoundError):
        hf_hub_download(REPO, "config.json", revision=old)


@pytest.mark.parametrize(
    ("range_header", "status", "part", "content_range"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_a_range_is_answered_with_that_part(hub, range_header, status, part, content_range):
    hub.add(REPO, {"digits.txt": b"0123456789"})
    answer = get_session().get(
        f"{hub.url}/{REPO}/resolve/main/digits.txt", headers={"Range": range_header}
    )
    assert (answer.status_code, answer.content) == (status, part)
    assert answer.headers.get("Content-Range") == content_range
    assert hub.requests[-1].range == range_header


@pytest.mark.parametrize(
    "path", ["/api/models/org/name/discussions", "/api/datasets/org/name", "/api/whoami-v2", "/"]
)
def test_what_the_hub_does_not_know_is_404(hub, path):
    hub.add(REPO, {"config.json": b"{}"})
    assert get_session().get(hub.url + path).status_code == 404
    assert get_session().post(hub.url + path, content=b"body").status_code == 404


SCRIPT = """
import json, sys
from huggingface_hub import hf_hub_download, snapshot_download
folder = snapshot_download("org/name")
try:
    hf_hub_download("org/name", "missing.json")
except Exception as error:
    print(json.dumps([folder, type(error).__name__]))
"""


def test_a_subprocess_reaches_the_hub_through_its_environment(tmp_path):
    with HubServer() as hub:
        sha = hub.add(REPO, {"config.json": b"{}", "model.safetensors": WEIGHTS})
        environment = os.environ | {"HF_TOKEN": "secret", "HF_HUB_OFFLINE": "1"} | hub.env(tmp_path)
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, check=True
        )
        folder, error = json.loads(run.stdout)
        assert folder == str(tmp_path / "hub" / "models--org--name" / "snapshots" / sha)
        assert Path(folder, "model.safetensors").read_bytes() == WEIGHTS
        assert error == "RemoteEntryNotFoundError"
        assert {request.authorization for request in hub.requests} == {None}
        assert {request.method for request in hub.requests} == {
            "GET",
            "HEAD",
        }  # no CONNECT: nothing went elsewhere


def test_transformers_asks_the_hub_of_the_day(tmp_path):
    from transformers.utils.hub import list_repo_templates

    for name in ("one", "two"):
        with HubServer() as hub, connected(hub, tmp_path):
            hub.add(REPO, {f"additional_chat_templates/{name}.jinja": b""})
            assert list_repo_templates(REPO, local_files_only=False) == [f"{name}.jinja"]


def test_what_would_leave_this_machine_lands_in_the_log(hub):
    with pytest.raises(HTTPError):
        get_session().get("https://huggingface.co/api/models/bert-base-cased")
    assert requests_of(hub) == [("CONNECT", "huggingface.co:443")]


def test_a_stopped_hub_refuses_and_comes_back_as_it_was(hub):
    hub.add(REPO, {"config.json": b"{}"})
    address = f"{hub.url}/{REPO}/resolve/main/config.json"
    assert get_session().get(address).content == b"{}"
    hub.stop()
    for _ in range(2):  # the connection that was open, and a new one
        with pytest.raises(HTTPError) as caught:
            get_session().get(address)
    assert type(caught.value).__name__ == "ConnectError"
    hub.start()
    assert get_session().get(address).content == b"{}"


def test_stalled_and_idle_connections_do_not_hold_up_the_stop(tmp_path, capfd):
    threads = threading.active_count()
    errors = []

    def download(name):
        try:
            get_session().get(f"{hub.url}/{REPO}/resolve/main/{name}")
        except HTTPError as error:
            errors.append(error)

    with HubServer() as hub, connected(hub, tmp_path):
        hub.add(
            REPO,
            {"idle.txt": b"i", "silent.txt": b"s", "half.txt": b"halfhalf", "slow.txt": bytes(100)},
        )
        hub.fault(Fault(path="silent", stall=0))
        hub.fault(Fault(path="half", stall=4))
        hub.fault(Fault(path="slow", rate=1))
        get_session().get(f"{hub.url}/{REPO}/resolve/main/idle.txt")
        clients = [
            threading.Thread(target=download, args=(f"{name}.txt",))
            for name in ("silent", "half", "slow")
        ]
        for client in clients:
            client.start()
        deadline = time.monotonic() + 2
        while len(hub.requests) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        began = time.monotonic()
        hub.stop()
        assert time.monotonic() - began < 1
        for client in clients:
            client.join(timeout=2)
    assert len(errors) == 3
    assert threading.active_count() == threads
    assert capfd.readouterr() == ("", "")


def test_an_error_of_the_server_itself_is_told_at_the_end(tmp_path):
    with pytest.raises(RuntimeError) as caught:  # noqa: SIM117, PT012
        with HubServer() as hub, connected(hub, tmp_path):
            hub.add(REPO, {"config.json": b"{}"})
            hub.fault(Fault(body="not bytes"))
            with pytest.raises(HTTPError):
                get_session().get(f"{hub.url}/{REPO}/resolve/main/config.json")
    assert isinstance(caught.value.__cause__, TypeError)


def test_a_token_that_opens_nothing_else_is_not_needed_for_a_public_repository(hub):
    hub.add(REPO, {"config.json": b"{}"})
    assert Path(hf_hub_download(REPO, "config.json", token="whatever")).read_bytes() == b"{}"
    with pytest.raises(HfHubHTTPError) as caught:
        hf_hub_download("org/missing", "config.json", token="whatever")
    assert caught.value.response.status_code == 404


def test_a_search_gives_the_models_of_an_owner_with_words_and_all_tags(hub):
    hub.add("Org/Bert-NER", {"a": "a"}, tags=("token-classification", "pytorch"))
    hub.add("org/other", {"a": "a"}, tags=("token-classification",))
    hub.add("else/bert-ner", {"a": "a"}, tags=("text-classification",))
    hub.add("org/secret", {"a": "a"}, token="good")

    def ids(**query):
        return [model.id for model in HfApi().list_models(**query)]

    assert ids() == ["Org/Bert-NER", "org/other", "else/bert-ner"]
    assert ids(author="org") == ["Org/Bert-NER", "org/other"]
    assert ids(author="org", token="good") == ["Org/Bert-NER", "org/other", "org/secret"]
    assert ids(search="bert-n") == ["Org/Bert-NER", "else/bert-ner"]
    assert ids(filter="token-classification") == ["Org/Bert-NER", "org/other"]
    assert ids(filter=["token-classification", "pytorch"]) == ["Org/Bert-NER"]
    assert ids(author="nobody") == []


def test_a_search_comes_in_pages(tmp_path):
    with HubServer(page_size=2) as server, connected(server, tmp_path / "home"):
        for number in range(5):
            server.add(f"org/m{number}", {"a": "a"})
        names = [model.id for model in HfApi().list_models(author="org")]
    assert names == [f"org/m{number}" for number in range(5)]
