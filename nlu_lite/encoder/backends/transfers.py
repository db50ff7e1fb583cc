"""Numbers to a device and back, on CUDA while it computes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import torch
from numpy.typing import NDArray

from nlu_lite.common import Floats, Ints


def to_device(numbers: NDArray[Any], device: torch.device) -> torch.Tensor:
    """A tensor on the device; to CUDA it goes through pinned memory, and the call does not wait for it."""
    tensor = torch.from_numpy(numbers)
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


class Fetches:
    """Rows on their way from a device into a matrix; on CUDA one batch's rows are copied while the next is computed.

    Args:
        out: Shape (all rows, width): where they go.
        progress: Called with the number of rows that have arrived.
    """

    def __init__(self, out: Floats, progress: Callable[[int], object]) -> None:
        self._out = out
        self._progress = progress
        self._under_way: deque[tuple[Ints, torch.Tensor, Any]] = deque()

    def add(self, rows: Ints, found: torch.Tensor) -> None:
        """Take the rows of a batch.

        Args:
            rows: Shape (rows,): where in the matrix they go.
            found: Shape (rows, width), float32, on the device.
        """
        arrived = None
        if found.device.type == "cuda":
            host = torch.empty(found.shape, dtype=found.dtype, pin_memory=True)
            # Now, before the next batch's work is queued: the device does what it is told in order.
            host.copy_(found, non_blocking=True)
            cuda: Any = torch.cuda
            arrived = cuda.Event()
            arrived.record()
            found = host
        self._under_way.append((rows, found, arrived))
        if arrived is None or len(self._under_way) > 1:
            self._take()

    def finish(self) -> None:
        """Wait for the rows that are still under way."""
        while self._under_way:
            self._take()

    def _take(self) -> None:
        rows, found, arrived = self._under_way.popleft()
        if arrived is not None:
            arrived.synchronize()
        self._out[rows] = found.cpu().numpy()
        self._progress(len(rows))
