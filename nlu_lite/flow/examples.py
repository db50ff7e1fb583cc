"""A table of texts and labels -> examples; a row that cannot be one is an error that names it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from nlu_lite.common import Bools, Ints
from nlu_lite.errors import InputTypeError, InputValueError
from nlu_lite.inputs import as_table, find_text_column, is_null, read
from nlu_lite.tasks.head import Classes, plain_value
from nlu_lite.text import Document

MOST_LISTED_ROWS = 5
# The name of a column, or the labels themselves, one a text.
Labels = Any


@dataclass(frozen=True, kw_only=True)
class ExampleArguments:
    """Where texts and labels are.

    Attributes:
        y: The column of labels: texts, whole numbers, truth values, other numbers or a categorical
            column. ``predict`` gives them back in their own type, whole numbers as ``Int64`` and
            truth values as ``boolean``. Or the labels themselves, a list, Series or array with one
            for each text, as scikit-learn has them.
        text: The column of texts; without it a column named ``text``, else the only text column but
            ``y``.
        progress: True always shows a bar, False never, None when the work is long.
    """

    y: Labels = field(default="y", kw_only=False)
    text: Hashable | None = None
    progress: bool | None = None


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

    def rows(self, numbers: Iterable[int]) -> str:
        """Rows for a message, by position and, where that says more, by index."""
        return named_rows(numbers, self.index)

    def text_classes(self) -> tuple[Classes, Ints]:
        """The classes, and the number of each text's.

        Raises:
            InputTypeError: The labels are not of one kind.
        """
        classes = Classes.of(self.labels, self.dtype)
        return classes, classes.numbers(self.labels)

    def word_classes(self) -> tuple[Classes, Ints]:
        """The same where texts are lists of words and labels lists as long, a label a word.

        Raises:
            InputTypeError: A text is no list of words, or has no list of labels.
            InputValueError: The two lists of a row differ in length, or a label is null.
        """
        word_labels: list[Any] = []
        for row, (words, labels) in enumerate(zip(self.documents, self.labels, strict=True)):
            self._check_words(row, words, labels)
            word_labels += list(labels)
        classes = Classes.of(word_labels)
        return classes, classes.numbers(word_labels)

    def label_sets(self) -> tuple[Classes, Bools]:
        """The classes, and which of them each text has, where labels are lists.

        Returns:
            The classes, and shape (texts, classes).

        Raises:
            InputTypeError: A label is no list, or its items are not of one kind.
            InputValueError: An item of a list is null, or all lists are empty.
        """
        for row, labels in enumerate(self.labels):
            if not isinstance(labels, (list, tuple, set, frozenset, np.ndarray)):
                raise InputTypeError(
                    f"{self.rows([row])}: the label is {labels!r:.60}; it must be a list of "
                    f"labels, which may be empty. Of texts with a comma between the labels make "
                    f'lists with df["y"].str.split(",").'
                )
            if any(map(is_null, labels)):
                raise InputValueError(
                    f"{self.rows([row])}: a label is missing in {list(labels)!r:.80}."
                )
        lists = [list(labels) for labels in self.labels]
        classes = Classes.of([label for labels in lists for label in labels])
        if not classes.values:
            raise InputValueError("No text has a label; there is nothing to learn from.")
        return classes, classes.membership(lists)

    def _check_words(self, row: int, words: Document, labels: Any) -> None:  # noqa: ANN401 - a cell
        at_row = self.rows([row])
        if not isinstance(words, tuple):
            raise InputTypeError(
                f"{at_row}: the text is {words!r:.60}. To learn labels of words, each text must be "
                f"a list of words and each label a list with one label a word; labels of texts are "
                f'learnt with output_level="sentence" or "document".'
            )
        if not isinstance(labels, (list, tuple, np.ndarray)):
            raise InputTypeError(
                f"{at_row}: the label is {labels!r:.60}; it must be a list with one label a word."
            )
        if len(labels) != len(words):
            raise InputValueError(
                f"{at_row}: {len(words)} words and {len(labels)} labels; each word needs one."
            )
        if blank := [word for word in words if not word.strip()]:
            raise InputValueError(
                f"{at_row}: {blank[0]!r} is no word; leave it out, and its label."
            )
        if any(map(is_null, labels)):
            raise InputValueError(f"{at_row}: a label is missing in {list(labels)!r:.80}.")


def read_examples(data: Any, text: Hashable | None, y: Labels) -> Examples:  # noqa: ANN401 - a table of any accepted kind
    """Read a table of texts and labels, or texts and their labels.

    Args:
        data: A pandas, polars or Arrow table, or a Hugging Face dataset; beside labels anything
            that ``predict`` takes.
        text: The column of texts; without it a column named ``text``, else the only text column but
            ``y``.
        y: The column of labels, or the labels.

    Raises:
        InputTypeError: It is no table, or an item of it is no text.
        InputValueError: A column is missing, there is no row, texts or labels are missing in some
            rows, or there are more of one than of the other.
    """
    if isinstance(y, (list, pd.Series, pd.Index, np.ndarray, pd.api.extensions.ExtensionArray)):
        return _read_beside_labels(data, text, y)
    frame = as_table(data)
    if not isinstance(frame, pd.DataFrame):
        raise InputTypeError(
            f"A {type(data).__name__} has no labels; hand over a DataFrame with the columns text "
            f"and y (text=, y= name others), or a list of labels as y."
        )
    names: list[Hashable] = list(frame.columns)
    if names.count(y) != 1:
        problem = "stands more than once among" if y in names else "is not among"
        raise InputValueError(
            f"The column of labels {y!r} {problem} the columns {names}. Say y=NAME."
        )
    position = names.index(y)
    features = frame.iloc[:, [number for number in range(len(names)) if number != position]]
    column = find_text_column(features, text)
    labels = frame.iloc[:, position]
    examples = Examples(
        documents=read(frame, column).documents,
        labels=labels.tolist(),
        dtype=labels.dtype,
        index=frame.index,
    )
    _refuse_missing(examples, text_column=column, label_column=y)
    return examples


def _read_beside_labels(data: Any, text: Hashable | None, y: Labels) -> Examples:  # noqa: ANN401
    inputs = read(data, text)
    labels = y.tolist() if hasattr(y, "tolist") else list(y)
    if len(labels) != len(inputs.documents):
        raise InputValueError(
            f"{len(inputs.documents)} texts and {len(labels)} labels; each text needs one."
        )
    examples = Examples(
        documents=inputs.documents,
        labels=labels,
        dtype=getattr(y, "dtype", None),
        index=inputs.index,
    )
    _refuse_missing(examples)
    return examples


def _refuse_missing(examples: Examples, **columns: Hashable) -> None:
    """Raise InputValueError for rows without a text or a label; ``columns`` are their columns."""
    if not examples.documents:
        raise InputValueError("The table has no rows; there is nothing to learn from.")
    blank_rows = [row for row, document in enumerate(examples.documents) if is_blank(document)]
    null_rows = [row for row, label in enumerate(examples.labels) if is_null(label)]
    for kind, rows in (("text", blank_rows), ("label", null_rows)):
        if not rows:
            continue
        column_words, cure = "", ", and what belongs to them."
        if columns:
            name = columns[f"{kind}_column"]
            column_words, cure = f" in the column {name!r}", f": df = df.dropna(subset=[{name!r}])."
        raise InputValueError(
            f"{len(rows)} of {len(examples.documents)} rows have no {kind}{column_words}: "
            f"{examples.rows(rows)}. Leave them out{cure}"
        )


def is_blank(document: Document) -> bool:
    """Whether there is nothing to read."""
    text = " ".join(document) if isinstance(document, tuple) else document
    return not text or text.isspace()


def named_rows(numbers: Iterable[int], index: pd.Index) -> str:
    """Some rows for a message: their positions, and their names in the index if these differ.

    Example:
        >>> named_rows([1], pd.Index(["a", "b"]))
        "row 1 (index 'b')"
        >>> named_rows([0, 2], pd.RangeIndex(3))
        'rows 0, 2'
    """
    positions: Sequence[int] = list(numbers)
    listed = positions[:MOST_LISTED_ROWS]
    more = ", ..." if len(positions) > MOST_LISTED_ROWS else ""
    noun = "rows" if len(positions) > 1 else "row"
    text = f"{noun} {', '.join(map(str, listed))}{more}"
    names = [index[position] for position in listed]
    if names == listed:
        return text
    return f"{text} (index {', '.join(repr(plain_value(name)) for name in names)}{more})"
