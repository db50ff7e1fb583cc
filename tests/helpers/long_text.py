"""One text of many megabytes through ``to_parquet``, in a process of its own.

    python -m tests.helpers.long_text MODEL LENGTH FOLDER

prints the peak of resident memory, in bytes.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as datasets

import nlu_lite as nlu
from tests.conftest import pipeline_at
from tests.helpers.equal import assert_equal

CHECKOUT = Path(__file__).resolve().parents[2]
# Of a sentence, the full stop among them.
WORDS = 11
COLUMN = "vector"
# Sentences whose vectors are compared, spread over the text.
COMPARED = 50
BATCH_ROWS = 50_000


def sentence_of(number: int) -> str:
    """A sentence and a blank, as long as all others; no two are the same."""
    return f"Sentence {number:07d} tells of {number * 7919 % 10007:05d} of the many words here. "


SENTENCE_LENGTH = len(sentence_of(0))


def text_of(length: int) -> str:
    """A text of at least so many characters, each a byte."""
    return "".join(sentence_of(number) for number in range(-(-length // SENTENCE_LENGTH)))


def write(model: Path, length: int, folder: Path) -> int:
    """Write the words of the text in a process of its own; its peak of resident memory."""
    command = [sys.executable, "-m", "tests.helpers.long_text", str(model), str(length)]
    completed = subprocess.run(
        [*command, str(folder)], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stderr
    return int(completed.stdout.splitlines()[-1])


def assert_complete(folder: Path, model: Path, length: int) -> None:
    """The words stand where they are said to stand, between them is nothing but blanks, and
    sentences from all over the text have the vectors that they have alone."""
    text = text_of(length)
    count = len(text) // SENTENCE_LENGTH
    compared = np.linspace(0, count - 1, COMPARED).astype(int)
    kept: list[pa.Table] = []
    end = words = 0
    for batch in _batches(folder, ["token", "begin", "end", COLUMN]):
        end = _assert_words(batch, text, end)
        assert batch.column(COLUMN).null_count == 0
        words += batch.num_rows
        sentences = batch.column("begin").to_numpy() // SENTENCE_LENGTH
        kept.append(batch.filter(pa.array(np.isin(sentences, compared))))
    assert not text[end:].strip()
    assert words == WORDS * count
    _assert_vectors(pa.Table.from_batches(kept), model, [sentence_of(int(n)) for n in compared])


def _assert_words(batch: pa.RecordBatch, text: str, end: int) -> int:
    """Where the last word of a batch ends; ``end`` is where the one before its first ended."""
    columns = (batch.column(name).to_pylist() for name in ("token", "begin", "end"))
    for token, begin, last in zip(*columns, strict=True):
        # The column ``end`` has the last character, not the one behind it.
        assert text[begin : last + 1] == token
        assert not text[end:begin].strip()
        end = last + 1
    return end


def _assert_vectors(rows: pa.Table, model: Path, sentences: list[str]) -> None:
    alone = _pipeline(model).predict(sentences, progress=False)
    assert rows.column("token").to_pylist() == alone["token"].tolist()
    assert_equal(np.array(rows.column(COLUMN).to_pylist()), nlu.vectors(alone))


def _batches(folder: Path, columns: list[str]):
    dataset = datasets.dataset(folder, format="parquet")
    return dataset.to_batches(columns=columns, batch_size=BATCH_ROWS)


def _pipeline(model: Path) -> nlu.Pipeline:
    return pipeline_at(model, column=COLUMN)


def main() -> None:
    model, length, folder = sys.argv[1:]
    _pipeline(Path(model)).to_parquet([text_of(int(length))], folder, "token", progress=False)
    # In units of 1024 bytes on Linux.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sys.stdout.write(f"{peak}\n")


if __name__ == "__main__":
    main()
