"""Frames as files of CSV: the same bytes as on the command line, in flat memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite import cli
from nlu_lite.errors import InputTypeError, OptionError, OutputError
from nlu_lite.frame import writing
from tests.helpers.equal import assert_equal

TEXTS = ['I love NLP, "really".', "Me too\tand\nothers"]


def many(rows: int) -> pd.DataFrame:
    matrix = np.random.default_rng(0).normal(size=(rows, 384)).astype(np.float32)
    return pd.DataFrame({"token": ["word"] * rows, "vector": list(matrix)})


def peak_of(work: Callable[[], object]) -> tuple[int, int]:
    """Bytes that some work took at most, and those that its result keeps."""
    work()  # what only the first call makes is left out
    tracemalloc.start()
    result = work()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return peak, kept


def test_a_file_is_what_the_command_line_writes(minilm, tmp_path):
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))
    source = str(tmp_path / "in.jsonl")
    words = ["predict", "en.embed.minilm_l6", "--positions", "--input", source]
    assert cli.main([*words, "--output", str(tmp_path / "cli.csv")]) == 0
    nlu.write_csv(minilm.stream(source, positions=True), tmp_path / "own.csv")
    assert (tmp_path / "own.csv").read_bytes() == (tmp_path / "cli.csv").read_bytes()
    nlu.write_csv(pd.concat(minilm.stream(source, positions=True)), tmp_path / "own.csv")
    assert (tmp_path / "own.csv").read_bytes() == (tmp_path / "cli.csv").read_bytes()


def test_a_file_comes_back_unchanged(minilm, tmp_path):
    frame = minilm.predict([*TEXTS, None])
    nlu.write_csv(frame, tmp_path / "words.csv", index=False)
    column = frame.columns[-1]
    read = pd.read_csv(tmp_path / "words.csv", dtype={column: str})
    assert list(read.columns) == list(frame.columns)
    assert read["token"].tolist()[:-1] == frame["token"].tolist()[:-1]
    assert pd.isna(read[column].iloc[-1])
    vectors = [np.array(json.loads(cell), dtype=np.float32) for cell in read[column][:-1]]
    np.testing.assert_array_equal(np.stack(vectors), nlu.vectors(frame)[:-1])


def test_a_frame_of_more_than_a_block_is_written_whole_and_in_flat_memory(tmp_path):
    small, large = many(writing.BLOCK_ROWS), many(4 * writing.BLOCK_ROWS + 1)
    nlu.write_csv(large, tmp_path / "large.csv", index=False)
    lines = (tmp_path / "large.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(large) + 1
    last = json.loads(lines[-1].partition(",")[2].strip('"'))
    assert_equal(np.array([last], dtype=np.float32), nlu.vectors(large)[-1:])
    peaks = [peak_of(lambda f=f: nlu.write_csv(f, tmp_path / "x.csv"))[0] for f in (small, large)]
    assert peaks[1] < peaks[0] * 1.2


def test_as_text_takes_less_memory_beside_its_result_than_two_blocks_of_text():
    frame = many(4 * writing.BLOCK_ROWS)
    block = sum(map(len, nlu.as_text(frame)["vector"].iloc[: writing.BLOCK_ROWS]))
    peak, kept = peak_of(lambda: nlu.as_text(frame))
    # What Arrow keeps is not traced, so where pandas has texts there, nothing is kept.
    assert peak - kept < 2 * block


def test_a_frame_without_rows_has_its_header(minilm, tmp_path):
    nlu.write_csv(minilm.predict([]), tmp_path / "words.csv", index=False)
    assert (tmp_path / "words.csv").read_text() == "token,en_embed_minilm_l6_embeddings\n"


def test_a_file_that_cannot_be_written_leaves_what_was_there(minilm, tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("mine")
    frame = minilm.predict("one")

    def broken():
        yield frame
        yield frame.assign(late=1)

    with pytest.raises(OutputError, match="'late' comes up first in row 0"):
        nlu.write_csv(broken(), path)
    with pytest.raises(InputTypeError, match="this is a str"):
        nlu.write_csv(["text"], path)
    with pytest.raises(OptionError, match="index is 'id'"):
        nlu.write_csv(frame, path, index="id")
    assert path.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["words.csv"]
    with pytest.raises(OutputError, match="cannot be written"):
        nlu.write_csv(frame, tmp_path / "nowhere" / "words.csv")
