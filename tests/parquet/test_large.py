"""Many texts and a long one, small enough for each day; `make nightly` has the large ones."""

from __future__ import annotations

import sys

import pytest

from tests.helpers import long_text, memory_curve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
TEXTS, BYTES = 30_000, 500_000
# As a share, over the last two thirds; what is taken once weighs more than over very many texts.
MOST_GROWTH = 0.1


def test_memory_is_flat_once_the_job_has_begun(two_layers, tmp_path):
    sizes = memory_curve.measure(two_layers, TEXTS, tmp_path / "dataset")
    assert memory_curve.growth(sizes) <= MOST_GROWTH, sizes
    memory_curve.assert_complete(tmp_path / "dataset", TEXTS)


def test_a_long_text_loses_no_word(two_layers, tmp_path):
    long_text.write(two_layers, BYTES, tmp_path / "dataset")
    long_text.assert_complete(tmp_path / "dataset", two_layers, BYTES)
