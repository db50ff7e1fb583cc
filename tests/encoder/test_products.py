"""Products by oneDNN are torch's products; where its operators are missing, wrong or turned off,
torch's are taken."""

from __future__ import annotations

import logging
import os

import pytest
import torch

from nlu_lite.encoder.backends import products
from nlu_lite.encoder.backends.products import (
    ACTIVATIONS,
    OneDnnProduct,
    TorchProduct,
    has_onednn,
    make_product,
)

CPU = torch.device("cpu")
FLOAT = torch.float32

# In CI nobody would read that they were left out.
IS_REQUIRED = os.environ.get("CI", "") == "true"
needs_onednn = pytest.mark.skipif(
    not (IS_REQUIRED or has_onednn(CPU, FLOAT)),
    reason="this torch has no oneDNN operators for float32",
)


@pytest.fixture(autouse=True)
def _tried_anew():
    products._is_right.cache_clear()
    yield
    products._is_right.cache_clear()


def log_of(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "nlu_lite"]


def test_the_switch_turns_it_off(monkeypatch):
    monkeypatch.setenv(products.SWITCH, "0")
    assert not has_onednn(CPU, FLOAT)
    assert isinstance(make_product(torch.ones(2, 3)), TorchProduct)


@needs_onednn
def test_it_is_taken_where_it_is_right():
    assert isinstance(make_product(torch.ones(2, 3)), OneDnnProduct)


@pytest.mark.skipif(
    not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="this processor has no bfloat16"
)
def test_rounding_in_bfloat16_is_no_fault(caplog):
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        assert has_onednn(CPU, torch.bfloat16)
    assert not log_of(caplog)


def test_missing_operators_are_done_without(monkeypatch, caplog):
    monkeypatch.setattr(products, "_OPERATORS", ("_linear_pointwise", "_gone_in_a_later_torch"))
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        assert not has_onednn(CPU, FLOAT)
    assert not log_of(caplog)


@pytest.mark.parametrize(
    ("device", "dtype"), [("cpu", torch.float16), ("cpu", torch.float64), ("meta", FLOAT)]
)
def test_it_is_for_float32_and_bfloat16_on_a_processor(device, dtype):
    assert not has_onednn(torch.device(device), dtype)


@needs_onednn
@pytest.mark.parametrize("activation", [None, *ACTIVATIONS])
@pytest.mark.parametrize("rows", [0, 1, 7, 130])
def test_a_product_of_any_number_of_rows_is_torchs(rows, activation):
    torch.manual_seed(1)
    states, weight = torch.randn(rows, 8), torch.randn(16, 8) / 3
    kind = None if activation is None else ACTIVATIONS[activation]
    for bias in (None, torch.randn(16)):
        with torch.inference_mode():
            expected = TorchProduct(weight, bias, kind)(states)
            result = OneDnnProduct(weight, bias, kind)(states)
        torch.testing.assert_close(result, expected, atol=1e-5, rtol=1e-5)


@needs_onednn
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_residual_is_added_and_left_as_it_was(dtype):
    torch.manual_seed(1)
    states, weight = torch.randn(9, 8).to(dtype), torch.randn(16, 8).to(dtype)
    residual = torch.randn(9, 16).to(dtype)
    before = residual.clone()
    with torch.inference_mode():
        result = OneDnnProduct(weight, None, None)(states, residual=residual)
        expected = states.float() @ weight.float().T + residual.float()
    tolerance = 1e-5 if dtype == torch.float32 else 0.1
    torch.testing.assert_close(result.float(), expected, atol=tolerance, rtol=tolerance)
    assert torch.equal(residual, before)


@needs_onednn
@pytest.mark.parametrize(
    ("part", "message"),
    [("bias", "a product is another"), ("residual", "a product with a residual is another")],
)
def test_wrong_operators_are_found_out(part, message, monkeypatch, caplog):
    """A later version of torch could leave out what is added."""
    right = OneDnnProduct.__call__

    def wrong(self, states, *, residual=None):
        result = right(self, states, residual=residual)
        if part == "bias":
            return result if self._bias is None else result - self._bias
        return result if residual is None else result - residual

    monkeypatch.setattr(OneDnnProduct, "__call__", wrong)
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        assert not has_onednn(CPU, FLOAT)
    assert log_of(caplog) == [f"Products are torch's, which is slower: oneDNN fails ({message})."]


@needs_onednn
def test_operators_that_fail_are_found_out(monkeypatch, caplog):
    def fail(self, *_, **__):
        raise RuntimeError("could not create a primitive")

    monkeypatch.setattr(OneDnnProduct, "__call__", fail)
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        assert not has_onednn(CPU, FLOAT)
    assert "could not create a primitive" in log_of(caplog)[0]
