"""Linear layers by oneDNN's own matrix product, weights packed once, the activation fused.

torch's ``F.linear`` calls another library for float32, and packs oneDNN's weights anew on every
call for bfloat16. The operators used here are those of torch's compiler, and private: they may be
missing, then nothing is replaced, or wrong, which the trial in ``nlu_lite.encoder.backends.choose``
finds out.

The environment variable ``NLU_LITE_ONEDNN=0`` leaves models with torch's own linear layers; it is
read when a model is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

SWITCH = "NLU_LITE_ONEDNN"
# oneDNN keeps what it compiled for every number of rows it met, 1,024 of them unless told
# otherwise. Batches come in so many sizes that memory would grow for hours; making one anew costs
# next to nothing beside the product.
_CACHE, _KEPT = "ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64"
_OPERATORS = ("_linear_pointwise", "_reorder_linear_weight")
# Where a layer keeps the two halves of "linear, then activation": BERT and its kin, DistilBERT,
# ALBERT.
_ACTIVATED = (("dense", "intermediate_act_fn"), ("lin1", "activation"), ("ffn", "activation"))
# Activations of transformers by class, as oneDNN calls them.
_FUSED = {
    "GELUActivation": ("gelu", "none"),
    "NewGELUActivation": ("gelu", "tanh"),
    "FastGELUActivation": ("gelu", "tanh"),
    "GELUTanh": ("gelu", "tanh"),
    "ReLU": ("relu", ""),
}


def keep_few() -> None:
    """Bound what oneDNN keeps; called before a model is read, since the library looks at first use.

    The user's own number goes first.
    """
    os.environ.setdefault(_CACHE, _KEPT)


def available(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether machine and torch have the operators for a number format, and are not told not to."""
    library: Any = torch.backends.mkldnn
    if os.environ.get(SWITCH, "1") == "0" or device.type != "cpu" or not library.is_available():
        return False
    operators: Any = torch.ops.mkldnn
    if not all(hasattr(operators, name) for name in _OPERATORS):
        return False
    if dtype == torch.bfloat16:
        return hasattr(operators, "_is_mkldnn_bf16_supported") and bool(
            operators._is_mkldnn_bf16_supported()
        )
    return dtype == torch.float32


class PackedLinear(nn.Module):
    """A linear layer, and the activation behind it, in one call of oneDNN.

    Args:
        linear: Whose weight is packed and whose bias is taken.
        activation: oneDNN's name of it, and of its algorithm.
    """

    def __init__(self, linear: nn.Linear, activation: tuple[str, str] = ("none", "")) -> None:
        super().__init__()
        self._operators: Any = torch.ops.mkldnn
        self._weight = self._operators._reorder_linear_weight(linear.weight.detach())
        self._bias = None if linear.bias is None else linear.bias.detach()
        self._activation = activation

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """From shape (..., in) to shape (..., out)."""
        name, algorithm = self._activation
        result: torch.Tensor = self._operators._linear_pointwise(
            states, self._weight, self._bias, name, [], algorithm
        )
        return result


def replace(model: nn.Module) -> Callable[[], None]:
    """Replace the linear layers of a model, in place; the model can be run and no longer be saved.

    Args:
        model: Of a device and number format that are ``available``.

    Returns:
        A function that puts everything back as it was.
    """
    before: list[tuple[nn.Module, str, nn.Module]] = []

    def put(parent: nn.Module, name: str, new: nn.Module) -> None:
        before.append((parent, name, getattr(parent, name)))
        setattr(parent, name, new)

    def undo() -> None:
        for parent, name, old in reversed(before):
            setattr(parent, name, old)

    try:
        for parent, name, linear in list(_linears(model)):
            activation = _activation_behind(parent, name)
            if activation is None:
                put(parent, name, PackedLinear(linear))
            else:
                attribute, kind = activation
                put(parent, name, PackedLinear(linear, kind))
                put(parent, attribute, nn.Identity())
    except BaseException:
        undo()
        raise
    return undo


def _linears(model: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Linear]]:
    """Every linear layer with its parent and its name there; a pooler's are left out."""
    for path, parent in model.named_modules():
        for name, child in parent.named_children():
            if type(child) is nn.Linear and "pooler" not in (*path.split("."), name):
                yield parent, name, child


def _activation_behind(parent: nn.Module, name: str) -> tuple[str, tuple[str, str]] | None:
    """The attribute of the activation behind a linear layer, and oneDNN's name of it."""
    for linear, attribute in _ACTIVATED:
        activation = getattr(parent, attribute, None)
        if name == linear and type(activation).__name__ in _FUSED:
            return attribute, _FUSED[type(activation).__name__]
    return None
