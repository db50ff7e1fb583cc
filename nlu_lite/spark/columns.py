"""Columns of a pandas result as Arrow arrays, and their types in Arrow and in Spark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
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

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What the column of chunks is called on the workers.
CHUNKS = "chunks"
VECTOR = pa.list_(pa.float32())
MATRIX = pa.list_(VECTOR)
# Of the labels of a row's words: as many as words, so they are no vector.
CONFIDENCES = pa.list_(pa.float64())


def types_of(
    empty: pd.DataFrame, matrices: Mapping[str, bool], level: str
) -> dict[str, pa.DataType]:
    """The Arrow type of each column of a result. Vectors are lists of any length: Spark 4.3 fails on lists of a fixed one.

    Args:
        empty: The result for no text.
        matrices: The vector columns, and whether their cells are matrices.
        level: What a row is.

    Example:
        >>> types_of(pd.DataFrame({"token": pd.Series([], dtype="str"), "v": []}), {"v": False}, "token")
        {'token': DataType(string), 'v': ListType(list<item: float>)}
    """
    # A column of texts and one of lists are both of objects where pandas has no type for texts
    # (before 3). Labels are lists where their confidences are.
    texts = {
        level,
        "document",
        *(name for name in empty.columns if _has_one_confidence(empty, name)),
    }
    types = {str(name): empty[name].dtype for name in empty.columns}
    return {
        name: (MATRIX if matrices[name] else VECTOR)
        if name in matrices
        else _type_of(name, dtype, is_text=name in texts)
        for name, dtype in types.items()
    }


def _has_one_confidence(empty: pd.DataFrame, name: str) -> bool:
    beside = frame.confidence_column(str(name))
    return beside in empty.columns and pd.api.types.is_float_dtype(empty[beside].dtype)


def _type_of(name: str, dtype: Any, *, is_text: bool) -> pa.DataType:  # noqa: ANN401 - a pandas dtype
    if pd.api.types.is_bool_dtype(dtype):
        return pa.bool_()
    if pd.api.types.is_integer_dtype(dtype):
        return pa.int64()
    if pd.api.types.is_float_dtype(dtype):
        return pa.float64() if dtype == "float64" else pa.float32()
    if isinstance(dtype, pd.CategoricalDtype):
        return _type_of(name, dtype.categories.dtype, is_text=is_text)
    if is_text or not pd.api.types.is_object_dtype(dtype):
        return pa.string()
    if name.endswith("_confidence"):
        return CONFIDENCES
    # What compat says about units of another level than the rows.
    return pa.list_(pa.int64() if name.endswith(("_begin", "_end")) else pa.string())


def spark_type(kind: pa.DataType) -> DataType:
    """The Spark type of an Arrow type of ``types_of``.

    Example:
        >>> spark_type(pa.list_(pa.float32())).simpleString()
        'array<float>'
    """
    if pa.types.is_list(kind):
        return ArrayType(spark_type(kind.value_type))
    simple: dict[pa.DataType, DataType] = {
        pa.string(): StringType(),
        pa.int64(): LongType(),
        pa.bool_(): BooleanType(),
        pa.float32(): FloatType(),
        pa.float64(): DoubleType(),
    }
    return simple[kind]


def to_arrow(column: pd.Series[Any], kind: pa.DataType) -> pa.Array:
    """A column as an Arrow array.

    Args:
        column: Of a result.
        kind: Its type.
    """
    if kind == VECTOR:
        return _vectors(column.to_numpy())
    if kind == MATRIX:
        return _matrices(column.to_numpy())
    return pa.Array.from_pandas(column, type=kind)


def _vectors(cells: NDArray[np.object_]) -> pa.Array:
    """Without copying where the cells are neighbouring rows of one matrix, as those of a result are."""
    present = np.array([cell is not None for cell in cells], dtype=np.bool_)
    if not present.any():
        return pa.nulls(len(cells), VECTOR)
    matrix = frame.vectors(pd.Series(cells[present]))
    offsets = np.concatenate([[0], np.cumsum(present)]) * matrix.shape[1]
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()),
        pa.array(matrix.reshape(-1)),
        type=VECTOR,
        mask=pa.array(~present),
    )


def _matrices(cells: NDArray[np.object_]) -> pa.Array:
    present = np.array([cell is not None for cell in cells], dtype=np.bool_)
    shown = [cell for cell in cells if cell is not None]
    if not shown:
        return pa.nulls(len(cells), MATRIX)
    rows = np.concatenate(shown)
    inner = pa.ListArray.from_arrays(
        pa.array(np.arange(len(rows) + 1) * rows.shape[1], pa.int32()),
        pa.array(rows.reshape(-1)),
        type=VECTOR,
    )
    lengths = np.zeros(len(cells), dtype=np.int64)
    lengths[present] = [len(cell) for cell in shown]
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, inner, type=MATRIX, mask=pa.array(~present))


def to_pandas(column: pa.ChunkedArray, kind: pa.DataType) -> Any:  # noqa: ANN401 - a NumPy or pandas array
    """A column as results have it: vectors and matrices as float32 arrays, other lists as lists, missing ones None.

    Args:
        column: As collected from Spark.
        kind: Its type in ``types_of``.
    """
    if not pa.types.is_list(kind):
        return column.to_pandas(
            types_mapper={pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get
        ).array
    cells = np.empty(len(column), dtype=object)
    for row, value in enumerate(column):
        if not value.is_valid:
            continue
        if kind == VECTOR:
            cells[row] = value.values.to_numpy(zero_copy_only=False)
        elif kind == MATRIX:
            inner = value.values
            cells[row] = inner.flatten().to_numpy(zero_copy_only=False).reshape(len(inner), -1)
        else:
            cells[row] = value.as_py()
    return cells
