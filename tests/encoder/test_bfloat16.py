"""bfloat16 is an option for speed: the direction of every word's vector stays, on the real MiniLM
and both kinds of batch."""

from __future__ import annotations

import pydoc_data.topics

import numpy as np
import pytest
import torch

import nlu_lite as nlu
from nlu_lite.encoder import clear_cache
from nlu_lite.encoder.backends import products
from nlu_lite.encoder.backends.batched import BatchedEncoder
from nlu_lite.encoder.backends.packed import PackedEncoder
from nlu_lite.encoder.models import cache
from nlu_lite.encoder.models.devices import choose_dtype

TEXTS = [
    "I love NLP",
    "Supercalifragilisticexpialidocious — 北京, naïve façade, $5.50 @anna #nlp 12:30!",
    pydoc_data.topics.topics["assert"],
    pydoc_data.topics.topics["lambda"],
]


@pytest.fixture(autouse=True)
def _models_of_this_test_only():
    clear_cache()
    yield
    clear_cache()


@pytest.mark.parametrize("switch", ["0", "1"])
@pytest.mark.parametrize("kind", [PackedEncoder, BatchedEncoder])
def test_every_word_of_minilm_points_the_same_way_in_bfloat16(kind, switch, monkeypatch):
    expected = nlu.vectors(nlu.load("en.embed.minilm_l6").predict(TEXTS))
    clear_cache()
    monkeypatch.setenv(products.SWITCH, switch)
    if kind is BatchedEncoder:
        monkeypatch.setattr(cache, "read_family_settings", lambda *_: None)
    pipe = nlu.load("en.embed.minilm_l6", dtype="bfloat16")
    assert type(pipe.components[0].plan.loaded.encoder) is kind
    matrix = nlu.vectors(pipe.predict(TEXTS))
    assert matrix.dtype == np.float32
    assert len(matrix) > 200
    cosine = (
        (matrix * expected).sum(1)
        / np.linalg.norm(matrix, axis=1)
        / np.linalg.norm(expected, axis=1)
    )
    assert cosine.min() >= 0.999
    assert np.abs(matrix - expected).max() > 1e-4, "this was not computed in bfloat16"


@pytest.mark.parametrize("has", [True, False])
def test_auto_takes_bfloat16_where_the_processor_has_it(has, monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: has)
    assert choose_dtype("auto", torch.device("cpu")) == (torch.bfloat16 if has else torch.float32)
    expected = nlu.vectors(nlu.load("en.embed.minilm_l6").predict("I love NLP"))
    matrix = nlu.vectors(nlu.load("en.embed.minilm_l6", dtype="auto").predict("I love NLP"))
    cosine = (
        (matrix * expected).sum(1)
        / np.linalg.norm(matrix, axis=1)
        / np.linalg.norm(expected, axis=1)
    )
    assert cosine.min() >= 0.999
    assert bool((matrix != expected).any()) == has
