"""Units and results -> the DataFrame: rows of a level, columns, names, index."""

from nlu_lite.frame.build import (
    KEEP_ALL,
    Keep,
    assemble,
    carried_positions,
    component_column,
    distinct,
    nullable_integers,
    rename_clashing,
    strings,
)
from nlu_lite.frame.cells import (
    is_vector,
    matrix_column,
    mean_vectors,
    note_widths,
    vector_columns,
    vectors,
)
from nlu_lite.frame.chunks import Chunks, chunk_spans
from nlu_lite.frame.collect import UnitCollector, WordCollector
from nlu_lite.frame.column_types import ColumnType, plain_type
from nlu_lite.frame.columns import columns_of
from nlu_lite.frame.levels import (
    AGGREGATES,
    CHUNK,
    DOCUMENT,
    LEVELS,
    SENTENCE,
    TOKEN,
    DocumentLevel,
    Level,
    LevelName,
    level_named,
)
from nlu_lite.frame.results import (
    UnitLabels,
    UnitReading,
    UnitResults,
    UnitVectors,
    confidence_column,
)
from nlu_lite.frame.rows import Rows
from nlu_lite.frame.size import frame_bytes, warn_if_large
from nlu_lite.frame.text_files import CsvWriter, Locate, write_frame_lines
from nlu_lite.frame.units import Units
from nlu_lite.frame.writing import as_text, write_csv

__all__ = [
    "AGGREGATES",
    "CHUNK",
    "DOCUMENT",
    "KEEP_ALL",
    "LEVELS",
    "SENTENCE",
    "TOKEN",
    "Chunks",
    "ColumnType",
    "CsvWriter",
    "DocumentLevel",
    "Keep",
    "Level",
    "LevelName",
    "Locate",
    "Rows",
    "UnitCollector",
    "UnitLabels",
    "UnitReading",
    "UnitResults",
    "UnitVectors",
    "Units",
    "WordCollector",
    "as_text",
    "assemble",
    "carried_positions",
    "chunk_spans",
    "columns_of",
    "component_column",
    "confidence_column",
    "distinct",
    "frame_bytes",
    "is_vector",
    "level_named",
    "matrix_column",
    "mean_vectors",
    "note_widths",
    "nullable_integers",
    "plain_type",
    "rename_clashing",
    "strings",
    "vector_columns",
    "vectors",
    "warn_if_large",
    "write_csv",
    "write_frame_lines",
]
