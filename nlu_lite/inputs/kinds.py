"""The kinds of data that are taken, told apart here and nowhere else, whole or row by row."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nlu_lite.common import resolve_address
from nlu_lite.errors import InputTypeError, InputValueError, MissingExtraError
from nlu_lite.inputs import arrow, files
from nlu_lite.inputs.chunks import (
    CHUNK_ROWS,
    Chunk,
    Data,
    chunk_texts,
    make_column,
    number_rows,
    number_texts,
    slice_rows,
)
from nlu_lite.inputs.columns import find_text_column, refuse_text_column
from nlu_lite.inputs.file_arguments import FileArguments, given_of, refuse_arguments
from nlu_lite.inputs.source import Source

ACCEPTED = (
    "a text, a list, tuple, generator, NumPy array or pandas Series of texts, a DataFrame (name "
    "its text column with text=), a polars or Arrow column or table, a column of a Hugging Face "
    "dataset; a text that is split already is a list of words, and None is a null text"
)
_REFUSED = {
    "pyspark": (
        "A Spark DataFrame is not taken here: nlu_lite.spark.transform(pipe, df) computes on "
        "Spark's workers and gives a Spark DataFrame (of a pandas-on-Spark frame, hand over "
        "frame.to_spark()). What is small enough: df.toPandas()."
    ),
    "modin": "A Modin frame is not taken here: hand over frame._to_pandas().",
}
# Of pandas and NumPy, polars, Arrow.
_LIST_METHODS = ("tolist", "to_list", "to_pylist")


@dataclass(frozen=True)
class Kind:
    """A kind of data.

    Attributes:
        matches: Whether an object is of this kind.
        load: From the object to all its rows: a frame, or a series of texts.
        chunks: From the object, and whether to keep Arrow's types, to its rows as they come; None
            where they are in memory, so that they can be read from any row on.
    """

    matches: Callable[[Data], bool]
    load: Callable[[Data], Chunk]
    chunks: Callable[[Data, bool], Iterable[Chunk]] | None = None


def find_kind(data: Data, more: str = "") -> Kind:
    """The kind of an object.

    Raises:
        InputTypeError: It is of none. The message names those above, and ``more``.
    """
    kind = _first_match(data, TABLES + TEXTS)
    if kind is None:
        raise InputTypeError(
            f"A {type(data).__name__} is not accepted. Accepted is {ACCEPTED}{more}."
        )
    return kind


def as_table(data: Data) -> Data:
    """Tables of other libraries as pandas frames; everything else as it is.

    Raises:
        InputTypeError: A table of a library whose tables are not taken.
        MissingExtraError: It needs pyarrow to be read.
    """
    kind = _first_match(data, TABLES)
    return data if kind is None else kind.load(data)


def open_source(
    data: Data,
    text: Hashable | None = None,
    *,
    columns: Sequence[Hashable] | None = None,
    exact: bool = False,
    filesystem: Data = None,
    file_arguments: FileArguments | None = None,
) -> Source:
    """The rows of an input.

    Args:
        data: What ``predict`` takes, except that a text is not a document but the name of a file or
            a folder or an address such as ``s3://bucket/folder``; an iterator of texts, frames or
            Arrow record batches; a Hugging Face dataset, a streamed one as well.
        text: The column that holds the text, if it is neither named so nor the only one.
        columns: The other columns that a Parquet file is read for, None for all.
        exact: Keep Arrow's types, so that whole numbers with nulls stay whole.
        filesystem: A pyarrow.fs.FileSystem; None for this machine or what an address names.
        file_arguments: How a file of text is read.

    Raises:
        InputTypeError: The data is of a kind that is not accepted.
        InputValueError: A file is not there or not read, or no column is clearly the text.
        OptionError: How a file is read is said wrongly, or of what is none.
        MissingExtraError: pyarrow is needed and not installed.
    """
    given = given_of(file_arguments or FileArguments())
    if isinstance(data, (str, Path)):
        listing = _list_files(data, filesystem)
        return files.open_files(listing, text, columns=columns, exact=exact, given=given)
    kind = find_kind(data, more=", and the name of a file or folder")
    name = type(data).__name__
    refuse_arguments(given, (), f"a {name}")
    if kind.chunks is None:
        return _open_rows(kind.load(data), name, text)
    return _open_chunks(kind.chunks(data, exact), name, text)


def locate_column(
    name: str | Path, column: str, file_arguments: FileArguments | None = None
) -> str | None:
    """In which line of a file of JSON a column comes up first; None where no line tells.

    Args:
        name: Of a file or a folder, as for ``open_source``.
        column: The key.
        file_arguments: How the file is read.
    """
    given = given_of(file_arguments or FileArguments())
    return files.locate_column(_list_files(name, None), column, given)


def _list_files(name: str | Path, filesystem: Data) -> files.Listing:
    if filesystem is not None:
        return files.list_remote(str(name), filesystem)
    address = resolve_address(name, InputValueError)
    return files.list_local(address) if isinstance(address, Path) else files.list_remote(address)


def is_spark(data: Data) -> bool:
    """Whether the data is an object of Spark; PySpark is not imported to find out."""
    return "pyspark" in _libraries(data)


def _first_match(data: Data, kinds: tuple[Kind, ...]) -> Kind | None:
    for library in _REFUSED.keys() & _libraries(data):
        raise InputTypeError(_REFUSED[library])
    return next((kind for kind in kinds if kind.matches(data)), None)


def _libraries(data: Data) -> set[str]:
    return {base.__module__.partition(".")[0] for base in type(data).__mro__}


def _is_dataset(data: Data) -> bool:
    """Whether it is a dataset of Hugging Face; a column of one has no batches."""
    return "datasets" in _libraries(data) and hasattr(data, "iter")


def _has_columns(data: Data) -> bool:
    """Asked of the class: the columns of a lazy frame cost a computation."""
    return hasattr(type(data), "columns") or hasattr(type(data), "column_names")


def _is_table(data: Data) -> bool:
    return isinstance(data, pd.DataFrame) or arrow.is_arrow(data)


def _is_column(data: Data) -> bool:
    """Whether it is a list, or an array of NumPy, pandas, polars or Arrow, but not of tables."""
    if isinstance(data, (list, tuple)):
        return not _is_table(next(iter(data), None))
    return _is_iterable(data) and any(hasattr(data, method) for method in _LIST_METHODS)


def _is_iterable(data: Data) -> bool:
    refused = (bytes, bytearray, Mapping, set, frozenset)
    return isinstance(data, Iterable) and not isinstance(data, refused)


def _itself(data: Data) -> Data:
    return data


def _to_pandas(data: Data) -> Chunk:
    if not hasattr(data, "to_pandas"):
        # To iterate over a frame mostly gives the names of its columns, which nobody wants vectors
        # of.
        raise InputTypeError(
            f"A {type(data).__name__} is not accepted; make it a pandas DataFrame. Accepted is "
            f"{ACCEPTED}."
        )
    try:
        return data.to_pandas()
    except ImportError as error:
        raise MissingExtraError(
            f"A {type(data).__name__} is read through pyarrow: pip install 'nlu-lite[arrow]' "
            f"({error})."
        ) from error


def _load_items(data: Data) -> pd.Series:
    if isinstance(data, np.ndarray) and data.ndim != 1:
        raise InputTypeError(
            f"The array has {data.ndim} dimensions; give one with a single dimension of texts."
        )
    methods = (getattr(data, name) for name in _LIST_METHODS if hasattr(data, name))
    return number_texts([*next(methods, data.__iter__)()])


def _read_dataset(data: Data, exact: bool) -> Iterator[Chunk]:
    batches = data.iter(batch_size=CHUNK_ROWS)
    frames = (
        pd.DataFrame({name: make_column(list(cells)) for name, cells in columns.items()})
        for columns in batches
    )
    return number_rows(frames, 0)


def _read_items(data: Data, exact: bool) -> Iterable[Chunk]:
    """Frames under their own index; Arrow's batches and texts under the running number."""
    first, items = _peek(data)
    if arrow.is_arrow(first):
        return arrow.read_frames(items, exact)
    return items if isinstance(first, pd.DataFrame) else chunk_texts(items)


def _peek(items: Iterable[Any]) -> tuple[Any, Iterator[Any]]:
    """The first item, None if there is none, and all of them."""
    rest = iter(items)
    head = list(itertools.islice(rest, 1))
    return next(iter(head), None), itertools.chain(head, rest)


def _open_rows(rows: Chunk, name: str, text: Hashable | None) -> Source:
    """The rows of a frame, or of a series of texts; ``name`` is that of the caller's class."""
    identity: dict[str, Any] = {"kind": name, "rows": len(rows)}
    if isinstance(rows, pd.DataFrame):
        text = find_text_column(rows, text)
        identity |= {"columns": [str(column) for column in rows.columns], "text": str(text)}
    else:
        refuse_text_column(text, name)
    return Source(
        lambda row: slice_rows(rows, row),
        identity=identity,
        text=text,
        reopens=True,
        survey=lambda: [rows],
        count=lambda: len(rows),
    )


def _open_chunks(chunks: Iterable[Chunk], name: str, text: Hashable | None) -> Source:
    """Rows that come chunk by chunk, all frames of the same columns, or all series of texts."""
    slices = itertools.chain.from_iterable(slice_rows(chunk, 0) for chunk in chunks)
    first, rows = _peek(slices)
    if isinstance(first, pd.Series):
        refuse_text_column(text, name)
        identity: dict[str, Any] = {"kind": "texts"}
    else:
        text = text if first is None else find_text_column(first, text)
        identity = {"kind": name, "text": None if text is None else str(text)}
    return Source(lambda _row: rows, identity=identity, text=text)


# Asked in this order.
TABLES = (
    Kind(lambda data: isinstance(data, pd.DataFrame), load=_itself),
    Kind(arrow.is_arrow, load=_to_pandas, chunks=arrow.read_frames),
    Kind(_is_dataset, load=_to_pandas, chunks=_read_dataset),
    Kind(_has_columns, load=_to_pandas),
)
TEXTS = (
    Kind(lambda data: isinstance(data, str), load=lambda text: number_texts([text])),
    Kind(lambda data: isinstance(data, pd.Series), load=_itself),
    Kind(_is_column, load=_load_items),
    Kind(_is_iterable, load=_load_items, chunks=_read_items),
)
