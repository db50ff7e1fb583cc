"""A model folder -> a transformers model, by the class that the entry names, never by code in the folder."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from nlu_lite.errors import ModelError, OptionError
from nlu_lite.model_files import INDEXES, REPAIR, WEIGHTS, shards_of

if TYPE_CHECKING:
    from nlu_lite.registry import Entry

_quiet_lock = threading.Lock()
# Parts that word vectors do not need, so weights may lack them.
_OPTIONAL_PARTS = ("pooler.",)
# Models that transformers maps to an encoder with a decoder, of which only the encoder is wanted.
_ENCODERS = {"t5": "T5EncoderModel", "mt5": "MT5EncoderModel"}
# The classes of transformers that make labels, by task.
_HEADED = {
    "token_classification": "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING",
    "text_classification": "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "zero_shot": "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "question_answering": "MODEL_FOR_QUESTION_ANSWERING_MAPPING",
}
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
        raise ModelError(f"{path} cannot be read: {error}. {REPAIR}") from error
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
    with quiet():
        config = CONFIG_MAPPING[architecture].from_dict(settings)
    for fact, wanted, has in (
        ("dimension", entry.dimension, getattr(config, "hidden_size", None)),
        ("layers", entry.layers, getattr(config, "num_hidden_layers", None)),
    ):
        if wanted is not None and has is not None and wanted != has:
            raise ModelError(f"{path} says {fact} {has}, the entry of {entry.request!r} {wanted}: not the same model.")
    return config


def longest_sequence(config: Any) -> int | None:  # noqa: ANN401
    """The longest sequence a model has positions for, in pieces with the special ones; None if nothing bounds it."""
    positions = getattr(config, "max_position_embeddings", None)
    if not isinstance(positions, int) or positions <= 0:
        return None
    return positions - _POSITION_OFFSET.get(config.model_type, 0)


def load_model(folder: Path, config: Any, *, dtype: torch.dtype, device: torch.device, task: str | None = None) -> Any:  # noqa: ANN401
    """Read the weights into the plain transformers model of a configuration.

    Args:
        folder: Holds ``model.safetensors`` (taken first) or ``pytorch_model.bin`` (read with ``weights_only=True``), or
            either in shards.
        config: From ``read_config``.
        dtype: Of the parameters.
        device: Where the model is put.
        task: What it is to do; one that gives labels needs the part of the model that makes them.

    Raises:
        ModelError: The weights cannot be read, or do not fit the architecture.
    """
    kind = _kind(config, task)
    optional = () if task in _HEADED else _OPTIONAL_PARTS
    first = next((name for name in WEIGHTS if (folder / name).is_file()), None)
    if first in INDEXES:
        shards_of(folder / first)  # refuses names outside the folder
    try:
        with quiet():
            model, report = kind.from_pretrained(
                str(folder),
                config=config,
                dtype=dtype,
                local_files_only=True,
                use_safetensors=first is not None and "safetensors" in first,
                weights_only=True,
                output_loading_info=True,
            )
    except MemoryError:
        raise
    except Exception as error:
        raise ModelError(f"The weights in {folder} cannot be read as {kind.__name__}: {error}. {REPAIR}") from error
    missing = sorted(name for name in report["missing_keys"] if not optional or not name.startswith(optional))
    wrong = [str(item) for item in report["mismatched_keys"]]
    if missing or wrong:
        raise ModelError(
            f"The weights in {folder} do not fit {kind.__name__}: {len(missing)} missing {missing[:3]}, {len(wrong)} of "
            f"another shape {wrong[:3]}. Is the architecture right?"
            + (f" Weights that were not trained for {task} lack what makes its labels." if task in _HEADED else "")
        )
    if optional and any(name.startswith(_OPTIONAL_PARTS) for name in report["missing_keys"]):
        model.pooler = None  # it would be random numbers
    model.requires_grad_(False)
    return model.to(device).eval()


def _kind(config: Any, task: str | None) -> Any:  # noqa: ANN401 - a class of transformers
    import transformers

    if task not in _HEADED:
        name = _ENCODERS.get(config.model_type)
        return getattr(transformers, name) if name else transformers.MODEL_MAPPING[type(config)]
    mapping: Any = getattr(transformers, _HEADED[task])
    if type(config) not in mapping:
        raise ModelError(f"transformers has no model of the architecture {config.model_type!r} for {task}.")
    return mapping[type(config)]


def pooling_of(model: Any) -> Callable[[torch.Tensor], torch.Tensor] | None:  # noqa: ANN401
    """The model's own pooler, tanh of a linear layer on the first position; None if it has none with weights.

    Args:
        model: A transformers model.

    Returns:
        From shape (texts, positions, dimension) to (texts, dimension).
    """
    if getattr(model, "pooler", None) is None:
        return None
    # ALBERT's is a bare linear layer; the others take all positions and read the first.
    if hasattr(model, "pooler_activation"):
        return lambda states: model.pooler_activation(model.pooler(states[:, 0]))
    return lambda states: model.pooler(states)


def pooler_of(model: Any) -> Callable[[NDArray[np.float32]], NDArray[np.float32]] | None:  # noqa: ANN401
    """``pooling_of`` for vectors of first positions.

    Args:
        model: A transformers model.

    Returns:
        From shape (texts, dimension) to the same shape, float32.
    """
    if (own := pooling_of(model)) is None:
        return None

    @torch.inference_mode()
    def pool(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        first = torch.from_numpy(vectors).to(device=model.device, dtype=model.dtype)
        return np.asarray(own(first[:, None]).float().cpu().numpy())

    return pool


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
