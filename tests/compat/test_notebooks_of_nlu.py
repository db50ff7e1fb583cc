"""Notebooks in the manner of NLU's, one for each cause that stopped some: their cells run whole
with only the import exchanged, and so does the copy that ``migrate`` writes.

The cells are this package's own words. The models are tiny and random, so that what is looked at is
columns, levels and kinds, not the labels.
"""

from __future__ import annotations

import json
import runpy
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import nlu_lite
import nlu_lite.compat as nlu
from nlu_lite.compat import facts, migrate, session
from nlu_lite.errors import InputValueError, NotServedError, OptionError, UnknownOptionError
from tests.helpers import families
from tests.helpers.equal import assert_equal

# How each of NLU's imports is exchanged.
EXCHANGED = {
    "import nlu": "import nlu_lite.compat as nlu",
    "from johnsnowlabs import nlp": "from nlu_lite.compat import nlp",
    "from johnsnowlabs import *": "from nlu_lite.compat import *",
    "from nlu import *": "from nlu_lite.compat import *",
}
DEFAULT_TEXTS = "en.embed_sentence.small_bert_L2_128"
NEEDLESS_SESSION = ["from johnsnowlabs import nlp", "nlp.install()\nspark = nlp.start()"]
READ = "import pandas as pd\ntrain_df = pd.read_csv('reviews.csv')\ntrain_df"
REPORT = (
    "from sklearn.metrics import classification_report\n"
    "preds = fitted_pipe.predict(train_df, output_level='document')\n"
    "preds = preds.dropna()\n"
    "report = classification_report(preds['y'], preds['{column}'], zero_division=0)\nprint(report)"
)
# Cause -> the cells.
NOTEBOOKS = {
    "johnsnowlabs": [
        *NEEDLESS_SESSION,
        "nlp.settings.enforce_versions = False",
        "frame = nlp.load('bert').predict('I like it. You too?', output_level='token')",
        "again = nlp.nlu.load('bert').predict('I like it.')\nagain.word_embedding_bert",
        "nlp.nlu.print_components(action='embed_sentence')",
    ],
    "star of johnsnowlabs": [
        "from johnsnowlabs import *",
        "frame = nlp.load('bert').predict('I like it.')",
        "nlu.version()",
    ],
    "star of nlu": ["from nlu import *", "frame = nlu.load('bert').predict(['I like it.'])"],
    "sentiment alone": [
        "from johnsnowlabs import nlp",
        READ,
        "trainable_pipe = nlp.load('train.sentiment')\nfitted_pipe = trainable_pipe.fit(train_df)",
        REPORT.format(column="sentiment"),
        "one = fitted_pipe.predict('The soup was cold')\none['sentiment_confidence']",
        "trainable_pipe.print_info()",
        "trainable_pipe['trainable_sentiment_dl'].setMaxEpochs(5)\n"
        "trainable_pipe['trainable_sentiment_dl'].setLr(0.0005)\n"
        "trainable_pipe['sentiment_dl'].setBatchSize(16)\n"
        "fitted_pipe = trainable_pipe.fit(train_df.iloc[:4])",
        "path = './models/soup_sentiment'\nfitted_pipe.save(path)",
        "hdd_pipe = nlp.load(path=path)\nfrom_disk = hdd_pipe.predict('The soup. It was cold')",
        "hdd_pipe.print_info()",
    ],
    "classifier": [
        "import nlu",
        READ,
        "fitted_pipe = nlu.load('xx.embed_sentence.labse train.classifier').fit(train_df)",
        REPORT.format(column="classifier_dl"),
        "fitted_pipe['trainable_classifier_dl'].setDropout(0.1).setEnableOutputLogs(True)",
        "fitted_pipe['classifier_dl'].setMaxEpochs(3)",
    ],
    "several labels": [
        "import nlu",
        READ + "\ntrain_df['y'] = train_df['tags']",
        "pipe = nlu.load('train.multi_classifier')\n"
        "pipe['trainable_multi_classifier_dl'].setMaxEpochs(25)\n"
        "pipe['multi_classifier'].setLr(0.05)",
        "fitted_pipe = pipe.fit(train_df[['y', 'text']], label_seperator=',')\n"
        "preds = fitted_pipe.predict(train_df[['y', 'text']])",
        "from sklearn.preprocessing import MultiLabelBinarizer\n"
        "mlb = MultiLabelBinarizer().fit(preds.y.str.split(','))\n"
        "y_pred = mlb.transform(preds.classifier_dl)",
    ],
    "entities from a file": [
        *NEEDLESS_SESSION,
        "fitted_pipe = nlp.load('train.ner').fit(dataset_path='people.conll')",
        "preds = fitted_pipe.predict('Ada Lovelace met Charles.')",
        "preds[['entities_ner', 'entities_ner_class', 'entities_ner_confidence']]",
        "fitted_pipe.save('./ner')\nhdd = nlp.load(path='./ner').predict('Ada met Charles.')",
        "with_bert = nlp.load('bert train.ner').fit(dataset_path='people.conll')",
    ],
    "parts of speech from a file": [
        "from johnsnowlabs import nlp",
        "fitted_pipe = nlp.load('train.pos').fit(dataset_path='tagged.txt')",
        "preds = fitted_pipe.predict('the cat sleeps')\npreds[['token', 'pos']]",
    ],
    "instruction": [
        "import nlu\nmodel = nlu.load('en.embed_sentence.instructor_base')\nmodel",
        "plain = model.predict('A book about ships.', output_level='document')",
        "key = 'instructor_sentence_embeddings@INSTRUCTOR_0123abc'",
        "model[key].setInstruction('Represent it: ')",
        "asked = model.predict('A book about ships.', output_level='document')",
    ],
    "zero shot": [
        "import nlu\nimport pandas as pd",
        "pipe = nlu.load('en.distilbert.zero_shot_classifier')",
        "results = pipe.predict(['My phone is broken.', 'It rains.'], output_level='sentence')",
        "results[['classified_sequence', 'classified_sequence_confidence']]",
    ],
    "listings": [
        "import nlu",
        "nlu.print_all_model_kinds_for_action('pos')",
        "nlu.print_all_model_kinds_for_action('embed_sentence')",
    ],
    "sentence detector beside": [
        "import nlu",
        "df = nlu.load('sentence_detector bert').predict('One. Two.', output_level='sentence')",
    ],
    "entities": [
        "import nlu",
        "pipe = nlu.load('en.ner.bert.conll.base bert')",
        "df = pipe.predict(['Ada met Charles in London.', ''], output_level='chunk')",
        "df[['entities_bert', 'entities_bert_class', 'entities_bert_confidence']]",
        "df.entities_bert.value_counts()",
    ],
    "prefixes": ["import nlu", "df = nlu.load('en.albert').predict('I like it.')"],
    "rules for words": [
        "import nlu",
        "pipe = nlu.load('bert')\npipe['default_tokenizer'].setContextChars(['-'])",
        "pipe['document_assembler'].setCleanupMode('shrink')",
        "df = pipe.predict('-well-done.', output_level='token')",
    ],
    "words and sentences alone": [
        "import nlu\npipe = nlu.load('tokenize')\npipe",
        "tokens = pipe.predict('Well done. Me too.', output_level='token')\npipe.print_info()",
        "again = pipe.predict('Well done. Me too.')",
        "pipe['default_tokenizer'].setMinLength(3)\nlong = pipe.predict('Well done. Me too.')",
        "sentences = nlu.load('sentence_detector.deep').predict('Well done. Me too.').sentence",
    ],
    "columns that are gone": [
        "import nlu",
        "p = nlu.load('bert pos').predict('I like it.')",
        "t = p.pos.value_counts()\nt.index.name = 'tag'; t.columns = ['count']",
        "kept = p.token.tolist()",
        "t.plot()",
    ],
}
RUNS_AS_IT_IS = [name for name in NOTEBOOKS if name != "columns that are gone"]


@pytest.fixture(scope="module")
def classifiers(tmp_path_factory):
    """The folders of two tiny classifiers, by what they are."""
    labels = {
        "zero_shot": ["contradiction", "neutral", "entailment"],
        "token_classification": ["O", "B-PER", "I-PER", "B-LOC"],
    }
    return {
        task: families.make_classifier(
            tmp_path_factory.mktemp(task) / "model", "bert", task, labels=names
        )
        for task, names in labels.items()
    }


@pytest.fixture
def folder(own_registry, family_folder, classifiers, tmp_path, monkeypatch):
    """An empty folder with the data of the notebooks, and references on tiny models."""
    architectures = ("bert", "roberta", "albert")
    models = {
        name: {"sources": [{"path": str(family_folder(name))}], "architecture": name}
        for name in architectures
    }
    models |= {
        task: {"sources": [{"path": str(path)}], "architecture": "bert"}
        for task, path in classifiers.items()
    }
    references = {
        "bert": ("bert", "embed"),
        "en.embed.albert": ("albert", "embed"),
        "en.embed.bert.small_L2_128": ("bert", "embed"),
        DEFAULT_TEXTS: ("bert", "embed_sentence"),
        "xx.embed_sentence.labse": ("bert", "embed_sentence"),
        "en.embed_sentence.instructor_base": ("roberta", "embed_sentence"),
        "en.distilbert.zero_shot_classifier": ("zero_shot", "zero_shot"),
        "en.ner.bert.conll.base": ("token_classification", "token_classification"),
    }
    entries = {
        reference: {"model": model, "task": task, "language": reference[:2].replace("be", "en")}
        for reference, (model, task) in references.items()
    }
    own_registry(json.dumps({"models": models, "references": entries}))
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    monkeypatch.chdir(notebooks)
    write_data(notebooks)
    session._say.cache_clear()
    return notebooks


def write_data(folder: Path) -> None:
    """A table of reviews, a file in CoNLL form and one of words with tags."""
    pd.DataFrame(
        {
            "text": ["Good soup", "Great wine", "Cold soup", "Bad wine", "Good bread", "Bad day"],
            "y": ["positive", "positive", "negative", "negative", "positive", "negative"],
            "tags": ["good,soup", "good,wine", "soup", "wine", "good", "day"],
        }
    ).to_csv(folder / "reviews.csv", index=False)
    people = "-DOCSTART- -X- O O\n\nAda NNP B B-PER\nLovelace NNP I I-PER\nmet VBD O O\n"
    people += "Charles NNP B B-PER\n. . O O\n\nHe PRP O O\nmet VBD O O\nAda NNP B B-PER\n"
    (folder / "people.conll").write_text(people, encoding="utf-8")
    tagged = "the_DET cat_NOUN sleeps_VERB\na_DET dog_NOUN runs_VERB\n"
    (folder / "tagged.txt").write_text(tagged, encoding="utf-8")


def exchanged(cell: str) -> str:
    lines = cell.splitlines()
    return "\n".join(EXCHANGED.get(line, line) for line in lines)


def run(name: str) -> dict:
    """The names that the cells of a notebook have made in the end."""
    names: dict = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for cell in NOTEBOOKS[name]:
            exec(exchanged(cell), names)
    return names


@pytest.mark.parametrize("name", RUNS_AS_IT_IS)
def test_it_runs_whole_with_only_the_import_exchanged(folder, name):
    run(name)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_copy_that_migrate_writes_runs(folder, name):
    path = folder / "work.py"
    path.write_text("\n".join(NOTEBOOKS[name]) + "\n", encoding="utf-8")
    copy = migrate.write(migrate.judge(migrate.read(path)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        runpy.run_path(str(copy))


# What the cells give


def test_after_fit_columns_are_called_as_nlu_calls_them(folder):
    names = run("sentiment alone")
    columns = ["document", "sentence_embedding_small_bert_L2_128", "sentiment"]
    assert list(names["preds"].columns[:3]) == columns
    assert {"text", "y", "sentiment_confidence"} <= set(names["preds"].columns)
    assert list(names["one"].columns) == [
        "sentence",
        "sentence_embedding_small_bert_L2_128",
        "sentiment",
        "sentiment_confidence",
    ]


def test_labels_are_those_of_a_logistic_regression_on_the_default_embedding(folder):
    frame = pd.read_csv("reviews.csv")
    vectors = nlu.load(DEFAULT_TEXTS).predict_embeds(frame)
    expected = LogisticRegression(max_iter=1000).fit(vectors, frame["y"])
    preds = run("sentiment alone")["preds"].sort_index()
    assert preds["sentiment"].tolist() == expected.predict(vectors).tolist()
    likely = expected.predict_proba(vectors).max(axis=1)
    assert_equal(preds["sentiment_confidence"].to_numpy(), likely)


def test_a_saved_pipeline_reads_documents(folder):
    names = run("sentiment alone")
    columns = ["document", "sentence_embedding_from_disk", "sentiment", "sentiment_confidence"]
    assert list(names["from_disk"].columns) == columns
    assert names["from_disk"]["document"].tolist() == ["The soup. It was cold"]


def test_names_of_2020_stay_those_of_2020(folder):
    pipe = nlu.load("train.classifier", names="2020")
    assert pipe.columns[1] == "trained_classifier"


def test_several_labels_are_lists(folder):
    names = run("several labels")
    known = {"good", "soup", "wine", "day"}
    assert all(set(labels) <= known for labels in names["preds"]["classifier_dl"])
    assert names["y_pred"].shape == (6, 4)


def test_entities_of_a_trained_head_are_rows(folder):
    names = run("entities from a file")
    for frame in (names["preds"], names["hdd"]):
        assert {"document", "entities_ner", "entities_ner_class"} <= set(frame.columns)
    assert set(names["preds"]["entities_ner_class"].dropna()) <= {"PER"}


def test_what_separates_word_and_tag_is_found_out(folder):
    pipe = run("parts of speech from a file")["fitted_pipe"]
    assert pipe.pipeline.flow.trained.head.classes.values == ("DET", "NOUN", "VERB")


@pytest.mark.parametrize(
    ("request_", "content", "message"),
    [
        ("train.ner", "Ada B-PER\nmet\n", "line 2: 'met' is a word without a tag"),
        ("train.pos", "a_X b_Y\nc\n", "line 2: 'c' is not a word, '_' and a tag"),
        ("train.ner", "\n\n", "holds no sentence"),
    ],
)
def test_a_file_that_is_none_names_the_line(folder, request_, content, message):
    Path("bad.txt").write_text(content, encoding="utf-8")
    with pytest.raises(InputValueError, match=message):
        nlu.load(request_).fit(dataset_path="bad.txt")


def test_a_file_for_labels_of_texts_says_how_to_read_it(folder):
    with pytest.raises(OptionError, match=r"fit\(pandas.read_csv"):
        nlu.load("train.sentiment").fit(dataset_path="reviews.csv")


def test_an_instruction_is_a_prompt(folder):
    names = run("instruction")
    column = "sentence_embedding_instructor_base"
    plain, asked = names["plain"][column][0], names["asked"][column][0]
    reference = "en.embed_sentence.instructor_base"
    expected = nlu.load(reference, prompt="Represent it: ").predict(
        "A book about ships.", output_level="document"
    )
    assert_equal(asked, expected[column][0])
    assert not np.allclose(plain, asked)


def test_zero_shot_chooses_among_nlus_own_labels(folder):
    results = run("zero shot")["results"]
    assert set(results["classified_sequence"]) <= set(facts.ZERO_SHOT_LABELS)
    with_labels = nlu.load("en.distilbert.zero_shot_classifier", labels=["one", "two"])
    assert set(with_labels.predict("It rains.")["classified_sequence"]) <= {"one", "two"}


def test_entities_are_the_chunks_that_the_model_finds(folder):
    df = run("entities")["df"]
    expected = nlu_lite.load("en.ner.bert.conll.base").predict(
        ["Ada met Charles in London.", ""], "chunk"
    )
    column = "en_ner_bert_conll_base"
    present = expected["chunk"].notna()
    assert df["entities_bert"].dropna().tolist() == expected["chunk"][present].tolist()
    assert df["entities_bert_class"].dropna().tolist() == expected[column][present].tolist()
    likely = expected[f"{column}_confidence"][present].to_numpy()
    assert len(likely)
    assert_equal(df["entities_bert_confidence"].dropna().to_numpy(), likely)


def test_a_document_without_entities_keeps_a_row(folder):
    df = run("entities")["df"]
    assert df.index.tolist() == [0] * (len(df) - 1) + [1]
    assert df["entities_bert"].isna().tolist() == [False] * (len(df) - 1) + [True]


def test_beside_entities_vectors_are_the_matrix_of_the_document(folder):
    df = run("entities")["df"]
    alone = nlu.load("bert").predict("Ada met Charles in London.", output_level="document")
    for cell in df["word_embedding_bert"].dropna():
        assert_equal(cell, alone["word_embedding_bert"][0])


def test_positions_of_entities_are_those_of_their_text(folder):
    text = "Ada met Charles in London."
    df = nlu.load("en.ner.bert.conll.base").predict(text, output_level="chunk", positions=True)
    for entity, begin, end in zip(
        df["entities_bert"], df["entities_bert_begin"], df["entities_bert_end"], strict=True
    ):
        assert text[begin : end + 1] == entity


def test_an_entity_is_the_row_of_a_lone_ner_model(folder):
    df = nlu.load("en.ner.bert.conll.base").predict("Ada met Charles in London.")
    assert "entities_bert" in df.columns


def test_rules_for_words_are_set_by_spark_nlps_setters(folder):
    tokens = run("rules for words")["df"]["token"].tolist()
    assert tokens == ["-", "well-done."]


def test_a_rule_has_no_other_setters(folder):
    with pytest.raises(UnknownOptionError, match="setContextChars"):
        nlu.load("bert")["tokenizer"].setNothing(1)


def test_a_prefix_more_or_less_is_the_same_model(folder):
    assert nlu.load("en.albert").components[0].entry.reference == "en.embed.albert"


def test_what_is_not_needed_is_left_out_without_a_warning(folder, recwarn):
    assert nlu.load("sentence_detector bert").nlu_ref == "bert"
    assert not [one for one in recwarn if "Left out" in str(one.message)]


def test_words_and_sentences_need_no_model(folder):
    names = run("words and sentences alone")
    words = ["Well", "done", ".", "Me", "too", "."]
    assert names["tokens"]["token"].tolist() == names["again"]["token"].tolist() == words
    assert names["long"]["token"].tolist() == ["Well", "done", "too"]
    assert names["sentences"].tolist() == ["Well done.", "Me too."]


def test_words_alone_are_cut_by_the_rules_of_their_language(folder):
    assert nlu.load("ru.detect_sentence").lang == "ru"
    assert nlu.load("tokenize", words="unicode").predict("a_b")["token"].tolist() == ["a_b"]


@pytest.mark.parametrize(
    "call",
    [
        lambda pipe: pipe.save("folder"),
        lambda pipe: pipe.predict_embeds("It rains."),
        lambda pipe: pipe.viz_streamlit_similarity(("It rains.", "It snows.")),
    ],
)
def test_without_a_model_there_is_nothing_to_save_and_no_vector(folder, call):
    with pytest.raises(NotServedError, match=r"found without a model.*nlu.load\('bert tokenize'\)"):
        call(nlu.load("tokenize"))


def test_starting_says_once_that_nothing_is_started(folder):
    with pytest.warns(UserWarning, match="nlp.start has no effect: there is no Spark session"):
        nlu.start()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert nlu.start(spark_conf={}) is None


def test_a_setter_without_effect_says_why(folder):
    pipe = nlu.load("train.sentiment")
    with pytest.warns(UserWarning, match="solved to its optimum: there are no epochs"):
        pipe["trainable_sentiment_dl"].setMaxEpochs(5)


def test_an_empty_folder_is_filled(folder):
    Path("empty").mkdir()
    nlu.load("bert").save("empty", overwrite=True)
    assert list(nlu.load(path="empty").predict("It rains.").columns)
    Path("full").mkdir()
    Path("full", "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OptionError, match="exists already"):
        nlu.load("bert").save("full", overwrite=True)
