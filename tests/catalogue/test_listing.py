"""What `search` finds, leaves out, and puts first; in Python and on the command line."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pytest

import nlu_lite as nlu
from nlu_lite import cli, registry
from nlu_lite.catalogue import COLUMNS
from nlu_lite.errors import OptionError
from nlu_lite.registry import recommendations

HERE = ["en.embed.minilm_l6", "en.embed_sentence.minilm_l6"]


def found(*words, **filters) -> list[str]:
    return nlu.search(" ".join(words), **filters)["reference"].tolist()


def test_search_finds_by_words_language_and_task():
    assert found("small bert L12 256", task="embed") == ["en.embed.bert.small_L12_256"]
    row = nlu.search("small_L12_256").set_index("reference").loc["en.embed.bert.small_L12_256"]
    assert (row["hub_id"], row["dimension"], row["layers"]) == (
        "google/bert_uncased_L-12_H-256_A-4",
        256,
        12,
    )
    assert len(nlu.search("no such thing at all")) == 0
    with pytest.raises(OptionError, match="task is 'sing'"):
        nlu.search(task="sing")
    with pytest.raises(OptionError, match="lang is 'qq'"):
        nlu.search(lang="qq")


def test_translators_are_listed_where_the_words_are_about_them():
    rows = nlu.search("translate_to fr")
    assert sorted(rows[["reference", "hub_id"]].values.tolist()) == [
        ["xx.en.translate_to.fr", "Helsinki-NLP/opus-mt-en-fr"],
        ["xx.fr.translate_to.en", "Helsinki-NLP/opus-mt-fr-en"],
    ]
    assert sorted(found("opus fr de")) == ["opus_mt_de_fr", "opus_mt_fr_de"]
    assert set(nlu.search(task="translation", lang="de")["language"]) == {"de"}
    assert not set(nlu.search("fr")["task"]) & {"translation"}


def test_a_translator_that_search_lists_is_the_model_that_loads():
    rows = nlu.search(task="translation")
    assert len(rows) == 1317
    loaded = [nlu.models[reference].model_name for reference in rows["reference"]]
    assert loaded == rows["model"].tolist()


def test_without_words_the_recommended_come_first_in_their_order():
    assert found()[: len(recommendations())] == list(recommendations())
    assert found(task="embed_sentence")[0] == "en.embed_sentence.minilm_l6"


def test_an_exact_name_comes_first():
    assert found("bert")[0] == "bert"
    assert found("small_bert_L12_256")[0] == "en.embed.bert.small_L12_256"
    assert found("embed.minilm_l6")[0] == "en.embed.minilm_l6"
    assert found("FacebookAI/roberta-base")[0].endswith("roberta")


def test_behind_it_comes_what_is_here_then_the_recommended_then_the_nearest(own_registry, tiny):
    model = {"sources": [{"path": str(tiny)}], "architecture": "bert"}
    used = {"model": "mine", "task": "embed", "language": "en"}
    name = "en.embed.a_roberta_of_mine_with_a_long_name"
    own_registry(json.dumps({"models": {"mine": model}, "references": {name: used}}))
    names = found("roberta", lang="en")
    assert names[:4] == ["roberta", name, "en.embed.roberta.large", "en.embed.roberta"]
    others = names[4:]
    assert others.index("en.embed.roberta.base") < others.index("en.embed.roberta.financial")


def test_a_word_that_is_a_whole_part_is_nearer_than_one_that_begins_a_part():
    whole, part = "zh.embed.xlmr_roberta.mini_lm_mini", "en.embed.fairlex_ecthr_minilm"
    names = found("mini", local=False)
    assert len(whole) > len(part)
    assert names.index(whole) < names.index(part)


def test_models_with_random_weights_are_found_only_by_that_word():
    everything = found()
    hidden = set(registry.current().references) - set(everything)
    assert len(hidden) > 20
    assert all("tiny_random" in name for name in hidden)
    assert found("mpnet", "tiny_random")
    assert set(found("random")) >= hidden
    (first, *_) = hidden
    assert found(first)[0] == first


def test_local_leaves_what_is_on_this_machine_or_what_is_not(own_registry, tiny):
    model = {"sources": [{"path": str(tiny)}], "architecture": "bert"}
    used = {"model": "mine", "task": "embed", "language": "en"}
    own_registry(json.dumps({"models": {"mine": model}, "references": {"en.embed.mine": used}}))
    assert found(local=True) == [*HERE, "en.embed.mine"]
    assert not set(found(local=False)) & {*HERE, "en.embed.mine"}
    with pytest.raises(OptionError, match="local is 'yes'; valid are True, False and None"):
        nlu.search(local="yes")


def test_a_largest_size_leaves_out_what_is_larger_or_of_unknown_size():
    frame = nlu.search(max_size_mb=20)
    assert frame["size_mb"].max() <= 20
    assert "en.embed.bert.small_L2_128" in frame["reference"].tolist()
    for wrong in (0, -1, "20", True, float("nan")):
        with pytest.raises(OptionError, match="max_size_mb is "):
            nlu.search(max_size_mb=wrong)


def test_a_size_says_where_it_is_from(own_registry, tiny, tmp_path):
    references = {
        f"en.embed.{name}": {"model": name, "task": "embed", "language": "en"}
        for name in ("files", "broken")
    }
    broken = shutil.copytree(tiny, tmp_path / "broken")
    (broken / "modules.json").write_text("{")
    models = {
        "files": {"sources": [{"path": str(tiny)}], "architecture": "bert"},
        "broken": {"sources": [{"path": str(broken)}], "architecture": "bert"},
    }
    own_registry(json.dumps({"models": models, "references": references}))
    rows = nlu.search().set_index("reference")[["size_mb", "size_from"]]
    assert rows.loc["en.embed.minilm_l6"].tolist() == [90.9, "registry"]
    assert rows.loc["en.embed.bert.small_L2_128"].tolist() == [17.5, "shape"]
    bytes_of_weights = (tiny / "model.safetensors").stat().st_size
    assert rows.loc["en.embed.files"].tolist() == [round(bytes_of_weights / 1e6, 1), "weights"]
    assert rows.loc["en.embed.broken"].isna().all()


def test_the_command_line_has_the_same_rows_and_filters(capsys):
    filters = {"lang": "en", "task": "embed", "local": False, "max_size_mb": 20}
    words = ["--lang", "en", "--task", "embed", "--no-local", "--max-size-mb", "20"]
    assert cli.main(["search", "bert", *words, "--format", "csv"]) == 0
    names, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    assert tuple(names) == COLUMNS
    assert [row[0] for row in rows] == found("bert", **filters)
    assert cli.main(["search", "--local", "--format", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["reference"] for line in lines] == HERE


def test_the_table_of_the_recommended_fits_80_columns(capsys):
    assert cli.main(["search", "--format", "table"]) == 0
    names, *rows = capsys.readouterr().out.splitlines()
    assert names.split() == ["reference", "task", "dim", "layers", "MB", "proof", "here"]
    cells = [row.split() for row in rows[: len(recommendations())]]
    assert [" ".join(row) for row in cells[:2]] == [
        "en.embed.bert.small_L2_128 embed 128 2 ~18 mapped no",
        "en.embed.minilm_l6 embed 384 6 91 opened yes",
    ]
    widths = [max(map(len, column)) for column in zip(names.split(), *cells, strict=True)]
    assert sum(widths) + len(widths) - 1 <= 80


def test_a_size_that_is_wrong_usage_ends_with_two(capsys):
    assert cli.main(["search", "--max-size-mb", "-3"]) == 2
    assert "max_size_mb is -3.0" in capsys.readouterr().err


def test_the_command_line_says_where_nothing_matches(capsys):
    assert cli.main(["search", "no", "such", "thing", "--format", "table"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Nothing matches" in captured.err
