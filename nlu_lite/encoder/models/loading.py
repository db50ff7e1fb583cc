"""The weights of a folder -> a transformers model, by the class that its configuration names, never by code in the folder."""

from __future__ import annotations

import contextlib
import copy
import pickle
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nlu_lite.errors import ModelError, OptionError, OutOfMemoryError, brief
from nlu_lite.weights.model_files import CONFIG, INDEXES, REPAIR, WEIGHTS, shards_of

_quiet_lock = threading.Lock()
# Parts that word vectors do not need, so weights may lack them.
_OPTIONAL_PARTS = ("pooler.",)
# Models that transformers maps to an encoder with a decoder, of which only the encoder is wanted.
_ENCODERS = {"t5": "T5EncoderModel", "mt5": "MT5EncoderModel"}
# Files that transformers would take before the weights, or put on top of them; no sha256 of the
# registry is about them.
_OTHER_WEIGHTS = re.compile(r"adapter_config\.json|shard-\d{5}-model-\d{5}-of-\d{5}\.safetensors")
# The classes of transformers that make labels, by task.
_HEADED = {
    "token_classification": "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING",
    "text_classification": "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "zero_shot": "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "question_answering": "MODEL_FOR_QUESTION_ANSWERING_MAPPING",
}


def load_model(
    folder: Path, config: Any, *, dtype: torch.dtype, device: torch.device, task: str | None = None
) -> Any:  # noqa: ANN401
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
    kind = _kind(config, task)
    optional = () if task in _HEADED else _OPTIONAL_PARTS
    files = _weights_of(folder)
    try:
        with quiet_transformers():
            _refuse_larger(kind, config, files)
            model, report = kind.from_pretrained(
                str(folder),
                config=config,
                dtype=dtype,
                local_files_only=True,
                use_safetensors=files[0].suffix == ".safetensors",
                weights_only=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are in the report
            )
    except ModelError:
        raise
    except MemoryError as error:
        size = sum(file.stat().st_size for file in files)
        raise OutOfMemoryError(
            f"The weights in {folder}, {size:,} bytes, do not fit into the memory. Use a smaller "
            f"model."
        ) from error
    except pickle.UnpicklingError as error:  # torch's own message tells how to run the code
        raise ModelError(
            f"The weights in {folder} cannot be read: {files[0].name} is damaged, or holds more "
            f"than numbers; that is never "
            "read, since it could run code. Take the model as safetensors."
        ) from error
    except Exception as error:
        raise ModelError(
            f"The weights in {folder} cannot be read as {kind.__name__}: {error!s:.500}. {REPAIR}"
        ) from error
    missing = sorted(
        name for name in report["missing_keys"] if not optional or not name.startswith(optional)
    )
    wrong = sorted(str(item) for item in report["mismatched_keys"])
    if missing or wrong:
        raise ModelError(
            f"The weights in {folder} do not fit {kind.__name__} and its {CONFIG}: {len(missing)} "
            f"missing {missing[:3]}, "
            f"{len(wrong)} of another shape {wrong[:3]}. Is the architecture right?"
            + (
                f" Weights that were not trained for {task} lack what makes its labels."
                if task in _HEADED
                else ""
            )
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
        raise ModelError(
            f"transformers has no model of the architecture {config.model_type!r} for {task}."
        )
    return mapping[type(config)]


def _weights_of(folder: Path) -> list[Path]:
    """The files that hold the weights; safetensors are taken first.

    Raises:
        ModelError: There are none, or others that would be read in their place.
    """
    if others := sorted(
        path.name for path in folder.iterdir() if _OTHER_WEIGHTS.fullmatch(path.name)
    ):
        raise ModelError(
            f"{folder} holds {others[0]}: adapters and distributed weights are not served. Merge "
            f"them into {WEIGHTS[0]}."
        )
    first = next((name for name in WEIGHTS if (folder / name).is_file()), None)
    if first is None:
        raise ModelError(f"{folder} holds no weights: there must be one of {', '.join(WEIGHTS)}.")
    return [folder / name for name in (shards_of(folder / first) if first in INDEXES else [first])]


def _refuse_larger(kind: Any, config: Any, files: list[Path]) -> None:  # noqa: ANN401
    """Raise for a configuration of more numbers than the weights have bytes: what they lack would be made up, in memory."""
    place = files[0].with_name(CONFIG)
    try:
        with torch.device("meta"):  # shapes only
            model = kind(copy.deepcopy(config))
    except Exception as error:
        raise ModelError(
            f"{place} does not make a {kind.__name__}: {error!s:.500}. {REPAIR}"
        ) from error
    numbers = sum(
        parameter.numel()
        for name, parameter in model.named_parameters()
        if not name.startswith(_OPTIONAL_PARTS)
    )
    size = sum(file.stat().st_size for file in files)
    if numbers > size:
        raise ModelError(
            f"The weights in {place.parent} do not fit {kind.__name__} and its {CONFIG}: it "
            f"describes {numbers:,} numbers, and "
            f"they have {size:,} bytes. Is the architecture right?"
        )


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
def quiet_transformers() -> Iterator[None]:
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
        raise OptionError(
            f'device is {brief(asked)}, which cannot be used here: {error!s:.300}. "auto" takes '
            f"the best."
        ) from error
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
