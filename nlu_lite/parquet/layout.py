"""Frames and the caller's columns -> Arrow tables of one schema, whatever they happen to hold."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from nlu_lite import frame
from nlu_lite.common import Floats
from nlu_lite.errors import InputValueError, OptionError
from nlu_lite.flow import Flow, FrameOptions
from nlu_lite.inputs import ORIGIN_INDEX, Chunk, Source, read
from nlu_lite.parquet.survey import Survey, input_columns
from nlu_lite.parquet.types import fit, stored_type
from nlu_lite.text import replace_surrogates

Column = Any  # of pandas: a Series, an Index or an array
# Arrow's names of types.
_ALIASES = {
    "str": "string",
    "int": "int64",
    "bool": "bool",
    "float": "float64",
    "float32": "float32",
}
_NULLABLE_TYPES = (
    *("Int64", "Int32", "Int16", "Int8", "UInt64", "UInt32", "UInt16", "UInt8"),
    *("boolean", "Float64", "Float32"),
)


@dataclass(frozen=True)
class Layout:
    """The columns of a dataset: those computed, then the index and the caller's.

    Attributes:
        frame_options: Which columns are computed; no others are carried.
        computed_schema: The columns that are computed.
        input_schema: The levels of the index and of the caller's columns that are carried.
        pandas_metadata: By which pandas knows its own types of columns again.
        vector_columns: Those of the computed columns that hold vectors.
        text: The column of the input that holds the text; None for bare texts.
        carried: The caller's columns that are carried.
        allowed: All columns that the input may have; None where others do not matter.
    """

    frame_options: FrameOptions
    computed_schema: pa.Schema
    input_schema: pa.Schema
    pandas_metadata: dict[bytes, bytes]
    vector_columns: frozenset[str]
    text: Hashable | None
    carried: list[Hashable]
    allowed: frozenset[Hashable] | None

    @classmethod
    def make(
        cls,
        flow: Flow,
        frame_options: FrameOptions,
        source: Source,
        *,
        vectors: str,
        part_rows: int,
    ) -> Layout:
        """The columns that a job writes.

        Args:
            flow: The models.
            frame_options: What is asked for.
            source: The input, nothing taken from it yet. Its rows decide the types: all of them
                where it can be read again, else those of the first part.
            vectors: Number format of vectors.
            part_rows: Rows of a part.

        Raises:
            OptionError: ``keep`` names a column that the input lacks, or two columns would have one
                name.
            InputValueError: A column has no one type.
        """
        text = source.text
        computed_options = replace(frame_options, keep=False)
        no_texts = read(source.head().iloc[:0], text)
        computed, _ = flow.frame_of(no_texts, computed_options, progress=False)
        column_types = flow.column_types(frame_options)
        types = {name: arrow_type(column_types[name], vectors) for name in computed.columns}
        survey = Survey.make(source, part_rows, frame_options)
        new_names = _input_names(survey.levels, survey.carried, types)
        kinds = [
            stored_type(column.kind, name)
            for name, column in zip(new_names, survey.columns, strict=True)
        ]
        dtypes: dict[Hashable, Any] = dict(computed.dtypes.items())
        dtypes |= {
            name: column.dtype for name, column in zip(new_names, survey.columns, strict=True)
        }
        return cls(
            frame_options=computed_options,
            computed_schema=pa.schema(types),
            input_schema=pa.schema(zip(new_names, kinds, strict=True)),
            pandas_metadata=_pandas_metadata(dtypes),
            vector_columns=frozenset(flow.vector_columns),
            text=text,
            carried=survey.carried,
            allowed=survey.allowed,
        )

    @property
    def schema(self) -> pa.Schema:
        """All columns; with what pandas needs to read whole numbers with nulls as such."""
        fields = [*self.computed_schema, *self.input_schema]
        return pa.schema(fields, metadata=self.pandas_metadata)

    def facts(self) -> dict[str, str]:
        """Names and types, for the manifest."""
        return {field.name: str(field.type) for field in self.schema}

    def computed_table(self, computed: pd.DataFrame) -> pa.Table:
        """The table of a frame that the pipeline gave."""
        arrays = []
        for field in self.computed_schema:
            convert = _vectors if field.name in self.vector_columns else _array
            arrays.append(convert(computed[field.name], field.type))
        return pa.Table.from_arrays(arrays, schema=self.computed_schema)

    def input_table(self, chunk: Chunk, first: int) -> pa.Table:
        """The table of the index and the carried columns, a row a text; the first is row ``first``.

        Raises:
            InputValueError: A value does not fit the type of its column without loss.
        """
        self._refuse_late_columns(chunk, first)
        columns = input_columns(chunk, self.carried)
        arrays = [
            fit(values, field.type, name=field.name, first=first)
            for field, values in zip(self.input_schema, columns, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self.input_schema)

    def _refuse_late_columns(self, chunk: Chunk, first: int) -> None:
        if self.allowed is None:
            return
        if late := [name for name in chunk.columns if name not in self.allowed]:
            raise InputValueError(
                f"The columns {late} come up in rows {first} to {first + len(chunk) - 1} and are "
                f"not in the first part, whose columns a dataset has, since this input is read "
                f"only once. Say which ones to carry: keep=[...]."
            )


def arrow_type(column: frame.ColumnType, vectors: str) -> pa.DataType:
    """The Arrow type of a column; ``vectors`` is the number format of vectors."""
    if column.width is not None:
        return vector_type(pa.type_for_alias(vectors), column.width)
    scalar = pa.type_for_alias(_ALIASES[column.scalar])
    return pa.list_(scalar) if column.lists else scalar


def vector_type(number: pa.DataType, width: int) -> pa.DataType:
    """Lists of one length; of any length where pyarrow (before 26) writes no nulls."""
    return pa.list_(number, width) if int(pa.__version__.split(".")[0]) >= 26 else pa.list_(number)


def _input_names(
    levels: list[Hashable], carried: list[Hashable], computed: Mapping[str, Any]
) -> list[str]:
    """The names, in the dataset, of the levels of the index and of the columns that are carried."""
    columns = [str(name) for name in frame.rename_clashing(carried, computed)]
    if len(set(columns)) < len(columns):
        raise OptionError(
            f"Parquet cannot hold two columns of one name, and these are carried: {columns}. "
            f"Say keep=[...]."
        )
    names = [ORIGIN_INDEX if name is None else str(name) for name in levels]
    return [*frame.distinct(names, taken=[*computed, *map(str, carried)]), *columns]


def _array(values: Column, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """A computed column, whose type is known."""
    try:
        array = pa.array(values, type=kind, from_pandas=True)
    except UnicodeEncodeError:
        readable = [replace_surrogates(value) for value in values.tolist()]
        array = pa.array(readable, type=kind, from_pandas=True)
    return array.cast(kind)


def _vectors(cells: pd.Series[Any], kind: pa.DataType) -> pa.Array:
    """Vectors as lists, null where there is none."""
    missing = cells.isna().to_numpy()
    if missing.all():
        return pa.nulls(len(cells), kind)
    matrix: Any = frame.vectors(cells)
    if pa.types.is_float16(kind.value_type):
        matrix = _halve(matrix, cells.name)
    width, mask = matrix.shape[1], pa.array(missing)
    if pa.types.is_fixed_size_list(kind):
        return pa.FixedSizeListArray.from_arrays(pa.array(matrix.reshape(-1)), width, mask=mask)
    offsets = pa.array(np.concatenate([[0], np.cumsum(~missing)]) * width, pa.int32())
    numbers = pa.array(matrix[~missing].reshape(-1))
    return pa.ListArray.from_arrays(offsets, numbers, type=kind, mask=mask)


def _halve(matrix: Floats, column: Hashable) -> NDArray[np.float16]:
    """The numbers of a column in half precision."""
    with np.errstate(over="ignore"):
        halved = matrix.astype(np.float16)
    if np.isinf(halved).any() and not np.isinf(matrix).any():
        raise OptionError(
            f"Numbers of {column!r} are too large for float16 (above 65,504); say "
            f'vectors="float32".'
        )
    return halved


def _pandas_metadata(dtypes: Mapping[Hashable, Any]) -> dict[bytes, bytes]:
    """What pandas writes into a schema for its nullable types; the others need nothing."""
    nullable = {
        name: pd.Series(dtype=dtype)
        for name, dtype in dtypes.items()
        if str(dtype) in _NULLABLE_TYPES
    }
    schema = pa.Schema.from_pandas(pd.DataFrame(nullable), preserve_index=False)
    return {b"pandas": schema.metadata[b"pandas"]}
