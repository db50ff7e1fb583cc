"""Keys in the addresses of datasets are neither stored nor compared nor said."""

from __future__ import annotations

import logging
import traceback

import pytest

from nlu_lite.errors import NluLiteError, OutputError
from nlu_lite.parquet import manifest as manifests
from nlu_lite.parquet import store as store_module
from tests.helpers.datasets import FRAME
from tests.helpers.object_store import BUCKET, KEY, SECRET, running_store

MANIFEST = "_nlu_lite/manifest.json"
FEW = FRAME.iloc[:8]


@pytest.fixture(scope="module")
def object_store():
    with running_store() as store:
        yield store


def assert_tells_no_secret(*contents) -> None:
    for content in contents:
        text = content.decode("latin-1") if isinstance(content, bytes) else str(content)
        assert KEY not in text
        assert SECRET not in text


def test_nothing_that_is_written_holds_the_keys(object_store, pipe, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    first, second = (object_store.address(name) for name in ("new", "newer"))
    report = pipe.to_parquet(FEW, first, key="id", part_rows=4, progress=True)
    again = pipe.to_parquet(FEW, second, key="id", part_rows=4, reuse=first)
    assert again["copied"] == len(FEW)
    written = {**object_store.files("new"), **object_store.files("newer")}
    assert_tells_no_secret(report, again, *written, *written.values(), caplog.text)
    assert_tells_no_secret(*capfd.readouterr())


def test_other_keys_are_no_other_job(object_store, pipe):
    pipe.to_parquet(FEW, object_store.address("earlier"), key="id", part_rows=4)
    pipe.to_parquet(
        FEW, object_store.address("rotated"), key="id", reuse=object_store.address("earlier")
    )
    rotated = object_store.address("earlier", "OTHERKEY:othersecret@")
    report = pipe.to_parquet(FEW, object_store.address("rotated"), key="id", reuse=rotated)
    assert report["run"]["parts"] == 0


@pytest.mark.parametrize(
    "address",
    [
        f"nowhere://{KEY}:{SECRET}@bucket/x",
        f"s3://{KEY}:{SECRET}/+x@bucket/x",
        f"s3://{KEY}:{SECRET}@bucket/x?nothing={SECRET}",
        f"s3://{KEY}:{SECRET}@bucket/x?scheme=http&endpoint_override=127.0.0.1:9",
        f"s3://bucket/x?access_key={KEY}&secret_key={SECRET}",
    ],
)
def test_errors_and_their_causes_say_no_keys(pipe, address, capfd):
    for arguments in ({"folder": address}, {"data": address, "folder": "never"}):
        with pytest.raises(NluLiteError) as caught:
            pipe.to_parquet(**{"data": ["a"]} | arguments)
        lines = "".join(traceback.format_exception(caught.value)).splitlines()
        assert_tells_no_secret(*lines, repr(caught.value), *capfd.readouterr())


def written_with_keys(object_store, pipe, name: str) -> dict:
    """The options of a job that was begun when addresses were stored as they were given."""
    earlier = object_store.address(f"{name}-earlier")
    options = {"key": "id", "part_rows": 4, "reuse": earlier}
    pipe.to_parquet(FEW, earlier, key="id", part_rows=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_module, "hide_secrets", str)
        patch.setattr(manifests, "hide_secrets", str)
        pipe.to_parquet(FEW, object_store.address(name), **options)
    assert SECRET.encode() in object_store.files(name)[MANIFEST]
    return options


def test_a_dataset_whose_manifest_holds_keys_resumes_and_is_rewritten_without(object_store, pipe):
    options = written_with_keys(object_store, pipe, "held")
    before = object_store.files("held")
    object_store.filesystem.delete_file(f"{BUCKET}/held/part-000001.parquet")
    report = pipe.to_parquet(FEW, object_store.address("held"), **options)
    assert report["run"]["parts"] == 1
    after = object_store.files("held")
    assert {name: after[name] for name in before if name.startswith("part-")} == {
        name: content for name, content in before.items() if name.startswith("part-")
    }
    assert_tells_no_secret(*after.values())
    assert pipe.to_parquet(FEW, object_store.address("held"), **options)["run"]["parts"] == 0


def test_what_differs_from_a_manifest_with_keys_is_said_without_them(object_store, pipe):
    options = written_with_keys(object_store, pipe, "differs")
    before = object_store.files("differs")
    with pytest.raises(OutputError, match="part_rows: 4 there, 8 here") as caught:
        pipe.to_parquet(FEW, object_store.address("differs"), **options | {"part_rows": 8})
    assert_tells_no_secret(caught.value)
    assert object_store.files("differs") == before


def test_a_dataset_is_reused_the_same_once_its_manifest_holds_no_keys(object_store, pipe):
    options = written_with_keys(object_store, pipe, "first")
    reused = {"key": "id", "part_rows": 4, "reuse": object_store.address("first")}
    pipe.to_parquet(FEW, object_store.address("second"), **reused)
    pipe.to_parquet(FEW, object_store.address("first"), **options)
    assert pipe.to_parquet(FEW, object_store.address("second"), **reused)["run"]["parts"] == 0
