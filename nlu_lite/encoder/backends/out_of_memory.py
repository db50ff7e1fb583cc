"""Batches that do not fit the memory are halved and tried again; what else a model raises becomes an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

from nlu_lite.common import Ints
from nlu_lite.errors import ModelError, NluLiteError, OutOfMemoryError

# How torch's allocator for the processor says it; it has no exception of its own.
_SAID_BY_CPU = ("DefaultCPUAllocator", "not enough memory")
# What a forward that was not made for this raises.
FAULTS = (
    RuntimeError,
    TypeError,
    ValueError,
    IndexError,
    KeyError,
    AttributeError,
    NotImplementedError,
)


def halving(
    batches: Iterable[Ints],
    work: Callable[[Ints], None],
    lengths: Ints,
    device: torch.device,
    architecture: str,
) -> None:
    """Do work batch by batch, a batch that does not fit in two halves, and so on down to single sequences.

    Args:
        batches: Numbers of sequences.
        work: Does all that is to be done for a batch, or raises and has done nothing.
        lengths: Shape (sequences,): tokens of each.
        device: Where it is done, for the message.
        architecture: Of the model, for the message.

    Raises:
        OutOfMemoryError: A single sequence does not fit.
        ModelError: The model fails for another reason.
    """
    for batch in batches:
        waiting = [batch]
        while waiting:
            some = waiting.pop()
            try:
                work(some)
                continue
            except NluLiteError:
                raise
            except (MemoryError, *FAULTS) as error:
                if not is_out_of_memory(error):
                    raise ModelError(
                        f"The model ({architecture}) fails on texts of up to {lengths[some].max()} "
                        f"pieces, the special ones "
                        f"counted: {type(error).__name__}: {error!s:.300}. Its configuration does "
                        f"not go with its weights or "
                        "with texts of this length: take its files again from where they were "
                        "published, or load with a "
                        "smaller max_length=."
                    ) from error
                if len(some) == 1:
                    raise OutOfMemoryError(
                        f"A text of {lengths[some[0]]} pieces, the special ones counted, does not "
                        f"fit into the memory of "
                        f"{device} even alone. Load with a smaller max_length=, so that it is read "
                        f"in shorter windows, with "
                        'dtype="bfloat16", or with another device=.'
                    ) from error
            # Out of the handler, whose exception holds the tensors of the attempt.
            if device.type == "cuda":
                torch.cuda.empty_cache()
            middle = len(some) // 2
            waiting += [some[middle:], some[:middle]]


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory ran out."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return any(part in str(error) for part in _SAID_BY_CPU)
