"""The files that hold a model's weights, and what is in them: numbers by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch

from nlu_lite.errors import ModelError
from nlu_lite.weights import (
    INDEX_FILES,
    WEIGHT_FILES,
    describe_other_formats,
    list_names,
    read_shard_names,
    refuse_pointer,
)

Tensors = dict[str, torch.Tensor]
# Files that transformers would take before the weights, or put on top of them; no sha256 of the
# registry is about them.
_OTHER_WEIGHTS = re.compile(r"adapter_config\.json|shard-\d{5}-model-\d{5}-of-\d{5}\.safetensors")


def find_weights(folder: Path) -> list[Path]:
    """The files that hold the weights; safetensors are taken first.

    Raises:
        ModelError: There are none, or others that would be read in their place.
    """
    names = sorted(path.name for path in folder.iterdir())
    adapters = list(filter(_OTHER_WEIGHTS.fullmatch, names))
    if adapters:
        raise ModelError(
            f"{folder} holds {adapters[0]}: adapters and distributed weights are not served. Merge "
            f"them into {WEIGHT_FILES[0]}."
        )
    first = next((name for name in WEIGHT_FILES if (folder / name).is_file()), None)
    if first is None:
        formats = describe_other_formats(list_names(folder))
        raise ModelError(
            f"{folder} holds no weights: there must be one of {', '.join(WEIGHT_FILES)}."
            + (f" {formats}" if formats else "")
        )
    refuse_pointer(folder / first)
    parts = read_shard_names(folder / first) if first in INDEX_FILES else [first]
    files = [folder / name for name in parts]
    for file in files:
        refuse_pointer(file)
    return files


def read_tensors(files: list[Path]) -> Tensors:
    """All weights of some files, by name; nothing but numbers is read."""
    tensors: Tensors = {}
    for file in files:
        tensors.update(read_weight_file(file))
    return tensors


def list_tensors(files: list[Path]) -> Iterator[tuple[str, Callable[[], torch.Tensor]]]:
    """The name of every weight of some files, and what reads it.

    Of safetensors no more than one weight lies in memory at a time.

    Raises:
        Exception: Whatever safetensors, pickle and zip raise for a faulty file.
    """
    from safetensors import safe_open

    for file in files:
        if file.suffix != ".safetensors":
            for name, tensor in read_weight_file(file).items():
                yield name, partial(_give_back, tensor)
            continue
        with safe_open(file, "pt") as content:
            names = list(content.keys())
        for name in names:
            yield name, partial(_read_tensor, file, name)


def _read_tensor(file: Path, name: str) -> torch.Tensor:
    """A weight that is a view of its file, which is in memory as long as the weight is."""
    from safetensors import safe_open

    with safe_open(file, "pt") as content:
        tensor: torch.Tensor = content.get_tensor(name)
    return tensor


def _give_back(tensor: torch.Tensor) -> torch.Tensor:
    return tensor


def read_weight_file(file: Path) -> Any:  # noqa: ANN401 - Tensors
    """The weights of a file, safetensors or a pickle of which nothing but numbers is read.

    Raises:
        Exception: Whatever safetensors, pickle and zip raise for a faulty file.
    """
    if file.suffix != ".safetensors":
        return torch.load(file, weights_only=True, map_location="cpu")
    from safetensors.torch import load_file

    return load_file(file)


def count_bytes(files: list[Path]) -> int:
    """How large files are together."""
    return sum(file.stat().st_size for file in files)
