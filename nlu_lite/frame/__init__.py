"""Words and vectors -> the DataFrame: rows of a level, columns, names, index."""

from nlu_lite.frame.cells import vector_column, vectors
from nlu_lite.frame.rows import Rows
from nlu_lite.frame.table import Keep, build, component_column, distinct, nullable_integers, strings

__all__ = ["Keep", "Rows", "build", "component_column", "distinct", "nullable_integers", "strings", "vector_column", "vectors"]
