"""What a caller hands in -> documents, index and extra columns; the caller's object is never written to."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from nlu_lite.errors import InputTypeError, InputValueError, MissingExtraError, brief
from nlu_lite.text import Document

ORIGIN_INDEX = "origin_index"
ACCEPTED = (
    "a text, a list, tuple, generator, NumPy array or pandas Series of texts, a DataFrame (name "
    "its text column with "
    "text=), a polars or Arrow column or table, a column of a Hugging Face dataset; a text that is "
    "split already is a "
    "list of words, and None is a null text"
)
OnError = Literal["raise", "null"]
_REFUSED = {
    "pyspark": (
        "A Spark DataFrame is not taken here: nlu_lite.spark.transform(pipe, df) computes on "
        "Spark's workers and gives a Spark "
        "DataFrame (of a pandas-on-Spark frame, hand over frame.to_spark()). What is small enough: "
        "df.toPandas()."
    ),
    "modin": "A Modin frame is not taken here: hand over frame._to_pandas().",
}


@dataclass(frozen=True)
class Inputs:
    """Documents in the caller's order.

    Attributes:
        documents: A text, a tuple of words (text that is split already) or None (null) each.
        index: The caller's index; unnamed levels are called ``origin_index``.
        columns: The caller's other columns by position, and their names; the text column is among
            them.
        text_column: Name of the text column of a frame, else None.
        failures: Of items that were taken as null because they cannot be used: their position and
            what is wrong.
    """

    documents: list[Document]
    index: pd.Index
    columns: pd.DataFrame | None
    text_column: Hashable | None
    failures: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Unreadable:
    """Stands in a text column for an item that its file does not give.

    Attributes:
        reason: What is wrong, and where.
    """

    reason: str


def read(
    data: Any,  # noqa: ANN401 - whatever the caller has
    text: Hashable | None = None,
    *,
    first: int = 0,
    errors: OnError = "raise",
) -> Inputs:
    """Read what a caller hands in.

    Args:
        data: Any accepted kind of data.
        text: The column of a frame that holds the text; without it a column named ``text``, else
            the only text column.
        first: Position of the first item in a longer whole, for messages.
        errors: What to do with an item that cannot be used: ``raise``, or take it as ``null`` and
            note it in ``failures``.

    Raises:
        InputTypeError: The data or one item is of a kind that is not accepted.
        InputValueError: It is not clear which column holds the text.
        MissingExtraError: A table of another library needs pyarrow to be read.
    """
    data = as_table(data)
    if isinstance(data, pd.DataFrame):
        column = find_text_column(data, text)
        names: list[Hashable] = list(data.columns)
        place = names.index(column)
        documents, failures = _documents(data.iloc[:, place].tolist(), first, errors)
        return Inputs(
            documents, _named(data.index), _without(data, place, failures, first), column, failures
        )
    if text is not None:
        raise InputValueError(
            f"text={brief(text)} names a column, but the data is a {type(data).__name__}, which "
            f"has none."
        )
    index = data.index if isinstance(data, pd.Series) else None
    documents, failures = _documents(_items(data), first, errors)
    return Inputs(
        documents,
        _named(pd.RangeIndex(len(documents)) if index is None else index),
        None,
        None,
        failures,
    )


def _without(
    data: pd.DataFrame, place: int, failures: tuple[tuple[int, str], ...], first: int
) -> pd.DataFrame:
    """The frame with nulls for the texts that cannot be used."""
    if not failures:
        return data
    cells = np.fromiter(data.iloc[:, place].tolist(), dtype=object, count=len(data))
    cells[[position - first for position, _ in failures]] = None
    result = data.copy(deep=False)
    result.isetitem(place, cells)
    return result


def as_table(data: Any) -> Any:  # noqa: ANN401
    """Tables of other libraries as pandas frames; everything else as it is.

    Args:
        data: Whatever the caller has.

    Raises:
        InputTypeError: A table of a library whose tables are not taken.
        MissingExtraError: It needs pyarrow to be read.
    """
    if refused := [library for library in _libraries(data) if library in _REFUSED]:
        raise InputTypeError(_REFUSED[refused[0]])
    # Asked of the class: the columns of a lazy frame cost a computation.
    if isinstance(data, (str, pd.DataFrame)) or not any(
        hasattr(type(data), name) for name in ("columns", "column_names")
    ):
        return data
    if not hasattr(data, "to_pandas") or isinstance(data, Mapping):
        # To iterate over a frame mostly gives the names of its columns, which nobody wants vectors
        # of.
        raise InputTypeError(
            f"A {type(data).__name__} is not accepted; make it a pandas DataFrame. Accepted is "
            f"{ACCEPTED}."
        )
    try:
        return data.to_pandas()  # a polars or Arrow table, a Hugging Face dataset
    except ImportError as error:
        raise MissingExtraError(
            f"A {type(data).__name__} is read through pyarrow: pip install 'nlu-lite[arrow]' "
            f"({error})."
        ) from error


def _libraries(data: Any) -> list[str]:  # noqa: ANN401
    return [kind.__module__.partition(".")[0] for kind in type(data).__mro__]


def is_spark(data: Any) -> bool:  # noqa: ANN401 - whatever the caller has
    """Whether the data is an object of Spark; PySpark is not imported to find out."""
    return "pyspark" in _libraries(data)


def _items(data: Any) -> Iterable[Any]:  # noqa: ANN401
    if isinstance(data, str):
        return [data]
    if isinstance(data, np.ndarray) and data.ndim != 1:
        raise InputTypeError(
            f"The array has {data.ndim} dimensions; give one with a single dimension of texts."
        )
    for method in ("tolist", "to_list", "to_pylist"):  # pandas and NumPy, polars, Arrow
        if hasattr(data, method):
            items = getattr(data, method)()
            if isinstance(items, list):
                return items
    if isinstance(data, (bytes, bytearray, Mapping, set, frozenset)) or not isinstance(
        data, Iterable
    ):
        raise InputTypeError(f"A {type(data).__name__} is not accepted. Accepted is {ACCEPTED}.")
    return data


def is_null(item: Any) -> bool:  # noqa: ANN401
    """Whether an item stands for a missing text: None, ``pd.NA``, NaN or NaT, those of NumPy as well."""
    return (
        item is None
        or item is pd.NA
        or item is pd.NaT
        or (isinstance(item, (float, np.generic)) and bool(item != item))
    )


def _documents(
    items: Iterable[Any], first: int, errors: OnError
) -> tuple[list[Document], tuple[tuple[int, str], ...]]:
    documents: list[Document] = []
    failures: list[tuple[int, str]] = []
    for position, item in enumerate(items, first):
        if isinstance(item, str):
            documents.append(str(item))
            continue
        try:
            documents.append(_document(item, position))
        except (InputTypeError, InputValueError) as error:
            if errors == "raise":
                raise
            documents.append(None)
            failures.append((position, str(error)))
    return documents, tuple(failures)


def _document(item: Any, position: int) -> Document:  # noqa: ANN401
    if isinstance(item, Unreadable):
        raise InputValueError(item.reason)
    if is_null(item):
        return None
    if isinstance(item, (list, tuple)) or (isinstance(item, np.ndarray) and item.ndim == 1):
        return _split(item, position)
    raise InputTypeError(
        f"Item {position} is {brief(item, 60)}, a {type(item).__name__}. Each item must be a text, "
        f"a list of words, or "
        "None; turn numbers into texts with str()."
    )


def _split(words: Any, position: int) -> tuple[str, ...]:  # noqa: ANN401
    for place, word in enumerate(words):
        if not isinstance(word, str):
            raise InputTypeError(
                f"Item {position} is text that is split already, and its word {place} is "
                f"{brief(word, 60)}, a "
                f"{type(word).__name__}; every word must be a text."
            )
    return tuple(str(word) for word in words)


def find_text_column(frame: pd.DataFrame, text: Hashable | None) -> Hashable:
    """The name of the column that holds the text.

    Args:
        frame: Of any columns.
        text: The name if it is known; without it a column named ``text``, else the only text
            column.

    Raises:
        InputValueError: There is no such column, or it is not clear which one is meant.
    """
    names: list[Hashable] = list(frame.columns)
    wanted = "text" if text is None and "text" in names else text
    if wanted is None:
        candidates = [name for place, name in enumerate(names) if _holds_text(frame.iloc[:, place])]
        if len(candidates) != 1:
            found = (
                f"{len(candidates)} columns hold text: {brief(candidates, 2000)}"
                if candidates
                else "no column holds text"
            )
            raise InputValueError(
                f'Which column is the text? There is no column "text", and {found}. Say '
                f'text="NAME".'
            )
        wanted = candidates[0]
    if names.count(wanted) != 1:
        problem = "stands more than once among" if wanted in names else "is not among"
        raise InputValueError(
            f"The text column {brief(wanted)} {problem} the columns {brief(names, 2000)}. Say "
            f"text=NAME."
        )
    return wanted


def _holds_text(column: pd.Series) -> bool:
    """Judged by the first item that is not null; where there is none, by the column's type.

    pandas 2 keeps text in columns of objects, so without any row such a column may be the text.
    """
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(
        column.dtype
    ):
        return False
    first = next((item for item in column if not is_null(item)), None)
    if first is None:
        return (
            column.empty
            if column.dtype == object
            else bool(pd.api.types.is_string_dtype(column.dtype))
        )
    return isinstance(first, str)


def _named(index: pd.Index) -> pd.Index:
    if isinstance(index, pd.MultiIndex):
        names = [
            f"{ORIGIN_INDEX}_{level}" if name is None else name
            for level, name in enumerate(index.names)
        ]
        return index.set_names(names)
    return index.rename(ORIGIN_INDEX) if index.name is None else index
