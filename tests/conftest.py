"""Fixtures: tiny models of every family, real small weights, pipelines on them."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from tokenizers.processors import TemplateProcessing

# Before huggingface_hub is imported: a test that goes to the network by mistake must fail at once.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Before torch is imported: on a busy machine the threads of tiny models mostly wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from hypothesis import settings

from nlu_lite import registry
from nlu_lite.encoder import clear_cache
from nlu_lite.options import Options
from nlu_lite.pipeline import Pipeline
from nlu_lite.registry import Entry, active
from nlu_lite.registry.schema import FolderSource
from nlu_lite.tasks.component import Component
from tests.helpers import families, fuzz
from tests.helpers.hub import HubServer, connected
from tests.helpers.hub.models import REPO, entry_text, files_of, unsound
from tests.helpers.leftovers import pytest_runtest_protocol as pytest_runtest_protocol

settings.load_profile(fuzz.PROFILE)

# Read by mypy, never run; collecting docstring examples would import it.
collect_ignore = ["type_user.py"]

WEIGHTS = Path(os.environ.get("NLU_LITE_TEST_WEIGHTS", Path(__file__).parents[1] / ".weights"))


@pytest.fixture(scope="session")
def family_folder(tmp_path_factory):
    """From a family's name to the folder of its tiny model."""
    made: dict[str, Path] = {}

    def folder(family: str) -> Path:
        if family not in made:
            made[family] = families.make(tmp_path_factory.mktemp(family) / "model", family)
        return made[family]

    return folder


@pytest.fixture(scope="session")
def family_pipe(family_folder):
    """From a family's name and options to a pipeline on its tiny model."""
    return lambda family, **options: pipeline_at(family_folder(family), **options)


def pipeline_at(folder: Path, *, facts: dict | None = None, **options) -> Pipeline:
    """A pipeline on a folder, through an entry made here."""
    entry = Entry(
        request="tiny",
        reference="tiny",
        language="en",
        model_name=folder.name,
        sources=(FolderSource(path=str(folder)),),
        **{"task": "embed", **(facts or {})},
    )
    checked = Options(**options)
    return Pipeline([Component(entry, folder, checked)], checked)


def real_weights(*parts: str) -> Path:
    folder = WEIGHTS.joinpath(*parts)
    assert folder.is_dir(), (
        f"{folder} is missing: `make test` fetches it (tests/helpers/weights.py)"
    )
    return folder


@pytest.fixture(scope="session")
def reaction_bert() -> Path:
    """A real, trained BERT of the shape L12 H256 A4; it reads chemical reactions."""
    return real_weights("rxnfp", "models", "transformers", "bert_ft_10k_25s")


@pytest.fixture(scope="session")
def reaction_albert() -> Path:
    """A real, trained ALBERT of 12 layers; it reads chemical reactions."""
    return real_weights("rxnmapper", "models", "transformers", "albert_heads_8_uspto_all_1310k")


@pytest.fixture(scope="session")
def minilm() -> Pipeline:
    """The real MiniLM through the registry."""
    import nlu_lite as nlu

    return nlu.load("en.embed.minilm_l6")


@pytest.fixture
def own_registry(tmp_path, monkeypatch):
    """From the text of a registry file to that file, registered; the registry is as before
    afterwards."""
    monkeypatch.setattr(active, "_registered", [])
    monkeypatch.setattr(active, "_current", None)

    def add(text: str) -> Path:
        file = tmp_path / "own_registry.yaml"
        file.write_text(text, encoding="utf-8")
        registry.register(file)
        return file

    return add


@pytest.fixture
def hub(tmp_path):
    """A hub on 127.0.0.1 that this process talks to, with an empty cache that must be sound in the
    end."""
    clear_cache()
    with HubServer() as server, connected(server, tmp_path / "home", timeout=1):
        yield server
    assert unsound(tmp_path / "home" / "hub") == []


@pytest.fixture
def naps(monkeypatch):
    """The seconds that are waited before a request is made again, without the waiting."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.fixture(scope="session")
def classifier_folder(tmp_path_factory):
    """From a family, a task and what differs to the folder of a tiny classifier; made once."""
    made: dict[tuple, Path] = {}

    def folder(family: str, task: str, labels: tuple[str, ...] | None = None, **changed) -> Path:
        key = (family, task, labels, *sorted(changed.items()))
        if key not in made:
            model_folder = (
                tmp_path_factory.mktemp("classifier") / f"tiny_{family.replace('-', '_')}"
            )
            made[key] = families.make_classifier(
                model_folder, family, task, labels=labels and list(labels), **changed
            )
        return made[key]

    return folder


@pytest.fixture
def tiny(family_folder):
    """The folder of a tiny BERT."""
    return family_folder("bert")


@pytest.fixture(scope="session")
def two_layers(tmp_path_factory):
    """The folder of a tiny BERT of two layers, for runs that read much."""
    folder = tmp_path_factory.mktemp("two_layers") / "model"
    return families.make(folder, "bert", num_hidden_layers=2)


@pytest.fixture(scope="session")
def other(tmp_path_factory, family_folder):
    """Another model with the same tokenizer."""
    folder = families.make(tmp_path_factory.mktemp("other") / "model", "bert", seed=8)
    shutil.copy(family_folder("bert") / "tokenizer.json", folder)
    return folder


@pytest.fixture
def served(hub, own_registry, tiny):
    """The hub, with a repository that a reference names."""
    hub.add(REPO, files_of(tiny))
    own_registry(entry_text())
    return hub


@pytest.fixture
def served_names(own_registry, family_folder):
    """References of NLU on tiny models of these tests, words and sentences, in the languages that
    NLU says."""
    words = {
        "bert": (
            "bert",
            "albert",
            "en.embed.bert.small_L4_256",
            "en.embed.bert.small_L8_128",
            "en.embed.bert.small_L12_256",
        ),
        "electra": ("electra", "en.embed.electra", "biobert", "embed.bert"),
    }
    sentences = ("embed_sentence.bert", "en.embed_sentence.electra", "xx.embed_sentence.labse")
    models = {
        family: {"sources": [{"path": str(family_folder(family))}], "architecture": family}
        for family in ("bert", "electra")
    }
    models["roberta"] = {
        "sources": [{"path": str(family_folder("roberta"))}],
        "architecture": "roberta",
    }
    references = {
        name: {"model": family, "task": "embed", "language": "en"}
        for family, names in words.items()
        for name in names
    }
    references |= {
        name: {"model": "roberta", "task": "embed_sentence", "language": "en"} for name in sentences
    }
    references["xx.embed_sentence.labse"]["language"] = "xx"
    own_registry(json.dumps({"models": models, "references": references}))


@pytest.fixture(scope="session")
def reaction_classifier(reaction_bert, tmp_path_factory) -> Path:
    """The same BERT with its head of 50 classes, and a tokenizer that cuts reactions as it was
    trained to."""
    folder = tmp_path_factory.mktemp("reactions") / "classifier"
    folder.mkdir()
    for name in ("config.json", "pytorch_model.bin"):
        (folder / name).symlink_to(reaction_bert / name)
    entries = (reaction_bert / "vocab.txt").read_text(encoding="utf-8").splitlines()
    vocabulary = {piece: number for number, piece in enumerate(entries)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    # The atoms and bonds of SMILES (P. Schwaller and others, Molecular Transformer, 2019).
    atoms = (
        r"\[[^\]]+]|Br?|Cl?|N|O|S|P|F|I|b|c|n|o|s|p|"
        r"\||\(|\)|\.|=|#|-|\+|\\|/|:|~|@|\?|>>?|\*|\$|%[0-9]{2}|[0-9]"
    )
    tokenizer.pre_tokenizer = Split(Regex(atoms), behavior="isolated")
    ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
