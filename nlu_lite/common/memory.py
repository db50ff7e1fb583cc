"""Memory that was freed, given back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any


def trim_memory() -> None:
    """Return to the system what the C library keeps of freed memory.

    Over hours of arrays of ever other sizes, free memory that is kept in small pieces grows without
    end. Nothing happens where the library has no call for it (only glibc has).
    """
    _find_malloc_trim()(0)


@cache
def _find_malloc_trim() -> Callable[[int], object]:
    try:
        library: Any = ctypes.CDLL(None)
        malloc_trim: Callable[[int], object] = library.malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return lambda _kept_bytes: None
    return malloc_trim
