"""The colours of points: which are drawn alike, and how."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from nlu_lite.common import Ints
from nlu_lite.errors import InputValueError

# Beyond so many, nobody tells colours apart; the rarest are drawn as one.
MOST_CATEGORIES = 24


@dataclass(frozen=True, kw_only=True)
class Group:
    """Points that are drawn alike.

    Attributes:
        name: In the legend; None: it has no place there.
        members: Shape (members,): numbers among the drawn points.
        style: Settings of plotly's trace.
    """

    name: str | None
    members: Ints
    style: dict[str, Any] = field(default_factory=dict)


def find_colours(df: pd.DataFrame, name: Hashable | None) -> pd.Series[Any] | None:
    """The column or level of the index that colours the points, with the rows numbered.

    Raises:
        InputValueError: There is none of that name, or several.
    """
    if name is None:
        return None
    columns: list[Hashable] = list(df.columns)
    levels: list[Hashable] = list(df.index.names)
    if columns.count(name) == 1:
        return pd.Series(df.iloc[:, columns.index(name)].array)
    if name in levels:
        return pd.Series(df.index.get_level_values(levels.index(name)))
    valid = [*columns, *(level for level in levels if level is not None)]
    raise InputValueError(
        f"color is {name!r}, which must stand once among the columns and names of the index "
        f"{valid}."
    )


def group_points(colours: pd.Series[Any] | None, rows: Ints, name: Hashable | None) -> list[Group]:
    """The groups of the drawn points, the lowest first: numbers by a scale, the others by category.

    Args:
        colours: A value a row of the frame; None: all points look the same.
        rows: Shape (points,): numbers of the drawn rows.
        name: Of the column of colours.
    """
    if colours is None:
        return [Group(name=None, members=np.arange(len(rows)))]
    drawn, dtype = colours.iloc[rows], colours.dtype
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return [_scale_group(drawn, name)]
    return _category_groups(drawn)


def _scale_group(colours: pd.Series[Any], name: Hashable | None) -> Group:
    marker = {
        "color": colours.to_numpy(dtype=np.float64, na_value=np.nan),
        "colorscale": "Viridis",
        "colorbar": {"title": escape(str(name))},
        "showscale": True,
    }
    return Group(name=None, members=np.arange(len(colours)), style={"marker": marker})


def _category_groups(colours: pd.Series[Any]) -> list[Group]:
    texts = colours.astype(object).where(colours.notna(), "missing").map(str).to_numpy(dtype=object)
    names, category, counts = np.unique(texts, return_inverse=True, return_counts=True)
    drawn = np.arange(len(names))
    if len(names) > MOST_CATEGORIES:
        drawn = np.sort(np.argsort(-counts, kind="stable")[: MOST_CATEGORIES - 1])
    groups = [
        Group(name=str(names[number]), members=np.flatnonzero(category == number))
        for number in drawn
    ]
    if len(drawn) == len(names):
        return groups
    rare = Group(
        name=f"{len(names) - len(drawn):,} others",
        members=np.flatnonzero(~np.isin(category, drawn)),
        style={"marker": {"color": "lightgrey"}, "legendrank": 2_000},  # at the end of the legend
    )
    return [rare, *groups]
