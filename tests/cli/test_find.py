"""``nlu-lite find``: candidates of the local hub, and the one exact match in one's own file."""

from __future__ import annotations

import json

import pytest

import nlu_lite as nlu
from nlu_lite import cli, registry
from nlu_lite.registry import active
from tests.helpers.hub import Fault
from tests.helpers.hub.models import files_of

NAME = "en.ner.bert.by_fagner"  # NLU's name of bert_ner_envoy
TAGS = ("token-classification",)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A registry file that the environment names and that is not there."""
    path = tmp_path / "own.yaml"
    monkeypatch.setenv("NLU_LITE_REGISTRY", str(path))
    monkeypatch.setattr(active, "_registered", [])
    monkeypatch.setattr(active, "_current", None)
    yield path
    active._current = None


@pytest.fixture
def envoy(classifier_folder):
    """The files of a tiny model that labels words."""
    return files_of(classifier_folder("bert", "token_classification", ("O", "B-PER")))


def find(*words: str) -> int:
    return cli.main(["find", NAME, "--format", "csv", *words])


def rows(capsys) -> list[str]:
    return capsys.readouterr().out.split()[1:]


def test_the_one_exact_match_is_written_and_loads_from_then_on(hub, own, envoy, capsys):
    hub.add("fagner/envoy", envoy, tags=TAGS)
    hub.add("other/envoy", envoy, tags=TAGS)
    assert find("--write") == 0
    assert rows(capsys) == ["fagner/envoy,exact"]
    entry = registry.current().find(NAME)
    assert (entry.task, entry.language, entry.verified) == (
        *("token_classification", "en", "unverified"),
    )
    assert entry.sources[0].hub == "fagner/envoy"
    frame = nlu.load(NAME).predict("a b")
    assert set(frame.iloc[:, 1]) <= {"O", "B-PER"}


def test_a_file_that_has_entries_keeps_them(hub, own, envoy):
    own.write_text(
        '# mine\nmodels:\n  "m": {sources: [{path: "x"}], architecture: "bert"}\nreferences:\n'
        '  "en.embed.m": {model: "m", task: "embed", language: "en"}\n'
    )
    before = own.read_text().splitlines()
    hub.add("fagner/envoy", envoy, tags=TAGS)
    assert find("--write") == 0
    assert [line for line in before if line not in own.read_text().splitlines()] == []
    assert {"en.embed.m", NAME} <= set(registry.current().references)


def test_without_write_candidates_are_shown_and_nothing_is_changed(hub, own, envoy, capsys):
    own.write_text("")
    hub.add("fagner/envoy", envoy, tags=TAGS)
    hub.add("fagner/bert-envoy", envoy, tags=TAGS)
    assert find() == 0
    assert rows(capsys) == ["fagner/envoy,exact", "fagner/bert-envoy,near"]
    assert own.read_text() == ""


def test_of_two_exact_matches_none_is_written(hub, own, envoy, capsys):
    hub.add("fagner/envoy", envoy, tags=TAGS)
    hub.add("Fagner/Envoy", envoy, tags=TAGS)
    assert find("--write") == 1
    assert "2 ids match exactly, so none is taken" in capsys.readouterr().err
    assert own.read_text() == ""


def test_a_near_match_is_not_written(hub, own, envoy, capsys):
    hub.add("fagner/bert-envoy", envoy, tags=TAGS)
    assert find("--write") == 1
    assert "No id matches exactly, so none is taken" in capsys.readouterr().err
    assert own.read_text() == ""


def test_a_model_for_another_task_is_no_match(hub, own, envoy, capsys):
    own.touch()
    hub.add("fagner/envoy", envoy, tags=("text-classification",))
    assert find() == 1
    assert "The hub shows no model that goes with this name" in capsys.readouterr().err


def test_without_a_file_of_ones_own_nothing_is_asked(hub, own, monkeypatch, capsys):
    monkeypatch.delenv("NLU_LITE_REGISTRY")
    assert find("--write") == 2
    assert "NLU_LITE_REGISTRY names no registry file" in capsys.readouterr().err
    assert hub.requests == []


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("bert", 0, "is served already"),
        ("pos", 1, "No model of the hub is looked for"),
        ("en.nothing.of.the.kind", 1, "is not a known reference"),
    ],
)
def test_other_names_are_told_what_they_are(hub, name, code, message, capsys):
    assert cli.main(["find", name]) == code
    assert message in capsys.readouterr().err
    assert hub.requests == []


def test_a_hub_that_fails_is_told(hub, own, naps, capsys):
    own.touch()
    hub.fault(Fault(path="/api/models", status=503, times=100))
    assert find() == 1
    assert "503" in capsys.readouterr().err


def test_no_network_is_told(hub, own, monkeypatch, capsys):
    from huggingface_hub import constants

    own.touch()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert find() == 1
    assert "HF_HUB_OFFLINE forbids" in capsys.readouterr().err


def test_the_output_is_one_of_the_formats(hub, envoy, capsys):
    hub.add("fagner/envoy", envoy, tags=TAGS)
    assert cli.main(["find", NAME, "--format", "jsonl"]) == 0
    assert json.loads(capsys.readouterr().out) == {"hub_id": "fagner/envoy", "match": "exact"}


def test_a_hub_that_does_not_answer_is_told_in_one_line(hub, own, monkeypatch, caplog, capsys):
    from huggingface_hub import constants

    own.touch()
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert find() == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "a list of models (fagner) cannot be fetched from http://127.0.0.1:9" in lines[0]
    assert caplog.records == []
