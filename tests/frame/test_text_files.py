"""Frames as CSV and JSON lines: the digits of vectors, quotes, cells of all kinds."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from nlu_lite.frame import CsvWriter, write_frame_lines
from nlu_lite.frame.numerals import BLOCK, json_arrays

RANDOM = np.random.default_rng(7)
WIDTH = 384


def written_by_python(vector) -> str:
    return "[" + ",".join("%.9g" % number for number in vector.tolist()) + "]"  # noqa: UP031


def spread(exponent: int) -> np.ndarray:
    """Numbers of one size, of both signs, and more than are written at a time."""
    sizes = RANDOM.uniform(10.0**exponent, 10.0 ** (exponent + 1), (BLOCK // WIDTH + 3, WIDTH))
    return np.float32(sizes * RANDOM.choice([-1, 1], sizes.shape))


def short_decimals() -> np.ndarray:
    """Numbers of few digits and their neighbours, where rounding and zeros at the end matter."""
    short = np.float32([n * 10.0**exponent for exponent in range(-9, 5) for n in range(1, 400)])
    up, down = (np.nextafter(short, np.float32(end)) for end in (np.inf, -np.inf))
    return np.stack([short, up, down, -short], axis=1)


@pytest.mark.parametrize(
    "matrix",
    [
        *(spread(exponent) for exponent in range(-7, 4)),
        short_decimals(),
        RANDOM.integers(0, 2**20, (500, 64)).astype(np.float32) / np.float32(2**14),
        np.float32([[0.0, -0.0, 1, -1, 10, 1e-4, 1e38, 1e-45]]),
    ],
)
def test_numbers_have_the_nine_digits_that_python_writes(matrix):
    assert json_arrays(matrix) == [written_by_python(row) for row in matrix]


def test_what_is_no_number_is_written_as_pythons_json_does():
    row = [float("nan"), float("inf"), float("-inf"), 0.5]
    assert json_arrays(np.float32([row])) == [json.dumps(row, separators=(",", ":"))]


def test_a_missing_vector_stands_empty_among_the_others():
    file = io.StringIO()
    frame = pd.DataFrame({"vector": [np.float32([1, 2]), None, np.float32([3, 0.25])]})
    CsvWriter(file, index=False)(frame)
    assert file.getvalue() == 'vector\n"[1,2]"\n""\n"[3,0.25]"\n'


def test_vectors_of_several_lengths_and_types_keep_their_numbers():
    vectors = [np.float32([0.1]), np.float64([0.1, 1 / 3]), np.float16([0.5, 2]), np.float32([])]
    file = io.StringIO()
    write_frame_lines(pd.DataFrame({"vector": vectors}), file, index=False)
    rows = [json.loads(line)["vector"] for line in file.getvalue().splitlines()]
    assert rows == [[0.100000001], [0.1, 1 / 3], [0.5, 2], []]


def test_a_csv_reader_gets_every_text_back():
    texts = ["a", 'b"c', "d,e", "f\ng", "h\rk", "", " x ", "'", '"', "é", "[1,2]"]
    file = io.StringIO(newline="")
    CsvWriter(file, index=False)(pd.DataFrame({"text": texts}))
    rows = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert [row[0] for row in rows] == ["text", *texts]


def test_rows_of_more_than_a_block_are_all_written():
    frame = pd.DataFrame({"number": range(2_000)}, index=pd.RangeIndex(5, 2_005, name="row"))
    file = io.StringIO()
    CsvWriter(file)(frame)
    assert pd.read_csv(io.StringIO(file.getvalue()), index_col="row").equals(frame)
