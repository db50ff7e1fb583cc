"""Classifiers run whole, in batches: those whose labels hang on more than single positions."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch

from nlu_lite.common import Ints, ranges
from nlu_lite.encoder.backends.batched import BatchedEncoder
from nlu_lite.encoder.backends.forward import Forward
from nlu_lite.encoder.backends.sequences import Batching, Sequences
from nlu_lite.encoder.backends.transfers import to_device
from nlu_lite.encoder.models.heads import Activation, to_probabilities
from nlu_lite.encoder.models.pieces import PieceTokenizer
from nlu_lite.options import LayerPooling


class WholeClassifier(BatchedEncoder):
    """A transformers classifier fed batches; its vectors are the probabilities of labels.

    A classifier of texts gives every position of a sequence the same.

    Args:
        forward: The classifier and what it gives.
        tokenizer: The classifier's.
        device: Where the model lies.
        batching: What may stand in one batch.
        activation: How scores become probabilities; None leaves them.
    """

    def __init__(
        self,
        forward: Forward,
        *,
        tokenizer: PieceTokenizer,
        device: torch.device,
        batching: Batching = Batching.ALONE,
        activation: Activation | None = None,
    ) -> None:
        pad_id = find_pad_id(forward.model.config, tokenizer)
        super().__init__(forward, pad_id=pad_id, device=device, batching=batching)
        self._tokenizer = tokenizer
        self._activation = activation

    @property
    def model(self) -> Any:  # noqa: ANN401 - transformers.PreTrainedModel
        """The plain classifier."""
        return self.forward.model

    @property
    def config(self) -> Any:  # noqa: ANN401 - transformers.PreTrainedConfig
        """Of the model."""
        return self.model.config

    @property
    def budget(self) -> int:
        """Tokens that a batch may hold, padding counted."""
        return self._budget

    def activated(self, activation: Activation | None) -> WholeClassifier:
        """This classifier with another way to make probabilities; both share the model."""
        classifier = copy.copy(self)
        classifier._activation = activation
        return classifier

    def _compute_states(
        self,
        sequences: Sequences,
        batch: Ints,
        _layers: tuple[int, ...],
        _layer_pooling: LayerPooling,
    ) -> torch.Tensor:
        """Shape (batch x longest, labels)."""
        types = None
        if takes_types(self.config):
            types = self._tokenizer.types(sequences.lengths[batch])
        scores, *ends = self.scores(sequences, batch, types)
        if ends:
            scores = torch.stack([scores, *ends], dim=-1)
        if self._activation is not None:
            scores = to_probabilities(scores, self._activation)
        if scores.ndim == 2:
            scores = scores[:, None].expand(-1, int(sequences.lengths[batch[0]]), -1)
        return scores.flatten(0, 1)

    @torch.inference_mode()
    def scores(
        self, sequences: Sequences, batch: Ints, types: Ints | None
    ) -> tuple[torch.Tensor, ...]:
        """The model's scores of a batch of sequences, each of shape (batch, ...), float32.

        Args:
            sequences: Token ids with the special ones.
            batch: Shape (batch,): numbers of the sequences to read.
            types: Shape (tokens of the batch,): which part of its sequence each token is in; None
                where the model does not ask.
        """
        lengths = sequences.lengths[batch]
        mask = self.batching.make_mask(lengths)
        ids = np.full(mask.shape, self._pad_id, dtype=np.int64)
        ids[mask] = sequences.ids[ranges(sequences.starts[batch], lengths)]
        self.tokens += ids.size
        inputs = {"input_ids": ids}
        if types is not None:
            inputs["token_type_ids"] = np.zeros_like(ids)
            inputs["token_type_ids"][mask] = types
        tensors = {name: to_device(numbers, self._device) for name, numbers in inputs.items()}
        mask_tensor = self._mask_for_device(mask)
        if mask_tensor is not None:
            tensors["attention_mask"] = mask_tensor
        output = self.forward.run(**tensors)
        if hasattr(output, "start_logits"):
            return output.start_logits.float(), output.end_logits.float()
        return (output.logits.float(),)


def find_pad_id(config: Any, tokenizer: PieceTokenizer) -> int:  # noqa: ANN401
    """The id by which a classifier tells padding from text, else the tokenizer's.

    Decoders read a text's class off the last piece that is not this one.
    """
    pad_id = getattr(config.get_text_config(), "pad_token_id", None)
    return pad_id if isinstance(pad_id, int) and pad_id >= 0 else tokenizer.pad_id


def takes_types(config: Any) -> bool:  # noqa: ANN401 - transformers.PreTrainedConfig
    """Whether a model tells the parts of a sequence from each other."""
    return config.model_type == "xlnet" or int(getattr(config, "type_vocab_size", 0) or 0) > 1
