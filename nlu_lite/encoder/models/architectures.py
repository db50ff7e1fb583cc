"""Which class of transformers reads a configuration: the part of a model that reads text."""

from __future__ import annotations

import inspect
from typing import Any

import torch

from nlu_lite.errors import ModelError

# The classes of transformers that make labels or texts, by task.
_WHOLE_MODELS = {
    "token_classification": "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING",
    "text_classification": "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "zero_shot": "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "question_answering": "MODEL_FOR_QUESTION_ANSWERING_MAPPING",
    "translation": "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING",
}
# Inputs beside the text that say where it stands on a page.
_BOXES = ("bbox",)


def needs_whole_model(task: str | None) -> bool:
    """Whether a task needs the part of a model that makes labels or texts."""
    return task in _WHOLE_MODELS


def choose_class(config: Any, task: str | None) -> Any:  # noqa: ANN401 - a class of transformers
    """The class that reads a configuration for a task.

    Args:
        config: A transformers configuration, from ``select_text_config``.
        task: As in the registry; None for vectors.

    Raises:
        ModelError: transformers has none, or one that reads something else than text.
    """
    if task in _WHOLE_MODELS:
        model_class = _find_in_mapping(_WHOLE_MODELS[task], config)
        if model_class is None:
            raise ModelError(
                f"transformers has no model of the architecture {config.model_type!r} for {task}."
            )
    else:
        model_class = _find_encoder_class(config) or _find_in_mapping("MODEL_MAPPING", config)
        model_class = model_class or _find_tower_class(config)
        if model_class is None:
            raise ModelError(
                f"transformers has no model of the architecture {config.model_type!r} that reads "
                "text."
            )
    _check_inputs(model_class, config)
    return model_class


def select_text_config(config: Any, task: str | None) -> Any:  # noqa: ANN401 - of transformers
    """The configuration of what reads text: its own part where a model compares two kinds of data.

    CLIP and its kin have a tower for texts and one for pictures, and their whole needs both. Models
    that write about pictures read a text alone as a whole.

    Args:
        config: Of the folder.
        task: As in the registry; None for vectors.
    """
    if task in _WHOLE_MODELS and _find_in_mapping(_WHOLE_MODELS[task], config) is not None:
        return config
    part = getattr(config, "text_config", None)
    if part is None or part is config or getattr(part, "model_type", None) is None:
        return config
    writes_texts = _find_in_mapping("MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING", config) is not None
    # What models have that read texts apart from pictures.
    reads_apart = hasattr(_find_in_mapping("MODEL_MAPPING", config), "get_text_features")
    if writes_texts and not reads_apart:
        return config
    has_tower = _find_tower_class(part) or _find_in_mapping("MODEL_MAPPING", part)
    return part if has_tower is not None else config


class EncoderPart(torch.nn.Module):
    """The encoder of a model with a decoder, where transformers has it as a module only.

    Args:
        model: Of which the decoder is left behind.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - transformers.PreTrainedModel
        super().__init__()
        self.encoder = model.get_encoder()
        self.config = model.config
        self.dtype, self.device = model.dtype, model.device

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        output_hidden_states: bool = False,
    ) -> Any:  # noqa: ANN401 - an output of transformers
        """As transformers' models."""
        return self.encoder(
            input_ids, attention_mask=attention_mask, output_hidden_states=output_hidden_states
        )


def take_encoder(model: Any) -> Any:  # noqa: ANN401 - transformers.PreTrainedModel
    """A model without its decoder, whose states texts do not need."""
    if not model.config.is_encoder_decoder or not hasattr(model, "decoder"):
        return model
    encoder = model.get_encoder()
    return encoder if hasattr(encoder, "config") else EncoderPart(model)


def _find_in_mapping(name: str, config: Any) -> Any:  # noqa: ANN401 - a class of transformers
    import transformers

    mapping: Any = getattr(transformers, name)
    if type(config) not in mapping:
        return None
    model_class = mapping[type(config)]
    if not isinstance(model_class, tuple):
        return model_class
    # Of several, as AutoModel does, the one that the configuration names (Funnel).
    names = config.architectures or []
    return next((item for item in model_class if item.__name__ in names), model_class[0])


def _find_encoder_class(config: Any) -> Any:  # noqa: ANN401 - a class of transformers
    """The class of an encoder alone, which needs no decoder's weights; None where there is none."""
    import transformers

    model_class = _find_in_mapping("MODEL_MAPPING", config)
    if model_class is None:
        return None
    if config.is_encoder_decoder and hasattr(config, "encoder"):
        return None  # T5Gemma's class is for folders that hold the encoder only
    name = model_class.__name__.removesuffix("Model") + "EncoderModel"
    return getattr(transformers, name, None)


def _find_tower_class(config: Any) -> Any:  # noqa: ANN401 - a class of transformers
    """The class that is called as its configuration is; None where there is none."""
    import transformers

    name = type(config).__name__.removesuffix("Config") + "Model"
    return getattr(transformers, name, None)


def _check_inputs(model_class: Any, config: Any) -> None:  # noqa: ANN401
    """Raise ModelError for a class that takes no text, or more than text."""
    inputs = inspect.signature(model_class.forward).parameters
    if "input_ids" not in inputs:
        first = next(name for name in inputs if name != "self")
        raise ModelError(
            f"A model of the architecture {config.model_type!r} reads no text: transformers' "
            f"{model_class.__name__} takes {first}. Choose one that reads text."
        )
    boxes = [name for name in _BOXES if name in inputs]
    if boxes:
        raise ModelError(
            f"A model of the architecture {config.model_type!r} reads words and where they stand "
            f"on a page ({boxes[0]}), which texts do not say. It is not served."
        )
