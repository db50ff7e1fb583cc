"""Which encoder reads a model: packed where its architecture and a trial allow it, else padded.

Chosen by what the model and the machine can do, never by a stopwatch, so that two runs give the
same bits.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nlu_lite.common import ranges
from nlu_lite.encoder.backends import onednn
from nlu_lite.encoder.backends.out_of_memory import FAULTS
from nlu_lite.encoder.backends.packed import PackedEncoder, innermost_layers
from nlu_lite.encoder.backends.padded import PaddedEncoder
from nlu_lite.encoder.backends.protocol import Encoder
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences
from nlu_lite.encoder.models.loading import quiet_transformers

log = logging.getLogger("nlu_lite")

# Lengths of the sequences tried at load: two alike, others not, the shortest a single token; few,
# because loading waits.
_LENGTHS = (4, 9, 1, 4)
_WINDOW_NAMES = ("sliding_window", "local_attention", "attention_window")
# Float32 rounding stays far below this on real models; a sliding window left out is ten times above
# it.
_TOLERANCE = 1e-4
# Half precision differs from itself by several hundredths when sums are taken in another order;
# directions hardly do.
_LEAST_COSINE = 0.99


def choose_encoder(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    *,
    pad_id: int,
    device: torch.device,
    longest: int | None,
) -> Encoder:
    """The fastest encoder that gives a model's own numbers.

    The model is the encoder's own from now on: it may be changed so that it is no plain
    transformers model any more.

    Args:
        model: A transformers encoder in evaluation mode, straight from its files.
        pad_id: Id for padding.
        device: Where the model lies.
        longest: Longest sequence in pieces with the special ones; None if nothing bounds it.
    """
    encoder: Encoder = PaddedEncoder(model, pad_id=pad_id, device=device)
    with quiet_transformers():
        trial = _Trial.make(model, pad_id=pad_id, device=device, longest=longest)
        if trial is None:
            return encoder
        if can_be_packed(model):
            encoder = _packed(model, device, trial) or encoder
        _use_onednn(model, encoder, trial, device)
    return encoder


def _packed(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    device: torch.device,
    trial: _Trial,
) -> PackedEncoder | None:
    encoder = PackedEncoder(model, device=device)
    fault = trial.fault(encoder)
    if fault is None:
        return encoder
    encoder.release()
    log.warning(
        "%s is read with padding, which is slower: packed, %s.", type(model).__name__, fault
    )
    return None


def _use_onednn(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    encoder: Encoder,
    trial: _Trial,
    device: torch.device,
) -> None:
    if not onednn.available(device, model.dtype):
        return
    try:
        undo = onednn.replace(model)
    except FAULTS as error:
        log.warning(
            "%s keeps torch's linear layers, which are slower: oneDNN fails (%s).",
            type(model).__name__,
            error,
        )
        return
    fault = trial.fault(encoder)
    if fault is not None:
        undo()
        log.warning(
            "%s keeps torch's linear layers, which are slower: with oneDNN's, %s.",
            type(model).__name__,
            fault,
        )


def can_be_packed(model: Any) -> bool:  # noqa: ANN401
    """Whether a model's attention can be exchanged, and its positions are plain numbers.

    Relative positions are made from the place in the batch or added to scores, and an exchanged
    attention sees neither.
    """
    config = model.config
    relative = str(getattr(config, "position_embedding_type", "absolute")) != "absolute" or any(
        getattr(config, name, None)
        for name in ("relative_attention", "relative_attention_num_buckets")
    )
    exchangeable = bool(getattr(model, "_supports_attention_backend", False))
    return exchangeable and not relative and bool(innermost_layers(model))


@dataclass(frozen=True)
class _Trial:
    """A few sequences and what the plain model gives for them.

    Attributes:
        sequences: What is tried.
        layers: The layers compared; several, so that a wrong count of them shows.
        states: Shape (tokens, dimension x layers): of every token.
        exact: Whether the numbers must be the same, or in half precision only the directions.
    """

    sequences: Sequences
    layers: tuple[int, ...]
    states: NDArray[np.float32]
    exact: bool

    @classmethod
    def make(
        cls,
        model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
        *,
        pad_id: int,
        device: torch.device,
        longest: int | None,
    ) -> _Trial | None:
        """Ask the plain model; None if it cannot answer, which its user will see soon enough."""
        # One sequence a forward, so that nothing is padded.
        plain = PaddedEncoder(model, pad_id=pad_id, device=device, budget=1)
        layers = tuple(sorted({0, plain.layers // 2, plain.layers}))
        try:
            sequences = trial_sequences(model.config, pad_id=pad_id, longest=longest)
            states = _states(plain, sequences, _all_tokens(sequences), layers)
        except FAULTS:
            return None
        return cls(sequences, layers, states, exact=model.dtype == torch.float32)

    def fault(self, encoder: Encoder) -> str | None:
        """What is wrong with an encoder; None if it agrees."""
        lengths = self.sequences.lengths
        single = RowRequest.single(np.arange(len(lengths)), lengths // 2)
        width = encoder.dimension
        try:
            tokens = _all_tokens(self.sequences)
            states = _states(encoder, self.sequences, tokens, self.layers)
            # Single tokens of one layer go another way through the last layer, and through the
            # layers up to a lower one.
            top = _states(encoder, self.sequences, single, self.layers[-1:])
            low = _states(encoder, self.sequences, single, self.layers[1:2])
        except (
            FAULTS
        ) as error:  # not a machine out of memory, which is no reason to try again with padding
            return as_fault(error)
        rows = self.sequences.starts[:-1] + lengths // 2
        pairs = (
            (states, self.states),
            (top, self.states[rows][:, -width:]),
            (low, self.states[rows][:, width : 2 * width]),
        )
        if all(agree(states, expected, exact=self.exact) for states, expected in pairs):
            return None
        return "its numbers are not those of the plain model"


def trial_sequences(config: Any, *, pad_id: int, longest: int | None) -> Sequences:  # noqa: ANN401
    """Sequences of mixed lengths, one longer than any sliding window, of ids from everywhere."""
    windows = [
        value for name in _WINDOW_NAMES if isinstance(value := getattr(config, name, None), int)
    ]
    tried = [*_LENGTHS, max(windows) + 3] if windows else list(_LENGTHS)
    lengths = np.minimum(tried, longest if longest is not None else max(tried))
    ids = (np.arange(int(lengths.sum())) * 7919 + 11) % int(config.vocab_size)
    ids[ids == pad_id] = (pad_id + 1) % int(config.vocab_size)
    return Sequences(ids=ids, starts=np.concatenate([[0], np.cumsum(lengths)]))


def _all_tokens(sequences: Sequences) -> RowRequest:
    lengths = sequences.lengths
    return RowRequest.single(
        np.repeat(np.arange(len(lengths)), lengths), ranges(np.zeros_like(lengths), lengths)
    )


def _states(
    encoder: Encoder, sequences: Sequences, rows: RowRequest, layers: tuple[int, ...]
) -> NDArray[np.float32]:
    return encoder(
        sequences,
        rows,
        layers=layers,
        layer_pooling="concat",
        reduce="sum",
        progress=lambda _rows: None,
    )


def as_fault(error: BaseException) -> str:
    """Why a trial failed, for a person; the model's own exception stands behind ours."""
    cause = error.__cause__ or error
    return f"it fails ({type(cause).__name__}: {cause})"


def agree(states: NDArray[np.float32], expected: NDArray[np.float32], *, exact: bool) -> bool:
    """Whether rows are the same but for rounding."""
    if not np.isfinite(states).all():
        return False
    if exact:
        return bool(
            (
                np.abs(states - expected)
                <= _TOLERANCE * np.maximum(1, np.abs(expected).max(axis=1, keepdims=True))
            ).all()
        )
    lengths = np.linalg.norm(states, axis=1) * np.linalg.norm(expected, axis=1)
    return bool(((states * expected).sum(axis=1) >= _LEAST_COSINE * lengths).all())
