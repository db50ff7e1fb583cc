"""Frames and the caller's columns -> Arrow tables of one schema, whatever a portion happens to hold."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nlu_lite import frame
from nlu_lite.errors import InputValueError, OptionError
from nlu_lite.inputs import ORIGIN_INDEX, read
from nlu_lite.text import replace_surrogates

if TYPE_CHECKING:
    from nlu_lite.flow import Flow, FrameOptions
    from nlu_lite.inputs import Chunk

VECTORS = ("float32", "float16")


@dataclass(frozen=True)
class Layout:
    """The columns of a dataset.

    Attributes:
        ours: The schema of the columns that are computed.
        others: The schema of the index and of the caller's columns that are carried.
        widths: Of each vector column, the numbers in a vector.
        text: The column of the input that holds the text; None for bare texts.
        index: Names of the index's levels, as they are in ``others``.
        carried: The caller's columns that are carried.
        for_pandas: Metadata by which pandas knows its own types of columns again.
        known: All columns that the input may have; None where others do not matter.
        ask: What the pipeline is asked for: the columns that are computed, and no others.
    """

    ours: Any
    others: Any
    widths: dict[str, int]
    text: Hashable | None
    index: tuple[str, ...]
    carried: tuple[Hashable, ...]
    for_pandas: dict[bytes, bytes]
    known: frozenset[Hashable] | None
    ask: FrameOptions

    @classmethod
    def make(
        cls, flow: Flow, ask: FrameOptions, head: Chunk, text: Hashable | None, *, vectors: str
    ) -> Layout:
        """The columns that a job writes.

        Args:
            flow: The models.
            ask: What is wanted.
            head: The first rows of the input, by which the types of the caller's columns are known.
            text: The column of the input that holds the text.
            vectors: The number format of the vectors.

        Raises:
            OptionError: ``keep`` names a column that is not there, or two columns would have one
                name.
            InputValueError: A column has no one type.
        """
        import pyarrow as pa

        bare = replace(ask, keep=False)
        computed, _ = flow.frame_of(read(head.iloc[:0], text), bare, progress=False)
        named = list(zip(flow.columns, flow.components, strict=True))
        widths = {name: item.plan.final_width for name, item in named if not item.gives_labels}
        number = pa.float16() if vectors == "float16" else pa.float32()
        kinds = {"str": pa.string(), "int": pa.int64(), "bool": pa.bool_(), "float": pa.float64()}
        types = {}
        for name, item in named:
            if item.gives_labels:
                # A label a word, in rows that are no words, makes lists; texts too are objects
                # where pandas has no type of its own for them.
                beside = flow.confidences[name]
                lists = computed[beside].dtype == object
                for column, kind in ((name, kinds[item.label_kind]), (beside, pa.float32())):
                    types[column] = pa.list_(kind) if lists else kind
        types |= {name: vector_type(number, width) for name, width in widths.items()}
        types = {
            name: types[name]
            if name in types
            else pa.string()
            if name == ask.level
            else pa.bool_()
            if computed[name].dtype == "boolean"
            else pa.int64()
            for name in computed.columns
        }
        names = [] if text is None else list(head.columns)
        places = frame.carried_places(
            names, text, keep=ask.keep, repeats_text=ask.level != "document"
        )
        carried = [names[place] for place in places]
        levels = [ORIGIN_INDEX if name is None else str(name) for name in head.index.names]
        index = frame.distinct(levels, taken=[*types, *map(str, carried)])
        written = [str(name) for name in frame.renamed(carried, types)]
        if len(set(written)) < len(written):
            raise OptionError(
                f"Parquet cannot hold two columns of one name, and these are carried: {written}. "
                f"Say keep=[...]."
            )
        usable = read(head, text, errors="null").columns
        columns = [] if usable is None else [usable[name] for name in carried]
        others = [*zip(index, _levels(head), strict=True), *zip(written, columns, strict=True)]
        return cls(
            ours=pa.schema(types),
            others=pa.schema([(name, _type_of(name, values)) for name, values in others]),
            widths=widths,
            text=text,
            index=tuple(index),
            carried=tuple(carried),
            for_pandas=_for_pandas({**{name: computed[name] for name in types}, **dict(others)}),
            known=frozenset(names) if names and ask.keep is True else None,
            ask=bare,
        )

    @property
    def schema(self) -> Any:  # noqa: ANN401 - a pyarrow.Schema
        """All columns: ours, the index, the caller's; with what pandas needs to read whole numbers with nulls as such."""
        import pyarrow as pa

        return pa.schema([*self.ours, *self.others], metadata=self.for_pandas)

    def facts(self) -> dict[str, str]:
        """Names and types, for the manifest."""
        return {field.name: str(field.type) for field in self.schema}

    def ours_of(self, computed: pd.DataFrame) -> Any:  # noqa: ANN401 - a pyarrow.Table
        """The table of a frame that the pipeline gave."""
        import pyarrow as pa

        arrays = [
            _vectors(computed[field.name], field.type, self.widths[field.name])
            if field.name in self.widths
            else _array(computed[field.name], field.type)
            for field in self.ours
        ]
        return pa.Table.from_arrays(arrays, schema=self.ours)

    def others_of(self, chunk: Chunk, first: int) -> Any:  # noqa: ANN401 - a pyarrow.Table
        """The table of the index and the carried columns, a row a text.

        Args:
            chunk: Rows of the input.
            first: Number of the first one, for messages.

        Raises:
            InputValueError: A column does not fit the type that it has in the first rows.
        """
        import pyarrow as pa

        late = (
            [] if self.known is None else [name for name in chunk.columns if name not in self.known]
        )
        if late:
            raise InputValueError(
                f"The columns {late} come up in rows {first} to {first + len(chunk) - 1} and are "
                f"not in the first rows, whose "
                "columns a dataset has. Say which ones to carry: keep=[...]."
            )
        missing = pd.Series([None] * len(chunk), dtype=object)
        columns = [
            *_levels(chunk),
            *(chunk[name] if name in chunk.columns else missing for name in self.carried),
        ]
        arrays = []
        for field, values in zip(self.others, columns, strict=True):
            try:
                arrays.append(_array(values, field.type))
            except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
                raise InputValueError(
                    f"Rows {first} to {first + len(chunk) - 1}: the column {field.name!r} does not "
                    f"fit {field.type}, its type "
                    f"in the first rows of the input ({error}). Give the column one type, or leave "
                    f"it out by keep=[...]."
                ) from error
        return pa.Table.from_arrays(arrays, schema=self.others)


def _levels(chunk: Chunk) -> list[Any]:
    """The levels of an index as columns."""
    return [chunk.index.get_level_values(level) for level in range(chunk.index.nlevels)]


def _type_of(name: str, values: Any) -> Any:  # noqa: ANN401 - a column; a pyarrow.DataType
    import pyarrow as pa

    try:
        found = pa.array(_shown(values), from_pandas=True).type
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise InputValueError(
            f"The column {name!r} has no one type that Parquet knows ({error}). Give it one, or "
            f"leave it out by keep=[...]."
        ) from error
    return pa.string() if pa.types.is_null(found) or pa.types.is_large_string(found) else found


def _array(values: Any, kind: Any) -> Any:  # noqa: ANN401
    import pyarrow as pa

    try:
        array = pa.array(values, type=kind, from_pandas=True)
    except UnicodeEncodeError:
        array = pa.array(_shown(values), type=kind, from_pandas=True)
    return pa.chunked_array([array], type=kind) if isinstance(array, pa.Array) else array.cast(kind)


def _shown(values: Any) -> Any:  # noqa: ANN401
    """Values whose texts UTF-8 can hold: lone surrogates become U+FFFD."""
    if values.dtype != object:
        return values
    return pd.Series(
        [
            replace_surrogates(value) if isinstance(value, str) else value
            for value in values.tolist()
        ],
        dtype=object,
    )


def vector_type(number: Any, width: int) -> Any:  # noqa: ANN401 - pyarrow.DataTypes
    """Lists of one length; of any length before pyarrow 26, which cannot write the others to Parquet where one is null.

    Args:
        number: The type of their numbers.
        width: Their length.
    """
    import pyarrow as pa

    return pa.list_(number, width) if int(pa.__version__.split(".")[0]) >= 26 else pa.list_(number)


def _vectors(cells: pd.Series[Any], kind: Any, width: int) -> Any:  # noqa: ANN401
    """Vectors as lists, null where there is none."""
    import pyarrow as pa

    missing = cells.isna().to_numpy()
    matrix: Any = (
        np.zeros((len(cells), width), dtype=np.float32) if missing.all() else frame.vectors(cells)
    )
    if pa.types.is_float16(kind.value_type):
        with np.errstate(over="ignore"):
            small = matrix.astype(np.float16)
        if np.isinf(small).any() and not np.isinf(matrix).any():
            raise OptionError(
                f"Numbers of {cells.name!r} are too large for float16 (above 65,504); say "
                f'vectors="float32".'
            )
        matrix = small
    if pa.types.is_fixed_size_list(kind):
        mask = pa.array(missing) if missing.any() else None
        return pa.chunked_array(
            [pa.FixedSizeListArray.from_arrays(pa.array(matrix.reshape(-1)), width, mask=mask)]
        )
    ends = np.concatenate([[0], np.cumsum(~missing)]) * width
    shown = pa.array(matrix[~missing].reshape(-1))
    mask = pa.array(missing)
    return pa.chunked_array(
        [pa.ListArray.from_arrays(pa.array(ends, pa.int32()), shown, type=kind, mask=mask)]
    )


def _for_pandas(columns: dict[str, Any]) -> dict[bytes, bytes]:
    """What pandas writes into a schema, for the columns of its nullable types; the others it reads right without."""
    import pyarrow as pa

    own = (
        "Int64",
        "Int32",
        "Int16",
        "Int8",
        "UInt64",
        "UInt32",
        "UInt16",
        "UInt8",
        "boolean",
        "Float64",
        "Float32",
    )
    nullable = {
        name: pd.Series(values[:0]) for name, values in columns.items() if str(values.dtype) in own
    }
    return {
        b"pandas": pa.Schema.from_pandas(pd.DataFrame(nullable), preserve_index=False).metadata[
            b"pandas"
        ]
    }
