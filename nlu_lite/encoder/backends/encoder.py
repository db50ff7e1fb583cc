"""Token ids in, vectors of the wanted pieces of the wanted layers out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from nlu_lite.common import Floats, Ints, ranges
from nlu_lite.encoder.backends.out_of_memory import halving
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences, batches
from nlu_lite.encoder.backends.transfers import Fetches, to_device
from nlu_lite.options import LayerPooling

Reduce = Literal["sum", "max"]
Progress = Callable[[int], object]

# Tokens of one forward, padding counted: on a CPU a batch's activations should stay near the
# caches; an accelerator wants more.
CPU_BUDGET = 4_096
DEVICE_BUDGET = 32_768


def budget_for(device: torch.device) -> int:
    """Tokens of one forward on a device."""
    return CPU_BUDGET if device.type == "cpu" else DEVICE_BUDGET


class Encoder(Protocol):
    """Turns sequences of token ids into vectors; the one interface between the text side and the model side."""

    @property
    def dimension(self) -> int:
        """Width of one layer's vectors."""

    @property
    def layers(self) -> int:
        """Number of layers; layer 0 is the embedding output."""

    def headed(self, head: EncoderHead) -> Encoder:
        """This encoder with a head on its last layer, which is the only one it is to be asked for; both share the model."""

    def __call__(
        self,
        sequences: Sequences,
        wanted: RowRequest,
        *,
        layers: tuple[int, ...],
        layer_pooling: LayerPooling,
        reduce: Reduce,
        progress: Progress,
    ) -> Floats:
        """Encode sequences and return the wanted rows.

        Args:
            sequences: Token ids with the special ones.
            wanted: Which positions make which row.
            layers: Layers from 0 to ``self.layers``, joined by ``layer_pooling``.
            layer_pooling: ``mean`` or ``sum`` of the layers, or ``concat`` side by side.
            reduce: How the positions of one row are joined.
            progress: Called with the number of rows done, batch by batch.

        Returns:
            Shape (rows, width): width is the dimension, times the number of layers for ``concat``.
        """


@dataclass(frozen=True)
class EncoderHead:
    """What is made of a vector before the positions of a row are joined.

    Attributes:
        make: From shape (positions, dimension) to (positions, width), float32.
        width: Of the result.
    """

    make: Callable[[torch.Tensor], torch.Tensor]
    width: int


class PaddedEncoder:
    """A transformers model fed length-sorted, padded batches of a token budget.

    Args:
        model: A plain transformers encoder in evaluation mode.
        pad_id: Id for padding.
        device: Where the model lies.
        budget: Padded tokens a batch may hold.

    Attributes:
        tokens: Tokens put through the model so far, padding counted.
    """

    _head: EncoderHead | None = None

    def __init__(
        self, model: Any, *, pad_id: int, device: torch.device, budget: int | None = None
    ) -> None:
        self.tokens = 0
        self._model = model
        self._pad_id = pad_id
        self._device = device
        self._budget = budget or budget_for(device)

    @property
    def dimension(self) -> int:
        """Width of one layer's vectors."""
        return self._head.width if self._head is not None else int(self._model.config.hidden_size)

    @property
    def layers(self) -> int:
        """Number of layers; layer 0 is the embedding output."""
        return int(self._model.config.num_hidden_layers)

    def __call__(
        self,
        sequences: Sequences,
        wanted: RowRequest,
        *,
        layers: tuple[int, ...],
        layer_pooling: LayerPooling,
        reduce: Reduce,
        progress: Progress,
    ) -> Floats:
        """Encode sequences and return the wanted rows; see ``Encoder``."""
        width = self.dimension * (len(layers) if layer_pooling == "concat" else 1)
        out = np.empty((len(wanted), width), dtype=np.float32)
        by_sequence = np.argsort(wanted.sequence, kind="stable")
        row_starts = np.searchsorted(wanted.sequence[by_sequence], np.arange(len(sequences.starts)))
        fetches = Fetches(out, progress)

        def encode(batch: Ints) -> None:
            rows_of = row_starts[batch + 1] - row_starts[batch]
            rows = by_sequence[ranges(row_starts[batch], rows_of)]
            if not len(rows):
                return
            hidden = self._forward(sequences, batch, layers, layer_pooling)
            longest = int(sequences.lengths[batch[0]])
            counts = wanted.starts[rows + 1] - wanted.starts[rows]
            positions = wanted.positions[ranges(wanted.starts[rows], counts)]
            offsets = np.repeat(np.repeat(np.arange(len(batch)) * longest, rows_of), counts)
            fetches.add(rows, _gather(hidden, offsets + positions, counts, reduce, self._head))

        some = batches(sequences.lengths, budget=self._budget)
        halving(some, encode, sequences.lengths, self._device, self._model.config.model_type)
        fetches.finish()
        return out

    def headed(self, head: EncoderHead) -> PaddedEncoder:
        """This encoder with a head on its last layer; both share the model."""
        other = copy.copy(self)
        other._head = head
        return other

    @torch.inference_mode()
    def _forward(
        self,
        sequences: Sequences,
        batch: NDArray[np.int64],
        layers: tuple[int, ...],
        layer_pooling: LayerPooling,
    ) -> torch.Tensor:
        """Shape (batch x longest, width)."""
        lengths = sequences.lengths[batch]
        ids = np.full((len(batch), int(lengths[0])), self._pad_id, dtype=np.int64)
        mask = np.arange(ids.shape[1]) < lengths[:, None]
        ids[mask] = sequences.ids[ranges(sequences.starts[batch], lengths)]
        self.tokens += ids.size
        last_only = layers == (self.layers,)
        output = self._model(
            input_ids=to_device(ids, self._device),
            attention_mask=to_device(mask.astype(np.int64), self._device),
            output_hidden_states=not last_only,
        )
        chosen = (
            [output.last_hidden_state]
            if last_only
            else [output.hidden_states[layer] for layer in layers]
        )
        return join_layers(chosen, layer_pooling).flatten(0, 1)


@torch.inference_mode()
def _gather(
    hidden: torch.Tensor,
    places: NDArray[np.int64],
    counts: NDArray[np.int64],
    reduce: Reduce,
    head: EncoderHead | None,
) -> torch.Tensor:
    """Shape (rows, width)."""
    return reduce_rows(
        hidden.index_select(0, to_device(places, hidden.device)), counts, reduce, head
    )


def reduce_rows(
    picked: torch.Tensor, counts: NDArray[np.int64], reduce: Reduce, head: EncoderHead | None = None
) -> torch.Tensor:
    """Join the positions of each row.

    Args:
        picked: Shape (positions, width), those of a row side by side.
        counts: Shape (rows,): positions of each row.
        reduce: How they are joined.
        head: What is made of each position before.

    Returns:
        Shape (rows, width), float32, where the positions are: only rows that are wanted leave the
        device.
    """
    picked = picked.float() if head is None else head.make(picked)
    if len(picked) > len(counts):
        picked = torch.segment_reduce(
            picked, reduce, lengths=to_device(counts, picked.device), axis=0
        )
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
