"""Where a model computes, and in which number format."""

from __future__ import annotations

import torch

from nlu_lite.errors import OptionError, brief

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose_device(name: str) -> torch.device:
    """The device of that name; for ``auto`` the best there is.

    Raises:
        OptionError: It does not exist here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise OptionError(
            f'device is {brief(name)}, which cannot be used here: {error!s:.300}. "auto" takes '
            f"the best."
        ) from error
    return device


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """The number format to compute in; ``auto`` takes bfloat16 where the device has it."""
    if name == "auto":
        return torch.bfloat16 if _has_bfloat16(device) else torch.float32
    return _DTYPES[name]


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())
