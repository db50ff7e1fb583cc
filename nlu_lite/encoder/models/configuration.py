"""``config.json`` -> a transformers configuration, of what describes the model and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite.encoder.models.architectures import choose_class, select_text_config
from nlu_lite.encoder.models.heads import MOST_LABELS
from nlu_lite.encoder.models.loading import quiet_transformers
from nlu_lite.errors import ModelError, brief
from nlu_lite.weights import (
    CONFIG_FILE,
    REPAIR_HINT,
    describe_other_formats,
    list_names,
    read_json,
)

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

# What transformers reads there and is no fact about the model: where code, kernels and weights come
# from, and what a call returns.
NOT_THE_MODEL = frozenset(
    {
        *("auto_map", "trust_remote_code", "transformers_weights", "name_or_path", "_name_or_path"),
        *("attn_implementation", "_attn_implementation", "_attn_implementation_internal"),
        *("experts_implementation", "_experts_implementation", "_experts_implementation_internal"),
        # How many positions go through a layer at a time, which changes no number.
        "chunk_size_feed_forward",
        *("use_kernels", "kernel_config", "fusion_config", "distributed_config"),
        *("dtype", "torch_dtype", "return_dict", "use_return_dict", "torchscript"),
        *("output_attentions", "output_hidden_states"),
    }
)
_NOT_SERVED = {"quantization_config": "quantised weights"}
_BEYOND_JSON = ("Infinity", "-Infinity", "NaN")
_SIZES = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
# The deepest that anybody published has 1,000.
MOST_LAYERS = 1_000


def read_config(folder: Path, entry: Entry) -> Any:  # noqa: ANN401 - transformers.PreTrainedConfig
    """The model's configuration, of the architecture that the entry names or else the folder.

    Raises:
        ModelError: No readable ``config.json``, an unknown architecture, sizes that are none, or
            one that contradicts the entry.
    """
    from transformers import CONFIG_MAPPING

    path = folder / CONFIG_FILE
    if not path.exists():
        raise ModelError(_describe_other_folder(folder))
    settings = _decode_numbers(read_json(path))
    architecture = str(entry.architecture or settings.get("model_type"))
    if architecture not in CONFIG_MAPPING:
        raise ModelError(
            f"The architecture of {folder} is {brief(architecture)}, which transformers does not "
            f'know. Name it in a registry entry, for example architecture: "bert".'
        )
    settings = _select_settings(path, settings, entry)
    try:
        with quiet_transformers():
            task = None if entry.kind.gives_vectors else entry.task
            config = select_text_config(CONFIG_MAPPING[architecture].from_dict(settings), task)
            choose_class(config, task)
        sizes = {name: getattr(config, name, None) for name in _SIZES}
    except ModelError:
        raise
    except Exception as error:  # whatever a configuration of any architecture makes of any value
        raise ModelError(
            f"{path} is no configuration of {architecture!r}: {error!s:.500}. {REPAIR_HINT}"
        ) from error
    _check_sizes(path, sizes)
    _check_entry(path, sizes, entry)
    return config


def _describe_other_folder(folder: Path) -> str:
    """What to say of a folder without a configuration."""
    names = list_names(folder)
    formats = describe_other_formats(names)
    contents = f"It holds {', '.join(sorted(names)[:5]) or 'no files'}."
    return (
        f"{folder} has no {CONFIG_FILE}, which says of which architecture a model is. "
        f"{formats or contents}"
    )


def _decode_numbers(value: Any) -> Any:  # noqa: ANN401 - of JSON
    """Settings whose numbers beyond JSON are numbers again.

    Source: ``PreTrainedConfig._decode_special_floats`` of transformers, 5.23.
    """
    if isinstance(value, list):
        return [_decode_numbers(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"__float__"} and value["__float__"] in _BEYOND_JSON:
        return float(value["__float__"])
    return {name: _decode_numbers(item) for name, item in value.items()}


def _select_settings(path: Path, settings: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """The settings that describe the model; ModelError where they cannot be served."""
    for name, content in _NOT_SERVED.items():
        if settings.get(name) is not None:
            raise ModelError(
                f"{path} has {name}: {content} are not served. Take the model in its plain form."
            )
    selected = {name: value for name, value in settings.items() if name not in NOT_THE_MODEL}
    if entry.kind.gives_vectors:
        selected.pop("num_labels", None)  # of a head that is not read
    count = selected.get("num_labels", 1)
    if type(count) is not int or not 1 <= count <= MOST_LABELS:
        raise ModelError(
            f"{path} says num_labels {brief(count)}; it must be a whole number from 1 to "
            f"{MOST_LABELS:,}. {REPAIR_HINT}"
        )
    names = selected.get("id2label")
    if "num_labels" in selected and isinstance(names, dict) and len(names) != count:
        # Names that old versions of transformers made up for two; new ones differ in which of the
        # two they believe.
        del selected["id2label"]
        selected.pop("label2id", None)
    return selected


def _check_sizes(path: Path, sizes: dict[str, Any]) -> None:
    """Raise ModelError for sizes that are no whole numbers from 1 on, or far beyond any model."""
    stated = {name: value for name, value in sizes.items() if value is not None}
    for name, value in stated.items():
        if type(value) is not int or value < 1:
            raise ModelError(
                f"{path} says {name} {brief(value)}; it must be a whole number from 1 on. "
                f"{REPAIR_HINT}"
            )
    if stated.get("num_hidden_layers", 1) > MOST_LAYERS:
        raise ModelError(
            f"{path} says num_hidden_layers {sizes['num_hidden_layers']}; up to {MOST_LAYERS:,} "
            f"are read. {REPAIR_HINT}"
        )


def _check_entry(path: Path, sizes: dict[str, Any], entry: Entry) -> None:
    """Raise ModelError where the entry says other sizes than the configuration."""
    facts = {
        "dimension": (sizes["hidden_size"], entry.dimension),
        "layers": (sizes["num_hidden_layers"], entry.layers),
    }
    for name, (size, expected) in facts.items():
        if None not in (size, expected) and size != expected:
            raise ModelError(
                f"{path} says {name} {size}, the entry of {entry.request!r} {expected}: not the "
                f"same model."
            )
