"""Whether two printed outputs say the same: words to the letter, decimals as near as what was
printed allows."""

from __future__ import annotations

import re

NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")
# A vector that was cut to the width of a column; how many of its numbers are shown follows from
# their widths.
CUT = re.compile(r"\[((?:-?[\d.]+, ){3})[^\[\]\n]*?\.\.\.+")
# Vectors of two machines may differ by this much (the house's rule for float32).
TOLERANCE = 1e-5


def difference(expected: str, got: str) -> str | None:
    """What differs between two outputs, or None.

    Of a vector that was cut the first three numbers count. White space counts as one space, since
    the width of a column follows from its numbers. Two decimals are the same if they differ by at
    most one in the last place that both show, or by the rounding of float32.
    """
    left, right = (" ".join(CUT.sub(r"[\1...", text).split()) for text in (expected, got))
    if NUMBER.split(left) != NUMBER.split(right):
        return f"expected:\n{expected}\ngot:\n{got}"
    for expected_number, printed_number in zip(
        NUMBER.findall(left), NUMBER.findall(right), strict=True
    ):
        a, b = float(expected_number), float(printed_number)
        if abs(a - b) > 1.5 * _last_place(expected_number, printed_number) and abs(
            a - b
        ) > TOLERANCE * max(1.0, abs(a)):
            return f"{printed_number} is not {expected_number}\nexpected:\n{expected}\ngot:\n{got}"
    return None


def _last_place(*numbers: str) -> float:
    """The weight of the last decimal place that all of the numbers show; 0 where one is in
    scientific notation."""
    if any("e" in number for number in numbers):
        return 0.0
    return 10.0 ** -min(len(number.partition(".")[2]) for number in numbers)
