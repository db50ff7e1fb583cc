"""The encoder of the BERT family: batches without padding, and no work for what nobody asked."""

from __future__ import annotations

import copy

import numpy as np
import torch

from nlu_lite.common import Floats, Ints, ranges
from nlu_lite.encoder.backends.attention import Layout
from nlu_lite.encoder.backends.join import join_layers, reduce_rows
from nlu_lite.encoder.backends.out_of_memory import run_in_halves
from nlu_lite.encoder.backends.products import has_onednn
from nlu_lite.encoder.backends.protocol import EncoderHead, Progress, Reduce
from nlu_lite.encoder.backends.sequences import (
    RowRequest,
    RowsBySequence,
    Sequences,
    choose_budget,
    make_packed_batches,
)
from nlu_lite.encoder.backends.transfers import Fetches, to_device
from nlu_lite.encoder.backends.transformer import Transformer
from nlu_lite.options import LayerPooling


class PackedEncoder:
    """A transformer fed sequences laid end to end.

    Args:
        transformer: Of the BERT family.
        architecture: As configurations call it, for messages.
        padding_id: From which on positions are counted, over what is not padding; None where they
            are counted from 0, over all.
        device: Where its weights lie.
        budget: Tokens that a batch may hold.

    Attributes:
        tokens: Tokens put through the model so far.
        has_onednn: Whether oneDNN computes its products.
    """

    _head: EncoderHead | None = None

    def __init__(
        self,
        transformer: Transformer,
        *,
        architecture: str,
        padding_id: int | None,
        device: torch.device,
        budget: int | None = None,
    ) -> None:
        self.tokens = 0
        self.has_onednn = has_onednn(device, transformer.embeddings.words.dtype)
        self._transformer = transformer
        self._architecture = architecture
        self._padding_id = padding_id
        self._device = device
        self._budget = budget or choose_budget(device)

    def headed(self, head: EncoderHead) -> PackedEncoder:
        """This encoder with a head on its last layer; both share the model."""
        encoder = copy.copy(self)
        encoder._head = head
        return encoder

    @property
    def dimension(self) -> int:
        """Width of one layer's vectors."""
        return self._head.width if self._head is not None else self._transformer.width

    @property
    def layers(self) -> int:
        """Number of layers; layer 0 is the embedding output."""
        return len(self._transformer.layers)

    @property
    def served_layers(self) -> range:
        """The layers that have a vector for every piece: all of them."""
        return range(self.layers + 1)

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
        used = by_sequence.used
        fetches = Fetches(matrix, progress)

        @torch.inference_mode()
        def encode(batch: Ints) -> None:
            lengths = sequences.lengths[batch]
            numbers, counts, tokens = by_sequence.select(batch, np.cumsum(lengths) - lengths)
            ids = sequences.ids[ranges(sequences.starts[batch], lengths)]
            states = self._compute_states(ids, lengths, tokens, layers)
            joined = join_layers(states, layer_pooling)
            fetches.add(numbers, reduce_rows(joined, counts, reduce, self._head))

        batches = make_packed_batches(sequences.lengths[used], budget=self._budget)
        run_in_halves(
            (used[batch] for batch in batches),
            encode,
            sequences.lengths,
            self._device,
            self._architecture,
        )
        fetches.finish()
        return matrix

    def _compute_states(
        self, ids: Ints, lengths: Ints, tokens: Ints, layers: tuple[int, ...]
    ) -> list[torch.Tensor]:
        """The requested tokens of each requested layer, each of shape (requests, width).

        Args:
            ids: Shape (tokens,): of all sequences of a batch.
            lengths: Shape (sequences,): tokens of each.
            tokens: Shape (requests,): the tokens requested, in any order, repeats allowed.
            layers: The layers requested.
        """
        self.tokens += len(ids)
        kept, inverse = np.unique(tokens, return_inverse=True)
        needs_all = len(kept) == len(ids)
        states = self._transformer(
            to_device(ids, self._device),
            to_device(self._count_positions(ids, lengths), self._device),
            Layout(lengths, self._device),
            layers=frozenset(layers),
            tokens=None if needs_all else to_device(kept, self._device),
        )
        if np.array_equal(kept, tokens):
            return [states[layer].float() for layer in layers]
        order = to_device(inverse, self._device)
        return [states[layer].index_select(0, order).float() for layer in layers]

    def _count_positions(self, ids: Ints, lengths: Ints) -> Ints:
        """Shape (tokens,): the position of each token in its sequence, as the model counts them.

        Source: ``create_position_ids_from_input_ids`` of transformers 5.23, for RoBERTa's kin.
        """
        if self._padding_id is None:
            return ranges(np.zeros_like(lengths), lengths)
        is_text = ids != self._padding_id
        count = np.cumsum(is_text)
        before = np.concatenate([[0], count])[np.cumsum(lengths) - lengths]
        return np.where(is_text, count - np.repeat(before, lengths), 0) + self._padding_id
