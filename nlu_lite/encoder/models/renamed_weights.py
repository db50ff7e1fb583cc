"""Weights whose names have a prefix too many or too few, as wrappers of models leave them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nlu_lite.encoder.models.weight_files import Tensors, read_tensors


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
