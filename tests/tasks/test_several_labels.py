"""``train.multi_classifier``: several labels for a text, or none, by a yes or no for each label."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import nlu_lite as nlu
from nlu_lite.errors import InputTypeError, InputValueError, OptionError
from tests.helpers.equal import assert_equal

SENTENCES = "en.embed_sentence.minilm_l6"
REQUEST = f"{SENTENCES} train.multi_classifier"
FRAME = pd.DataFrame(
    {
        "text": [
            "The cat sleeps.",
            "A dog barked at the bank.",
            "Horses run.",
            "Rates went up.",
            "The bank paid.",
            "Nothing of this kind.",
        ],
        "y": [["animal"], ["animal", "money"], ["animal"], ["money"], ["money"], []],
    }
)
LABELS = ["animal", "money"]


@pytest.fixture(scope="module")
def fitted():
    return nlu.load(REQUEST).fit(FRAME, output_level="document")


def likely_by_scikit_learn(texts):
    """Shape (texts, labels): what one LogisticRegression a label says."""
    pipe = nlu.load(SENTENCES)
    vectors, asked = pipe.encode(FRAME["text"]), pipe.encode(texts)
    columns = []
    for label in LABELS:
        has_label = [label in labels for labels in FRAME["y"]]
        model = LogisticRegression(max_iter=1000).fit(vectors, has_label)
        columns.append(model.predict_proba(asked)[:, 1])
    return np.stack(columns, axis=1)


def test_it_says_of_each_label_what_a_logistic_regression_of_its_own_says(fitted):
    texts = [*FRAME["text"], "A mouse took a loan."]
    likely = likely_by_scikit_learn(texts)
    frame = fitted.predict(texts, "document")
    expected = [
        [name for name, one in zip(LABELS, row, strict=True) if one > 0.5] for row in likely
    ]
    assert frame["train_multi_classifier"].tolist() == expected
    assert {len(labels) for labels in expected} >= {0, 1}
    confidences = np.concatenate(frame["train_multi_classifier_confidence"].tolist())
    assert_equal(confidences, likely[likely > 0.5])


def test_words_have_the_labels_of_their_sentence(fitted):
    texts = ["The cat sleeps. Rates went up. Nothing of this kind."]
    sentences = fitted.predict(texts, "sentence")["train_multi_classifier"].tolist()
    words = fitted.predict(texts, "token")["train_multi_classifier"].tolist()
    assert words == [sentences[0]] * 4 + [sentences[1]] * 4 + [sentences[2]] * 5
    assert len({tuple(labels) for labels in sentences}) > 1


def test_a_blank_text_has_no_labels(fitted):
    frame = fitted.predict(["The cat sleeps.", None, ""], "document")
    assert [bool(labels) for labels in frame["train_multi_classifier"]] == [True, False, False]


def test_it_is_saved_and_loaded(fitted, tmp_path):
    fitted.save(tmp_path / "saved")
    again = nlu.load(path=tmp_path / "saved").predict(FRAME, "document")
    expected = fitted.predict(FRAME, "document")
    column = "train_multi_classifier"
    assert again[column].tolist() == expected[column].tolist()


def test_parquet_holds_lists(fitted, tmp_path):
    fitted.to_parquet(FRAME["text"], tmp_path / "out", output_level="document")
    written = pd.read_parquet(tmp_path / "out")["train_multi_classifier"]
    expected = fitted.predict(FRAME["text"], "document")["train_multi_classifier"]
    assert [list(labels) for labels in written] == expected.tolist()


def test_a_label_of_every_text_is_given_to_every_text():
    frame = FRAME.assign(y=[[*labels, "all"] for labels in FRAME["y"]])
    pipe = nlu.load(REQUEST).fit(frame)
    assert all("all" in labels for labels in pipe.predict(["Some", "other"])[pipe.columns[1]])


@pytest.mark.parametrize(
    ("labels", "kind", "message"),
    [
        (["a,b"] * 6, InputTypeError, r"row 0: the label is 'a,b'; it must be a list"),
        ([["a"]] * 5 + [["a", None]], InputValueError, "row 5: a label is missing"),
        ([[]] * 6, InputValueError, "No text has a label"),
    ],
)
def test_labels_that_are_no_lists_are_an_error_that_names_the_row(labels, kind, message):
    with pytest.raises(kind, match=message):
        nlu.load(REQUEST).fit(FRAME.assign(y=labels))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"output_level": "token"}, "learns labels of texts"),
        ({"classifier": LogisticRegression()}, "leave it out, or fit one train.classifier a label"),
    ],
)
def test_what_it_cannot_do_says_what_does(options, message):
    with pytest.raises(OptionError, match=message):
        nlu.load(REQUEST).fit(FRAME, **options)


def test_a_student_is_not_taught_several_labels(fitted):
    with pytest.raises(OptionError, match=r"Distil from a train.classifier"):
        nlu.distil(SENTENCES, fitted, ["one", "two"] * 8)


def test_every_label_has_a_probability_of_its_own(fitted):
    texts = ["A mouse took a loan.", None]
    frame = fitted.predict(texts, probabilities=True)
    names = [f"train_multi_classifier_probability_{label}" for label in LABELS]
    assert_equal(frame[names].to_numpy()[:1], likely_by_scikit_learn(texts[:1]))
    assert frame[names].iloc[1].isna().all()


def test_a_score_counts_texts_that_have_all_their_labels_and_no_others(fitted):
    assert fitted.score(FRAME) == 1.0
    texts, labels = FRAME["text"].tolist(), FRAME["y"].tolist()
    assert fitted.score(texts, [["money"], *labels[1:]]) == pytest.approx(5 / 6)
    assert fitted.score(texts, [["animal", "money"], *labels[1:]]) == pytest.approx(5 / 6)
