"""What is done to a sentence's vector after pooling: linear layers, layer norms, length one.

Each is read from its module's folder as data. The numbers are those of sentence-transformers 6.2
(``base/modules/dense.py``, ``base/modules/normalize.py``,
``sentence_transformer/modules/layer_norm.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nlu_lite.common import Floats
from nlu_lite.encoder.models.sentence_settings import refuse_unknown
from nlu_lite.encoder.models.weight_files import read_weight_file
from nlu_lite.errors import ModelError, brief
from nlu_lite.weights import REPAIR_HINT, refuse_pointer

# torch's activations that need no argument and give a row for a row. Those that ask for an axis get
# the last, which is what they choose for themselves.
_ACTIVATIONS: dict[str, Callable[[], torch.nn.Module]] = {
    name: getattr(torch.nn, name)
    for name in (
        *("CELU", "ELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh"),
        *("Identity", "LeakyReLU", "LogSigmoid", "Mish", "PReLU", "RReLU", "ReLU", "ReLU6"),
        *("SELU", "SiLU", "Sigmoid", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink"),
    )
} | {
    "LogSoftmax": lambda: torch.nn.LogSoftmax(dim=-1),
    "Softmax": lambda: torch.nn.Softmax(dim=-1),
    "Softmin": lambda: torch.nn.Softmin(dim=-1),
}
# Without an axis they mix the texts of a batch where they are given the states of pieces.
SOFTMAXES = ("LogSoftmax", "Softmax", "Softmin")
_ACTIVATION_MODULES = ("torch.nn", "torch.nn.modules.activation", "torch.nn.modules.linear")
DEFAULT_ACTIVATION = "torch.nn.modules.activation.Tanh"


@dataclass(frozen=True)
class Step:
    """One module after pooling.

    Attributes:
        kind: ``Dense``, ``LayerNorm`` or ``Normalize``.
        compute: From shape (vectors, in) to (vectors, out).
        activation: The name of a linear layer's activation in torch.nn.
    """

    kind: str
    compute: Callable[[Floats], Floats]
    activation: str = ""

    def __call__(self, vectors: Floats) -> Floats:
        """Shape (vectors, in) -> (vectors, out), float32."""
        return self.compute(vectors)


class _Dense(torch.nn.Module):
    """A linear layer with an activation, and the vector itself added where it is residual.

    Args:
        weight_shape: Numbers that come out, and that go in.
        bias: Whether it has one.
        residual: Whether what goes in is added to what comes out.
        activation: A name of ``_ACTIVATIONS``.
    """

    def __init__(
        self, weight_shape: tuple[int, int], *, bias: bool, residual: bool, activation: str
    ) -> None:
        super().__init__()
        width_out, width_in = weight_shape
        self.linear = torch.nn.Linear(width_in, width_out, bias=bias)
        self.activation_function = _ACTIVATIONS[activation]()
        self._adds_input = residual
        if residual and width_in != width_out:
            self.residual = torch.nn.Linear(width_in, width_out, bias=False)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.activation_function(self.linear(vectors))
        if not self._adds_input:
            return made
        return made + (self.residual(vectors) if hasattr(self, "residual") else vectors)


def scale_to_length_one(vectors: Floats) -> Floats:
    """Shape (vectors, width): each divided by its length.

    A vector of zeros has no direction; it stays as it is, as in torch.nn.functional.normalize.
    """
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    with np.errstate(invalid="ignore"):  # numbers that are not finite are refused later, by name
        return np.asarray(vectors / np.maximum(lengths, 1e-12)[:, None].astype(np.float32))


def make_normalize() -> Step:
    """The module Normalize, which has no numbers."""
    return Step(kind="Normalize", compute=scale_to_length_one)


def read_dense(folder: Path, settings: dict[str, Any]) -> Step:
    """A linear layer from the folder of the module Dense.

    Args:
        folder: The module's.
        settings: Of its ``config.json``.

    Raises:
        ModelError: Its weights cannot be read, or its activation is not served.
    """
    activation = find_activation(folder, settings.get("activation_function", DEFAULT_ACTIVATION))
    tensors = read_tensors(folder)
    weight = tensors.get("linear.weight", torch.empty(0))
    sizes = [settings.get(name) for name in ("out_features", "in_features")]
    is_layer = weight.ndim == 2 and weight.numel() > 0
    if not is_layer or any(
        size not in (None, width) for size, width in zip(sizes, weight.shape, strict=True)
    ):
        raise ModelError(
            f"The weights in {folder} have the shape {tuple(weight.shape)}, which makes no linear "
            f"layer of {sizes[1]} numbers to {sizes[0]}."
        )
    width_out, width_in = weight.shape
    module = _Dense(
        (width_out, width_in),
        bias=bool(settings.get("bias", True)),
        residual=bool(settings.get("use_residual", False)),
        activation=activation,
    )
    subject = f"{folder} has a linear layer that takes"
    return Step(
        kind="Dense",
        compute=_fill(module, tensors, folder, width_in, subject),
        activation=activation,
    )


def read_layer_norm(folder: Path, settings: dict[str, Any]) -> Step:
    """A layer norm from the folder of the module LayerNorm.

    Args:
        folder: The module's.
        settings: Of its ``config.json``.

    Raises:
        ModelError: Its weights cannot be read.
    """
    refuse_unknown(folder / "config.json", settings, ["dimension"])
    tensors = read_tensors(folder)
    weight = tensors.get("norm.weight", torch.empty(0))
    if weight.ndim != 1 or not len(weight) or settings.get("dimension") != len(weight):
        raise ModelError(
            f"The weights in {folder} have the shape {tuple(weight.shape)}, which makes no layer "
            f"norm of dimension {brief(settings.get('dimension'))}."
        )
    module = torch.nn.Module()
    module.norm = torch.nn.LayerNorm(len(weight))
    module.forward = module.norm.forward
    subject = f"{folder} has a layer norm that takes"
    return Step(kind="LayerNorm", compute=_fill(module, tensors, folder, len(weight), subject))


def _fill(
    module: torch.nn.Module,
    tensors: dict[str, torch.Tensor],
    folder: Path,
    width_in: int,
    subject: str,
) -> Callable[[Floats], Floats]:
    """Load a module's weights, all that are stored and no others; returns what it computes."""
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        raise ModelError(
            f"The weights in {folder} do not fit its config.json: {error!s:.500}. Compare them: a "
            f"linear layer is told by bias, use_residual and activation_function."
        ) from error
    module.float().eval().requires_grad_(False)

    @torch.inference_mode()
    def compute(vectors: Floats) -> Floats:
        if vectors.shape[1] != width_in:
            raise ModelError(
                f"{subject} {width_in} numbers, and what comes before it gives {vectors.shape[1]}."
            )
        rows: torch.Tensor = module(torch.from_numpy(np.ascontiguousarray(vectors)))
        return np.asarray(rows.numpy())

    return compute


def find_activation(folder: Path, path: object) -> str:
    """The name in torch.nn of an activation's class path; nothing is imported.

    Args:
        folder: The module's, for the message.
        path: Of the class.
    """
    module, _, name = str(path).rpartition(".")
    if module in _ACTIVATION_MODULES and name in _ACTIVATIONS:
        return name
    raise ModelError(
        f"{folder} uses the activation {name!r} ({brief(path)}), which is not served; served are "
        f"torch.nn's {', '.join(sorted(_ACTIVATIONS))}."
    )


def read_tensors(folder: Path) -> dict[str, torch.Tensor]:
    """The weights of a module by name, from ``model.safetensors`` or else ``pytorch_model.bin``.

    Raises:
        ModelError: They are missing, cannot be read, or hold more than numbers.
    """
    path = folder / "model.safetensors"
    if not path.is_file():
        path = folder / "pytorch_model.bin"
    refuse_pointer(path)
    try:
        tensors = read_weight_file(path)
        if not all(isinstance(tensor, torch.Tensor) for tensor in tensors.values()):
            raise TypeError("they are no tensors")
    except Exception as error:  # faulty files raise whatever safetensors, pickle and zip raise
        raise ModelError(
            f"The weights of the module in {folder} cannot be read: {error!s:.500}. {REPAIR_HINT}"
        ) from error
    return dict(tensors)
