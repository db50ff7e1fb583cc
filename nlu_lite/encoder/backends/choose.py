"""How a transformers model is read: in which batches its numbers are those of each text alone.

Chosen by trial, never by a stopwatch, so that two runs give the same bits. Nothing that is tried
changes the model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

import torch

from nlu_lite.encoder.backends.batched import BatchedEncoder
from nlu_lite.encoder.backends.forward import Forward
from nlu_lite.encoder.backends.out_of_memory import FAULTS, is_out_of_memory
from nlu_lite.encoder.backends.protocol import Encoder
from nlu_lite.encoder.backends.sequences import Batching, Sequences
from nlu_lite.encoder.backends.trial import (
    LOOSE_TOLERANCE,
    PADDED_TOLERANCE,
    Specials,
    Trial,
    describe_fault,
    make_sequences,
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
    """The encoder with the most in one batch that gives a model's own numbers of each text alone.

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
        sequences = make_trial_sequences(model, pad_id=pad_id, specials=specials, longest=longest)
        forward = measure(model, sequences, device, Forward.measure)
        alone = BatchedEncoder(forward, pad_id=pad_id, device=device, batching=Batching.ALONE)
        trial = Trial.make(alone, sequences, exact=model.dtype == torch.float32)
        if trial is None:
            return BatchedEncoder(forward, pad_id=pad_id, device=device)
        return _choose_batched(forward, trial, pad_id=pad_id, device=device)


def make_trial_sequences(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    *,
    pad_id: int,
    specials: Specials,
    longest: int | None,
) -> Sequences:
    """A few sequences to try a model with.

    Args:
        model: A transformers model.
        pad_id: Id for padding.
        specials: Ids in front of every text and behind it.
        longest: Longest sequence in pieces with the special ones; None if nothing bounds it.
    """
    config = model.config.get_text_config()
    vocabulary = getattr(config, "vocab_size", None)
    return make_sequences(
        vocabulary=vocabulary if isinstance(vocabulary, int) else _ANY_IDS,
        pad_id=pad_id,
        specials=specials,
        longest=longest,
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
