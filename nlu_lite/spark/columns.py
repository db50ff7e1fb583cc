"""Columns of a pandas result as Arrow arrays, and their types in Arrow and in Spark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api import types as dtypes
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DoubleType,
    FloatType,
    LongType,
    StringType,
)

from nlu_lite import frame
from nlu_lite.common import Bools, Floats, Ints

# What the column of chunks is called on the workers.
CHUNKS = "chunks"
# Vectors are lists of any length: Spark 4.3 fails on lists of a fixed one.
VECTOR = pa.list_(pa.float32())
MATRIX = pa.list_(VECTOR)
_ARROW_TYPES = {
    "str": pa.string(),
    "int": pa.int64(),
    "bool": pa.bool_(),
    "float": pa.float64(),
    "float32": pa.float32(),
}
_SPARK_TYPES: dict[pa.DataType, DataType] = {
    pa.string(): StringType(),
    pa.int64(): LongType(),
    pa.bool_(): BooleanType(),
    pa.float32(): FloatType(),
    pa.float64(): DoubleType(),
}
# Of columns of lists by the end of their names, as many numbers as the row has words, so they are
# no vectors: confidences of labels, and what compat says about units of another level than the
# rows. Other lists hold texts.
_LIST_TYPES = {
    "_confidence": pa.list_(pa.float64()),
    "_begin": pa.list_(pa.int64()),
    "_end": pa.list_(pa.int64()),
}


def arrow_type(column: frame.ColumnType) -> pa.DataType:
    """The Arrow type of a column of ``Pipeline.predict``.

    Example:
        >>> arrow_type(frame.ColumnType("float32", lists=1, width=384))
        ListType(list<item: float>)
    """
    if column.lists and column.width is None and column.scalar == "float32":
        return _LIST_TYPES["_confidence"]
    kind = _ARROW_TYPES[column.scalar]
    for _ in range(column.lists):
        kind = pa.list_(kind)
    return kind


def arrow_types(
    empty: pd.DataFrame, matrices: Mapping[str, bool], level: str
) -> dict[str, pa.DataType]:
    """The Arrow type of each column of a result.

    Args:
        empty: The result for no text.
        matrices: The vector columns, and whether their cells are matrices.
        level: What a row is.

    Example:
        >>> empty = pd.DataFrame({"token": pd.Series([], dtype="str"), "v": []})
        >>> arrow_types(empty, {"v": False}, "token")
        {'token': DataType(string), 'v': ListType(list<item: float>)}
    """
    types = dict.fromkeys((level, "document"), pa.string())
    types |= {name: MATRIX if is_matrix else VECTOR for name, is_matrix in matrices.items()}
    return {
        str(name): types[name] if name in types else _type_of(empty, str(name))
        for name in empty.columns
    }


def _type_of(empty: pd.DataFrame, name: str) -> pa.DataType:
    dtype: Any = empty[name].dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    if dtypes.is_bool_dtype(dtype):
        return pa.bool_()
    if dtypes.is_integer_dtype(dtype):
        return pa.int64()
    if dtypes.is_float_dtype(dtype):
        return pa.float64() if dtype == "float64" else pa.float32()
    if not dtypes.is_object_dtype(dtype) or _has_one_confidence(empty, name):
        return pa.string()
    endings = (kind for ending, kind in _LIST_TYPES.items() if name.endswith(ending))
    return next(endings, pa.list_(pa.string()))


def _has_one_confidence(empty: pd.DataFrame, name: str) -> bool:
    """Whether a column of objects is one of labels, not of lists of labels.

    Both are where pandas has no type for texts (before 3), and labels are lists where their
    confidences are.
    """
    confidences = empty.get(frame.confidence_column(name))
    return confidences is not None and dtypes.is_float_dtype(confidences.dtype)


def spark_type(kind: pa.DataType) -> DataType:
    """The Spark type of an Arrow type of ``arrow_types``.

    Example:
        >>> spark_type(pa.list_(pa.float32())).simpleString()
        'array<float>'
    """
    if pa.types.is_list(kind):
        return ArrayType(spark_type(kind.value_type))
    return _SPARK_TYPES[kind]


def to_arrow(column: pd.Series[Any], kind: pa.DataType) -> pa.Array:
    """A column of a result as an Arrow array of a type."""
    if kind not in (VECTOR, MATRIX):
        return pa.Array.from_pandas(column, type=kind)
    present = column.notna().to_numpy()
    cells = column[present]
    if not len(cells):
        return pa.nulls(len(column), kind)
    if kind == VECTOR:
        # Without copying where the cells are neighbouring rows of one matrix, as in a result.
        return _vectors(frame.vectors(cells), present)
    words = np.concatenate(cells.to_list())
    counts = np.zeros(len(column), dtype=np.int64)
    counts[present] = cells.map(len)
    return _lists(_vectors(words, np.ones(len(words), dtype=np.bool_)), counts, kind, present)


def _vectors(matrix: Floats, present: Bools) -> pa.Array:
    """The rows of a matrix as lists, in the places where one is present."""
    return _lists(pa.array(matrix.reshape(-1)), present * matrix.shape[1], VECTOR, present)


def _lists(values: pa.Array, lengths: Ints, kind: pa.DataType, present: Bools) -> pa.Array:
    """Values laid end to end as lists, null where one is not present."""
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, values, type=kind, mask=pa.array(~present))


def to_pandas(column: pa.ChunkedArray, kind: pa.DataType) -> Any:  # noqa: ANN401 - an array
    """A column as results have it: vectors and matrices as float32 arrays, other lists as lists.

    Args:
        column: As collected from Spark.
        kind: Its type in ``arrow_types``.

    Returns:
        A NumPy or pandas array; of lists one of objects, None for null.
    """
    if not pa.types.is_list(kind):
        nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
        return column.to_pandas(types_mapper=nullable.get).array
    cells = np.empty(len(column), dtype=object)
    for row, value in enumerate(column):
        if value.is_valid:
            cells[row] = _cell(value, kind)
    return cells


def _cell(value: Any, kind: pa.DataType) -> Any:  # noqa: ANN401 - a pyarrow.ListScalar
    if kind == VECTOR:
        return value.values.to_numpy(zero_copy_only=False)
    if kind == MATRIX:
        vectors = value.values
        return vectors.flatten().to_numpy(zero_copy_only=False).reshape(len(vectors), -1)
    return value.as_py()
