"""The caller's data -> documents, index and columns; in memory, in files or arriving one by one."""

from nlu_lite.inputs.arrow import import_pyarrow
from nlu_lite.inputs.chunks import (
    PORTION_LENGTH,
    PORTION_TEXTS,
    Chunk,
    Data,
    count_code_points,
    cut_portions,
    join_chunks,
)
from nlu_lite.inputs.columns import find_text_column, is_null
from nlu_lite.inputs.decoding import check_encoding
from nlu_lite.inputs.documents import ORIGIN_INDEX, Inputs, OnError, read
from nlu_lite.inputs.file_arguments import FileArguments
from nlu_lite.inputs.kinds import as_table, is_spark, locate_column, open_source
from nlu_lite.inputs.lines import read_texts
from nlu_lite.inputs.source import Source

__all__ = [
    "ORIGIN_INDEX",
    "PORTION_LENGTH",
    "PORTION_TEXTS",
    "Chunk",
    "Data",
    "FileArguments",
    "Inputs",
    "OnError",
    "Source",
    "as_table",
    "check_encoding",
    "count_code_points",
    "cut_portions",
    "find_text_column",
    "import_pyarrow",
    "is_null",
    "is_spark",
    "join_chunks",
    "locate_column",
    "open_source",
    "read",
    "read_texts",
]
