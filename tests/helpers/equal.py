"""What "equal" means for vectors, once for all tests (docs/architecture.md)."""

from __future__ import annotations

import numpy as np

TOLERANCE = 1e-5


def distances(found, wanted) -> np.ndarray:
    """Shape (rows,): the largest difference of a number, divided by the larger of 1 and the wanted
    row's largest."""
    found, wanted = np.asarray(found, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    assert found.shape == wanted.shape
    missing = np.isnan(wanted).all(axis=-1)
    np.testing.assert_array_equal(np.isnan(found).all(axis=-1), missing)
    found, wanted = found[~missing], wanted[~missing]
    assert np.isfinite(found).all()
    if not wanted.size:
        return np.zeros(len(wanted))
    return np.abs(found - wanted).max(axis=-1) / np.maximum(1.0, np.abs(wanted).max(axis=-1))


def assert_equal(found, wanted, *, tolerance: float = TOLERANCE) -> None:
    """Rows are equal when no number differs by more than the tolerance times the larger of 1 and
    the row's largest."""
    worst = distances(found, wanted) / tolerance
    if len(worst):
        assert worst.max() <= 1.0, (
            f"row {worst.argmax()} differs by {worst.max():.2f} times what is allowed"
        )
