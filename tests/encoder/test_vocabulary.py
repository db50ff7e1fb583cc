"""Tokenizers of older folders: SentencePiece files against the sentencepiece library, what is
refused and why."""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import sys

import pytest
import sentencepiece
from transformers import AutoTokenizer

from nlu_lite.encoder.models import vocabulary
from nlu_lite.encoder.models.pieces import load_tokenizer
from nlu_lite.encoder.models.tokenizer_trial import HARD_TEXTS
from nlu_lite.errors import MissingExtraError, ModelError
from nlu_lite.registry import Entry
from tests.conftest import pipeline_at
from tests.helpers.families import CORPUS

TEXT = "the grammar of the language is defined here"
# How each architecture numbers the pieces of its file, the file's name, and how the file was
# trained.
KINDS = {
    "albert": (
        "spiece.model",
        0,
        {
            "pad_id": 0,
            "unk_id": 1,
            "bos_id": -1,
            "eos_id": -1,
            "control_symbols": ["[CLS]", "[SEP]"],
        },
    ),
    "xlm-roberta": ("sentencepiece.bpe.model", 1, {}),
    "camembert": ("sentencepiece.bpe.model", 4, {}),
    "xlnet": ("spiece.model", 0, {"control_symbols": ["<cls>", "<sep>", "<pad>"]}),
    "t5": ("spiece.model", 0, {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}),
}


def entry(architecture, tokenizer=None) -> Entry:
    return Entry(
        request="x",
        reference=None,
        task="embed",
        language=None,
        model_name="x",
        sources=(),
        architecture=architecture,
        tokenizer=tokenizer,
    )


@pytest.fixture(scope="module")
def sentencepiece_folder(tmp_path_factory):
    def make(architecture):
        name, _, settings = KINDS[architecture]
        folder = tmp_path_factory.mktemp(architecture)
        content = io.BytesIO()
        lines = (line for text in CORPUS for line in text.splitlines() if line.strip())
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=lines, model_writer=content, vocab_size=800, minloglevel=2, **settings
        )
        (folder / name).write_bytes(content.getvalue())
        return folder, sentencepiece.SentencePieceProcessor(model_proto=content.getvalue())

    return make


@pytest.mark.parametrize("architecture", KINDS)
def test_a_sentencepiece_file_gives_the_librarys_pieces(architecture, sentencepiece_folder):
    folder, library = sentencepiece_folder(architecture)
    tokenizer = vocabulary.read_tokenizer(folder, entry(architecture, "sentencepiece"))
    expected = [number + KINDS[architecture][1] for number in library.encode(TEXT)]
    assert tokenizer.encode(TEXT, add_special_tokens=False).ids == expected


# Where transformers looks for the class: the architecture, or the class itself.
PLACES = ("model_type", "tokenizer_class", "entry")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("architecture", KINDS)
def test_a_sentencepiece_file_gives_the_ids_of_auto_tokenizer(
    architecture, place, sentencepiece_folder
):
    folder, _ = sentencepiece_folder(architecture)
    (folder / "config.json").write_text(json.dumps({"model_type": architecture}))
    if place == "tokenizer_class":
        name = type(AutoTokenizer.from_pretrained(folder)).__name__
        settings = {"tokenizer_class": name, "additional_special_tokens": ["<ent>"]}
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    kind = "sentencepiece" if place == "entry" else None
    tokenizer = load_tokenizer(folder, entry(architecture, kind), vocabulary_size=None)
    library = AutoTokenizer.from_pretrained(folder)
    for text in (TEXT, *HARD_TEXTS):
        assert tokenizer.encode_with_specials(text) == library(text).input_ids


def test_without_the_extra_the_error_names_it(sentencepiece_folder, monkeypatch):
    folder, _ = sentencepiece_folder("albert")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'nlu-lite\[sentencepiece\]'"):
        vocabulary.read_tokenizer(folder, entry("albert"))


def test_without_protobufs_own_parent_package_it_does_too(sentencepiece_folder, monkeypatch):
    folder, _ = sentencepiece_folder("albert")
    monkeypatch.delitem(sys.modules, "google.protobuf", raising=False)
    monkeypatch.setitem(sys.modules, "google", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'nlu-lite\[sentencepiece\]'"):
        vocabulary.read_tokenizer(folder, entry("albert"))


def test_an_architecture_whose_numbering_is_not_known_is_refused(sentencepiece_folder):
    folder, _ = sentencepiece_folder("albert")
    with pytest.raises(ModelError, match="architecture 'bert' numbers the pieces"):
        vocabulary.read_tokenizer(folder, entry("bert"))


@pytest.mark.parametrize("by_entry", [True, False])
def test_japanese_bert_is_refused_with_the_reason(by_entry, family_folder, tmp_path):
    folder = shutil.copytree(family_folder("bert"), tmp_path / "model")
    pieces = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(sorted(pieces, key=pieces.get)))
    facts = {"tokenizer": "bert_japanese"} if by_entry else {}
    if not by_entry:
        (folder / "tokenizer_config.json").write_text(
            json.dumps({"tokenizer_class": "BertJapaneseTokenizer"})
        )
    with pytest.raises(ModelError, match="does not tell where"):
        pipeline_at(folder, facts=facts).predict("x")


def test_a_folder_without_a_tokenizer_says_what_there_could_be(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"No tokenizer of kind unknown.*Found: config\.json"):
        vocabulary.read_tokenizer(tmp_path, entry("bert"))
