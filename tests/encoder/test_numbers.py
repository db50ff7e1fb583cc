"""Vectors do not move with what must not matter, and those that are no numbers do not leave
unnoticed."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import nlu_lite as nlu
from nlu_lite.encoder.check_finite import find_faulty_row
from tests.conftest import pipeline_at
from tests.helpers.drift import WAYS, drift, texts_of, threads
from tests.helpers.equal import TOLERANCE, assert_equal
from tests.helpers.families import CORPUS, FAMILIES, OTHERS

TEXTS = texts_of(CORPUS, 12)


@pytest.mark.parametrize("variation", WAYS)
@pytest.mark.parametrize("family", [*FAMILIES, *OTHERS])
def test_vectors_do_not_drift_whatever_the_architecture(family, variation, family_folder):
    pipe = pipeline_at(
        family_folder(family), facts={"architecture": family} if family in OTHERS else {}
    )
    assert drift(pipe, TEXTS, variation) <= TOLERANCE


@pytest.mark.parametrize("variation", WAYS)
def test_the_vectors_of_the_real_minilm_do_not_drift(minilm, variation):
    assert drift(minilm, TEXTS, variation) <= TOLERANCE


@pytest.mark.parametrize("family", [*FAMILIES, *OTHERS])
def test_sentence_vectors_do_not_drift(family, family_folder):
    facts = {"architecture": family} if family in OTHERS else {}
    pipe = pipeline_at(
        family_folder(family), facts={**facts, "task": "embed_sentence"}, sentence_pooling="mean"
    )
    plain = pipe.encode(TEXTS)
    assert_equal(np.concatenate([pipe.encode([text]) for text in TEXTS]), plain)
    assert_equal(pipe.encode(TEXTS[::-1])[::-1], plain)
    with threads(2):
        assert_equal(pipe.encode(TEXTS), plain)


def test_a_drift_is_seen(family_pipe):
    """The measure itself: a pipeline whose numbers depend on the batch."""
    pipe = family_pipe("bert")
    plain = pipe.predict

    def shifting(data, **options):
        frame = plain(data, **options)
        column = pipe.columns[0]
        frame[column] = [cell + 1e-3 * len(data) for cell in frame[column]]
        return frame

    pipe.predict = shifting
    assert drift(pipe, TEXTS[:4], "batch") > TOLERANCE


@pytest.fixture
def poisoned(family_folder, tmp_path):
    """A tiny BERT whose vectors are NaN or infinite from a layer on."""

    def make(name: str, value: float):
        folder = tmp_path / "poisoned"
        shutil.copytree(family_folder("bert"), folder)
        weights = load_file(folder / "model.safetensors")
        weights[name].flat[0] = value
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return folder

    return make


@pytest.mark.parametrize("task", ["embed", "embed_sentence"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    ("weight", "where"),
    [
        ("embeddings.LayerNorm.bias", r"in the embeddings \(layer 0\)"),
        ("encoder.layer.1.output.LayerNorm.bias", "first in layer 2 of 3"),
        ("encoder.layer.2.output.LayerNorm.bias", "first in layer 3 of 3"),
    ],
)
def test_nan_and_infinity_are_an_error_with_reference_layer_and_text(
    poisoned, task, weight, where, value
):
    pipe = pipeline_at(poisoned(weight, value), facts={"task": task})
    with pytest.raises(
        nlu.NluLiteError,
        match=rf"'tiny' in float32 gives NaN or infinity for the text 'I love NLP'.*{where}",
    ):
        pipe.predict([None, "I love NLP"])
    with pytest.raises(FloatingPointError, match=where):
        pipe.encode(["I love NLP"])


def test_the_text_that_overflows_a_narrow_format_is_named_and_the_cure_with_it(
    poisoned, family_folder
):
    # Far above the largest number of float16, 65504, and nothing for float32.
    folder = poisoned("encoder.layer.0.output.LayerNorm.bias", 1e6)
    assert np.isfinite(pipeline_at(folder).encode(["I love NLP"])).all()
    with pytest.raises(
        nlu.NluLiteError,
        match=r'"?first in layer 1 of 3\. float16 may be too narrow.*dtype="float32"',
    ):
        pipeline_at(folder, dtype="float16").encode(["I love NLP"])


def test_vectors_that_are_finite_until_they_are_joined_are_said_to_be(poisoned):
    folder = poisoned("encoder.layer.2.output.LayerNorm.bias", 3e38)
    assert np.isfinite(
        nlu.vectors(pipeline_at(folder, word_pooling="first").predict("I love NLP"))
    ).all()
    with pytest.raises(
        nlu.NluLiteError,
        match=r"text 'I love NLP'.*after the model's layers, when they were joined",
    ):
        pipeline_at(folder, facts={"task": "embed_sentence"}, sentence_pooling="mean").encode(
            ["I love NLP"]
        )


def test_the_text_among_many_is_the_one_named(family_folder, poisoned):
    folder = poisoned("embeddings.word_embeddings.weight", 0.0)
    weights = load_file(folder / "model.safetensors")
    pipe = pipeline_at(folder, sentences=None)
    number = pipe.components[0].plan.loaded.tokenizer(["grammar"]).ids[0]
    weights["embeddings.word_embeddings.weight"][number] = np.nan
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    nlu.clear_cache()
    with pytest.raises(nlu.NluLiteError, match="for the text 'the grammar of it'"):
        pipeline_at(folder, sentences=None).predict(
            ["a class", "the grammar of it", "a class again"]
        )
    assert np.isfinite(pipeline_at(folder).encode(["a class"])).all()


def test_large_numbers_and_rows_without_a_vector_are_no_fault():
    huge = np.full((2, 8), 3e38, dtype=np.float32)
    assert find_faulty_row(huge) is None
    huge[1, 3] = np.nan
    assert find_faulty_row(huge) == 1
    assert find_faulty_row(huge, np.array([True, False])) is None


def test_a_dataset_with_such_vectors_is_not_written(poisoned, tmp_path):
    pipe = pipeline_at(poisoned("encoder.layer.1.output.LayerNorm.bias", np.nan))
    with pytest.raises(nlu.NluLiteError, match="NaN or infinity"):
        pipe.to_parquet(["I love NLP"], tmp_path / "data")
    assert not list((tmp_path / "data").glob("*.parquet"))
