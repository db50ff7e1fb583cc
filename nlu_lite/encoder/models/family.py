"""The BERT family: for each architecture its settings, and the names of its weights.

Source: the configurations and models of transformers 5.23. ``{}`` stands for a layer's number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

# Names of the settings that say of numbers, as BERT has them.
_BERT_SETTINGS: dict[str, Any] = {
    "vocab_size": 30522,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "hidden_act": "gelu",
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}
_EMBEDDINGS = {
    "words": "embeddings.word_embeddings",
    "positions": "embeddings.position_embeddings",
    "types": "embeddings.token_type_embeddings",
    "embeddings_norm": "embeddings.LayerNorm",
}
_BERT_LAYER = {
    "query": "encoder.layer.{}.attention.self.query",
    "key": "encoder.layer.{}.attention.self.key",
    "value": "encoder.layer.{}.attention.self.value",
    "output": "encoder.layer.{}.attention.output.dense",
    "attention_norm": "encoder.layer.{}.attention.output.LayerNorm",
    "inner": "encoder.layer.{}.intermediate.dense",
    "outer": "encoder.layer.{}.output.dense",
    "norm": "encoder.layer.{}.output.LayerNorm",
}
_BERT_NAMES = {**_EMBEDDINGS, **_BERT_LAYER, "pooler": "pooler.dense"}

# A linear layer of a head, and the activation behind it; ``pooler`` is the encoder's.
HeadLayer = tuple[str, str]
_LABELS: HeadLayer = ("classifier", "linear")
_POOLED_HEAD: tuple[HeadLayer, ...] = (("pooler", "tanh"), _LABELS)
_OUTPUT: HeadLayer = ("classifier.out_proj", "linear")
_TANH_HEAD: tuple[HeadLayer, ...] = (("classifier.dense", "tanh"), _OUTPUT)


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """How one architecture differs from the others.

    Attributes:
        prefix: Of the encoder's weights in the files of models that do more.
        settings: The settings that say of numbers, with transformers' defaults.
        constants: What others have as a setting, and it has not.
        names: Of weights, by what they are; without ``.weight`` and ``.bias``.
        word_head: The layers that make the labels of a word of its vector; empty where they are not
            ours.
        text_head: The layers that make the labels of a text of its first vector; empty where they
            are not ours.
        heads: What names of weights begin with that vectors do not need.
        renamed: Its own names of settings, and BERT's.
        ignored: Settings of its own that change no number.
        always_projects: Whether what is looked up is projected though it is as wide as a state.
        counts_from_padding: Whether positions are counted as RoBERTa does.
        padding_id: The padding that they are counted from, where no setting says it.
    """

    prefix: str
    settings: Mapping[str, Any]
    names: Mapping[str, str]
    constants: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    word_head: tuple[HeadLayer, ...] = (_LABELS,)
    text_head: tuple[HeadLayer, ...] = ()
    heads: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ignored: frozenset[str] = frozenset()
    always_projects: bool = False
    counts_from_padding: bool = False
    padding_id: int | None = None


def _without(table: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name not in names}


_BERT = Architecture(
    prefix="bert.",
    settings=_BERT_SETTINGS,
    names=_BERT_NAMES,
    text_head=_POOLED_HEAD,
    heads=("cls.",),
    ignored=frozenset(
        {
            *("directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_type"),
            *("pooler_num_fc_layers", "pooler_size_per_head"),
        }
    ),
)
_ROBERTA = Architecture(
    prefix="roberta.",
    settings={**_BERT_SETTINGS, "pad_token_id": 1},
    names=_BERT_NAMES,
    text_head=_TANH_HEAD,
    heads=("lm_head.",),
    counts_from_padding=True,
)
_LARGE_ROBERTA = Architecture(
    **{**vars(_ROBERTA), "settings": {**_ROBERTA.settings, "vocab_size": 50265}}
)
_DISTILBERT = Architecture(
    prefix="distilbert.",
    settings={
        **_without(_BERT_SETTINGS, "type_vocab_size", "layer_norm_eps"),
        "num_hidden_layers": 6,
    },
    constants={"layer_norm_eps": 1e-12},
    names={
        **_without(_EMBEDDINGS, "types"),
        "query": "transformer.layer.{}.attention.q_lin",
        "key": "transformer.layer.{}.attention.k_lin",
        "value": "transformer.layer.{}.attention.v_lin",
        "output": "transformer.layer.{}.attention.out_lin",
        "attention_norm": "transformer.layer.{}.sa_layer_norm",
        "inner": "transformer.layer.{}.ffn.lin1",
        "outer": "transformer.layer.{}.ffn.lin2",
        "norm": "transformer.layer.{}.output_layer_norm",
    },
    text_head=(("pre_classifier", "relu"), _LABELS),
    heads=("vocab_transform.", "vocab_layer_norm.", "vocab_projector."),
    renamed={
        "dim": "hidden_size",
        "n_layers": "num_hidden_layers",
        "n_heads": "num_attention_heads",
        "hidden_dim": "intermediate_size",
        "activation": "hidden_act",
    },
    # The positions that sine and cosine made are stored as others are.
    ignored=frozenset({"sinusoidal_pos_embds", "tie_weights_"}),
)
_ELECTRA = Architecture(
    prefix="electra.",
    settings={
        **_BERT_SETTINGS,
        "embedding_size": 128,
        "hidden_size": 256,
        "num_attention_heads": 4,
        "intermediate_size": 1024,
    },
    names={**_EMBEDDINGS, **_BERT_LAYER, "projection": "embeddings_project"},
    text_head=(("classifier.dense", "gelu"), _OUTPUT),
    heads=("discriminator_predictions.", "generator_predictions.", "generator_lm_head."),
)
_ALBERT_LAYER = "encoder.albert_layer_groups.{}.albert_layers.0"
_ALBERT = Architecture(
    prefix="albert.",
    settings={
        **_BERT_SETTINGS,
        "vocab_size": 30000,
        "embedding_size": 128,
        "hidden_size": 4096,
        "num_attention_heads": 64,
        "intermediate_size": 16384,
        "num_hidden_groups": 1,
        "inner_group_num": 1,
        "hidden_act": "gelu_new",
    },
    names={
        **_EMBEDDINGS,
        "projection": "encoder.embedding_hidden_mapping_in",
        "query": f"{_ALBERT_LAYER}.attention.query",
        "key": f"{_ALBERT_LAYER}.attention.key",
        "value": f"{_ALBERT_LAYER}.attention.value",
        "output": f"{_ALBERT_LAYER}.attention.dense",
        "attention_norm": f"{_ALBERT_LAYER}.attention.LayerNorm",
        "inner": f"{_ALBERT_LAYER}.ffn",
        "outer": f"{_ALBERT_LAYER}.ffn_output",
        "norm": f"{_ALBERT_LAYER}.full_layer_layer_norm",
        "pooler": "pooler",
    },
    text_head=_POOLED_HEAD,
    heads=("predictions.", "sop_classifier."),
    always_projects=True,
    ignored=frozenset({"down_scale_factor", "gap_size", "net_structure_type", "num_memory_blocks"}),
)
_MPNET = Architecture(
    prefix="mpnet.",
    settings={
        **_without(_BERT_SETTINGS, "type_vocab_size"),
        "vocab_size": 30527,
        "pad_token_id": 1,
        "relative_attention_num_buckets": 32,
    },
    names={
        **_without(_EMBEDDINGS, "types"),
        "relative": "encoder.relative_attention_bias",
        **_BERT_LAYER,
        "query": "encoder.layer.{}.attention.attn.q",
        "key": "encoder.layer.{}.attention.attn.k",
        "value": "encoder.layer.{}.attention.attn.v",
        "output": "encoder.layer.{}.attention.attn.o",
        "attention_norm": "encoder.layer.{}.attention.LayerNorm",
        "pooler": "pooler.dense",
    },
    text_head=_TANH_HEAD,
    heads=("lm_head.",),
    counts_from_padding=True,
    padding_id=1,
)
_MODERNBERT = Architecture(
    prefix="model.",
    settings={
        "vocab_size": 50368,
        "hidden_size": 768,
        "num_hidden_layers": 22,
        "num_attention_heads": 12,
        "intermediate_size": 1152,
        "hidden_act": "gelu",
        "max_position_embeddings": 8192,
        "layer_norm_eps": 1e-5,
        "pad_token_id": 50283,
        "norm_bias": False,
        "attention_bias": False,
        "mlp_bias": False,
        "local_attention": 128,
        "layer_types": None,
        "global_attn_every_n_layers": 3,
        "rope_parameters": None,
        "global_rope_theta": 160_000.0,
        "local_rope_theta": 10_000.0,
    },
    names={
        "words": "embeddings.tok_embeddings",
        "embeddings_norm": "embeddings.norm",
        "joined": "layers.{}.attn.Wqkv",
        "output": "layers.{}.attn.Wo",
        "attention_norm": "layers.{}.attn_norm",
        "inner": "layers.{}.mlp.Wi",
        "outer": "layers.{}.mlp.Wo",
        "norm": "layers.{}.mlp_norm",
        "final_norm": "final_norm",
    },
    word_head=(),
    heads=("head.", "decoder."),
    renamed={"hidden_activation": "hidden_act", "norm_eps": "layer_norm_eps"},
    ignored=frozenset(
        {
            *("embedding_dropout", "mlp_dropout", "decoder_bias", "deterministic_flash_attn"),
            *("classifier_pooling", "classifier_bias", "classifier_activation"),
            *("sparse_prediction", "sparse_pred_ignore_index", "initializer_cutoff_factor"),
            *("reference_compile", "repad_logits_with_grad"),
        }
    ),
)

# By the names that configurations have for them.
ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        "bert": _BERT,
        "roberta": _LARGE_ROBERTA,
        "xlm-roberta": _ROBERTA,
        "camembert": _ROBERTA,
        "distilbert": _DISTILBERT,
        "electra": _ELECTRA,
        "albert": _ALBERT,
        "mpnet": _MPNET,
        "modernbert": _MODERNBERT,
    }
)
# What names of weights begin with that make labels or answers, in any of them.
LABEL_HEADS = ("classifier.", "pre_classifier.", "qa_outputs.", "score.")
# Weights that no forward reads: numbers that are counted.
COUNTED = ("embeddings.position_ids", "embeddings.token_type_ids")
