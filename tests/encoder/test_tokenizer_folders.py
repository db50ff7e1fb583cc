"""Folders of every layout: the ids are those of AutoTokenizer, or the folder is refused by name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers as tf
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

import nlu_lite as nlu
from nlu_lite.encoder.models.complete_tokenizer import stands_for_itself
from nlu_lite.encoder.models.pieces import load_tokenizer
from nlu_lite.encoder.models.tokenizer_files import read_tokenizer_folder
from nlu_lite.encoder.models.tokenizer_trial import HARD_TEXTS
from nlu_lite.errors import ModelError, NluLiteError
from tests.conftest import pipeline_at
from tests.helpers.equal import assert_equal
from tests.helpers.families import CORPUS
from tests.helpers.tokenizer_classes import LINES

ENTRY = pipeline_at(Path("none")).components[0].entry
TEXTS = [*HARD_TEXTS, *LINES[:20], "has covid19 and New  York <ent> [NEW] x", "Covid19covid19 NEW YORK"]
SIZE = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4}
SIZE |= {"intermediate_size": 64, "initializer_range": 0.4}
BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ROBERTA = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


# Tokenizers


def wordpiece(specials=BERT, *, lowercase=True) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token=specials[1]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=400, special_tokens=list(specials), show_progress=False
    )
    tokenizer.train_from_iterator(LINES, trainer)
    if len(specials) > 3:
        begin, end = specials[2:4]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{begin} $A {end}",
            pair=f"{begin} $A {end} $B:1 {end}:1",
            special_tokens=[(name, tokenizer.token_to_id(name)) for name in (begin, end)],
        )
    return tokenizer


def byte_level(specials=ROBERTA) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=list(specials),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES, trainer)
    if "</s>" in specials:
        tokenizer.post_processor = processors.RobertaProcessing(
            ("</s>", 2), ("<s>", 0), add_prefix_space=False
        )
    return tokenizer


def end_of_word(specials=ROBERTA) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=list(specials),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES, trainer)
    return tokenizer


def unigram() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=400, special_tokens=list(ROBERTA), unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(LINES, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


MAKERS = {
    "bert": wordpiece,
    "bert-cased": lambda: wordpiece(lowercase=False),
    "roberta": byte_level,
    "xlm-roberta": unigram,
}
TYPES = {"bert-cased": "bert"}
CLASSES = {"bert": "BertTokenizer", "bert-cased": "BertTokenizer", "roberta": "RobertaTokenizer"}
CLASSES |= {"xlm-roberta": "XLMRobertaTokenizer"}


def put(folder, name, **values):
    (folder / name).write_text(json.dumps(values), encoding="utf-8")


def lines_of(tokenizer):
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.get)


def write(folder, tokenizer, family, *, slow=False):
    """The tokenizer's files, and a config.json that names the architecture."""
    if not slow:
        tokenizer.save(str(folder / "tokenizer.json"))
    elif isinstance(tokenizer.model, models.WordPiece):
        (folder / "vocab.txt").write_text("\n".join(lines_of(tokenizer)) + "\n", encoding="utf-8")
    else:
        tokenizer.model.save(str(folder))
    size = tokenizer.get_vocab_size()
    put(folder, "config.json", model_type=TYPES.get(family, family), vocab_size=size)
    return folder


def expected(folder, texts=TEXTS):
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return tokenizer(list(texts)).input_ids


def read(folder, *, size=None, texts=TEXTS):
    tokenizer = load_tokenizer(folder, ENTRY, vocabulary_size=size)
    return [tokenizer.encode_with_specials(text) for text in texts]


# What users and libraries put beside the vocabulary

DECODER = {
    "content": "covid19",
    "lstrip": False,
    "rstrip": False,
    "normalized": True,
    "single_word": False,
    "special": False,
}
LAYOUTS = {
    "the class": {},
    "lengths": {"settings": {"model_max_length": 512, "padding_side": "right"}},
    "small letters": {"settings": {"do_lower_case": True}},
    "capitals": {"settings": {"do_lower_case": False}},
    "accents kept": {"settings": {"do_lower_case": True, "strip_accents": False}},
    "no room around Chinese": {"settings": {"tokenize_chinese_chars": False}},
    "a space in front": {"settings": {"add_prefix_space": True}},
    "another name of the unknown": {"settings": {"unk_token": "[MASK]"}},
    "the names of the special pieces": {
        "settings": {"cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    },
    "a map of special pieces": {"specials": {"cls_token": "[CLS]", "mask_token": "[MASK]"}},
    "a map that names another end": {"specials": {"sep_token": "[PAD]"}},
    "a map with flags": {
        "specials": {
            "mask_token": {
                "content": "[MASK]",
                "lstrip": True,
                "rstrip": True,
                "normalized": False,
                "single_word": False,
            }
        }
    },
    "added_tokens.json": {"added": ["covid19", "New  York"]},
    "added special pieces": {"settings": {"additional_special_tokens": ["<ent>", "[NEW]"]}},
    "extra special pieces": {"settings": {"extra_special_tokens": ["<ent>"]}},
    "named extra special pieces": {"settings": {"extra_special_tokens": {"ent_token": "<ent>"}}},
    "a decoder of added pieces": {"settings": {"added_tokens_decoder": "covid19"}},
    "special pieces are text": {"settings": {"split_special_tokens": True}},
    "an end is added": {"settings": {"add_eos_token": True, "add_bos_token": True}},
}


def lay_out(folder, family, layout, *, slow, named=True):
    tokenizer = MAKERS[family]()
    write(folder, tokenizer, family, slow=slow)
    size = tokenizer.get_vocab_size()
    settings = dict(layout.get("settings", {}))
    if named:
        settings["tokenizer_class"] = CLASSES[family]
    if "added_tokens_decoder" in settings:
        settings["added_tokens_decoder"] = {str(size): DECODER}
    if settings:
        put(folder, "tokenizer_config.json", **settings)
    if "specials" in layout:
        put(folder, "special_tokens_map.json", **layout["specials"])
    if "added" in layout:
        added = {name: size + number for number, name in enumerate(layout["added"])}
        put(folder, "added_tokens.json", **added)
    return size + 8


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("family", MAKERS)
def test_ids_are_those_of_auto_tokenizer_or_the_folder_is_refused(
    family, layout, slow, named, tmp_path
):
    if family == "xlm-roberta" and slow:
        pytest.skip("its slow file is SentencePiece's; see test_vocabulary.py")
    size = lay_out(tmp_path, family, LAYOUTS[layout], slow=slow, named=named)
    try:
        ids = read(tmp_path, size=size)
    except NluLiteError as error:
        assert "special" in layout or "end" in layout or "capitals" in str(error), layout
        return
    assert ids == expected(tmp_path)
