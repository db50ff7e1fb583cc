"""Weights -> a transformers model, of the class that the configuration names; no code is run."""

from __future__ import annotations

import contextlib
import copy
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from nlu_lite.encoder.models.architectures import (
    choose_class,
    needs_whole_model,
    take_encoder,
)
from nlu_lite.encoder.models.renamed_weights import rename_to_fit
from nlu_lite.encoder.models.weight_files import count_bytes, find_weights, read_tensors
from nlu_lite.errors import ModelError, NluLiteError, OutOfMemoryError
from nlu_lite.weights import CONFIG_FILE, REPAIR_HINT

# One thread may ask for quiet again while it is quiet.
_quiet_lock = threading.RLock()
# Parts that word vectors do not need, so weights may lack them.
_OPTIONAL_PARTS = ("pooler.",)


def load_model(
    folder: Path,
    config: Any,  # noqa: ANN401 - transformers.PreTrainedConfig
    *,
    dtype: torch.dtype,
    device: torch.device,
    task: str | None = None,
) -> Any:  # noqa: ANN401 - transformers.PreTrainedModel
    """Read the weights into the plain transformers model of a configuration.

    Args:
        folder: Holds ``model.safetensors`` (taken first) or ``pytorch_model.bin`` (read with
            ``weights_only=True``), or either in shards.
        config: From ``read_config``.
        dtype: Of the parameters.
        device: Where the model is put.
        task: What it is to do; one that gives labels needs the part of the model that makes them.

    Raises:
        ModelError: The weights cannot be read, or do not fit the architecture.
        OutOfMemoryError: They are larger than the memory.
    """
    model_class = choose_class(config, task)
    files = find_weights(folder)
    try:
        with quiet_transformers():
            _refuse_larger(model_class, config, files)
            model, report = _read_weights(model_class, config, files, dtype)
            if report["missing_keys"]:
                model, report = _read_renamed(model, report, files, task)
    except ModelError:
        raise
    except Exception as error:
        raise _explain(error, model_class, files) from error
    _check_report(report, model_class, files, task)
    if not needs_whole_model(task) and any(map(_is_optional, report["missing_keys"])):
        model.pooler = None  # it would be random numbers
    _detach_from_files(model)
    model.requires_grad_(False)
    model = model.to(device).eval()
    return model if needs_whole_model(task) else take_encoder(model)


def make_empty_model(config: Any, task: str | None) -> Any:  # noqa: ANN401
    """The model of a configuration without its weights: shapes only.

    Raises:
        ModelError: transformers has no model for it.
        Exception: Whatever the model's class makes of the configuration.
    """
    model_class = choose_class(config, task)
    with torch.device("meta"), quiet_transformers():
        model = model_class(copy.deepcopy(config))
    return model if needs_whole_model(task) else take_encoder(model)


def _read_weights(
    model_class: Any,  # noqa: ANN401 - a class of transformers
    config: Any,  # noqa: ANN401 - transformers.PreTrainedConfig
    files: list[Path],
    dtype: torch.dtype,
) -> Any:  # noqa: ANN401 - the model and transformers' report
    return model_class.from_pretrained(
        str(files[0].parent),
        config=config,
        dtype=dtype,
        local_files_only=True,
        use_safetensors=files[0].suffix == ".safetensors",
        weights_only=True,
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # they are in the report
    )


def _read_renamed(
    model: Any,  # noqa: ANN401 - transformers.PreTrainedModel
    report: dict[str, Any],
    files: list[Path],
    task: str | None,
) -> Any:  # noqa: ANN401 - the model and transformers' report
    """The model with its weights by other names, if one change of prefix makes all of them fit."""
    required = [name for name in report["missing_keys"] if _is_required(name, task)]
    renamed = rename_to_fit(files, required) if required else None
    if renamed is None:
        return model, report
    return type(model).from_pretrained(
        None,
        config=model.config,
        state_dict=renamed,
        dtype=model.dtype,
        output_loading_info=True,
        ignore_mismatched_sizes=True,
    )


def _detach_from_files(model: Any) -> None:  # noqa: ANN401 - transformers.PreTrainedModel
    """Copy weights that are views of a file, which may be written while they are in use."""
    for part in (*model.parameters(), *model.buffers()):
        part.data = part.data.clone()


def _refuse_larger(model_class: Any, config: Any, files: list[Path]) -> None:  # noqa: ANN401
    """Raise for a configuration of more numbers than the weights have bytes.

    What the weights lack would be made up, in memory.
    """
    path = files[0].with_name(CONFIG_FILE)
    try:
        with torch.device("meta"):  # shapes only
            model = model_class(copy.deepcopy(config))
    except Exception as error:
        raise ModelError(
            f"{path} does not make a {model_class.__name__}: {error!s:.500}. {REPAIR_HINT}"
        ) from error
    parameters = model.named_parameters()
    numbers = sum(part.numel() for name, part in parameters if not _is_optional(name))
    size = count_bytes(files)
    if numbers > size:
        raise ModelError(
            f"The weights in {path.parent} do not fit {model_class.__name__} and its "
            f"{CONFIG_FILE}: it describes {numbers:,} numbers, and they have {size:,} bytes. Is "
            "the architecture right?"
        )


def _is_optional(name: str) -> bool:
    """Whether word vectors do without a parameter."""
    return name.startswith(_OPTIONAL_PARTS)


def _is_required(name: str, task: str | None) -> bool:
    """Whether a task cannot do without a parameter."""
    return needs_whole_model(task) or not _is_optional(name)


def _explain(error: Exception, model_class: Any, files: list[Path]) -> NluLiteError:  # noqa: ANN401
    """The error for weights that cannot be read."""
    folder = files[0].parent
    if isinstance(error, MemoryError):
        return OutOfMemoryError(
            f"The weights in {folder}, {count_bytes(files):,} bytes, do not fit into the memory. "
            f"Use a smaller model."
        )
    if isinstance(error, pickle.UnpicklingError):  # torch's own message tells how to run the code
        return ModelError(
            f"The weights in {folder} cannot be read: {files[0].name} is damaged, or holds more "
            f"than numbers; that is never read, since it could run code. Take the model as "
            "safetensors."
        )
    return ModelError(
        f"The weights in {folder} cannot be read as {model_class.__name__}: {error!s:.500}. "
        f"{REPAIR_HINT}"
    )


def _check_report(
    report: dict[str, Any],
    model_class: Any,  # noqa: ANN401 - a class of transformers
    files: list[Path],
    task: str | None,
) -> None:
    """Raise ModelError for weights that are missing or of another shape."""
    missing = sorted(name for name in report["missing_keys"] if _is_required(name, task))
    mismatched = sorted(map(str, report["mismatched_keys"]))
    if not missing and not mismatched:
        return
    hint = ""
    if needs_whole_model(task):
        hint = f" Weights that were not trained for {task} lack what it is made with."
    names = sorted(read_tensors(files))
    raise ModelError(
        f"The weights in {files[0].parent} do not fit {model_class.__name__} and its "
        f"{CONFIG_FILE}: {len(missing)} missing {missing[:3]}, {len(mismatched)} of another shape "
        f"{mismatched[:3]}. They hold {len(names)} names {names[:3]!s:.300}. Is the architecture "
        f"right?{hint}"
    )


@contextlib.contextmanager
def quiet_transformers() -> Iterator[None]:
    """Turn the bars, reports and advice of transformers off for what is done inside."""
    from transformers.utils import logging as module

    logging: Any = module
    with _quiet_lock:
        level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(level)
            if bars:
                logging.enable_progress_bar()
