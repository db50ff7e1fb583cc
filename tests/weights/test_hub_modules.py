"""Folders of sentence-transformers on the hub: files of every layout are fetched, and missed."""

from __future__ import annotations

import shutil

import pytest
import torch

import nlu_lite as nlu
from nlu_lite.errors import WeightsNotFoundError
from nlu_lite.weights import list_model_files
from tests.helpers.equal import assert_equal
from tests.helpers.hub.models import REPO, assert_refused, files_of
from tests.helpers.module_folders import TEXTS, library_vectors, move_transformer, save_modules


@pytest.fixture
def modules():
    from sentence_transformers.sentence_transformer import modules

    return modules


@pytest.fixture
def folder_of(modules, family_folder, tmp_path):
    """From a layout's name to a folder that has it."""
    from tokenizers import Tokenizer

    tiny = family_folder("bert")
    torch.manual_seed(3)

    def make(layout):
        folder = tmp_path / "model"
        transformer = modules.Transformer(str(tiny))
        mean, dense = modules.Pooling(32, "mean"), modules.Dense(32, 8)
        tokenizer = Tokenizer.from_file(str(tiny / "tokenizer.json"))
        tokenizer.no_truncation()
        table = modules.StaticEmbedding(tokenizer, embedding_dim=8)
        if layout == "old":
            prompts = {"prompts": {"query": "one "}, "default_prompt_name": "query"}
            return move_transformer(save_modules(folder, transformer, mean, dense, **prompts))
        if layout == "table":
            return save_modules(folder, table, modules.Normalize())
        routes = {"query": [table], "document": [transformer, mean, dense]}
        return save_modules(folder, modules.Router(routes, default_route="document"))

    return make


LAYOUTS = ("old", "table", "router")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_fetched_once_and_read_offline(hub, folder_of, layout):
    folder = folder_of(layout)
    hub.add(REPO, files_of(folder))
    pipe = nlu.load(REPO)
    assert_equal(pipe.encode(TEXTS), library_vectors(folder))
    assert sorted(list_model_files(pipe.components[0].folder)) == sorted(list_model_files(folder))
    hub.clear_requests()
    nlu.clear_cache()
    assert_equal(nlu.load(REPO, offline=True).encode(TEXTS), library_vectors(folder))
    assert hub.requests == []


@pytest.mark.parametrize(
    ("layout", "name"),
    [
        ("old", "2_Dense/model.safetensors"),
        ("old", "1_Pooling/config.json"),
        ("old", "0_Transformer/config.json"),
        ("table", "model.safetensors"),
        ("router", "document_2_Dense/config.json"),
    ],
)
def test_a_cache_that_lacks_a_modules_file_is_completed(hub, folder_of, layout, name):
    folder = folder_of(layout)
    hub.add(REPO, files_of(folder))
    cached = nlu.load(REPO).components[0].folder
    (place,) = [path for path in cached.rglob("*") if path.as_posix().endswith(name)]
    place.unlink()
    nlu.clear_cache()
    relative = place.relative_to(cached).as_posix()
    lacking = relative.rpartition("/")[0] if "model" in relative else relative
    assert_refused(WeightsNotFoundError, "lacks", lacking, request=REPO, offline=True)
    hub.clear_requests()
    assert_equal(nlu.load(REPO).encode(TEXTS), library_vectors(folder))
    assert place.is_file()


def test_files_of_no_module_are_not_the_models(folder_of):
    folder = folder_of("old")
    for name in ("2_Dense/notes.md", "2_Dense/model.onnx", "3_Other/config.json", "eval/a.json"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("{}")
    assert not {"notes.md", "model.onnx", "a.json"} & {
        name.rpartition("/")[2] for name in list_model_files(folder)
    }
    assert "3_Other/config.json" not in list_model_files(folder)


def test_one_form_of_a_modules_weights_is_enough(folder_of):
    folder = folder_of("old")
    shutil.copy(folder / "2_Dense/model.safetensors", folder / "2_Dense/pytorch_model.bin")
    assert "2_Dense/pytorch_model.bin" not in list_model_files(folder)
    assert "2_Dense/model.safetensors" in list_model_files(folder)
