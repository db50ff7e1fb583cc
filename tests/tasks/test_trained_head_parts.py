"""The parts of training: classes of labels, heads on vectors, tables of examples, heads on disk."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from nlu_lite.errors import (
    InputTypeError,
    InputValueError,
    MissingExtraError,
    ModelError,
    OptionError,
    UnservedReferenceError,
)
from nlu_lite.flow.examples import read_examples
from nlu_lite.registry import split_trainable
from nlu_lite.registry.trainable import TRAINABLE
from nlu_lite.tasks.head import files as stored
from nlu_lite.tasks.head.classes import Classes
from nlu_lite.tasks.head.classifier import Linear, SklearnHead, learn
from nlu_lite.tasks.head.head import Head
from tests.helpers.equal import assert_equal


@pytest.fixture
def vectors():
    return np.random.default_rng(3).normal(size=(90, 7)).astype(np.float32)


def labels_of(vectors, count):
    """Classes that the vectors know, but for some noise."""
    noise = np.random.default_rng(4).normal(size=(len(vectors), count))
    return (2 * vectors[:, :count] + noise).argmax(axis=1)


# Classes


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        (pd.Series(["b", "a", "b"]), pd.Series(["b", None, "a"])),
        (pd.Series([3, 1, 3]), pd.Series([3, None, 1], dtype="Int64")),
        (pd.Series([3, 1, 3], dtype="uint8"), pd.Series([3, None, 1], dtype="Int64")),
        (pd.Series([True, False, True]), pd.Series([True, None, False], dtype="boolean")),
        (pd.Series([0.5, -1.0, 0.5]), pd.Series([0.5, None, -1.0])),
        (
            pd.Series(pd.Categorical(["b", "a", "b"], categories=["z", "b", "a"], ordered=True)),
            pd.Series(pd.Categorical(["b", None, "a"], categories=["z", "b", "a"], ordered=True)),
        ),
        (
            pd.Series(pd.Categorical([2, 1, 2], categories=[2, 1])),
            pd.Series(pd.Categorical([2, None, 1], categories=[2, 1])),
        ),
    ],
    ids=[
        "texts",
        "integers",
        "small integers",
        "truth values",
        "numbers",
        "categories",
        "categories of integers",
    ],
)
def test_labels_come_back_in_the_callers_own_type(labels, wanted):
    classes = Classes.of(labels.tolist(), labels.dtype)
    numbers = classes.numbers(labels.tolist())
    found = pd.Series(classes.column(np.array([numbers[0], -1, numbers[1]])))
    pd.testing.assert_series_equal(found, wanted)


def test_labels_of_several_kinds_are_refused():
    with pytest.raises(InputTypeError, match=r"kinds int, str; .* \.astype\(str\)"):
        Classes.of(["a", 1])
    with pytest.raises(InputTypeError, match="kinds Timestamp"):
        Classes.of([pd.Timestamp("2020-01-01")])


def test_true_and_one_are_not_the_same_class():
    with pytest.raises(InputTypeError, match="bool, int"):
        Classes.of([True, 1])


# Heads


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_head_says_what_scikit_learns_own_classifier_says(vectors, count):
    labels = labels_of(vectors, count)
    head = learn(vectors, labels, Classes(tuple("abcde"[:count])), None)
    oracle = LogisticRegression(max_iter=1000).fit(vectors, labels)
    assert isinstance(head, Linear)
    assert_equal(
        head.probabilities(vectors).astype(np.float32),
        oracle.predict_proba(vectors).astype(np.float32),
    )
    assert (head.predict(vectors)[0] == oracle.predict(vectors)).all()


def test_a_head_of_numbers_predicts_without_scikit_learn():
    code = (
        "import numpy as np, sys\n"
        "from nlu_lite.tasks.head.classifier import Linear\n"
        "print(Linear(np.eye(2), np.zeros(2)).predict(np.array([[1, 0], [0, 1]], "
        "dtype=np.float32))[0].tolist())\n"
        "print([name for name in ('sklearn', 'torch', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[0, 1]", "[]"]


def test_large_scores_do_not_overflow():
    head = Linear(np.array([[1e4], [-1e4]]), np.zeros(2))
    assert head.probabilities(np.array([[1.0]], dtype=np.float32)).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize(
    "classifier",
    [
        KNeighborsClassifier(3, algorithm="brute"),
        make_pipeline(StandardScaler(), LogisticRegression()),
        GaussianNB(),
        OneVsRestClassifier(LogisticRegression()),
    ],
    ids=lambda item: type(item).__name__,
)
def test_another_classifier_stands_in(vectors, classifier, tmp_path):
    labels = labels_of(vectors, 3)
    model = learn(vectors, labels, Classes(("a", "b", "c")), classifier)
    fitted = classifier.fit(vectors, labels)
    assert isinstance(model, SklearnHead)
    assert (model.predict(vectors)[0] == fitted.predict(vectors)).all()
    assert_equal(model.probabilities(vectors), fitted.predict_proba(vectors))
    stored.write(
        Head("train.classifier", "sentence", 0, 7, Classes(("a", "b", "c")), model), tmp_path
    )
    assert_equal(stored.read(tmp_path).model.probabilities(vectors), model.probabilities(vectors))


@pytest.mark.parametrize(
    "classifier", [LinearSVC(), RidgeClassifier()], ids=lambda item: type(item).__name__
)
def test_a_classifier_without_probabilities_gives_labels_without_confidences(vectors, classifier):
    labels = labels_of(vectors, 3)
    classes = Classes(("a", "b", "c"))
    head = Head(
        "train.classifier", "sentence", 0, 7, classes, learn(vectors, labels, classes, classifier)
    )
    label, confidence = head.predict(vectors, np.ones(90, dtype=bool))
    assert (label == classifier.fit(vectors, labels).predict(vectors)).all()
    assert np.isnan(confidence).all()


def test_the_callers_classifier_is_not_fitted(vectors):
    own = LogisticRegression(C=3.0)
    learn(vectors, labels_of(vectors, 3), Classes(("a", "b", "c")), own)
    assert not hasattr(own, "coef_")


@pytest.mark.parametrize("classifier", ["svm", LogisticRegression, StandardScaler(), lambda: None])
def test_what_is_no_classifier_is_refused(vectors, classifier):
    with pytest.raises(OptionError, match="valid is a classifier of scikit-learn"):
        learn(vectors, labels_of(vectors, 2), Classes(("a", "b")), classifier)


def test_one_class_is_not_enough(vectors):
    with pytest.raises(InputValueError, match="All labels are 'a'; there must be two"):
        learn(vectors, np.zeros(90, dtype=np.int64), Classes(("a",)), None)


def test_what_a_classifier_cannot_learn_from_is_said_with_its_own_reason(vectors):
    with pytest.raises(
        InputValueError,
        match=r"MultinomialNB\(\) cannot learn from these 90 examples: Negative values",
    ):
        learn(vectors, labels_of(vectors, 2), Classes(("a", "b")), MultinomialNB())


def test_without_scikit_learn_the_error_names_the_extra(vectors, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'nlu-lite\[train\]'"):
        learn(vectors, labels_of(vectors, 2), Classes(("a", "b")), None)


def test_a_unit_without_a_vector_has_no_label(vectors):
    classes = Classes(("a", "b"))
    head = Head(
        "train.classifier",
        "token",
        0,
        7,
        classes,
        learn(vectors, labels_of(vectors, 2), classes, None),
    )
    present = np.array([True, False, True])
    label, confidence = head.predict(vectors[:3], present)
    assert (label >= 0).tolist() == (~np.isnan(confidence)).tolist() == present.tolist()


# On disk


def test_a_forest_is_not_saved_since_its_trees_could_be_forged(vectors, tmp_path):
    classes = Classes(("a", "b"))
    model = learn(vectors, labels_of(vectors, 2), classes, RandomForestClassifier(2))
    with pytest.raises(
        OptionError,
        match=r"_tree.Tree, which skops does not know .* it is not saved. Fit another one",
    ):
        stored.write(Head("train.classifier", "sentence", 0, 7, classes, model), tmp_path)


class Foreign(ClassifierMixin, BaseEstimator):
    def fit(self, x, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, x):
        return np.zeros(len(x), dtype=np.int64)


def test_a_classifier_that_refuses_to_be_written_is_not_saved(vectors, tmp_path):
    class Shy(GaussianNB):
        def __getstate__(self):
            raise RuntimeError("not me")

    classes = Classes(("a", "b"))
    model = SklearnHead(Shy().fit(vectors, labels_of(vectors, 2)))
    with pytest.raises(
        OptionError,
        match=r"Shy\(\) cannot be written down without a pickle: not me\. Fit another one",
    ):
        stored.write(Head("train.classifier", "sentence", 0, 7, classes, model), tmp_path)


def test_without_skops_other_classifiers_are_neither_written_nor_read(
    vectors, head, tmp_path, monkeypatch
):
    model = learn(vectors, labels_of(vectors, 3), head.classes, GaussianNB())
    stand_in = Head("train.classifier", "sentence", 0, 7, head.classes, model)
    for name in ("stand_in", "numbers"):
        (tmp_path / name).mkdir()
    stored.write(stand_in, tmp_path / "stand_in")
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(
        MissingExtraError,
        match=r"Saving a classifier .* needs skops: pip install 'nlu-lite\[train\]'",
    ):
        stored.write(stand_in, tmp_path)
    with pytest.raises(
        MissingExtraError,
        match=r"Reading a classifier .* needs skops: pip install 'nlu-lite\[train\]'",
    ):
        stored.read(tmp_path / "stand_in")
    stored.write(head, tmp_path / "numbers")
    assert isinstance(stored.read(tmp_path / "numbers").model, Linear)


@pytest.fixture
def head(vectors):
    classes = Classes(("a", "b", "c"), categories=("c", "b", "a", "z"), ordered=True)
    return Head(
        "train.classifier",
        "document",
        1,
        7,
        classes,
        learn(vectors, labels_of(vectors, 3), classes, None),
    )


def test_a_head_of_numbers_comes_back_to_the_last_digit(head, vectors, tmp_path):
    assert stored.write(head, tmp_path) == ["head.json", "head.safetensors"]
    again = stored.read(tmp_path)
    assert (again.name, again.level, again.component, again.width) == (
        "train.classifier",
        "document",
        1,
        7,
    )
    assert again.classes == head.classes
    assert (again.model.probabilities(vectors) == head.model.probabilities(vectors)).all()


@pytest.mark.parametrize("values", [(1, 2), (False, True), (0.5, 1.5), ("1", "2")])
def test_classes_keep_their_type_on_disk(values, head, tmp_path):
    stored.write(Head("train.classifier", "sentence", 0, 7, Classes(values), head.model), tmp_path)
    again = stored.read(tmp_path).classes
    assert again == Classes(values)
    assert [type(value) for value in again.values] == [type(value) for value in values]


def test_a_classifier_of_foreign_code_is_not_saved(vectors, tmp_path):
    model = learn(vectors, labels_of(vectors, 2), Classes(("a", "b")), Foreign())
    with pytest.raises(
        OptionError, match=r"Foreign, which skops does not know .* it is not saved. Fit another one"
    ):
        stored.write(
            Head("train.classifier", "sentence", 0, 7, Classes(("a", "b")), model), tmp_path
        )


def test_a_file_with_foreign_code_is_not_read(vectors, head, tmp_path):
    import skops.io

    stored.write(head, tmp_path)
    skops.io.dump(Foreign().fit(vectors, labels_of(vectors, 2)), tmp_path / "head.skops")
    with pytest.raises(ModelError, match="Foreign"):
        stored.read(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "head.safetensors").write_bytes(b"1234"),
        lambda folder: (folder / "head.safetensors").unlink(),
        lambda folder: (folder / "head.json").write_text("{}"),
        lambda folder: (folder / "head.json").write_text(
            (folder / "head.json").read_text().replace('"width": 7', '"width": 8')
        ),
    ],
)
def test_a_damaged_head_is_an_error(head, tmp_path, damage):
    stored.write(head, tmp_path)
    damage(tmp_path)
    with pytest.raises(ModelError, match="cannot be read"):
        stored.read(tmp_path)


def test_nothing_on_disk_is_a_pickle(head, vectors, tmp_path):
    classes = Classes(("a", "b", "c"))
    stand_in = learn(
        vectors, labels_of(vectors, 3), classes, KNeighborsClassifier(algorithm="brute")
    )
    for number, model in enumerate((head.model, stand_in)):
        folder = tmp_path / str(number)
        folder.mkdir()
        stored.write(Head("train.classifier", "sentence", 0, 7, classes, model), folder)
        for path in folder.iterdir():
            with pytest.raises(
                (pickle.UnpicklingError, ValueError, KeyError, IndexError, EOFError)
            ):
                pickle.loads(path.read_bytes())


# Tables


def test_a_table_is_read_by_the_usual_names_and_by_others():
    frame = pd.DataFrame({"text": ["one", "two"], "y": ["a", "b"], "z": ["c", "d"]})
    assert read_examples(frame, None, "y").documents == ["one", "two"]
    assert read_examples(frame, "z", "y").documents == ["c", "d"]
    assert read_examples(frame, "text", "z").labels == ["c", "d"]
    assert read_examples(frame[["z", "y"]], None, "y").documents == ["c", "d"]


def test_a_table_of_arrow_is_one():
    import pyarrow as pa

    found = read_examples(pa.table({"text": ["one", "two"], "y": [0, 1]}), None, "y")
    assert (found.documents, found.labels) == (["one", "two"], [0, 1])


def test_a_dataset_is_a_table():
    import datasets

    found = read_examples(
        datasets.Dataset.from_dict({"text": ["one", "two"], "y": [0, 1]}), None, "y"
    )
    assert (found.documents, found.labels) == (["one", "two"], [0, 1])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"text": ["a"]}), "labels 'y' is not among the columns"),
        (pd.DataFrame([["a", 1, 2]], columns=["text", "y", "y"]), "'y' stands more than once"),
        (pd.DataFrame({"y": ["a"]}), "no column holds text"),
        (pd.DataFrame({"text": [], "y": []}), "no rows"),
        (
            pd.DataFrame({"text": ["a", None, " "], "y": [1, 2, 3]}),
            r"2 of 3 rows have no text in the column 'text': rows 1, 2\.",
        ),
        (
            pd.DataFrame({"text": ["a", "b"], "y": ["x", None]}, index=["p", "q"]),
            r"1 of 2 rows have no label in the column 'y': row 1 \(index 'q'\)\.",
        ),
        (pd.DataFrame({"text": ["a"] * 9, "y": [None] * 9}), "rows 0, 1, 2, 3, 4, ..."),
    ],
)
def test_a_table_that_says_too_little_is_an_error_that_names_the_rows(frame, message):
    with pytest.raises(InputValueError, match=message):
        read_examples(frame, None, "y")


def test_texts_without_a_table_are_refused():
    with pytest.raises(
        InputTypeError,
        match="A list has no labels; hand over a DataFrame with the columns text and y",
    ):
        read_examples(["a", "b"], None, "y")


def words(texts, labels):
    return read_examples(pd.DataFrame({"text": texts, "y": labels}), "text", "y")


def test_words_and_their_labels_stand_side_by_side():
    classes, numbers = words([["a", "b"], ["c"]], [["X", "Y"], ["X"]]).word_classes()
    assert (classes.values, numbers.tolist()) == (("X", "Y"), [0, 1, 0])


@pytest.mark.parametrize(
    ("texts", "labels", "kind", "message"),
    [
        ([["a"], ["b", "c"]], [["X"], ["X"]], InputValueError, r"row 1: 2 words and 1 labels"),
        (
            [["a"], "b c"],
            [["X"], ["X", "Y"]],
            InputTypeError,
            r"row 1: the text is 'b c'.*sentence",
        ),
        ([["a"], ["b"]], [["X"], "X"], InputTypeError, r"row 1: the label is 'X'"),
        ([["a"], ["b"]], [["X"], [None]], InputValueError, r"row 1: a label is missing"),
        ([["a"], ["b", " "]], [["X"], ["Y", "Y"]], InputValueError, r"row 1: ' ' is no word"),
    ],
)
def test_words_without_a_label_each_are_an_error_that_names_the_row(texts, labels, kind, message):
    with pytest.raises(kind, match=message):
        words(texts, labels).word_classes()


# Names


@pytest.mark.parametrize("name", TRAINABLE)
def test_a_trainable_reference_is_taken_out_of_a_request(name):
    assert split_trainable(["a", name, "b"]) == (["a", "b"], name)


@pytest.mark.parametrize(
    ("name", "embedding"),
    [
        ("train.classifier", "en.embed_sentence.small_bert_L2_128"),
        ("train.multi_classifier", "en.embed_sentence.small_bert_L2_128"),
        ("train.pos", "en.embed.bert.small_L2_128"),
    ],
)
def test_without_an_embedding_the_one_that_nlu_takes_joins(name, embedding):
    assert split_trainable([name]) == ([embedding], name)
    assert split_trainable([name], has_path=True) == ([], name)


@pytest.mark.parametrize(
    ("request_", "kind", "message"),
    [
        (["a", "train.ner", "train.pos"], OptionError, "train.ner and train.pos"),
        (["a", "train.assertion"], UnservedReferenceError, "licensed"),
        (["a", "train.clasifier"], UnservedReferenceError, "Served are train.classifier"),
    ],
)
def test_what_is_not_trained_is_said_with_what_is(request_, kind, message):
    with pytest.raises(kind, match=message):
        split_trainable(request_)
