"""Warnings that point at the caller's line, however deep in the package they come up."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import FrameType

_PACKAGE = str(Path(__file__).resolve().parents[1])


def warn(message: str) -> None:
    """A UserWarning for the line outside the package that asked for the work.

    Args:
        message: What the user should know.
    """
    level, frame = 1, sys._getframe()
    outer: FrameType | None = frame
    while outer is not None and outer.f_code.co_filename.startswith(_PACKAGE):
        outer, level = outer.f_back, level + 1
    warnings.warn(message, UserWarning, stacklevel=level)
