"""Classifiers run whole, with padding: those whose labels hang on more than single positions."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from nlu_lite.common import Ints, ranges
from nlu_lite.encoder.backends.padded import PaddedEncoder
from nlu_lite.encoder.backends.sequences import Sequences
from nlu_lite.encoder.backends.transfers import to_device
from nlu_lite.encoder.models.heads import Activation, to_probabilities
from nlu_lite.encoder.models.pieces import PieceTokenizer
from nlu_lite.options import LayerPooling


class WholeClassifier(PaddedEncoder):
    """A transformers classifier fed padded batches; its vectors are the probabilities of labels.

    A classifier of texts gives every position of a sequence the same.

    Args:
        model: In evaluation mode.
        tokenizer: The classifier's.
        device: Where the model lies.
        activation: How scores become probabilities; None leaves them.
        budget: Tokens that a batch may hold, padding counted.
    """

    def __init__(
        self,
        model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
        *,
        tokenizer: PieceTokenizer,
        device: torch.device,
        activation: Activation | None,
        budget: int | None = None,
    ) -> None:
        super().__init__(model, pad_id=tokenizer.pad_id, device=device, budget=budget)
        self._tokenizer = tokenizer
        self._activation = activation

    @property
    def dimension(self) -> int:
        """How many labels."""
        return int(self._model.config.num_labels)

    @property
    def config(self) -> Any:  # noqa: ANN401 - transformers.PreTrainedConfig
        """Of the model."""
        return self._model.config

    @property
    def budget(self) -> int:
        """Tokens that a batch may hold, padding counted."""
        return self._budget

    @torch.inference_mode()
    def _forward(
        self,
        sequences: Sequences,
        batch: Ints,
        layers: tuple[int, ...],
        layer_pooling: LayerPooling,
    ) -> torch.Tensor:
        """Shape (batch x longest, labels)."""
        types = None
        if takes_types(self._model.config):
            types = self._tokenizer.types(sequences.lengths[batch])
        scores = self.scores(sequences, batch, types)[0]
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
        longest = int(lengths.max())
        mask = np.arange(longest) < lengths[:, None]
        if pads_left(self._model):
            mask = mask[:, ::-1].copy()
        ids = np.full(mask.shape, self._pad_id, dtype=np.int64)
        ids[mask] = sequences.ids[ranges(sequences.starts[batch], lengths)]
        self.tokens += ids.size
        inputs = {"input_ids": ids, "attention_mask": mask.astype(np.int64)}
        if types is not None:
            inputs["token_type_ids"] = np.zeros_like(ids)
            inputs["token_type_ids"][mask] = types
        tensors = {name: to_device(numbers, self._device) for name, numbers in inputs.items()}
        output = self._model(**tensors)
        if hasattr(output, "start_logits"):
            return output.start_logits.float(), output.end_logits.float()
        return (output.logits.float(),)


def takes_types(config: Any) -> bool:  # noqa: ANN401 - transformers.PreTrainedConfig
    """Whether a model tells the parts of a sequence from each other."""
    return config.model_type == "xlnet" or int(getattr(config, "type_vocab_size", 0) or 0) > 1


def pads_left(model: Any) -> bool:  # noqa: ANN401 - transformers.PreTrainedModel
    """Whether padding stands in front: XLNet reads a text's class off the last position."""
    return bool(model.config.model_type == "xlnet" and hasattr(model, "sequence_summary"))
