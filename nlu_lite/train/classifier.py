"""A model's files -> a transformers model with a head for classes of texts, to be taught."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from nlu_lite import registry, weights
from nlu_lite.encoder import (
    find_transformer_folder,
    quiet_transformers,
    read_config,
    read_plain_tokenizer,
)
from nlu_lite.errors import ModelError, OptionError, OutOfMemoryError
from nlu_lite.registry import resolve
from nlu_lite.train.trainer import seeded
from nlu_lite.weights import refuse_spark_nlp

if TYPE_CHECKING:
    from nlu_lite.registry import Entry


def find_model(reference: str | Path, offline: bool | None) -> tuple[Entry, Path]:
    """What a model is made from: its entry and its files.

    Args:
        reference: A reference, a hub id, or a folder; a text is one if it has a separator and
            exists.
        offline: As in ``load``.

    Raises:
        OptionError: It names several models, or none.
        NluLiteError: As ``load`` does.
    """
    if not isinstance(reference, (str, Path)):
        raise OptionError(
            f"The model is {reference!r:.60}; valid is a reference, a hub id, or a folder with a "
            f"model's files."
        )
    if _is_folder(reference):
        refuse_spark_nlp(Path(reference))
        entries = resolve(None, path=reference, task=None, language=None)
    else:
        entries = resolve(str(reference), path=None, task=None, language=None)
    if len(entries) != 1:
        raise OptionError(f"{reference!r} names {len(entries)} models; one is trained at a time.")
    folder = weights.locate(entries[0], registry.current(), offline=offline, revision=None)
    return entries[0], folder


def _is_folder(reference: str | Path) -> bool:
    if isinstance(reference, Path):
        return True
    separators = {"/", os.sep, os.altsep or "/"}
    return not separators.isdisjoint(reference) and Path(reference).is_dir()


def read_classifier(
    folder: Path, entry: Entry, names: Sequence[str], *, layers: int | None, seed: int
) -> Any:  # noqa: ANN401 - a transformers model
    """The model of a folder with a head for some classes, in float32 on the CPU.

    Args:
        folder: The model's files; a head that they have is read, another one is random.
        entry: What the registry says about them.
        names: Of the classes.
        layers: Only its first so many.
        seed: Of what is random.

    Raises:
        ModelError: The files do not make the model, or transformers has no classifier of its
            architecture.
        OptionError: The model has fewer layers.
        OutOfMemoryError: The weights do not fit.
    """
    from transformers import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING

    folder = find_transformer_folder(folder)
    config = read_config(folder, entry)
    if type(config) not in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING:
        raise ModelError(
            f"{entry.request!r} is a {config.model_type}, of which transformers makes no "
            f"classifier of texts."
        )
    _keep_first_layers(config, layers, entry)
    config.id2label = dict(enumerate(names))
    config.label2id = {name: number for number, name in enumerate(names)}
    config.problem_type = "single_label_classification"
    model_class: Any = MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)]
    try:
        with quiet_transformers(), seeded(seed):
            model, report = model_class.from_pretrained(
                str(folder),
                config=config,
                dtype=torch.float32,
                local_files_only=True,
                weights_only=True,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
            )
    except MemoryError as error:
        raise OutOfMemoryError(
            f"The weights in {folder} do not fit into the memory. Use a smaller model."
        ) from error
    except Exception as error:
        raise ModelError(
            f"The weights in {folder} cannot be read as {model_class.__name__}: {error}."
        ) from error
    _check_weights(model, report["missing_keys"], folder)
    return model


def _keep_first_layers(config: Any, layers: int | None, entry: Entry) -> None:  # noqa: ANN401
    if layers is None:
        return
    count = config.num_hidden_layers
    if type(layers) is not int or not 1 <= layers <= count:
        raise OptionError(
            f"layers is {layers!r}; {entry.request!r} has {count}, of which the first 1 to {count} "
            f"can be kept."
        )
    config.num_hidden_layers = layers
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:layers]


def _check_weights(model: Any, missing: Sequence[str], folder: Path) -> None:  # noqa: ANN401
    """Only the head and the pooler may be random."""
    in_body = [name for name in missing if name.startswith(f"{model.base_model_prefix}.")]
    needed = sorted(name for name in in_body if "pooler" not in name)
    if needed:
        raise ModelError(
            f"The weights in {folder} lack {len(needed)} parts of {type(model).__name__}, such as "
            f"{needed[0]}."
        )


def read_padding_tokenizer(
    folder: Path,
    entry: Entry,
    model: Any,  # noqa: ANN401 - a transformers model
) -> Any:  # noqa: ANN401 - of transformers
    """The folder's tokenizer, which pads with the piece that the model takes for padding.

    Args:
        folder: The model's files.
        entry: What the registry says about them.
        model: To be trained; a decoder reads a text's class off the last piece that is no padding,
            so its configuration is told which that is.

    Raises:
        ModelError: It cannot pad.
    """
    tokenizer = read_plain_tokenizer(find_transformer_folder(folder), entry)
    config = model.config.get_text_config()
    if tokenizer.pad_token is None and config.pad_token_id is not None:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(config.pad_token_id)
    if tokenizer.pad_token is None:
        raise ModelError(
            f"The tokenizer of {entry.request!r} has no piece to pad with, which training in "
            f"batches needs."
        )
    config.pad_token_id = tokenizer.pad_token_id
    return tokenizer
