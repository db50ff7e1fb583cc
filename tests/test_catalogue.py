"""The catalogue of references: search, cards, and completion in a real kernel."""

from __future__ import annotations

import pytest
from jupyter_client.manager import start_new_kernel

import nlu_lite as nlu
from nlu_lite import cli, registry
from nlu_lite.errors import OptionError, UnknownReferenceError, UnservedReferenceError


def test_search_finds_by_words_language_and_task():
    assert nlu.search("small bert L12 256", task="embed")["reference"].tolist() == [
        "en.embed.bert.small_L12_256"
    ]
    everything = nlu.search()
    assert len(everything) == len(registry.current().references)
    row = everything.set_index("reference").loc["en.embed.bert.small_L12_256"]
    assert (row["hub_id"], row["dimension"], row["layers"]) == (
        "google/bert_uncased_L-12_H-256_A-4",
        256,
        12,
    )
    assert not row["local"]
    assert everything.set_index("reference").loc["en.embed.minilm_l6", "local"]
    assert len(nlu.search("no such thing at all")) == 0
    with pytest.raises(OptionError, match="task is 'sing'"):
        nlu.search(task="sing")
    with pytest.raises(OptionError, match="lang is 'qq'"):
        nlu.search(lang="qq")


def test_search_lists_translators_where_it_is_about_them():
    found = nlu.search("translate_to fr")
    assert found[["reference", "hub_id"]].values.tolist() == [
        ["xx.en.translate_to.fr", "Helsinki-NLP/opus-mt-en-fr"],
        ["xx.fr.translate_to.en", "Helsinki-NLP/opus-mt-fr-en"],
    ]
    assert nlu.search("opus fr de")["reference"].tolist() == ["opus_mt_de_fr", "opus_mt_fr_de"]
    from_german = nlu.search(task="translation", lang="de")
    assert set(from_german["language"]) == {"de"}
    assert not set(nlu.search("fr")["task"]) & {"translation"}


def test_a_translator_that_search_lists_is_the_model_that_loads():
    found = nlu.search(task="translation")
    assert len(found) == 1317
    loaded = [nlu.models[reference].model_name for reference in found["reference"]]
    assert loaded == found["model"].tolist()


def test_search_and_show_on_the_command_line(capsys):
    assert cli.main(["search", "minilm"]) == 0
    assert "en.embed.minilm_l6" in capsys.readouterr().out
    assert cli.main(["search", "no", "such", "thing"]) == 0
    assert "Nothing matches" in capsys.readouterr().err
    assert cli.main(["show", "en.embed.bert.small_L12_256", "bert"]) == 0
    printed = capsys.readouterr().out
    assert "hub id            google/bert_uncased_L-12_H-256_A-4" in printed
    assert "verified          no: mapped, opened by nobody yet" in printed
    assert "size              unknown" in printed


def test_search_prints_a_table_with_what_is_not_known(capsys):
    assert cli.main(["search", "small_L12_256", "--format", "table"]) == 0
    names, *rows = capsys.readouterr().out.splitlines()
    assert names.split()[:3] == ["reference", "task", "language"]
    assert "origin" not in names
    assert any("en.embed.bert.small_L12_256" in row and "unknown" in row for row in rows)
    assert cli.main(["search", "no", "such", "thing", "--format", "table"]) == 0
    assert capsys.readouterr().out == ""


def test_the_catalogue_is_a_mapping_of_all_references():
    assert len(nlu.models) == len(list(nlu.models)) == len(nlu.search())
    assert nlu.models["bert"].model_name == "google/bert_uncased_L-2_H-128_A-2"
    assert "small_bert_L2_128" not in nlu.models
    assert nlu.models["small_bert_L2_128"].reference == "en.embed.bert.small_L2_128"
    with pytest.raises(UnknownReferenceError):
        nlu.models["no.such.reference"]
    with pytest.raises(UnservedReferenceError):
        nlu.models["glove"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the kernel's own client, about its own sockets
def test_a_notebook_completes_references():
    manager, client = start_new_kernel()
    try:
        client.execute_interactive("import nlu_lite as nlu", timeout=60)
        code = 'nlu.models["en.embed.bert.small_L12'
        client.complete(code, len(code))
        reply = client.get_shell_msg(timeout=60)
        while reply["msg_type"] != "complete_reply":
            reply = client.get_shell_msg(timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    completions = {match.strip('"]') for match in reply["content"]["matches"]}
    assert completions == {f"en.embed.bert.small_L12_{width}" for width in (128, 256, 512, 768)}


def test_the_catalogue_shows_how_to_find_a_reference_and_offers_all_for_completion():
    assert repr(nlu.models).startswith(f"<{len(nlu.models)} references; nlu.search(...)")
    assert nlu.models._ipython_key_completions_() == sorted(nlu.search()["reference"])
