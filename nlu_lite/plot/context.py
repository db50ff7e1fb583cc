"""The text around what a point stands for: a window of its text, or the words beside it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.common import Bools, Ints
from nlu_lite.flow import label_column
from nlu_lite.frame import CHUNK, LEVELS, TOKEN
from nlu_lite.plot.values import show_value

# Characters shown on either side of a word.
SIDE = 36
WORD_COLUMNS = {"token", "sentence_index", "token_index"}


@dataclass(frozen=True)
class Context:
    """What stands around the drawn rows.

    Attributes:
        name: What is shown: the name of the column of texts, or ``sentence``.
        lines: Of each drawn row, as plotly shows it; empty where nothing is known.
        column: The place of the column that the lines are windows of; None: of no column.
    """

    name: Hashable
    lines: list[str]
    column: int | None = None


def find_context(df: pd.DataFrame, rows: Ints) -> Context | None:
    """The text around each drawn row, where the frame has it.

    Args:
        df: A frame of vectors.
        rows: Shape (points,): numbers of the drawn rows.

    Returns:
        Windows of a column that holds the texts, else the neighbours that a word has in the frame;
        None where rows are no parts of a text, or nothing tells.
    """
    if label_column(df) not in (TOKEN.name, CHUNK.name):
        return None
    return _from_texts(df, rows) or _from_neighbours(df, rows)


def window(text: str, begin: int, end: int) -> str:
    """A word of a text with what stands beside it, as plotly shows it: the word in bold.

    Args:
        text: The text.
        begin: Of the word.
        end: Behind the word.

    Example:
        >>> window("We sat on the bank of the river", 14, 18)
        'We sat on the <b>bank</b> of the river'
    """
    left, right = max(begin - SIDE, 0), min(end + SIDE, len(text))
    if left > 0:  # not in the middle of a word, where there is a space
        left = text.find(" ", left, begin) + 1 or left
    if right < len(text):
        last = text.rfind(" ", end, right)
        right = last if last >= 0 else right
    parts = (text[left:begin], text[begin:end], text[end:right])
    before, word, after = (escape(re.sub(r"\s", " ", part), quote=False) for part in parts)
    dots = ["..." * (left > 0), "..." * (right < len(text))]
    return f"{dots[0]}{before}<b>{word}</b>{after}{dots[1]}"


def _from_texts(df: pd.DataFrame, rows: Ints) -> Context | None:
    unit_name = label_column(df)
    units = df[unit_name].iloc[rows].tolist()
    begins = df["begin"].iloc[rows].tolist() if "begin" in df.columns else [None] * len(rows)
    for position, name in enumerate(df.columns):
        column = df.iloc[:, position]
        is_text = isinstance(column.dtype, pd.StringDtype) or column.dtype == object
        if name == unit_name or not is_text:
            continue
        texts = column.iloc[rows].tolist()
        if not _are_texts_of(texts, units):
            continue
        offsets = list(map(_find_unit, texts, units, begins))
        # Texts that were changed since have the words elsewhere.
        if None in offsets and "begin" in df.columns:
            continue
        lines = [
            show_value(text) if offset is None else window(text, offset, offset + len(unit))
            for text, unit, offset in zip(texts, units, offsets, strict=True)
        ]
        return Context(name, lines, position)
    return None


def _are_texts_of(texts: Sequence[Any], units: Sequence[Any]) -> bool:
    """Whether each unit stands in the text beside it, and some texts hold more."""
    if not all(isinstance(text, str) for text in texts):
        return False
    pairs = [(text, unit) for text, unit in zip(texts, units, strict=True) if isinstance(unit, str)]
    return all(unit in text for text, unit in pairs) and any(text != unit for text, unit in pairs)


def _find_unit(text: str, unit: Any, begin: Any) -> int | None:  # noqa: ANN401 - cells
    """Where a unit begins in its text; None where nothing tells which of several it is."""
    if not isinstance(unit, str):
        return None
    if begin is None or begin is pd.NA:
        return text.index(unit) if text.count(unit) == 1 else None
    offset = int(begin)
    return offset if text.startswith(unit, offset) else None


def _from_neighbours(df: pd.DataFrame, rows: Ints) -> Context | None:
    """Of each word its neighbours: never words between which others of the text were left out."""
    other_levels = set(LEVELS) - {TOKEN.name}
    if not set(df.columns) >= WORD_COLUMNS or not other_levels.isdisjoint(df.columns):
        return None
    words = df["token"].tolist()
    starts, is_cut = _find_runs(df)
    spaces = _has_space_before(df)
    run_of = np.searchsorted(starts, rows, side="right") - 1
    bounds = [*starts.tolist(), len(df)]
    runs: dict[int, tuple[str, list[int]]] = {}
    lines = []
    for row, run in zip(rows.tolist(), run_of.tolist(), strict=True):
        first, last = bounds[run], bounds[run + 1]
        if last - first < 2:  # the word alone would say nothing more
            lines.append("")
            continue
        if run not in runs:
            dots = "... " if is_cut[run] else ""
            runs[run] = _join([dots, *words[first:last]], [False, False, *spaces[first + 1 : last]])
        text, offsets = runs[run]
        begin = offsets[1 + row - first]
        lines.append(window(text, begin, begin + len(str(words[row]))))
    return Context("sentence", lines)


def _find_runs(df: pd.DataFrame) -> tuple[Ints, Bools]:
    """Runs of words that follow each other, in one sentence, as they do in the text.

    Returns:
        Shapes (runs,): the row at which each begins; and whether words of the text right before it
        were left out of the frame.
    """
    document = pd.factorize(df.index)[0]
    sentence, number = _numbers(df, "sentence_index"), _numbers(df, "token_index")
    follows = np.zeros(len(df), dtype=np.bool_)
    follows[1:] = (np.diff(document) == 0) & (np.diff(number) == 1)
    is_start = ~follows
    is_start[1:] |= np.diff(sentence) != 0
    starts = np.flatnonzero(is_start)
    return starts, (number[starts] > 0) & ~follows[starts]


def _numbers(df: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column of whole numbers, NaN where one is missing."""
    numbers = df[name].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(numbers, dtype=np.float64)


def _has_space_before(df: pd.DataFrame) -> list[bool]:
    """Whether something stands between each word and that before it."""
    if not {"begin", "end"} <= set(df.columns):
        return [True] * len(df)
    begin, end = _numbers(df, "begin"), _numbers(df, "end")
    return [True, *(begin[1:] != end[:-1] + 1).tolist()]


def _join(words: Iterable[Any], has_space: Sequence[bool]) -> tuple[str, list[int]]:
    """Words as a text, and where each begins."""
    text, begins = "", []
    for word, space in zip(words, has_space, strict=True):
        text += " " * space
        begins.append(len(text))
        text += str(word)
    return text, begins
