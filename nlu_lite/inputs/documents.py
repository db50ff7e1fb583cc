"""What a caller hands in, which is never written to -> documents, index and columns."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from nlu_lite.errors import InputTypeError, InputValueError, brief
from nlu_lite.inputs.chunks import Data
from nlu_lite.inputs.columns import Unreadable, find_text_column, is_null, refuse_text_column
from nlu_lite.inputs.kinds import find_kind
from nlu_lite.text import Document

ORIGIN_INDEX = "origin_index"
OnError = Literal["raise", "null"]
# Position of an item and what is wrong with it.
Failures = tuple[tuple[int, str], ...]


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
    failures: Failures = ()


def read(
    data: Data,
    text: Hashable | None = None,
    *,
    first: int = 0,
    errors: OnError = "raise",
) -> Inputs:
    """Read what a caller hands in.

    Args:
        data: Data kind of data in ``nlu_lite.inputs.kinds``; a text is one document.
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
    rows = find_kind(data).load(data)
    if isinstance(rows, pd.Series):
        refuse_text_column(text, type(data).__name__)
        documents, failures = _read_documents(rows.tolist(), first, errors)
        return Inputs(
            documents=documents,
            index=_name_levels(rows.index),
            columns=None,
            text_column=None,
            failures=failures,
        )
    column = find_text_column(rows, text)
    column_number = list(rows.columns).index(column)
    documents, failures = _read_documents(rows.iloc[:, column_number].tolist(), first, errors)
    rows = _blank_cells(rows, column_number, [position - first for position, _ in failures])
    return Inputs(
        documents=documents,
        index=_name_levels(rows.index),
        columns=rows,
        text_column=column,
        failures=failures,
    )


def _blank_cells(frame: pd.DataFrame, column_number: int, rows: list[int]) -> pd.DataFrame:
    """The frame with nulls in some rows of a column."""
    if not rows:
        return frame
    cells = np.fromiter(frame.iloc[:, column_number].tolist(), dtype=object, count=len(frame))
    cells[rows] = None
    blanked = frame.copy(deep=False)
    blanked.isetitem(column_number, cells)
    return blanked


def _read_documents(
    items: Iterable[Any], first: int, errors: OnError
) -> tuple[list[Document], Failures]:
    documents: list[Document] = []
    failures: list[tuple[int, str]] = []
    for position, item in enumerate(items, first):
        try:
            documents.append(_read_document(item, position))
        except (InputTypeError, InputValueError) as error:
            if errors == "raise":
                raise
            documents.append(None)
            failures.append((position, str(error)))
    return documents, tuple(failures)


def _read_document(item: Data, position: int) -> Document:
    if isinstance(item, str):
        return str(item)
    if isinstance(item, Unreadable):
        raise InputValueError(item.reason)
    if is_null(item):
        return None
    if isinstance(item, (list, tuple)) or (isinstance(item, np.ndarray) and item.ndim == 1):
        return _read_words(item, position)
    raise InputTypeError(
        f"Item {position} is {brief(item, 60)}, a {type(item).__name__}. Each item must be a text, "
        f"a list of words, or None; turn numbers into texts with str()."
    )


def _read_words(words: Iterable[Any], position: int) -> tuple[str, ...]:
    for number, word in enumerate(words):
        if not isinstance(word, str):
            raise InputTypeError(
                f"Item {position} is text that is split already, and its word {number} is "
                f"{brief(word, 60)}, a {type(word).__name__}; every word must be a text."
            )
    return tuple(str(word) for word in words)


def _name_levels(index: pd.Index) -> pd.Index:
    """The index, with a name for every level."""
    if not isinstance(index, pd.MultiIndex):
        return index.rename(ORIGIN_INDEX) if index.name is None else index
    return index.set_names(
        [
            f"{ORIGIN_INDEX}_{level}" if name is None else name
            for level, name in enumerate(index.names)
        ]
    )
