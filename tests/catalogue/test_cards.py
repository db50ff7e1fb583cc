"""What the catalogue's entries show: as text, in a notebook, on the command line."""

from __future__ import annotations

import pickle
from html import escape

import nlu_lite as nlu
from nlu_lite import cli
from nlu_lite.catalogue import describe_entry, format_card

REFERENCE = "en.embed.roberta.large"


def test_a_card_as_text_has_the_hub_id_size_licence_proof_and_the_next_call():
    card = repr(nlu.models[REFERENCE])
    assert card.startswith(format_card(nlu.models[REFERENCE]))
    for line in (
        "hub id            FacebookAI/roberta-large",
        "license           mit",
        "size              about 1421 MB, computed from its shape",
        "speed             0.035 x MiniLM's, computed from its shape",
        "verified          no: mapped, opened by nobody yet",
    ):
        assert line in card.splitlines()
    assert card.endswith(f'\nnext              nlu.load("{REFERENCE}")')


def test_a_card_in_a_notebook_has_a_row_a_fact():
    card = nlu.models["en.embed.minilm_l6"]
    html = card._repr_html_()
    facts = describe_entry(card)
    assert facts.pop("reference") == card.request
    assert "<th>reference</th>" not in html  # it stands above the facts
    for name, value in facts.items():
        assert f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" in html
    assert "<th>Model</th><th>en.embed.minilm_l6</th>" in html
    assert "nlu.load(&quot;en.embed.minilm_l6&quot;)" in html
    assert "recommended for" in html


def test_a_pipelines_card_has_the_hub_id_size_licence_and_proof(minilm):
    html = minilm._repr_html_()
    for name, value in (
        ("hub id", "sentence-transformers/all-MiniLM-L6-v2"),
        ("size", "90.9 MB"),
        ("license", "apache-2.0"),
        ("verified", "opened: compared with a plain forward pass"),
    ):
        assert f"<tr><th>{name}</th><td>{value}</td></tr>" in html


def test_a_card_shows_no_markup_of_others(own_registry):
    own_registry(
        '{"models": {"<script>": {"sources": [{"hub": "a/b"}], "architecture": "bert"}}, '
        '"references": {"<b>": {"model": "<script>", "task": "embed", "language": "en"}}}'
    )
    html = nlu.models["<b>"]._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html


def test_a_card_of_a_hub_id_says_that_it_is_the_registrys_model():
    card = repr(nlu.models["sentence-transformers/all-MiniLM-L6-v2"])
    assert "(a hub id of the registry's model minilm_l6)" in card
    assert "size              90.9 MB" in card
    assert "(not in the registry)" in repr(nlu.models["somebody/something"])


def test_a_card_has_the_facts_as_attributes_and_goes_to_other_processes():
    card = nlu.models[REFERENCE]
    assert (card.dimension, card.license, card.size_mb) == (1024, "mit", None)
    assert pickle.loads(pickle.dumps(card)) == card


def test_show_prints_cards(capsys):
    assert cli.main(["show", "en.embed.bert.small_L12_256", "bert"]) == 0
    printed = capsys.readouterr().out
    assert "hub id            google/bert_uncased_L-12_H-256_A-4" in printed
    assert "verified          no: mapped, opened by nobody yet" in printed
    assert "size              about 70 MB, computed from its shape" in printed
