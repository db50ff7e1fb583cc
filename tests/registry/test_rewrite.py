"""One line of a registry file is changed, or nothing is."""

from __future__ import annotations

import errno

import pytest

from nlu_lite.errors import RegistryError
from nlu_lite.registry.rewrite import change_line


def test_a_line_is_only_changed_if_it_is_there_once_and_the_file_stays_sound(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        'models:\n  "m":\n    sources: [{hub: "a/b"}]\n    architecture: "bert"\nreferences: {}\n'
    )
    with pytest.raises(RegistryError, match="no single line"):
        change_line(path, "m", {"layers": 3})
    path.write_text(
        'models:\n  "m": {sources: [{hub: "a/b"}], architecture: "bert"}\nreferences: {}\n'
    )
    with pytest.raises(RegistryError, match="layers"):
        change_line(path, "m", {"layers": "three"})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["own.yaml"]


@pytest.mark.parametrize("rest", ["[}", "3", '"x"}: {a: 1}'])
def test_a_line_that_is_no_map_is_not_changed(tmp_path, rest):
    path = tmp_path / "own.yaml"
    content = f'models:\n  "m": {{{rest}\n'
    path.write_text(content)
    with pytest.raises(
        RegistryError, match=r'own\.yaml has no single line of the form   "m": \{\.\.\.\}'
    ):
        change_line(path, "m", {"layers": 3})
    assert path.read_text() == content


def test_a_registry_file_on_a_full_disk_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "own.yaml"
    content = 'models:\n  "m": {sources: [{hub: "a/b"}], architecture: "bert"}\nreferences: {}\n'
    path.write_text(content)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(path), "replace", full)
    with pytest.raises(RegistryError, match=r"own\.yaml cannot be written: .*No space left"):
        change_line(path, "m", {"layers": 3})
    assert path.read_text() == content
    assert [p.name for p in tmp_path.iterdir()] == ["own.yaml"]
