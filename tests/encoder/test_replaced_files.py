"""A model whose files were replaced is read anew, in whatever way they were; one in use keeps its
own numbers. The oracle is transformers' own reading of the folder as it is."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoModel

import nlu_lite as nlu
from nlu_lite.sklearn import TextEmbedder
from tests.helpers.equal import assert_equal
from tests.helpers.families import make

TEXT = "rivers flow"


@pytest.fixture
def folder(tmp_path):
    return make(tmp_path / "model", "bert", seed=1)


@pytest.fixture
def other_weights(tmp_path):
    """The bytes of other weights of the same shapes, which are as many."""
    return (make(tmp_path / "other", "bert", seed=2) / "model.safetensors").read_bytes()


def rename_over(path, content):
    draft = path.with_name("draft")
    draft.write_bytes(content)
    draft.replace(path)


def rewrite_in_place(path, content):
    with path.open("r+b") as file:
        file.write(content)


def remove_and_make_again(path, content):
    path.unlink()
    path.write_bytes(content)


def make_the_folder_again(path, content):
    folder = path.parent
    files = {item.name: item.read_bytes() for item in folder.iterdir()}
    shutil.rmtree(folder)
    folder.mkdir()
    for name, data in (files | {path.name: content}).items():
        (folder / name).write_bytes(data)


def rewrite_with_the_same_time(path, content):
    status = path.stat()
    rewrite_in_place(path, content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (status.st_mtime_ns, status.st_size)


WAYS = [
    rename_over,
    rewrite_in_place,
    remove_and_make_again,
    make_the_folder_again,
    rewrite_with_the_same_time,
]


@torch.inference_mode()
def first_vector(folder):
    """The vector of the first piece of the text, by transformers."""
    tokenizer = nlu.load(path=folder).components[0].tokenizer
    ids = tokenizer(TEXT, return_tensors="pt")["input_ids"]
    return AutoModel.from_pretrained(folder).eval()(input_ids=ids).last_hidden_state[0, 1].numpy()


def first_of(pipe):
    return nlu.vectors(pipe.predict(TEXT))[0]


@pytest.mark.parametrize("replace", WAYS)
def test_load_reads_replaced_weights(folder, other_weights, replace):
    before = first_of(nlu.load(path=folder))
    replace(folder / "model.safetensors", other_weights)
    wanted = first_vector(folder)
    assert_equal(first_of(nlu.load(path=folder))[None], wanted[None])
    assert np.abs(before - wanted).max() > 0.1


@pytest.mark.parametrize("replace", WAYS)
def test_a_pipeline_in_use_keeps_its_numbers(folder, other_weights, replace):
    """Weights are copied from their file, which may be written while they are in use."""
    pipe = nlu.load(path=folder)
    before = first_of(pipe)
    replace(folder / "model.safetensors", other_weights)
    np.testing.assert_array_equal(first_of(pipe), before)


def test_a_replaced_tokenizer_is_read_anew(folder):
    pipe = nlu.load(path=folder)
    count = len(pipe.components[0].tokenizer("Rivers")["input_ids"])
    path = folder / "tokenizer.json"
    rewrite = path.read_text().replace('"lowercase":true', '"lowercase":false')
    rewrite = rewrite.replace('"lowercase": true', '"lowercase": false')
    assert rewrite != path.read_text()
    rename_over(path, rewrite.encode())
    again = nlu.load(path=folder)
    frames = [one.predict("Rivers", metadata=True) for one in (pipe, again)]
    counts = [frame.filter(like="piece_count").iloc[0, 0] for frame in frames]
    assert counts[0] == count - 2
    assert counts[0] != counts[1]


def test_the_same_files_are_one_model_in_memory(folder):
    first, second = (nlu.load(path=folder).components[0].plan.loaded for _ in range(2))
    assert first is second


def test_the_embedder_of_scikit_learn_reads_replaced_weights_when_it_is_fitted(
    folder, other_weights
):
    embedder = TextEmbedder(None, path=folder).fit([TEXT])
    before = embedder.transform([TEXT])
    rewrite_with_the_same_time(folder / "model.safetensors", other_weights)
    wanted = nlu.load(path=folder).encode(TEXT)
    assert_equal(embedder.fit([TEXT]).transform([TEXT]), wanted)
    assert np.abs(before - wanted).max() > 0.1


def test_a_model_taught_again_into_the_same_folder_is_the_new_one(folder, tmp_path):
    target = tmp_path / "tuned"
    data = pd.DataFrame({"text": ["good one", "bad one"] * 4, "y": ["p", "n"] * 4})
    swapped = data.assign(y=data.y.map({"p": "n", "n": "p"}))
    options = {"folder": str(target), "epochs": 10, "learning_rate": 1e-3}
    nlu.finetune(str(folder), data, **options).predict("good one")
    shutil.rmtree(target)
    second = nlu.finetune(str(folder), swapped, **options).predict("good one").iloc[0].tolist()
    nlu.clear_cache()
    fresh = nlu.load(path=target, task="text_classification").predict("good one").iloc[0].tolist()
    assert second[:2] == fresh[:2]
    assert second[2] == pytest.approx(fresh[2], abs=1e-5)
