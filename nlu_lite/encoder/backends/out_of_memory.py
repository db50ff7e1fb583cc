"""Batches that do not fit the memory are halved and tried again; other faults become ModelError."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

from nlu_lite.common import Ints
from nlu_lite.errors import ModelError, NluLiteError, OutOfMemoryError

# How torch's allocator for the processor says it; it has no exception of its own.
_CPU_MESSAGES = ("DefaultCPUAllocator", "not enough memory")
# What a forward that was not made for this raises.
FAULTS = (
    RuntimeError,
    TypeError,
    ValueError,
    IndexError,
    KeyError,
    AttributeError,
    AssertionError,
    NotImplementedError,
)


def run_in_halves(
    batches: Iterable[Ints],
    work: Callable[[Ints], None],
    lengths: Ints,
    device: torch.device,
    architecture: str,
) -> None:
    """Do work batch by batch; a batch that does not fit in two halves, down to single sequences.

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
            numbers = waiting.pop()
            try:
                work(numbers)
                continue
            except NluLiteError:
                raise
            except (MemoryError, *FAULTS) as error:
                if not is_out_of_memory(error):
                    raise _make_model_error(
                        architecture, int(lengths[numbers].max()), error
                    ) from error
                if len(numbers) == 1:
                    raise _make_too_long_error(int(lengths[numbers[0]]), device) from error
            # Out of the handler, whose exception holds the tensors of the attempt.
            if device.type == "cuda":
                torch.cuda.empty_cache()
            middle = len(numbers) // 2
            waiting += [numbers[middle:], numbers[:middle]]


def _make_model_error(architecture: str, longest: int, error: BaseException) -> ModelError:
    return ModelError(
        f"The model ({architecture}) fails on texts of up to {longest} pieces, the special ones "
        f"counted: {type(error).__name__}: {error!s:.300}. Its configuration does not go with its "
        "weights or with texts of this length: take its files again from where they were "
        "published, or load with a smaller max_length=."
    )


def _make_too_long_error(length: int, device: torch.device) -> OutOfMemoryError:
    return OutOfMemoryError(
        f"A text of {length} pieces, the special ones counted, does not fit into the memory of "
        f"{device} even alone. Load with a smaller max_length=, so that it is read in shorter "
        'windows, with dtype="bfloat16", or with another device=.'
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory ran out."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return any(part in str(error) for part in _CPU_MESSAGES)
