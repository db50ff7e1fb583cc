"""Entries of one's own: registered files, the environment, packages, and what wins."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

import nlu_lite as nlu
from nlu_lite import registry
from nlu_lite.errors import RegistryError, UnknownReferenceError
from nlu_lite.registry import active
from tests.helpers.equal import assert_equal


def entry(name: str, folder, reference: str) -> str:
    return (
        f'models:\n  "{name}": {{sources: [{{path: "{folder}"}}], architecture: "bert"}}\n'
        f'references:\n  "{reference}": {{model: "{name}", task: "embed", language: "en"}}\n'
    )


@pytest.fixture(autouse=True)
def _registry_as_before():
    before = list(active._registered)
    yield
    active._registered[:] = before
    registry.refresh()


def test_a_registered_file_adds_references_and_its_folders_start_at_it(
    tmp_path, family_folder, family_pipe
):
    shutil.copytree(family_folder("bert"), tmp_path / "model")
    (tmp_path / "own.yaml").write_text(entry("mine", "model", "en.embed.mine"))
    assert nlu.register(tmp_path / "own.yaml") == ["en.embed.mine"]
    assert_equal(
        nlu.vectors(nlu.load("embed.mine").predict("a b")),
        nlu.vectors(family_pipe("bert").predict("a b")),
    )


def test_what_the_user_registers_wins_and_search_says_so(tmp_path, family_folder):
    (tmp_path / "own.yaml").write_text(entry("own_quokka", family_folder("bert"), "bert"))
    nlu.register(str(tmp_path / "own.yaml"))
    assert registry.current().find("bert").model_name == "own_quokka"
    rows = nlu.search("quokka")
    assert rows["reference"].tolist() == ["bert"]
    assert rows["origin"].tolist() == [str(tmp_path / "own.yaml")]
    assert rows["local"].tolist() == [True]


def test_a_faulty_file_changes_nothing(tmp_path):
    (tmp_path / "own.yaml").write_text(
        'references:\n  "x": {model: "none", task: "embed", language: "en"}\n'
    )
    with pytest.raises(RegistryError, match="no registry file has"):
        nlu.register(tmp_path / "own.yaml")
    with pytest.raises(UnknownReferenceError):
        registry.current().find("x")
    assert registry.current().find("bert")


def test_registering_again_reads_the_file_anew(tmp_path, family_folder):
    path = tmp_path / "own.yaml"
    path.write_text(entry("mine", family_folder("bert"), "en.first"))
    nlu.register(path)
    path.write_text(entry("mine", family_folder("bert"), "en.second"))
    nlu.register(path)
    assert registry.current().find("en.second")
    with pytest.raises(UnknownReferenceError):
        registry.current().find("en.first")


def in_new_process(code: str, **variables: str) -> str:
    environment = os.environ | {key: str(value) for key, value in variables.items()}
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_the_environment_names_files(tmp_path, family_folder):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(entry(name, family_folder("bert"), f"en.{name}"))
    files = os.pathsep.join(str(tmp_path / f"{name}.yaml") for name in ("one", "two"))
    code = (
        "from nlu_lite import registry; k = registry.current(); "
        "print(k.find('two').model_name, k.find('en.one').origin)"
    )
    assert (
        in_new_process(code, NLU_LITE_REGISTRY=files)
        == f"two NLU_LITE_REGISTRY: {tmp_path / 'one.yaml'}"
    )


def plugin(site, value="own_models:more.yaml"):
    (site / "own_models").mkdir(parents=True)
    (site / "own_models" / "__init__.py").write_text("raise RuntimeError('imported')")
    (site / "own_models" / "more.yaml").write_text(entry("theirs", "model", "en.embed.theirs"))
    info = site / "own_models-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own-models\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[nlu_lite.registry]\nmore = {value}\n")


def test_packages_offer_files_without_being_imported(tmp_path):
    plugin(tmp_path)
    code = (
        f"import sys; sys.path.append({str(tmp_path)!r})\n"
        "from nlu_lite import registry; e = registry.current().find('en.embed.theirs')\n"
        "print(e.origin, e.sources[0].path, 'own_models' in sys.modules)"
    )
    assert in_new_process(code) == f"package own-models {tmp_path / 'own_models' / 'model'} False"


@pytest.mark.parametrize("value", ["own_models", "own_models:../../etc/passwd"])
def test_an_entry_point_that_names_no_file_of_its_package_is_refused(tmp_path, value):
    plugin(tmp_path, value)
    code = (
        f"import sys; sys.path.append({str(tmp_path)!r})\n"
        "from nlu_lite import registry\n"
        "from nlu_lite.errors import RegistryError\n"
        "try: registry.current()\n"
        "except RegistryError as error: print(error)"
    )
    assert "must be 'package:file.yaml'" in in_new_process(code)
