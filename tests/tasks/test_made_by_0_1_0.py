"""Pipelines that an earlier checkout of this version saved load, and give what they gave then."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import nlu_lite as nlu
from tests.helpers.equal import assert_equal

FOLDER = Path(__file__).resolve().parents[1] / "data" / "made_by_0_1_0"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())


def test_a_saved_pipeline_gives_the_vectors_it_gave():
    pipe = nlu.load(path=FOLDER / "saved_pipeline")
    assert (pipe.options.word_pooling, pipe.options.stride) == ("mean", 3)
    cells = pipe.predict(EXPECTED["texts"])["my_embed_tiny_embeddings"].tolist()
    expected = EXPECTED["word_vectors"]
    assert [cell is None for cell in cells] == [vector is None for vector in expected]
    assert_equal(
        np.stack([cell for cell in cells if cell is not None]),
        np.array([vector for vector in expected if vector is not None]),
    )


def test_a_saved_head_gives_the_labels_it_gave():
    rows = nlu.load(path=FOLDER / "saved_head").predict(EXPECTED["texts"])
    labels = rows["train_classifier"]
    assert labels.astype(object).where(labels.notna(), None).tolist() == EXPECTED["labels"]
    confidences = [np.nan if value is None else value for value in EXPECTED["confidences"]]
    np.testing.assert_allclose(
        rows["train_classifier_confidence"].to_numpy(np.float32), confidences, atol=1e-5
    )
