"""Which source an input is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nlu_lite.errors import InputTypeError, InputValueError
from nlu_lite.inputs import arrow, files
from nlu_lite.inputs.documents import ACCEPTED, find_text_column
from nlu_lite.inputs.memory import of_frames, of_memory, of_texts, series
from nlu_lite.inputs.source import CHUNK_ROWS, Source

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def open_source(
    data: Any,  # noqa: ANN401 - whatever the caller has
    text: Hashable | None = None,
    *,
    columns: Sequence[Hashable] | None = None,
    exact: bool = False,
    filesystem: Any = None,  # noqa: ANN401 - a pyarrow.fs.FileSystem
) -> Source:
    """The rows of an input.

    Args:
        data: What ``predict`` takes, except that a text is not a document but the name of a file or
            a folder (Parquet, CSV, JSON lines, text) or an address such as ``s3://bucket/folder``;
            an iterator of texts, frames or Arrow record batches; a Hugging Face dataset, a streamed
            one as well.
        text: The column that holds the text; without it a column named ``text``, else the only text
            column.
        columns: The other columns that are wanted, None for all; a Parquet file's others are not
            read.
        exact: Columns keep their Arrow types, so that whole numbers with nulls do not become
            floating point numbers.
        filesystem: Where a file or a folder lies, if neither on this machine nor at an address.

    Raises:
        InputTypeError: The data is of a kind that is not accepted.
        InputValueError: A file is not there or of a kind that is not read, or it is not clear which
            column holds the text.
        MissingExtraError: pyarrow is needed and not installed.
    """
    if isinstance(data, (str, Path)):
        remote = filesystem is not None or (isinstance(data, str) and _URI.match(data))
        listed = files.remote(str(data), filesystem) if remote else files.local(Path(data))
        return files.source(listed, text, columns=columns, exact=exact)
    kind = type(data).__name__
    if "datasets" in _libraries(data) and hasattr(data, "iter"):
        return of_frames(_of_dataset(data, exact), kind, text, numbered=True)
    if arrow.is_arrow(data):
        return of_frames(arrow.frames(data, exact=exact), kind, text, numbered=True)
    if hasattr(data, "to_pandas") and hasattr(type(data), "columns"):
        data = data.to_pandas()  # of polars
    if isinstance(data, pd.DataFrame):
        return of_memory(data, kind, find_text_column(data, text))
    return _of_items(data, kind, text, exact)


def _libraries(data: Any) -> set[str]:  # noqa: ANN401
    return {kind.__module__.partition(".")[0] for kind in type(data).__mro__}


def _of_dataset(data: Any, exact: bool) -> Iterator[pd.DataFrame]:  # noqa: ANN401
    for columns in data.iter(batch_size=CHUNK_ROWS):
        yield pd.DataFrame(dict(columns))


def _of_items(data: Any, kind: str, text: Hashable | None, exact: bool) -> Source:  # noqa: ANN401
    """A column of texts, or anything that gives texts, frames or record batches one by one."""
    refused = isinstance(data, (bytes, bytearray, dict, set, frozenset)) or not isinstance(
        data, Iterable
    )
    if refused or (isinstance(data, np.ndarray) and data.ndim != 1):
        raise InputTypeError(
            f"A {kind} is not accepted as it is. Accepted is {ACCEPTED}, and the name of a file or "
            f"folder."
        )
    method = next(
        (name for name in ("tolist", "to_list", "to_pylist") if hasattr(data, name)), None
    )
    items = iter(getattr(data, method)() if method and not isinstance(data, pd.Series) else data)
    first = list(itertools.islice(items, 1))
    rest = itertools.chain(first, items)
    if first and arrow.is_arrow(first[0]):
        return of_frames(arrow.frames(rest, exact=exact), kind, text, numbered=True)
    if first and isinstance(first[0], pd.DataFrame):
        return of_frames(rest, kind, text, numbered=False)
    if text is not None:
        raise InputValueError(
            f"text={text!r} names a column, but the data is a {kind}, which has none."
        )
    if isinstance(data, pd.Series):
        return of_memory(data, kind, None)
    if method or isinstance(data, (list, tuple)):
        return of_memory(series(list(rest), 0), kind, None)
    return of_texts(rest)
