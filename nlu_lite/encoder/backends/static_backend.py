"""A table of vectors as an encoder: each piece has one, whatever stands beside it."""

from __future__ import annotations

import copy

import numpy as np
import torch

from nlu_lite.common import Floats, Ints
from nlu_lite.encoder.backends.join import reduce_rows
from nlu_lite.encoder.backends.protocol import EncoderHead, Progress, Reduce
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences
from nlu_lite.encoder.backends.transfers import Fetches
from nlu_lite.errors import ModelError
from nlu_lite.options import LayerPooling

# Positions looked up at once.
_POSITIONS = 65_536


class StaticEncoder:
    """A table with a vector for each piece.

    Args:
        table: Shape (pieces, dimension), on any device.
    """

    _head: EncoderHead | None = None

    def __init__(self, table: torch.Tensor) -> None:
        self._table = table

    @property
    def dimension(self) -> int:
        """Width of a vector."""
        return self._head.width if self._head is not None else int(self._table.shape[1])

    @property
    def layers(self) -> int:
        """None behind the table, which is layer 0."""
        return 0

    @property
    def served_layers(self) -> tuple[int, ...]:
        """The one that there is."""
        return (0,)

    def headed(self, head: EncoderHead) -> StaticEncoder:
        """This encoder with a head on its vectors; both share the table."""
        encoder = copy.copy(self)
        encoder._head = head
        return encoder

    @torch.inference_mode()
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
        """Look the requested rows up; see ``Encoder``. A row of no positions is zeros."""
        repeats = len(layers) if layer_pooling == "concat" else 1
        matrix = np.zeros((len(rows), self.dimension * repeats), dtype=np.float32)
        counts = np.diff(rows.starts)
        filled = np.flatnonzero(counts)
        fetches = Fetches(matrix, progress)
        if len(sequences.ids) and sequences.ids.max() >= len(self._table):
            raise ModelError(
                f"A text has the piece {int(sequences.ids.max())}, and the table has vectors of "
                f"{len(self._table)}: its tokenizer knows more pieces than the model."
            )
        for group in _split(filled, counts):
            first, last = int(rows.starts[group[0]]), int(rows.starts[group[-1] + 1])
            owner = np.repeat(rows.sequence[group], counts[group])
            ids = sequences.ids[sequences.starts[owner] + rows.positions[first:last]]
            picked = self._table[torch.from_numpy(ids).to(self._table.device)]
            vectors = reduce_rows(picked, counts[group], reduce, self._head)
            if layer_pooling == "sum":
                vectors = vectors * len(layers)
            fetches.add(group, vectors.repeat(1, repeats))
        fetches.finish()
        return matrix


def _split(rows: Ints, counts: Ints) -> list[Ints]:
    """Neighbouring rows in groups of about so many positions as are looked up at once."""
    if not len(rows):
        return []
    cuts = np.flatnonzero(np.diff(np.cumsum(counts[rows]) // _POSITIONS)) + 1
    return np.split(rows, cuts)
