"""TextEmbedder keeps scikit-learn's promises: parameters, clone, pickle, pipelines, searches."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import nlu_lite as nlu
from nlu_lite.errors import InputTypeError, UnknownReferenceError
from nlu_lite.options import LABEL_OPTIONS, LOAD_OPTIONS
from nlu_lite.sklearn import TextEmbedder
from tests.helpers.equal import assert_equal

TEXTS = ["one two", "three", "four five six", "seven"]


@pytest.fixture
def embedder(tiny):
    return TextEmbedder(path=tiny, ref=None)


def test_it_gives_what_encode_gives(embedder, tiny):
    assert_equal(embedder.fit_transform(TEXTS), nlu.load(path=tiny).encode(TEXTS))


def test_every_option_of_load_is_a_parameter_but_the_columns_name_and_those_of_labels():
    assert set(TextEmbedder().get_params()) == {"ref", "path", "task", *LOAD_OPTIONS} - {
        "column",
        *LABEL_OPTIONS,
    }


def test_options_reach_the_pipeline(embedder):
    embedder.set_params(layers=[0, 1], layer_pooling="concat", word_pooling="max")
    assert embedder.fit().pipeline_.options.changed() == {
        "layers": (0, 1),
        "layer_pooling": "concat",
        "word_pooling": "max",
    }
    assert embedder.layers == [0, 1]


def test_a_clone_has_the_parameters_and_not_the_models(embedder):
    embedder.set_params(layers=1).fit()
    copy = clone(embedder)
    assert copy.get_params() == embedder.get_params()
    assert not hasattr(copy, "pipeline_")


def test_a_pickle_holds_no_weights_and_works_again(embedder):
    embedder.fit()
    packed = pickle.dumps(embedder)
    assert len(packed) < 5_000
    assert_equal(pickle.loads(packed).transform(TEXTS), embedder.transform(TEXTS))


def test_feature_names_number_the_vector(embedder):
    names = embedder.set_params(layers=[0, 1], layer_pooling="concat").fit().get_feature_names_out()
    assert len(names) == embedder.transform(TEXTS).shape[1] == 64
    assert names[0] == f"{embedder.pipeline_.columns[0]}_0"
    assert names[63].endswith("_63")


def test_it_names_the_features_of_a_column_transformer(embedder):
    data = pd.DataFrame({"text": TEXTS, "n": [1, 2, 3, 4]})
    stacked = ColumnTransformer([("words", embedder, "text"), ("rest", "passthrough", ["n"])])
    stacked.set_output(transform="pandas")
    vectors = stacked.fit_transform(data)
    assert vectors.shape == (4, 33)
    assert vectors.columns[0].startswith("words__")
    assert vectors["rest__n"].tolist() == [1, 2, 3, 4]


def test_a_frame_and_an_array_of_one_column_are_texts(embedder):
    expected = embedder.fit_transform(TEXTS)
    assert_equal(embedder.transform(pd.DataFrame({"t": TEXTS})), expected)
    assert_equal(embedder.transform(np.array(TEXTS, dtype=object)[:, None]), expected)
    assert_equal(embedder.transform(pd.Series(TEXTS)), expected)


def test_missing_texts_are_rows_of_nan(embedder):
    assert np.isnan(embedder.fit().transform(["one", None])).all(axis=1).tolist() == [False, True]


@pytest.mark.parametrize("texts", ["one text", pd.DataFrame({"a": TEXTS, "b": TEXTS})])
def test_what_is_not_one_column_of_texts_is_refused(embedder, texts):
    with pytest.raises(InputTypeError):
        embedder.fit().transform(texts)


def test_before_fit_nothing_is_transformed(embedder):
    for call in (lambda: embedder.transform(TEXTS), embedder.get_feature_names_out):
        with pytest.raises(NotFittedError):
            call()


def test_a_wrong_reference_shows_in_fit():
    wrong = TextEmbedder("en.embed.minilm")
    with pytest.raises(UnknownReferenceError, match="Nearest"):
        wrong.fit(TEXTS)


def test_a_grid_search_runs_over_references_layers_and_poolings(minilm):
    texts = [
        "I love it",
        "Great fun",
        "Wonderful",
        "I hate it",
        "Awful bore",
        "Terrible",
        "So good",
        "So bad",
    ]
    good = [1, 1, 1, 0, 0, 0, 1, 0]
    steps = make_pipeline(TextEmbedder(), LogisticRegression())
    grid = [
        {
            "textembedder__ref": ["en.embed.minilm_l6"],
            "textembedder__layers": [0, -1],
            "textembedder__word_pooling": ["first"],
        },
        {
            "textembedder__ref": ["en.embed_sentence.minilm_l6"],
            "textembedder__sentence_pooling": ["mean", "cls"],
        },
    ]
    search = GridSearchCV(steps, grid, cv=2, error_score="raise").fit(texts, good)
    assert len(search.cv_results_["params"]) == 4
    assert search.predict(["Really great", "Really awful"]).tolist() == [1, 0]


def test_scikit_learn_that_is_not_installed_names_its_extra():
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import nlu_lite as nlu\n"
        "try:\n    import nlu_lite.sklearn\n"
        "except nlu.NluLiteError as error:\n    print(error)"
    )
    fitted = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert (
        fitted.stdout.strip()
        == "nlu_lite.sklearn needs scikit-learn: pip install 'nlu-lite[sklearn]'."
    )
