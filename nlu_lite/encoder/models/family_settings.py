"""``config.json`` of the BERT family -> the settings that say of numbers, or why they are not read.

Nothing is passed over: a setting is understood, or known to change no number, or the model is not
read here, and left to transformers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nlu_lite.encoder.backends.products import ACTIVATIONS
from nlu_lite.encoder.models.configuration import MOST_LAYERS, NOT_THE_MODEL
from nlu_lite.encoder.models.family import ARCHITECTURES, Architecture
from nlu_lite.encoder.models.heads import LabelSettings

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

# Settings that change no number of a forward: of training, of labels and their names, of special
# pieces (the tokenizer's say counts), of how text is generated, and of what a call returns.
_NO_EFFECT = NOT_THE_MODEL | frozenset(
    {
        *("model_type", "architectures", "transformers_version", "use_bfloat16", "output_past"),
        *("id2label", "label2id", "num_labels", "problem_type", "finetuning_task"),
        *("task_specific_params", "use_cache", "gradient_checkpointing", "tokenizer_class"),
        *("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "dropout"),
        *("attention_dropout", "qa_dropout", "seq_classif_dropout", "classifier_dropout_prob"),
        *("initializer_range", "initializer_factor", "tie_word_embeddings", "tie_encoder_decoder"),
        *(
            "bos_token_id",
            "eos_token_id",
            "eos_token_ids",
            "sep_token_id",
            "cls_token_id",
            "mask_token_id",
        ),
        *("unk_token_id", "decoder_start_token_id", "prefix", "language", "name"),
        *("summary_type", "summary_use_proj", "summary_activation", "summary_last_dropout"),
        *("summary_proj_to_labels", "max_length", "min_length", "do_sample", "early_stopping"),
        *("num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k", "top_p"),
        *("typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size"),
        *("encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences"),
        *("output_scores", "return_dict_in_generate", "forced_bos_token_id"),
        *("forced_eos_token_id", "remove_invalid_values", "exponential_decay_length_penalty"),
        *("suppress_tokens", "begin_suppress_tokens", "tf_legacy_loss"),
    }
)
_LABEL_TABLES = ("id2label", "label2id")
# Settings that must say what the architectures here are.
_FIXED: dict[str, tuple[object, ...]] = {
    "is_decoder": (False,),
    "is_encoder_decoder": (False,),
    "add_cross_attention": (False,),
    "cross_attention_hidden_size": (None,),
    "position_embedding_type": (None, "absolute"),
    "pruned_heads": (None, {}),
    "inner_group_num": (1,),
    # transformers' MPNet counts with 32, whatever its configuration says.
    "relative_attention_num_buckets": (32,),
}
_SIZES = (
    *("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads"),
    *("intermediate_size", "max_position_embeddings", "type_vocab_size", "embedding_size"),
    *("num_hidden_groups", "local_attention", "global_attn_every_n_layers"),
)
_FLAGS = ("norm_bias", "attention_bias", "mlp_bias")
_ATTENTIONS = {"full_attention": "global_rope_theta", "sliding_attention": "local_rope_theta"}


class NotOfTheFamilyError(Exception):
    """A model is left to transformers; the message says what is not understood."""


@dataclass(frozen=True, kw_only=True)
class FamilySettings:
    """What a configuration says of a model's numbers.

    Attributes:
        architecture: What it is one of.
        model_type: As configurations call it.
        values: The settings by BERT's names.
        labels: What it says about labels; None for vectors.
    """

    architecture: Architecture
    model_type: str
    values: dict[str, Any]
    labels: LabelSettings | None

    def size(self, name: str) -> int:
        """A size by its name."""
        return int(self.values[name])

    @property
    def padding_id(self) -> int | None:
        """From which on positions are counted; None where they are counted from 0."""
        if not self.architecture.counts_from_padding:
            return None
        stated = self.architecture.padding_id
        return self.size("pad_token_id") if stated is None else stated

    @property
    def longest(self) -> int:
        """Longest sequence in pieces, the special ones counted."""
        padding = self.padding_id
        return self.size("max_position_embeddings") - (0 if padding is None else padding + 1)

    @property
    def embedding_width(self) -> int:
        """Width of what is looked up for a piece."""
        return int(self.values.get("embedding_size", self.values["hidden_size"]))

    @property
    def has_projection(self) -> bool:
        """Whether what is looked up for a piece is projected to a state."""
        if "projection" not in self.architecture.names:
            return False
        differs = self.embedding_width != self.values["hidden_size"]
        return differs or self.architecture.always_projects

    @property
    def heads(self) -> int:
        """Heads of the attention."""
        return self.size("num_attention_heads")

    @property
    def layer_types(self) -> list[str]:
        """For each layer what its attention sees: ``full_attention`` or ``sliding_attention``."""
        period = self.values["global_attn_every_n_layers"]
        return self.values["layer_types"] or [
            "sliding_attention" if number % period else "full_attention"
            for number in range(self.size("num_hidden_layers"))
        ]

    def find_reach(self, layer_type: str) -> int | None:
        """How far a token sees in layers of a type, in tokens; None for all."""
        return self.size("local_attention") // 2 if layer_type == "sliding_attention" else None

    def find_rotation_base(self, layer_type: str) -> float:
        """The base of the rotations in layers of a type."""
        stated = (self.values["rope_parameters"] or {}).get(layer_type) or {}
        return float(stated.get("rope_theta", self.values[_ATTENTIONS[layer_type]]))


def find_model_type(settings: dict[str, Any], entry: Entry) -> str:
    """What the architecture is called, by the entry or else the folder."""
    return str(entry.architecture or settings.get("model_type"))


def understand(settings: dict[str, Any], entry: Entry, task: str | None) -> FamilySettings:
    """The settings of a model of the family.

    Args:
        settings: Of ``config.json``, of an architecture of the family.
        entry: What the registry says about the model.
        task: What it is to do; None for vectors.

    Raises:
        NotOfTheFamilyError: One of them is not understood.
    """
    model_type = find_model_type(settings, entry)
    architecture = ARCHITECTURES[model_type]
    values = {
        **architecture.settings,
        **_select(settings, architecture),
        **architecture.constants,
    }
    for name, check in _CHECKS.items():
        if name in values and not check(values[name]):
            raise NotOfTheFamilyError(f"{name} is {values[name]!r:.100}")
    _check_together(values, architecture)
    for name in _LABEL_TABLES:  # without effect on vectors, but then the file is damaged
        if not isinstance(settings.get(name), dict | None):
            raise NotOfTheFamilyError(f"{name} is {settings[name]!r:.100}")
    for name, stated in (("hidden_size", entry.dimension), ("num_hidden_layers", entry.layers)):
        if stated not in (None, values[name]):
            raise NotOfTheFamilyError(f"{name} is {values[name]}, the entry says {stated}")
    labels = None
    if task is not None:
        labels = LabelSettings.of_settings(settings)
        if labels is None:
            raise NotOfTheFamilyError("what it says about labels is not plain")
    return FamilySettings(
        architecture=architecture, model_type=model_type, values=values, labels=labels
    )


def _select(settings: dict[str, Any], architecture: Architecture) -> dict[str, Any]:
    """The settings that say of numbers, by BERT's names."""
    names = {name: name for name in architecture.settings}
    for name, bert_name in architecture.renamed.items():
        del names[bert_name]
        names[name] = bert_name
    values = {}
    for name, value in settings.items():
        if name in _FIXED and name not in names:
            if value not in _FIXED[name]:
                raise NotOfTheFamilyError(f"{name} is {value!r:.100}")
        elif name in names:
            values[names[name]] = value
        elif name not in _NO_EFFECT and name not in architecture.ignored:
            raise NotOfTheFamilyError(f"it has the setting {name}")
    return values


def _is_size(value: object) -> bool:
    return type(value) is int and value >= 1


def _is_positive(value: object) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return 0 < value < math.inf


def _is_padding(value: object) -> bool:
    return value is None or (type(value) is int and value >= 0)


def _are_layer_types(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and all(layer_type in _ATTENTIONS for layer_type in value)


def _are_rotations(value: object) -> bool:
    """Whether rotations are the plain ones, of known bases."""
    if value is None:
        return True
    if not isinstance(value, dict) or not value.keys() <= _ATTENTIONS.keys():
        return False
    return all(map(_is_plain_rotation, value.values()))


def _is_plain_rotation(rotation: object) -> bool:
    if not isinstance(rotation, dict) or not rotation.keys() <= {"rope_type", "rope_theta"}:
        return False
    is_default = rotation.get("rope_type", "default") == "default"
    return is_default and _is_positive(rotation.get("rope_theta", 1.0))


_CHECKS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(_SIZES, _is_size),
    **dict.fromkeys(_FLAGS, lambda value: isinstance(value, bool)),
    **{
        name: lambda value, valid=valid: value in valid  # type: ignore[misc]
        for name, valid in _FIXED.items()
    },
    "hidden_act": lambda value: isinstance(value, str) and value in ACTIVATIONS,
    "layer_norm_eps": _is_positive,
    "pad_token_id": _is_padding,
    "layer_types": _are_layer_types,
    "rope_parameters": _are_rotations,
    "global_rope_theta": _is_positive,
    "local_rope_theta": _is_positive,
}


def _check_together(values: dict[str, Any], architecture: Architecture) -> None:
    """Raise for sizes that do not go together."""
    layers, groups = values["num_hidden_layers"], values.get("num_hidden_groups", 1)
    padding = values["pad_token_id"]
    first = 0
    if architecture.counts_from_padding:
        first = padding if architecture.padding_id is None else architecture.padding_id
    types = values.get("layer_types")
    faults = {
        "hidden_size is no multiple of num_attention_heads": values["hidden_size"]
        % values["num_attention_heads"],
        "there are too many layers": layers > MOST_LAYERS,
        "there are more groups than layers": groups > layers,
        "the padding is in no vocabulary": padding is not None and padding >= values["vocab_size"],
        "no position is left behind the padding": first is None
        or first + 1 >= values["max_position_embeddings"],
        "layer_types is not as long as the layers": types is not None and len(types) != layers,
        "heads cannot be halved": "rope_parameters" in values
        and (values["hidden_size"] // values["num_attention_heads"]) % 2,
    }
    for fault, is_so in faults.items():
        if is_so:
            raise NotOfTheFamilyError(fault)
