"""sentence-transformers' own modules as an encoder, for sequences that hold more than ours.

Texts of one length are run together, so nothing is padded: a text's vector does not depend on its
neighbours, though some of these modules read padding too.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from nlu_lite.common import Floats, Ints, ranges
from nlu_lite.encoder.backends.forward import Forward
from nlu_lite.encoder.backends.out_of_memory import FAULTS, run_in_halves
from nlu_lite.encoder.backends.protocol import EncoderHead, Progress, Reduce
from nlu_lite.encoder.backends.sequences import (
    Batching,
    RowRequest,
    Sequences,
    choose_budget,
)
from nlu_lite.encoder.backends.transfers import Fetches, to_device
from nlu_lite.errors import ModelError
from nlu_lite.options import LayerPooling


class LibraryEncoder:
    """A transformers model, or none, and the library's modules behind it.

    Every position of a sequence has the text's vector.

    Args:
        forward: The model that gives the states of pieces; None where the first module does it by
            itself.
        modules: The library's, in order.
        gives_layers: Whether the modules get the states of all layers.
        trial: Ids of a short text, to see that the modules fit each other.
        device: Where they lie.
        subject: What they are, for messages.

    Raises:
        ModelError: The modules do not fit each other, or make no vector.
    """

    _head: EncoderHead | None = None
    _prompt_length = 0

    def __init__(
        self,
        forward: Forward | None,
        modules: Sequence[torch.nn.Module],
        *,
        gives_layers: bool,
        trial: Sequence[int],
        device: torch.device,
        subject: str,
    ) -> None:
        self._forward, self._modules = forward, tuple(modules)
        self._gives_layers = gives_layers
        self._device, self._subject = device, subject
        self._budget = choose_budget(device)
        try:
            vectors = self._run(np.asarray([trial], dtype=np.int64), len(trial))
        except FAULTS as error:
            raise ModelError(
                f"{subject} cannot be run one after the other: {type(error).__name__}: "
                f"{error!s:.500}"
            ) from error
        if vectors.ndim != 2:
            raise ModelError(f"{subject} make {tuple(vectors.shape)} of a text, and no vector.")
        self._width = int(vectors.shape[1])

    @property
    def dimension(self) -> int:
        """Width of a text's vector."""
        return self._head.width if self._head is not None else self._width

    @property
    def layers(self) -> int:
        """None to choose from: the modules choose."""
        return 0

    @property
    def served_layers(self) -> tuple[int, ...]:
        """The one that there is."""
        return (0,)

    def headed(self, head: EncoderHead) -> LibraryEncoder:
        """This encoder with a head on its vectors; both share the modules."""
        encoder = copy.copy(self)
        encoder._head = head
        return encoder

    def behind_prompt(self, length: int) -> LibraryEncoder:
        """This encoder for sequences that begin with a prompt, which a Pooling may leave out.

        Args:
            length: Positions of the prompt, with the special ones before it.
        """
        encoder = copy.copy(self)
        encoder._prompt_length = length
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
        """The vectors of the rows' sequences; see ``Encoder``."""
        repeats = len(layers) if layer_pooling == "concat" else 1
        vectors = np.empty((len(sequences.lengths), self.dimension), dtype=np.float32)
        fetches = Fetches(vectors, lambda _count: None)

        @torch.inference_mode()
        def encode(batch: Ints) -> None:
            length = int(sequences.lengths[batch[0]])
            positions = ranges(sequences.starts[batch], sequences.lengths[batch])
            made = self._run(sequences.ids[positions].reshape(len(batch), length), length).float()
            fetches.add(batch, made if self._head is None else self._head.make(made))

        lengths = sequences.lengths
        batches = Batching.EQUAL_LENGTHS.make_batches(lengths, budget=self._budget)
        run_in_halves(batches, encode, lengths, self._device, self._subject)
        fetches.finish()
        progress(len(rows))
        return np.tile(vectors[rows.sequence], (1, repeats))

    @torch.inference_mode()
    def _run(self, ids: Ints, length: int) -> torch.Tensor:
        """Shape (texts, width): the vectors of texts of one length.

        A text without pieces is one that is masked, as the library has it.
        """
        if not length:
            ids = np.zeros((len(ids), 1), dtype=np.int64)
        mask = np.full(ids.shape, int(length > 0), dtype=np.int64)
        features: dict[str, Any] = {
            "input_ids": to_device(ids, self._device),
            "attention_mask": to_device(mask, self._device),
            "modality": "text",
        }
        if self._prompt_length:
            features["prompt_length"] = self._prompt_length
        if self._forward is not None:
            features |= self._read_pieces(features)
        elif hasattr(first := self._modules[0], "get_sentence_features"):
            counter: Any = first  # BoW counts words before it is run
            features |= counter.get_sentence_features(ids[:, :length].tolist())
        else:
            features["sentence_lengths"] = torch.full((len(ids),), length)
        for module in self._modules:
            features = module(features)
        vectors: torch.Tensor = features["sentence_embedding"]
        return vectors

    def _read_pieces(self, features: dict[str, Any]) -> dict[str, Any]:
        assert self._forward is not None
        output = self._forward.run(
            input_ids=features["input_ids"], output_hidden_states=self._gives_layers
        )
        states = {"token_embeddings": output.last_hidden_state}
        if self._gives_layers:
            states["all_layer_embeddings"] = output.hidden_states
        return states
