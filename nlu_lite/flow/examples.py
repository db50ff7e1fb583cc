"""A table of texts and labels -> examples; a row that cannot be one is an error that names it, never left out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nlu_lite.common import Ints
from nlu_lite.errors import InputTypeError, InputValueError
from nlu_lite.inputs import as_table, find_text_column, is_null, read
from nlu_lite.tasks.head import Classes, plain_value
from nlu_lite.text import Document

SHOWN = 5


@dataclass(frozen=True)
class Examples:
    """Texts and the label of each.

    Attributes:
        documents: Texts, or tuples of words; none is null or blank.
        labels: Of each text, one or a list.
        dtype: Of the column of labels.
        index: The caller's.
    """

    documents: list[Document]
    labels: list[Any]
    dtype: object
    index: pd.Index

    def rows(self, places: Iterable[int]) -> str:
        """Rows for a message, by position and, where that says more, by index."""
        return named_rows(places, self.index)

    def numbered(self) -> tuple[Classes, Ints]:
        """The classes, and the number of each text's.

        Raises:
            InputTypeError: The labels are not of one kind.
        """
        classes = Classes.of(self.labels, self.dtype)
        return classes, classes.numbers(self.labels)

    def of_words(self) -> tuple[Classes, Ints]:
        """The same where every text is a list of words and has a list of labels: one label a word, in order.

        Raises:
            InputTypeError: A text is no list of words, or has no list of labels.
            InputValueError: The two lists of a row differ in length, or a label is null.
        """
        flat: list[Any] = []
        for place, (words, own) in enumerate(zip(self.documents, self.labels, strict=True)):
            if not isinstance(words, tuple):
                raise InputTypeError(
                    f"{self.rows([place])}: the text is {words!r:.60}. To learn labels of words, "
                    f"each text must be a list of "
                    "words and each label a list with one label a word; labels of texts are learnt "
                    "with "
                    'output_level="sentence" or "document".'
                )
            if not isinstance(own, (list, tuple, np.ndarray)):
                raise InputTypeError(
                    f"{self.rows([place])}: the label is {own!r:.60}; it must be a list with one "
                    f"label a word."
                )
            if len(own) != len(words):
                raise InputValueError(
                    f"{self.rows([place])}: {len(words)} words and {len(own)} labels; each word "
                    f"needs one."
                )
            if blank := [word for word in words if not word or word.isspace()]:
                raise InputValueError(
                    f"{self.rows([place])}: {blank[0]!r} is no word; leave it out, and its label."
                )
            flat += list(own)
            if any(is_null(label) for label in own):
                raise InputValueError(
                    f"{self.rows([place])}: a label is missing in {list(own)!r:.80}."
                )
        classes = Classes.of(flat)
        return classes, classes.numbers(flat)


def examples(data: Any, text: Hashable | None, y: Hashable) -> Examples:  # noqa: ANN401 - a table of any accepted kind
    """Read a table of texts and labels.

    Args:
        data: A pandas, polars or Arrow table, or a Hugging Face dataset.
        text: The column of texts; without it a column named ``text``, else the only text column but
            ``y``.
        y: The column of labels.

    Raises:
        InputTypeError: It is no table, or an item of it is no text.
        InputValueError: A column is missing, there is no row, or texts or labels are missing in
            some rows.
    """
    frame = as_table(data)
    if not isinstance(frame, pd.DataFrame):
        raise InputTypeError(
            f"A {type(data).__name__} has no labels; hand over a DataFrame with the columns text "
            f"and y (text=, y= name others)."
        )
    names: list[Hashable] = list(frame.columns)
    if names.count(y) != 1:
        problem = "stands more than once among" if y in names else "is not among"
        raise InputValueError(
            f"The column of labels {y!r} {problem} the columns {names}. Say y=NAME."
        )
    place = names.index(y)
    column = find_text_column(frame.iloc[:, [n for n in range(len(names)) if n != place]], text)
    taken = read(frame, column)
    labels = frame.iloc[:, place]
    result = Examples(taken.documents, labels.tolist(), labels.dtype, frame.index)
    if not len(frame):
        raise InputValueError("The table has no rows; there is nothing to learn from.")
    _refuse_missing(result, y, column)
    return result


def _refuse_missing(found: Examples, y: Hashable, column: Hashable) -> None:
    blank = [place for place, document in enumerate(found.documents) if is_blank(document)]
    null = [place for place, label in enumerate(found.labels) if is_null(label)]
    for kind, name, places in (("text", column, blank), ("label", y, null)):
        if places:
            raise InputValueError(
                f"{len(places)} of {len(found.documents)} rows have no {kind} in the column "
                f"{name!r}: {found.rows(places)}. "
                f"Leave them out: df = df.dropna(subset=[{name!r}])."
            )


def is_blank(document: Document) -> bool:
    """Whether there is nothing to read."""
    text = " ".join(document) if isinstance(document, tuple) else document
    return not text or text.isspace()


def named_rows(places: Iterable[int], index: pd.Index) -> str:
    """Rows for a message: their positions, and their names in the index where these are others; the first few.

    Example:
        >>> named_rows([1], pd.Index(["a", "b"]))
        "row 1 (index 'b')"
        >>> named_rows([0, 2], pd.RangeIndex(3))
        'rows 0, 2'
    """
    wanted: Sequence[int] = list(places)
    shown = wanted[:SHOWN]
    more = ", ..." if len(wanted) > SHOWN else ""
    named = [index[place] for place in shown]
    others = (
        ""
        if named == shown
        else f" (index {', '.join(repr(plain_value(name)) for name in named)}{more})"
    )
    return f"row{'s' * (len(wanted) > 1)} {', '.join(map(str, shown))}{more}{others}"
