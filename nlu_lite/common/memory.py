"""Memory that was freed, given back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any


def give_back() -> None:
    """Return what the C library keeps of freed memory; nothing where it has no call for that (only glibc has).

    Over hours of arrays of ever other sizes, free memory that is kept in small pieces grows without
    end.
    """
    _call()(0)


@cache
def _call() -> Callable[[int], object]:
    try:
        library: Any = ctypes.CDLL(None)
        call: Callable[[int], object] = library.malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return lambda _kept: None
    return call
