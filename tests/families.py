"""Tiny models of every family, made in memory with seeded random weights, saved in the layout of the hub."""

from __future__ import annotations

import json
import pydoc_data.topics
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AlbertConfig,
    AlbertModel,
    BertConfig,
    BertModel,
    CamembertConfig,
    CamembertModel,
    DistilBertConfig,
    DistilBertModel,
    ElectraConfig,
    ElectraModel,
    RobertaConfig,
    RobertaModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

# Room for 60 pieces of text only, so that windows are everywhere.
POSITIONS = 62
SIZE = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 64}
# Wide enough that different words have clearly different vectors.
SPREAD = {"initializer_range": 0.4}
MANY_LANGUAGES = (
    "Straße Ärger naïve façade coöperate Ελλάδα Москва привет 北京 東京 서울 مرحبا שלום नमस्ते ภาษาไทย "
    "“curly” «guillemets» … – — € £ 😀 👍🏽 ﬁ ½ ² "
)
CORPUS = [*list(pydoc_data.topics.topics.values())[:25], MANY_LANGUAGES * 20]

FAMILIES = ("bert", "bert-cased", "distilbert", "electra", "albert", "roberta", "xlm-roberta", "camembert")


def make(folder: Path, family: str, *, seed: int = 7, **changed) -> Path:
    """Write a tiny model of a family into a folder, with ``tokenizer.json``; the same every time."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(family)
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(seed)
    model = _model(family, tokenizer.get_vocab_size(), changed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.2)
    model.save_pretrained(folder)
    return folder


def _model(family: str, vocabulary: int, changed: dict):
    size = {**SIZE, **SPREAD, "vocab_size": vocabulary, "pad_token_id": 0, "max_position_embeddings": POSITIONS, **changed}
    if family in ("bert", "bert-cased"):
        return BertModel(BertConfig(**size))
    if family == "electra":
        return ElectraModel(ElectraConfig(embedding_size=16, **size))
    if family == "albert":
        return AlbertModel(AlbertConfig(embedding_size=16, **size))
    if family == "distilbert":
        names = {"hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads"}
        names["intermediate_size"] = "hidden_dim"
        return DistilBertModel(DistilBertConfig(**{names.get(key, key): value for key, value in size.items()}))
    size |= {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    size["max_position_embeddings"] += 2
    if family == "roberta":
        return RobertaModel(RobertaConfig(**size))
    if family == "camembert":
        return CamembertModel(CamembertConfig(**size))
    assert family == "xlm-roberta", family
    return XLMRobertaModel(XLMRobertaConfig(**size))


def _tokenizer(family: str) -> Tokenizer:
    if family == "roberta":
        return _byte_level()
    if family in ("xlm-roberta", "camembert", "albert"):
        return _unigram(family)
    return _wordpiece(lowercase=family != "bert-cased")


def _wordpiece(*, lowercase: bool) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=900, special_tokens=specials, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=_ids(tokenizer, "[CLS]", "[SEP]")
    )
    # The published files of MiniLM and MPNet cut and pad by themselves; ours must not care.
    tokenizer.enable_truncation(16)
    tokenizer.enable_padding()
    return tokenizer


def _byte_level() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1200,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return tokenizer


def _unigram(family: str) -> Tokenizer:
    xlm = family in ("xlm-roberta", "camembert")
    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] if xlm else ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC()] if xlm else [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=900, special_tokens=specials, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    begin, end = ("<s>", "</s>") if xlm else ("[CLS]", "[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=_ids(tokenizer, begin, end)
    )
    return tokenizer


def _ids(tokenizer: Tokenizer, *names: str) -> list[tuple[str, int]]:
    return [(name, tokenizer.token_to_id(name)) for name in names]


def without_model_type(folder: Path) -> None:
    """Strip ``model_type`` from a folder's configuration, as the folders of 2020 are."""
    path = folder / "config.json"
    settings = json.loads(path.read_text())
    settings.pop("model_type", None)
    path.write_text(json.dumps(settings))
