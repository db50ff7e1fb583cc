"""What every encoder does: token ids in, vectors of requested positions and layers out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from nlu_lite.common import Floats
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences
from nlu_lite.options import LayerPooling

if TYPE_CHECKING:
    import torch

Reduce = Literal["sum", "max"]
Progress = Callable[[int], object]


class Encoder(Protocol):
    """Sequences of token ids -> vectors; the one interface between text side and model side."""

    @property
    def dimension(self) -> int:
        """Width of one layer's vectors."""

    @property
    def layers(self) -> int:
        """Number of layers; layer 0 is the embedding output."""

    @property
    def served_layers(self) -> Collection[int]:
        """The layers that have a vector for every piece; the last one is among them."""

    def headed(self, head: EncoderHead) -> Encoder:
        """This encoder with a head on its last layer, the only one left; both share the model."""

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
        """Encode sequences and return the requested rows.

        Args:
            sequences: Token ids with the special ones.
            rows: Which positions make which row.
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
