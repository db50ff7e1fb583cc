"""Vectors of positions and of layers -> the vectors of rows."""

from __future__ import annotations

import torch

from nlu_lite.common import Ints
from nlu_lite.encoder.backends.protocol import EncoderHead, Reduce
from nlu_lite.encoder.backends.transfers import to_device
from nlu_lite.options import LayerPooling


def reduce_rows(
    picked: torch.Tensor, counts: Ints, reduce: Reduce, head: EncoderHead | None = None
) -> torch.Tensor:
    """Join the positions of each row.

    Args:
        picked: Shape (positions, width), those of a row side by side.
        counts: Shape (rows,): positions of each row.
        reduce: How they are joined.
        head: What is made of each position before.

    Returns:
        Shape (rows, width), float32, on the device of the positions: nothing but requested rows
        leaves it.
    """
    picked = picked.float() if head is None else head.make(picked)
    if len(picked) > len(counts):
        lengths = to_device(counts, picked.device)
        # Unchecked: the check of the lengths would wait for the device.
        picked = torch.segment_reduce(picked, reduce, lengths=lengths, axis=0, unsafe=True)
    return picked


def join_layers(layers: list[torch.Tensor], layer_pooling: LayerPooling) -> torch.Tensor:
    """Join the hidden states of several layers.

    Args:
        layers: Tensors of one shape (..., dimension).
        layer_pooling: ``mean``, ``sum`` or ``concat``.

    Returns:
        The same shape, or for ``concat`` (..., dimension x layers).
    """
    if len(layers) == 1:
        return layers[0]
    if layer_pooling == "concat":
        return torch.cat(layers, dim=-1)
    stacked = torch.stack(layers)
    return stacked.mean(dim=0) if layer_pooling == "mean" else stacked.sum(dim=0)
