"""Batches that do not fit the memory are halved and tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from nlu_lite.errors import OutOfMemoryError

Ints = NDArray[np.int64]
# How torch's allocator for the processor says it; it has no exception of its own.
_SAID_BY_CPU = ("DefaultCPUAllocator", "not enough memory")


def halving(batches: Iterable[Ints], work: Callable[[Ints], None], lengths: Ints, device: torch.device) -> None:
    """Do work batch by batch, a batch that does not fit in two halves, and so on down to single sequences.

    Args:
        batches: Numbers of sequences.
        work: Does all that is to be done for a batch, or raises and has done nothing.
        lengths: Shape (sequences,): tokens of each.
        device: Where it is done, for the message.

    Raises:
        OutOfMemoryError: A single sequence does not fit.
    """
    for batch in batches:
        waiting = [batch]
        while waiting:
            some = waiting.pop()
            try:
                work(some)
                continue
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                if len(some) == 1:
                    raise OutOfMemoryError(
                        f"A text of {lengths[some[0]]} pieces, the special ones counted, does not fit into the memory of "
                        f"{device} even alone. Load with a smaller max_length=, so that it is read in shorter windows, with "
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
