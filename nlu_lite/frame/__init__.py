"""Units and vectors -> the DataFrame: rows of a level, columns, names, index."""

from nlu_lite.frame.build import Keep, assemble, carried_places, component_column, distinct, renamed
from nlu_lite.frame.cells import as_text, mean_vectors, vector_columns, vectors
from nlu_lite.frame.columns import columns_of, rows_of
from nlu_lite.frame.labels import UnitLabels, confidence_column
from nlu_lite.frame.levels import AGGREGATES, LEVELS, Chunks, Units, chunk_spans, units_of

__all__ = [
    "AGGREGATES",
    "LEVELS",
    "Chunks",
    "Keep",
    "UnitLabels",
    "Units",
    "as_text",
    "assemble",
    "carried_places",
    "chunk_spans",
    "columns_of",
    "component_column",
    "confidence_column",
    "distinct",
    "mean_vectors",
    "renamed",
    "rows_of",
    "units_of",
    "vector_columns",
    "vectors",
]
