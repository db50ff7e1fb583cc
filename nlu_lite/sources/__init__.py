"""Inputs of any length, in memory, in files or arriving one by one -> their rows in order, a few at a time."""

from nlu_lite.sources.choose import open_source
from nlu_lite.sources.source import Chunk, Source
from nlu_lite.sources.windows import windows

__all__ = ["Chunk", "Source", "open_source", "windows"]
