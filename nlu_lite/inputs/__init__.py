"""The caller's data -> documents, index and columns; in memory, in files or arriving one by one."""

from nlu_lite.inputs.arrow import import_pyarrow
from nlu_lite.inputs.choose import open_source
from nlu_lite.inputs.documents import (
    ORIGIN_INDEX,
    Inputs,
    OnError,
    as_table,
    find_text_column,
    is_null,
    is_spark,
    read,
)
from nlu_lite.inputs.lines import read_texts
from nlu_lite.inputs.portions import PORTION_LENGTH, PORTION_TEXTS, count_code_points, cut_portions
from nlu_lite.inputs.source import Chunk, Source, join_chunks

__all__ = [
    "ORIGIN_INDEX",
    "PORTION_LENGTH",
    "PORTION_TEXTS",
    "Chunk",
    "Inputs",
    "OnError",
    "Source",
    "as_table",
    "count_code_points",
    "cut_portions",
    "find_text_column",
    "import_pyarrow",
    "is_null",
    "is_spark",
    "join_chunks",
    "open_source",
    "read",
    "read_texts",
]
