"""Arrow tables, record batches and readers as frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from nlu_lite.errors import MissingExtraError
from nlu_lite.inputs.chunks import CHUNK_ROWS, Data, number_rows

# Arrow's whole numbers -> pandas' with nulls.
_NULLABLE = {
    f"{sign.lower()}{bits}": f"{sign}{bits}" for sign in ("Int", "UInt") for bits in (8, 16, 32, 64)
}
_TABULAR = {"Table", "RecordBatch", "RecordBatchReader"}


def import_pyarrow(purpose: str) -> Any:  # noqa: ANN401 - the package
    """The package pyarrow; ``purpose`` is what it is needed for, for the message.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtraError(
            f"{purpose} needs pyarrow: pip install 'nlu-lite[arrow]' ({error})."
        ) from error
    return pyarrow


def is_arrow(data: Data) -> bool:
    """Whether it is an Arrow table, record batch or reader of batches; imports nothing."""
    return any(
        base.__module__.startswith("pyarrow.") and base.__name__ in _TABULAR
        for base in type(data).__mro__
    )


def read_frames(data: Data, exact: bool) -> Iterator[pd.DataFrame]:
    """A table, a batch, a reader, or an iterable of them, as frames under the running number."""
    batches: Iterable[Data] = [data] if hasattr(data, "slice") else data
    slices = (
        batch.slice(begin, CHUNK_ROWS)
        for batch in batches
        for begin in range(0, len(batch), CHUNK_ROWS)
    )
    return number_rows((to_frame(part, exact=exact) for part in slices), 0)


def to_frame(batch: Data, *, exact: bool) -> pd.DataFrame:
    """A table or a batch as a frame.

    Args:
        batch: Of Arrow. An index of pandas that is stored in it comes as a column.
        exact: Keep Arrow's types; otherwise those of NumPy, and those of pandas for whole numbers
            with nulls.
    """
    plain = batch.replace_schema_metadata(None)
    if exact:
        frame: pd.DataFrame = plain.to_pandas(types_mapper=pd.ArrowDtype)
        return frame
    frame = plain.to_pandas()
    for position, column in enumerate(plain.columns):
        # NumPy's whole numbers have no null, and as floating point numbers large ones are others.
        if column.null_count and frame.dtypes.iloc[position].kind == "f":
            nullable = _NULLABLE.get(str(column.type))
            if nullable is not None:
                frame.isetitem(position, pd.array(column.to_pylist(), dtype=nullable))
    return frame
