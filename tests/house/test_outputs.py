"""The comparison that the tests of the documents and the notebook rely on can tell outputs
apart."""

from __future__ import annotations

import pytest

from tests.helpers.outputs import difference


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ("I  [0.287224, -0.569387]", "I [0.287224,\n -0.569387]"),
        ("0.318562", "0.318563"),
        ("[0.4894...]", "[0.489462...]"),
        ("1.5e-07", "1.6e-07"),
    ],
)
def test_same(expected, got):
    assert difference(expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ("love 0.287224", "like 0.287224"),
        ("0.287224", "0.287324"),
        ("0.287224", "-0.287224"),
        ("0.1 0.2", "0.1"),
        ("(3, 384)", "(4, 384)"),
        ("0.2", "0.4"),
        ("", "something"),
    ],
)
def test_different(expected, got):
    assert difference(expected, got) is not None


def test_of_a_vector_that_was_cut_three_numbers_count():
    left = "ann  [-0.031999, 0.450253, 0.754816, -0.277463, -0...."
    right = "ann  [-0.032, 0.450253, 0.754816, -0.277463, -0.694..."
    assert difference(left, right) is None
    assert difference(left, right.replace("0.754", "0.755")) is not None
    assert difference(left, right.replace("ann", "bob")) is not None
