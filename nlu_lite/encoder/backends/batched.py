"""The encoder for every architecture: batches sorted by length, padded where they may be."""

from __future__ import annotations

import copy

import numpy as np
import torch

from nlu_lite.common import Bools, Floats, Ints, ranges
from nlu_lite.encoder.backends.forward import Forward
from nlu_lite.encoder.backends.join import join_layers, reduce_rows
from nlu_lite.encoder.backends.out_of_memory import run_in_halves
from nlu_lite.encoder.backends.protocol import EncoderHead, Progress, Reduce
from nlu_lite.encoder.backends.sequences import (
    Batching,
    RowRequest,
    RowsBySequence,
    Sequences,
    choose_budget,
)
from nlu_lite.encoder.backends.transfers import Fetches, to_device
from nlu_lite.options import LayerPooling


class BatchedEncoder:
    """A transformers model fed batches of a token budget, sorted by length.

    Args:
        forward: The model and what it gives.
        pad_id: Id for padding.
        device: Where the model lies.
        batching: What may stand in one batch.
        budget: Tokens that a batch may hold, padding counted.

    Attributes:
        tokens: Tokens put through the model so far, padding counted.
        forward: The model and what it gives.
        batching: What may stand in one batch.
    """

    _head: EncoderHead | None = None

    def __init__(
        self,
        forward: Forward,
        *,
        pad_id: int,
        device: torch.device,
        batching: Batching = Batching.PADDED,
        budget: int | None = None,
    ) -> None:
        self.tokens = 0
        self.batching = batching
        self.forward = forward
        self._pad_id = pad_id
        self._device = device
        self._budget = budget or choose_budget(device)

    @property
    def dimension(self) -> int:
        """Width of one layer's vectors."""
        return self._head.width if self._head is not None else self.forward.width

    @property
    def layers(self) -> int:
        """Number of the last layer; layer 0 is the embedding output."""
        return self.forward.layers

    @property
    def served_layers(self) -> frozenset[int]:
        """The layers that have a vector for every piece."""
        return self.forward.served

    def headed(self, head: EncoderHead) -> BatchedEncoder:
        """This encoder with a head on its last layer; both share the model."""
        encoder = copy.copy(self)
        encoder._head = head
        return encoder

    def with_padding(self, pad_id: int) -> BatchedEncoder:
        """This encoder with another id for padding; both share the model."""
        encoder = copy.copy(self)
        encoder._pad_id = pad_id
        return encoder

    def __call__(
        self,
        sequences: Sequences,
        rows: RowRequest,
        *,
        layers: tuple[int, ...],
        layer_pooling: LayerPooling,
        reduce: Reduce,
        progress: Progress,
    ) -> Floats:
        """Encode sequences and return the requested rows; see ``Encoder``."""
        width = self.dimension * (len(layers) if layer_pooling == "concat" else 1)
        matrix = np.empty((len(rows), width), dtype=np.float32)
        by_sequence = RowsBySequence(rows, len(sequences.lengths))
        fetches = Fetches(matrix, progress)

        @torch.inference_mode()
        def encode(batch: Ints) -> None:
            begins = np.arange(len(batch)) * int(sequences.lengths[batch[0]])
            numbers, counts, tokens = by_sequence.select(batch, begins)
            if not len(numbers):
                return
            states = self._compute_states(sequences, batch, layers, layer_pooling)
            picked = states.index_select(0, to_device(tokens, states.device))
            fetches.add(numbers, reduce_rows(picked, counts, reduce, self._head))

        run_in_halves(
            self.batching.make_batches(sequences.lengths, budget=self._budget),
            encode,
            sequences.lengths,
            self._device,
            self.forward.model.config.model_type,
        )
        fetches.finish()
        return matrix

    def _mask_for_device(self, mask: Bools) -> torch.Tensor | None:
        """What tells the model of padding; None where there is none.

        Then the model is called as for a text alone.
        """
        return None if mask.all() else to_device(mask.astype(np.int64), self._device)

    def _compute_states(
        self,
        sequences: Sequences,
        batch: Ints,
        layers: tuple[int, ...],
        layer_pooling: LayerPooling,
    ) -> torch.Tensor:
        """Shape (batch x longest, width)."""
        lengths = sequences.lengths[batch]
        mask = self.batching.make_mask(lengths)
        ids = np.full(mask.shape, self._pad_id, dtype=np.int64)
        ids[mask] = sequences.ids[ranges(sequences.starts[batch], lengths)]
        self.tokens += ids.size
        states = self.forward(to_device(ids, self._device), self._mask_for_device(mask), layers)
        return join_layers(states, layer_pooling).flatten(0, 1)
