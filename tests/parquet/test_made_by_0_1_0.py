"""A dataset that 0.1.0 began is left alone: since then the vectors of some models are others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite.errors import OutputError
from tests.helpers.equal import assert_equal

FOLDER = Path(__file__).resolve().parents[1] / "data" / "made_by_0_1_0"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())


@pytest.fixture
def begun(tmp_path):
    """A copy of the dataset."""
    folder = tmp_path / "begun"
    shutil.copytree(FOLDER / "begun_dataset", folder)
    return folder


@pytest.fixture
def pipe():
    """The pipeline that 0.1.0 saved, which began the dataset."""
    return nlu.load(path=FOLDER / "saved_pipeline")


def files_of(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path): path.read_bytes() for path in paths}


def test_a_dataset_that_0_1_0_began_is_refused_with_the_reason_and_left_alone(begun, pipe):
    before = files_of(begun)
    with pytest.raises(OutputError, match=r"begun by nlu-lite 0\.1\.0.*vectors.*CHANGELOG"):
        pipe.to_parquet(EXPECTED["texts"], begun, part_rows=2)
    assert files_of(begun) == before


def test_no_row_of_it_is_reused(begun, pipe, tmp_path):
    texts = EXPECTED["texts"]
    frame = pd.DataFrame({"text": texts, "id": range(len(texts))})
    with pytest.raises(OutputError, match=r"begun by nlu-lite 0\.1\.0"):
        pipe.to_parquet(frame, tmp_path / "new", part_rows=2, reuse=begun, key="id")


def test_the_pipeline_that_0_1_0_saved_gives_the_vectors_that_it_gave(pipe, tmp_path):
    pipe.to_parquet(EXPECTED["texts"], tmp_path / "fresh", part_rows=2)
    expected = [
        np.full(32, np.nan) if vector is None else vector for vector in EXPECTED["word_vectors"]
    ]
    assert_equal(nlu.vectors(pd.read_parquet(tmp_path / "fresh")), np.array(expected))
