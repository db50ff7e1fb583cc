"""Vectors of many numbers to points of two or three."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu_lite.common import Floats
from nlu_lite.errors import InputValueError, MissingExtraError, OptionError

METHODS = ("pca", "umap")


def project(
    matrix: Floats,
    dims: int,
    method: Any,  # noqa: ANN401 - a name or any reducer
) -> NDArray[np.float64]:
    """Points for vectors.

    Args:
        matrix: Shape (rows, width), without missing rows.
        dims: Of a point.
        method: ``pca``, ``umap``, or an object whose ``fit_transform`` takes the matrix and gives
            the points, such as scikit-learn's; it should make ``dims`` dimensions.

    Returns:
        Shape (rows, dims), float64.

    Raises:
        OptionError: ``method`` is none of these.
        MissingExtraError: ``umap`` needs umap-learn.
        InputValueError: The object gave something else than that many points.
    """
    if method == "pca":
        return pca(matrix, dims)
    reducer = _umap(dims) if method == "umap" else method
    if not callable(getattr(reducer, "fit_transform", None)):
        raise OptionError(
            f"method is {method!r}; valid are 'pca', 'umap' or an object with fit_transform."
        )
    points = np.asarray(reducer.fit_transform(matrix), dtype=np.float64)
    if points.shape != (len(matrix), dims):
        raise InputValueError(
            f"{type(reducer).__name__}.fit_transform gave shape {points.shape}, wanted is "
            f"{(len(matrix), dims)}: set its number of dimensions to dims, or dims to it."
        )
    return points


def pca(matrix: Floats, dims: int) -> NDArray[np.float64]:
    """Principal components: the directions in which the vectors differ most, signs fixed.

    The sign is the one that makes the largest entry of a direction positive, so the same rows give
    the same points on every machine and in every order.

    Args:
        matrix: Shape (rows, width), without missing rows.
        dims: How many; those that the rows do not span are 0.

    Returns:
        Shape (rows, dims), float64.

    Example:
        >>> import numpy as np
        >>> pca(np.array([[1.0, 1.0], [3.0, 1.0]], dtype=np.float32), 1).tolist()
        [[-1.0], [1.0]]
    """
    centred = matrix.astype(np.float64)
    centred -= centred.mean(axis=0)
    rows, width = centred.shape
    points = np.zeros((rows, dims))
    # The smaller of the two products has the same eigenvalues above 0.
    few = rows < width
    values, eigenvectors = np.linalg.eigh(centred @ centred.T if few else centred.T @ centred)
    order = np.argsort(values)[::-1][:dims]
    rounding = max(rows, width) * np.finfo(np.float64).eps * max(values[-1], 0.0)
    order = order[values[order] > rounding]
    directions = eigenvectors[:, order]
    if few:
        directions = centred.T @ directions / np.sqrt(values[order])
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(len(order))]
    points[:, : len(order)] = centred @ (directions * np.where(largest < 0, -1.0, 1.0))
    return points


def _umap(dims: int) -> Any:  # noqa: ANN401 - a reducer
    try:
        from umap import UMAP
    except ImportError as error:
        raise MissingExtraError(
            "method='umap' needs umap-learn: pip install 'nlu-lite[umap]'; method='pca' needs "
            "nothing more."
        ) from error
    # One job and a seed: the same points every time.
    return UMAP(n_components=dims, metric="cosine", random_state=0, n_jobs=1)
