"""Data to write as datasets, and what such a dataset holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

import nlu_lite as nlu
from tests.helpers.equal import assert_equal

COUNT = 50
TEXTS = [f"to be or not to be, number {n}. That is it" for n in range(COUNT)]
TEXTS[3], TEXTS[5], TEXTS[7] = "", None, "a word " * 100
FRAME = pd.DataFrame(
    {
        "id": [f"k{n}" for n in range(COUNT)],
        "text": TEXTS,
        "count": pd.array([None if n % 3 else 2**60 + n for n in range(COUNT)], dtype="Int64"),
        "day": pd.Timestamp("2024-02-29"),
        "tags": [["a", "b"][: n % 3] for n in range(COUNT)],
    }
).astype({"text": object})


def parts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("part-*"))}


def report(folder: Path, name: str = "report.json") -> dict:
    return json.loads((folder / "_nlu_lite" / name).read_text())


def assert_holds(folder: Path, expected: pd.DataFrame) -> None:
    """The dataset, read by pandas, is the frame."""
    dataset = pd.read_parquet(folder)
    assert dataset[expected.index.name].tolist() == expected.index.tolist()
    for name in expected.columns:
        if name.endswith("_embeddings"):
            assert_equal(nlu.vectors(dataset, name), nlu.vectors(expected, name))
        else:
            columns = (dataset[name], expected[name])
            written, predicted = (
                column.astype(object).where(column.notna(), None).tolist() for column in columns
            )
            assert list(map(plain, written)) == list(map(plain, predicted))


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value
