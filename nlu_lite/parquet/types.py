"""Types of the caller's columns: one for all rows of a column, in which every value stays itself.

Arrow finds the types and converts; what is added here is that nothing is lost on the way.
"""

from __future__ import annotations

import io
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nlu_lite.errors import InputValueError, brief
from nlu_lite.inputs import is_null
from nlu_lite.text import replace_surrogates

Column = Any  # of pandas: a Series or an Index
Array = Any  # of Arrow: an Array or a ChunkedArray
# What Arrow and pandas raise for values that they cannot convert.
FAULTS = (pa.ArrowException, ValueError, TypeError, OverflowError)
_CURE = "Give the column one type, or leave it out by keep=[...]."


def merge_type(kind: pa.DataType, values: Column, *, name: Hashable, first: int) -> pa.DataType:
    """The type that holds rows seen before and more values of the same column.

    Args:
        kind: Of the rows before; null where there are none, or nothing in them.
        values: The next ones.
        name: Of the column, for the message.
        first: Number of the first value's row.

    Raises:
        InputValueError: There is no such type; names row and column.
    """
    try:
        return _common_type(kind, _type_of(values))
    except FAULTS as error:
        raise InputValueError(
            f"The column {name!r} has no one type that Parquet knows: "
            f"{_describe_clash(kind, values, first)}. {_CURE}"
        ) from error


def fit(values: Column, kind: pa.DataType, *, name: Hashable, first: int) -> Array:
    """Values as an array of a type.

    Args:
        values: Of a column.
        kind: The type.
        name: Of the column, for the message.
        first: Number of the first value's row.

    Raises:
        InputValueError: A value does not fit the type without loss; names row and column.
    """
    try:
        return _cast(_to_array(values), kind)
    except FAULTS:
        pass  # a value does not fit, or types that Arrow joins only one by one stand side by side
    arrays = []
    for position in range(len(values)):
        try:
            arrays.append(_cast(_to_array(values[position : position + 1]), kind))
        except FAULTS as error:
            raise InputValueError(
                f"Row {first + position}: the column {name!r} does not fit {kind}, its type in the "
                f"dataset: it holds {_show_cell(values, position)}. {_CURE}"
            ) from error
    return pa.chunked_array(arrays, type=kind)


def stored_type(kind: pa.DataType, name: Hashable) -> pa.DataType:
    """The type in which a column is written.

    Args:
        kind: Of all its values.
        name: Of the column, for the message.

    Raises:
        InputValueError: Parquet has no such type.
    """
    if pa.types.is_null(kind) or _is_text(kind):
        return pa.string()
    if pa.types.is_dictionary(kind):
        # The width of the numbers would follow from how many categories the first rows have.
        kind = pa.dictionary(pa.int32(), kind.value_type, ordered=kind.ordered)
    try:
        file = io.BytesIO()
        pq.write_table(pa.table({"column": pa.nulls(1, kind)}), file)
        pq.read_table(file)
    except FAULTS as error:
        raise InputValueError(
            f"The column {name!r} has the type {kind}, which Parquet cannot hold ({error}). {_CURE}"
        ) from error
    return kind


def _type_of(values: Column) -> pa.DataType:
    """The type of values; only those of Python are looked at one by one."""
    return _to_array(values if values.dtype == object else values[:0]).type


def _to_array(values: Column) -> Array:
    """Values as an array of the type that Arrow finds, in which each is still itself."""
    if isinstance(values.dtype, pd.SparseDtype):
        values = np.asarray(values)
    elif isinstance(values.dtype, pd.CategoricalDtype) and _is_structured(values.dtype):
        values = values.astype(values.dtype.categories.dtype)
    if values.dtype != object:
        return pa.array(values, from_pandas=True)
    try:
        array = pa.array(values, from_pandas=True)
    except UnicodeEncodeError:
        cells = [_readable(value) for value in values.tolist()]
        values = pd.Series(cells, dtype=object)
        array = pa.array(values, from_pandas=True)
    if _keeps_values(array.type):
        return array
    try:
        _check_values(values, array)
    except ValueError:
        # Of times among objects Arrow takes microseconds, and pandas knows of nanoseconds.
        inferred = values.infer_objects()
        if inferred.dtype == object:
            raise
        array = pa.array(inferred, from_pandas=True)
        _check_values(values, array)
    return array


def _is_structured(dtype: pd.CategoricalDtype) -> bool:
    """Whether the categories are periods or intervals, of which Parquet has no dictionary."""
    return isinstance(dtype.categories.dtype, (pd.PeriodDtype, pd.IntervalDtype))


def _keeps_values(kind: pa.DataType) -> bool:
    """Whether Arrow finds this type only for values that it keeps as they are."""
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return is_number or _is_text(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind)


def _check_values(values: Column, array: Array) -> None:
    """Raise where Arrow has changed a value: a text to bytes, a time to a date, nanoseconds cut."""
    for value, kept in zip(values.tolist(), array.to_pylist(), strict=True):
        if not _is_same(value, kept):
            raise ValueError(f"{brief(value, 60)} would become {brief(kept, 60)}")


def _is_same(value: Any, kept: Any) -> bool:  # noqa: ANN401 - a cell of any column
    if is_null(value):
        return is_null(kept)
    if isinstance(value, Mapping):
        # A key that a struct has and the value has not is null.
        return all(_is_same(value.get(key), cell) for key, cell in dict(kept).items())
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        return len(value) == len(kept) and all(map(_is_same, value, kept))
    are_alike = isinstance(value, bool) == isinstance(kept, bool)
    return are_alike and bool(value == kept)


def _readable(value: Any) -> Any:  # noqa: ANN401 - a cell of any column
    """A value whose texts UTF-8 can hold: lone surrogates become U+FFFD."""
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, Mapping):
        return {_readable(key): _readable(cell) for key, cell in value.items()}
    if isinstance(value, (list, tuple)):
        return [_readable(cell) for cell in value]
    return value


def _cast(array: Array, kind: pa.DataType) -> Array:
    """An array in another type.

    Raises:
        ValueError: A value would be another one.
    """
    if array.type == kind:
        return array
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), kind)
    if pa.types.is_dictionary(kind) and not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    cast = array.cast(kind)
    if _is_text(kind) and _is_text(array.type):
        return cast
    # Safe casts of Arrow pass over some losses, as from float64 to float32.
    if not all(map(_is_same, array.to_pylist(), cast.to_pylist())):
        raise ValueError(f"a value of {array.type} is none of {kind}")
    return cast


def _common_type(kind: pa.DataType, second_kind: pa.DataType) -> pa.DataType:
    """The type that holds values of both.

    Raises:
        pyarrow.ArrowException: There is none.
        TypeError: There is one for Arrow, in which values would become others.
    """
    if kind == second_kind:
        return kind
    # Categories beside plain values are plain values; beside nothing they stay categories.
    if pa.types.is_dictionary(kind) != pa.types.is_dictionary(second_kind) and not (
        pa.types.is_null(kind) or pa.types.is_null(second_kind)
    ):
        kind, second_kind = _plain(kind), _plain(second_kind)
    schemas = [pa.schema([("column", item)]) for item in (kind, second_kind)]
    merged = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    if _changes(kind, merged) or _changes(second_kind, merged):
        raise TypeError(f"{kind} and {second_kind} have no type in common")
    return merged


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _changes(kind: pa.DataType, merged: pa.DataType) -> bool:
    """Whether values become others where Arrow merges types: texts bytes, decimals fractions."""
    if pa.types.is_struct(kind) and pa.types.is_struct(merged):
        return any(_changes(field.type, merged.field(field.name).type) for field in kind)
    if _is_list(kind) and _is_list(merged):
        return _changes(kind.value_type, merged.value_type)
    if _is_text(kind):
        return not _is_text(merged)
    is_decimal = pa.types.is_decimal
    return bool(is_decimal(kind) and not is_decimal(merged))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_list(kind: pa.DataType) -> bool:
    kinds = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(is_kind(kind) for is_kind in kinds)


def _describe_clash(kind: pa.DataType, values: Column, first: int) -> str:
    """The first value that has no type in common with those before it."""
    if not len(values):  # of a file that declares its types
        return f"some rows are {kind}, others {_type_of(values)}"
    position, clashing = _first_clash(kind, values)
    description = f"row {first + position} holds {_show_cell(values, position)}"
    if pa.types.is_null(clashing):
        return description
    return f"{description}, which does not fit {clashing}, the type of rows before it"


def _first_clash(kind: pa.DataType, values: Column) -> tuple[int, pa.DataType]:
    """The position of the first value that has no type in common with those before, and theirs."""
    for position in range(len(values)):
        try:
            kind = _common_type(kind, _type_of(values[position : position + 1]))
        except FAULTS:
            return position, kind
    # The types go together, and a value is too large for the one that holds both.
    for position in range(len(values)):
        try:
            _cast(_to_array(values[position : position + 1]), kind)
        except FAULTS:
            return position, kind
    return 0, kind


def _show_cell(values: Column, position: int) -> str:
    cell = values[position : position + 1].tolist()[0]
    return f"{brief(cell, 60)} ({type(cell).__name__})"
