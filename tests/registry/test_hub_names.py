"""Names of Spark NLP against ids of the hub: the table of references says which belong together."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from nlu_lite.errors import UnservedReferenceError
from nlu_lite.registry import current, hub_import
from nlu_lite.registry.hub_names import HubImport, spell

DATA = Path(__file__).parents[1] / "data"
ROWS = [
    row
    for name in ("references.csv", "other_tasks.csv")
    for row in csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines())
    if row["hf_id"] and row["confidence"] in ("card", "known") and "." in row["nlu_ref"]
]
IDS = sorted({row["hf_id"] for row in ROWS})


def model(reference: str, spark_name: str, language: str = "en") -> HubImport:
    """What is known of a name, its author as the reference says."""
    _, _, author = reference.partition(".by_")
    return HubImport(
        reference=reference,
        spark_name=spark_name,
        author=spell(author),
        task="token_classification",
        language=language,
        architecture="bert",
    )


def test_most_names_of_the_table_match_their_id_and_many_exactly():
    matches = [
        model(row["nlu_ref"], row["spark_nlp_name"], row["lang"]).compare(row["hf_id"])
        for row in ROWS
    ]
    assert matches.count("exact") > 0.3 * len(ROWS)
    assert matches.count("exact") + matches.count("near") > 0.75 * len(ROWS)


def test_no_name_of_the_table_matches_one_wrong_id_alone():
    wrong = {}
    for row in ROWS:
        name = model(row["nlu_ref"], row["spark_nlp_name"], row["lang"])
        exact = [hub_id for hub_id in IDS if name.compare(hub_id) == "exact"]
        if len(exact) == 1 and exact != [row["hf_id"]]:
            wrong[row["nlu_ref"]] = exact
    assert wrong == {}


@pytest.mark.parametrize(
    ("spark_name", "hub_id", "match"),
    [
        ("bert_ner_my_model", "Some-One/My.Model", "exact"),
        ("bert_ner_some_one_my_model", "Some-One/My--Model", "exact"),
        ("bert_ner_my_model_some_one", "some_one/my_model", "exact"),
        ("bert_ner_my_model_by_some_one", "some_one/my_model", "exact"),
        ("bert_ner_bert_my_model", "some_one/my-model", "near"),
        ("xlmroberta_ner_some_one_base_panx", "some_one/xlm-roberta-base-panx", "near"),
        ("bert_ner_my_model", "some_one/my-model-2", None),
        ("bert_ner_ner", "some_one/bert", None),
    ],
)
def test_an_id_matches_as_spark_nlp_spells_it(spark_name, hub_id, match):
    assert model("en.ner.x", spark_name).compare(hub_id) == match


def test_another_owner_than_the_one_named_never_matches():
    name = model("en.ner.bert.by_some_one", "bert_ner_my_model")
    assert name.compare("some-one/my-model") == "exact"
    assert name.compare("other/my-model") is None


def test_without_an_owner_a_model_of_another_language_is_near_only():
    assert model("es.ner.bert", "bert_ner_my_model", "es").compare("a/my-model") == "near"
    assert model("es.ner.bert", "bert_ner_a_my_model", "es").compare("a/my-model") == "exact"


@pytest.mark.parametrize("name", ["pos", "en.med_ner.clinical", "glove"])
def test_a_name_without_a_model_on_the_hub_is_not_looked_for(name):
    with pytest.raises(UnservedReferenceError, match="No model of the hub is looked for: "):
        hub_import(current().unserved(name), name)
