"""Which column of a frame holds the text, and what may stand there."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

from nlu_lite.errors import InputValueError, brief
from nlu_lite.inputs.chunks import Data


@dataclass(frozen=True)
class Unreadable:
    """Stands in a text column for an item that its file does not give.

    Attributes:
        reason: What is wrong, and where.
    """

    reason: str


def is_null(item: Data) -> bool:
    """Whether an item stands for a missing text: None, ``pd.NA``, NaN or NaT, NumPy's as well."""
    return pd.api.types.is_scalar(item) and bool(pd.isna(item))


def find_text_column(frame: pd.DataFrame, text: Hashable | None) -> Hashable:
    """The name of the column that holds the text: as given, ``text``, or the only one with texts.

    Raises:
        InputValueError: There is no such column, or it is not clear which one is meant.
    """
    names: list[Hashable] = list(frame.columns)
    if text is None:
        text = "text" if "text" in names else _only_text_column(frame)
    if names.count(text) != 1:
        problem = "stands more than once among" if text in names else "is not among"
        raise InputValueError(
            f"The text column {brief(text)} {problem} the columns {brief(names, 2000)}. Say "
            f"text=NAME."
        )
    return text


def refuse_text_column(text: Hashable | None, kind: str) -> None:
    """Raise for the name of a column where the data, named by its kind, has none."""
    if text is not None:
        raise InputValueError(
            f"text={brief(text)} names a column, but the data is a {kind}, which has none."
        )


def _only_text_column(frame: pd.DataFrame) -> Hashable:
    columns = range(frame.shape[1])
    candidates = [frame.columns[n] for n in columns if _holds_text(frame.iloc[:, n])]
    if len(candidates) == 1:
        return candidates[0]
    problem = "no column holds text"
    if candidates:
        problem = f"{len(candidates)} columns hold text: {brief(candidates, 2000)}"
    raise InputValueError(
        f'Which column is the text? There is no column "text", and {problem}. Say text="NAME".'
    )


def _holds_text(column: pd.Series) -> bool:
    """Judged by the first item that is not null; where there is none, by the column's type.

    pandas 2 keeps text in columns of objects, so without any row such a column may be the text.
    """
    present = column.notna().to_numpy()
    if present.any():
        return isinstance(column.iloc[int(present.argmax())], str)
    return column.empty if column.dtype == object else pd.api.types.is_string_dtype(column.dtype)
