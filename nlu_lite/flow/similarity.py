"""How near vectors are: all of one matrix to all of another, and the nearest rows of a frame."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nlu_lite.common import Floats, Ints, warn
from nlu_lite.errors import InputTypeError, InputValueError, OptionError, brief
from nlu_lite.frame import LEVELS, distinct, strings, vectors
from nlu_lite.inputs import Data, read

if TYPE_CHECKING:
    from nlu_lite.flow.flow import Flow

MEASURES = ("cosine", "dot", "euclidean")
# Characters of the name of a row or a column, so that a table can be read.
LONGEST_LABEL = 40
Texts = str | Sequence[str]


def vector_similarity(a: Floats, b: Floats, measure: str) -> Floats:
    """How near each vector of one matrix is to each of another; larger is nearer.

    Args:
        a: Shape (rows of a, width).
        b: Shape (rows of b, width).
        measure: ``cosine`` (0 where a vector has no direction), ``dot``, or ``euclidean``: the
            distance below zero, as in sentence-transformers.

    Returns:
        Shape (rows of a, rows of b), float32; NaN where a vector is missing.

    Raises:
        OptionError: ``measure`` is none of these.
        InputValueError: The vectors differ in width.

    Example:
        >>> import numpy as np
        >>> x = np.array([[3.0, 4.0], [0.0, 2.0]], dtype=np.float32)
        >>> vector_similarity(x, x[:1], "cosine").round(2).tolist()
        [[1.0], [0.800000011920929]]
    """
    if measure not in MEASURES:
        raise OptionError(f"measure is {brief(measure)}; valid are {', '.join(MEASURES)}.")
    if a.shape[1] != b.shape[1]:
        raise InputValueError(
            f"Vectors of {a.shape[1]} and of {b.shape[1]} numbers cannot be compared; both must "
            f"come from one model and layer."
        )
    if measure == "cosine":
        return np.asarray(np.clip(_unit(a) @ _unit(b).T, -1.0, 1.0), dtype=np.float32)
    if measure == "dot":
        return np.asarray(a @ b.T, dtype=np.float32)
    # The squares are subtracted in float64: near neighbours of long vectors would lose all their
    # digits in float32.
    x, y = a.astype(np.float64), b.astype(np.float64)
    squared = np.einsum("ij,ij->i", x, x)[:, None] + np.einsum("ij,ij->i", y, y) - 2.0 * (x @ y.T)
    return np.asarray(-np.sqrt(np.maximum(squared, 0.0)), dtype=np.float32)


def _unit(matrix: Floats) -> Floats:
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(length == 0, 1, length), dtype=np.float32)


def label_column(frame: pd.DataFrame) -> Hashable | None:
    """The column that holds what a row stands for: the first one named after a level."""
    return next((name for name in frame.columns if name in LEVELS), None)


def row_labels(frame: pd.DataFrame) -> pd.Index:
    """What each row of a frame is called: its word, sentence, document or chunk, else its index."""
    name = label_column(frame)
    return frame.index if name is None else pd.Index(frame[name], name=name)


def similarity_table(
    flow: Flow, a: Data, b: Data = None, *, measure: str, column: Hashable | None
) -> pd.DataFrame:
    """See ``Pipeline.similarity``.

    Args:
        flow: What turns texts into vectors.
        a: A frame with vectors, or texts.
        b: Likewise.
        measure: As in ``vector_similarity``.
        column: Which vectors.
    """
    rows, left = _named_vectors(flow, a, column)
    columns, right = (rows, left) if b is None else _named_vectors(flow, b, column)
    similarities = vector_similarity(left, right, measure)
    return pd.DataFrame(similarities, index=_short(rows), columns=_short(columns))


def _short(labels: pd.Index) -> pd.Index:
    """The labels, long texts cut."""
    if isinstance(labels, pd.MultiIndex) or labels.dtype.kind not in "OU":
        return labels
    cut = [shorten(label) if isinstance(label, str) else label for label in labels]
    has_categories = isinstance(labels.dtype, pd.CategoricalDtype)
    return pd.Index(cut, name=labels.name, dtype=object if has_categories else labels.dtype)


def shorten(text: str) -> str:
    """A text as the name of a row: its begin, where it is long.

    Example:
        >>> shorten("The bank by the river was flooded in the spring.")
        'The bank by the river was flooded in...'
    """
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 3].rstrip()}..."


def nearest_rows(
    flow: Flow, frame: pd.DataFrame, text: Texts, k: int, *, measure: str, column: Hashable | None
) -> pd.DataFrame:
    """See ``Pipeline.nearest``.

    Args:
        flow: What turns texts into vectors.
        frame: With vectors.
        text: What is asked for: one text, or several.
        k: At most so many rows a text.
        measure: As in ``vector_similarity``.
        column: Which vectors.
    """
    if not isinstance(frame, pd.DataFrame):
        raise InputTypeError(
            f"nearest looks in a DataFrame with vectors, as predict gives; this is a "
            f"{type(frame).__name__}."
        )
    queries = _queries(text)
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise OptionError(f"k is {brief(k)}; valid are whole numbers from 1 on.")
    _, matrix = _named_vectors(flow, frame, column)
    _, query_vectors = _named_vectors(flow, queries, column)
    similarities = vector_similarity(matrix, query_vectors, measure).T
    best = [_best(row, k) for row in similarities]
    nearest = frame.iloc[np.concatenate(best)].copy()
    near = np.concatenate([row[rows] for row, rows in zip(similarities, best, strict=True)])
    nearest.insert(0, distinct(["similarity"], nearest.columns)[0], near)
    if not isinstance(text, str):
        asked_for = [query for query, rows in zip(queries, best, strict=True) for _ in rows]
        nearest.insert(0, distinct(["query"], nearest.columns)[0], strings(asked_for))
    return nearest


def _queries(text: Texts) -> list[str]:
    """What is asked for, as a list.

    Raises:
        InputTypeError: It is no text, or one of several is none, or is blank.
    """
    is_several = isinstance(text, (list, tuple, pd.Series, pd.Index, np.ndarray))
    queries = list(text) if is_several else [text]
    for query in queries:
        if not isinstance(query, str) or not query.strip():
            raise InputTypeError(
                f"nearest looks for one text with a word in it, or a list of such texts, not for "
                f"{brief(query)}."
            )
    if not queries:
        raise InputTypeError("nearest looks for one text or several; this list has none.")
    return queries  # type: ignore[return-value]  # each was looked at


def _best(similarities: Floats, k: int) -> Ints:
    """Numbers of the ``k`` rows that are nearest, the nearest first; those without are left out."""
    rows = np.flatnonzero(~np.isnan(similarities))
    # Stable, so that equal rows keep the order of the frame.
    return np.asarray(rows[np.argsort(-similarities[rows], kind="stable")[:k]])


def _named_vectors(flow: Flow, data: Any, column: Hashable | None) -> tuple[pd.Index, Floats]:  # noqa: ANN401
    if isinstance(data, pd.DataFrame):
        _warn_of_other_models(flow, data)
        return row_labels(data), vectors(data, column)
    texts = [
        " ".join(document) if isinstance(document, tuple) else document
        for document in read(data).documents
    ]
    matrix = flow.component_of(column).encode(data, None, None)
    return pd.Index(texts, name=None, dtype=object), matrix


def _warn_of_other_models(flow: Flow, frame: pd.DataFrame) -> None:
    """Vectors of two models have nothing to do with each other, whatever their widths."""
    frame_models: Sequence[str] = str(frame.attrs.get("models", "")).split()
    models = [component.entry.model_name for component in flow.components]
    if frame_models and set(frame_models).isdisjoint(models):
        warn(
            f"The frame's vectors come from {' '.join(frame_models)}, and this pipeline is "
            f"{' '.join(models)}: numbers between two "
            "models mean nothing. Load the frame's model, or clear frame.attrs if it holds other "
            "vectors by now."
        )
