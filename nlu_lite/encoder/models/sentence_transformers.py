"""What a sentence-transformers folder says about sentences: its modules, read as data.

The layout is sentence-transformers' own (``modules.json`` and one folder a module, versions 2 to
6); its code is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nlu_lite.common import Floats
from nlu_lite.errors import ModelError
from nlu_lite.registry import is_inside
from nlu_lite.weights import read_json

UNBOUNDED = 1_000_000_000
# sentence-transformers' names of poolings, old and new -> ours.
_POOLINGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_lasttoken": "last",
    "pooling_mode_weightedmean_tokens": "weighted",
    "cls": "cls",
    "mean": "mean",
    "max": "max",
    "lasttoken": "last",
    "weightedmean": "weighted",
}
_ACTIVATIONS = {
    "Identity": torch.nn.Identity,
    "Tanh": torch.nn.Tanh,
    "ReLU": torch.nn.ReLU,
    "GELU": torch.nn.GELU,
}


@dataclass(frozen=True)
class Dense:
    """A linear layer after pooling.

    Attributes:
        weight: Shape (out, in), float32.
        bias: Shape (out,), float32; None for none.
        activation: Its name in torch.nn.
    """

    weight: Floats
    bias: Floats | None
    activation: str

    def __call__(self, vectors: Floats) -> Floats:
        """Shape (vectors, in) -> (vectors, out)."""
        bias = None if self.bias is None else torch.from_numpy(self.bias)
        rows = torch.nn.functional.linear(
            torch.from_numpy(np.ascontiguousarray(vectors)), torch.from_numpy(self.weight), bias
        )
        return np.asarray(_ACTIVATIONS[self.activation]()(rows).numpy())


@dataclass(frozen=True)
class SentenceModules:
    """What follows the transformer.

    Attributes:
        pooling: How positions become a vector; None if the folder does not say.
        includes_prompt: Whether the prompt's pieces are pooled too.
        dense: Linear layers, in order.
        normalize: Whether vectors get length one.
        max_length: Longest sequence in pieces, special ones counted.
        prompts: Names and texts that may be put in front.
    """

    pooling: str | None = None
    includes_prompt: bool = True
    dense: tuple[Dense, ...] = ()
    normalize: bool = False
    max_length: int | None = None
    prompts: dict[str, str] = field(default_factory=dict)

    @property
    def holds_the_pooler(self) -> bool:
        """Whether the modules are BERT's pooler: a linear layer with tanh on the first position."""
        return self.pooling == "cls" and len(self.dense) == 1 and self.dense[0].activation == "Tanh"


def read_modules(folder: Path) -> SentenceModules:
    """Read the modules of a folder; one without ``modules.json`` has none.

    Raises:
        ModelError: A file cannot be read, or a module is of a kind that is not served.
    """
    path = folder / "modules.json"
    if not path.is_file():
        return SentenceModules()
    facts: dict[str, Any] = {"dense": ()}
    for module in read_json(path, list):
        kind, subfolder = _read_module(path, module)
        if kind == "Pooling":
            facts |= _read_pooling(folder / subfolder / "config.json")
        elif kind == "Dense":
            facts["dense"] += (_read_dense(folder / subfolder),)
        elif kind == "Normalize":
            facts["normalize"] = True
        elif kind != "Transformer" or subfolder:
            raise ModelError(
                f"{folder} has the sentence-transformers module {kind!r} in {subfolder!r}, which "
                f"is not served."
            )
    return SentenceModules(
        **facts, max_length=_read_max_length(folder), prompts=_read_prompts(folder)
    )


def _read_module(path: Path, module: Any) -> tuple[str, str]:  # noqa: ANN401 - of a file
    """The kind of a module, and its subfolder; empty for the folder itself."""
    if not isinstance(module, dict):
        raise ModelError(f"{path} lists {module!r:.80}; each module must be a JSON object.")
    subfolder = str(module.get("path", ""))
    if subfolder and not is_inside(subfolder):
        raise ModelError(f"{path} names {subfolder!r}, which is outside the folder. It is refused.")
    return str(module.get("type", "")).rpartition(".")[2], subfolder


def _read_max_length(folder: Path) -> int | None:
    """Older folders say it themselves, those of version 6 through their tokenizer."""
    length = _read_optional(folder / "sentence_bert_config.json").get("max_seq_length")
    if not length:
        length = _read_optional(folder / "tokenizer_config.json").get("model_max_length")
    # transformers writes 1e30 for "unbounded".
    return length if isinstance(length, int) and 0 < length < UNBOUNDED else None


def _read_prompts(folder: Path) -> dict[str, str]:
    path = folder / "config_sentence_transformers.json"
    prompts = _read_optional(path).get("prompts") or {}
    if not isinstance(prompts, dict):
        raise ModelError(f"{path} says prompts {prompts!r:.80}; it must be a JSON object.")
    return {str(name): str(text) for name, text in prompts.items()}


def _read_pooling(path: Path) -> dict[str, Any]:
    settings = read_json(path, dict)
    modes = [settings.get("pooling_mode")]
    if not isinstance(modes[0], str):
        flags = [name for name, value in settings.items() if value is True]
        modes = [name for name in flags if name.startswith("pooling_mode")]
    if len(modes) != 1 or modes[0] not in _POOLINGS:
        raise ModelError(
            f"{path} asks for the pooling {modes}, which is not served; served are "
            f"{sorted(set(_POOLINGS.values()))}."
        )
    return {
        "pooling": _POOLINGS[modes[0]],
        "includes_prompt": settings.get("include_prompt", True) is not False,
    }


def _read_dense(folder: Path) -> Dense:
    settings = read_json(folder / "config.json", dict)
    path = str(settings.get("activation_function", "torch.nn.modules.activation.Tanh"))
    activation = path.rpartition(".")[2]
    if activation not in _ACTIVATIONS:
        raise ModelError(
            f"{folder} uses the activation {activation!r}, which is not served; served are "
            f"{sorted(_ACTIVATIONS)}."
        )
    try:
        tensors = _read_tensors(folder)
        weight = tensors["linear.weight"].float().numpy()
        bias = tensors["linear.bias"].float().numpy() if settings.get("bias", True) else None
    except Exception as error:  # faulty files raise whatever safetensors, pickle and zip raise
        raise ModelError(
            f"The weights of the linear layer in {folder} cannot be read: {error!s:.500}"
        ) from error
    if weight.ndim != 2 or not weight.size or (bias is not None and bias.shape != weight.shape[:1]):
        shapes = f"{weight.shape} and {None if bias is None else bias.shape}"
        raise ModelError(
            f"The weights in {folder} have the shapes {shapes}, which make no linear layer."
        )
    return Dense(weight=weight, bias=bias, activation=activation)


def _read_tensors(folder: Path) -> dict[str, torch.Tensor]:
    path = folder / "model.safetensors"
    if not path.is_file():
        path = folder / "pytorch_model.bin"
        tensors: dict[str, torch.Tensor] = torch.load(path, weights_only=True, map_location="cpu")
        return tensors
    from safetensors.torch import load_file

    return load_file(path)


def _read_optional(path: Path) -> dict[str, Any]:
    """The settings of a file; none where there is no file."""
    return read_json(path) if path.is_file() else {}
