"""One forward of a transformers model: rows of ids, equally long -> the states of some layers."""

from __future__ import annotations

import contextlib
import copy
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from nlu_lite.errors import ModelError

_PLAIN = (str, bool, int, float, list, tuple, type(None))
# What models note about calls, which changes no number: lengths that were computed already, and
# whether something was done once.
_NOTES = re.compile("cache|seq_len|installed|initialized")
# Ways to count positions that hang on the longest text met so far.
_GROWING_POSITIONS = ("dynamic", "longrope")


@dataclass(frozen=True)
class Forward:
    """A transformers model, how it is called, and what it gives.

    Attributes:
        model: In evaluation mode. No call changes it.
        layers: Number of the last layer; layer 0 is the embedding output.
        width: Of a vector.
        served: The layers that have a vector of that width for every piece.
        takes_mask: Whether it can be told what is padding.
        hangs_on_length: Whether it changes itself, or how it reads, by the lengths that it meets.
    """

    model: Any
    layers: int
    width: int
    served: frozenset[int]
    takes_mask: bool
    hangs_on_length: bool

    @classmethod
    @torch.inference_mode()
    def measure(cls, model: Any, ids: torch.Tensor) -> Forward:  # noqa: ANN401
        """Find out what a model gives by one call, which leaves it as it is.

        Args:
            model: A transformers model in evaluation mode.
            ids: Shape (1, pieces): some text.

        Raises:
            ModelError: It gives other numbers each time, or changes its weights.
            Exception: Whatever the model raises.
        """
        output, is_changed = _try_out(model, ids, output_hidden_states=True)
        last = output.last_hidden_state
        if last.shape[:2] != ids.shape:
            raise ValueError(f"it gives {last.shape[1]} vectors for {ids.shape[1]} pieces")
        states = getattr(output, "hidden_states", None) or ()
        layers = len(states) - 1 if states else count_layers(model.config)
        is_complete = bool(states) and all(_has_a_vector_a_piece(state, last) for state in states)
        return cls(
            model=model,
            layers=layers,
            width=int(last.shape[-1]),
            served=frozenset(range(layers + 1) if is_complete else [layers]),
            takes_mask=_takes_mask(model),
            hangs_on_length=is_changed or _has_growing_positions(model),
        )

    @classmethod
    @torch.inference_mode()
    def of_classifier(cls, model: Any, ids: torch.Tensor) -> Forward:  # noqa: ANN401
        """A classifier, whose one layer that is served holds the scores of its labels.

        Args:
            model: A transformers classifier in evaluation mode.
            ids: Shape (1, pieces): some text, to see whether reading it changes the model.

        Raises:
            ModelError: It gives other numbers each time, or changes its weights.
            Exception: Whatever the model raises.
        """
        _, is_changed = _try_out(model, ids)
        layers = count_layers(model.config)
        return cls(
            model=model,
            layers=layers,
            width=int(model.config.num_labels),
            served=frozenset([layers]),
            takes_mask=_takes_mask(model),
            hangs_on_length=is_changed or _has_growing_positions(model),
        )

    def run(self, **inputs: Any) -> Any:  # noqa: ANN401 - tensors and flags
        """Call the model, or where a call would change it, a copy that shares its weights.

        Args:
            inputs: By the names of the model's ``forward``.
        """
        model = copy_structure(self.model) if self.hangs_on_length else self.model
        with keep_random_numbers():
            return model(**inputs)

    @torch.inference_mode()
    def __call__(
        self, ids: torch.Tensor, mask: torch.Tensor | None, layers: tuple[int, ...]
    ) -> list[torch.Tensor]:
        """The states of layers, each of shape (rows, positions, width).

        Args:
            ids: Shape (rows, positions).
            mask: Shape (rows, positions): 0 where padding is; None where there is none.
            layers: From 0 to the last.
        """
        is_last = layers == (self.layers,)
        inputs: dict[str, Any] = {"input_ids": ids}
        if mask is not None:
            inputs["attention_mask"] = mask
        if not is_last:
            inputs["output_hidden_states"] = True
        output = self.run(**inputs)
        if is_last:
            return [output.last_hidden_state]
        # The last of the hidden states is the output before its norm, in some models.
        states = [*output.hidden_states[:-1], output.last_hidden_state]
        return [states[layer][:, : ids.shape[1]] for layer in layers]


def _has_a_vector_a_piece(state: Any, last: torch.Tensor) -> bool:  # noqa: ANN401
    """Whether the state of a layer has a vector for every piece, as wide as the output's.

    BigBird's are longer, since it pads to whole blocks by itself; Pegasus-X gives pairs of tensors.
    """
    if not isinstance(state, torch.Tensor):
        return False
    return state.shape[2:] == last.shape[2:] and state.shape[1] >= last.shape[1]


def _try_out(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    ids: torch.Tensor,
    **options: bool,
) -> tuple[Any, bool]:
    """What a model gives for a text, and whether reading it changes the model.

    It is read twice, by a copy that shares the weights, while random numbers begin elsewhere.

    Raises:
        ModelError: It gives other numbers each time, or changes its weights.
        Exception: Whatever the model raises.
    """
    weights = [part._version for part in model.parameters()]
    trial_model = copy_structure(model)
    before = _describe(trial_model)
    first_result = _run_seeded(trial_model, ids, 0, options)
    is_changed = _describe(trial_model) != before
    if is_changed:
        trial_model = copy_structure(model)
    results = (first_result, _run_seeded(trial_model, ids, 1, options))
    if weights != [part._version for part in model.parameters()]:
        raise ModelError(
            f"A {type(model).__name__} changes its own weights when it reads a text, so a text's "
            "numbers would hang on how often it did. It is not served."
        )
    first, second = (next(iter(result.values())) for result in results)
    if not torch.equal(first.nan_to_num(), second.nan_to_num()):
        raise ModelError(
            f"A {type(model).__name__} gives other numbers each time it reads the same text. It is "
            "not served. If its configuration has a seed for random hashes, set it."
        )
    return first_result, is_changed


def _run_seeded(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    ids: torch.Tensor,
    seed: int,
    options: dict[str, bool],
) -> Any:  # noqa: ANN401 - an output of transformers
    with keep_random_numbers():
        np.random.seed(seed)
        torch.default_generator.manual_seed(seed)
        return model(input_ids=ids, **options)


def _takes_mask(model: Any) -> bool:  # noqa: ANN401 - transformers.PreTrainedModel
    return "attention_mask" in inspect.signature(model.forward).parameters


@contextlib.contextmanager
def keep_random_numbers() -> Iterator[None]:
    """Leave the caller's random numbers as they are: BigBird and Reformer set their own seeds."""
    numpy_state, torch_state = np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        np.random.set_state(numpy_state)
        torch.set_rng_state(torch_state)


def copy_structure(model: Any) -> Any:  # noqa: ANN401 - a module of torch
    """A model of modules of its own, with the same weights in memory."""
    parts = (*model.parameters(), *model.buffers())
    return copy.deepcopy(model, {id(part): part for part in parts})


def count_layers(config: Any) -> int:  # noqa: ANN401 - transformers.PreTrainedConfig
    """How many layers a configuration states; 1 if it does not say."""
    count = getattr(config, "num_hidden_layers", None)
    return count if isinstance(count, int) and count > 0 else 1


def _describe(model: Any) -> list[tuple[object, ...]]:  # noqa: ANN401
    """The kinds of a model's modules and their plain settings.

    BigBird exchanges modules and a word when it meets a short text, Reformer takes its number of
    buckets from the first text.
    """
    return [
        (name, type(module), *_select_settings(vars(module)))
        for name, module in model.named_modules()
    ]


def _select_settings(settings: dict[str, Any]) -> Iterator[tuple[str, object]]:
    for name, value in settings.items():
        if isinstance(value, _PLAIN) and not _NOTES.search(name):
            yield name, repr(value)


def _has_growing_positions(model: Any) -> bool:  # noqa: ANN401
    parameters = getattr(model.config, "rope_parameters", None)
    if not isinstance(parameters, dict):
        return False
    kinds = [parameters, *(part for part in parameters.values() if isinstance(part, dict))]
    return any(kind.get("rope_type") in _GROWING_POSITIONS for kind in kinds)
