"""``train.classifier`` and its sisters in a pipeline: fitting, labels at every level, saving,
pickling."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

import nlu_lite as nlu
from nlu_lite.errors import (
    InputTypeError,
    InputValueError,
    IntegrityError,
    ModelError,
    NotFittedError,
    OptionError,
    OutputError,
    UnservedReferenceError,
)
from nlu_lite.pipeline import Pipeline
from tests.helpers.equal import assert_equal

SENTENCES = "en.embed_sentence.minilm_l6"
WORDS = "en.embed.minilm_l6"
FRAME = pd.DataFrame(
    {
        "text": [
            "The cat sleeps.",
            "A dog barked.",
            "Horses run.",
            "Rates went up.",
            "The bank paid.",
            "Shares fell. Gold rose.",
        ],
        "y": ["animal", "animal", "animal", "money", "money", "money"],
    }
)
MORE = ["A mouse squeaks. The loan is due.", None, "Cows eat grass."]
TAGGED = pd.DataFrame(
    {
        "text": [
            ["The", "cat", "sleeps", "."],
            ["A", "dog", "ran", "."],
            ["The", "bank", "paid", "."],
            ["A", "price", "fell", "."],
        ],
        "y": [["DET", "NOUN", "VERB", "PUNCT"]] * 4,
    }
)


@pytest.fixture(scope="module")
def fitted():
    return nlu.load(f"{SENTENCES} train.classifier").fit(FRAME)


@pytest.fixture(scope="module")
def tagger():
    return nlu.load(f"{WORDS} train.pos").fit(TAGGED)


def oracle_of(vectors, labels):
    return LogisticRegression(max_iter=1000).fit(vectors, labels)


# What comes out


def test_it_says_what_scikit_learn_says_on_the_matrix_of_encode():
    pipe = nlu.load(f"{SENTENCES} train.classifier").fit(FRAME, output_level="document")
    embeddings = nlu.load(SENTENCES)
    oracle = oracle_of(embeddings.encode(FRAME["text"]), FRAME["y"])
    texts = [text for text in MORE if text]
    frame = pipe.predict(texts)
    likely = oracle.predict_proba(embeddings.encode(texts))
    assert frame["train_classifier"].tolist() == oracle.predict(embeddings.encode(texts)).tolist()
    assert frame["train_classifier_confidence"].dtype == np.float32
    assert_equal(
        frame["train_classifier_confidence"].to_numpy(), likely.max(axis=1).astype(np.float32)
    )


def test_sentences_are_examples_each_with_the_label_of_its_text():
    pipe = nlu.load(f"{SENTENCES} train.classifier").fit(FRAME)
    rows = nlu.load(SENTENCES).predict(FRAME, "sentence")
    assert len(rows) == 7
    oracle = oracle_of(nlu.vectors(rows), rows["y"])
    assert_equal(
        pipe.flow.trained.head.model.weights.astype(np.float32), oracle.coef_.astype(np.float32)
    )


def test_labels_stand_beside_the_vectors_of_the_embedding_alone(fitted):
    frame, alone = fitted.predict(MORE, "sentence"), nlu.load(SENTENCES).predict(MORE, "sentence")
    assert frame.columns.tolist() == [
        *alone.columns,
        "train_classifier",
        "train_classifier_confidence",
    ]
    assert_equal(nlu.vectors(frame), nlu.vectors(alone))
    assert frame["train_classifier"].isna().tolist() == [False, False, True, False]
    assert frame["train_classifier_confidence"].isna().tolist() == [False, False, True, False]


def test_a_word_has_the_label_of_its_sentence(fitted):
    words, sentences = (
        fitted.predict(MORE, "token", metadata=True),
        fitted.predict(MORE, "sentence", metadata=True),
    )
    for name in ("train_classifier", "train_classifier_confidence"):
        by_sentence = {
            (row.Index, row.sentence_number): getattr(row, name)
            for row in sentences.dropna().itertuples()
        }
        shown = words.dropna(subset=["token"])
        assert shown[name].tolist() == [
            by_sentence[row.Index, row.sentence_number] for row in shown.itertuples()
        ]


def test_documents_and_chunks_have_labels_of_their_own_texts(fitted):
    assert fitted.predict(MORE[0], "document")["train_classifier_confidence"].tolist() == [
        fitted.flow.trained.head.predict(nlu.load(SENTENCES).encode(MORE[:1]), np.array([True]))[1][
            0
        ]
    ]
    chunks = fitted.predict(MORE, "chunk", chunks=["mouse", "loan"])
    assert (
        chunks["train_classifier"].tolist()[:2]
        == fitted.predict(["mouse", "loan"])["train_classifier"].tolist()
    )


def test_metadata_counts_pieces_once(fitted):
    assert not [
        name for name in fitted.predict("One.", metadata=True).columns if name.endswith("_2")
    ]


def test_a_head_on_words_learns_the_means_of_texts():
    pipe = nlu.load(f"{WORDS} train.classifier").fit(FRAME, output_level="document")
    embeddings = nlu.load(WORDS)
    oracle = oracle_of(embeddings.encode(FRAME["text"]), FRAME["y"])
    texts = [text for text in MORE if text]
    # Whatever is shown of the vectors themselves.
    for aggregate in ("mean", "max", None):
        frame = pipe.predict(texts, aggregate=aggregate)
        wanted = oracle.predict_proba(embeddings.encode(texts)).max(axis=1)
        assert_equal(frame["train_classifier_confidence"].to_numpy(), wanted.astype(np.float32))
    words, sentences = pipe.predict(MORE[0], "token"), pipe.predict(MORE[0], "sentence")
    counts = [len(nlu.load(WORDS).predict(text)) for text in sentences["sentence"]]
    assert (
        words["train_classifier"].tolist()
        == np.repeat(sentences["train_classifier"].to_numpy(), counts).tolist()
    )


def test_the_level_that_was_fitted_is_the_default_of_predict():
    pipe = nlu.load(f"{SENTENCES} train.classifier")
    assert pipe.fit(FRAME, output_level="document").predict(MORE).columns[0] == "document"
    assert pipe.fit(FRAME).predict(MORE).columns[0] == "sentence"


# Words


def test_a_tagger_says_what_scikit_learn_says_on_the_vectors_of_words(tagger):
    embeddings = nlu.load(WORDS)
    oracle = oracle_of(
        nlu.vectors(embeddings.predict(TAGGED["text"])),
        [tag for tags in TAGGED["y"] for tag in tags],
    )
    frame = tagger.predict(["The dog paid."])
    vectors = nlu.vectors(embeddings.predict(["The dog paid."]))
    assert (
        frame["train_pos"].tolist()
        == oracle.predict(vectors).tolist()
        == ["DET", "NOUN", "VERB", "PUNCT"]
    )
    assert_equal(
        frame["train_pos_confidence"].to_numpy(),
        oracle.predict_proba(vectors).max(axis=1).astype(np.float32),
    )


def test_labels_of_words_are_lists_above_their_level(tagger):
    frame = tagger.predict(["A cat fell. It ran.", None], "document")
    assert frame["train_pos"].tolist()[0][:4] == ["DET", "NOUN", "VERB", "PUNCT"]
    assert len(frame["train_pos"].iloc[0]) == len(frame["train_pos_confidence"].iloc[0]) == 7
    assert frame["train_pos"].iloc[1] is None


def test_a_classifier_learns_words_where_asked_and_where_there_is_nothing_else():
    pipe = nlu.load(f"{WORDS} train.classifier").fit(TAGGED)
    assert pipe.predict("The dog paid.")["train_classifier"].tolist() == [
        "DET",
        "NOUN",
        "VERB",
        "PUNCT",
    ]
    both = nlu.load(f"{WORDS} {SENTENCES} train.classifier")
    assert both.fit(TAGGED, output_level="token").flow.trained.number == 0
    assert both.fit(FRAME).flow.trained.number == 1


def test_words_without_a_vector_are_an_error_that_names_the_row():
    pipe = nlu.load(f"{WORDS} train.pos", max_length=4, long="cut")
    with pytest.raises(
        InputValueError, match=r"4 of 4 texts have a token without a vector.*rows 0, 1, 2, 3.*long="
    ):
        pipe.fit(TAGGED)


# Labels of other types


@pytest.mark.parametrize(
    ("labels", "dtype", "values"),
    [
        ([0, 0, 0, 7, 7, 7], "Int64", {0, 7}),
        ([True, True, True, False, False, False], "boolean", {True, False}),
        (pd.Categorical(["a"] * 3 + ["b"] * 3, categories=["b", "a", "c"]), "category", {"a", "b"}),
    ],
)
def test_labels_have_the_callers_type_after_a_pickle_and_a_save_too(
    labels, dtype, values, tmp_path
):
    frame = FRAME.assign(y=labels)
    pipe = nlu.load(f"{SENTENCES} train.classifier").fit(frame)
    pipe.save(tmp_path / "saved")
    for one in (pipe, pickle.loads(pickle.dumps(pipe)), nlu.load(path=tmp_path / "saved")):
        found = one.predict([*FRAME["text"], None], "document")["train_classifier"]
        assert str(found.dtype) == dtype
        assert set(found.dropna()) == values
        assert found.isna().tolist() == [False] * 6 + [True]
    if dtype == "category":
        assert found.cat.categories.tolist() == ["b", "a", "c"]


# Probabilities


def test_probabilities_have_a_column_a_class_as_scikit_learn_says_them(fitted):
    frame = fitted.predict(MORE, "document", probabilities=True)
    alone = fitted.predict(MORE, "document")
    names = [f"train_classifier_probability_{label}" for label in ("animal", "money")]
    assert frame.columns.tolist() == [*alone.columns, *names]
    likely = frame[names]
    assert set(likely.dtypes) == {np.dtype("float32")}
    oracle = oracle_of(
        nlu.vectors(nlu.load(SENTENCES).predict(FRAME)), nlu.load(SENTENCES).predict(FRAME)["y"]
    )
    texts = [text for text in MORE if text]
    assert_equal(
        likely.dropna().to_numpy(),
        oracle.predict_proba(nlu.load(SENTENCES).encode(texts)).astype(np.float32),
    )
    assert likely.isna().all(axis=1).tolist() == [False, True, False]


def test_probabilities_of_a_words_sentence_and_of_words(fitted, tagger):
    words = fitted.predict(MORE[0], "token", probabilities=True)
    assert_equal(
        words.filter(like="probability").max(axis=1).to_numpy(),
        words["train_classifier_confidence"].to_numpy(),
    )
    tags = tagger.predict("The dog paid.", probabilities=True).filter(like="probability")
    assert tags.shape == (4, 4)
    assert tags.idxmax(axis=1).str.rpartition("_")[2].tolist() == ["DET", "NOUN", "VERB", "PUNCT"]


def test_where_no_class_has_a_probability_the_option_says_what_has(fitted, tagger):
    vectors = nlu.load(SENTENCES)
    certain = nlu.load(f"{SENTENCES} train.classifier").fit(FRAME, classifier=LinearSVC())
    for pipe, level in ((vectors, "sentence"), (certain, "sentence"), (tagger, "document")):
        with pytest.raises(OptionError, match=rf"say that at output_level='{level}'. Valid is"):
            pipe.predict("One.", level, probabilities=True)
    with pytest.raises(OptionError, match="probabilities is 'all'; valid are True and False"):
        fitted.predict("One.", probabilities="all")


# As scikit-learn has it


@pytest.mark.parametrize(
    "kind", [list, pd.Series, np.array, pd.Categorical], ids=lambda kind: kind.__name__
)
def test_texts_and_labels_apart_are_learnt_as_in_one_table(fitted, kind):
    pipe = nlu.load(f"{SENTENCES} train.classifier")
    texts, labels = FRAME["text"].tolist(), kind(FRAME["y"].tolist())
    frames = (pipe.fit(texts, labels).predict(MORE), fitted.predict(MORE))
    # What is missing has another name in a categorical column.
    apart, together = (frame["train_classifier"].astype("string").tolist() for frame in frames)
    assert apart == together
    assert pipe.score(texts, labels) == 1.0
    assert pipe.fit(FRAME[["text"]], FRAME["y"]).score(FRAME) == 1.0


def test_words_and_labels_apart_are_learnt_as_in_one_table(tagger):
    pipe = nlu.load(f"{WORDS} train.pos").fit(TAGGED["text"].tolist(), TAGGED["y"].tolist())
    pd.testing.assert_frame_equal(pipe.predict("A dog."), tagger.predict("A dog."))


def test_the_score_is_the_share_of_examples_with_their_label(fitted, tagger):
    texts = FRAME["text"].tolist()
    # The last text has two sentences, which are two examples.
    assert fitted.score(FRAME) == 1.0
    assert fitted.score(texts, ["animal"] * 5 + ["unheard of"]) == pytest.approx(3 / 7)
    assert fitted.score(FRAME.rename(columns={"y": "label"}), "label") == 1.0
    wrong = [["NOUN", *tags[1:]] for tags in TAGGED["y"]]
    assert tagger.score(TAGGED) == 1.0
    assert tagger.score(TAGGED.assign(y=wrong)) == 0.75


@pytest.mark.parametrize(
    ("texts", "labels", "error", "says"),
    [
        (["a", "b"], ["x"], InputValueError, "2 texts and 1 labels; each text needs one"),
        (["a", None], ["x", "y"], InputValueError, "1 of 2 rows have no text: row 1. Leave them"),
        (["a", "b"], ["x", None], InputValueError, "1 of 2 rows have no label: row 1. Leave"),
        ([], [], InputValueError, "has no rows"),
        (["a", "b"], [1, 0], InputTypeError, "of the kind int, and train.classifier learnt"),
        (["a", "b"], "y", InputTypeError, "or a list of labels as y"),
    ],
)
def test_a_score_refuses_what_cannot_be_compared(fitted, texts, labels, error, says):
    with pytest.raises(error, match=says):
        fitted.score(texts, labels)


def test_a_score_needs_something_that_was_fitted():
    with pytest.raises(NotFittedError, match="was not fitted"):
        nlu.load(f"{SENTENCES} train.classifier").score(FRAME)
    with pytest.raises(OptionError, match="is to be trained"):
        nlu.load(SENTENCES).score(FRAME)


def test_a_card_says_the_level_that_was_fitted():
    pipe = nlu.load(f"{SENTENCES} train.classifier")
    assert "a row a sentence</p>" in pipe._repr_html_()
    assert (
        "a row a document, as was fitted</p>"
        in pipe.fit(FRAME, output_level="document")._repr_html_()
    )


# What is refused


def test_predicting_before_fitting_says_what_to_do(tmp_path):
    pipe = nlu.load(f"{SENTENCES} train.classifier")
    for call in (
        pipe.predict,
        pipe.to_parquet,
        lambda texts: next(pipe.stream(texts)),
        pipe.estimate,
    ):
        with pytest.raises(
            NotFittedError, match=r"train.classifier was not fitted: call pipe.fit\(df\) first"
        ):
            call(["a"], *([tmp_path / "out"] if call == pipe.to_parquet else []))
    with pytest.raises(NotFittedError, match="was not fitted"):
        pipe.save(tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


def test_fitting_where_nothing_is_to_be_trained_says_what_to_write():
    with pytest.raises(
        OptionError, match=r"nlu.load\('en.embed_sentence.minilm_l6 train.classifier'\).fit\(df\)"
    ):
        nlu.load(SENTENCES).fit(FRAME)


def test_a_request_without_vectors_says_what_to_write():
    with pytest.raises(
        OptionError, match=r"train.ner needs an embedding of words, such as en.embed.minilm_l6"
    ):
        nlu.load(f"{SENTENCES} train.ner")
    with pytest.raises(UnservedReferenceError, match=r"train.assertion"):
        nlu.load(f"{SENTENCES} train.assertion")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"output_level": "token"}, "needs an embedding of words"),
        ({"output_level": "chunk"}, "one of token, sentence, document"),
        ({"levels": "token"}, "fit has no option levels"),
        ({"classifier": "svm"}, "valid is a classifier of scikit-learn"),
    ],
)
def test_options_of_fit_are_checked(options, message):
    with pytest.raises(OptionError, match=message):
        nlu.load(f"{SENTENCES} train.classifier").fit(FRAME, **options)


def test_a_tagger_learns_no_texts():
    with pytest.raises(OptionError, match=r"for texts use train.classifier"):
        nlu.load(f"{WORDS} train.pos").fit(FRAME, output_level="sentence")


# What stays as it was


def test_the_callers_frame_is_not_touched(fitted):
    frame = FRAME.copy()
    nlu.load(f"{SENTENCES} train.classifier").fit(frame).predict(frame)
    pd.testing.assert_frame_equal(frame, FRAME)


def test_fitting_again_replaces():
    pipe = nlu.load(f"{SENTENCES} train.classifier")
    once = pipe.fit(FRAME).predict(MORE)
    pipe.fit(FRAME.assign(y=FRAME["y"].map({"animal": 1, "money": 2})))
    assert pipe.predict(MORE)["train_classifier"].dropna().isin([1, 2]).all()
    assert repr(pipe).count("2 classes of level sentence") == 1
    pd.testing.assert_frame_equal(pipe.fit(FRAME).predict(MORE), once)


def test_a_failed_fit_leaves_what_was_learnt():
    pipe = nlu.load(f"{SENTENCES} train.classifier").fit(FRAME)
    head = pipe.flow.trained.head
    with pytest.raises(InputValueError):
        pipe.fit(FRAME.assign(y="one"))
    assert pipe.flow.trained.head is head


# Elsewhere


def test_a_saved_pipeline_says_the_same(fitted, tmp_path):
    fitted.save(tmp_path / "saved")
    again = nlu.load(path=tmp_path / "saved")
    assert repr(again) == repr(fitted)
    pd.testing.assert_frame_equal(again.predict(MORE), fitted.predict(MORE))
    assert not [
        path
        for path in (tmp_path / "saved").rglob("*")
        if path.suffix in (".pkl", ".pickle", ".joblib", ".bin")
    ]


def test_a_head_that_was_changed_on_disk_is_refused(fitted, tmp_path):
    fitted.save(tmp_path / "saved")
    file = tmp_path / "saved" / "head" / "head.json"
    file.write_text(file.read_text().replace("money", "honey"))
    with pytest.raises(IntegrityError, match="is not the file that was saved"):
        nlu.load(path=tmp_path / "saved")


def test_a_head_of_a_component_that_is_not_there_is_refused(fitted, tmp_path):
    fitted.save(tmp_path / "saved")
    head, pipeline = tmp_path / "saved" / "head" / "head.json", tmp_path / "saved" / "nlu_lite.json"
    before = hashlib.sha256(head.read_bytes()).hexdigest()
    head.write_text(head.read_text().replace('"component": 0', '"component": 5'))
    pipeline.write_text(
        pipeline.read_text().replace(before, hashlib.sha256(head.read_bytes()).hexdigest())
    )
    with pytest.raises(ModelError, match=r"the head is of component 5, and there are 1"):
        nlu.load(path=tmp_path / "saved")


@pytest.mark.parametrize(
    "classifier", [GaussianNB(), LinearSVC()], ids=lambda item: type(item).__name__
)
def test_files_go_on_with_a_copy_of_the_classifier_and_not_with_another(classifier, tmp_path):
    pipe = nlu.load(f"{SENTENCES} train.classifier").fit(
        FRAME, output_level="document", classifier=classifier
    )
    pipe.to_parquet(MORE, tmp_path / "out", keep=False)
    pipe.save(tmp_path / "saved")
    copies = (pickle.loads(pickle.dumps(pipe)), nlu.load(path=tmp_path / "saved"))
    for copy in (*copies, pickle.loads(pickle.dumps(copies[1]))):
        assert copy.to_parquet(MORE, tmp_path / "out", "document", keep=False)["complete"]
    with pytest.raises(OutputError, match="learnt"):
        pipe.fit(
            FRAME.assign(y=FRAME["y"].to_numpy()[::-1]),
            output_level="document",
            classifier=classifier,
        ).to_parquet(MORE, tmp_path / "out", "document", keep=False)


def test_a_classifier_that_stands_in_is_saved_and_pickled(tmp_path):
    pipe = nlu.load(f"{SENTENCES} train.classifier")
    pipe.fit(FRAME, classifier=KNeighborsClassifier(1, algorithm="brute"))
    pipe.save(tmp_path / "saved")
    for again in (nlu.load(path=tmp_path / "saved"), pickle.loads(pickle.dumps(pipe))):
        pd.testing.assert_frame_equal(again.predict(MORE), pipe.predict(MORE))


@pytest.mark.slow
def test_a_fitted_pipeline_works_in_another_process(fitted, tmp_path):
    (tmp_path / "pipe").write_bytes(pickle.dumps(fitted))
    code = (
        "import pickle, sys, pathlib\n"
        "pipe = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())\n"
        f"print(pipe.predict({MORE!r})['train_classifier_confidence'].tolist())\n"
        "print('sklearn' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "pipe")],
        capture_output=True,
        text=True,
        check=True,
    )
    shown, has_sklearn = done.stdout.splitlines()
    assert shown == str(fitted.predict(MORE)["train_classifier_confidence"].tolist())
    assert has_sklearn == "False"


def test_a_pickle_holds_the_heads_numbers_and_no_model(fitted):
    assert len(pickle.dumps(fitted)) < 20_000


def test_streams_and_files_carry_labels(fitted, tmp_path):
    wanted = fitted.predict(MORE)
    streamed = pd.concat(fitted.stream(MORE, rows=2))
    pd.testing.assert_series_equal(
        streamed["train_classifier"], wanted["train_classifier"], check_index_type=False
    )


@pytest.mark.parametrize(
    "labels",
    [["a", "a", "a", "b", "b", "b"], [1, 1, 1, 2, 2, 2], pd.Categorical([1, 1, 1, 2, 2, 2])],
)
def test_parquet_holds_labels_in_their_own_type_and_knows_what_was_learnt(labels, tmp_path):
    frame = FRAME.assign(y=labels)
    pipe = nlu.load(f"{SENTENCES} train.classifier").fit(frame, output_level="document")
    wanted = pipe.predict(MORE)["train_classifier"]
    pipe.to_parquet(MORE, tmp_path / "out", keep=False)
    found = pd.read_parquet(tmp_path / "out")["train_classifier"]
    assert found.dropna().tolist() == wanted.dropna().tolist()
    assert found.isna().tolist() == wanted.isna().tolist()
    pipe.save(tmp_path / "saved")
    assert (
        nlu.load(path=tmp_path / "saved").flow.trained.fitted_digest
        == pipe.flow.trained.fitted_digest
    )
    # The same call with another head would mix the two.
    with pytest.raises(OutputError, match="learnt"):
        pipe.fit(frame.assign(y=frame["y"].to_numpy()[::-1])).to_parquet(
            MORE, tmp_path / "out", "document", keep=False
        )


def test_a_trained_pipeline_on_a_device_reads_with_that_devices_model(tmp_path):
    pipe = nlu.load(f"{SENTENCES} train.classifier").fit(FRAME)
    report = pipe.to_parquet(MORE, tmp_path / "out", keep=False, device=["cpu"])
    assert report["complete"]
    rebuilt = Pipeline(
        [replace(item, options=replace(item.options, device="cpu")) for item in pipe.components],
        pipe.options,
    )
    assert rebuilt.flow.trained.source is rebuilt.components[0]
    pd.testing.assert_frame_equal(rebuilt.predict(MORE), pipe.predict(MORE))
