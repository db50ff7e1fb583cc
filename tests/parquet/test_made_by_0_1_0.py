"""A dataset that an earlier checkout of this version began is completed by this one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite import encoder
from tests.helpers.equal import assert_equal

FOLDER = Path(__file__).resolve().parents[1] / "data" / "made_by_0_1_0"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
MADE_BEFORE = ["part-000000.parquet", "part-000001.parquet"]


def files_of(folder: Path) -> dict[str, bytes]:
    """The parts, their indices and the manifest."""
    meta = folder / "_nlu_lite"
    paths = [*folder.glob("part-*"), *meta.glob("index/part-*"), meta / "manifest.json"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """A copy of the dataset, on a machine that says it is the one that began it.

    A dataset goes on only where the same versions, kernel and processor compute, and every part
    carries a digest of the manifest that names them. What this machine says of itself is therefore
    replaced; replacing what the manifest says would make the parts those of another job.
    """
    folder = tmp_path / "begun"
    shutil.copytree(FOLDER / "begun_dataset", folder)
    facts = json.loads((folder / "_nlu_lite" / "manifest.json").read_text())["computed_with"]
    monkeypatch.setattr(encoder, "describe_computation", lambda _models: facts)
    with encoder.use_threads(facts["threads"]):
        yield folder


def test_a_begun_dataset_is_completed_and_holds_what_a_fresh_one_holds(begun, tmp_path):
    before = files_of(begun)
    pipe = nlu.load(path=FOLDER / "saved_pipeline")
    report = pipe.to_parquet(EXPECTED["texts"], begun, part_rows=2)
    assert (report["parts"], report["run"]["parts"]) == (3, 1)
    fresh = tmp_path / "fresh"
    assert pipe.to_parquet(EXPECTED["texts"], fresh, part_rows=2)["run"]["parts"] == 3
    after, fresh_files = files_of(begun), files_of(fresh)
    assert sorted(after) == sorted(fresh_files)
    # What was there is left alone; only its vectors may differ, where another processor computes.
    assert {name: after[name] for name in before} == before
    same = [name for name in fresh_files if name not in MADE_BEFORE]
    assert {name: after[name] for name in same} == {name: fresh_files[name] for name in same}

    completed, whole = pd.read_parquet(begun), pd.read_parquet(fresh)
    vectors = "my_embed_tiny_embeddings"
    pd.testing.assert_frame_equal(completed.drop(columns=vectors), whole.drop(columns=vectors))
    expected = [
        np.full(32, np.nan) if vector is None else vector for vector in EXPECTED["word_vectors"]
    ]
    for frame in (completed, whole):
        assert_equal(nlu.vectors(frame), np.array(expected))
