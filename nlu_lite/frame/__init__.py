"""Units and vectors -> the DataFrame: rows of a level, columns, names, index."""

from nlu_lite.frame.build import (
    Keep,
    assemble,
    carried_places,
    component_column,
    distinct,
    nullable_integers,
    renamed,
    strings,
)
from nlu_lite.frame.cells import (
    as_text,
    is_vector,
    matrix_column,
    mean_vectors,
    vector_columns,
    vectors,
)
from nlu_lite.frame.collect import UnitCollector, WordCollector
from nlu_lite.frame.columns import columns_of, rows_of
from nlu_lite.frame.labels import confidence_column
from nlu_lite.frame.levels import AGGREGATES, LEVELS, Chunks, Units, chunk_spans, units_of
from nlu_lite.frame.results import UnitLabels, UnitVectors
from nlu_lite.frame.rows import Rows
from nlu_lite.frame.size import frame_bytes, warn_if_large

__all__ = [
    "AGGREGATES",
    "LEVELS",
    "Chunks",
    "Keep",
    "Rows",
    "UnitCollector",
    "UnitLabels",
    "UnitVectors",
    "Units",
    "WordCollector",
    "as_text",
    "assemble",
    "carried_places",
    "chunk_spans",
    "columns_of",
    "component_column",
    "confidence_column",
    "distinct",
    "frame_bytes",
    "is_vector",
    "matrix_column",
    "mean_vectors",
    "nullable_integers",
    "renamed",
    "rows_of",
    "strings",
    "units_of",
    "vector_columns",
    "vectors",
    "warn_if_large",
]
