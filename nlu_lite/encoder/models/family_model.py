"""A folder of the BERT family -> the encoder that runs it; transformers has no part in it."""

from __future__ import annotations

import itertools
import logging
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from torch.nn import functional

from nlu_lite.encoder.backends.packed import PackedEncoder
from nlu_lite.encoder.backends.products import ACTIVATIONS, Activation, Product, make_product
from nlu_lite.encoder.backends.protocol import Encoder, EncoderHead
from nlu_lite.encoder.backends.transformer import (
    Embeddings,
    Layer,
    Norm,
    PostNormLayer,
    PreNormLayer,
    RelativePositions,
    Rotation,
    Scope,
    Transformer,
)
from nlu_lite.encoder.models.family import ARCHITECTURES, HeadLayer
from nlu_lite.encoder.models.family_settings import (
    FamilySettings,
    NotOfTheFamilyError,
    find_model_type,
    understand,
)
from nlu_lite.encoder.models.family_weights import FamilyWeights
from nlu_lite.encoder.models.heads import Head, VectorPooler, add_activation
from nlu_lite.encoder.models.weight_files import find_weights, list_tensors
from nlu_lite.weights import CONFIG_FILE, read_json

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

log = logging.getLogger("nlu_lite")

# Of which head the labels are, by task; other tasks are transformers'.
_HEADS = {"token_classification": "word_head", "text_classification": "text_head"}
_POOLER: HeadLayer = ("pooler", "tanh")
# What reading a faulty file raises: which is said when transformers has failed at it, too.
_FILE_FAULTS = (
    *(OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, EOFError),
    *(MemoryError, pickle.UnpicklingError, SafetensorError),
)


@dataclass(frozen=True)
class FamilyModel:
    """What such a folder gives.

    Attributes:
        settings: What its configuration says.
        encoder: Pieces to vectors, or to probabilities of labels.
        pooler: From vectors of first positions to those of the model's pooler; None where it has
            none, and for labels.
    """

    settings: FamilySettings
    encoder: Encoder
    pooler: VectorPooler | None


def read_family_settings(folder: Path, entry: Entry, task: str | None) -> FamilySettings | None:
    """What a folder's configuration says; None where the model is to be read by transformers.

    Args:
        folder: The model's.
        entry: What the registry says about it.
        task: What it is to do; None for vectors.
    """
    path = folder / CONFIG_FILE
    if not path.is_file() or (task is not None and task not in _HEADS):
        return None
    stated = read_json(path)
    if find_model_type(stated, entry) not in ARCHITECTURES:
        return None
    try:
        settings = understand(stated, entry, task)
        if task is not None and not getattr(settings.architecture, _HEADS[task]):
            raise NotOfTheFamilyError(f"the architecture's head for {task} is not ours")
    except NotOfTheFamilyError as error:
        _tell(folder, error)
        return None
    return settings


def read_family_model(
    folder: Path,
    settings: FamilySettings,
    task: str | None,
    *,
    dtype: torch.dtype,
    device: torch.device,
) -> FamilyModel | None:
    """The model of a folder; None where its weights are to be read by transformers.

    Args:
        folder: The model's.
        settings: From ``read_family_settings``.
        task: What it is to do; None for vectors.
        dtype: Of the weights.
        device: Where they are put.

    Raises:
        ModelError: The folder holds no weights, or some that are never read.
    """
    files = find_weights(folder)
    try:
        weights = FamilyWeights(
            list_tensors(files), settings.architecture, dtype=dtype, device=device
        )
        encoder: Encoder = PackedEncoder(
            _build_transformer(settings, weights),
            architecture=settings.model_type,
            padding_id=settings.padding_id,
            device=device,
        )
        pooler = None
        if task is not None:
            encoder = encoder.headed(_build_head(settings, weights, task))
        elif weights.has("pooler"):
            width = settings.size("hidden_size")
            pooler = VectorPooler(_build_linear_layers((_POOLER,), weights, [width, width]))
        weights.check_rest()
    except (NotOfTheFamilyError, *_FILE_FAULTS) as error:
        _tell(folder, error)
        return None
    return FamilyModel(settings, encoder, pooler)


def _tell(folder: Path, error: Exception) -> None:
    log.info(
        "%s is read by transformers, which is slower: %s.",
        folder,
        str(error) or type(error).__name__,
    )


def _build_transformer(settings: FamilySettings, weights: FamilyWeights) -> Transformer:
    """All of the encoder."""
    embeddings = _build_embeddings(settings, weights)
    if "joined" in settings.architecture.names:
        layers, final_norm = _build_pre_norm_layers(settings, weights)
    else:
        layers, final_norm = _build_post_norm_layers(settings, weights), None
    return Transformer(embeddings, layers, final_norm, width=settings.size("hidden_size"))


def _build_embeddings(settings: FamilySettings, weights: FamilyWeights) -> Embeddings:
    names, width = settings.architecture.names, settings.embedding_width
    positions = None
    if "positions" in names:
        positions = weights.take("positions", settings.size("max_position_embeddings"), width)
    if positions is not None and "types" in names:
        positions += weights.take("types", settings.size("type_vocab_size"), width)[0]
    projection = None
    if settings.has_projection:
        projection = _build_product(weights, "projection", settings.size("hidden_size"), width)
    return Embeddings(
        words=weights.take("words", settings.size("vocab_size"), width),
        positions=positions,
        norm=_build_norm(settings, weights, "embeddings_norm", width=width),
        projection=projection,
    )


def _build_post_norm_layers(settings: FamilySettings, weights: FamilyWeights) -> tuple[Layer, ...]:
    """The layers of BERT's kin; ALBERT repeats those of a group."""
    count = settings.size("num_hidden_layers")
    groups = settings.values.get("num_hidden_groups", count)
    relative = None
    if "relative" in settings.architecture.names:
        buckets = settings.size("relative_attention_num_buckets")
        relative = RelativePositions(weights.take("relative", buckets, settings.heads))
    scope = Scope(heads=settings.heads, relative=relative)
    parts = [_build_post_norm_layer(settings, weights, scope, group) for group in range(groups)]
    return tuple(parts[int(number / (count / groups))] for number in range(count))


def _build_post_norm_layer(
    settings: FamilySettings, weights: FamilyWeights, scope: Scope, number: int
) -> PostNormLayer:
    width, inner = settings.size("hidden_size"), settings.size("intermediate_size")
    roles = ("query", "key", "value")
    joined_weight = torch.cat([weights.take(role, width, width, layer=number) for role in roles])
    joined_bias = torch.cat([weights.take_bias(role, width, layer=number) for role in roles])
    activation = ACTIVATIONS[settings.values["hidden_act"]]
    return PostNormLayer(
        scope=scope,
        joined=make_product(joined_weight, joined_bias),
        output=_build_product(weights, "output", width, width, number),
        attention_norm=_build_norm(settings, weights, "attention_norm", number),
        inner=_build_product(weights, "inner", inner, width, number, activation=activation),
        outer=_build_product(weights, "outer", width, inner, number),
        norm=_build_norm(settings, weights, "norm", number),
    )


def _build_pre_norm_layers(
    settings: FamilySettings, weights: FamilyWeights
) -> tuple[tuple[Layer, ...], Norm]:
    """ModernBERT's layers and the norm behind them."""
    scopes = {
        layer_type: Scope(
            heads=settings.heads,
            reach=settings.find_reach(layer_type),
            rotation=Rotation(settings.find_rotation_base(layer_type)),
        )
        for layer_type in set(settings.layer_types)
    }
    layers = tuple(
        _build_pre_norm_layer(settings, weights, scopes[layer_type], number)
        for number, layer_type in enumerate(settings.layer_types)
    )
    return layers, _build_norm(settings, weights, "final_norm")


def _build_pre_norm_layer(
    settings: FamilySettings, weights: FamilyWeights, scope: Scope, number: int
) -> PreNormLayer:
    width, inner = settings.size("hidden_size"), settings.size("intermediate_size")
    in_attention, in_products = settings.values["attention_bias"], settings.values["mlp_bias"]
    attention_norm = None  # the embeddings are normed already
    if number > 0:
        attention_norm = _build_norm(settings, weights, "attention_norm", number)
    return PreNormLayer(
        scope=scope,
        attention_norm=attention_norm,
        joined=_build_product(weights, "joined", 3 * width, width, number, bias=in_attention),
        output=_build_product(weights, "output", width, width, number, bias=in_attention),
        norm=_build_norm(settings, weights, "norm", number),
        inner=_build_product(weights, "inner", 2 * inner, width, number, bias=in_products),
        activation=ACTIVATIONS[settings.values["hidden_act"]],
        outer=_build_product(weights, "outer", width, inner, number, bias=in_products),
    )


def _build_product(
    weights: FamilyWeights,
    role: str,
    width_out: int,
    width_in: int,
    number: int = 0,
    *,
    bias: bool = True,
    activation: Activation | None = None,
) -> Product:
    weight = weights.take(role, width_out, width_in, layer=number)
    made = weights.take_bias(role, width_out, layer=number) if bias else None
    return make_product(weight, made, activation)


def _build_norm(
    settings: FamilySettings,
    weights: FamilyWeights,
    role: str,
    number: int = 0,
    *,
    width: int | None = None,
) -> Norm:
    width = width or settings.size("hidden_size")
    has_bias = settings.values.get("norm_bias", True)
    return Norm(
        weight=weights.take(role, width, layer=number),
        bias=weights.take_bias(role, width, layer=number) if has_bias else None,
        epsilon=settings.values["layer_norm_eps"],
    )


def _build_head(settings: FamilySettings, weights: FamilyWeights, task: str) -> EncoderHead:
    """What makes probabilities of a vector."""
    assert settings.labels is not None
    layers: tuple[HeadLayer, ...] = getattr(settings.architecture, _HEADS[task])
    count = settings.labels.count
    widths = [settings.size("hidden_size")] * len(layers)
    head = _build_linear_layers(layers, weights, [*widths, count])
    return EncoderHead(add_activation(head, settings.labels.choose_activation(task)), count)


def _build_linear_layers(
    layers: tuple[HeadLayer, ...], weights: FamilyWeights, widths: list[int]
) -> Head:
    """Linear layers on single vectors, each with the activation behind it.

    Args:
        layers: One after the other.
        weights: Of the model.
        widths: Of what goes into the first, and of what comes out of each.

    Returns:
        From shape (vectors, first width) to (vectors, last width), float32.
    """
    parts = [
        (*weights.take_linear(name, width_out, width_in), ACTIVATIONS[activation])
        for (name, activation), (width_in, width_out) in zip(
            layers, itertools.pairwise(widths), strict=True
        )
    ]

    def compute(vectors: torch.Tensor) -> torch.Tensor:
        for weight, bias, activation in parts:
            states = vectors.to(device=weight.device, dtype=weight.dtype)
            vectors = activation.compute(functional.linear(states, weight, bias))
        return vectors.float()

    return compute
