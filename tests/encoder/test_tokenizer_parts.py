"""Long texts in parts: the pieces of the whole text, whatever a tokenizer does at the ends of a
text."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise

import pytest
import sentencepiece
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers.convert_slow_tokenizer import import_protobuf

from nlu_lite.encoder.models import pieces
from nlu_lite.encoder.models.parts import PartRules, encode_long_text
from nlu_lite.encoder.models.pieces import PieceTokenizer
from tests.helpers.families import CORPUS
from tests.helpers.fuzz import examples

# Several parts in a few hundred code points, and a call that holds the longest text.
RULES = PartRules(part=64, call=100_000, overlap=32)
LINES = [line for text in CORPUS for line in text.splitlines() if line.strip()]


def charsmap() -> bytes:
    content = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES), model_writer=content, vocab_size=400, minloglevel=2
    )
    proto = import_protobuf().ModelProto.FromString(content.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


NORMALIZERS = {
    "none": None,
    "bert": normalizers.BertNormalizer(),
    "byte-level": normalizers.ByteLevel(),
    "lowercase": normalizers.Lowercase(),
    "nfc": normalizers.NFC(),
    "nfd": normalizers.NFD(),
    "nfkc": normalizers.NFKC(),
    "nfkd": normalizers.NFKD(),
    "nmt": normalizers.Nmt(),
    "precompiled": normalizers.Precompiled(charsmap()),
    "prepend": normalizers.Prepend("\u2581"),
    "replace": normalizers.Replace(Regex(" {2,}"), "\u2581"),
    "llama": normalizers.Sequence(
        [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]
    ),
    "strip": normalizers.Strip(),
    "strip-accents": normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()]),
}
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PRE_TOKENIZERS = {
    "none": None,
    "bert": pre_tokenizers.BertPreTokenizer(),
    "byte-level": pre_tokenizers.ByteLevel(add_prefix_space=False),
    "byte-level-prefix": pre_tokenizers.ByteLevel(add_prefix_space=True),
    "byte-level-plain": pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=False),
    "char-delimiter": pre_tokenizers.CharDelimiterSplit("e"),
    "digits": pre_tokenizers.Digits(individual_digits=False),
    "fixed-length": pre_tokenizers.FixedLength(5),
    "metaspace": pre_tokenizers.Metaspace(prepend_scheme="always"),
    "metaspace-first": pre_tokenizers.Metaspace(prepend_scheme="first"),
    "metaspace-never": pre_tokenizers.Metaspace(prepend_scheme="never"),
    "metaspace-whole": pre_tokenizers.Metaspace(prepend_scheme="always", split=False),
    "punctuation": pre_tokenizers.Punctuation(),
    "qwen": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    ),
    "split": pre_tokenizers.Split(Regex(GPT2), "isolated"),
    "split-merged": pre_tokenizers.Split(" ", "merged_with_previous"),
    "split-next": pre_tokenizers.Split(" ", "merged_with_next"),
    "split-contiguous": pre_tokenizers.Split(" ", "contiguous"),
    "t5": pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    ),
    "unicode-scripts": pre_tokenizers.UnicodeScripts(),
    "whitespace": pre_tokenizers.Whitespace(),
    "whitespace-split": pre_tokenizers.WhitespaceSplit(),
}
MODELS = ("wordpiece", "bpe", "bpe-end-of-word", "bpe-bytes", "unigram", "wordlevel")
ADDED = [
    AddedToken("<x>", lstrip=True),
    AddedToken("<y>", rstrip=True),
    AddedToken("<z>", single_word=True),
    AddedToken("Covid 19", normalized=True),
    AddedToken("  ", normalized=False),
]


def make(model: str, normalizer: str, pre_tokenizer: str, *, added: bool = False) -> Tokenizer:
    special = ["<unk>", "<s>", "</s>"]
    common = {"special_tokens": special, "show_progress": False, "vocab_size": 400}
    if model == "wordpiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
        trainer = trainers.WordPieceTrainer(**common)
    elif model == "unigram":
        tokenizer = Tokenizer(models.Unigram())
        trainer = trainers.UnigramTrainer(**common, unk_token="<unk>")
    elif model == "wordlevel":
        tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
        trainer = trainers.WordLevelTrainer(**common)
    else:
        settings = {"unk_token": "<unk>", "fuse_unk": model == "bpe-bytes"}
        if model == "bpe-bytes":
            settings["byte_fallback"] = True
            common["special_tokens"] = special + [f"<0x{byte:02X}>" for byte in range(256)]
            common["vocab_size"] = 600
        if model == "bpe-end-of-word":
            settings["end_of_word_suffix"] = common["end_of_word_suffix"] = "</w>"
        tokenizer = Tokenizer(models.BPE(**settings))
        trainer = trainers.BpeTrainer(**common)
    tokenizer.normalizer = NORMALIZERS[normalizer]
    tokenizer.pre_tokenizer = PRE_TOKENIZERS[pre_tokenizer]
    tokenizer.train_from_iterator(LINES[:300], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    if added:
        tokenizer.add_tokens(ADDED)
    return tokenizer


KINDS = [
    *((model, "none", pre) for model in MODELS for pre in PRE_TOKENIZERS),
    *((model, normalizer, "none") for model in ("bpe", "unigram") for normalizer in NORMALIZERS),
    *((model, normalizer, "metaspace-first") for model in MODELS for normalizer in NORMALIZERS),
    *(("bpe", normalizer, "byte-level-prefix") for normalizer in NORMALIZERS),
]
TOKENIZERS = {}


def get(kind) -> Tokenizer:
    if kind not in TOKENIZERS:
        model, normalizer, pre_tokenizer, added = kind
        TOKENIZERS[kind] = make(model, normalizer, pre_tokenizer, added=added)
    return TOKENIZERS[kind]


WORDS = st.sampled_from(
    [
        *("the", "grammar", "of", "language", "is", "don't", "it’s", "e\u0301", "\u0301", "ﬁ", "I"),
        *(
            "<x>",
            "<y>",
            "<z>",
            "Covid 19",
            "1234567890",
            "“a”",
            "北京に",
            "\u2581",
            "😀👍🏽",
            "Straße",
        ),
        *("aaaaaaaaaaaaaaaaaaaaa", "-----", "a.b,c", "\u0130", "AV"),
    ]
)
SPACES = st.sampled_from(
    [" ", " ", " ", " ", "", "  ", "\n", "\n\n", "\t", "\u3000", "\r\n", " " * 9]
)
TEXTS = st.lists(st.tuples(WORDS, SPACES), min_size=20, max_size=200).map(
    lambda runs: "".join(word + space for word, space in runs)
)


def whole(tokenizer, text):
    encoding = tokenizer.encode(text, add_special_tokens=False)
    words = encoding.word_ids
    begins_word = [not at or word != words[at - 1] for at, word in enumerate(words)]
    return encoding.ids, [list(span) for span in encoding.offsets], begins_word


def in_parts(tokenizer, text, rules=RULES):
    def encode(texts):
        return tokenizer.encode_batch(texts, add_special_tokens=False)

    is_unigram = isinstance(tokenizer.model, models.Unigram)
    part = encode_long_text(text, encode, replace(rules, at_words=is_unigram))
    return part.ids.tolist(), part.spans.tolist(), part.begins_word.tolist()


@settings(examples(1000), suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(KINDS), added=st.booleans(), text=TEXTS)
def test_parts_of_every_kind_of_tokenizer_have_the_pieces_of_the_whole_text(kind, added, text):
    tokenizer = get((*kind, added))
    assert in_parts(tokenizer, text) == whole(tokenizer, text)


@pytest.mark.parametrize("model", MODELS)
def test_megabytes_without_a_place_to_join_at_are_cut_and_covered(model):
    """Beyond what one call may hold: some pieces differ at the cuts, none is missing."""
    tokenizer = get((model, "none", "none", False))
    rules = replace(RULES, call=500)
    text = "\u0416" * 3000
    _, spans, _ = in_parts(tokenizer, text, rules)
    assert [spans[0][0], spans[-1][1]] == [0, len(text)]
    assert all(before[1] >= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize("model", MODELS)
def test_beyond_one_call_the_pieces_are_those_of_the_whole_text_where_words_are_short(model):
    tokenizer = get((model, "none", "metaspace-first", True))
    text = "the  grammar of\n<x> language Covid 19 " * 100
    rules = replace(RULES, call=200)
    assert in_parts(tokenizer, text, rules) == whole(tokenizer, text)


def test_parts_are_joined_and_not_read_as_one():
    tokenizer = get(("bpe", "none", "byte-level-prefix", False))
    lengths = []

    def encode(texts):
        lengths.extend(map(len, texts))
        return tokenizer.encode_batch(texts, add_special_tokens=False)

    text = "the grammar of a language " * 100
    part = encode_long_text(text, encode, RULES)
    assert part.ids.tolist() == whole(tokenizer, text)[0]
    assert max(lengths) <= RULES.part + 2 * RULES.overlap


@pytest.mark.parametrize("pre_tokenizer", ["metaspace-first", "byte-level-prefix", "bert", "none"])
def test_words_of_a_long_text_are_those_of_the_whole(pre_tokenizer, monkeypatch):
    tokenizer = get(("bpe", "none", pre_tokenizer, True))
    text = "the grammar\nof it’s <x>  language 1,2 " * 50
    expected = PieceTokenizer(tokenizer).split_words(text)
    monkeypatch.setattr(pieces, "PART_LENGTH", 64)
    assert PieceTokenizer(tokenizer).split_words(text) == expected
