"""Resident memory of ``to_parquet`` over many distinct short texts, in a process of its own.

    python -m tests.helpers.memory_curve MODEL COUNT FOLDER

prints a JSON list of the bytes after each of ``SAMPLES`` equal shares of the texts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.dataset as datasets

from benchmarks.soak import resident
from tests.conftest import pipeline_at

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = 60
# Every so-and-so-many-th text stands there twice.
REPEATED = 50
PART_ROWS = 2_000


def text_of(number: int) -> str:
    """A short text, of which 49 in 50 are distinct."""
    number -= number % REPEATED == 1
    return f"text {number} of so many, {number * 7919 % 10007}"


def watched(count: int, sizes: list[int]) -> Iterator[str]:
    """The texts; resident memory is noted as they are taken."""
    share = count // SAMPLES
    for number in range(count):
        if number % share == share - 1:
            sizes.append(resident())
        yield text_of(number)


def measure(model: Path, count: int, folder: Path) -> list[int]:
    """Write the texts in a process of its own; its curve of resident memory, in bytes."""
    command = [sys.executable, "-m", "tests.helpers.memory_curve", str(model), str(count)]
    completed = subprocess.run(
        [*command, str(folder)], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stderr
    sizes: list[int] = json.loads(completed.stdout.splitlines()[-1])
    return sizes


def growth(sizes: list[int]) -> float:
    """How much larger the end is than the begin of the last two thirds, as a share.

    Each is the median of a few samples, since memory goes up and down with each part.
    """
    tail = sizes[len(sizes) // 3 :]
    few = len(tail) // 4
    first, last = sorted(tail[:few])[few // 2], sorted(tail[-few:])[few // 2]
    return last / first - 1


def assert_complete(folder: Path, count: int) -> None:
    """Each text has its rows in the dataset, in the order of the texts."""
    dataset = datasets.dataset(folder, format="parquet")
    number = 0
    for batch in dataset.to_batches(columns=["document", "origin_index"]):
        documents = batch.column("document").to_pylist()
        assert documents == [text_of(number + row) for row in range(len(documents))]
        index = batch.column("origin_index").to_pylist()
        assert index == list(range(number, number + len(index)))
        number += len(documents)
    assert number == count


def main() -> None:
    model, count, folder = sys.argv[1:]
    sizes: list[int] = []
    pipe = pipeline_at(Path(model), facts={"task": "embed_sentence"})
    texts = watched(int(count), sizes)
    pipe.to_parquet(texts, folder, "document", part_rows=PART_ROWS, progress=False)
    sys.stdout.write(f"{json.dumps(sizes)}\n")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
