"""Whole texts -> one vector a text: pieces, windows, the encoder and pooling put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.sequences import Sequences, Wanted, ranges
from nlu_lite.encoder.windows import Windows
from nlu_lite.encoder.words import blocks, sequences
from nlu_lite.options import LayerPooling

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TextVectors:
    """One vector a text.

    Attributes:
        matrix: Shape (texts, width), float32.
        pieces: Shape (texts,): pieces of the text, special ones not counted.
        windows: Shape (texts,): windows it was read in.
    """

    matrix: Floats
    pieces: Ints
    windows: Ints


def text_vectors(plan: Plan, texts: Sequence[str], *, progress: Callable[[int], object]) -> TextVectors:
    """Encode texts whole; equal texts once.

    A text of several windows gets the mean over its windows weighted by their pieces (``max``: the largest numbers), for
    ``cls`` the first window's vector and for ``last`` the last one's.

    Args:
        plan: The component's model and options.
        texts: Without lone surrogates.
        progress: Called with the number of texts done.
    """
    numbers: dict[str, int] = {}
    place = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)
    different = list(numbers)
    matrix = np.empty((len(different), plan.final_width), dtype=np.float32)
    pieces = np.zeros(len(different), dtype=np.int64)
    windows = np.zeros(len(different), dtype=np.int64)
    for begin, end in blocks(different):
        own = plan.loaded.tokenizer(different[begin:end])
        counts = np.diff(own.starts)
        found = plan.windows(counts)
        pieces[begin:end], windows[begin:end] = counts, np.diff(found.starts)
        pooled = _pool(plan, sequences(plan.loaded.tokenizer, own, found))
        matrix[begin:end] = plan.finish(_join(plan.pooling, pooled, found))
        progress(int(np.isin(place, np.arange(begin, end)).sum()))
    return TextVectors(matrix=matrix[place], pieces=pieces[place], windows=windows[place])


def _pool(plan: Plan, read: Sequences) -> Floats:
    """Shape (windows, width): the vector of each window, its special pieces taken in as sentence-transformers does."""
    lengths = read.lengths
    numbers = np.arange(len(lengths))
    if plan.pooling in ("cls", "last"):
        wanted = Wanted.single(numbers, np.zeros_like(lengths) if plan.pooling == "cls" else lengths - 1)
    else:
        wanted = Wanted(numbers, ranges(np.zeros_like(lengths), lengths), read.starts)
    pooled = plan.loaded.encoder(
        read,
        wanted,
        layers=plan.layers,
        layer_pooling=cast(LayerPooling, plan.options.layer_pooling),
        reduce="max" if plan.pooling == "max" else "sum",
        progress=lambda _count: None,
    )
    return np.divide(pooled, lengths[:, None], dtype=np.float32) if plan.pooling == "mean" else pooled


def _join(pooling: str, pooled: Floats, found: Windows) -> Floats:
    """Shape (texts, width): the windows of each text joined."""
    starts = found.starts[:-1]
    if len(pooled) == len(starts):
        return pooled
    if pooling == "cls":
        return pooled[starts]
    if pooling == "last":
        return pooled[found.starts[1:] - 1]
    if pooling == "max":
        return np.asarray(np.maximum.reduceat(pooled, starts, axis=0))
    weights = np.maximum(found.end - found.begin, 1).astype(np.float64)
    sums = np.add.reduceat(pooled * weights[:, None], starts, axis=0)
    return np.asarray(sums / np.add.reduceat(weights, starts)[:, None], dtype=np.float32)
