"""What "equal" means for vectors, once for all tests (docs/numbers.md)."""

from __future__ import annotations

import numpy as np

TOLERANCE = 1e-5


def distances(vectors, expected) -> np.ndarray:
    """Shape (rows,): the largest difference of a number, divided by the larger of 1 and the wanted
    row's largest."""
    vectors = np.asarray(vectors, dtype=np.float64)
    expected = np.asarray(expected, dtype=np.float64)
    assert vectors.shape == expected.shape
    missing = np.isnan(expected).all(axis=-1)
    np.testing.assert_array_equal(np.isnan(vectors).all(axis=-1), missing)
    vectors, expected = vectors[~missing], expected[~missing]
    assert np.isfinite(vectors).all()
    if not expected.size:
        return np.zeros(len(expected))
    return np.abs(vectors - expected).max(axis=-1) / np.maximum(1.0, np.abs(expected).max(axis=-1))


def assert_equal(vectors, expected, *, tolerance: float = TOLERANCE) -> None:
    """Rows are equal when no number differs by more than the tolerance times the larger of 1 and
    the row's largest."""
    worst = distances(vectors, expected) / tolerance
    if len(worst):
        assert worst.max() <= 1.0, (
            f"row {worst.argmax()} differs by {worst.max():.2f} times what is allowed"
        )
