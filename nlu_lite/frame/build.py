"""Columns -> the DataFrame that callers see: order, names, the caller's index and columns."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.common import warn
from nlu_lite.errors import OptionError, brief
from nlu_lite.frame.rows import Rows
from nlu_lite.inputs import Inputs

# All columns, the text's too at every level.
KEEP_ALL = "all"
Keep = bool | Literal["all"] | Sequence[Hashable]


def component_column(request: str, *, is_reference: bool, suffix: str = "_embeddings") -> str:
    """The column name of a component: the reference as typed, dots to underscores, a suffix.

    Of a hub id or a path the last part counts, other characters become underscores.

    Args:
        request: What the user typed.
        is_reference: False for a hub id or a path.
        suffix: What comes after; nothing where the column holds labels.

    Example:
        >>> component_column("en.embed.bert.small_L12_256", is_reference=True)
        'en_embed_bert_small_L12_256_embeddings'
        >>> component_column("sentence-transformers/all-MiniLM-L6-v2", is_reference=False)
        'all_MiniLM_L6_v2_embeddings'
    """
    if is_reference:
        return f"{request.replace('.', '_').replace(' ', '_')}{suffix}"
    last = re.split(r"[\\/]", request.rstrip("\\/"))[-1]
    return f"{re.sub(r'[^0-9A-Za-z_]', '_', last)}{suffix}"


def distinct(names: Iterable[str], taken: Iterable[Hashable] = ()) -> list[str]:
    """The names, a second equal one with ``_2``, a third with ``_3``.

    Args:
        names: Names.
        taken: What none of them may be called.

    Example:
        >>> distinct(["a", "b", "a"])
        ['a', 'b', 'a_2']
    """
    result: list[str] = []
    occupied = set(taken)
    for name in names:
        free, number = name, 1
        while free in occupied:
            number += 1
            free = f"{name}_{number}"
        occupied.add(free)
        result.append(free)
    return result


def strings(values: Sequence[str | None]) -> Any:  # noqa: ANN401 - a pandas array
    """A column of texts in pandas' string type; of objects where texts hold lone surrogates."""
    try:
        dtype: Any = pd.Series(["a"]).dtype
        return pd.array(list(values), dtype=dtype)
    except UnicodeEncodeError:
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return column


def assemble(
    inputs: Inputs, rows: Rows, columns: dict[str, Any], *, keep: Keep, repeats_text: bool
) -> pd.DataFrame:
    """Put the frame together.

    Args:
        inputs: The caller's index and other columns.
        rows: Which document each row belongs to.
        columns: Our columns in order, each of length ``len(rows)``.
        keep: Carry the caller's other columns: True, False, those listed, or ``all``.
        repeats_text: Whether carrying the text column would repeat it on several rows; then only
            ``all`` and a list keep it.

    Returns:
        The frame: our columns, then the caller's. No level of the index is called like a column.

    Raises:
        OptionError: ``keep`` names a column that is not there.
    """
    names: list[Hashable] = [] if inputs.columns is None else list(inputs.columns.columns)
    carried = carried_positions(names, inputs.text_column, keep=keep, repeats_text=repeats_text)
    index = inputs.index.take(rows.document)
    # With its type said, pandas takes a column as it is and does not look into the cells again.
    series = {
        name: pd.Series(values, index=index, dtype=values.dtype, copy=False)
        for name, values in columns.items()
    }
    frame = pd.DataFrame(series, index=index, copy=False)
    if inputs.columns is None or not carried:
        return _name_index_apart(frame)
    input_columns = inputs.columns.iloc[:, carried].take(rows.document)
    input_columns.index = index
    new_names = rename_clashing([names[position] for position in carried], columns)
    input_columns.columns = pd.Index(new_names, tupleize_cols=False)
    return _name_index_apart(pd.concat([frame, input_columns], axis=1))


def _name_index_apart(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame; a level of its index that is called like a column has a number at its end.

    So ``reset_index`` and ``groupby`` know which one is meant. In a dataset it is so too.
    """
    names: list[Hashable] = list(frame.index.names)
    columns = set(frame.columns)
    if columns.isdisjoint(names):
        return frame
    apart = iter(distinct((str(name) for name in names if name in columns), [*columns, *names]))
    index = frame.index.set_names([next(apart) if name in columns else name for name in names])
    return frame.set_axis(index, axis=0)


def carried_positions(
    names: list[Hashable], text_column: Hashable | None, *, keep: Keep, repeats_text: bool
) -> list[int]:
    """Positions of the caller's columns to carry.

    Args:
        names: Of the caller's columns.
        text_column: The one that holds the text.
        keep: True, False, those listed, or ``all``.
        repeats_text: Whether carrying the text column would repeat it.

    Raises:
        OptionError: ``keep`` names a column that is not there.
    """
    if isinstance(keep, bool):
        dropped = {text_column} if repeats_text else set()
        carried = set(names) - dropped if keep else set()
        return [position for position, name in enumerate(names) if name in carried]
    if isinstance(keep, str) and keep == KEEP_ALL:
        return list(range(len(names)))
    if isinstance(keep, str) or not isinstance(keep, Iterable):
        raise OptionError(
            f"keep is {brief(keep)}; valid are True, False, a list of columns, and {KEEP_ALL!r}, "
            f"which brings the text along."
        )
    listed = list(keep)
    if unknown := [name for name in listed if name not in names]:
        raise OptionError(
            f"keep names {unknown}, which the data does not have; its columns are {names}."
        )
    return [position for position, name in enumerate(names) if name in listed]


def rename_clashing(names: list[Hashable], result_names: Iterable[str]) -> list[Hashable]:
    """The caller's names, those that clash with results as ``<name>_input``, with one warning.

    Args:
        names: Of the caller's columns that are carried.
        result_names: Of the columns of results.
    """
    occupied = set(result_names)
    clashing = [name for name in names if name in occupied]
    if not clashing:
        return names
    # Where the data has a column of the new name as well, that one keeps it.
    new_names = distinct((f"{name}_input" for name in clashing), [*occupied, *names])
    warn(
        f"The data has columns named like results: {clashing}; they are called {new_names} in the "
        f"result."
    )
    following = iter(new_names)
    return [next(following) if name in occupied else name for name in names]


def nullable_integers(values: NDArray[np.int64], missing: NDArray[np.bool_]) -> Any:  # noqa: ANN401 - a pandas array
    """An ``Int64`` column, NA where missing.

    Args:
        values: Shape (rows,).
        missing: Shape (rows,).
    """
    return pd.arrays.IntegerArray(np.where(missing, 0, values), missing.copy())
