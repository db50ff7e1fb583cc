"""The caller's data as NLU reads it: which column is the text, what index and text are called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nlu_lite.errors import InputTypeError, InputValueError
from nlu_lite.inputs import ORIGIN_INDEX, Inputs, as_table, is_null, read

# NLU's names for the column of labels, the first one that is there counts.
LABEL_COLUMNS = ("y", "label", "labels")


def text_column(data: Any) -> Any:  # noqa: ANN401 - the name of a column may be any object
    """NLU's rule for the text of a pandas frame: the column ``text``, else the first one.

    Returns:
        None for a frame that has a column ``text``, and for anything else than a frame.
    """
    if not isinstance(data, pd.DataFrame) or "text" in list(data.columns):
        return None
    return next(iter(data.columns), None)


def read_documents(data: Any, *, index_column: bool) -> Inputs:  # noqa: ANN401
    """Read what the caller has, the index and the text column called as NLU calls them.

    Args:
        data: The caller's.
        index_column: Whether the index stands among the columns too and would be ambiguous under
            the same name.

    Raises:
        InputTypeError: The data or an item of it is of a kind that is not accepted.
    """
    first = text_column(data)
    try:
        inputs = read(data, first)
    except InputTypeError as error:
        if first is None:
            raise
        raise InputTypeError(
            f'No column is called "text", so as in NLU the first one, {first!r}, is the text. '
            f'{error} Rename the column that holds the text to "text", or put it first.'
        ) from error
    if not isinstance(inputs.index, pd.MultiIndex):
        name = None if index_column else ORIGIN_INDEX
        inputs = replace(inputs, index=inputs.index.rename(name))
    if inputs.columns is None:
        return inputs
    names = ["text" if name == inputs.text_column else name for name in inputs.columns.columns]
    columns = inputs.columns.set_axis(pd.Index(names, tupleize_cols=False), axis=1)
    return replace(inputs, columns=columns, text_column="text")


def read_examples(dataset: Any, separator: str | None = None) -> tuple[pd.DataFrame, str]:  # noqa: ANN401
    """Read the examples of ``fit``, whose labels NLU takes as texts.

    Args:
        dataset: A table of any accepted kind.
        separator: What stands between the labels of a text that may have several; None: each label
            is one, or a list with one a word.

    Returns:
        The table and the name of its column of labels; missing labels stay missing.

    Raises:
        InputTypeError: It is no table.
        InputValueError: It has no column of labels.
    """
    table = as_table(dataset)
    if not isinstance(table, pd.DataFrame):
        raise InputTypeError(
            f"fit takes a DataFrame with the columns text and y, not a {type(dataset).__name__}."
        )
    names = list(table.columns)
    labels = next((name for name in LABEL_COLUMNS if name in names), None)
    if labels is None:
        raise InputValueError(
            f'Labels stand in a column "y" (or "label", "labels"); the columns are {names}.'
        )
    cells = [_label_texts(label, separator) for label in table[labels]]
    texts = pd.Series(cells, index=table.index, dtype=object)
    return table.assign(**{labels: texts}), labels


def _label_texts(label: Any, separator: str | None) -> Any:  # noqa: ANN401 - a cell of any table
    """A label as a text, several as a list of texts; a missing one stays as it is."""
    if isinstance(label, (list, tuple, np.ndarray)):
        return [item if is_null(item) else str(item) for item in label]
    if is_null(label):
        return label
    return str(label) if separator is None else str(label).split(separator)
