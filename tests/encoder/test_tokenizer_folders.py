"""Folders of every layout: the ids are those of AutoTokenizer, or the folder is refused by name."""

from __future__ import annotations

import dataclasses
import itertools
import json
import subprocess
import sys
from pathlib import Path

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
from nlu_lite.errors import ModelError
from tests.conftest import pipeline_at
from tests.helpers.equal import assert_equal
from tests.helpers.tokenizer_classes import LINES, compare

ENTRY = pipeline_at(Path("none")).components[0].entry
TEXTS = [*HARD_TEXTS, *LINES[:20], "has covid19 and New  York <ent> [NEW] x", "Covid19covid19 NEW"]
SIZE = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4}
SIZE |= {"intermediate_size": 64, "initializer_range": 0.3}
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


# The slow file of XLM-RoBERTa is SentencePiece's (see test_vocabulary.py), and a tokenizer.json
# alone stands for itself (see below).
FOLDERS = [
    (family, layout, slow, named)
    for family, layout, slow, named in itertools.product(
        MAKERS, LAYOUTS, (False, True), (False, True)
    )
    if not (family == "xlm-roberta" and slow)
    and not (layout == "the class" and not slow and not named)
]


@pytest.mark.parametrize(("family", "layout", "slow", "named"), FOLDERS)
def test_ids_are_those_of_auto_tokenizer_or_the_folder_is_refused(
    family, layout, slow, named, tmp_path
):
    size = lay_out(tmp_path, family, LAYOUTS[layout], slow=slow, named=named)
    if family == "bert-cased" and "do_lower_case" not in LAYOUTS[layout].get("settings", {}):
        with pytest.raises(ModelError, match="nothing says whether capitals count"):
            read(tmp_path, size=size)
        return
    assert read(tmp_path, size=size) == expected(tmp_path)


@pytest.mark.parametrize("lowercase", [True, False])
def test_an_entry_says_whether_capitals_count_where_the_folder_does_not(lowercase, tmp_path):
    write(tmp_path, wordpiece(lowercase=False), "bert")
    put(tmp_path, "tokenizer_config.json", tokenizer_class="BertTokenizer")
    entry = dataclasses.replace(ENTRY, lowercase=lowercase)
    pieces = load_tokenizer(tmp_path, entry, vocabulary_size=None)(TEXTS)
    library = AutoTokenizer.from_pretrained(tmp_path, do_lower_case=lowercase)
    wanted = library(TEXTS, add_special_tokens=False).input_ids
    assert pieces.ids.tolist() == list(itertools.chain.from_iterable(wanted))


@pytest.mark.parametrize("model_type", ["bert", "xlm-roberta", "xlnet", "t5", "gpt2", "deberta-v2"])
@pytest.mark.parametrize("family", MAKERS)
def test_a_tokenizer_json_alone_stands_for_itself(family, model_type, tmp_path):
    write(tmp_path, MAKERS[family](), model_type)
    plain = tf.PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "tokenizer.json"))
    assert read(tmp_path) == plain(TEXTS).input_ids


@pytest.mark.parametrize("name", ["TokenizersBackend", "PreTrainedTokenizerFast", "LlamaTokenizer"])
@pytest.mark.parametrize("model_type", ["bert", "qwen2", "llama", "modernbert", "xlm-roberta"])
@pytest.mark.parametrize("family", ["bert", "roberta", "xlm-roberta"])
def test_a_class_of_another_kind_is_the_authority(family, model_type, name, tmp_path):
    write(tmp_path, MAKERS[family](), model_type)
    put(tmp_path, "tokenizer_config.json", tokenizer_class=name, cls_token="<s>")
    assert compare(tmp_path, TEXTS) in ("equal", "not made by transformers")


def test_a_class_that_config_json_names_is_the_authority(tmp_path):
    write(tmp_path, wordpiece(), "bert")
    put(tmp_path, "config.json", model_type="bert", tokenizer_class="MPNetTokenizer")
    assert read(tmp_path) == expected(tmp_path)


# A tokenizer.json that says all by itself


def test_minilms_tokenizer_json_stands_for_itself(minilm):
    folder = minilm.components[0].folder
    files = read_tokenizer_folder(folder)
    assert {"tokenizer_config.json", "special_tokens_map.json", "vocab.txt"} <= files.names
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert stands_for_itself(files, tokenizer)
    assert read(folder) == expected(folder)


def test_minilms_tokenizer_is_read_without_transformers(minilm):
    code = f"""
import sys
from pathlib import Path
from nlu_lite.encoder.models.pieces import load_tokenizer
from nlu_lite.registry import Entry
facts = dict(request="x", reference=None, task="embed", language=None, model_name="x", sources=())
assert "transformers" not in sys.modules, "it was imported before"
load_tokenizer(Path({str(minilm.components[0].folder)!r}), Entry(**facts), vocabulary_size=30522)
assert "transformers" not in sys.modules, "it was imported"
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


SAME = {
    "nothing": {},
    "lengths": {"model_max_length": 512, "padding_side": "left", "truncation_side": "left"},
    "small letters": {"do_lower_case": True, "strip_accents": None},
    "names": {"unk_token": "[UNK]", "pad_token": "[PAD]", "mask_token": "[MASK]"},
    "old settings": {"do_basic_tokenize": True, "never_split": None, "name_or_path": "x"},
    "empty": {"additional_special_tokens": [], "extra_special_tokens": []},
    "decoding": {"clean_up_tokenization_spaces": True, "chat_template": "{{ x }}"},
}


@pytest.mark.parametrize("name", ["BertTokenizer", "BertTokenizerFast", None])
@pytest.mark.parametrize("model_type", ["bert", "distilbert", "electra"])
@pytest.mark.parametrize("same", SAME)
def test_what_says_the_same_leaves_the_file_to_itself(same, model_type, name, tmp_path):
    tokenizer = wordpiece()
    write(tmp_path, tokenizer, model_type)
    class_name = {} if name is None else {"tokenizer_class": name}
    put(tmp_path, "tokenizer_config.json", **SAME[same], **class_name)
    put(tmp_path, "special_tokens_map.json", cls_token="[CLS]", sep_token="[SEP]")
    assert stands_for_itself(read_tokenizer_folder(tmp_path), tokenizer)
    assert read(tmp_path) == expected(tmp_path)


def test_as_berts_class_saves_itself_the_file_stands_for_itself(tmp_path):
    vocabulary = wordpiece().get_vocab()
    tf.BertTokenizer(vocab=vocabulary, do_lower_case=False).save_pretrained(tmp_path)
    put(tmp_path, "config.json", model_type="bert")
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert stands_for_itself(read_tokenizer_folder(tmp_path), tokenizer)
    assert read(tmp_path) == expected(tmp_path)


OTHER = {
    "a normalizer of its own": lambda t: setattr(t, "normalizer", normalizers.NFC()),
    "words of its own": lambda t: setattr(t, "pre_tokenizer", pre_tokenizers.Whitespace()),
    "no special pieces": lambda t: setattr(
        t, "post_processor", processors.ByteLevel(trim_offsets=False)
    ),
    "an added piece": lambda t: t.add_tokens(["covid19"]),
    "an unknown piece of its own": lambda t: setattr(t.model, "unk_token", "[MASK]"),
    "longer words": lambda t: setattr(t.model, "max_input_chars_per_word", 20),
}


@pytest.mark.parametrize("other", OTHER)
def test_where_the_file_says_otherwise_the_class_counts(other, tmp_path):
    tokenizer = wordpiece()
    OTHER[other](tokenizer)
    write(tmp_path, tokenizer, "bert")
    put(tmp_path, "tokenizer_config.json", tokenizer_class="BertTokenizer")
    assert not stands_for_itself(read_tokenizer_folder(tmp_path), tokenizer)
    assert read(tmp_path) == expected(tmp_path)


# Vectors, for kinds of tokenizers that were read wrongly


def write_model(folder, kind, size, **config):
    torch.manual_seed(1)
    made = tf.CONFIG_MAPPING[kind](vocab_size=size, **config)
    tf.MODEL_MAPPING[type(made)](made).eval().save_pretrained(folder)
    return folder


@torch.inference_mode()
def states(folder, text):
    ids = AutoTokenizer.from_pretrained(folder)(text).input_ids
    model = tf.AutoModel.from_pretrained(folder).eval()
    return model(input_ids=torch.tensor([ids])).last_hidden_state[0].numpy()


def vectors(folder, text):
    return nlu.vectors(nlu.load(path=folder, sentences=None).predict(text))


def test_character_bpe_is_read_as_its_class_reads_it(tmp_path):
    tokenizer = end_of_word()
    write_model(tmp_path, "bert", tokenizer.get_vocab_size(), **SIZE)
    tokenizer.model.save(str(tmp_path))
    put(tmp_path, "tokenizer_config.json", tokenizer_class="HerbertTokenizer")
    assert read(tmp_path) == expected(tmp_path)
    assert_equal(vectors(tmp_path, "the grammar")[0], states(tmp_path, "the grammar")[1])


def test_mpnet_with_a_vocabulary_alone_has_its_own_special_pieces(tmp_path):
    words = ["<s>", "<pad>", "</s>", "<unk>", *lines_of(wordpiece()), "<mask>"]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    write_model(tmp_path, "mpnet", len(words), **SIZE)
    put(tmp_path, "tokenizer_config.json", tokenizer_class="MPNetTokenizer")
    assert read(tmp_path, size=len(words)) == expected(tmp_path)
    assert_equal(vectors(tmp_path, "the grammar")[0], states(tmp_path, "the grammar")[1])


@pytest.mark.parametrize("place", ["added_tokens.json", "added_tokens_decoder", "tokenizer.json"])
def test_tokens_added_by_users_are_tokens(place, tmp_path):
    tokenizer = wordpiece()
    size = tokenizer.get_vocab_size()
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
    write_model(tmp_path, "bert", size + 1, **SIZE)
    (tmp_path / "vocab.txt").write_text("\n".join(lines_of(tokenizer)), encoding="utf-8")
    if place == "added_tokens.json":
        put(tmp_path, "added_tokens.json", covid19=size)
    elif place == "added_tokens_decoder":
        settings["added_tokens_decoder"] = {str(size): DECODER}
    else:
        tokenizer.add_tokens(["covid19"])
        tokenizer.save(str(tmp_path / "tokenizer.json"))
    put(tmp_path, "tokenizer_config.json", **settings)
    assert_equal(vectors(tmp_path, "the covid19")[1], states(tmp_path, "the covid19")[2])


def test_gpt2_with_vocab_and_merges_alone(tmp_path):
    tokenizer = byte_level(("<|endoftext|>",))
    size = {"n_embd": 32, "n_layer": 1, "n_head": 4}
    write_model(tmp_path, "gpt2", tokenizer.get_vocab_size(), **size)
    tokenizer.model.save(str(tmp_path))
    put(tmp_path, "tokenizer_config.json", tokenizer_class="GPT2Tokenizer")
    assert_equal(vectors(tmp_path, "the grammar")[0], states(tmp_path, "the grammar")[0])


def test_xlnets_tokenizer_json_keeps_its_special_pieces_behind(tmp_path):
    tokenizer = unigram()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s> <s>:2", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    write(tmp_path, tokenizer, "xlnet")
    plain = tf.PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "tokenizer.json"))
    assert read(tmp_path) == plain(TEXTS).input_ids


# Special pieces


def test_the_begin_is_found_where_a_letter_is_the_special_piece_itself(tmp_path):
    """Of a vocabulary without "a": it is unknown, and the unknown piece stands in front too."""
    tokenizer = Tokenizer(models.WordLevel({"<u>": 0, "b": 1}, unk_token="<u>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<u> $A <u>", special_tokens=[("<u>", 0)]
    )
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    result = load_tokenizer(tmp_path, ENTRY, vocabulary_size=None)
    assert (result.prefix, result.suffix) == ((0,), (0,))


def test_wordpiece_without_special_pieces_has_those_that_its_class_adds(tmp_path):
    tokenizer = wordpiece(("[PAD]", "[UNK]"))
    size = tokenizer.get_vocab_size()
    write(tmp_path, tokenizer, "bert", slow=True)
    with pytest.raises(ModelError, match="do not belong together"):
        read(tmp_path, size=size)
    assert read(tmp_path, size=size + 3) == expected(tmp_path)


def test_the_pieces_for_the_unknown_and_for_padding_are_those_of_the_folder(tmp_path):
    write(tmp_path, wordpiece(("<p>", "<u>", "<c>", "<e>", "<m>")), "bert", slow=True)
    names = {"unk_token": "<u>", "pad_token": "<p>", "cls_token": "<c>", "sep_token": "<e>"}
    put(tmp_path, "tokenizer_config.json", tokenizer_class="BertTokenizer", **names)
    result = load_tokenizer(tmp_path, ENTRY, vocabulary_size=None)
    library = AutoTokenizer.from_pretrained(tmp_path)
    assert (result.unknown_id, result.pad_id) == (library.unk_token_id, library.pad_token_id)


def test_of_a_tokenizer_json_alone_the_model_says_what_is_unknown(tmp_path):
    write(tmp_path, wordpiece(("<p>", "<u>", "<c>", "<e>", "<m>")), "bert")
    assert load_tokenizer(tmp_path, ENTRY, vocabulary_size=None).unknown_id == 1


# More entries than the model has vectors


def larger(folder, more):
    tokenizer = wordpiece()
    size = tokenizer.get_vocab_size()
    tokenizer.add_tokens([f"covid{number}" for number in range(more)])
    tokenizer.save(str(folder / "tokenizer.json"))
    return write_model(folder, "bert", size, **SIZE), size


@torch.inference_mode()
def test_with_a_few_entries_more_texts_without_them_are_read(tmp_path):
    folder, _ = larger(tmp_path, 5)
    plain = tf.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    model = tf.AutoModel.from_pretrained(folder).eval()
    ids = torch.tensor([plain("the grammar").input_ids])
    wanted = model(input_ids=ids).last_hidden_state[0, 1:3].numpy()
    found = vectors(folder, "the grammar")
    for row, expected_row in zip(found, wanted, strict=True):
        assert_equal(row, expected_row)


def test_a_text_that_meets_an_entry_without_a_vector_is_an_error(tmp_path):
    folder, size = larger(tmp_path, 5)
    pipe = nlu.load(path=folder, sentences=None)
    with pytest.raises(ModelError) as caught:
        pipe.predict(["the grammar", "has covid3 again"])
    for part in ("'has covid3 again'", "'covid3'", str(size), str(size + 3), "resize_token"):
        assert part in str(caught.value)
    assert len(pipe.predict("the grammar")) == 2


def test_with_many_entries_more_it_is_the_tokenizer_of_another_model(tmp_path):
    folder, _ = larger(tmp_path, 257)
    with pytest.raises(ModelError, match="do not belong together"):
        nlu.load(path=folder)


# What is refused, and how


def refused(folder, match):
    with pytest.raises(ModelError, match=match):
        read(folder)


def test_vocab_json_alone_says_what_is_missing(tmp_path):
    write(tmp_path, byte_level(), "roberta", slow=True)
    (tmp_path / "merges.txt").unlink()
    refused(tmp_path, r"vocab\.json without merges\.txt|merges\.txt is not there")


@pytest.mark.parametrize("name", ["tokenizer.json", "vocab.txt", "tokenizer_config.json"])
def test_a_git_lfs_pointer_is_called_one(name, tmp_path):
    write(tmp_path, wordpiece(), "bert")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    (tmp_path / name).write_text(pointer)
    refused(tmp_path, rf"{name} is a git-lfs pointer.*git lfs pull")


def test_a_class_whose_files_are_not_there_is_named(tmp_path):
    write(tmp_path, wordpiece(), "bert", slow=True)
    put(tmp_path, "tokenizer_config.json", tokenizer_class="AlbertTokenizer")
    refused(tmp_path, r"is a AlbertTokenizer, which is read from spiece\.model")


@pytest.mark.parametrize("name", ["ByT5Tokenizer", "CanineTokenizer", "XLMTokenizer"])
def test_a_class_without_offsets_is_refused_by_name(name, tmp_path):
    write(tmp_path, wordpiece(), "bert", slow=True)
    put(tmp_path, "tokenizer_config.json", tokenizer_class=name)
    refused(tmp_path, f"is a {name}, which does not tell where in the text")


def test_a_class_that_wants_more_than_text_is_refused_by_name(tmp_path):
    write(tmp_path, wordpiece(), "bert", slow=True)
    put(tmp_path, "tokenizer_config.json", tokenizer_class="LayoutLMv2Tokenizer")
    refused(tmp_path, "is a LayoutLMv2Tokenizer, which does not take a plain text: .*boxes")


def test_a_class_that_does_more_than_its_rules_is_refused_by_name(tmp_path):
    write(tmp_path, wordpiece(), "bert", slow=True)

    class Shouting(tf.BertTokenizer):
        def __call__(self, texts, **options):
            return super().__call__([f"{text} x" for text in texts], **options)

    put(tmp_path, "tokenizer_config.json", tokenizer_class="Shouting")
    AutoTokenizer.register(tf.BertConfig, fast_tokenizer_class=Shouting, exist_ok=True)
    try:
        refused(tmp_path, "is a Shouting, which turns '' into other pieces")
    finally:
        tf.TOKENIZER_MAPPING._extra_content.pop(tf.BertConfig, None)


def test_code_of_the_folder_is_not_run(tmp_path):
    write(tmp_path, wordpiece(), "bert", slow=True)
    (tmp_path / "own.py").write_text("raise SystemExit('the code was run')")
    auto_map = {"AutoTokenizer": ["own.Own", "own.Own"]}
    put(tmp_path, "tokenizer_config.json", tokenizer_class="Own", auto_map=auto_map)
    refused(tmp_path, "is a 'Own', made by code that lies in the folder. Such code is never run")


@pytest.mark.parametrize(
    "settings",
    [
        {"vocab": "../other/vocab.txt"},
        {"init_inputs": ["/etc/passwd"]},
        {"fast_tokenizer_files": ["../other/tokenizer.4.0.json"]},
    ],
    ids=str,
)
def test_paths_out_of_the_folder_are_refused(settings, tmp_path):
    write(tmp_path, wordpiece(), "bert", slow=True)
    put(tmp_path, "tokenizer_config.json", tokenizer_class="BertTokenizer", **settings)
    refused(tmp_path, f"says {next(iter(settings))}.*which may be a path outside of the folder")


@pytest.mark.parametrize("name", ["vocab_file", "merges_file", "gguf_file", "tokenizer_file"])
def test_files_that_settings_name_elsewhere_are_not_read(name, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    write(folder, wordpiece(), "bert", slow=True)
    put(folder, "tokenizer_config.json", tokenizer_class="BertTokenizer")
    wanted = expected(folder)
    other = tmp_path / "other"
    other.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nx\n")
    settings = {"tokenizer_class": "BertTokenizer", name: str(other)}
    put(folder, "tokenizer_config.json", **settings)
    assert read(folder) == wanted


# Folders of 2020, which name no class


def described(architecture):
    return dataclasses.replace(ENTRY, architecture=architecture, tokenizer="wordpiece")


def test_mpnets_vocabulary_has_mpnets_special_pieces_where_an_entry_describes_it(tmp_path):
    words = ["<s>", "<pad>", "</s>", "<unk>", *lines_of(wordpiece()), "<mask>"]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    put(tmp_path, "config.json", model_type="mpnet", vocab_size=len(words))
    tokenizer = load_tokenizer(tmp_path, described("mpnet"), vocabulary_size=len(words))
    assert list(map(tokenizer.encode_with_specials, TEXTS)) == expected(tmp_path)


def test_a_vocabulary_that_auto_tokenizer_misses_is_read_as_the_entry_describes_it(tmp_path):
    write(tmp_path, wordpiece(), "albert", slow=True)
    plain = tf.BertTokenizer.from_pretrained(tmp_path)
    tokenizer = load_tokenizer(tmp_path, described("albert"), vocabulary_size=None)
    assert list(map(tokenizer.encode_with_specials, TEXTS)) == plain(TEXTS).input_ids
