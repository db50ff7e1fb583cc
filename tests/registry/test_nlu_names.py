"""Every name of NLU 5.4.1 loads, or is told what it is and what to do instead."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from collections import Counter
from importlib import resources

import pytest

from nlu_lite.errors import UnknownReferenceError, UnservedReferenceError
from nlu_lite.registry import TASK_NAMES, current, resolve, split_trainable
from nlu_lite.registry.nlu_names import annotators, nlu_name, nlu_names
from nlu_lite.registry.other_tasks import NEAREST
from nlu_lite.registry.schema import Model
from nlu_lite.registry.substitutes import stands_in_for, substitutes
from nlu_lite.registry.unserved import REASONS, unserved_name

SHA256 = "864b5bb70722a45e78e4319372a46b474d535d7450a9fe67a782be7d79fb23f4"
NAMES = 11_141
TRAINABLE = [name for name in nlu_names() if name.startswith("train.")]


def answer(name: str) -> str:
    """What is said about a name; empty where it loads."""
    try:
        if name in TRAINABLE:
            split_trainable([name], has_path=True)
        else:
            current().find(name)
    except UnservedReferenceError as error:
        return str(error)
    return ""


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    return {name: answer(name) for name in nlu_names()}


def test_the_table_is_unchanged():
    packed = resources.files("nlu_lite.registry").joinpath("names.csv.gz").read_bytes()
    assert hashlib.sha256(gzip.decompress(packed)).hexdigest() == SHA256
    assert len(nlu_names()) == NAMES


def test_every_name_loads_or_is_told_what_it_is(answers):
    reasons = [reason.partition("{")[0] for reason in REASONS.values()]
    odd = {
        name: message
        for name, message in answers.items()
        if message and name not in TRAINABLE and not any(part in message for part in reasons)
    }
    assert odd == {}


def test_every_name_that_is_not_served_has_a_next_step_or_is_told_that_there_is_none(answers):
    steps = (
        *("Next step: ", "Nearest", "is not needed", "transformers itself runs", "`nlu-lite find"),
        *("No substitute for it is known", "Nothing takes its place here", "output_level="),
    )
    missing = {
        name: message
        for name, message in answers.items()
        if message and name not in TRAINABLE and not any(step in message for step in steps)
    }
    assert missing == {}


def test_how_many_names_load_and_why_the_others_do_not(answers):
    refused = [name for name in answers if answers[name] and name not in TRAINABLE]
    reasons = Counter(unserved_name(name).reason for name in refused)
    assert len(answers) - len(refused) >= 1_000
    assert reasons["licensed"] >= 600
    assert reasons["import"] >= 3_000
    assert reasons["speech"] == sum(
        row.annotator.endswith("ForCTC") for row in nlu_names().values()
    )
    assert sum(reasons.values()) == len(refused)


def test_only_names_of_sold_models_and_few_others_have_no_next_step(answers):
    without = [name for name, message in answers.items() if "Nothing takes its place" in message]
    assert {unserved_name(name).reason for name in without} == {"licensed"}


@pytest.mark.parametrize("row", substitutes().values(), ids=lambda row: row.reference)
def test_every_name_with_a_substitute_is_told_it(row):
    message = answer(row.reference)
    step = row.served or row.hub_id or row.package
    assert (step or "No substitute for it is known") in message
    if row.served:
        entry = current().find(row.served)
        assert entry.reference == row.served
        assert row.reference in stands_in_for(row.served)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("pos", ["tags parts of speech by a perceptron", "only in its Java", "UPOS"]),
        ("en.speech2text.wav2vec2", ["turns speech into text", "only text"]),
        ("en.classify_image.swin.tiny", ["classifies pictures", "image-classification"]),
        ("en.med_ner.clinical", ["clinical entities", "sold by John Snow Labs", "samrawal/"]),
        ("en.lemma", ["finds lemmas", "spaCy or Stanza"]),
        ("yake", ["finds keywords", "Python package yake"]),
        ("en.ner.bert.by_fagner", ["of the hub", "`nlu-lite find 'en.ner.bert.by_fagner'`"]),
        ("bert_ner_envoy", ["('en.ner.bert.by_fagner')", "path=FOLDER"]),
        ("en.explain", ["pipeline of several steps"]),
        ("te.detect_sentence", ["is not needed: words and sentences are always found"]),
    ],
)
def test_a_name_is_told_in_plain_words_with_its_next_step(name, parts):
    message = answer(name)
    assert [part for part in parts if part not in message] == []


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("en.pos.ud_ewt", "en.ner.pos.universal_dependencies.base"),
        ("en.ner.bert.by_fagner", "en.ner.bert.conll.base"),
        ("en.sentiment.twitter", "en.classify.distilbert_sequence.sst2"),
        ("es.ner.bert", "es.ner.roberta"),
        ("sv.ner.bert.base", "sv.classify.token_bert.swedish_ner"),
        ("en.answer_question.bert", "en.answer_question.roberta.squadv2.base.by_deepset"),
    ],
)
def test_the_served_reference_of_the_same_task_is_named(name, nearest):
    assert current().unserved(name).nearest == nearest
    assert repr(nearest) in answer(name)


def test_a_classifier_of_another_topic_is_not_named():
    record = current().unserved("en.classify.bert.imdb")
    assert record is None or record.nearest == ""
    assert current().unserved("es.pos").nearest == ""


def test_a_name_whose_model_is_served_under_another_name_loads():
    assert current().find("en.albert").reference == "en.embed.albert"
    assert current().find("en.xlnet").sources == current().find("en.embed.xlnet").sources


@pytest.mark.parametrize("name", ["zqxv", "yaek", "en.sentiment.foo"])
def test_of_a_name_that_nobody_knows_and_that_is_near_to_none_no_near_names_are_told(name):
    with pytest.raises(UnknownReferenceError, match="NLU does not know it either") as caught:
        current().find(name)
    assert not isinstance(caught.value, UnservedReferenceError)
    assert "Nearest" not in str(caught.value)


def test_a_name_of_nlu_is_told_no_near_names():
    assert "labse" not in answer("yake")


def test_names_with_a_space_are_one_name():
    name = "en.answer_qu estion.mqa_cls.bert.by_xraychen"
    assert current().split(f"bert {name} pos") == ["bert", name, "pos"]


def test_with_a_folder_a_name_keeps_its_task_and_language(tmp_path):
    (entry,) = resolve("es.ner.bert", path=tmp_path, task=None, language=None)
    assert (entry.task, entry.language) == ("token_classification", "es")


def test_every_annotator_of_the_table_is_known_and_says_what_exists():
    names = {row.annotator for row in nlu_names().values()} - {"", "Pipeline"}
    assert names == set(annotators())
    architectures = Model.model_json_schema()["properties"]["architecture"]["enum"]
    for annotator in annotators().values():
        assert annotator.reason in REASONS
        assert annotator.task in ("", "embed_chunk", *TASK_NAMES)
        assert annotator.instead in ("", *NEAREST)
        assert annotator.architecture in ("", *architectures)


def test_what_is_served_is_found_without_reading_the_table():
    script = (
        "from nlu_lite.registry import current, nlu_names\n"
        "current().find('bert'); current().find('small_bert_L2_128')\n"
        "current().find('distilbert/distilgpt2'); current().split('bert electra')\n"
        "assert nlu_names.nlu_names.cache_info().currsize == 0\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_reference_without_en_and_a_spark_name_mean_the_row_of_nlu():
    name = next(n for n in nlu_names() if n.startswith("en.ner.") and n[3:] not in nlu_names())
    assert nlu_name(name.removeprefix("en.")) == nlu_name(name)
    assert nlu_name("bert_ner_envoy").reference == "en.ner.bert.by_fagner"
    assert nlu_name("nothing.of.the.kind") is None


def test_what_classifies_texts_is_answered_with_a_classifier_of_texts(answers):
    assert "train.classifier').fit(df) from texts" in answers["en.sentiment.vivekn"]
    assert "train.multi_classifier').fit(df) from texts" in answers["en.classify.toxic"]
