"""What compat is made of: names of columns, references of other tasks; and the tests that stand for
NLU's behaviour."""

from __future__ import annotations

import csv
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import nlu_lite
from nlu_lite import compat, frame, registry
from nlu_lite.compat import facts
from nlu_lite.compat.names import LANGUAGES, component_names, name_of_2020, other_task, parts_of
from nlu_lite.compat.refusals import refusal_of

CHECKOUT = Path(__file__).parents[2]
DATA = Path(__file__).parents[1] / "data"
OTHERS = list(csv.DictReader((DATA / "other_tasks.csv").read_text(encoding="utf-8").splitlines()))
W, S = "embed", "embed_sentence"
# Requests that NLU's notebooks, cards and source show: the task of each reference, the columns of
# 2020 (None where the reference is newer) and those of NLU 3.0.1 and later.
REAL = [
    ("bert", [W], ["bert_embeddings"], ["word_embedding_bert"]),
    (
        "en.embed.bert.small_L12_256",
        [W],
        ["en_embed_bert_small_L12_256_embeddings"],
        ["word_embedding_bert"],
    ),
    (
        "en.embed.bert.small_L4_256",
        [W],
        ["en_embed_bert_small_L4_256_embeddings"],
        ["word_embedding_bert"],
    ),
    (
        "en.embed.bert.small_L12_256 en.embed.bert.small_L4_256",
        [W, W],
        ["en_embed_bert_small_L12_256_embeddings", "en_embed_bert_small_L4_256_embeddings"],
        ["word_embedding_bert_small_L12_256", "word_embedding_bert_small_L4_256"],
    ),
    (
        "bert en.embed.bert.small_L8_128",
        [W, W],
        ["bert_embeddings", "en_embed_bert_small_L8_128_embeddings"],
        ["word_embedding_bert", "word_embedding_bert_small_L8_128"],
    ),
    ("en.embed.elmo", [W], ["en_embed_elmo_embeddings"], ["word_embedding_elmo"]),
    ("en.embed.electra", [W], ["en_embed_electra_embeddings"], ["word_embedding_electra"]),
    *(
        (name, [W], [f"{name}_embeddings"], [f"word_embedding_{name}"])
        for name in ("glove", "xlnet", "albert", "elmo", "biobert")
    ),
    ("covidbert", [W], ["covidbert_embeddings"], ["word_embedding_covidbert"]),
    ("embed", [W], ["embed_embeddings"], ["word_embedding_embed"]),
    ("embed_sentence.bert", [S], ["embed_sentence_bert_embeddings"], ["sentence_embedding_bert"]),
    (
        "en.embed_sentence.electra",
        [S],
        ["en_embed_sentence_electra_embeddings"],
        ["sentence_embedding_electra"],
    ),
    (
        "en.embed_sentence.small_bert_L12_768",
        [S],
        ["en_embed_sentence_small_bert_L12_768_embeddings"],
        ["sentence_embedding_small_bert_L12_768"],
    ),
    ("use", [S], ["use_embeddings"], ["sentence_embedding_use"]),
    ("en.embed_sentence.bge_small", [S], None, ["sentence_embedding_bge_small"]),
    ("en.embed_sentence.e5_small", [S], None, ["sentence_embedding_e5_small"]),
    ("en.embed_sentence.mpnet.all_mpnet_base_v2", [S], None, ["sentence_embedding_mpnet"]),
    ("en.embed_sentence.instructor_large", [S], None, ["sentence_embedding_instructor_large"]),
    (
        "xx.embed_sentence.labse",
        [S],
        ["xx_embed_sentence_labse_embeddings"],
        ["sentence_embedding_labse"],
    ),
    ("openai.embeddings", [S], ["openai_embeddings"], ["sentence_embedding_openai"]),
    ("ner", [W], None, ["word_embedding_ner"]),
    ("from_disk", [W], ["from_disk_embeddings"], ["word_embedding_from_disk"]),
    (
        "bert electra elmo glove xlnet albert",
        [W] * 6,
        [f"{name}_embeddings" for name in ("bert", "electra", "elmo", "glove", "xlnet", "albert")],
        [
            f"word_embedding_{name}"
            for name in ("bert", "electra", "elmo", "glove", "xlnet", "albert")
        ],
    ),
    (
        "embed_sentence.bert embed_sentence.electra use",
        [S] * 3,
        ["embed_sentence_bert_embeddings", "embed_sentence_electra_embeddings", "use_embeddings"],
        ["sentence_embedding_bert", "sentence_embedding_electra", "sentence_embedding_use"],
    ),
    # NLU's placeholder for a model alone of its class leaks here: word_embedding_UNIQUE. Ours is
    # the rule's.
    (
        "fr.embed.camembert_base",
        [W],
        ["fr_embed_camembert_base_embeddings"],
        ["word_embedding_camembert_base"],
    ),
    ("en.embed.longformer", [W], ["en_embed_longformer_embeddings"], ["word_embedding_longformer"]),
]


@pytest.mark.parametrize(
    ("request_", "kinds", "of_2020", "current"), REAL, ids=[row[0] for row in REAL]
)
def test_the_columns_of_real_requests(request_, kinds, of_2020, current):
    references = request_.split()
    assert component_names(list(zip(kinds, references, strict=True))) == current
    if of_2020 is not None:
        assert [name_of_2020(reference) for reference in references] == of_2020


def test_names_that_clash_grow_until_they_differ():
    three = ["en.embed.bert.small.a", "en.embed.bert.small.b", "en.embed.bert.large"]
    assert component_names([(W, reference) for reference in three]) == [
        *("word_embedding_bert_small_a", "word_embedding_bert_small_b", "word_embedding_bert_large")
    ]
    # One that has no more parts keeps its name, and kinds do not clash with each other.
    assert component_names([(W, "bert"), (S, "embed_sentence.bert")]) == [
        "word_embedding_bert",
        "sentence_embedding_bert",
    ]


def test_names_that_clash_for_good_are_numbered():
    names = component_names([(W, "bert"), (W, "embed.bert")])
    assert frame.distinct(names) == ["word_embedding_bert", "word_embedding_bert_2"]


def test_names_hold_up_with_other_references():
    assert parts_of("de.embed.bert.cased_base.by_uploaded by huggingface") == [
        "bert",
        "cased_base",
        "by_uploaded_by_huggingface",
    ]
    assert parts_of("cs.embed.roberta.news.") == ["roberta", "news"]
    assert parts_of("BAAI/bge-small-en-v1.5") == ["bge_small_en_v1_5"]
    assert parts_of("en") == ["en"]


def test_every_language_of_the_registry_is_one_of_nlu():
    languages = {registry.current().entry(name).language for name in registry.current().references}
    assert languages <= LANGUAGES


@pytest.mark.parametrize("row", OTHERS, ids=[row["nlu_ref"] for row in OTHERS])
def test_references_of_other_tasks_are_recognised(row):
    task = other_task(row["nlu_ref"])
    assert task is not None
    kind = {
        "translation": "translates",
        "question-answering": "answers questions",
        "zero-shot-classification": "classifies by given labels",
    }.get(row["task"])
    if kind and row["nlu_ref"] != "answer_question":
        assert task.does == kind


@pytest.mark.parametrize(
    ("reference", "columns"),
    [
        ("pos", ["pos"]),
        ("en.pos.ud_ewt", ["pos"]),
        ("sentiment", ["sentiment", "sentiment_confidence"]),
        ("en.sentiment.twitter", ["sentiment", "sentiment_confidence"]),
        ("emotion", ["emotion", "emotion_confidence"]),
        ("en.classify.sarcasm", ["sarcasm", "sarcasm_confidence"]),
        ("en.classify.distilbert_sequence.emotion", ["classified_sequence"]),
        ("en.classify.token_bert.conll03", ["classified_token"]),
        ("ner.onto", ["entities_onto", "entities_onto_class", "entities_onto_confidence"]),
        ("lemma", ["lem"]),
        ("yake", ["keywords", "keywords_confidence"]),
        ("xx.de.marian.translate_to.en", ["translated"]),
        ("xx.bzs.marian.translate_to.de", ["translated"]),
        ("tokenize", []),
    ],
)
def test_the_columns_of_other_tasks(reference, columns):
    task = other_task(reference)
    assert task is not None
    assert list(task.columns) == columns


@pytest.mark.parametrize(
    "reference",
    ["en.embed.brt", "embed_sentence.nothing", "electraa", "en.clasify.sarcasm", "", "."],
)
def test_what_is_no_reference_of_another_task(reference):
    assert other_task(reference) is None


def test_served_references_of_other_tasks_are_those_that_give_labels():
    # NLU has bare names that both tables know; the registry is asked first.
    served = registry.current()
    labels = [name for name in served.references if not served.entry(name).kind.gives_vectors]
    assert [name for name in served.references if other_task(name) is not None] == labels


def test_the_table_of_other_tasks_is_well_formed():
    tasks = registry.other_tasks()
    assert all(task.does and task.nearest for task in tasks.values() if not task.is_needless)
    assert "pos" in tasks
    assert refusal_of("bert") is None


def test_the_import_changes_nothing():
    script = """
import logging, sys, warnings, pandas
def state():
    logs = logging.getLogger().handlers[:], logging.getLogger("nlu_lite").level
    return warnings.filters[:], dir(pandas.DataFrame), logs
before = state()
import nlu_lite.compat
assert state() == before
libraries = {name.partition(".")[0] for name in sys.modules}
assert not {"torch", "transformers", "tokenizers"} & libraries
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_every_failure_is_of_one_family(served_names):
    pipe = compat.load("bert")
    failures = [
        lambda: compat.load("bert pos"),
        lambda: compat.load("nothing"),
        lambda: compat.load("bert", unserved="x"),
        lambda: compat.auth(),
        lambda: compat.get_components(lang="x"),
        lambda: pipe.predict("a", output_level="x"),
        lambda: pipe.predict("a", return_spark_df=True),
        lambda: pipe.predict(3),
        lambda: pipe.fit(),
        lambda: pipe["x"],
    ]
    for failure in failures:
        with pytest.raises(nlu_lite.NluLiteError, match=r"\w"):
            failure()


def test_predict_and_load_have_nlus_parameters_in_nlus_order():
    predict = list(inspect.signature(compat.NLUPipeline.predict).parameters.values())
    assert [(parameter.name, parameter.default) for parameter in predict[2:-1]] == [
        *(
            ("output_level", ""),
            ("output_path", ""),
            ("positions", False),
            ("keep_stranger_features", True),
        ),
        *(
            ("metadata", False),
            ("multithread", True),
            ("drop_irrelevant_cols", True),
            ("return_spark_df", False),
        ),
        *(
            ("get_embeddings", True),
            ("parser_output", False),
            ("parser_config", ""),
            ("partition", 1000),
        ),
    ]
    load = list(inspect.signature(compat.load).parameters)
    assert load[:7] == [
        "request",
        "path",
        "verbose",
        "gpu",
        "streamlit_caching",
        "apple_silicon",
        "get_tracer",
    ]
    embeds = list(inspect.signature(compat.NLUPipeline.predict_embeds).parameters)
    assert embeds[1:] == ["data", "multithread", "return_spark_df", "partition"]


def test_every_parameter_of_nlu_works_or_says_why_not():
    for function, table in (
        (compat.NLUPipeline.predict, facts.PREDICT),
        (compat.NLUPipeline.predict_embeds, facts.PREDICT_EMBEDS),
        (compat.NLUPipeline.fit, facts.FIT),
        (compat.NLUPipeline.save, facts.SAVE),
        (compat.load, {**facts.LOAD, **dict.fromkeys((*facts.LOAD_ADDED, "m1_chip"))}),
    ):
        parameters = set(inspect.signature(function).parameters)
        assert parameters - {"self", "unknown", "options"} == set(table)
