"""Seeded small models of the BERT family in all the ways in which their configurations differ, as
folders that transformers wrote, and our encoder of such a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import transformers as tf

from nlu_lite.encoder.backends.protocol import Encoder
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences
from nlu_lite.encoder.models.family_model import (
    FamilyModel,
    read_family_model,
    read_family_settings,
)
from nlu_lite.registry import Entry

CPU = torch.device("cpu")
VOCABULARY = 300
SIZE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 66,
    "initializer_range": 0.2,
}
_DISTIL = {
    **{name: SIZE[name] for name in ("vocab_size", "max_position_embeddings", "initializer_range")},
    "dim": 32,
    "n_layers": 3,
    "n_heads": 4,
    "hidden_dim": 64,
}
_MODERN = {
    **{name: value for name, value in SIZE.items() if name != "max_position_embeddings"},
    "max_position_embeddings": 200,
    "pad_token_id": 0,
    "local_attention": 16,
    "cls_token_id": 1,
    "sep_token_id": 2,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_SIZES = {"distilbert": _DISTIL, "modernbert": _MODERN}
_ACTIVATIONS = (
    *("gelu_new", "gelu_fast", "gelu_python", "gelu_accurate", "gelu_pytorch_tanh", "quick_gelu"),
    *("gelu_python_tanh", "relu", "relu6", "leaky_relu", "silu", "swish", "mish", "hardswish"),
    *("sigmoid", "tanh", "linear"),
)
# Settings that bear on numbers, each in another value than the default.
_ALL = (
    {},
    {"layer_norm_eps": 1e-2},
    {"num_attention_heads": 1},
    {"num_attention_heads": 8, "intermediate_size": 40},
    {"num_hidden_layers": 1},
)
_OF_BERT = (*_ALL, {"hidden_act": "gelu_new"}, {"type_vocab_size": 1}, {"type_vocab_size": 5})
_OF_ROBERTA = (*_OF_BERT, {"pad_token_id": 0}, {"pad_token_id": 7})
VARIANTS: dict[str, tuple[dict, ...]] = {
    "bert": (*_OF_BERT, *({"hidden_act": name} for name in _ACTIVATIONS[1:])),
    "roberta": _OF_ROBERTA,
    "xlm-roberta": _OF_ROBERTA,
    "camembert": _OF_ROBERTA,
    "electra": (*_OF_BERT, {"embedding_size": 16}, {"embedding_size": 32}),
    "albert": (
        *_OF_BERT,
        {"embedding_size": 16},
        {"embedding_size": 32},
        {"num_hidden_groups": 3},
        {"num_hidden_groups": 2},
        {"num_hidden_layers": 5, "num_hidden_groups": 3},
    ),
    "distilbert": (
        {},
        {"activation": "relu"},
        {"n_heads": 8, "n_layers": 1},
        {"sinusoidal_pos_embds": True},
        {"pad_token_id": 9},
    ),
    "mpnet": (
        *_ALL,
        {"hidden_act": "relu"},
        {"pad_token_id": 5},
    ),
    "modernbert": (
        {},
        {"norm_eps": 1e-2},
        {"norm_bias": True},
        {"attention_bias": True},
        {"mlp_bias": True},
        {"hidden_activation": "silu"},
        {"local_attention": 6},
        {"layer_types": ["full_attention", "full_attention", "sliding_attention"]},
        {"layer_types": ["sliding_attention"] * 3},
        {
            "rope_parameters": {
                "full_attention": {"rope_type": "default", "rope_theta": 500.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 50.0},
            }
        },
        {"num_attention_heads": 2},
    ),
}
ARCHITECTURES = tuple(VARIANTS)
CASES = [(model_type, changed) for model_type, variants in VARIANTS.items() for changed in variants]


def describe_case(part: object) -> str:
    """The name of a part of a case in pytest's list."""
    if not isinstance(part, dict):
        return str(part)
    return "-".join(f"{name}={value}" for name, value in part.items())[:60] or "plain"


def make_config(model_type: str, changed: dict) -> tf.PreTrainedConfig:
    """A small configuration with some settings changed."""
    size = _SIZES.get(model_type, SIZE)
    return tf.CONFIG_MAPPING[model_type](**{**size, **changed})


def make_model(config: tf.PreTrainedConfig, model_class: str = "AutoModel") -> tf.PreTrainedModel:
    """A seeded model, its biases and norms random as well, so that each counts."""
    torch.manual_seed(11)
    model = getattr(tf, model_class).from_config(config).eval().requires_grad_(False)
    for name, parameter in model.named_parameters():
        if name.endswith("bias") or "norm" in name.lower():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return model


def write_model(
    folder: Path, model_type: str, changed: dict, model_class: str = "AutoModel"
) -> tf.PreTrainedModel:
    """Write a small model into a folder; the model itself comes back."""
    model = make_model(make_config(model_type, changed), model_class)
    model.save_pretrained(folder)
    return model


def make_entry(**facts: object) -> Entry:
    """An entry that says nothing more about a model than is needed."""
    return Entry(
        request="tiny",
        reference="tiny",
        language="en",
        model_name="tiny",
        sources=(),
        **{"task": "embed", **facts},
    )


def read_model(
    folder: Path, *, task: str | None = None, dtype: torch.dtype = torch.float32, device=CPU
) -> FamilyModel | None:
    """What our own forward makes of a folder; None where it leaves it to transformers."""
    settings = read_family_settings(folder, make_entry(), task)
    if settings is None:
        return None
    return read_family_model(folder, settings, task, dtype=dtype, device=device)


def make_sequences(
    seed: int = 0, *, count: int = 30, longest: int = 60, vocabulary: int = VOCABULARY
) -> Sequences:
    """Sequences of lengths from 1 to the longest, many alike, in no order; ids are random, and the
    longest have the first ids, paddings among them, here and there."""
    chance = np.random.default_rng(seed)
    lengths = np.concatenate([[longest, 1, 1, longest], chance.integers(1, 12, count - 4)])
    chance.shuffle(lengths)
    ids = chance.integers(10, vocabulary, lengths.sum())
    starts = np.concatenate([[0], np.cumsum(lengths)])
    for number in np.flatnonzero(lengths == longest):
        places = slice(starts[number] + 2, starts[number + 1], 4)
        ids[places] = np.arange(len(ids[places])) % 10
    return Sequences(ids=ids, starts=starts)


def encode_layers(encoder: Encoder, sequences: Sequences, layers: tuple[int, ...]) -> np.ndarray:
    """Shape (tokens, layers, width): every token in some layers."""
    matrix = encoder(
        sequences,
        RowRequest.all_tokens(sequences),
        layers=layers,
        layer_pooling="concat",
        reduce="sum",
        progress=lambda _rows: None,
    )
    return matrix.reshape(len(matrix), len(layers), -1)


@torch.inference_mode()
def run_plain(model: tf.PreTrainedModel, sequences: Sequences) -> np.ndarray:
    """Shape (tokens, layers + 1, width): transformers' own model, one sequence at a time."""
    rows = []
    for begin, end in zip(sequences.starts[:-1], sequences.starts[1:], strict=True):
        ids = torch.from_numpy(sequences.ids[begin:end])[None].to(model.device)
        output = model(input_ids=ids, output_hidden_states=True)
        states = [*output.hidden_states[:-1], output.last_hidden_state]
        rows.append(torch.stack(states, dim=2)[0].float().cpu().numpy())
    return np.concatenate(rows)
