"""Vectors as JSON arrays, thousands of numbers at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nlu_lite.common import Bools, Floats

# Numbers that are written at a time: what they need stays in the processor's cache.
BLOCK = 12_288
# Bytes for a number, with the comma before it: none of %.9g is longer than -1.23456789e-05.
_BYTES = 16
# Nine digits: two groups of four behind the first one.
_GROUP = np.uint32(10_000)
# By how many zeros follow the point: what makes a whole number of nine digits. The first is for
# numbers from 1 to 10, the last for those down to 0.0001.
_SCALES = np.array([1e8, 1e9, 1e10, 1e11, 1e12])
# A double holds a scaled number to 1e-7, so closer to a half it does not say where to round.
_NEARLY_HALF = 0.499999


def _head(scale: int, sign: bytes, digit: int) -> bytes:
    """What stands before the last eight digits, on eight bytes; blanks are left out later."""
    if scale == 0:
        return b",%s%d." % (sign, digit)
    return b",%s0.%s%d" % (sign, b"0" * (scale - 1), digit)


def _table(entries: list[bytes], dtype: type[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    width = np.dtype(dtype).itemsize
    return np.frombuffer(b"".join(entry.ljust(width, b" ") for entry in entries), dtype=dtype)


_HEADS = _table(
    [
        _head(scale, sign, digit)
        for scale in range(len(_SCALES))
        for sign in (b"", b"-")
        for digit in range(10)
    ],
    np.uint64,
)
_GROUPS = _table([b"%04d" % number for number in range(int(_GROUP))], np.uint32)
_LAST_GROUPS = _table([(b"%04d" % number).rstrip(b"0") for number in range(int(_GROUP))], np.uint32)


def json_arrays(matrix: Floats) -> list[str]:
    """Each row as a JSON array of numbers as ``%.9g`` writes them.

    Nine digits are what tells any float32 number from its neighbours.

    Args:
        matrix: Shape (rows, width), float32, of at least one column.

    Example:
        >>> json_arrays(np.float32([[0.1, -2], [np.nan, 3e-5]]))
        ['[0.100000001,-2]', '[NaN,2.99999992e-05]']
    """
    rows = max(BLOCK // matrix.shape[1], 1)
    texts: list[str] = []
    for begin in range(0, len(matrix), rows):
        block = matrix[begin : begin + rows]
        cells = _write_numbers(block.ravel()).reshape(len(block), -1)
        cells[:, 0] = ord("[")  # instead of the comma
        text = cells.tobytes().translate(None, b" ").decode("ascii")
        texts += [f"[{row}]" for row in text.split("[")[1:]]
    return texts


def _write_numbers(numbers: Floats) -> NDArray[np.uint8]:
    """Numbers as characters, shape (numbers, 16), each behind a comma and with blanks to leave out.

    Digits are those of a whole number of nine digits. That is right for numbers from 0.0001 to 10;
    the others, and those in doubt, are written one by one.
    """
    sizes = np.abs(numbers).astype(np.float64)
    scales = np.zeros(len(sizes), dtype=np.uint8)
    for limit in (1.0, 0.1, 0.01, 0.001):
        scales += (sizes < limit).view(np.uint8)
    is_plain = sizes >= 0.0001
    is_plain &= sizes < 10
    sizes *= _SCALES.take(scales)
    rounded = np.rint(sizes)
    # Those that are not plain may become anything here.
    with np.errstate(invalid="ignore"):
        digits = rounded.astype(np.uint32)
        sizes -= rounded
    is_plain &= np.abs(sizes, out=sizes) < _NEARLY_HALF
    upper = digits // _GROUP
    last = digits - upper * _GROUP
    first = upper // _GROUP
    # %g leaves zeros at the end out, of which more than one group may have some.
    is_plain &= last != 0
    signs = np.signbit(numbers).view(np.uint8)
    heads = (scales * 2 + signs) * 10 + first.astype(np.uint8)
    groups = np.empty((len(numbers), _BYTES // 4), dtype=np.uint32)
    groups[:, :2].view(np.uint64)[:, 0] = _HEADS.take(heads, mode="clip")
    groups[:, 2] = _GROUPS.take(upper - first * _GROUP, mode="clip")
    groups[:, 3] = _LAST_GROUPS.take(last, mode="clip")
    cells = groups.view(np.uint8)
    _write_one_by_one(numbers, ~is_plain, cells)
    return cells


def _write_one_by_one(numbers: Floats, chosen: Bools, cells: NDArray[np.uint8]) -> None:
    """Put the characters of some numbers into their cells."""
    values = numbers[chosen].tolist()
    text = f",%-{_BYTES - 1}.9g" * len(values) % tuple(values)
    # As Python's json writes and reads what is no number; no cell becomes longer.
    if "n" in text:
        text = text.replace("nan", "NaN").replace("inf     ", "Infinity")
    cells[chosen] = np.frombuffer(text.encode("ascii"), dtype=np.uint8).reshape(-1, _BYTES)
