"""What SECURITY.md promises: data is not executed."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
import torch

import nlu_lite as nlu
from tests.conftest import pipeline_at

CHECKOUT = Path(__file__).resolve().parents[2]


class Writes:
    """Unpickled without care, this makes a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.fixture
def folder(family_folder, tmp_path):
    return shutil.copytree(family_folder("bert"), tmp_path / "model")


def test_pickled_weights_that_hold_code_are_refused_and_the_code_is_not_run(folder, tmp_path):
    (folder / "model.safetensors").unlink()
    torch.save(
        {"embeddings.word_embeddings.weight": Writes(tmp_path / "ran")},
        folder / "pytorch_model.bin",
    )
    with pytest.raises(nlu.NluLiteError):
        pipeline_at(folder).predict("I love NLP")
    assert not (tmp_path / "ran").exists()


def test_safetensors_are_taken_where_a_pickle_lies_beside_them(folder, tmp_path):
    torch.save({"weight": Writes(tmp_path / "ran")}, folder / "pytorch_model.bin")
    assert len(pipeline_at(folder).predict("I love NLP")) == 3
    assert not (tmp_path / "ran").exists()


def test_code_in_a_model_folder_is_not_run(folder, tmp_path):
    (folder / "modeling_own.py").write_text(
        f"import os; os.mkdir({str(tmp_path / 'ran')!r})\n", encoding="utf-8"
    )
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    settings["auto_map"] = {"AutoConfig": "modeling_own.Config", "AutoModel": "modeling_own.Model"}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    assert len(pipeline_at(folder).predict("I love NLP")) == 3
    assert not (tmp_path / "ran").exists()


def test_a_tag_in_a_registry_file_makes_no_object(own_registry, tmp_path):
    with pytest.raises(nlu.NluLiteError):
        own_registry(f'models: !!python/object/apply:os.mkdir ["{tmp_path / "ran"}"]\n')
    assert not (tmp_path / "ran").exists()


def test_every_test_that_the_document_names_is_there():
    text = (CHECKOUT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w./]+\.py)`", text)
    assert named
    assert [name for name in named if not (CHECKOUT / name).is_file()] == []
