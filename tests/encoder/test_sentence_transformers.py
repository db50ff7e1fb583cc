"""Any sentence-transformers folder gives what the library itself gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import transformers

import nlu_lite as nlu
from nlu_lite.errors import ModelError, OptionError
from tests.helpers import weights
from tests.helpers.equal import assert_equal
from tests.helpers.module_folders import TEXTS

MODES = {
    "mean": "mean",
    "cls": "cls",
    "max": "max",
    "lasttoken": "last",
    "weightedmean": "weighted",
}


@pytest.fixture(scope="module")
def library():
    import sentence_transformers

    return sentence_transformers


@pytest.fixture
def build(library, family_folder, tmp_path):
    """Make a folder with the library from small random modules."""

    def make(
        family="bert",
        *,
        mode="mean",
        dense=None,
        normalize=False,
        longest=62,
        prompts=None,
        include_prompt=True,
    ):
        from sentence_transformers.sentence_transformer import modules as models

        transformer = models.Transformer(str(family_folder(family)), max_seq_length=longest)
        width = transformer.get_embedding_dimension()
        parts = [
            transformer,
            models.Pooling(width, pooling_mode=mode, include_prompt=include_prompt),
        ]
        if dense:
            torch.manual_seed(3)
            parts.append(models.Dense(width, dense, activation_function=torch.nn.Tanh()))
        if normalize:
            parts.append(models.Normalize())
        model = library.SentenceTransformer(modules=parts, prompts=prompts, device="cpu")
        folder = tmp_path / f"{family}_{mode}"
        model.save(str(folder))
        return folder, library.SentenceTransformer(str(folder), device="cpu")

    return make


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("family", ["bert", "xlm-roberta"])
def test_every_pooling_equals_the_library_on_random_weights(build, family, mode):
    folder, model = build(family, mode=mode)
    pipe = nlu.load(path=folder)
    assert pipe.components[0].entry.task == "embed_sentence"
    assert pipe.components[0].plan.pooling == MODES[mode]
    assert_equal(pipe.encode(TEXTS), model.encode(TEXTS))


def test_linear_layers_and_normalising_equal_the_library(build):
    folder, model = build(dense=16, normalize=True)
    result = nlu.load(path=folder).encode(TEXTS)
    assert result.shape == (5, 16)
    assert_equal(result, model.encode(TEXTS))
    assert_equal(np.linalg.norm(result, axis=1)[:, None], np.ones((5, 1)))


@pytest.mark.parametrize("include_prompt", [True, False])
def test_prompts_by_name_and_literal_equal_the_library(build, include_prompt):
    folder, model = build(prompts={"query": "find this: "}, include_prompt=include_prompt)
    expected = model.encode(TEXTS, prompt_name="query")
    assert_equal(nlu.load(path=folder, prompt="query").encode(TEXTS), expected)
    assert_equal(nlu.load(path=folder, prompt="find this: ").encode(TEXTS), expected)
    assert_equal(nlu.load(path=folder).encode(TEXTS), model.encode(TEXTS, prompt_name=None))
    with pytest.raises(OptionError, match="prompt= is for sentence references"):
        nlu.load(path=folder, prompt="query", task="embed")


def test_longer_text_equals_the_library_where_it_is_cut(build):
    folder, model = build(longest=20)
    pipe = nlu.load(path=folder, long="cut")
    assert_equal(pipe.encode(TEXTS), model.encode(TEXTS))
    windows = nlu.load(path=folder).encode(TEXTS)
    assert_equal(windows[[0, 2]], model.encode([TEXTS[0], TEXTS[2]]))
    assert np.abs(windows[3] - model.encode(TEXTS[3])).max() > 1e-3


def test_the_real_minilm_equals_the_library(library):
    pipe = nlu.load("en.embed_sentence.minilm_l6")
    model = library.SentenceTransformer(str(pipe.components[0].folder), device="cpu")
    assert_equal(pipe.encode(TEXTS), model.encode(TEXTS))


def test_word_vectors_can_be_had_of_such_a_folder(build, family_folder):
    folder, _ = build(dense=16)
    words = nlu.load(path=folder, task="embed", column="v").predict(TEXTS)
    assert_equal(
        nlu.vectors(words),
        nlu.vectors(nlu.load(path=family_folder("bert"), column="v").predict(TEXTS)),
    )


def test_the_models_own_pooler_is_used_where_its_weights_are(family_folder, tmp_path):
    folder = family_folder("bert")
    result = nlu.load(path=folder, task="embed_sentence", sentence_pooling="pooler").encode(TEXTS)
    from transformers import AutoModel, PreTrainedTokenizerFast

    model = AutoModel.from_pretrained(folder).eval()
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    tokenizer._tokenizer.no_truncation()
    tokenizer._tokenizer.no_padding()
    for text, row in zip(TEXTS, result, strict=True):
        ids = torch.tensor([tokenizer(text)["input_ids"]])
        with torch.inference_mode():
            expected = model(input_ids=ids).pooler_output.numpy()
        assert_equal(row[None], expected)


def test_the_pooler_of_a_folder_that_holds_it_as_a_module_is_that_module(build):
    """As LaBSE has it: the first position, a linear layer, tanh."""
    folder, model = build(mode="cls", dense=32)
    pipe = nlu.load(path=folder, sentence_pooling="pooler")
    assert_equal(pipe.encode(TEXTS), model.encode(TEXTS))


def test_a_pooler_without_weights_is_refused(family_folder):
    with pytest.raises(ModelError, match="hold none; another would be random"):
        nlu.load(path=family_folder("electra"), task="embed_sentence", sentence_pooling="pooler")


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("modules.json", {}, "must hold a JSON list"),
        (
            "modules.json",
            [{"type": "x.CrossAttention", "path": ""}],
            "'CrossAttention' in '', of the class 'x.CrossAttention', which is not served",
        ),
        (
            "modules.json",
            [{"type": "sentence_transformers.models.Pooling", "path": "../up"}],
            "outside the folder",
        ),
        (
            "1_Pooling/config.json",
            {"embedding_dimension": 32, "pooling_mode": ["cls", "attention"]},
            "is not served",
        ),
        ("1_Pooling/config.json", {"pooling_mode": "attention"}, "is not served"),
        (
            "2_Dense/config.json",
            {"activation_function": "torch.nn.modules.activation.Threshold"},
            "the activation 'Threshold'",
        ),
    ],
)
def test_modules_that_are_not_served_are_refused(build, name, content, part):
    folder, _ = build(dense=16)
    assert (folder / name).is_file()
    (folder / name).write_text(json.dumps(content))
    with pytest.raises(ModelError, match=part):
        nlu.load(path=folder)


@pytest.mark.slow
def test_the_real_mpnet_equals_the_library(library):
    """Its folder says mean and length one, and its tokenizer's files cut at 128 pieces, the module
    at 384."""
    folder = weights.folder(weights.MPNET)
    model = library.SentenceTransformer(str(folder), device="cpu")
    texts = [
        *TEXTS,
        "The ferry leaves at nine. " * 30,
        "“Curly” quotes, €300 and #hashtags — all of them.",
    ]
    pipe = nlu.load(path=folder)
    assert pipe.components[0].plan.normalized
    assert_equal(pipe.encode(texts), model.encode(texts))
    long = " ".join(texts * 12)
    assert_equal(nlu.load(path=folder, long="cut").encode([long]), model.encode([long]))


@pytest.mark.slow
def test_words_of_the_real_mpnet_equal_a_direct_forward(library):
    folder = weights.folder(weights.MPNET)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    text = "The ferry leaves at nine"
    with torch.inference_mode():
        states = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].numpy()
    frame = nlu.load(path=folder, task="embed").predict(text)
    assert frame["token"].tolist() == text.split()
    assert_equal(nlu.vectors(frame), states[1:-1])
