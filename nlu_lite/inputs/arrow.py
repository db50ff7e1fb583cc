"""Arrow tables, record batches and readers as frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from nlu_lite.errors import MissingExtraError
from nlu_lite.inputs.source import CHUNK_ROWS


def import_pyarrow(purpose: str) -> Any:  # noqa: ANN401 - the package
    """The package pyarrow.

    Args:
        purpose: What it is needed for, for the message.

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


def is_arrow(data: Any) -> bool:  # noqa: ANN401
    """Whether an object is an Arrow table, record batch or reader of batches; pyarrow is not imported for it."""
    return any(
        kind.__module__.startswith("pyarrow.") and kind.__name__ in _TABULAR
        for kind in type(data).__mro__
    )


_TABULAR = ("Table", "RecordBatch", "RecordBatchReader")


def frames(data: Any, *, exact: bool) -> Iterator[pd.DataFrame]:  # noqa: ANN401
    """A table, a batch, a reader, or an iterable of them, as small frames.

    Args:
        data: Of Arrow.
        exact: Keep Arrow's types.
    """
    batches: Iterable[Any] = [data] if hasattr(data, "slice") else data
    for batch in batches:
        for begin in range(0, len(batch), CHUNK_ROWS):
            yield pandas_of(batch.slice(begin, CHUNK_ROWS), exact=exact)


def pandas_of(batch: Any, *, exact: bool) -> pd.DataFrame:  # noqa: ANN401
    """A table or a batch as a frame.

    Args:
        batch: Of Arrow. An index of pandas that is stored in it comes as a column.
        exact: Keep Arrow's types, so that whole numbers with nulls stay whole.
    """
    plain = batch.replace_schema_metadata(None)
    result: pd.DataFrame = (
        plain.to_pandas(types_mapper=pd.ArrowDtype) if exact else plain.to_pandas()
    )
    return result
