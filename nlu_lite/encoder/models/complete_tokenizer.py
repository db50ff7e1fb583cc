"""Whether a folder's ``tokenizer.json`` says all by itself, so that transformers need not be asked.

transformers builds the tokenizer anew from the vocabulary, by the rules of the class that the
folder names, so the files beside a ``tokenizer.json`` count more than the file itself. It stands
for itself where nothing lies beside it, or where all that lies there says the same.
"""

from __future__ import annotations

import json
from typing import Any

from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordPiece

from nlu_lite.encoder.models.tokenizer_files import TokenizerFolder
from nlu_lite.weights import COMPLETE_TOKENIZER

# Of these architectures it is known that a folder that names one of the classes, or none, is read
# by transformers' BertTokenizer (``TOKENIZER_MAPPING_NAMES``, 5.2 to 5.23).
BERT_TYPES = ("bert", "distilbert", "electra")
_BERT_CLASSES = (None, "BertTokenizer", "BertTokenizerFast")
# Settings without effect on ids: how long texts may be and how a call cuts and pads, what decoding
# does, where files came from, and what BertTokenizer takes and no longer looks at.
_NO_EFFECT = frozenset(
    {
        *("model_max_length", "max_length", "truncation_side", "truncation_strategy", "stride"),
        *("padding_side", "pad_to_multiple_of", "pad_token_type_id", "model_input_names"),
        *("clean_up_tokenization_spaces", "chat_template", "processor_class"),
        *("name_or_path", "special_tokens_map_file", "tokenizer_file", "vocab_file"),
        *("do_basic_tokenize", "never_split", "backend", "is_local", "local_files_only"),
        *("transformers_version", "tokenizer_class"),
    }
)
# What may be said as long as it says nothing.
_EMPTY = ("additional_special_tokens", "extra_special_tokens")
# BertTokenizer's own values of what a folder may say otherwise.
_RULES: dict[str, Any] = {
    "do_lower_case": True,
    "tokenize_chinese_chars": True,
    "strip_accents": None,
}
_SPECIALS = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}


def stands_for_itself(folder: TokenizerFolder, tokenizer: Tokenizer) -> bool:
    """Whether transformers would give the ids that the complete file gives.

    Args:
        folder: Holds a ``tokenizer.json``.
        tokenizer: That file, read.
    """
    if folder.names == {COMPLETE_TOKENIZER} and folder.class_name is None:
        return True
    if folder.model_type not in BERT_TYPES or folder.class_name not in _BERT_CLASSES:
        return False
    return _adds_nothing(folder, tokenizer) and _is_bert(folder.settings, tokenizer)


def _adds_nothing(folder: TokenizerFolder, tokenizer: Tokenizer) -> bool:
    """Whether every key of the files beside is without effect, or says what the file says."""
    settings = folder.settings
    rest = settings.keys() - _NO_EFFECT - _RULES.keys() - _SPECIALS.keys()
    if not rest <= {*_EMPTY, "added_tokens_decoder"}:
        return False
    if any(settings.get(name) for name in _EMPTY):
        return False
    names = [*_select_specials(settings), *folder.specials.items()]
    if not all(_SPECIALS.get(role) == _plain_name(name) for role, name in names):
        return False
    decoder = settings.get("added_tokens_decoder", {})
    if not isinstance(decoder, dict):
        return False
    entries = [(_plain_name(token), number) for number, token in decoder.items()]
    entries += [(name, str(number)) for name, number in folder.added.items()]
    return all(
        name in _SPECIALS.values() and str(tokenizer.token_to_id(name)) == number
        for name, number in entries
    )


def _select_specials(settings: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(role, name) for role, name in settings.items() if role in _SPECIALS]


def _plain_name(token: Any) -> Any:  # noqa: ANN401 - of a file
    """What a special piece is called that stands for its own characters and no others."""
    if not isinstance(token, dict):
        return token
    flags = ("lstrip", "rstrip", "single_word", "normalized")
    if any(token.get(flag) is not False for flag in flags) or token.get("special") is False:
        return None
    return token.get("content")


def _is_bert(settings: dict[str, Any], tokenizer: Tokenizer) -> bool:
    """Whether a tokenizer is the one that BertTokenizer makes of its vocabulary.

    Source: ``tokenization_bert.py`` of transformers, 5.23.
    """
    rules = {name: settings.get(name, default) for name, default in _RULES.items()}
    normalizer = {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": rules["tokenize_chinese_chars"],
        "strip_accents": rules["strip_accents"],
        "lowercase": rules["do_lower_case"],
    }
    return (
        _is_bert_model(tokenizer)
        and _read_state(tokenizer.normalizer) == normalizer
        and _read_state(tokenizer.pre_tokenizer) == {"type": "BertPreTokenizer"}
        and _read_state(tokenizer.post_processor) == _make_post_processor(tokenizer)
    )


def _is_bert_model(tokenizer: Tokenizer) -> bool:
    model: Any = tokenizer.model
    if not isinstance(model, WordPiece):
        return False
    rules = (model.unk_token, model.continuing_subword_prefix, model.max_input_chars_per_word)
    added: dict[int, AddedToken] = tokenizer.get_added_tokens_decoder()
    flags = [
        (number, token.content, token.lstrip, token.rstrip, token.single_word, token.normalized)
        for number, token in added.items()
    ]
    plain = [
        (model.token_to_id(name), name, False, False, False, False) for name in _SPECIALS.values()
    ]
    return rules == ("[UNK]", "##", 100) and set(flags) == set(plain)


def _read_state(component: Any) -> dict[str, Any] | None:  # noqa: ANN401 - of tokenizers
    if component is None:
        return None
    state: dict[str, Any] = json.loads(component.__getstate__())
    return state


def _make_post_processor(tokenizer: Tokenizer) -> dict[str, Any]:
    """``[CLS] A [SEP]`` and ``[CLS] A [SEP] B [SEP]``, as the tokenizers library writes it."""
    begin, end = ({"SpecialToken": {"id": name, "type_id": 0}} for name in ("[CLS]", "[SEP]"))
    first = {"Sequence": {"id": "A", "type_id": 0}}
    second = {"Sequence": {"id": "B", "type_id": 1}}
    last = {"SpecialToken": {"id": "[SEP]", "type_id": 1}}
    return {
        "type": "TemplateProcessing",
        "single": [begin, first, end],
        "pair": [begin, first, end, second, last],
        "special_tokens": {
            name: {"id": name, "ids": [tokenizer.token_to_id(name)], "tokens": [name]}
            for name in ("[CLS]", "[SEP]")
        },
    }
