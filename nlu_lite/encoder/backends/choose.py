"""Which encoder reads a model: packed where its architecture and a trial allow it, else in batches.

Chosen by what the model and the machine can do, never by a stopwatch, so that two runs give the
same bits. Nothing that is tried changes the model.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

import torch

from nlu_lite.encoder.backends import onednn
from nlu_lite.encoder.backends.batched import BatchedEncoder
from nlu_lite.encoder.backends.forward import Forward
from nlu_lite.encoder.backends.out_of_memory import FAULTS, is_out_of_memory
from nlu_lite.encoder.backends.packed import PackedEncoder, innermost_layers
from nlu_lite.encoder.backends.protocol import Encoder
from nlu_lite.encoder.backends.sequences import Batching, Sequences
from nlu_lite.encoder.backends.trial import (
    LOOSE_TOLERANCE,
    PADDED_TOLERANCE,
    Specials,
    Trial,
    describe_fault,
    make_sequences,
    read_windows,
    split,
)
from nlu_lite.encoder.models.loading import quiet_transformers
from nlu_lite.errors import ModelError, NluLiteError, OutOfMemoryError

log = logging.getLogger("nlu_lite")
Batched = TypeVar("Batched", bound=BatchedEncoder)

# Ids for a model that does not say how many it has vectors for: it takes any.
_ANY_IDS = 1_000
# Sequences of which a model is asked what it gives.
_MEASURED = 2


def choose_encoder(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    *,
    pad_id: int,
    device: torch.device,
    longest: int | None,
    specials: Specials = ((), ()),
) -> Encoder:
    """The fastest encoder that gives a model's own numbers, those of each text alone.

    The model is the encoder's own from now on: it may be changed so that it is no plain
    transformers model any more.

    Args:
        model: A transformers encoder in evaluation mode, straight from its files.
        pad_id: Id for padding.
        device: Where the model lies.
        longest: Longest sequence in pieces with the special ones; None if nothing bounds it.
        specials: Ids in front of every text and behind it.

    Raises:
        ModelError: The model cannot read a text, or reads it differently each time.
        OutOfMemoryError: There is no memory for a short text.
    """
    with quiet_transformers():
        may_be_packed = can_be_packed(model)
        sequences = make_trial_sequences(
            model, pad_id=pad_id, specials=specials, longest=longest, has_windows=may_be_packed
        )
        forward = measure(model, sequences, device, Forward.measure)
        alone = BatchedEncoder(forward, pad_id=pad_id, device=device, batching=Batching.ALONE)
        trial = Trial.make(alone, sequences, exact=model.dtype == torch.float32)
        if trial is None:
            return BatchedEncoder(forward, pad_id=pad_id, device=device)
        encoder: Encoder | None = None
        if may_be_packed and not forward.hangs_on_length:
            encoder = _choose_packed(model, device, trial)
        if encoder is None:
            encoder = _choose_batched(forward, trial, pad_id=pad_id, device=device)
        if not forward.hangs_on_length:
            _use_onednn(model, encoder, trial, device)
    return encoder


def make_trial_sequences(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    *,
    pad_id: int,
    specials: Specials,
    longest: int | None,
    has_windows: bool = False,
) -> Sequences:
    """A few sequences to try a model with.

    Args:
        model: A transformers model.
        pad_id: Id for padding.
        specials: Ids in front of every text and behind it.
        longest: Longest sequence in pieces with the special ones; None if nothing bounds it.
        has_windows: Whether one is to be longer than what the model's attention sees.
    """
    config = model.config.get_text_config()
    vocabulary = getattr(config, "vocab_size", None)
    return make_sequences(
        vocabulary=vocabulary if isinstance(vocabulary, int) else _ANY_IDS,
        pad_id=pad_id,
        specials=specials,
        longest=longest,
        windows=read_windows(config) if has_windows else [],
    )


def measure(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    sequences: Sequences,
    device: torch.device,
    ask: Callable[[Any, torch.Tensor], Forward],
) -> Forward:
    """What a model gives for two sequences, a short and a long one; of those that it can read.

    Args:
        model: The model.
        sequences: Some texts.
        device: Where the model lies.
        ask: ``Forward.measure`` or ``Forward.of_classifier``.

    Raises:
        ModelError: It can read none.
        OutOfMemoryError: There is no memory for it.
    """
    faults: list[BaseException] = []
    forwards: list[Forward] = []
    by_length = sorted(split(sequences), key=lambda sequence: len(sequence.ids))
    for sequence in (by_length[len(by_length) // 2], by_length[-1], *by_length):
        if len(forwards) == _MEASURED:
            break
        try:
            forwards.append(ask(model, torch.from_numpy(sequence.ids)[None].to(device)))
        except NluLiteError:
            raise
        except (MemoryError, *FAULTS) as error:
            if is_out_of_memory(error):
                raise OutOfMemoryError(
                    f"A text of {len(sequence.ids)} pieces does not fit into the memory of "
                    f"{device}. Use a smaller model, or another device=."
                ) from error
            faults.append(error)
    if not forwards:
        raise make_unreadable_error(model, faults[0]) from faults[0]
    hangs_on_length = any(forward.hangs_on_length for forward in forwards)
    served = frozenset.intersection(*(forward.served for forward in forwards))
    return replace(forwards[0], hangs_on_length=hangs_on_length, served=served)


def make_unreadable_error(model: Any, error: BaseException) -> ModelError:  # noqa: ANN401
    """The error for a model that fails on plain text; to be raised by the caller."""
    return ModelError(
        f"A {type(model).__name__} cannot be run on a text alone: {describe_fault(error)}. If its "
        "architecture reads more than text, it is not served; else its configuration does not go "
        "with its weights: compare its files with where they were published."
    )


def _choose_packed(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    device: torch.device,
    trial: Trial,
) -> PackedEncoder | None:
    encoder = PackedEncoder(model, device=device)
    fault = trial.find_fault(encoder)
    if fault is None:
        return encoder
    encoder.release()
    log.info("%s is read in batches, which is slower: packed, %s.", type(model).__name__, fault)
    return None


def _choose_batched(
    forward: Forward, trial: Trial, *, pad_id: int, device: torch.device
) -> BatchedEncoder:
    """The encoder with the most in one batch that gives the numbers of each text alone."""
    other_id = int(trial.sequences.ids[len(trial.sequences.ids) // 2])

    def find_fault(encoder: BatchedEncoder) -> str | None:
        if encoder.batching is not Batching.PADDED:
            return trial.find_fault(encoder, tolerance=LOOSE_TOLERANCE)
        fault = trial.find_fault(encoder, tolerance=PADDED_TOLERANCE)
        return fault or trial.find_leak(encoder, other_id)

    batchings = [Batching.PADDED, Batching.EQUAL_LENGTHS, Batching.ALONE]
    if forward.hangs_on_length or not forward.takes_mask:
        batchings.remove(Batching.PADDED)
    return choose_batching(
        (
            BatchedEncoder(forward, pad_id=pad_id, device=device, batching=batching)
            for batching in batchings
        ),
        find_fault,
        forward.model,
    )


def choose_batching(
    encoders: Iterable[Batched],
    find_fault: Callable[[Batched], str | None],
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
) -> Batched:
    """The first encoder without a fault.

    Args:
        encoders: With the most in one batch first, the last one with one sequence a batch.
        find_fault: From an encoder to what is wrong with it; None if nothing is.
        model: For messages.

    Raises:
        ModelError: None is.
    """
    fault = None
    for encoder in encoders:
        if fault is not None:
            log.info(
                "%s is read in batches of another kind (%s), which is slower: %s.",
                type(model).__name__,
                encoder.batching.value,
                fault,
            )
        fault = find_fault(encoder)
        if fault is None:
            return encoder
    raise ModelError(
        f"A {type(model).__name__} cannot be read as it reads a text alone: {fault}. It is not "
        "served."
    )


def _use_onednn(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    encoder: Encoder,
    trial: Trial,
    device: torch.device,
) -> None:
    if not onednn.available(device, model.dtype):
        return
    try:
        undo = onednn.replace(model)
    except FAULTS as error:
        log.info(
            "%s keeps torch's linear layers, which are slower: oneDNN fails (%s).",
            type(model).__name__,
            error,
        )
        return
    fault = trial.find_fault(encoder)
    if fault is not None:
        undo()
        log.info(
            "%s keeps torch's linear layers, which are slower: with oneDNN's, %s.",
            type(model).__name__,
            fault,
        )


def can_be_packed(model: Any) -> bool:  # noqa: ANN401
    """Whether a model's attention can be exchanged, and its positions are plain numbers.

    Relative positions are made from the place in the batch or added to scores, and an exchanged
    attention sees neither; nor does it know of keys that several heads share.
    """
    config = model.config
    if getattr(config, "is_heterogeneous", False):
        return False  # its layers differ, and no size is that of all
    if not hasattr(config, "hidden_size") or not hasattr(config, "num_hidden_layers"):
        return False  # its parts have them
    relative = str(getattr(config, "position_embedding_type", "absolute")) != "absolute" or any(
        getattr(config, name, None)
        for name in ("relative_attention", "relative_attention_num_buckets")
    )
    heads = getattr(config, "num_attention_heads", None)
    shares_keys = getattr(config, "num_key_value_heads", None) not in (None, heads)
    exchangeable = bool(getattr(model, "_supports_attention_backend", False))
    takes_positions = "position_ids" in inspect.signature(model.forward).parameters
    return (
        exchangeable
        and takes_positions
        and not relative
        and not shares_keys
        and bool(innermost_layers(model))
    )
