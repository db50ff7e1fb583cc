"""Whole texts -> one vector a text: pieces, windows, the encoder and pooling put together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from nlu_lite.common import Floats, Ints, ranges
from nlu_lite.encoder.backends.protocol import Reduce
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences
from nlu_lite.encoder.check_finite import not_finite, row_that_is_not
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.windows import Windows, sequences
from nlu_lite.encoder.words import blocks
from nlu_lite.encoder.work import Encode, Tokenise, Work
from nlu_lite.options import LayerPooling

# Positions whose vectors are held at once where each counts differently.
WEIGHTED_POSITIONS = 32_768


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


def encode_texts(
    plan: Plan, texts: Sequence[str], *, progress: Callable[[int], object]
) -> Work[TextVectors]:
    """Encode texts whole; equal texts once.

    A text of several windows gets the mean over its windows, which are equally long (``max``: the
    largest numbers), for ``cls`` and ``pooler`` the first window's vector and for ``last`` the last
    one's. Probabilities of labels (``label``) are those of each window's first position, and their
    mean.

    Args:
        plan: The component's model and options.
        texts: Without lone surrogates.
        progress: Called with the number of texts done.

    Raises:
        NotFiniteError: A vector has NaN or infinity in it.
    """
    numbers: dict[str, int] = {}
    place = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)
    different = list(numbers)
    matrix = np.empty((len(different), plan.final_width), dtype=np.float32)
    pieces = np.zeros(len(different), dtype=np.int64)
    windows = np.zeros(len(different), dtype=np.int64)
    for begin, end in blocks(different):
        own = yield Tokenise(
            plan.loaded.tokenizer, [plan.prompt + text for text in different[begin:end]]
        )
        counts = np.diff(own.starts)
        found = plan.windows(counts)
        pieces[begin:end], windows[begin:end] = counts, np.diff(found.starts)
        pooled = yield from _pool(plan, sequences(plan.loaded.tokenizer, own, found), found)
        matrix[begin:end] = plan.finish(_join(plan.pooling, pooled, found))
        if (bad := row_that_is_not(matrix[begin:end])) is not None:
            raise not_finite(plan, plan.prompt + different[begin + bad])
        progress(int(np.isin(place, np.arange(begin, end)).sum()))
    return TextVectors(matrix=matrix[place], pieces=pieces[place], windows=windows[place])


def _pool(plan: Plan, read: Sequences, found: Windows) -> Work[Floats]:
    """Shape (windows, width): the vector of each window, its special pieces taken in as sentence-transformers does."""
    lengths = read.lengths
    numbers = np.arange(len(lengths))
    if plan.pooling in ("cls", "pooler", "last", "label"):
        wanted = RowRequest.single(
            numbers, lengths - 1 if plan.pooling == "last" else np.zeros_like(lengths)
        )
        picked: Floats = yield _encode(plan, read, wanted, "sum")
        return (
            plan.loaded.pooler(picked)
            if plan.pooling == "pooler" and plan.loaded.pooler
            else picked
        )
    skipped = np.minimum(_prompt_pieces(plan) * (found.begin == 0), lengths - 1)
    counts = lengths - skipped
    wanted = RowRequest(numbers, ranges(skipped, counts), np.concatenate([[0], np.cumsum(counts)]))
    if plan.pooling == "weighted":
        return (yield from _weighted(plan, read, wanted))
    pooled: Floats = yield _encode(plan, read, wanted, "max" if plan.pooling == "max" else "sum")
    return (
        np.divide(pooled, counts[:, None], dtype=np.float32) if plan.pooling == "mean" else pooled
    )


def _prompt_pieces(plan: Plan) -> int:
    """How many positions the folder leaves out of the pooling: those of the prompt, with the special ones before it."""
    if not plan.prompt or plan.modules.includes_prompt:
        return 0
    return len(plan.loaded.tokenizer([plan.prompt]).ids) + len(plan.loaded.tokenizer.prefix)


def _weighted(plan: Plan, read: Sequences, wanted: RowRequest) -> Work[Floats]:
    """The mean of the positions, the n-th counted n times (sentence-transformers' ``weightedmean``)."""
    counts = np.diff(wanted.starts)
    result = np.empty((len(counts), plan.width), dtype=np.float32)
    # Every position's vector is needed, so few sequences at a time.
    for begin, end in _groups(counts, WEIGHTED_POSITIONS):
        some = slice(int(wanted.starts[begin]), int(wanted.starts[end]))
        positions = wanted.positions[some]
        single = RowRequest.single(np.repeat(np.arange(begin, end), counts[begin:end]), positions)
        weights = (positions + 1).astype(np.float64)
        rows = (yield _encode(plan, read, single, "sum")) * weights[:, None]
        starts = wanted.starts[begin:end] - wanted.starts[begin]
        sums = np.add.reduceat(rows, starts, axis=0)
        result[begin:end] = sums / np.add.reduceat(weights, starts)[:, None]
    return result


def _groups(counts: Ints, most: int) -> list[tuple[int, int]]:
    """Ranges of neighbours with about ``most`` positions together."""
    cuts = np.flatnonzero(np.diff(np.cumsum(counts) // most)) + 1
    edges = [0, *cuts.tolist(), len(counts)]
    return [(begin, end) for begin, end in itertools.pairwise(edges) if begin < end]


def _encode(plan: Plan, read: Sequences, wanted: RowRequest, reduce: Reduce) -> Encode:
    return Encode(
        plan.loaded.encoder,
        read,
        wanted,
        layers=plan.layers,
        layer_pooling=cast(LayerPooling, plan.options.layer_pooling),
        reduce=reduce,
        progress=lambda _count: None,
    )


def _join(pooling: str, pooled: Floats, found: Windows) -> Floats:
    """Shape (texts, width): the windows of each text joined."""
    starts = found.starts[:-1]
    if len(pooled) == len(starts):
        return pooled
    if pooling in ("cls", "pooler"):
        return pooled[starts]
    if pooling == "last":
        return pooled[found.starts[1:] - 1]
    if pooling == "max":
        return np.asarray(np.maximum.reduceat(pooled, starts, axis=0))
    # Weighted by pieces, as the design has it, is the plain mean: a text of several windows fills
    # every one of them.
    sums = np.add.reduceat(pooled, starts, axis=0, dtype=np.float64)
    return np.asarray(sums / np.diff(found.starts)[:, None], dtype=np.float32)
