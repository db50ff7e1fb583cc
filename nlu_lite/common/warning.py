"""Warnings that point at the caller's line, however deep in the package they come up."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import FrameType

from nlu_lite.errors import hide_secrets, show_controls

_PACKAGE = str(Path(__file__).resolve().parents[1])


def warn(message: str) -> None:
    """A UserWarning for the line outside the package that called for the work."""
    level = 1
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    warnings.warn(show_controls(hide_secrets(message)), UserWarning, stacklevel=level)
