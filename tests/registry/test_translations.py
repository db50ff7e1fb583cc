"""NLU's names of translators: what each means, by the table of NLU 5.4.1, and how it is typed."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path

import pytest

from nlu_lite import registry
from nlu_lite.errors import UnknownReferenceError
from nlu_lite.registry import resolve
from nlu_lite.registry.translations import translator_name

TABLE = Path(__file__).parents[1] / "data" / "translations.csv"
# NLU's reference -> the pair of languages that the model under Spark NLP's name translates.
MEANINGS = {
    f"xx.{row['first']}.{kind}translate_to.{row['second']}": row[column]
    for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())
    for kind, column in (("marian.", "marian"), ("", "pipeline"))
    if row[column]
}
TATOEBA = {
    "xx.af.translate_to.ru": "af-ru",
    "xx.es.marian.translate_to.zh": "es-zh",
    "xx.he.marian.translate_to.it": "he-it",
    "xx.he.translate_to.fr": "he-fr",
    "xx.it.translate_to.he": "it-he",
}


def hub_of(name):
    entry = registry.current().find(name)
    assert entry.task == "translation"
    return entry.sources[0].hub


def test_every_name_of_the_table_loads_the_model_that_spark_nlp_loads():
    assert len(MEANINGS) == 2627
    wrong = {
        name: hub_of(name)
        for name, pair in MEANINGS.items()
        if hub_of(name) != f"Helsinki-NLP/opus-mt-{pair}"
    }
    assert not wrong


def test_most_names_of_two_languages_beside_english_load_the_reverse_of_what_they_say():
    reversed_names = [
        name for name in MEANINGS if ".marian." in name and translator_name(name).is_reversed
    ]
    assert len(reversed_names) == 968


def test_the_models_made_of_tatoeba_are_a_family_of_their_own():
    for name, pair in TATOEBA.items():
        assert hub_of(name) == f"Helsinki-NLP/opus-tatoeba-{pair}"


def test_the_language_of_an_entry_is_the_one_that_is_read():
    find = registry.current().find
    assert find("en.translate_to.fr").language == "en"
    assert find("xx.af.marian.translate_to.de").language == "de"


@pytest.mark.parametrize(
    "name",
    [
        "xx.en.translate_to.fr",
        "en.translate_to.fr",
        "translate_to.fr",
        "xx.en.marian.translate_to.fr",
        "en.marian.translate_to.fr",
        "xx.marian",
        "marian",
        "opus_mt_en_fr",
        "translate_en_fr",
    ],
)
def test_a_name_is_typed_with_or_without_what_nlu_adds(name):
    assert hub_of(name) == "Helsinki-NLP/opus-mt-en-fr"
    assert registry.current().find(name).request == name


def test_the_spark_name_of_an_entry_tells_model_and_pipeline_apart():
    find = registry.current().find
    assert find("en.translate_to.fr").spark_name == "translate_en_fr"
    assert find("en.marian.translate_to.fr").spark_name == "opus_mt_en_fr"


@pytest.mark.parametrize(
    "name",
    [
        "en.translate_to.qq",
        "qq.translate_to.en",
        "opus_mt_en_qq",
        "opus_tatoeba_en_fr",
        "en.translate_to.fr.more",
        "en.translate.fr",
    ],
)
def test_a_pair_without_a_model_is_unknown(name):
    with pytest.raises(UnknownReferenceError, match="not a known reference"):
        registry.current().find(name)


def test_a_file_of_ones_own_has_the_say_over_the_rule(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "models: {mine: {sources: [{path: folder}], architecture: bert}}\n"
        "references: {xx.en.translate_to.fr: {model: mine, task: translation, language: en}}\n"
    )
    registry.register(path)
    try:
        assert registry.current().find("xx.en.translate_to.fr").model_name == "mine"
    finally:
        registry.active._registered.clear()
        registry.refresh()


def resolve_entries(name):
    return resolve(name, path=None, task=None, language=None)


def test_a_name_that_is_reversed_warns_and_names_the_other_direction():
    with pytest.warns(UserWarning, match=r"from fr to de; the other direction is 'opus_mt_de_fr'"):
        resolve_entries("de.translate_to.fr")


def test_a_name_that_is_reversed_says_where_there_is_no_other_direction():
    with pytest.warns(UserWarning, match="there is no model of the other direction"):
        resolve_entries("xx.ar.marian.translate_to.ja")


@pytest.mark.parametrize("name", ["en.translate_to.fr", "opus_mt_fr_de", "xx.cs.translate_to.sv"])
def test_a_name_that_means_what_it_says_does_not_warn(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resolve_entries(name)
