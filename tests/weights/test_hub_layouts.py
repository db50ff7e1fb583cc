"""Folders as the hub has them, loaded by a reference, equal a direct forward; those that cannot be
right are refused."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from huggingface_hub import snapshot_download
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoModel, BertTokenizer, RobertaTokenizer

import nlu_lite as nlu
from nlu_lite.errors import ModelError, WeightsNotFoundError
from tests.conftest import real_weights
from tests.helpers.equal import assert_equal
from tests.helpers.families import without_model_type
from tests.helpers.hub import Fault
from tests.helpers.hub.models import (
    REFERENCE,
    REPO,
    TEXT,
    assert_loads,
    assert_refused,
    entry_text,
    files_of,
    right_vectors,
)

SMILES = "C C ( = O ) O c 1 c c c c c 1 C ( = O ) [O-] . [Na+] >> Cl c 1 c c c c c 1 . N Br"
SIZE = {"dimension": 32, "layers": 3}


@pytest.fixture
def serve(hub, own_registry, tmp_path):
    """Put a folder on the hub under a reference with these facts; a function of its files may
    change them."""

    def put(folder, *, source=None, **facts):
        hub.add(REPO, files_of(folder))
        own_registry(entry_text(source=source, **facts))
        return hub

    return put


def weights_of(folder):
    return load_file(folder / "model.safetensors")


def fetched(hub):
    """The names of the files that were asked for."""
    return {
        request.path.partition("/resolve/")[2].partition("/")[2] for request in hub.requests
    } - {""}


def copy(folder, to, *without):
    """A copy of a folder that lacks some files."""
    return shutil.copytree(folder, to, ignore=shutil.ignore_patterns(*without))


def old_style(folder, to, *, prefix="bert."):
    """The same model as the folders of 2020 hold it: BertForPreTraining's names, no tokenizer
    files, no model_type."""
    copy(folder, to, "model.safetensors", "tokenizer.json")
    tensors = {}
    for name, tensor in weights_of(folder).items():
        old = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        )
        tensors[prefix + old] = tensor
    tensors["cls.predictions.bias"] = torch.zeros(3)
    tensors[f"{prefix}embeddings.position_ids"] = torch.arange(62)[None]
    torch.save(tensors, to / "pytorch_model.bin")
    without_model_type(to)
    write_vocabulary(folder, to)
    return to


def write_vocabulary(folder, to):
    vocabulary = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    (to / "vocab.txt").write_text(
        "\n".join(sorted(vocabulary, key=vocabulary.get)) + "\n", encoding="utf-8"
    )


# Weights


def test_weights_in_one_bin_file(serve, tiny, tmp_path):
    folder = copy(tiny, tmp_path / "model", "model.safetensors")
    torch.save(weights_of(tiny), folder / "pytorch_model.bin")
    serve(folder, **SIZE)
    assert_loads(tiny)


@pytest.mark.parametrize("safe", [True, False])
def test_weights_in_shards(serve, tiny, tmp_path, safe):
    folder = copy(tiny, tmp_path / "model", "model.safetensors")
    AutoModel.from_pretrained(tiny).save_pretrained(folder, max_shard_size="100KB")
    shards = sorted(path.name for path in folder.glob("model-*.safetensors"))
    assert len(shards) > 1
    if not safe:
        index = json.loads((folder / "model.safetensors.index.json").read_text())
        index["weight_map"] = {name: as_bin(shard) for name, shard in index["weight_map"].items()}
        (folder / "model.safetensors.index.json").unlink()
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
        for shard in shards:
            torch.save(load_file(folder / shard), folder / as_bin(shard))
            (folder / shard).unlink()
    hub = serve(folder, **SIZE)
    assert_loads(tiny)
    names = {"config.json", "tokenizer.json", *(path.name for path in folder.glob("*model*"))}
    assert fetched(hub) == names
    hub.clear_requests()
    assert_loads(tiny)
    assert hub.requests == []


def as_bin(shard):
    return shard.replace("model-", "pytorch_model-").replace(".safetensors", ".bin")


def test_shards_that_were_cut_off_are_fetched_by_the_next_try(serve, tiny, tmp_path, naps):
    folder = copy(tiny, tmp_path / "model", "model.safetensors")
    AutoModel.from_pretrained(tiny).save_pretrained(folder, max_shard_size="100KB")
    hub = serve(folder)
    hub.fault(Fault(path="/cdn/", skip=1, status=500))
    assert_refused(Exception, "answered 500")
    assert_refused(WeightsNotFoundError, "lacks", offline=True)
    hub.clear_faults()
    hub.clear_requests()
    assert_loads(tiny)
    assert "config.json" not in fetched(hub)


@pytest.mark.parametrize(
    "name", ["../../../../escaped.safetensors", "/etc/passwd", "folder/model.safetensors"]
)
def test_an_index_that_names_files_outside_the_folder_is_refused(serve, tiny, tmp_path, name):
    folder = copy(tiny, tmp_path / "model", "model.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
    hub = serve(folder)
    for _ in range(2):
        assert_refused(ModelError, "names files outside its folder", name, "refused")
    assert fetched(hub) == {"model.safetensors.index.json"}
    assert_refused(WeightsNotFoundError, "lacks", offline=True)
    with pytest.raises(ModelError, match="names files outside its folder"):
        nlu.load(path=folder)
    # Another program may leave all of it, and no look into the cache may fail on that.
    snapshot_download(REPO)
    assert_refused(WeightsNotFoundError, "lacks a sound index of its weights", name, offline=True)
    assert_refused(WeightsNotFoundError, "References that work now", request="bert", offline=True)
    hub.clear_requests()
    assert_refused(ModelError, "names files outside its folder")
    assert fetched(hub) == set()
    hub.add(REPO, files_of(tiny))
    assert_loads(tiny)


def test_an_index_that_names_a_file_the_repository_lacks_is_refused(serve, tiny, tmp_path):
    folder = copy(tiny, tmp_path / "model", "model.safetensors")
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"a": "model-1-of-1.safetensors"}})
    )
    serve(folder)
    assert_refused(
        WeightsNotFoundError,
        REPO,
        "lacks model-1-of-1.safetensors",
        "model.safetensors.index.json names",
    )


def test_other_safetensors_beside_a_bin_file_do_no_harm(tiny, tmp_path):
    folder = copy(tiny, tmp_path / "model", "model.safetensors")
    torch.save(weights_of(tiny), folder / "pytorch_model.bin")
    shutil.copy(tiny / "model.safetensors", folder / "adapter.safetensors")
    assert_equal(nlu.vectors(nlu.load(path=folder).predict(TEXT)), right_vectors(tiny))


# Folders of 2020


@pytest.mark.parametrize("prefix", ["", "bert."])
@pytest.mark.parametrize("facts", [{}, {"tokenizer": "wordpiece", "lowercase": True}])
def test_a_folder_of_2020(serve, tiny, tmp_path, prefix, facts):
    folder = old_style(tiny, tmp_path / "model", prefix=prefix)
    serve(folder, **facts, **SIZE)
    assert_loads(tiny)


@pytest.mark.parametrize("facts", [{}, {"tokenizer": "wordpiece", "lowercase": False}])
def test_a_cased_folder_of_2020_is_not_lower_cased(serve, family_folder, tmp_path, facts):
    cased = family_folder("bert-cased")
    folder = old_style(cased, tmp_path / "model")
    assert BertTokenizer(str(folder / "vocab.txt")).tokenize("Straße") == BertTokenizer(
        str(folder / "vocab.txt")
    ).tokenize("straße")
    serve(folder, **facts)
    assert_loads(cased)


@pytest.mark.parametrize(("lowercase", "accents"), [(False, None), (True, False), (False, True)])
def test_the_folders_own_word_on_its_letters_wins(
    serve, family_folder, tmp_path, lowercase, accents
):
    cased = family_folder("bert-cased")
    folder = old_style(cased, tmp_path / "model")
    settings = {"do_lower_case": lowercase, "strip_accents": accents}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    serve(folder, lowercase=not lowercase)
    right = copy(cased, tmp_path / "right", "tokenizer.json")
    BertTokenizer(str(folder / "vocab.txt"), **settings).backend_tokenizer.save(
        str(right / "tokenizer.json")
    )
    assert_loads(right)


def test_the_real_folder_of_2020(serve, tmp_path):
    """Weights that were trained, in a folder that transformers' own classes refuse as it stands."""
    real = real_weights("rxnfp", "models", "transformers", "bert_ft")
    with pytest.raises(ValueError, match="model_type"):
        AutoModel.from_pretrained(real)
    whole = copy(real, tmp_path / "whole")
    settings = json.loads((real / "config.json").read_text())
    (whole / "config.json").write_text(json.dumps(settings | {"model_type": "bert"}))
    BertTokenizer(str(real / "vocab.txt"), do_lower_case=False).backend_tokenizer.save(
        str(whole / "tokenizer.json")
    )
    serve(real, dimension=256, layers=12, tokenizer="wordpiece", lowercase=False)
    frame = nlu.load(REFERENCE, sentences=None).predict(SMILES)
    assert_equal(nlu.vectors(frame), right_vectors(whole, SMILES, longest=512))


# Sentence-transformers, RoBERTa


def sentence_transformer(folder, to):
    copy(folder, to)
    (to / "1_Pooling").mkdir()
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {
            "idx": 1,
            "name": "1",
            "path": "1_Pooling",
            "type": "sentence_transformers.models.Pooling",
        },
    ]
    for name, content in (
        ("modules.json", modules),
        (
            "1_Pooling/config.json",
            {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True},
        ),
        ("sentence_bert_config.json", {"max_seq_length": 20, "do_lower_case": False}),
        ("config_sentence_transformers.json", {"__version__": {"pytorch": "1.8.1"}}),
    ):
        (to / name).write_text(json.dumps(content))
    return to


def test_the_words_of_a_sentence_transformer(serve, tiny, tmp_path):
    folder = sentence_transformer(tiny, tmp_path / "model")
    hub = serve(folder)
    assert_loads(tiny)
    assert {"modules.json", "1_Pooling/config.json", "sentence_bert_config.json"} < fetched(hub)
    hub.clear_requests()
    assert_loads(tiny, request=REPO, task="embed")
    assert hub.requests == []


def test_a_roberta_with_vocab_and_merges_only(serve, family_folder, tmp_path):
    roberta = family_folder("roberta")
    folder = copy(roberta, tmp_path / "model", "tokenizer.json")
    settings = json.loads((roberta / "tokenizer.json").read_text())["model"]
    (folder / "vocab.json").write_text(json.dumps(settings["vocab"]))
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in settings["merges"]]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    serve(folder, architecture="roberta", tokenizer="bpe")
    assert_loads(roberta)
    tokenizer = nlu.load(REFERENCE).components[0].plan.loaded.tokenizer
    plain = RobertaTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    for text in ("a <mask> b</s>", " leading", "naïve\n“x”  y", "😀👍🏽"):
        assert tokenizer([text]).ids.tolist() == plain(text, add_special_tokens=False)["input_ids"]


# A tokenizer of another model


@pytest.mark.parametrize(
    "change",
    [
        lambda pieces: [*pieces, *(f"more{number}" for number in range(257))],
        lambda pieces: pieces[: len(pieces) // 2 - 1],
    ],
)
def test_a_vocabulary_of_another_model_is_refused(serve, tiny, tmp_path, change):
    folder = old_style(tiny, tmp_path / "model")
    pieces = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    (folder / "vocab.txt").write_text("\n".join(change(pieces)) + "\n", encoding="utf-8")
    serve(folder)
    assert_refused(
        ModelError,
        f"{len(change(pieces))} entries",
        f"vocabulary {len(pieces)}",
        "do not belong together",
    )


def test_facts_that_contradict_the_folder_are_refused(serve, tiny):
    serve(tiny, dimension=64)
    assert_refused(ModelError, "says dimension 32", REFERENCE, "64")


def test_a_repository_of_another_format_says_what_it_holds_and_what_to_do(serve, tiny):
    hub = serve(tiny)
    hub.add(REPO, {"config.json": b"{}", "model.Q4_K_M.gguf": b"GGUF"})
    with pytest.raises(WeightsNotFoundError, match=r"holds weights in GGUF.*as safetensors"):
        nlu.load(REFERENCE)
