"""What stands on an encoder and makes labels of its vectors: the classifier's own code, fed with vectors that are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch

from nlu_lite.encoder.models.loading import pooling_of
from nlu_lite.errors import ModelError
from nlu_lite.weights.model_files import REPAIR

Activation = Literal["softmax", "sigmoid"]
Head = Callable[[torch.Tensor], torch.Tensor]


class _Known(torch.nn.Module):
    """Stands in a classifier where its encoder was: gives back the vectors that it is given.

    Args:
        pool: From hidden states, shape (batch, positions, dimension), to what the encoder's own
            pooler makes of the first position; None where it has none.
    """

    def __init__(self, pool: Head | None) -> None:
        super().__init__()
        self._pool = pool

    def forward(self, *_args: Any, inputs_embeds: torch.Tensor, **_others: Any) -> Any:  # noqa: ANN401 - as transformers has it
        from transformers.modeling_outputs import BaseModelOutputWithPooling

        pooled: Any = None if self._pool is None else self._pool(inputs_embeds)
        states: Any = inputs_embeds
        return BaseModelOutputWithPooling(last_hidden_state=states, pooler_output=pooled)


class ClassifierHead:
    """A classifier without its encoder: from vectors of single positions to the scores of its labels.

    All that a transformers classifier does after its encoder is done by its own code. So it fits
    classifiers of single pieces, and those of texts that look at the first position alone; whether
    a model is one, a trial must tell.

    Args:
        model: A transformers classifier in evaluation mode; its encoder is taken out.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - transformers.PreTrainedModel
        self._dtype, self._device = model.dtype, model.device
        encoder = model.base_model
        setattr(model, model.base_model_prefix, _Known(pooling_of(encoder)))
        self._model = model

    def __call__(self, vectors: torch.Tensor) -> torch.Tensor:
        """Shape (positions, dimension) -> (positions, labels), float32."""
        states = vectors.to(device=self._device, dtype=self._dtype)[:, None]
        scores: torch.Tensor = self._model(inputs_embeds=states).logits
        return scores.reshape(len(vectors), -1).float()


def add_activation(head: Head, how: Activation) -> Head:
    """A head whose scores are made probabilities.

    Args:
        head: From vectors to scores.
        how: ``softmax`` where one label is right, ``sigmoid`` where each may be.
    """
    return lambda vectors: to_probabilities(head(vectors), how)


def to_probabilities(scores: torch.Tensor, how: Activation) -> torch.Tensor:
    """Scores to probabilities, shape (..., labels), float32."""
    return (
        torch.softmax(scores.float(), dim=-1) if how == "softmax" else torch.sigmoid(scores.float())
    )


def choose_activation(config: Any, task: str) -> Activation:  # noqa: ANN401 - transformers.PreTrainedConfig
    """How a classifier's scores become probabilities, as transformers' pipelines decide it (``text_classification.py``, 5.23).

    Args:
        config: Of the model.
        task: What it does.

    Raises:
        ModelError: Its scores are no classes at all, but a number that was learnt (regression).
    """
    if task == "token_classification":
        return "softmax"
    problem = getattr(config, "problem_type", None)
    if problem == "regression":
        raise ModelError(
            "The model was trained to give a number (problem_type is 'regression'), and has no "
            "classes to show."
        )
    return (
        "sigmoid"
        if problem == "multi_label_classification" or config.num_labels == 1
        else "softmax"
    )


def read_label_names(config: Any) -> tuple[str, ...]:  # noqa: ANN401 - transformers.PreTrainedConfig
    """The labels of a classifier, in the order of its scores.

    Raises:
        ModelError: Some have no name.
    """
    count, named = int(config.num_labels), config.id2label
    if lost := [number for number in range(count) if number not in named]:
        raise ModelError(
            f"The configuration names no label {lost[0]} in id2label; it has {count} labels. "
            f"{REPAIR}"
        )
    return tuple(str(named[number]) for number in range(count))
