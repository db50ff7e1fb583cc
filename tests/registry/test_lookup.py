"""Names: references, NLU's aliases with their traps, Spark NLP names, several in one request,
unknown ones."""

from __future__ import annotations

import pytest

import nlu_lite as nlu
from nlu_lite import registry
from nlu_lite.errors import OptionError, UnknownReferenceError
from nlu_lite.registry import resolve
from nlu_lite.registry.lookup import Registry
from nlu_lite.registry.reader import read_registry_file

KNOWN = registry.current()


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("bert", "google/bert_uncased_L-2_H-128_A-2"),
        ("en.bert", "google-bert/bert-base-uncased"),
        ("roberta", "distilbert/distilroberta-base"),
        ("en.embed.roberta", "FacebookAI/roberta-base"),
        ("embed.bert", "google-bert/bert-base-uncased"),
        ("en.embed.bert", "google-bert/bert-base-uncased"),
        ("en.embed.bert.small_L12_256", "google/bert_uncased_L-12_H-256_A-4"),
        ("embed.bert.small_L12_256", "google/bert_uncased_L-12_H-256_A-4"),
        ("small_bert_L12_256", "google/bert_uncased_L-12_H-256_A-4"),
        ("bert_large_cased", "google-bert/bert-large-cased"),
        ("pt.bert", "neuralmind/bert-base-portuguese-cased"),
        ("pt.bert.cased.large", "neuralmind/bert-large-portuguese-cased"),
        ("en.embed.bert.cased_base.by_uploaded by huggingface", "google-bert/bert-base-cased"),
        ("embed.minilm_l6", "minilm_l6"),
    ],
)
def test_a_name_means_what_it_means_in_nlu(name, model):
    assert KNOWN.find(name).model_name == model


def test_a_spark_name_gives_the_reference_with_its_language_in_front():
    assert KNOWN.find("small_bert_L2_128").reference == "en.embed.bert.small_L2_128"


def test_a_request_is_cut_at_spaces_and_the_longest_known_reference_wins():
    long = "en.embed.bert.cased_base.by_uploaded by huggingface"
    assert KNOWN.split(f"  bert   {long} bert embed.bert ") == ["bert", long, "embed.bert"]
    assert KNOWN.split("by huggingface") == ["by", "huggingface"]


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("en.embed.bert.smal_L12_256", "en.embed.bert.small_L12_256"),
        ("Bert", "bert"),
        ("minilm", "en.embed.minilm_l6"),
        ("camembert", "camembert_base"),
        ("en.embed.bert.small_l4_512", "en.embed.bert.small_L4_512"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_nearest_three_and_how_to_search(wrong, near):
    assert KNOWN.near(wrong)[0] == near
    with pytest.raises(UnknownReferenceError) as caught:
        nlu.load(wrong)
    message = str(caught.value)
    assert all(repr(name) in message for name in KNOWN.near(wrong))
    assert len(KNOWN.near(wrong)) == 3
    assert "nlu.search(" in message


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("pt.embed.bert", "pt.embed.bert.cased_base"),
        ("fr.embed.camembrt", "fr.embed.camembert_base"),
        ("es.bert", "es.embed.bert.base_cased"),
        ("en.translate_to.frr", "en.translate_to.fr"),
        ("xx.fr.translate_to.english", "fr.translate_to.en"),
    ],
)
def test_near_names_are_of_the_language_that_a_name_begins_with(wrong, near):
    found = KNOWN.near(wrong)
    assert found[0] == near
    language = near.partition(".")[0]
    assert all(name.startswith(f"{language}.") for name in found)


def test_without_a_near_name_of_its_language_others_are_near():
    assert "zh.embed.bert" in KNOWN.near("zz.embed.bert")


def test_a_spark_name_shared_by_languages_asks_which(tmp_path):
    path = tmp_path / "own.yaml"
    lines = [
        f'  "{lang}.x": {{model: "m", task: "embed", language: "{lang}", spark_name: "shared"}}'
        for lang in ("de", "fr")
    ]
    head = 'models:\n  "m": {sources: [{hub: "a/b"}], architecture: "bert"}\nreferences:\n'
    path.write_text(head + "\n".join(lines))
    registry_of_two = Registry([read_registry_file(path, origin="test")])
    with pytest.raises(UnknownReferenceError, match="several languages: de, fr"):
        registry_of_two.find("shared")
    assert registry_of_two.find("shared", language="fr").reference == "fr.x"


def test_where_both_tasks_share_a_spark_name_it_means_the_word_level_one(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        'models:\n  "m": {sources: [{hub: "a/b"}], architecture: "bert"}\nreferences:\n'
        '  "en.a": {model: "m", task: "embed_sentence", language: "en", spark_name: "shared", '
        'pooling: "mean"}\n'
        '  "en.b": {model: "m", task: "embed", language: "en", spark_name: "shared"}\n'
    )
    assert Registry([read_registry_file(path, origin="test")]).find("shared").reference == "en.b"


@pytest.mark.parametrize("request_", ["", "   ", None, 3])
def test_an_empty_request_or_one_that_is_no_text_is_an_error(request_):
    with pytest.raises(OptionError, match="request"):
        resolve(request_, path=None, task=None, language=None)


def test_a_task_for_a_reference_that_has_its_own_is_refused(tiny):
    for more in ({}, {"path": tiny}):
        with pytest.raises(
            OptionError,
            match=r"'text_classification' is for hub ids .*; "
            r"'en.embed.minilm_l6' has its own, 'embed'",
        ):
            nlu.load("en.embed.minilm_l6", task="text_classification", **more)
    assert nlu.load("en.embed.minilm_l6", task="embed").components[0].entry.task == "embed"


def test_one_path_is_not_for_two_references(tiny):
    with pytest.raises(OptionError, match=r"the request names 2: \['en.embed.minilm_l6', 'bert'\]"):
        nlu.load("en.embed.minilm_l6 bert", path=tiny)
