"""Settings of a sentence-transformers folder that are no module's numbers: lengths, prompts, case.

Each setting is understood, known to change no number, or refused by name. What the library itself
passes over is passed over. Source: ``base/modules/transformer.py``, ``base/model.py`` and
``sentence_transformer/model.py`` of sentence-transformers 6.2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nlu_lite.errors import ModelError, brief
from nlu_lite.weights import TRANSFORMER_SETTINGS, read_json

UNBOUNDED = 1_000_000_000
# The library has these two names by default, with nothing behind them.
_EMPTY_PROMPTS = {"query": "", "document": ""}
_TEXT_FORWARD = {"method": "forward", "method_output_name": "last_hidden_state"}
# Without effect on a text's vector: other tasks than plain encoding, speed, and where code is from.
_WITHOUT_EFFECT = {"unpad_inputs", "query_length", "document_length", "query_expansion"}
_UNDERSTOOD = {
    *("transformer_task", "modality_config", "module_output_name", "processing_kwargs"),
    *("max_seq_length", "do_lower_case", "tokenizer_name_or_path"),
}
# Settings handed on, by their new name and their old one, with what of them changes no number or is
# understood.
_HANDED_ON = {
    ("model_kwargs", "model_args"): {
        *("attn_implementation", "device_map", "dtype", "torch_dtype", "trust_remote_code"),
        *("low_cpu_mem_usage", "use_safetensors"),
    },
    ("config_kwargs", "config_args"): {
        *("output_hidden_states", "trust_remote_code", "use_cache", "attn_implementation"),
        *("dtype", "torch_dtype"),
    },
    ("processor_kwargs", "tokenizer_args"): {
        *("model_max_length", "padding_side", "trust_remote_code", "truncation_side", "use_fast"),
    },
}
_CALL_UNDERSTOOD = {"max_length", "padding", "truncation", "logits_to_keep"}


@dataclass(frozen=True)
class TransformerSettings:
    """What the module Transformer is told beside the model's own files.

    Attributes:
        max_length: Longest sequence in pieces, special ones counted; None if nothing bounds it.
        lowercase: Whether texts are lower-cased before they are cut into pieces.
        cuts_front: Whether too long a text loses its beginning, not its end.
        gives_layers: Whether the modules behind it get all layers.
    """

    max_length: int | None = None
    lowercase: bool = False
    cuts_front: bool = False
    gives_layers: bool = False


@dataclass(frozen=True)
class PromptSettings:
    """What ``config_sentence_transformers.json`` says.

    Attributes:
        prompts: Names and texts that may be put in front.
        default_prompt: The text that is put in front where no prompt is asked for.
        dimensions: How many numbers of a vector are kept; None for all.
    """

    prompts: Mapping[str, str] = field(default_factory=dict)
    default_prompt: str = ""
    dimensions: int | None = None


def read_transformer_settings(folder: Path) -> TransformerSettings:
    """The settings of the module Transformer.

    Args:
        folder: The module's.

    Raises:
        ModelError: A file cannot be read, or says what is not understood.
    """
    path, settings = find_settings(folder)
    handed = _read_handed_on(path, settings)
    understood = _UNDERSTOOD | _WITHOUT_EFFECT | {name for names in _HANDED_ON for name in names}
    refuse_unknown(path, settings, understood)
    _check_task(path, settings)
    tokenizer = _read_optional(folder / "tokenizer_config.json")
    config = _read_optional(folder / "config.json")
    processor = handed["processor_kwargs"]
    side = processor.get("truncation_side", tokenizer.get("truncation_side"))
    length = processor.get("model_max_length") or settings.get("max_seq_length")
    length = length or tokenizer.get("model_max_length") or tokenizer.get("max_len")
    layers = handed["config_kwargs"].get(
        "output_hidden_states", config.get("output_hidden_states", False)
    )
    return TransformerSettings(
        max_length=_bound(_read_call_length(path, settings), length),
        lowercase=bool(settings.get("do_lower_case")),
        cuts_front=side == "left",
        gives_layers=bool(layers),
    )


def find_settings(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The first file that says anything, and what it says."""
    for name in TRANSFORMER_SETTINGS:
        if settings := _read_optional(folder / name):
            return folder / name, settings
    return folder / TRANSFORMER_SETTINGS[0], {}


def _bound(call_length: int | bool | None, length: object) -> int | None:
    """The longest sequence; transformers writes 1e30 for "unbounded"."""
    if call_length is False:
        return None
    for value in (call_length, length):
        if type(value) is int and 0 < value < UNBOUNDED:
            return value
    return None


def _read_call_length(path: Path, settings: dict[str, Any]) -> int | bool | None:
    """The length that every call of the tokenizer is given; False where nothing is cut."""
    stated = settings.get("processing_kwargs") or {}
    calls: dict[str, Any] = {}
    for kind in ("text", "common"):  # the later one wins
        call = _read_object(path, stated, kind)
        refuse_unknown(path, call, _CALL_UNDERSTOOD, f"processing_kwargs.{kind}")
        calls |= call
    if calls.get("padding", True) not in (True, "longest"):
        raise ModelError(
            f"{path} says padding {brief(calls['padding'])} in processing_kwargs; texts are padded "
            f"to the longest beside them, or not at all."
        )
    if calls.get("truncation", True) in (False, "do_not_truncate"):
        return False
    length = calls.get("max_length")
    return length if isinstance(length, int) else None


def _read_handed_on(path: Path, settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings that are handed on to transformers, by their new names."""
    handed = {}
    for names, understood in _HANDED_ON.items():
        # The library takes the old name where both are there.
        stated = next((name for name in reversed(names) if name in settings), names[0])
        handed[names[0]] = _read_object(path, settings, stated)
        refuse_unknown(path, handed[names[0]], understood, stated)
    return handed


def _check_task(path: Path, settings: dict[str, Any]) -> None:
    """Raise ModelError where texts do not become the states of the last layer."""
    task = settings.get("transformer_task", "feature-extraction")
    modalities = settings.get("modality_config", {"text": _TEXT_FORWARD})
    name = settings.get("module_output_name", "token_embeddings")
    is_plain = isinstance(modalities, dict) and modalities.get("text") == _TEXT_FORWARD
    if task != "feature-extraction" or name != "token_embeddings" or not is_plain:
        raise ModelError(
            f"{path} says transformer_task {brief(task)}, module_output_name {brief(name)} and "
            f"modality_config {brief(modalities)}. Only texts whose pieces get the states of the "
            f"last layer are served; sentence-transformers itself reads the folder."
        )
    if "message" in modalities:
        raise ModelError(
            f"{path} has the modality 'message' in modality_config: every text becomes a message "
            f"of a chat, which is not served. sentence-transformers itself reads the folder."
        )
    if settings.get("tokenizer_name_or_path") is not None:
        raise ModelError(
            f"{path} takes its tokenizer from elsewhere "
            f"({brief(settings['tokenizer_name_or_path'])}), which is not served. Copy the "
            f"tokenizer's files into the folder and take tokenizer_name_or_path out."
        )


def read_prompt_settings(folder: Path) -> PromptSettings:
    """What ``config_sentence_transformers.json`` says; nothing where it is missing.

    Args:
        folder: The model's.

    Raises:
        ModelError: It cannot be read, or describes another kind of model.
    """
    path = folder / "config_sentence_transformers.json"
    settings = _read_optional(path)
    kind = settings.get("model_type", "SentenceTransformer")
    if kind != "SentenceTransformer":
        raise ModelError(
            f"{path} says model_type {brief(kind)}: it makes no vectors of sentences, and "
            f"sentence-transformers would read other modules than it lists. Ask for the vectors "
            f'of its words with task="embed".'
        )
    prompts = _EMPTY_PROMPTS | {
        str(name): "" if text is None else str(text)
        for name, text in _read_object(path, settings, "prompts").items()
    }
    name = settings.get("default_prompt_name")
    if name is not None and name not in prompts:
        raise ModelError(
            f"{path} says default_prompt_name {brief(name)}, which is none of its prompts: "
            f"{sorted(prompts)}."
        )
    dimensions = settings.get("truncate_dim")
    if dimensions is not None and (type(dimensions) is not int or dimensions < 1):
        raise ModelError(
            f"{path} says truncate_dim {brief(dimensions)}; it must be a whole number from 1 on."
        )
    default = "" if name is None else prompts[name]
    return PromptSettings(prompts=prompts, default_prompt=default, dimensions=dimensions)


def refuse_unknown(
    path: Path, settings: Mapping[str, Any], understood: Collection[str], setting: str = ""
) -> None:
    """Raise ModelError for settings that are not understood.

    Args:
        path: Their file.
        settings: What it says.
        understood: The names that are understood, or change no number.
        setting: The setting that they are part of.
    """
    if unknown := sorted(set(settings) - set(understood)):
        inside = f" in {setting}" if setting else ""
        raise ModelError(
            f"{path} says {', '.join(unknown[:5])}{inside}, which is not understood here and may "
            f"change the numbers. Understood are {', '.join(sorted(understood))}."
        )


def _read_object(path: Path, settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The setting of a name, which must be an object; nothing where it is missing or null."""
    value = settings.get(name) if isinstance(settings, Mapping) else settings
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ModelError(f"{path} says {name} {brief(value)}; it must be a JSON object.")
    return value


def _read_optional(path: Path) -> dict[str, Any]:
    """The settings of a file; none where there is no file."""
    settings: dict[str, Any] = read_json(path) if path.exists() else {}
    return settings
