"""Saved pipelines that somebody altered, and disks that do not take one: our own errors, always."""

from __future__ import annotations

import copy
import errno
import hashlib
import json
import resource
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from sklearn.linear_model import RidgeClassifier

import nlu_lite as nlu
from nlu_lite.errors import IntegrityError, ModelError, NluLiteError, OutputError

MADE_BY_0_1_0 = Path(__file__).resolve().parents[1] / "data" / "made_by_0_1_0"
TEXTS = ["I love NLP.", "to be or not to be"]


@pytest.fixture
def saved(tmp_path):
    """A copy of a saved pipeline with a head."""
    folder = tmp_path / "saved"
    shutil.copytree(MADE_BY_0_1_0 / "saved_head", folder)
    return folder


def content_of(folder):
    return json.loads((folder / "nlu_lite.json").read_text())


def write_content(folder, content):
    (folder / "nlu_lite.json").write_text(json.dumps(content))


def sign(folder):
    """Write the digests of the files of the head as they are now."""
    content = content_of(folder)
    content["head"] = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "head").iterdir()
    }
    write_content(folder, content)


def change_facts(folder, **changes):
    path = folder / "head" / "head.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    sign(folder)


def test_a_pipeline_that_nobody_altered_loads(saved):
    sign(saved)
    assert len(nlu.load(path=saved).predict(TEXTS))


@pytest.mark.parametrize(
    "head", [{}, None, [], {"head.json": "0" * 64}, {"../x": "0" * 64}, {"x": 1}]
)
def test_the_digests_of_a_head_cannot_be_switched_off(saved, head):
    write_content(saved, content_of(saved) | {"head": head})
    with pytest.raises((ModelError, IntegrityError)):
        nlu.load(path=saved)


def test_a_head_without_its_digests_in_a_file_of_format_1_is_not_left_out(saved):
    write_content(saved, content_of(saved) | {"format": 1})
    with pytest.raises(ModelError, match="belong together"):
        nlu.load(path=saved)


@pytest.mark.parametrize("left_out", ["config.json", "model.safetensors", "tokenizer.json", None])
def test_every_file_of_a_model_has_a_digest(saved, left_out):
    content = content_of(saved)
    digests = content["components"][0]["sha256"]
    content["components"][0]["sha256"] = {
        name: digest for name, digest in digests.items() if left_out not in (name, None)
    }
    write_content(saved, content)
    with pytest.raises((ModelError, IntegrityError), match=left_out or "at least 1"):
        nlu.load(path=saved)


def test_a_file_that_was_added_to_a_saved_model_is_refused(saved):
    (saved / "component_0" / "tokenizer_config.json").write_text("{}")
    with pytest.raises(IntegrityError, match=r"no sha256 of tokenizer_config\.json"):
        nlu.load(path=saved)


def test_a_classifier_that_was_added_to_a_saved_head_is_not_read(saved):
    (saved / "head" / "head.skops").write_bytes(b"not even that")
    assert len(nlu.load(path=saved).predict(TEXTS))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["weights", "bias"])
def test_weights_of_a_head_that_are_no_numbers_are_refused(saved, name, value):
    path = saved / "head" / "head.safetensors"
    numbers = load_file(path)
    numbers[name].flat[0] = value
    save_file(numbers, path)
    sign(saved)
    with pytest.raises(ModelError, match="NaN or infinity"):
        nlu.load(path=saved)


@pytest.mark.parametrize(
    "change",
    [
        lambda numbers: {"weights": numbers["weights"]},
        lambda numbers: numbers | {"weights": numbers["weights"][:, :-1].copy()},
        lambda numbers: numbers | {"weights": numbers["weights"].ravel()},
        lambda numbers: numbers | {"bias": np.zeros(9)},
        lambda numbers: numbers | {"weights": numbers["weights"].astype(np.int64)},
        lambda numbers: numbers | {"weights": np.zeros((7, numbers["weights"].shape[1]))},
    ],
)
def test_weights_of_a_head_of_other_shapes_are_refused(saved, change):
    path = saved / "head" / "head.safetensors"
    save_file(change(load_file(path)), path)
    sign(saved)
    with pytest.raises(ModelError, match="head"):
        nlu.load(path=saved)


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": []},
        {"classes": ["one"]},
        {"classes": ["b", "a"]},
        {"classes": ["a", "a"]},
        {"classes": ["a", 1]},
        {"classes": [["a"], ["b"]]},
        {"classes": "ab"},
        {"classes": None},
        {"categories": ["z"]},
        {"ordered": 1},
        {"level": "paragraph"},
        {"level": None},
        {"component": 7},
        {"component": -1},
        {"component": 0.0},
        {"component": True},
        {"width": 5},
        {"width": "32"},
        {"name": "train.nothing"},
        {"name": ["train.classifier"]},
        {"more": 1},
    ],
    ids=str,
)
def test_facts_of_a_head_that_cannot_be_are_refused(saved, changes):
    change_facts(saved, **changes)
    with pytest.raises(ModelError):
        nlu.load(path=saved)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'"x"'])
@pytest.mark.parametrize("name", ["head.json", "head.safetensors"])
def test_damaged_files_of_a_head_are_refused(saved, name, content):
    (saved / "head" / name).write_bytes(content)
    sign(saved)
    with pytest.raises(ModelError):
        nlu.load(path=saved)


def places_of(value, path=()):
    """Every place in a value of JSON."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places_of(item, (*path, key))
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from places_of(item, (*path, number))


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 7, 2**70, 0.5, float("nan"), float("inf")]),
    st.sampled_from(["", "x", "..", "/", "a\0b", "\x1b[2J", "zero_shot", "train", "é" * 300]),
    st.sampled_from([[], {}, [[]], ["x"], {"x": 1}, [None], {"": ""}]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_altered_ends_in_our_own_error_or_a_frame(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("altered") / "saved"
    shutil.copytree(MADE_BY_0_1_0 / "saved_head", folder)
    content = content_of(folder)
    content["options"] |= {"layers": [-1, 1], "labels": None, "column": None, "stride": 3}
    place = data.draw(st.sampled_from(sorted(places_of(content), key=repr)))
    value = data.draw(ODD)
    is_removed = data.draw(st.booleans())
    altered = {"file": copy.deepcopy(content)}
    parent = altered
    for key in ("file", *place)[:-1]:
        parent = parent[key]
    last = ("file", *place)[-1]
    parent[last] = value
    if is_removed and place:
        del parent[last]
    write_content(folder, altered["file"])
    try:
        assert len(nlu.load(path=folder, offline=True).predict(TEXTS))
    except NluLiteError:
        pass
    finally:
        shutil.rmtree(folder)


# Other classifiers


@pytest.fixture(scope="module")
def ridge_folder(family_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sklearn") / "saved"
    pipe = nlu.load("en.embed_sentence.tiny train.classifier", path=family_folder("bert"))
    frame = pd.DataFrame({"text": ["a good one", "a bad one"] * 4, "y": ["good", "bad"] * 4})
    ridge = RidgeClassifier()
    pipe.fit(frame, output_level="document", classifier=ridge).save(folder)
    return folder


@pytest.mark.parametrize("classifier", ["a list", "of other classes", "of another width", "NaN"])
def test_a_classifier_that_was_exchanged_is_refused(ridge_folder, tmp_path, classifier):
    skops = pytest.importorskip("skops.io")
    folder = tmp_path / "saved"
    shutil.copytree(ridge_folder, folder)
    width = json.loads((folder / "head" / "head.json").read_text())["width"]
    vectors = np.random.default_rng(1).normal(size=(9, width))
    nan = RidgeClassifier().fit(vectors, [0, 1, 0] * 3)
    nan.coef_.flat[0] = np.nan
    exchanged = {
        "a list": [1, 2],
        "of other classes": RidgeClassifier().fit(vectors, [0, 1, 5] * 3),
        "of another width": RidgeClassifier().fit(vectors[:, :3], [0, 1, 0] * 3),
        "NaN": nan,
    }
    skops.dump(exchanged[classifier], folder / "head" / "head.skops")
    sign(folder)
    with pytest.raises(ModelError, match="head"):
        nlu.load(path=folder)


# The disk


def test_save_on_a_full_disk_is_our_error_and_leaves_nothing(family_folder, tmp_path):
    pipe = nlu.load("my.name", path=family_folder("bert"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
        with pytest.raises(OutputError, match=r"saved cannot be written: .*Free space"):
            pipe.save(tmp_path / "saved")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.ENOSPC, "Free space"), (errno.EACCES, "permission"), (errno.EROFS, "writable")],
)
def test_save_says_what_helps_against_each_error_of_the_disk(
    family_folder, tmp_path, monkeypatch, number, advice
):
    def fail(*_arguments, **_options):
        raise OSError(number, "as the system says it")

    pipe = nlu.load("my.name", path=family_folder("bert"))
    monkeypatch.setattr(shutil, "copyfile", fail)
    with pytest.raises(OutputError, match=advice):
        pipe.save(tmp_path / "saved")
    assert list(tmp_path.iterdir()) == []


def test_save_below_a_file_is_our_error(family_folder, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        nlu.load("my.name", path=family_folder("bert")).save(tmp_path / "file" / "saved")
