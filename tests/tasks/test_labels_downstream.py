"""Labels on their way out: streams, Parquet, Spark, files, processes, the command line, compat,
cards and estimates."""

from __future__ import annotations

import json
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
import nlu_lite.compat as compat
from nlu_lite import cli
from nlu_lite.errors import OptionError
from tests.helpers.pipelines import pipeline_of

NAMES = ("ant", "bee", "cow", "dog", "elk")
BIO = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG")
TEXTS = ["The bank closed. It was.", None, "Short", "", "One for all statements"]
LEVELS = ("token", "sentence", "document", "chunk")


@pytest.fixture(scope="module")
def models(family_folder, classifier_folder):
    return (
        ("e", family_folder("bert"), "embed"),
        ("kind", classifier_folder("roberta", "text_classification", NAMES), "text_classification"),
        ("ner", classifier_folder("bert", "token_classification", BIO), "token_classification"),
    )


@pytest.fixture(scope="module")
def mixed(models):
    return pipeline_of(*models)


def rows_of(frame):
    """Cells that can be compared: numbers rounded, missing ones None."""

    def plain(cell):
        if isinstance(cell, (list, np.ndarray)):
            return [plain(item) for item in cell]
        return (
            None
            if cell is None or cell is pd.NA or cell != cell
            else round(float(cell), 4)
            if isinstance(cell, (float, np.floating))
            else cell
        )

    return [[plain(cell) for cell in frame[name].tolist()] for name in frame.columns]


@pytest.mark.parametrize("level", LEVELS)
def test_a_stream_has_the_frame_of_predict(level, mixed):
    parts = list(mixed.stream(TEXTS, level, rows=3))
    assert max(map(len, parts)) <= 3
    whole = mixed.predict(TEXTS, level)
    found = pd.concat(parts)
    assert list(found.columns) == list(whole.columns)
    assert rows_of(found) == rows_of(whole)
    assert found.dtypes.equals(whole.dtypes)


@pytest.mark.parametrize("level", LEVELS)
def test_parquet_holds_labels_as_text_and_confidences_as_float32(level, mixed, tmp_path):
    import pyarrow.parquet as pq

    mixed.to_parquet(TEXTS, tmp_path / "out", level, part_rows=2)
    whole = mixed.predict(TEXTS, level, positions=True)
    schema = pq.read_schema(next((tmp_path / "out").glob("*.parquet")))
    is_list = level in ("sentence", "document")
    for name in ("kind", "ner"):
        lists = is_list and name == "ner"
        assert str(schema.field(name).type) == ("list<element: string>" if lists else "string")
        assert str(schema.field(f"{name}_confidence").type) == (
            "list<element: float>" if lists else "float"
        )
    found = pd.read_parquet(tmp_path / "out")
    assert rows_of(found[whole.columns]) == rows_of(whole)


@pytest.fixture
def texts_are_objects():
    """Texts as pandas before 3 has them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pd.option_context("future.infer_string", False):
            yield


@pytest.mark.parametrize("level", LEVELS)
def test_the_types_in_parquet_and_spark_do_not_hang_on_how_pandas_has_texts(
    level, mixed, tmp_path, texts_are_objects
):
    import pyarrow.parquet as pq

    from nlu_lite.spark.columns import arrow_types

    empty = mixed.predict([], level)
    assert empty[level].dtype == object
    mixed.to_parquet(TEXTS, tmp_path / "out", level, part_rows=2)
    schema = pq.read_schema(next((tmp_path / "out").glob("*.parquet")))
    types = arrow_types(empty, {"e": False}, level)
    of_words = "list<{}: string>" if level in ("sentence", "document") else "string"
    for name, kind in ((level, "string"), ("kind", "string"), ("ner", of_words)):
        assert (str(schema.field(name).type), str(types[name])) == (
            kind.format("element"),
            kind.format("item"),
        )


def test_an_empty_input_has_the_columns_and_their_types(mixed):
    for level in LEVELS:
        empty, whole = mixed.predict([], level), mixed.predict(TEXTS, level)
        assert list(empty.columns) == list(whole.columns)
        assert empty.dtypes.equals(whole.dtypes)


def test_a_saved_and_a_pickled_pipeline_give_the_same_labels(models, tmp_path):
    pipe = nlu.load(
        path=models[1][1], task="text_classification", labels={"ant": "emmet"}, column="kind"
    )
    pipe.save(tmp_path / "saved")
    wanted = pipe.predict(TEXTS)
    for other in (nlu.load(path=tmp_path / "saved"), pickle.loads(pickle.dumps(pipe))):
        found = other.predict(TEXTS)
        pd.testing.assert_frame_equal(found, wanted)
    assert "emmet" in set(nlu.load(path=tmp_path / "saved").components[0].plan.names)


def test_a_frame_says_where_its_labels_come_from(mixed):
    attrs = mixed.predict(TEXTS, "token").attrs
    assert attrs["references"] == "e kind ner"
    assert attrs["columns"] == "e_embeddings kind ner"
    assert nlu.frame.vector_columns(mixed.predict(TEXTS, "sentence")) == ["e_embeddings"]


def test_an_estimate_counts_rows_of_entities(mixed):
    for level in LEVELS:
        assert mixed.estimate(TEXTS, level).rows == len(mixed.predict(TEXTS, level))


def test_cards_and_search_name_tasks(mixed):
    assert "text_classification" in mixed._repr_html_()
    found = nlu.search(task="zero_shot")
    assert "en.bart.zero_shot_classifier" in found["reference"].tolist()
    assert set(nlu.search("conll", task="token_classification")["verified"]) == {"unverified"}
    assert nlu.models["en.ner.bert.conll.base"].task == "token_classification"


def test_the_command_line_prints_labels(models, capsys):
    folder = str(models[1][1])
    code = cli.main(
        [
            "predict",
            "kind",
            TEXTS[0],
            "--path",
            folder,
            "--task",
            "text_classification",
            "--level",
            "document",
        ]
    )
    assert code == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split(",")[-2:] == ["kind", "kind_confidence"]
    wanted = pipeline_of(models[1]).predict(TEXTS[:1], "document")
    assert row.split(",")[-2] == wanted["kind"].iloc[0]
    assert abs(float(row.split(",")[-1]) - wanted["kind_confidence"].iloc[0]) < 1e-6


def test_the_command_line_takes_candidate_labels(classifier_folder, capsys):
    folder = classifier_folder("bert", "zero_shot", ("contradiction", "neutral", "entailment"))
    given = [
        "predict",
        "topic",
        "Short",
        "--path",
        str(folder),
        "--task",
        "zero_shot",
        "--label",
        "a",
        "--label",
        "b",
        "--multi-label",
    ]
    assert cli.main([*given, "--hypothesis", "It is {}."]) == 0
    pipe = nlu.load(
        "topic",
        path=folder,
        task="zero_shot",
        labels=["a", "b"],
        multi_label=True,
        hypothesis="It is {}.",
    )
    assert (
        pipe.predict("Short")["topic"].iloc[0]
        == capsys.readouterr().out.splitlines()[1].split(",")[-2]
    )


@pytest.fixture
def served_labels(own_registry, models, classifier_folder):
    """References of NLU that give labels, on tiny models of these tests."""
    tasks = {
        "en.classify.bert_sequence.finbert": ("text_classification", str(models[1][1]), "roberta"),
        "en.classify.token_bert.turkish_ner": ("token_classification", str(models[2][1]), "bert"),
        "en.ner.bert.conll.base": ("token_classification", str(models[2][1]), "bert"),
        "bert": ("embed", str(models[0][1]), "bert"),
        "en.answer_question.roberta.squadv2.base.by_deepset": (
            "question_answering",
            str(classifier_folder("bert", "question_answering")),
            "bert",
        ),
    }
    entries = {
        name: {"sources": [{"path": path}], "architecture": family}
        for name, (_, path, family) in tasks.items()
    }
    references = {
        name: {"model": name, "task": task, "language": "en"}
        for name, (task, _, _) in tasks.items()
    }
    own_registry(json.dumps({"models": entries, "references": references}))


def test_compat_names_labels_as_nlu_does(served_labels):
    frame = compat.load("bert en.classify.bert_sequence.finbert").predict(
        TEXTS, output_level="token"
    )
    assert list(frame.columns) == [
        "classified_sequence",
        "classified_sequence_confidence",
        "token",
        "word_embedding_bert",
    ]
    main = nlu.load("bert en.classify.bert_sequence.finbert").predict(TEXTS, "token")
    assert rows_of(frame[["classified_sequence"]]) == rows_of(
        main[["en_classify_bert_sequence_finbert"]]
    )
    assert rows_of(frame[["word_embedding_bert"]]) == rows_of(main[["bert_embeddings"]])
    tokens = compat.load("en.classify.token_bert.turkish_ner").predict(TEXTS)
    assert list(tokens.columns) == ["classified_token", "classified_token_confidence", "token"]
    assert "entities_bert_class" in compat.load("en.ner.bert.conll.base").predict(TEXTS).columns
    answers = compat.load("en.answer_question.roberta.squadv2.base.by_deepset").predict(
        [("Who?", "The bank closed")]
    )
    assert list(answers.columns) == ["question", "context", "answer", "answer_confidence"]
    with pytest.raises(OptionError, match="are labels"):
        compat.load("en.ner.bert.conll.base").predict_embeds(TEXTS)


def test_a_reference_needs_no_task(served_labels):
    pipe = nlu.load("en.ner.bert.conll.base bert")
    assert pipe.columns == ["en_ner_bert_conll_base", "bert_embeddings"]
    columns = [
        "chunk",
        "en_ner_bert_conll_base",
        "en_ner_bert_conll_base_confidence",
        "bert_embeddings",
    ]
    assert list(pipe.predict(TEXTS, "chunk").columns) == columns
    assert nlu.verify("en.ner.bert.conll.base")["ok"].dropna().all()
    assert nlu.verify("en.classify.bert_sequence.finbert")["ok"].dropna().all()
    with pytest.raises(OptionError, match="config_only"):
        nlu.verify("en.answer_question.roberta.squadv2.base.by_deepset")
    with pytest.raises(OptionError, match="Load them apart"):
        nlu.load("bert en.answer_question.roberta.squadv2.base.by_deepset")


def test_compat_refuses_a_level_of_answers_that_nlu_has_not(served_labels):
    pipe = compat.load("en.answer_question.roberta.squadv2.base.by_deepset")
    pairs = [("Who?", "The bank closed")]
    assert len(pipe.predict(pairs, output_level="token")) == 1
    with pytest.raises(OptionError, match="output_level is 'word'; valid are token, "):
        pipe.predict(pairs, output_level="word")


def test_compat_names_the_labels_of_a_folder_after_it(classifier_folder):
    folder = classifier_folder("bert", "text_classification")
    pipe = compat.load("org/my-model", path=folder, task="text_classification")
    assert pipe.columns == ["my_model"]
    assert {"my_model", "my_model_confidence"} <= set(pipe.predict(TEXTS).columns)
