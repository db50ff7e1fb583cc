"""Tiny models of every family, made in memory with seeded random weights, saved in the layout of
the hub."""

from __future__ import annotations

import json
import pydoc_data.topics
from pathlib import Path

import torch
import transformers as tf
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
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
SIZE = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}
# Wide enough that different words have clearly different vectors. With 0.4 float32 itself is as far
# from float64 as what is equal: the oracle and we differ by up to 1.1 times the bound, here by 0.3.
SPREAD = {"initializer_range": 0.3}
MANY_LANGUAGES = (
    "Straße Ärger naïve façade coöperate Ελλάδα Москва привет "
    "北京 東京 서울 مرحبا שלום नमस्ते ภาษาไทย "
    "“curly” «guillemets» … – — € £ 😀 👍🏽 ﬁ ½ ² "
)
CORPUS = [*list(pydoc_data.topics.topics.values())[:25], MANY_LANGUAGES * 20]

FAMILIES = (
    "bert",
    "bert-cased",
    "distilbert",
    "electra",
    "albert",
    "roberta",
    "xlm-roberta",
    "camembert",
)
# The other architectures that references of the registry, or current hub models, need.
OTHERS = ("mpnet", "xlnet", "deberta-v2", "longformer", "t5", "modernbert", "qwen3", "gemma3_text")
_TOKENIZER_OF = {
    "bart": "roberta",
    "mpnet": "bert",
    "xlnet": "albert",
    "deberta-v2": "albert",
    "longformer": "roberta",
    "t5": "xlm-roberta",
    "modernbert": "roberta",
    "qwen3": "roberta",
    "gemma3_text": "roberta",
}


def make(
    folder: Path, family: str, *, seed: int = 7, vocabulary: int | None = None, **changed
) -> Path:
    """Write a tiny model of a family into a folder, with ``tokenizer.json``; the same every
    time."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(_TOKENIZER_OF.get(family, family))
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(seed)
    model = _model(family, vocabulary or tokenizer.get_vocab_size(), changed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.2)
    model.save_pretrained(folder)
    return folder


def _model(family: str, vocabulary: int, changed: dict):
    if family in OTHERS or family == "bart":
        return _other_model(family, vocabulary)
    size = {
        **SIZE,
        **SPREAD,
        "vocab_size": vocabulary,
        "pad_token_id": 0,
        "max_position_embeddings": POSITIONS,
        **changed,
    }
    if family in ("bert", "bert-cased"):
        return BertModel(BertConfig(**size))
    if family == "electra":
        return ElectraModel(ElectraConfig(embedding_size=16, **size))
    if family == "albert":
        return AlbertModel(AlbertConfig(embedding_size=16, **size))
    if family == "distilbert":
        names = {
            "hidden_size": "dim",
            "num_hidden_layers": "n_layers",
            "num_attention_heads": "n_heads",
        }
        names["intermediate_size"] = "hidden_dim"
        return DistilBertModel(
            DistilBertConfig(**{names.get(key, key): value for key, value in size.items()})
        )
    size |= {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    size["max_position_embeddings"] += 2
    if family == "roberta":
        return RobertaModel(RobertaConfig(**size))
    if family == "camembert":
        return CamembertModel(CamembertConfig(**size))
    assert family == "xlm-roberta", family
    return XLMRobertaModel(XLMRobertaConfig(**size))


def _other_model(family: str, vocabulary: int):
    size = {**SIZE, **SPREAD, "vocab_size": vocabulary, "max_position_embeddings": POSITIONS}
    ends = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    heads = {"num_key_value_heads": 2, "head_dim": 8}
    if family == "mpnet":
        return tf.MPNetModel(
            tf.MPNetConfig(**size | {"pad_token_id": 1, "max_position_embeddings": POSITIONS + 2})
        )
    if family == "bart":
        sizes = {
            "d_model": 32,
            "encoder_layers": 2,
            "decoder_layers": 2,
            "encoder_ffn_dim": 64,
            "decoder_ffn_dim": 64,
        }
        heads_of_bart = {
            "encoder_attention_heads": 4,
            "decoder_attention_heads": 4,
            "init_std": 0.2,
        }
        wide = {
            "vocab_size": vocabulary,
            "max_position_embeddings": POSITIONS,
            "decoder_start_token_id": 2,
        }
        return tf.BartModel(tf.BartConfig(**wide, **ends, **sizes, **heads_of_bart))
    if family == "longformer":
        wide = {
            "pad_token_id": 1,
            "max_position_embeddings": POSITIONS + 2,
            "attention_window": [8, 8, 8],
        }
        return tf.LongformerModel(tf.LongformerConfig(**size | wide, type_vocab_size=1))
    if family == "xlnet":
        sizes = {"d_model": 32, "n_layer": 3, "n_head": 4, "d_inner": 64}
        return tf.XLNetModel(
            tf.XLNetConfig(vocab_size=vocabulary, **sizes, **SPREAD, pad_token_id=0)
        )
    if family == "deberta-v2":
        # As DeBERTa v3 has it.
        relative = {
            "relative_attention": True,
            "position_buckets": 16,
            "pos_att_type": ["c2p", "p2c"],
        }
        kind = {
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "position_biased_input": False,
            "type_vocab_size": 0,
        }
        return tf.DebertaV2Model(tf.DebertaV2Config(**size, **relative, **kind))
    if family == "t5":
        return tf.T5EncoderModel(
            tf.T5Config(
                vocab_size=vocabulary, d_model=32, num_layers=3, num_heads=4, d_kv=8, d_ff=64
            )
        )
    if family == "modernbert":
        local = {
            "local_attention": 16,
            "global_attn_every_n_layers": 2,
            "cls_token_id": 0,
            "sep_token_id": 2,
        }
        return tf.ModernBertModel(tf.ModernBertConfig(**size | ends | local))
    if family == "qwen3":
        return tf.Qwen3Model(tf.Qwen3Config(**size, **heads))
    assert family == "gemma3_text", family
    attention = {"sliding_window": 16, "use_bidirectional_attention": True, "pad_token_id": 1}
    return tf.Gemma3TextModel(tf.Gemma3TextConfig(**size, **heads, **attention))


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
    trainer = trainers.WordPieceTrainer(
        vocab_size=900, special_tokens=specials, show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=_ids(tokenizer, "[CLS]", "[SEP]"),
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
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    return tokenizer


def _unigram(family: str) -> Tokenizer:
    xlm = family in ("xlm-roberta", "camembert")
    specials = (
        ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        if xlm
        else ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    )
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC()]
        if xlm
        else [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=900, special_tokens=specials, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    begin, end = ("<s>", "</s>") if xlm else ("[CLS]", "[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}" if xlm else f"{begin} $A {end} $B:1 {end}:1",
        special_tokens=_ids(tokenizer, begin, end),
    )
    return tokenizer


def _ids(tokenizer: Tokenizer, *names: str) -> list[tuple[str, int]]:
    return [(name, tokenizer.token_to_id(name)) for name in names]


# What the heads of classifiers are called by transformers' classes.
HEADS = {
    "token_classification": "AutoModelForTokenClassification",
    "text_classification": "AutoModelForSequenceClassification",
    "zero_shot": "AutoModelForSequenceClassification",
    "question_answering": "AutoModelForQuestionAnswering",
}


def make_classifier(
    folder: Path,
    family: str,
    task: str,
    *,
    labels: list[str] | None = None,
    seed: int = 3,
    **changed,
) -> Path:
    """Write a tiny classifier of a family, its head random and wide enough that labels differ;
    ``changed`` goes into its
    configuration."""
    make(folder, family)
    kind = getattr(tf, HEADS[task])
    if labels is not None:
        changed |= {
            "id2label": dict(enumerate(labels)),
            "label2id": {name: number for number, name in enumerate(labels)},
        }
    torch.manual_seed(seed)
    model = kind.from_pretrained(folder, **changed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith(f"{model.base_model_prefix}."):
                parameter.normal_(0, 0.8)
    model.save_pretrained(folder)
    return folder


def without_model_type(folder: Path) -> None:
    """Strip ``model_type`` from a folder's configuration, as the folders of 2020 are."""
    path = folder / "config.json"
    settings = json.loads(path.read_text())
    settings.pop("model_type", None)
    path.write_text(json.dumps(settings))
