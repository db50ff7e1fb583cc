"""An encoder without padding: sequences laid end to end, and no work for what nobody asked for."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from nlu_lite.common import Floats, Ints, ranges
from nlu_lite.encoder.backends import attention
from nlu_lite.encoder.backends.join import join_layers, reduce_rows
from nlu_lite.encoder.backends.out_of_memory import run_in_halves
from nlu_lite.encoder.backends.protocol import EncoderHead, Progress, Reduce
from nlu_lite.encoder.backends.sequences import (
    RowRequest,
    Sequences,
    choose_budget,
    make_packed_batches,
)
from nlu_lite.encoder.backends.transfers import Fetches, to_device
from nlu_lite.options import LayerPooling


class _EnoughLayers(Exception):  # noqa: N818 - no error: the way out of a model's forward
    """Raised before the first layer that nobody asked for."""


@dataclass
class _Forward:
    """What one forward through the model is to give, and how far it is.

    Attributes:
        layout: How its sequences lie.
        layers: The layers requested.
        tokens: Shape (positions,): the tokens requested, any order, repeats allowed.
        entered: Layers that have begun.
        states: Shape (positions, dimension) of each requested layer so far.
    """

    layout: attention.Layout
    layers: frozenset[int]
    tokens: torch.Tensor
    entered: int = 0
    states: dict[int, torch.Tensor] = field(default_factory=dict)

    @property
    def top(self) -> int:
        """The highest layer requested."""
        return max(self.layers)

    def keep(self, layer: int, states: torch.Tensor) -> None:
        """Note the requested tokens of a layer's states, of shape (1, tokens, dimension)."""
        if layer in self.layers:
            self.states[layer] = states[0].index_select(0, self.tokens).float()

    def narrow_down(self, *states: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Leave only the requested tokens of the last layer; ``tokens`` counts in these then."""
        kept, self.tokens = torch.unique(self.tokens, return_inverse=True)
        return tuple(part.index_select(1, kept) for part in states)


_forward: ContextVar[_Forward | None] = ContextVar("nlu_lite_forward", default=None)


@contextmanager
def _going(forward: _Forward) -> Iterator[None]:
    token = _forward.set(forward)
    try:
        with attention.laid_out(forward.layout):
            yield
    finally:
        _forward.reset(token)


class PackedEncoder:
    """A transformers model fed batches without padding: ``[1, tokens]`` and the position of each.

    The model is taken over: its attention implementation is changed and hooks are put into it,
    until ``release``. It is private to the encoder and must not be shown to users.

    Args:
        model: A transformers encoder in evaluation mode whose attention goes through
            ``AttentionInterface``.
        device: Where the model lies.
        budget: Tokens a batch may hold.

    Attributes:
        tokens: Tokens put through the model so far.
    """

    _head: EncoderHead | None = None

    def __init__(
        self,
        model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
        *,
        device: torch.device,
        budget: int | None = None,
    ) -> None:
        self.tokens = 0
        self._model = model
        self._device = device
        self._budget = budget or choose_budget(device)
        # RoBERTa and its kin count positions from the padding id on, and over what is not padding.
        self._padding: int | None = getattr(getattr(model, "embeddings", None), "padding_idx", None)
        self._before = model.config._attn_implementation
        layers = innermost_layers(model)
        self._hooks = [
            layer.register_forward_pre_hook(_before_layer, with_kwargs=True) for layer in layers
        ]
        for layer in layers:
            # BERT's way: a module of its own takes the attention's output and the residual, and the
            # rest follows from it.
            output = getattr(getattr(layer, "attention", None), "output", None)
            if isinstance(output, torch.nn.Module):
                self._hooks.append(output.register_forward_pre_hook(_after_attention))
        model.set_attn_implementation(attention.register())

    def headed(self, head: EncoderHead) -> PackedEncoder:
        """This encoder with a head on its last layer; both share the model."""
        encoder = copy.copy(self)
        encoder._head = head
        return encoder

    def release(self) -> None:
        """Give the model back as it was."""
        for hook in self._hooks:
            hook.remove()
        self._model.set_attn_implementation(self._before)

    @property
    def dimension(self) -> int:
        """Width of one layer's vectors."""
        return self._head.width if self._head is not None else int(self._model.config.hidden_size)

    @property
    def layers(self) -> int:
        """Number of layers; layer 0 is the embedding output."""
        return int(self._model.config.num_hidden_layers)

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
        """Encode sequences and return the requested rows; see ``Encoder``.

        Raises:
            RuntimeError: The model does not call its attention through transformers' interface.
        """
        width = self.dimension * (len(layers) if layer_pooling == "concat" else 1)
        matrix = np.empty((len(rows), width), dtype=np.float32)
        by_sequence = np.argsort(rows.sequence, kind="stable")
        row_starts = np.searchsorted(rows.sequence[by_sequence], np.arange(len(sequences.starts)))
        used = np.flatnonzero(np.diff(row_starts))
        fetches = Fetches(matrix, progress)

        def encode(batch: Ints) -> None:
            lengths = sequences.lengths[batch]
            row_counts = row_starts[batch + 1] - row_starts[batch]
            numbers = by_sequence[ranges(row_starts[batch], row_counts)]
            counts = rows.starts[numbers + 1] - rows.starts[numbers]
            positions = rows.positions[ranges(rows.starts[numbers], counts)]
            offsets = np.repeat(np.repeat(np.cumsum(lengths) - lengths, row_counts), counts)
            ids = sequences.ids[ranges(sequences.starts[batch], lengths)]
            with torch.inference_mode():
                states = self._states(ids, lengths, offsets + positions, layers)
                joined = join_layers(states, layer_pooling)
                fetches.add(numbers, reduce_rows(joined, counts, reduce, self._head))

        batches = make_packed_batches(sequences.lengths[used], budget=self._budget)
        run_in_halves(
            (used[batch] for batch in batches),
            encode,
            sequences.lengths,
            self._device,
            self._model.config.model_type,
        )
        fetches.finish()
        return matrix

    def _states(
        self, ids: Ints, lengths: Ints, tokens: Ints, layers: tuple[int, ...]
    ) -> list[torch.Tensor]:
        """The requested tokens of each requested layer, each of shape (tokens, dimension)."""
        self.tokens += len(ids)
        forward = _Forward(
            layout=attention.Layout(lengths, self._device),
            layers=frozenset(layers),
            tokens=to_device(tokens, self._device),
        )
        with _going(forward):
            try:
                output = self._model(
                    input_ids=to_device(ids, self._device)[None],
                    position_ids=to_device(self._positions(ids, lengths), self._device)[None],
                )
                forward.keep(self.layers, output.last_hidden_state)
            except _EnoughLayers:
                pass
        if forward.layout.calls < forward.top:
            raise RuntimeError(
                f"The model ran {forward.top} layers and called the packed attention "
                f"{forward.layout.calls} times."
            )
        return [forward.states[layer] for layer in layers]

    def _positions(self, ids: Ints, lengths: Ints) -> Ints:
        """Shape (tokens,): the position of each token in its sequence, as the model counts them."""
        if self._padding is None:
            return ranges(np.zeros_like(lengths), lengths)
        real = ids != self._padding
        count = np.cumsum(real)
        before = np.concatenate([[0], count])[np.cumsum(lengths) - lengths]
        return np.where(real, count - np.repeat(before, lengths), 0) + self._padding


def innermost_layers(model: torch.nn.Module) -> list[torch.nn.Module]:
    """The modules that a model runs one after the other, each a layer (ALBERT: one, often).

    They lie in lists; a list whose items hold lists themselves (ALBERT's groups) holds no layers.
    """
    return [
        item
        for modules in model.modules()
        if isinstance(modules, torch.nn.ModuleList)
        for item in modules
        if not any(isinstance(inner, torch.nn.ModuleList) for inner in item.modules())
    ]


def _before_layer(_module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Keep the states that enter a layer; run nothing above the highest requested one."""
    forward = _forward.get()
    if forward is None:
        return
    forward.keep(forward.entered, args[0] if args else kwargs["hidden_states"])
    if forward.entered == forward.top:
        raise _EnoughLayers
    forward.entered += 1


def _after_attention(
    _module: torch.nn.Module, args: tuple[Any, ...]
) -> tuple[torch.Tensor, ...] | None:
    """In the highest requested layer, only the requested tokens go on from the attention."""
    forward = _forward.get()
    if forward is None or forward.entered < forward.top:
        return None
    return forward.narrow_down(*args)
