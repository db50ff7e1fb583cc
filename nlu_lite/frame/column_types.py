"""What the cells of a column are, for Arrow and Spark, whose columns have types of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Scalar = Literal["str", "bool", "int", "float", "float32"]


@dataclass(frozen=True)
class ColumnType:
    """The type of a column.

    Attributes:
        scalar: What its values are, or those in its lists; ``float`` has 64 bits.
        lists: How deep they stand in lists: 0 for plain values, 1 for lists, 2 for matrices.
        width: The length of the innermost list where it is a vector; None where lengths differ.
    """

    scalar: Scalar
    lists: int = 0
    width: int | None = None


def plain_type(dtype: Any) -> ColumnType:  # noqa: ANN401 - a pandas dtype
    """The type of a column of texts, truth values or whole numbers.

    Example:
        >>> import pandas as pd
        >>> plain_type(pd.Int64Dtype())
        ColumnType(scalar='int', lists=0, width=None)
    """
    scalars: dict[str, Scalar] = {"boolean": "bool", "Int64": "int"}
    return ColumnType(scalars.get(str(dtype), "str"))
