"""Memory over very many texts, and over one very long one."""

from __future__ import annotations

import sys

import pytest

from tests.helpers import long_text, memory_curve
from tests.nightly.sizes import LONG_BYTES, MEMORY_TEXTS

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
# What resident memory may grow over the last two thirds of the texts, as a share.
MOST_GROWTH = 0.05
# Bytes of memory for each character, the vectors of all words among them.
MOST_BYTES = 200


def test_memory_is_flat_over_the_last_two_thirds_and_no_row_is_lost(two_layers, tmp_path):
    folder = tmp_path / "dataset"
    sizes = memory_curve.measure(two_layers, MEMORY_TEXTS, folder)
    assert len(sizes) >= memory_curve.SAMPLES
    assert memory_curve.growth(sizes) <= MOST_GROWTH, sizes
    memory_curve.assert_complete(folder, MEMORY_TEXTS)


def test_one_text_of_many_megabytes_loses_no_word(two_layers, tmp_path):
    folder = tmp_path / "dataset"
    peak = long_text.write(two_layers, LONG_BYTES, folder)
    long_text.assert_complete(folder, two_layers, LONG_BYTES)
    assert peak <= 2**30 + MOST_BYTES * LONG_BYTES
