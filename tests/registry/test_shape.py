"""Size and speed computed from a model's shape, beside models that transformers builds."""

from __future__ import annotations

import dataclasses

import pytest
import torch
import transformers

from nlu_lite import registry
from nlu_lite.registry import compute_size_mb, compute_speed

BASE = {"hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072}
LARGE = {"hidden_size": 1024, "num_attention_heads": 16, "intermediate_size": 4096}
MINILM = {"hidden_size": 384, "num_attention_heads": 12, "intermediate_size": 1536}
TINY = {"hidden_size": 128, "num_attention_heads": 2, "intermediate_size": 512}
ROBERTA = {"max_position_embeddings": 514, "type_vocab_size": 1}
DEBERTA = {"relative_attention": True, "position_buckets": 256, "share_att_key": True}
# Reference -> transformers' name of the model, layers, vocabulary, and its other settings.
MODELS = {
    "en.embed.bert.small_L2_128": ("Bert", 2, 30_522, TINY),
    "en.embed.minilm_l6": ("Bert", 6, 30_522, MINILM),
    "en.embed.biobert": ("Bert", 12, 28_996, BASE),
    "xx.embed.bert": ("Bert", 12, 119_547, BASE),
    "en.embed.roberta.large": ("Roberta", 24, 50_265, {**LARGE, **ROBERTA}),
    "xx.embed.xlm.base": ("XLMRoberta", 12, 250_002, {**BASE, **ROBERTA}),
    "en.embed.longformer": (
        *("Longformer", 12, 50_265),
        {**BASE, **ROBERTA, "max_position_embeddings": 4098},
    ),
    "en.embed.albert": ("Albert", 12, 30_000, BASE),
    "en.embed.electra.small_uncased": (
        *("Electra", 12, 30_522),
        {"hidden_size": 256, "embedding_size": 128, "intermediate_size": 1024},
    ),
    "en.embed.deberta_v3_base": (
        *("DebertaV2", 12, 128_100),
        {**BASE, **DEBERTA, "pos_att_type": ["p2c", "c2p"], "type_vocab_size": 0},
    ),
    "en.embed.distilbert": (
        *("DistilBert", 6, 30_522),
        {"dim": 768, "hidden_dim": 3072, "n_heads": 12},
    ),
    "en.embed_sentence.mpnet.all_mpnet_base_v2": ("MPNet", 12, 30_527, BASE),
    "en.embed.xlnet": (
        *("XLNet", 12, 32_000),
        {"d_model": 768, "n_head": 12, "d_inner": 3072},
    ),
}


@pytest.mark.parametrize("reference", MODELS)
def test_the_size_is_that_of_the_model_within_two_percent(reference):
    name, layers, vocabulary, settings = MODELS[reference]
    layers_name = {"DistilBert": "n_layers", "XLNet": "n_layer"}.get(name, "num_hidden_layers")
    configuration = getattr(transformers, f"{name}Config")(
        vocab_size=vocabulary, **{layers_name: layers}, **settings
    )
    with torch.device("meta"):
        model = getattr(transformers, f"{name}Model")(configuration)
    bytes_of_weights = sum(weight.numel() * 4 for weight in model.parameters())
    entry = dataclasses.replace(registry.current().find(reference), size_mb=None)
    assert compute_size_mb(entry) == pytest.approx(bytes_of_weights / 1e6, rel=0.02)


def test_a_model_for_one_language_made_of_one_for_many_keeps_its_vocabulary():
    entry = registry.current().find("ha.embed.bert.cased_multilingual_base_finetuned")
    assert entry.language == "ha"
    assert compute_size_mb(entry) == pytest.approx(711, rel=0.02)


@pytest.mark.parametrize(
    "changed",
    [{"layers": None}, {"dimension": None}, {"architecture": "t5"}, {"architecture": None}],
)
def test_a_size_that_the_shape_does_not_tell_is_unknown(changed):
    entry = registry.current().find("en.embed.minilm_l6")
    assert compute_size_mb(dataclasses.replace(entry, **changed)) is None


def test_an_electra_whose_name_does_not_tell_the_width_of_its_pieces_has_no_size():
    entry = registry.current().find("en.embed.electra.small_uncased")
    assert compute_size_mb(dataclasses.replace(entry, model_name="own/electra")) is None


def test_the_speed_is_one_over_layers_and_the_square_of_the_dimension():
    minilm = registry.current().find("en.embed.minilm_l6")
    assert compute_speed(minilm) == 1
    assert compute_speed(dataclasses.replace(minilm, layers=12)) == 0.5
    assert compute_speed(dataclasses.replace(minilm, dimension=768)) == 0.25
    assert compute_speed(dataclasses.replace(minilm, dimension=None)) is None
