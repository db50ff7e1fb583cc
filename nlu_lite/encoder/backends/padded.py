"""The encoder for every architecture: sequences sorted by length, padded to one length a batch."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch

from nlu_lite.common import Floats, Ints, ranges
from nlu_lite.encoder.backends.join import join_layers, reduce_rows
from nlu_lite.encoder.backends.out_of_memory import run_in_halves
from nlu_lite.encoder.backends.protocol import EncoderHead, Progress, Reduce
from nlu_lite.encoder.backends.sequences import (
    RowRequest,
    Sequences,
    choose_budget,
    make_padded_batches,
)
from nlu_lite.encoder.backends.transfers import Fetches, to_device
from nlu_lite.options import LayerPooling


class PaddedEncoder:
    """A transformers model fed length-sorted, padded batches of a token budget.

    Args:
        model: A plain transformers encoder in evaluation mode.
        pad_id: Id for padding.
        device: Where the model lies.
        budget: Tokens that a batch may hold, padding counted.

    Attributes:
        tokens: Tokens put through the model so far, padding counted.
    """

    _head: EncoderHead | None = None

    def __init__(
        self,
        model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
        *,
        pad_id: int,
        device: torch.device,
        budget: int | None = None,
    ) -> None:
        self.tokens = 0
        self._model = model
        self._pad_id = pad_id
        self._device = device
        self._budget = budget or choose_budget(device)

    @property
    def dimension(self) -> int:
        """Width of one layer's vectors."""
        return self._head.width if self._head is not None else int(self._model.config.hidden_size)

    @property
    def layers(self) -> int:
        """Number of layers; layer 0 is the embedding output."""
        return int(self._model.config.num_hidden_layers)

    def headed(self, head: EncoderHead) -> PaddedEncoder:
        """This encoder with a head on its last layer; both share the model."""
        encoder = copy.copy(self)
        encoder._head = head
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
        by_sequence = np.argsort(rows.sequence, kind="stable")
        row_starts = np.searchsorted(rows.sequence[by_sequence], np.arange(len(sequences.starts)))
        fetches = Fetches(matrix, progress)

        @torch.inference_mode()
        def encode(batch: Ints) -> None:
            row_counts = row_starts[batch + 1] - row_starts[batch]
            numbers = by_sequence[ranges(row_starts[batch], row_counts)]
            if not len(numbers):
                return
            states = self._forward(sequences, batch, layers, layer_pooling)
            longest = int(sequences.lengths[batch[0]])
            counts = rows.starts[numbers + 1] - rows.starts[numbers]
            positions = rows.positions[ranges(rows.starts[numbers], counts)]
            offsets = np.repeat(np.repeat(np.arange(len(batch)) * longest, row_counts), counts)
            picked = states.index_select(0, to_device(offsets + positions, states.device))
            fetches.add(numbers, reduce_rows(picked, counts, reduce, self._head))

        run_in_halves(
            make_padded_batches(sequences.lengths, budget=self._budget),
            encode,
            sequences.lengths,
            self._device,
            self._model.config.model_type,
        )
        fetches.finish()
        return matrix

    @torch.inference_mode()
    def _forward(
        self,
        sequences: Sequences,
        batch: Ints,
        layers: tuple[int, ...],
        layer_pooling: LayerPooling,
    ) -> torch.Tensor:
        """Shape (batch x longest, width)."""
        lengths = sequences.lengths[batch]
        ids = np.full((len(batch), int(lengths[0])), self._pad_id, dtype=np.int64)
        mask = np.arange(ids.shape[1]) < lengths[:, None]
        ids[mask] = sequences.ids[ranges(sequences.starts[batch], lengths)]
        self.tokens += ids.size
        is_last_layer = layers == (self.layers,)
        output = self._model(
            input_ids=to_device(ids, self._device),
            attention_mask=to_device(mask.astype(np.int64), self._device),
            output_hidden_states=not is_last_layer,
        )
        if is_last_layer:
            return join_layers([output.last_hidden_state], layer_pooling).flatten(0, 1)
        states = [output.hidden_states[layer] for layer in layers]
        return join_layers(states, layer_pooling).flatten(0, 1)
