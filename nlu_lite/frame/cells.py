"""Vector columns: the one function that makes them, and the one that reads them back."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.common import Floats, is_whole_number
from nlu_lite.errors import InputTypeError, InputValueError, brief

# Of the widths in ``attrs``, which pandas keeps when rows are selected, and writes to Parquet.
_WIDTHS = "vector_widths"


def vector_column(
    matrix: Floats, rows: NDArray[np.int64], present: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """A column whose cells are rows of one matrix.

    Args:
        matrix: Shape (vectors, width), float32.
        rows: Shape (rows,): which vector a row shows; -1 for none.
        present: Shape (vectors,): False for vectors that do not exist.

    Returns:
        Shape (rows,), object: 1-D float32 arrays of shape (width,), or None.
    """
    column = np.full(len(rows), None, dtype=object)
    has_vector = rows >= 0
    has_vector[has_vector] = present[rows[has_vector]]
    filled = rows[has_vector].tolist()
    column[has_vector] = np.fromiter(
        (matrix[row] for row in filled), dtype=object, count=len(filled)
    )
    return column


def matrix_column(
    matrices: list[Floats], rows: NDArray[np.int64], present: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """A column whose cells are matrices.

    Args:
        matrices: Arrays of shape (words, width), float32.
        rows: Shape (rows,): which matrix a row shows; -1 for none.
        present: Shape (matrices,): False for those that do not exist.

    Returns:
        Shape (rows,), object: the arrays, or None.
    """
    column = np.full(len(rows), None, dtype=object)
    for position, row in enumerate(rows.tolist()):
        if row >= 0 and present[row]:
            column[position] = matrices[row]
    return column


def is_vector(cell: Any) -> bool:  # noqa: ANN401 - whatever a frame holds
    """Whether a cell is a vector: a 1-D array of floating point numbers."""
    return isinstance(cell, np.ndarray) and cell.ndim == 1 and cell.dtype.kind == "f"


def note_widths(frame: pd.DataFrame, widths: Mapping[str, int]) -> None:
    """Note in ``attrs`` how many numbers the vectors of each column have, as a text.

    Args:
        frame: Of a result.
        widths: By the names of its vector columns.
    """
    frame.attrs[_WIDTHS] = json.dumps(widths)


def _noted_widths(data: pd.DataFrame | pd.Series[Any]) -> dict[str, int]:
    """The widths that ``note_widths`` has noted; none where somebody wrote something else there."""
    try:
        noted = json.loads(data.attrs.get(_WIDTHS, "{}"))
    except (TypeError, ValueError):
        return {}
    if not isinstance(noted, dict):
        return {}
    return {name: width for name, width in noted.items() if is_whole_number(width) and width > 0}


def vector_columns(frame: pd.DataFrame) -> list[Hashable]:
    """Names of the columns that hold vectors, judged by their first cell that is not missing."""
    return [frame.columns[position] for position in vector_positions(frame)]


def vector_positions(frame: pd.DataFrame) -> list[int]:
    """The same by their places, where columns have equal names."""
    return [
        position
        for position, dtype in enumerate(frame.dtypes)
        if _may_hold_vectors(dtype, frame.iloc[:, position])
    ]


def _may_hold_vectors(dtype: Any, column: pd.Series) -> bool:  # noqa: ANN401 - a pandas dtype
    if isinstance(dtype, pd.ArrowDtype):  # read from Parquet in Arrow's own types
        arrow: Any = dtype.pyarrow_dtype
        return "list" in str(arrow).partition("<")[0] and str(arrow.value_type) in (
            "halffloat",
            "float",
            "double",
        )
    if not pd.api.types.is_object_dtype(dtype):
        return False
    return is_vector(next((cell for cell in column if not is_missing_vector(cell)), None))


def vectors(data: pd.DataFrame | pd.Series[Any], column: Hashable | None = None) -> Floats:
    """The vectors of a frame as one matrix, judged by the cells; without any, by ``attrs``.

    Args:
        data: A frame from ``predict`` - filtered, joined or read again as well - or one of its
            vector columns.
        column: Which vector column; may be left out where there is only one.

    Returns:
        Shape (rows, width), float32; rows without a vector are NaN. Where no row has one, the width
        is that in ``attrs``, where ``predict`` notes it. Where the cells are still neighbouring
        rows of one matrix, this is a view of it without a copy: do not write into it.

    Raises:
        InputValueError: It is not clear which column is meant, its vectors differ in length, or it
            has none and ``attrs`` does not say how wide they are.
        InputTypeError: The column holds something else than vectors.

    Example:
        >>> import nlu_lite as nlu
        >>> frame = nlu.load("en.embed.minilm_l6").predict(["I love NLP"])
        >>> nlu.vectors(frame).shape
        (3, 384)
    """
    if isinstance(data, pd.DataFrame):
        data = data.iloc[:, _column_position(data, column)]
    cells: list[Any] = data.tolist()
    rows = [row for row, cell in enumerate(cells) if not is_missing_vector(cell)]
    if not rows:
        return np.full((len(cells), _noted_width(data)), np.nan, dtype=np.float32)
    if len(rows) == len(cells) and (view := _common_matrix(cells)) is not None:
        return view
    matrix = np.full((len(cells), np.size(cells[rows[0]])), np.nan, dtype=np.float32)
    matrix[rows] = _stack(cells[row] for row in rows)
    return matrix


def _noted_width(column: pd.Series[Any]) -> int:
    """The width of a column without vectors; of one that was renamed, if all have the same."""
    noted = _noted_widths(column)
    widths = {noted[column.name]} if column.name in noted else set(noted.values())
    if len(widths) != 1:
        raise InputValueError(
            f"The column {brief(column.name)} has no vector at all, and the frame's attrs do not "
            f"say how wide its vectors are: pandas drops attrs in a merge with another frame, for "
            f"one. Copy those of the frame that predict gave, other.attrs = frame.attrs, or leave "
            f"such frames out."
        )
    return widths.pop()


def is_missing_vector(cell: Any) -> bool:  # noqa: ANN401 - whatever a frame holds
    """Whether a cell of a column of vectors has none."""
    return cell is None or cell is pd.NA or (isinstance(cell, float) and cell != cell)


def _stack(cells: Iterable[Any]) -> Floats:
    try:
        stacked = np.stack([np.asarray(cell, dtype=np.float32) for cell in cells])
    except (TypeError, ValueError) as error:
        raise InputTypeError(f"The cells are not vectors of one length: {error}") from error
    if stacked.ndim != 2:
        raise InputTypeError(
            f"The cells are arrays of {stacked.ndim - 1} dimensions; vectors have one."
        )
    return stacked


def _common_matrix(cells: list[Any]) -> Floats | None:
    """The matrix that the cells are neighbouring rows of, if they are; no copy of it."""
    first = cells[0]
    base: Any = getattr(first, "base", None)
    if not is_vector(first) or not isinstance(base, np.ndarray) or not _has_rows_like(base, first):
        return None
    step, start = base.strides[0], _address(first)
    for row, cell in enumerate(cells):
        if not isinstance(cell, np.ndarray) or cell.base is not base:
            return None
        if (cell.shape, cell.strides) != (first.shape, first.strides):
            return None
        if _address(cell) != start + row * step:
            return None
    row, offset = divmod(start - _address(base), step)
    return None if offset else np.asarray(base[row : row + len(cells)])


def _has_rows_like(base: NDArray[Any], vector: NDArray[Any]) -> bool:
    """Whether an array is a matrix of float32 rows of a vector's length."""
    if base.ndim != 2 or base.dtype != np.float32 or not base.flags.c_contiguous:
        return False
    return base.shape[1:] == vector.shape and base.strides[1:] == vector.strides


def _address(array: NDArray[Any]) -> int:
    return int(array.__array_interface__["data"][0])


def _column_position(frame: pd.DataFrame, column: Hashable | None) -> int:
    names: list[Hashable] = list(frame.columns)
    if column is None:
        noted = _noted_widths(frame)
        candidates = vector_columns(frame) or [name for name in names if name in noted]
        if len(candidates) != 1:
            raise InputValueError(
                f"Which column? The frame has {len(candidates)} vector columns: {candidates}. Say "
                f"column=NAME."
            )
        column = candidates[0]
    if names.count(column) != 1:
        problem = "stands more than once among" if column in names else "is not among"
        raise InputValueError(f"The column {brief(column)} {problem} the columns {names}.")
    return names.index(column)


def mean_vectors(
    data: pd.DataFrame, by: Hashable | list[Hashable] = "token", column: Hashable | None = None
) -> pd.DataFrame:
    """The mean vector of each group of rows, rows without a vector left out.

    Args:
        data: A frame with a vector column.
        by: The column, or columns, that make the groups; names of the index count as well.
        column: Which vector column; may be left out where there is only one.

    Returns:
        One row a group in the order of their keys: the index is the key, the columns are ``count``
        (rows with a vector) and the vector column, 1-D float32 arrays of shape (width,), None where
        no row of the group has a vector.

    Raises:
        InputValueError: A column is not there, or it is not clear which one is meant.

    Example:
        >>> import nlu_lite as nlu
        >>> frame = nlu.load("en.embed.minilm_l6").predict(["to be or not to be"])
        >>> nlu.mean_vectors(frame, by="token")["count"].to_dict()
        {'be': 2, 'not': 1, 'or': 1, 'to': 2}
    """
    keys = by if isinstance(by, list) else [by]
    valid = [*data.columns, *(name for name in data.index.names if name is not None)]
    if unknown := [key for key in keys if key not in valid]:
        raise InputValueError(
            f"by names {unknown}, which are not among the columns and names of the index {valid}."
        )
    position = _column_position(data, column)
    matrix = vectors(data.iloc[:, position])
    present = ~np.isnan(matrix).any(axis=1)
    grouping: Any = by
    groups = data.groupby(grouping, sort=True, observed=True)
    number = groups.ngroup().fillna(-1).to_numpy(dtype=np.int64)  # missing keys belong to no group
    members = np.flatnonzero(present & (number >= 0))
    members = members[np.argsort(number[members], kind="stable")]
    counts = np.bincount(number[members], minlength=groups.ngroups)
    means = np.zeros((groups.ngroups, matrix.shape[1]), dtype=np.float32)
    if len(members):
        filled = np.flatnonzero(counts)
        starts = np.searchsorted(number[members], filled)
        sums = np.add.reduceat(matrix[members], starts, axis=0, dtype=np.float64)
        means[filled] = sums / counts[filled, None]
    index = groups.size().index
    cells = vector_column(means, np.arange(len(means)), counts > 0)
    name = data.columns[position]
    means_frame = pd.DataFrame(
        {"count": pd.Series(counts, index=index), name: pd.Series(cells, index=index, dtype=object)}
    )
    means_frame.attrs.update(data.attrs)
    return means_frame
