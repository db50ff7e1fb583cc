"""What "equal" means for vectors, once for all tests (docs/architecture.md)."""

from __future__ import annotations

import numpy as np


def assert_equal(found, wanted, *, tolerance: float = 1e-5) -> None:
    """Rows are equal when no number differs by more than the tolerance times the larger of 1 and the row's largest."""
    found, wanted = np.asarray(found, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    assert found.shape == wanted.shape
    missing = np.isnan(wanted).all(axis=-1)
    np.testing.assert_array_equal(np.isnan(found).all(axis=-1), missing)
    found, wanted = found[~missing], wanted[~missing]
    assert np.isfinite(found).all()
    if len(wanted):
        bound = tolerance * np.maximum(1.0, np.abs(wanted).max(axis=-1))
        worst = np.abs(found - wanted).max(axis=-1) / bound
        assert worst.max() <= 1.0, f"row {worst.argmax()} differs by {worst.max():.2f} times what is allowed"
