"""What stands on an encoder: poolers, labels, and how scores become probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from nlu_lite.common import Floats
from nlu_lite.errors import ModelError
from nlu_lite.weights import REPAIR_HINT

Activation = Literal["softmax", "sigmoid"]
# From vectors to vectors: the first axis stays.
Head = Callable[[torch.Tensor], torch.Tensor]
# transformers makes a name for each.
MOST_LABELS = 100_000
_PROBLEMS = ("regression", "single_label_classification", "multi_label_classification")


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


class VectorPooler:
    """A pooler of first positions that takes and gives numpy's arrays.

    Args:
        pool: From shape (texts, dimension) to the same shape.
    """

    def __init__(self, pool: Head) -> None:
        self._pool = pool

    @torch.inference_mode()
    def __call__(self, vectors: Floats) -> Floats:
        """Shape (texts, dimension) -> the same shape, float32."""
        return np.asarray(self._pool(torch.from_numpy(vectors)).float().cpu().numpy())


def find_vector_pooler(model: Any) -> VectorPooler | None:  # noqa: ANN401
    """``find_pooler`` for vectors of first positions.

    Args:
        model: A transformers model.

    Returns:
        None if there is no pooler.
    """
    pooler = find_pooler(model)
    if pooler is None:
        return None

    def pool(vectors: torch.Tensor) -> torch.Tensor:
        return pooler(vectors.to(device=model.device, dtype=model.dtype)[:, None])

    return VectorPooler(pool)


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


@dataclass(frozen=True)
class LabelSettings:
    """What a configuration says about labels.

    Attributes:
        count: How many there are.
        names: By number.
        problem: What the model was trained for; None where it does not say.
    """

    count: int
    names: Mapping[int, str]
    problem: str | None

    @classmethod
    def of_config(cls, config: Any) -> LabelSettings:  # noqa: ANN401
        """Of a configuration of transformers."""
        problem = getattr(config, "problem_type", None)
        return cls(int(config.num_labels), config.id2label, problem)

    @classmethod
    def of_settings(cls, settings: Mapping[str, Any]) -> LabelSettings | None:
        """Of ``config.json`` as it stands; None where it is not plain.

        Source: ``PreTrainedConfig`` of transformers, 5.23: two labels where nothing is said.
        """
        names = settings.get("id2label")
        problem = settings.get("problem_type")
        if problem not in (None, *_PROBLEMS):
            return None
        if names is not None and not _are_names(names):
            return None
        if names is None or settings.get("num_labels", len(names)) != len(names):
            count = settings.get("num_labels", 2)
            if type(count) is not int or not 1 <= count <= MOST_LABELS:
                return None
            return cls(count, {number: f"LABEL_{number}" for number in range(count)}, problem)
        return cls(len(names), {int(number): name for number, name in names.items()}, problem)

    def choose_activation(self, task: str) -> Activation:
        """How scores become probabilities, as transformers' pipelines decide it.

        Source: ``text_classification.py``, 5.23.

        Args:
            task: What the model does.

        Raises:
            ModelError: Its scores are no classes at all, but a number that was learnt (regression).
        """
        if task == "token_classification":
            return "softmax"
        if self.problem == "regression":
            raise ModelError(
                "The model was trained to give a number (problem_type is 'regression'), and has no "
                "classes to show. task='embed' gives its vectors of words."
            )
        if self.problem == "multi_label_classification" or self.count == 1:
            return "sigmoid"
        return "softmax"

    def list_names(self) -> tuple[str, ...]:
        """The labels in the order of scores.

        Raises:
            ModelError: Some have no name.
        """
        for number in range(self.count):
            if number not in self.names:
                raise ModelError(
                    f"The configuration names no label {number} in id2label; it has {self.count} "
                    f"labels. {REPAIR_HINT}"
                )
        return tuple(str(self.names[number]) for number in range(self.count))


def _are_names(names: object) -> bool:
    """Whether labels are named by the numbers from 0 on, as texts."""
    if not isinstance(names, dict) or not 1 <= len(names) <= MOST_LABELS:
        return False
    is_counted = names.keys() == set(map(str, range(len(names))))
    return is_counted and all(isinstance(name, str) for name in names.values())
