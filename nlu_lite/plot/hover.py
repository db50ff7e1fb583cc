"""What a point shows under the mouse: what it stands for, its text, and the frame's columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.common import Ints
from nlu_lite.flow import label_column, row_labels
from nlu_lite.frame import vector_columns
from nlu_lite.plot.context import find_context
from nlu_lite.plot.values import show_value


def hover_texts(df: pd.DataFrame, rows: Ints) -> NDArray[np.object_]:
    """The text of each drawn row, one line a column, the unit first and in bold.

    Args:
        df: A frame of vectors.
        rows: Shape (points,): numbers of the drawn rows.
    """
    units = pd.Series(row_labels(df)).iloc[rows].map(show_value)
    texts = "<b>" + units.to_numpy(dtype=object) + "</b>"
    context = find_context(df, rows)
    if context is not None:
        lines = [f"<br>{show_value(context.name)}: {line}" * bool(line) for line in context.lines]
        texts = texts + np.array(lines, dtype=object)
    replaced = None if context is None else context.column
    hidden = {*vector_columns(df), label_column(df)}
    for position, name in enumerate(df.columns):
        if name not in hidden and position != replaced:
            values = df.iloc[rows, position].map(show_value).to_numpy(dtype=object)
            texts = texts + f"<br>{show_value(name)}: " + values
    return np.asarray(texts, dtype=object)
