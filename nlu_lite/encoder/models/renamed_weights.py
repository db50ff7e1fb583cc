"""Weights whose names have a prefix too many or too few, as wrappers of models leave them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

Tensors = dict[str, torch.Tensor]


def rename_to_fit(files: list[Path], names: Iterable[str]) -> Tensors | None:
    """The weights under the names that a model has for them, if one change of prefix fits them all.

    Args:
        files: What holds the weights.
        names: Of the weights that the model cannot do without.

    Returns:
        None where no change makes all of them fit.
    """
    stored = read_tensors(files)
    required = sorted(names, key=len, reverse=True)
    for more, less in _propose_changes(required[:1], stored):
        renamed = {
            more + name.removeprefix(less): tensor
            for name, tensor in stored.items()
            if name.startswith(less)
        }
        if all(name in renamed for name in required):
            return renamed
    return None


def _propose_changes(required: list[str], stored: Iterable[str]) -> Iterable[tuple[str, str]]:
    """What to put in front of stored names, and what to take off, so that they fit."""
    for name in stored:
        for required_name in required:
            if name.endswith(f".{required_name}"):
                yield "", name.removesuffix(required_name)
            elif required_name.endswith(f".{name}"):
                yield required_name.removesuffix(name), ""


def read_tensors(files: list[Path]) -> Tensors:
    """All weights of some files, by name; nothing but numbers is read."""
    tensors: Tensors = {}
    for file in files:
        tensors.update(read_weight_file(file))
    return tensors


def read_weight_file(file: Path) -> Any:  # noqa: ANN401 - Tensors
    """The weights of a file, safetensors or a pickle of which nothing but numbers is read.

    Raises:
        Exception: Whatever safetensors, pickle and zip raise for a faulty file.
    """
    if file.suffix != ".safetensors":
        return torch.load(file, weights_only=True, map_location="cpu")
    from safetensors.torch import load_file

    return load_file(file)
