"""What models compute with; two runs that agree on it give equal bits."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

import torch

from nlu_lite.encoder.models.cache import LoadedModel

# What the numbers, or the bytes of a file, may depend on.
_PACKAGES = (
    "nlu-lite",
    "torch",
    "transformers",
    "tokenizers",
    "numpy",
    "pandas",
    "pyarrow",
    "sentencex",
    "regex",
)


def describe_computation(models: Sequence[LoadedModel]) -> dict[str, Any]:
    """What these models compute with, as plain texts and numbers.

    Args:
        models: Ready to encode.

    Returns:
        kernel, dtype and device (lists, one a model), processor, threads, versions.
    """
    return {
        "kernel": [_name_kernel(loaded) for loaded in models],
        "dtype": [loaded.dtype for loaded in models],
        "device": [_name_device(loaded.device) for loaded in models],
        "processor": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
        "threads": torch.get_num_threads(),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
    }


@contextlib.contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Compute with a number of threads, at least 1, in the thread that calls it."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _name_kernel(loaded: LoadedModel) -> str:
    has_onednn = getattr(loaded.encoder, "has_onednn", False)
    return type(loaded.encoder).__name__ + ("+onednn" if has_onednn else "")


def _name_device(device: str) -> str:
    """What kind of device; its number does not matter."""
    kind = device.partition(":")[0]
    return str(torch.cuda.get_device_name(device)) if kind == "cuda" else kind
