"""A pipeline made of another: with changed options, or with some of its components."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite.errors import OptionError, UnknownOptionError
from tests.helpers.equal import assert_equal

WORDS, SENTENCES = "en.embed.minilm_l6", "en.embed_sentence.minilm_l6"
TEXTS = ["I love “NLP”. Me too", None, "word " * 40]
FRAME = pd.DataFrame({"text": ["good", "great", "bad", "awful"], "y": list("aabb")})


@pytest.fixture(scope="module")
def pair():
    return nlu.load(f"{WORDS} {SENTENCES}")


@pytest.mark.parametrize(
    "changes",
    [
        {"max_length": 16, "stride": 2},
        {"words": "spark", "sentences": None},
        {"layers": [0, -1], "layer_pooling": "mean"},
        {"column": ["w", "s"]},
        {},
    ],
)
def test_changed_options_give_what_load_gives_with_them(pair, changes):
    options = pair.options
    changed, loaded = pair.with_options(**changes), nlu.load(f"{WORDS} {SENTENCES}", **changes)
    assert changed.options == loaded.options
    assert changed.columns == loaded.columns
    frame, expected = changed.predict(TEXTS, "token"), loaded.predict(TEXTS, "token")
    assert frame["token"].tolist() == expected["token"].tolist()
    for column in changed.columns:
        assert_equal(nlu.vectors(frame, column), nlu.vectors(expected, column))
    assert pair.options is options


def test_models_are_shared_and_the_first_pipeline_stays_as_it_is():
    loaded = nlu.load(WORDS)
    changed = loaded.with_options(dimensions=8).with_options(max_length=64)
    assert (changed.options.dimensions, changed.options.max_length) == (8, 64)
    assert changed.components[0].plan.loaded is loaded.components[0].plan.loaded
    assert (loaded.options.dimensions, loaded.components[0].options.max_length) == (None, None)
    assert loaded.encode(["a"]).shape == (1, 384)
    assert changed.encode(["a"]).shape == (1, 8)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"max_lenght": 9}, UnknownOptionError, "with_options has no option max_lenght. Did you"),
        ({"spark_input": True}, UnknownOptionError, "with_options has no option spark_input"),
        ({"long": "x"}, OptionError, "long is 'x'; valid are 'windows', 'cut'"),
        ({"max_length": 100_000}, OptionError, "this model takes at most 512 pieces"),
        ({"column": ["a", "b"]}, OptionError, "column names 2 columns; the request has 1"),
        ({"labels": ["a"]}, OptionError, "labels are for references that give labels"),
    ],
)
def test_options_that_cannot_be_are_refused_as_in_load(minilm, changes, error, message):
    with pytest.raises(error, match=message):
        minilm.with_options(**changes)


def test_a_trained_head_goes_along_as_long_as_its_vectors_have_its_width():
    pipe = nlu.load(f"{SENTENCES} train.classifier").fit(FRAME)
    changed = pipe.with_options(max_length=16)
    assert [item.options.max_length for item in changed.components] == [16, 16]
    assert changed.predict(["good"])["train_classifier"].tolist() == ["a"]
    with pytest.raises(OptionError, match=r"fitted to vectors of 384 numbers.*they have 8"):
        pipe.with_options(dimensions=8)
    unfitted = nlu.load(f"{SENTENCES} train.classifier").with_options(dimensions=8)
    assert set(unfitted.fit(FRAME).predict(FRAME)["train_classifier"]) == {"a", "b"}


def test_some_components_give_what_they_give_beside_the_others(pair):
    words, sentences = pair.columns
    assert_equal(
        pair.with_components(pair.components[:1]).encode(TEXTS), pair.encode(TEXTS)[:, :384]
    )
    turned = pair.with_components(pair.components[::-1])
    assert turned.columns == [sentences, words]
    assert turned.components[0].plan.loaded is pair.components[1].plan.loaded


def test_without_components_there_are_the_rows_alone():
    pipe = nlu.load(WORDS, words="model", column="vector")
    rows = pipe.with_components([]).predict(TEXTS, "token", positions=True)
    expected = pipe.predict(TEXTS, "token", positions=True)
    pd.testing.assert_frame_equal(rows, expected.drop(columns="vector"))


def test_components_of_another_pipeline_and_heads_without_their_vectors_are_refused(pair, minilm):
    changed = minilm.with_options(max_length=9)
    with pytest.raises(OptionError, match=f"takes components of the pipeline: .*{SENTENCES}"):
        pair.with_components(changed.components)
    pipe = nlu.load(f"{SENTENCES} train.classifier").fit(FRAME)
    with pytest.raises(OptionError, match="reads the vectors of another component"):
        pipe.with_components(pipe.components[1:])
    assert np.isfinite(pipe.with_components(pipe.components[:1]).encode(["good"])).all()
