"""``verify``: a reference against its entry, a direct forward and published vectors."""

from __future__ import annotations

import csv
import re
import shutil

import pytest
import yaml

import nlu_lite as nlu
from nlu_lite import cli, registry
from nlu_lite.errors import OptionError
from tests.helpers import oracle
from tests.helpers.hub import HubServer, connected
from tests.registry.test_own_entries import _registry_as_before  # noqa: F401 - a fixture


def test_verify_compares_configuration_and_a_direct_forward():
    report = nlu.verify("en.embed.minilm_l6")
    assert set(report["check"]) == {"config", "forward"}
    assert report["ok"].tolist() == [True] * 6


@pytest.fixture
def golden_model(tmp_path, family_folder):
    """A registered tiny model with published vectors that are right, one that is wrong, one that is
    suspect."""
    shutil.copytree(family_folder("bert"), tmp_path / "model")
    registry_file = tmp_path / "own.yaml"
    registry_file.write_text(
        'models:\n  "mine": {sources: [{path: "model"}], architecture: "bert", dimension: 32, '
        "layers: 3, lowercase: true}\n"
        'references:\n  "en.embed.mine": {model: "mine", task: "embed", language: "en"}\n'
    )
    nlu.register(registry_file)
    words = [(0, 1), (2, 6), (7, 10)]
    vectors = oracle.words_of_sentence(tmp_path / "model", "I love NLP", words, longest=62)
    return registry_file, vectors


def golden_file(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "nlu_ref",
                "text",
                "token",
                "v0",
                "v1",
                "v2",
                "level",
                "spark_nlp_name",
                "quality",
                "source_file",
            ]
        )
        writer.writerows(
            [
                ("en.embed.mine", "I love NLP", *row, "token", "mine", quality, "here")
                for quality, *row in rows
            ]
        )
    return path


def printed(vector):
    third = f"{float(vector[2]):.5f}"[:-2]  # cut, not rounded
    return repr(float(vector[0])), repr(float(vector[1])), f"{third}..."


def test_verify_compares_published_vectors_at_the_precision_they_are_printed_with(
    golden_model, tmp_path
):
    _, vectors = golden_model
    rows = [
        ("ok", word, *printed(vector))
        for word, vector in zip(("I", "love", "NLP"), vectors, strict=True)
    ]
    report = nlu.verify("en.embed.mine", golden=golden_file(tmp_path / "golden.csv", rows))
    assert report.loc[report["check"] == "golden", "ok"].tolist() == [True, True, True]
    wrong = [
        ("ok", "I", "9.5", "0.1", "0...."),
        ("suspect", "love", "9.5", "0.1", "0...."),
        ("ok", "none", "1", "2", "3"),
    ]
    report = nlu.verify("en.embed.mine", golden=golden_file(tmp_path / "wrong.csv", wrong))
    golden_rows = report[report["check"] == "golden"]
    assert golden_rows["ok"].isna().tolist() == [False, True, False]
    assert golden_rows["ok"].dropna().tolist() == [False, False]
    assert golden_rows["difference"].iloc[0] > 1


@pytest.mark.parametrize(
    "pooling",
    ["mean", "max", "cls", "last", "weighted", "pooler", "mean_text", "second_to_last"],
)
def test_verify_compares_a_sentence_reference_with_its_own_pooling(golden_model, pooling):
    registry_file, _ = golden_model
    fields = f'model: "mine", task: "embed_sentence", language: "en", pooling: "{pooling}"'
    registry_file.write_text(
        f'{registry_file.read_text()}  "en.embed_sentence.mine": {{{fields}}}\n'
    )
    registry.refresh()
    report = nlu.verify("en.embed_sentence.mine").set_index("check")
    assert bool(report.loc["forward", "ok"])


def test_verify_writes_what_is_proven_into_the_one_line_of_the_reference(golden_model, tmp_path):
    registry_file, vectors = golden_model
    before = registry_file.read_text().splitlines()
    rows = [("ok", "love", *printed(vectors[1]))]
    nlu.verify("en.embed.mine", write=True, golden=golden_file(tmp_path / "golden.csv", rows))
    after = registry_file.read_text().splitlines()
    assert after[:-1] == before[:-1]
    assert yaml.safe_load(after[-1]) == {
        "en.embed.mine": {"model": "mine", "task": "embed", "language": "en", "verified": "golden"}
    }
    assert registry.current().find("en.embed.mine").verified == "golden"


def test_verify_does_not_write_what_is_not_proven(golden_model, tmp_path):
    registry_file, _ = golden_model
    before = registry_file.read_text()
    nlu.verify(
        "en.embed.mine",
        write=True,
        golden=golden_file(tmp_path / "g.csv", [("ok", "I", "9", "9", "9")]),
    )
    assert registry_file.read_text() == before
    with pytest.raises(OptionError, match="needs the vectors"):
        nlu.verify("en.embed.mine", write=True, config_only=True)


def test_verify_refuses_a_request_without_a_name():
    with pytest.raises(OptionError, match="The request is empty"):
        nlu.verify(" ")


def test_verify_finds_a_configuration_that_is_not_the_entrys(golden_model):
    registry_file, _ = golden_model
    registry_file.write_text(
        registry_file.read_text()
        .replace("layers: 3", "layers: 5")
        .replace("lowercase: true", "lowercase: false")
    )
    nlu.register(registry_file)
    report = nlu.verify("en.embed.mine", config_only=True).set_index("subject")
    assert report["ok"].dropna().to_dict() == {
        "dimension": True,
        "layers": False,
        "lowercase": False,
        "vocabulary": True,
    }
    assert report.loc["layers", ["expected", "found"]].tolist() == [5, 3]


def test_verify_pins_the_revision_and_digests_of_a_hub_model(tmp_path, family_folder):
    registry_file = tmp_path / "own.yaml"
    registry_file.write_text(
        'models:\n  "mine": {sources: [{hub: "org/tiny"}], architecture: "bert"}\n'
        'references:\n  "en.embed.mine": {model: "mine", task: "embed", language: "en"}\n'
    )
    with HubServer() as hub, connected(hub, tmp_path / "home"):
        commit = hub.add("org/tiny", {path.name: path for path in family_folder("bert").iterdir()})
        nlu.register(registry_file)
        nlu.verify("en.embed.mine", write=True)
        entry = registry.current().find("en.embed.mine")
        assert entry.verified == "opened"
        assert entry.sources[0].revision == commit
        assert set(entry.sources[0].sha256) == {
            "config.json",
            "tokenizer.json",
            "model.safetensors",
        }
        hub.clear_requests()
        nlu.load("en.embed.mine")
        assert hub.requests == []


def test_verify_on_the_command_line_fails_where_a_check_fails(golden_model, capsys):
    registry_file, _ = golden_model
    assert cli.main(["verify", "en.embed.mine", "--config-only"]) == 0
    registry_file.write_text(registry_file.read_text().replace("layers: 3", "layers: 5"))
    nlu.register(registry_file)
    assert cli.main(["verify", "en.embed.mine", "--config-only"]) == 1
    captured = capsys.readouterr()
    assert "1 fail" in captured.err
    assert captured.out.splitlines()[0].split(",")[0] == "reference"
    with pytest.raises(SystemExit, match="2"):
        cli.main(["verify"])
    assert "say --all" in capsys.readouterr().err


def test_verify_all_prints_a_table_of_what_is_on_this_machine(golden_model, capsys):
    assert cli.main(["verify", "--all", "--format", "table"]) == 0
    captured = capsys.readouterr()
    names, *rows = captured.out.splitlines()
    assert names.split()[:2] == ["reference", "check"]
    assert {"en.embed.mine", "en.embed.minilm_l6"} <= {row.split()[0] for row in rows}
    checks = [row.split() for row in rows]
    assert ["en.embed.mine", "config", "dimension", "32", "32", "True"] in checks
    assert all(
        re.search(r" \d\.\d\de[-+]\d\d True$", row) for row in rows if row.split()[1] == "forward"
    )
    assert "0 fail" in captured.err
