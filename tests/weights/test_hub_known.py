"""A hub id that stands in a registry file is the model of that file."""

from __future__ import annotations

import dataclasses
import json
import shutil

import numpy as np
import pytest

import nlu_lite as nlu
from nlu_lite import registry, weights
from nlu_lite.errors import DownloadError, UnknownReferenceError, WeightsNotFoundError
from tests.helpers.equal import assert_equal
from tests.helpers.hub import Fault
from tests.helpers.hub.models import REPO

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
LONG_TEXT = "the river bank was flooded again. " * 60
POOLER = {"task": "embed_sentence", "language": "de", "pooling": "pooler", "normalize": True}
WORDS = {"task": "embed", "language": "de"}


@pytest.fixture
def known(own_registry):
    """From the references on the model of REPO to its registry, sources and facts as given."""

    def register(*references, **facts):
        model = {"sources": [{"hub": REPO}], "architecture": "bert", "license": "mit", **facts}
        named = {f"de.own.{n}": {"model": "own", **one} for n, one in enumerate(references)}
        own_registry(json.dumps({"models": {"own": model}, "references": named}))

    return register


def test_it_is_served_by_the_package_that_is_installed():
    entry = registry.current().find(MINILM)
    reference = registry.current().find("en.embed.minilm_l6")
    assert entry.sources == reference.sources
    assert (entry.model_name, entry.license, entry.layers) == ("minilm_l6", "apache-2.0", 6)
    assert (entry.language, entry.verified, entry.origin) == ("en", "opened", "built in")
    (component,) = nlu.load(MINILM, offline=True).components
    assert component.folder == weights.locate(reference, registry.current())


def test_without_a_task_it_gives_the_vectors_of_the_sentence_reference():
    texts = ["I love NLP", LONG_TEXT]
    right = nlu.load("en.embed_sentence.minilm_l6").encode(texts)
    assert_equal(nlu.load(MINILM, offline=True).encode(texts), right)


def test_task_embed_gives_the_vectors_of_the_word_reference():
    texts = ["I love NLP", LONG_TEXT]
    right = nlu.load("en.embed.minilm_l6").predict(texts)
    frame = nlu.load(MINILM, task="embed", offline=True).predict(texts)
    assert frame.columns.tolist() == ["token", "all_MiniLM_L6_v2_embeddings"]
    assert_equal(nlu.vectors(frame), nlu.vectors(right))


def test_a_revision_is_asked_of_the_hub():
    with pytest.raises(WeightsNotFoundError, match="all-MiniLM-L6-v2 at 'v1'"):
        nlu.load(MINILM, revision="v1", offline=True)


def test_the_digests_of_the_registry_are_held(known, tiny, tmp_path):
    folder = shutil.copytree(tiny, tmp_path / "files")
    known(
        WORDS, sources=[{"path": str(folder), "sha256": {"config.json": "0" * 64}}, {"hub": REPO}]
    )
    with pytest.raises(nlu.NluLiteError, match="the registry names"):
        nlu.load(REPO)


def test_the_one_reference_of_the_task_says_the_pooling(known, tiny):
    known(POOLER, WORDS, sources=[{"path": str(tiny)}, {"hub": REPO}])
    entry = registry.current().find(REPO)
    assert (entry.pooling, entry.normalize, entry.language) == ("pooler", True, "de")
    vectors = nlu.load(REPO, task="embed_sentence").encode(["I love NLP"])
    assert_equal(vectors, nlu.load("de.own.0").encode(["I love NLP"]))
    assert_equal(np.linalg.norm(vectors, axis=1), np.ones(1))


def test_of_two_references_of_the_task_neither_says_it(known):
    known(POOLER, POOLER | {"language": "fr", "verified": "opened"})
    entry = registry.current().find(REPO)
    assert (entry.pooling, entry.normalize, entry.language) == (None, None, None)
    assert entry.verified == "unverified"


def test_a_folder_of_modules_says_the_pooling_itself(known, tiny, tmp_path):
    known(POOLER, max_length=99)
    folder = shutil.copytree(tiny, tmp_path / "modules")
    (folder / "modules.json").write_text(
        json.dumps([{"path": "", "type": "sentence_transformers.models.Transformer"}])
    )
    entry = weights.complete_entry(registry.current().find(REPO), folder)
    assert (entry.task, entry.pooling, entry.normalize) == ("embed_sentence", None, None)
    assert entry.max_length is None
    words = dataclasses.replace(registry.current().find(REPO), task="embed")
    assert weights.complete_entry(words, folder).max_length == 99
    reference = registry.current().find("de.own.0")
    assert weights.complete_entry(reference, folder) == reference


def test_an_own_file_comes_before_the_built_in_one(own_registry, tiny):
    model = {"sources": [{"path": str(tiny)}, {"hub": MINILM}], "architecture": "bert"}
    own_registry(json.dumps({"models": {"mine": model}, "references": {}}))
    (component,) = nlu.load(MINILM).components
    assert component.folder == tiny


def test_an_id_that_no_file_names_is_of_the_hub_alone():
    entry = registry.current().find("somebody/something")
    assert (entry.origin, entry.architecture, entry.license) == ("hub", None, None)


def test_without_a_network_the_error_names_references_that_work_now(hub, naps):
    hub.fault(Fault(path="somebody/something", status=503))
    with pytest.raises(DownloadError, match=r"work now: .*en\.embed\.minilm_l6"):
        nlu.load("somebody/something")
    with pytest.raises(WeightsNotFoundError, match=r"work now: .*en\.embed\.minilm_l6"):
        nlu.load("somebody/something", offline=True)


@pytest.mark.parametrize("name", ["mymodel", "models/mymodel", "./mymodel", "glove"])
def test_a_folder_of_the_name_is_hinted_at(tiny, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny, tmp_path / name)
    with pytest.raises(nlu.NluLiteError) as caught:
        nlu.load(name, offline=True)
    assert str(caught.value).endswith(f"did you mean path={name!r}?")
    assert isinstance(caught.value, UnknownReferenceError | WeightsNotFoundError)


def test_no_folder_is_hinted_at_where_there_is_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownReferenceError) as caught:
        nlu.load("mymodel")
    assert "path='mymodel'" not in str(caught.value)


def test_a_served_reference_is_loaded_although_a_folder_has_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "en.embed.minilm_l6").mkdir()
    assert nlu.load("en.embed.minilm_l6").components[0].entry.origin == "built in"
