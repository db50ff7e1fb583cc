"""What stands on an encoder: poolers, and the code of a classifier that makes labels of vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import torch

from nlu_lite.common import Floats
from nlu_lite.errors import ModelError
from nlu_lite.weights import REPAIR_HINT

Activation = Literal["softmax", "sigmoid"]
# From vectors to vectors: the first axis stays.
Head = Callable[[torch.Tensor], torch.Tensor]


def find_pooler(model: Any) -> Head | None:  # noqa: ANN401 - transformers.PreTrainedModel
    """The model's pooler, tanh of a linear layer on the first position.

    Args:
        model: A transformers model.

    Returns:
        From shape (texts, positions, dimension) to (texts, dimension); None if the model has no
        pooler with weights.
    """
    if getattr(model, "pooler", None) is None:
        return None
    # ALBERT's is a bare linear layer; the others take all positions and read the first.
    if hasattr(model, "pooler_activation"):
        return lambda states: model.pooler_activation(model.pooler(states[:, 0]))
    return lambda states: model.pooler(states)


def find_vector_pooler(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
) -> Callable[[Floats], Floats] | None:
    """``find_pooler`` for vectors of first positions.

    Args:
        model: A transformers model.

    Returns:
        From shape (texts, dimension) to the same shape, float32; None if there is no pooler.
    """
    pooler = find_pooler(model)
    if pooler is None:
        return None

    @torch.inference_mode()
    def pool(vectors: Floats) -> Floats:
        first = torch.from_numpy(vectors).to(device=model.device, dtype=model.dtype)
        return np.asarray(pooler(first[:, None]).float().cpu().numpy())

    return pool


class _VectorSource(torch.nn.Module):
    """Stands in a classifier where its encoder was, and gives back the vectors that it gets.

    Args:
        pool: The encoder's pooler; None where it has none.
    """

    def __init__(self, pool: Head | None) -> None:
        super().__init__()
        self._pool = pool

    def forward(
        self,
        *_args: Any,  # noqa: ANN401 - as transformers has it
        inputs_embeds: torch.Tensor,
        **_options: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        from transformers.modeling_outputs import BaseModelOutputWithPooling

        pooled: Any = None if self._pool is None else self._pool(inputs_embeds)
        states: Any = inputs_embeds
        return BaseModelOutputWithPooling(last_hidden_state=states, pooler_output=pooled)


class ClassifierHead:
    """A classifier without its encoder: from vectors of single positions to label scores.

    All that a transformers classifier does after its encoder is done by its own code. So it fits
    classifiers of single pieces, and those of texts that look at the first position alone; whether
    a model is one, a trial must tell.

    Args:
        model: A transformers classifier in evaluation mode; its encoder is taken out.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - transformers.PreTrainedModel
        self._dtype, self._device = model.dtype, model.device
        encoder = model.base_model
        setattr(model, model.base_model_prefix, _VectorSource(find_pooler(encoder)))
        self._model = model

    def __call__(self, vectors: torch.Tensor) -> torch.Tensor:
        """Shape (positions, dimension) -> (positions, labels), float32."""
        states = vectors.to(device=self._device, dtype=self._dtype)[:, None]
        scores: torch.Tensor = self._model(inputs_embeds=states).logits
        return scores.reshape(len(vectors), -1).float()


def add_activation(head: Head, activation: Activation) -> Head:
    """A head whose scores are made probabilities.

    Args:
        head: From vectors to scores.
        activation: ``softmax`` where one label is right, ``sigmoid`` where each may be.
    """
    return lambda vectors: to_probabilities(head(vectors), activation)


def to_probabilities(scores: torch.Tensor, activation: Activation) -> torch.Tensor:
    """Scores to probabilities, shape (..., labels), float32."""
    scores = scores.float()
    return torch.softmax(scores, dim=-1) if activation == "softmax" else torch.sigmoid(scores)


def choose_activation(config: Any, task: str) -> Activation:  # noqa: ANN401
    """How a classifier's scores become probabilities, as transformers' pipelines decide it.

    Source: ``text_classification.py``, 5.23.

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
    if problem == "multi_label_classification" or config.num_labels == 1:
        return "sigmoid"
    return "softmax"


def read_label_names(config: Any) -> tuple[str, ...]:  # noqa: ANN401
    """The labels of a classifier, in the order of its scores.

    Raises:
        ModelError: Some have no name.
    """
    names, count = config.id2label, int(config.num_labels)
    for number in range(count):
        if number not in names:
            raise ModelError(
                f"The configuration names no label {number} in id2label; it has {count} labels. "
                f"{REPAIR_HINT}"
            )
    return tuple(str(names[number]) for number in range(count))
