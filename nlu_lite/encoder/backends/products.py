"""Products with weights, and what follows at once: a bias, an activation, or the sum with states.

On a CPU they are oneDNN's own, with weights that are packed once: torch's ``F.linear`` calls
another library for float32, and packs oneDNN's weights anew on every call for bfloat16. The
operators are those of torch's compiler, and private: they may be missing or be others in another
version. So they are tried once a process on a small product, and torch's are taken instead.

The environment variable ``NLU_LITE_ONEDNN=0`` leaves all to torch; it is read when a model is
loaded.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Protocol

import torch
from torch.nn import functional

from nlu_lite.encoder.backends.out_of_memory import FAULTS

log = logging.getLogger("nlu_lite")

SWITCH = "NLU_LITE_ONEDNN"
# oneDNN keeps what it compiled for every number of rows it met, 1,024 of them unless told
# otherwise. Batches come in so many sizes that memory would grow for hours; making one anew costs
# next to nothing beside the product.
_CACHE, _KEPT = "ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64"
_OPERATORS = ("_linear_pointwise", "_reorder_linear_weight")
# Of the product that is tried: rows, numbers in, numbers out.
_TRIED = (5, 32, 48)
# Of results between -5 and 5: what rounding may change, in bfloat16 twice.
_TOLERANCES = {torch.float32: 1e-5, torch.bfloat16: 0.06}


@dataclass(frozen=True)
class Activation:
    """What stands between two products.

    Attributes:
        compute: From shape (...) to the same shape.
        fused: oneDNN's name of it, and of its algorithm; None where it has none.
    """

    compute: Callable[[torch.Tensor], torch.Tensor]
    fused: tuple[str, str] | None = None


_GELU = Activation(functional.gelu, ("gelu", "none"))
_TANH_GELU = Activation(partial(functional.gelu, approximate="tanh"), ("gelu", "tanh"))
_SILU = Activation(functional.silu)
# By the names of configurations. Source: ``activations.py`` of transformers, 5.23.
ACTIVATIONS = {
    "gelu": _GELU,
    "gelu_python": _GELU,
    "gelu_new": _TANH_GELU,
    "gelu_fast": _TANH_GELU,
    "gelu_accurate": _TANH_GELU,
    "gelu_pytorch_tanh": _TANH_GELU,
    "gelu_python_tanh": _TANH_GELU,
    "quick_gelu": Activation(lambda states: states * torch.sigmoid(1.702 * states)),
    "relu": Activation(functional.relu, ("relu", "")),
    "relu6": Activation(functional.relu6),
    "leaky_relu": Activation(functional.leaky_relu),
    "silu": _SILU,
    "swish": _SILU,
    "mish": Activation(functional.mish),
    "hardswish": Activation(functional.hardswish),
    "sigmoid": Activation(torch.sigmoid),
    "tanh": Activation(torch.tanh),
    "linear": Activation(lambda states: states),
}


class Product(Protocol):
    """A product with weights, ready to be computed."""

    def __call__(
        self, states: torch.Tensor, *, residual: torch.Tensor | None = None
    ) -> torch.Tensor:
        """From shape (tokens, in) to (tokens, out).

        Args:
            states: Shape (tokens, in).
            residual: Shape (tokens, out): added to the result.
        """


class TorchProduct:
    """A product by torch's own linear layer.

    Args:
        weight: Shape (out, in).
        bias: Shape (out,); None where there is none.
        activation: What follows at once; None for nothing.
    """

    def __init__(
        self, weight: torch.Tensor, bias: torch.Tensor | None, activation: Activation | None
    ) -> None:
        self._weight, self._bias, self._activation = weight, bias, activation

    def __call__(
        self, states: torch.Tensor, *, residual: torch.Tensor | None = None
    ) -> torch.Tensor:
        """As ``Product``."""
        result = functional.linear(states, self._weight, self._bias)
        if self._activation is not None:
            result = self._activation.compute(result)
        return result if residual is None else result.add_(residual)


class OneDnnProduct:
    """A product by oneDNN, which also adds and activates while the numbers are at hand.

    Args:
        weight: Shape (out, in); it is packed, and not kept.
        bias: Shape (out,); None where there is none.
        activation: What follows at once; None for nothing.
    """

    def __init__(
        self, weight: torch.Tensor, bias: torch.Tensor | None, activation: Activation | None
    ) -> None:
        operators: Any = torch.ops.mkldnn
        # By their full names: of a short one torch tries all forms, and writes down why each fails.
        self._multiply: Any = operators._linear_pointwise.default
        self._multiply_and_add: Any = operators._linear_pointwise.binary
        self._weight = operators._reorder_linear_weight(weight)
        self._bias = bias
        self._fused = ("none", "") if activation is None else activation.fused
        self._activation = activation if self._fused is None else None

    def __call__(
        self, states: torch.Tensor, *, residual: torch.Tensor | None = None
    ) -> torch.Tensor:
        """As ``Product``."""
        result: torch.Tensor
        if residual is not None:
            result = self._multiply_and_add(states, residual, self._weight, self._bias, "add")
            return result
        name, algorithm = self._fused or ("none", "")
        result = self._multiply(states, self._weight, self._bias, name, [], algorithm)
        return result if self._activation is None else self._activation.compute(result)


def make_product(
    weight: torch.Tensor, bias: torch.Tensor | None = None, activation: Activation | None = None
) -> Product:
    """A product by the fastest operators that this machine has, and that are right.

    Args:
        weight: Shape (out, in), where it is to be computed and in the numbers of the result.
        bias: Shape (out,); None where there is none.
        activation: What follows at once; None for nothing. No residual is added behind one.
    """
    if has_onednn(weight.device, weight.dtype):
        return OneDnnProduct(weight, bias, activation)
    return TorchProduct(weight, bias, activation)


def keep_few() -> None:
    """Bound what oneDNN keeps; called before a model is read, since the library looks at first use.

    The user's own number goes first.
    """
    os.environ.setdefault(_CACHE, _KEPT)


def has_onednn(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether oneDNN's operators compute products on a device and in a number format, and rightly.

    They may be turned off.
    """
    if os.environ.get(SWITCH, "1") == "0" or device.type != "cpu":
        return False
    return dtype in _TOLERANCES and _is_right(dtype)


@cache
@torch.inference_mode()
def _is_right(dtype: torch.dtype) -> bool:
    """Whether the operators are there and give torch's own numbers on a small product."""
    library: Any = torch.backends.mkldnn
    operators: Any = torch.ops.mkldnn
    if not library.is_available() or not all(hasattr(operators, name) for name in _OPERATORS):
        return False
    if dtype == torch.bfloat16:
        is_supported = getattr(operators, "_is_mkldnn_bf16_supported", None)
        if is_supported is None or not is_supported():
            return False
    try:
        fault = _find_fault(dtype)
    except FAULTS as error:
        fault = f"{type(error).__name__}: {error!s:.200}"
    if fault is not None:
        log.info("Products are torch's, which is slower: oneDNN fails (%s).", fault)
    return fault is None


def _find_fault(dtype: torch.dtype) -> str | None:
    """What differs from torch's numbers: plain, with each activation, or with a residual."""
    rows, width_in, width_out = _TRIED
    weight = (_make_numbers(width_out, width_in) / 4).to(dtype)
    bias, states = _make_numbers(width_out).to(dtype), _make_numbers(rows, width_in).to(dtype)
    residual = _make_numbers(rows, width_out).to(dtype)
    fused = (activation for activation in ACTIVATIONS.values() if activation.fused is not None)
    activations = (None, *dict.fromkeys(fused))
    for activation in activations:
        for other_bias in (None, bias):
            expected = TorchProduct(weight, other_bias, activation)(states)
            result = OneDnnProduct(weight, other_bias, activation)(states)
            if not _is_near(result, expected):
                name = "" if activation is None else f" with {activation.fused}"
                return f"a product{name} is another"
    expected = TorchProduct(weight, bias, None)(states, residual=residual)
    if not _is_near(OneDnnProduct(weight, bias, None)(states, residual=residual), expected):
        return "a product with a residual is another"
    return None


def _make_numbers(*shape: int) -> torch.Tensor:
    """Numbers between -1 and 1, always the same."""
    count = torch.Size(shape).numel()
    return torch.sin(torch.arange(count, dtype=torch.float32) * 1.7).reshape(shape)


def _is_near(result: torch.Tensor, expected: torch.Tensor) -> bool:
    if result.shape != expected.shape:
        return False
    difference = (result.float() - expected.float()).abs().max()
    return bool(difference <= _TOLERANCES[result.dtype])
