"""What lies in a model's folder is read, or named with what to do; never a foreign exception."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

import nlu_lite as nlu
from nlu_lite.errors import ModelError
from tests.helpers.equal import assert_equal
from tests.helpers.families import make, make_classifier
from tests.matrix.models import VOCABULARY, make_folder, make_tokenizer, plain_states

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"


@pytest.fixture
def folder(tmp_path):
    return make(tmp_path / "model", "bert")


def rename_keys(folder, change):
    path = folder / "model.safetensors"
    save_file(
        {change(name): part for name, part in load_file(path).items()},
        path,
        metadata={"format": "pt"},
    )


@pytest.mark.parametrize("prefix", ["module.", "bert.", "model.bert.", "0.auto_model."])
def test_weights_with_a_prefix_too_many_are_read(folder, prefix):
    wanted = nlu.load(path=folder).encode("rivers flow")
    rename_keys(folder, lambda name: prefix + name)
    assert_equal(nlu.load(path=folder).encode("rivers flow"), wanted)


def test_weights_with_a_prefix_too_few_are_read(tmp_path):
    folder = make_classifier(tmp_path / "model", "bert", "token_classification", labels=["a", "b"])
    load = lambda: nlu.load(path=folder, task="token_classification", column="v")  # noqa: E731
    wanted = load().predict("rivers flow")
    rename_keys(folder, lambda name: name if name.startswith("classifier") else f"module.{name}")
    with pytest.raises(ModelError, match=r"They hold \d+ names"):
        load()
    rename_keys(folder, lambda name: name.removeprefix("module."))
    rename_keys(folder, lambda name: f"module.{name}")
    pd.testing.assert_frame_equal(load().predict("rivers flow"), wanted)


def test_weights_that_no_prefix_fits_are_told_by_their_names(folder):
    rename_keys(folder, lambda name: name.replace("encoder.layer", "blocks"))
    with pytest.raises(ModelError, match=r"do not fit BertModel.*They hold \d+ names \['blocks"):
        nlu.load(path=folder)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_git_lfs_pointer_is_called_one(folder, name):
    (folder / name).write_text(POINTER)
    with pytest.raises(ModelError, match=rf"{name} is a git-lfs pointer.*git lfs pull"):
        nlu.load(path=folder)


def test_a_pointer_among_the_shards_is_called_one(folder):
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    shard = "model-00001-of-00001.safetensors"
    (folder / shard).write_text(POINTER)
    index = {"metadata": {}, "weight_map": dict.fromkeys(tensors, shard)}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match=rf"{shard} is a git-lfs pointer"):
        nlu.load(path=folder)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("adapter_model.safetensors", "an adapter .*merge_and_unload"),
        ("model.Q4_K_M.gguf", "GGUF.*take the model as safetensors"),
        ("onnx/model.onnx", "an ONNX export.*take the weights"),
        ("openvino_model.xml", "an OpenVINO export"),
        ("tf_model.h5", "weights of TensorFlow.*from_tf=True"),
        ("bert_model.ckpt.index", "weights of TensorFlow"),
        ("flax_model.msgpack", "weights of Flax.*from_flax=True"),
        ("checkpoint-500/config.json", "checkpoints of a training.*name one of these folders"),
        ("weights.safetensors", "files of other names.*call them model.safetensors"),
    ],
)
def test_what_lies_in_the_place_of_weights_is_named_with_what_to_do(folder, name, message):
    (folder / "model.safetensors").unlink()
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")
    with pytest.raises(ModelError, match=f"holds no weights.*{message}"):
        nlu.load(path=folder)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("adapter_config.json", "an adapter"),
        ("model.gguf", "GGUF"),
        ("model.onnx", "an ONNX export"),
        ("bert_model.ckpt.index", "weights of TensorFlow"),
        ("checkpoint-5/config.json", "checkpoints of a training"),
        ("notes.txt", r"It holds notes\.txt"),
    ],
)
def test_a_folder_without_a_configuration_is_told_by_what_it_holds(tmp_path, name, message):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("x")
    with pytest.raises(ModelError, match=f"has no config.json.*{message}") as refusal:
        nlu.load(path=tmp_path)
    assert "Errno" not in str(refusal.value)


def test_a_vocabulary_without_its_merges_is_told_so(tmp_path):
    folder = make(tmp_path / "model", "roberta")
    Tokenizer.from_file(str(folder / "tokenizer.json")).model.save(str(folder))
    (folder / "tokenizer.json").unlink()
    (folder / "merges.txt").unlink()
    with pytest.raises(ModelError, match=r"vocab\.json without merges\.txt"):
        nlu.load(path=folder)


def test_quantised_weights_are_refused_by_name(folder):
    path = folder / "config.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps(settings | {"quantization_config": {"quant_method": "gptq"}}))
    with pytest.raises(ModelError, match=r"quantization_config: quantised weights are not served"):
        nlu.load(path=folder)


def test_numbers_beyond_json_are_read_as_transformers_writes_them(tmp_path):
    """It writes infinity as an object."""
    model = make_folder(tmp_path, "falcon_h1")
    assert '"__float__": "Infinity"' in (tmp_path / "config.json").read_text()
    pipe = nlu.load(path=tmp_path, task="embed", sentences=None)
    wanted = plain_states(model, make_tokenizer().encode("w17 w18").ids)[-1][1:-1]
    assert_equal(nlu.vectors(pipe.predict("w17 w18")), wanted)


@pytest.mark.parametrize("pad_token_id", [None, 2])
def test_a_decoder_is_taught_with_the_padding_of_its_tokenizer(tmp_path, pad_token_id):
    """Its configuration names none, or the end of a text."""
    from transformers import GPT2Config, GPT2Model

    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=VOCABULARY,
        n_embd=32,
        n_layer=1,
        n_head=4,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=pad_token_id,
    )
    GPT2Model(config).save_pretrained(tmp_path / "base")
    make_tokenizer().save(str(tmp_path / "base" / "tokenizer.json"))
    data = pd.DataFrame({"text": ["w17 w18 w19", "w20"] * 4, "y": [1, 0] * 4})
    pipe = nlu.finetune(str(tmp_path / "base"), data, epochs=1, folder=str(tmp_path / "tuned"))
    settings = json.loads((tmp_path / "tuned" / "config.json").read_text())
    assert settings["pad_token_id"] == 1
    texts = data.text.tolist()[:2]
    together = pipe.predict(texts).filter(like="confidence").iloc[:, 0].tolist()
    alone = [pipe.predict(text).filter(like="confidence").iloc[0, 0] for text in texts]
    assert together == pytest.approx(alone, abs=1e-6)
