"""The classes of a column of labels: to numbers, and back to the caller's own type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from nlu_lite.common import Bools, Ints
from nlu_lite.errors import InputTypeError
from nlu_lite.frame import strings

Value = str | bool | int | float
Kind = Literal["str", "bool", "int", "float"]
_KINDS: dict[type, Kind] = {str: "str", bool: "bool", int: "int", float: "float"}
# Columns that can hold a missing value beside the labels.
_DTYPES = {"bool": "boolean", "int": "Int64", "float": "float64"}


@dataclass(frozen=True)
class Classes:
    """The different labels of what was learnt from.

    Attributes:
        values: In order: texts by code points, numbers by size.
        categories: All categories of a categorical column, in its order, those without a row as
            well; else None.
        ordered: Whether the categories have an order.
    """

    values: tuple[Value, ...]
    categories: tuple[Value, ...] | None = None
    ordered: bool = False

    @classmethod
    def of(cls, labels: Sequence[Any], dtype: object = None) -> Self:
        """The classes of some labels, none of them null.

        Args:
            labels: Of one kind: texts, truth values, whole numbers or other numbers; NumPy's count
                as Python's.
            dtype: Of the column that they come from; a categorical one is kept.

        Raises:
            InputTypeError: They are of several kinds, or of another one.

        Example:
            >>> Classes.of(["spam", "ham", "spam"]).values
            ('ham', 'spam')
        """
        plain = [plain_value(label) for label in labels]
        kinds = {type(value) for value in plain}
        if len(kinds) > 1 or not kinds <= set(_KINDS):
            listed = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise InputTypeError(
                f"The labels are of the kinds {listed}; they must be of one kind: texts, whole "
                f"numbers, other numbers or "
                "truth values. Turn them into texts with .astype(str)."
            )
        values = tuple(sorted(set(plain)))
        if isinstance(dtype, pd.CategoricalDtype):
            categories = tuple(map(plain_value, dtype.categories))
            return cls(values, categories=categories, ordered=bool(dtype.ordered))
        return cls(values)

    @property
    def names(self) -> tuple[str, ...]:
        """The classes as texts."""
        return tuple(str(value) for value in self.values)

    @property
    def kind(self) -> Kind:
        """What they are."""
        return _KINDS[type(self.values[0])]

    def numbers(self, labels: Sequence[Any]) -> Ints:
        """The number of each label among the classes.

        Args:
            labels: Each one of the classes.
        """
        number_of = {value: number for number, value in enumerate(self.values)}
        return np.array([number_of[plain_value(label)] for label in labels], dtype=np.int64)

    def membership(self, labels: Sequence[Sequence[Any]]) -> Bools:
        """Which of the classes each row has.

        Args:
            labels: Of each row a list, each item one of the classes.

        Returns:
            Shape (rows, classes).
        """
        has_label = np.zeros((len(labels), len(self.values)), dtype=np.bool_)
        for row, items in enumerate(labels):
            has_label[row, self.numbers(items)] = True
        return has_label

    def column(self, numbers: Ints) -> Any:  # noqa: ANN401 - a pandas array
        """A column of labels in the caller's own type.

        Args:
            numbers: Shape (rows,): of classes; -1 where there is none.

        Returns:
            Texts in pandas' string type, whole numbers as ``Int64``, truth values as ``boolean``,
            other numbers as float64, and what was categorical with the categories that it had.
        """
        cells = self.cells(numbers)
        if self.categories is not None:
            return pd.Categorical(cells, categories=list(self.categories), ordered=self.ordered)
        if self.kind not in _DTYPES:
            return strings(cells)
        return pd.array(cells, dtype=_DTYPES[self.kind])  # type: ignore[call-overload]

    def cells(self, numbers: Ints) -> list[Any]:
        """The labels as plain Python values, None where there is none.

        Args:
            numbers: As for ``column``.
        """
        return [None if number < 0 else self.values[number] for number in numbers.tolist()]


def plain_value(label: Any) -> Any:  # noqa: ANN401
    """NumPy's scalars as Python's, everything else as it is; texts of subclasses as plain texts."""
    plain = label.item() if isinstance(label, np.generic) else label
    return str(plain) if isinstance(plain, str) else plain
