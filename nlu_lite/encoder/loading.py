"""A model folder -> a transformers model, by the class that the entry names, never by code in the folder."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from nlu_lite.errors import ModelError, OptionError

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

_quiet_lock = threading.Lock()
# Parts that word vectors do not need, so weights may lack them.
_OPTIONAL_PARTS = ("pooler.",)
# Models that count positions from the padding id on: so many of the positions in their configuration are never used.
_POSITION_OFFSET = {"roberta": 2, "xlm-roberta": 2, "camembert": 2, "longformer": 2, "mpnet": 2}


def read_config(folder: Path, entry: Entry) -> Any:  # noqa: ANN401 - transformers.PreTrainedConfig
    """The model's configuration, of the architecture that the entry names or else the folder.

    Raises:
        ModelError: No readable ``config.json``, an unknown architecture, or one that contradicts the entry.
    """
    from transformers import CONFIG_MAPPING

    path = folder / "config.json"
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    if not isinstance(settings, dict):
        raise ModelError(f"{path} must hold a JSON object, not a {type(settings).__name__}.")
    said = settings.get("model_type")
    architecture = str(entry.architecture or said)
    if architecture not in CONFIG_MAPPING:
        raise ModelError(
            f"The architecture of {folder} is {architecture!r}, which transformers does not know. Name it in a registry "
            'entry, for example architecture: "bert".'
        )
    settings.pop("auto_map", None)
    config = CONFIG_MAPPING[architecture].from_dict(settings)
    for fact, wanted, has in (
        ("dimension", entry.dimension, getattr(config, "hidden_size", None)),
        ("layers", entry.layers, getattr(config, "num_hidden_layers", None)),
    ):
        if wanted is not None and has is not None and wanted != has:
            raise ModelError(f"{path} says {fact} {has}, the entry of {entry.request!r} {wanted}: not the same model.")
    return config


def longest_sequence(config: Any, entry: Entry) -> int | None:  # noqa: ANN401
    """The longest sequence the model takes, in pieces with the special ones; None if nothing bounds it."""
    positions = getattr(config, "max_position_embeddings", None)
    limits = [entry.max_length]
    if isinstance(positions, int) and positions > 0:
        limits.append(positions - _POSITION_OFFSET.get(config.model_type, 0))
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else None


def load_model(folder: Path, config: Any, *, dtype: torch.dtype, device: torch.device) -> Any:  # noqa: ANN401
    """Read the weights into the plain transformers model of a configuration.

    Args:
        folder: Holds ``model.safetensors`` (taken first) or ``pytorch_model.bin`` (read with ``weights_only=True``).
        config: From ``read_config``.
        dtype: Of the parameters.
        device: Where the model is put.

    Raises:
        ModelError: The weights cannot be read, or do not fit the architecture.
    """
    from transformers import MODEL_MAPPING

    kind: Any = MODEL_MAPPING[type(config)]
    safe = any(folder.glob("*.safetensors"))
    try:
        with quiet():
            model, report = kind.from_pretrained(
                str(folder),
                config=config,
                dtype=dtype,
                local_files_only=True,
                use_safetensors=safe,
                weights_only=True,
                output_loading_info=True,
            )
    except MemoryError:
        raise
    except Exception as error:
        raise ModelError(f"The weights in {folder} cannot be read as {kind.__name__}: {error}") from error
    missing = sorted(name for name in report["missing_keys"] if not name.startswith(_OPTIONAL_PARTS))
    wrong = [str(item) for item in report["mismatched_keys"]]
    if missing or wrong:
        raise ModelError(
            f"The weights in {folder} do not fit {kind.__name__}: {len(missing)} missing {missing[:3]}, {len(wrong)} of "
            f"another shape {wrong[:3]}. Is the architecture right?"
        )
    model.requires_grad_(False)
    return model.to(device).eval()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """The bars, reports and advice of transformers off, for what is done inside only."""
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


def choose_device(asked: str) -> torch.device:
    """The device to compute on: the one asked for, or the best there is.

    Raises:
        OptionError: It does not exist here.
    """
    if asked == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(asked)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise OptionError(f'device={asked!r} cannot be used here: {error}. "auto" takes the best there is.') from error
    return device


def choose_dtype(asked: str, device: torch.device) -> torch.dtype:
    """The number format to compute in; ``auto`` takes bfloat16 where the device has it."""
    if asked == "auto":
        return torch.bfloat16 if _has_bfloat16(device) else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[asked]


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())
