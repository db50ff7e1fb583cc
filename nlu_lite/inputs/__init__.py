"""The caller's data -> documents, index and columns; of any length, in memory, in files or arriving one by one."""

from nlu_lite.inputs.arrow import pyarrow
from nlu_lite.inputs.choose import open_source
from nlu_lite.inputs.inputs import (
    ORIGIN_INDEX,
    Inputs,
    OnError,
    is_null,
    is_spark,
    read,
    text_column,
)
from nlu_lite.inputs.source import Chunk, Source, joined
from nlu_lite.inputs.windows import WINDOW_LENGTH, WINDOW_TEXTS, length_of, windows

__all__ = [
    "ORIGIN_INDEX",
    "WINDOW_LENGTH",
    "WINDOW_TEXTS",
    "Chunk",
    "Inputs",
    "OnError",
    "Source",
    "is_null",
    "is_spark",
    "joined",
    "length_of",
    "open_source",
    "pyarrow",
    "read",
    "text_column",
    "windows",
]
