"""Types of arrays, and runs of whole numbers laid end to end without a loop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The three kinds of arrays that everything is made of; shapes stand where they are used.
Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


def ranges(begins: Ints, counts: Ints) -> Ints:
    """Whole numbers ``begin, begin + 1, ...`` of several runs, laid end to end.

    Args:
        begins: Shape (runs,): first number of each run.
        counts: Shape (runs,): how many numbers each run has.

    Returns:
        Shape (sum of counts,).

    Example:
        >>> ranges(np.array([5, 0]), np.array([2, 3])).tolist()
        [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(begins - (ends - counts), counts))
