"""The registry file: what it may say, and how every fault is reported with its place."""

from __future__ import annotations

import pickle

import pytest
from pydantic import ValidationError

from nlu_lite.errors import RegistryError
from nlu_lite.registry import files
from nlu_lite.registry.files import read_built_in_file
from nlu_lite.registry.lookup import Registry
from nlu_lite.registry.reader import read_registry_file
from nlu_lite.registry.schema import HubSource, Model

MODEL = '"m": {sources: [{hub: "a/b"}], architecture: "bert"}'
REFERENCE = '"r": {model: "m", task: "embed", language: "en"}'


def read_text(tmp_path, content):
    path = tmp_path / "own.yaml"
    path.write_text(content, encoding="utf-8")
    return read_registry_file(path, origin="test")


def faults(tmp_path, content) -> str:
    with pytest.raises(RegistryError) as caught:
        Registry([read_text(tmp_path, content)])
    return str(caught.value)


def test_the_built_in_file_is_sound_and_holds_the_24_small_berts():
    file = read_built_in_file()
    small = {name for name in file.references if name.startswith("en.embed.bert.small_L")}
    assert small == {
        f"en.embed.bert.small_L{n}_{h}" for n in (2, 4, 6, 8, 10, 12) for h in (128, 256, 512, 768)
    }
    for name in small:
        layers, width = (int(part) for part in name.rpartition("_L")[2].split("_"))
        model = file.models[file.references[name].model]
        assert (model.layers, model.dimension) == (layers, width)
        assert model.sources[0].hub == f"google/bert_uncased_L-{layers}_H-{width}_A-{width // 64}"


def test_an_entry_may_leave_out_everything_but_source_and_architecture(tmp_path):
    entry = Registry(
        [read_text(tmp_path, f"models:\n  {MODEL}\nreferences:\n  {REFERENCE}\n")]
    ).find("r")
    assert entry.architecture == "bert"
    facts = (
        entry.dimension,
        entry.layers,
        entry.max_length,
        entry.lowercase,
        entry.license,
        entry.size_mb,
    )
    assert facts == (None,) * 6


def test_records_are_frozen_and_pickle(tmp_path):
    file = read_text(tmp_path, f"models:\n  {MODEL}\nreferences:\n  {REFERENCE}\n")
    with pytest.raises(ValidationError, match="frozen"):
        file.models["m"].architecture = "albert"
    assert pickle.loads(pickle.dumps(file)) == file


def test_every_fault_is_reported_at_once_with_its_line(tmp_path):
    message = faults(
        tmp_path,
        "models:\n"
        '  "m": {sources: [], architecture: "bort"}\n'
        '  "n": {sources: [{hub: "a/b"}], architecture: "bert", dimension: "256", colour: "red"}\n'
        "references:\n"
        '  "r": {model: "m", task: "embed", language: no}\n'
        '  "r": {model: "m", task: "embed", language: "en"}\n'
        "extra: {}\n",
    )
    for part in (
        "line 2: m: sources:",
        "line 2: m: architecture:",
        "line 3: n: dimension:",
        "line 3: n: colour: Extra inputs",
        "line 5: r: language: Input should be a valid string (given: False)",
        "line 6: the key 'r' stands twice",
        "line 7: unknown section 'extra'",
        "7 faults",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("models: [", "not valid YAML"),
        (
            f'models:\n  {MODEL}\nreferences:\n  "r": {{model: "m", task: "embed", language: "en", '
            f'pooling: "mean"}}\n',
            "line 4: r: pooling: Value error, pooling belongs to references of task embed_sentence",
        ),
        ("- a", "must be a map"),
        ("models: {}\n---\nmodels: {}\n", "found a second document"),
        ("models: " + "[" * 100_000, "not valid YAML"),
        ("models: &x {}\n", "line 1: anchors and aliases"),
        ("models: {}\nreferences: *x\n", "line 2: anchors and aliases"),
        ('models:\n  "m": {architecture: &x "bert"}\n', "line 2: anchors and aliases"),
        ("? [a]\n: {}\n", "line 1: the key ['a'] reads as list"),
        ('models:\n  "m": {dimension: 2020-01-01}\n', "line 2: tag tag:yaml.org,2002:timestamp"),
        ('models:\n  "m": {dimension: !!int "x"}\n', "line 2: 'x' cannot be read as int"),
        ('models:\n  "a": &x {}\n  "b": *x\n', "line 2: anchors and aliases"),
        (
            "models: !!python/object:os.system {}\n",
            "line 1: tag tag:yaml.org,2002:python/object:os.system",
        ),
        ("models:\n  no: {}\n", "line 2: the key 'no' reads as bool; put it in quotes"),
        ('models:\n  "m": 3\n', "line 2: m:"),
        ("models: 3\n", "models must be a map"),
        (
            'models:\n  "m": {sources: [{where: "x"}], architecture: "bert"}\n',
            "a source is {package",
        ),
        ('models:\n  "m": {sources: [{hub: "../x"}], architecture: "bert"}\n', "sources.0.hub.hub"),
        (f"references:\n  {REFERENCE}\n", "names the model 'm', which no registry file has"),
        (f'models:\n  {MODEL}\nreferences:\n  " r": {{}}\n', "must not begin or end with a space"),
        (
            'models:\n  "m": {sources: [{hub: "a/b", sha256: {"../x": "'
            + "0" * 64
            + '"}}], architecture: "bert"}\n',
            "stay inside",
        ),
        (
            'models:\n  "m": {sources: [{package: "a==1", folder: "/etc", sha256: {}}], '
            'architecture: "bert"}\n',
            "relative path",
        ),
        (
            'models:\n  "m": {sources: [{package: "a==1", folder: "f", sha256: {}}], architecture: '
            '"bert"}\n',
            "needs the sha256",
        ),
    ],
)
def test_a_faulty_file_is_refused(tmp_path, content, part):
    assert part in faults(tmp_path, content)


def test_what_follows_a_refused_value_is_still_checked_at_its_own_line(tmp_path):
    refused = 'models: !!set {? "a", ? [b, {c: d}]}\n'
    twice = "references: {x: {}, x: {a: [1, {b: 2}]}}\n"
    message = faults(tmp_path, refused + twice + "extra: {}\n")
    for part in (
        "line 1: tag tag:yaml.org,2002:set",
        "line 2: the key 'x' stands twice",
        "line 3: unknown section 'extra'",
    ):
        assert part in message


def test_a_file_that_cannot_be_read_is_our_error(tmp_path):
    with pytest.raises(RegistryError, match=r"none\.yaml cannot be read"):
        read_registry_file(tmp_path / "none.yaml", origin="test")
    (tmp_path / "latin").write_bytes(b"models: \xe9")
    with pytest.raises(RegistryError, match="cannot be read"):
        read_registry_file(tmp_path / "latin", origin="test")


def test_an_earlier_file_wins_over_a_later_one(tmp_path):
    file = read_text(
        tmp_path, f"models:\n  {MODEL}\nreferences:\n" + REFERENCE.replace('"r"', '  "bert"') + "\n"
    )
    layered = Registry([file, read_built_in_file()])
    assert (layered.find("bert").model_name, layered.find("bert").origin) == ("m", "test")
    assert layered.find("en.embed.bert").origin == "built in"


@pytest.mark.parametrize("content", ["", "# nothing yet\n"])
def test_a_file_without_content_has_no_entries(tmp_path, content):
    assert Registry([read_text(tmp_path, content)]).references == ()


def test_a_number_may_have_its_tag(tmp_path):
    model = (
        '"m": {sources: [{hub: "a/b"}], architecture: "bert", dimension: !!int 256, layers: 256}'
    )
    entry = Registry(
        [read_text(tmp_path, f"models:\n  {model}\nreferences:\n  {REFERENCE}\n")]
    ).find("r")
    assert (entry.dimension, entry.layers) == (256, 256)


def test_a_model_made_of_records_is_the_one_that_a_file_makes(tmp_path):
    file = read_text(tmp_path, f"models:\n  {MODEL}\nreferences:\n  {REFERENCE}\n")
    made = Model(sources=(HubSource(hub="a/b"),), architecture="bert")
    assert made == file.models["m"]
    assert made.model_dump(exclude_none=True)["sources"][0]["hub"] == "a/b"


def test_the_built_in_file_is_the_installed_one_else_that_of_a_checkout(tmp_path, monkeypatch):
    package = tmp_path / "nlu_lite"
    monkeypatch.setattr(files, "_PACKAGE", package)
    # A stray file beside the package is somebody else's.
    (tmp_path / "registry.yaml").write_text("models: {}\n")
    with pytest.raises(
        RegistryError,
        match=r"registry\.yaml is neither at .*_registry_file.*install nlu-lite again",
    ):
        read_built_in_file()
    (tmp_path / "setup.cfg").touch()
    assert files.built_in_path() == tmp_path / "registry.yaml"
    (package / "_registry_file").mkdir(parents=True)
    (package / "_registry_file" / "registry.yaml").write_text("models: {}\n")
    assert files.built_in_path() == package / "_registry_file" / "registry.yaml"
    assert read_built_in_file().references == {}
