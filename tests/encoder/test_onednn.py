"""oneDNN's linear layers give the plain model's numbers, can be turned off, and are left alone
where missing or wrong."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from nlu_lite.encoder.backends import onednn
from nlu_lite.encoder.backends.onednn import PackedLinear
from tests.encoder.test_packed import (
    CPU,
    LAYERS,
    all_tokens,
    chosen,
    encode,
    fresh,
    mixed,
    plain_states,
    tiny,
    warnings_in,
)
from tests.helpers.equal import assert_equal
from tests.helpers.families import SIZE

FLOAT = torch.float32


def replaced(model):
    return [module for module in model.modules() if isinstance(module, PackedLinear)]


needs_onednn = pytest.mark.skipif(
    not onednn.available(CPU, FLOAT), reason="this torch has no oneDNN operators for float32"
)


def test_the_switch_turns_it_off(family_folder, monkeypatch):
    monkeypatch.setenv(onednn.SWITCH, "0")
    assert not onednn.available(CPU, FLOAT)
    model = fresh(family_folder("bert"))
    chosen(model)
    assert not replaced(model)


def test_missing_operators_are_done_without(family_folder, monkeypatch, caplog):
    monkeypatch.setattr(onednn, "_OPERATORS", ("_linear_pointwise", "_gone_in_a_later_torch"))
    model = fresh(family_folder("bert"))
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        chosen(model)
    assert not replaced(model)
    assert not warnings_in(caplog)


@pytest.mark.parametrize(
    ("device", "dtype"), [("cpu", torch.float16), ("cpu", torch.float64), ("meta", FLOAT)]
)
def test_it_is_for_float32_and_bfloat16_on_a_processor(device, dtype):
    assert not onednn.available(torch.device(device), dtype)


@needs_onednn
@pytest.mark.parametrize(
    ("family", "count"),
    [("bert", 18), ("roberta", 18), ("distilbert", 18), ("albert", 7), ("electra", 19)],
)
def test_every_linear_layer_but_the_poolers_is_replaced(family, count, family_folder):
    """ALBERT has one layer for all, and it and ELECTRA one more for their narrow embeddings."""
    model = fresh(family_folder(family))
    chosen(model)
    assert len(replaced(model)) == count
    assert sum(isinstance(module, torch.nn.Identity) for module in model.modules()) == (
        1 if family == "albert" else 3
    )


@needs_onednn
@pytest.mark.parametrize(
    "name", ["gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "relu", "silu"]
)
def test_activations_fused_or_not(name, caplog):
    torch.manual_seed(3)
    model = (
        BertModel(BertConfig(**SIZE, vocab_size=300, hidden_act=name, initializer_range=0.4))
        .eval()
        .requires_grad_(False)
    )
    sequences = mixed()
    expected = plain_states(model, sequences)
    encoder = chosen(model)
    assert not warnings_in(caplog)
    assert len(replaced(model)) == 18
    assert any(isinstance(module, torch.nn.Identity) for module in model.modules()) == (
        name != "silu"
    )
    assert_equal(
        encode(encoder, sequences, all_tokens(sequences), layers=LAYERS).reshape(expected.shape),
        expected,
    )


@needs_onednn
@pytest.mark.parametrize("name", ["mpnet", "xlnet", "deberta-v2", "longformer", "modernbert"])
def test_other_architectures_have_it_too(name, caplog):
    """XLNet has linear layers only behind its attention; ModernBERT's have no bias."""
    model = tiny(name)
    sequences = mixed()
    expected = plain_states(model, sequences)
    encoder = chosen(model, pad=model.config.pad_token_id)
    assert not warnings_in(caplog)
    assert replaced(model)
    assert_equal(
        encode(encoder, sequences, all_tokens(sequences), layers=LAYERS).reshape(expected.shape),
        expected,
    )


@needs_onednn
def test_wrong_operators_are_found_out_and_the_model_is_as_it_was(
    family_folder, monkeypatch, caplog
):
    right = PackedLinear.forward
    monkeypatch.setattr(PackedLinear, "forward", lambda self, states: right(self, states) * 1.01)
    assert_fallen_back(
        family_folder("bert"), caplog, "with oneDNN's, its numbers are not those of a text alone"
    )


@needs_onednn
def test_operators_that_fail_are_found_out_and_the_model_is_as_it_was(
    family_folder, monkeypatch, caplog
):
    def fail(self, states):
        raise RuntimeError("could not create a primitive")

    monkeypatch.setattr(PackedLinear, "forward", fail)
    assert_fallen_back(family_folder("bert"), caplog, "could not create a primitive")


@needs_onednn
def test_weights_that_cannot_be_packed_are_put_back(family_folder, monkeypatch, caplog):
    made = []
    right = PackedLinear.__init__

    def fail_at_the_third(self, *arguments):
        made.append(1)
        if len(made) == 3:
            raise RuntimeError("no memory for blocks")
        right(self, *arguments)

    monkeypatch.setattr(PackedLinear, "__init__", fail_at_the_third)
    assert_fallen_back(family_folder("bert"), caplog, "no memory for blocks")


def assert_fallen_back(folder, caplog, message):
    plain, model = fresh(folder), fresh(folder)
    sequences = mixed()
    expected = plain_states(plain, sequences)
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        encoder = chosen(model)
    assert len(warnings_in(caplog)) == 1
    assert message in warnings_in(caplog)[0]
    assert not replaced(model)
    for (name, before), (other_name, after) in zip(
        plain.state_dict().items(), model.state_dict().items(), strict=True
    ):
        assert name == other_name
        assert torch.equal(before, after)
    assert_equal(
        encode(encoder, sequences, all_tokens(sequences), layers=LAYERS).reshape(expected.shape),
        expected,
    )


@needs_onednn
@pytest.mark.parametrize("shape", [(1, 5, 8), (7, 8), (1, 0, 8)])
def test_a_packed_linear_takes_any_number_of_rows(shape):
    torch.manual_seed(1)
    states = torch.randn(shape)
    for linear in (torch.nn.Linear(8, 16), torch.nn.Linear(8, 16, bias=False)):
        with torch.inference_mode():
            expected = torch.nn.functional.gelu(linear(states))
            result = PackedLinear(linear, ("gelu", "none"))(states)
        np.testing.assert_allclose(result, expected, atol=1e-6)
