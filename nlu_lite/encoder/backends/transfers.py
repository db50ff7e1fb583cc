"""Numbers to a device and back, on CUDA while it computes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import torch
from numpy.typing import NDArray

from nlu_lite.common import Floats, Ints


def to_device(numbers: NDArray[Any], device: torch.device) -> torch.Tensor:
    """A tensor on the device; to CUDA it goes through pinned memory, and the call does not wait."""
    tensor = torch.from_numpy(numbers)
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


class Fetches:
    """Rows on their way from a device into a matrix.

    On CUDA the rows of one batch are copied while the next is computed.

    Args:
        matrix: Shape (all rows, width): where they go.
        progress: Called with the number of rows that have arrived.
    """

    def __init__(self, matrix: Floats, progress: Callable[[int], object]) -> None:
        self._matrix = matrix
        self._progress = progress
        self._under_way: deque[tuple[Ints, torch.Tensor, Any]] = deque()

    def add(self, rows: Ints, vectors: torch.Tensor) -> None:
        """Take the rows of a batch.

        Args:
            rows: Shape (rows,): where in the matrix they go.
            vectors: Shape (rows, width), float32, on the device.
        """
        if vectors.device.type != "cuda":
            self._under_way.append((rows, vectors, None))
            self._store_oldest()
            return
        host = torch.empty(vectors.shape, dtype=vectors.dtype, pin_memory=True)
        # Now, before the next batch's work is queued: the device works in order.
        host.copy_(vectors, non_blocking=True)
        cuda: Any = torch.cuda
        arrival = cuda.Event()
        arrival.record()
        self._under_way.append((rows, host, arrival))
        if len(self._under_way) > 1:
            self._store_oldest()

    def finish(self) -> None:
        """Wait for the rows that are still under way."""
        while self._under_way:
            self._store_oldest()

    def _store_oldest(self) -> None:
        rows, vectors, arrival = self._under_way.popleft()
        if arrival is not None:
            arrival.synchronize()
        self._matrix[rows] = vectors.cpu().numpy()
        self._progress(len(rows))
