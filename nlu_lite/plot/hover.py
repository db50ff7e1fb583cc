"""What a point shows under the mouse: what it stands for, its sentence, and the frame's columns."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.common import Ints
from nlu_lite.flow import label_column, row_labels
from nlu_lite.frame import LEVELS, TOKEN, vector_columns

# Characters of one value.
LONGEST_VALUE = 120
WORD_COLUMNS = {"token", "sentence_index", "token_index"}


def hover_texts(df: pd.DataFrame, rows: Ints) -> NDArray[np.object_]:
    """The text of each drawn row, one line a column, the unit first and in bold.

    Args:
        df: A frame of vectors.
        rows: Shape (points,): numbers of the drawn rows.
    """
    units = pd.Series(row_labels(df)).iloc[rows].map(show_value)
    texts = "<b>" + units.to_numpy(dtype=object) + "</b>"
    sentences = sentences_of_words(df)
    if sentences is not None:
        texts = texts + sentences.iloc[rows].map(_sentence_line).to_numpy(dtype=object)
    hidden = {*vector_columns(df), label_column(df)}
    for position, name in enumerate(df.columns):
        if name not in hidden:
            values = df.iloc[rows, position].map(show_value).to_numpy(dtype=object)
            texts = texts + f"<br>{show_value(name)}: " + values
    return np.asarray(texts, dtype=object)


def _sentence_line(sentence: str) -> str:
    return f"<br>sentence: {show_value(sentence)}" if sentence else ""


def show_value(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    """A value as plotly shows it: its markup taken literally, not too long."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    text = str(value)
    if len(text) > LONGEST_VALUE:
        text = f"{text[: LONGEST_VALUE - 3]}..."
    return escape(text, quote=False)


def sentences_of_words(df: pd.DataFrame) -> pd.Series[Any] | None:
    """The sentence of each row, joined from its words that are in the frame.

    Words of one sentence stand next to each other; three dots stand where some before or between
    them were filtered out. A word without any other of its sentence has an empty text: it would say
    nothing more.

    Returns:
        A text a row; None where the frame does not say where its words stand.
    """
    other_levels = set(LEVELS) - {TOKEN.name}
    if not set(df.columns) >= WORD_COLUMNS or not other_levels.isdisjoint(df.columns):
        return None
    document = pd.Series(pd.factorize(df.index)[0])
    word_number, sentence_number = (
        df[name].reset_index(drop=True).astype("Float64")
        for name in ("token_index", "sentence_index")
    )
    step = word_number.diff()
    begins = (document.diff() != 0) | (sentence_number.diff() != 0) | (step <= 0)
    begins = begins.fillna(True).astype(bool)
    has_gap = step.mask(begins, word_number + 1).gt(1).fillna(False).astype(bool)
    tokens = df["token"].reset_index(drop=True).astype(object)
    words = has_gap.map({True: "... ", False: ""}) + tokens.where(tokens.notna(), "")
    run = begins.cumsum()
    sentences = words.groupby(run).transform(" ".join)
    return sentences.mask(run.groupby(run).transform("size") == 1, "")
