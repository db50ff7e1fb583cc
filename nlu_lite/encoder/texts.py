"""Whole texts -> one vector a text: pieces, windows, encoder and pooling."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from nlu_lite.common import Floats, Ints, ranges
from nlu_lite.encoder.backends.protocol import Reduce
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences
from nlu_lite.encoder.check_finite import find_faulty_row, make_not_finite_error
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.repeats import find_distinct
from nlu_lite.encoder.windows import Windows, make_sequences
from nlu_lite.encoder.words import split_into_blocks
from nlu_lite.encoder.work import Encode, Tokenise, Work
from nlu_lite.options import LayerPooling

# Positions whose vectors are held at once where each counts differently.
WEIGHTED_POSITIONS = 32_768
# Poolings that read one position of a window: the last, or the first.
_SINGLE_POSITION = ("cls", "pooler", "last", "label", "whole")


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

    @classmethod
    def empty(cls, *, texts: int, width: int) -> TextVectors:
        """Arrays to be filled in."""
        return cls(
            matrix=np.empty((texts, width), dtype=np.float32),
            pieces=np.zeros(texts, dtype=np.int64),
            windows=np.zeros(texts, dtype=np.int64),
        )

    def select(self, texts: Ints) -> TextVectors:
        """The vectors of some texts; repeats are allowed."""
        return TextVectors(
            matrix=self.matrix[texts], pieces=self.pieces[texts], windows=self.windows[texts]
        )


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
    distinct, number = find_distinct(texts)
    vectors = TextVectors.empty(texts=len(distinct), width=plan.final_width)
    tokenizer = plan.loaded.tokenizer
    for begin, end in split_into_blocks(distinct):
        pieces = yield Tokenise(tokenizer, [plan.prompt + text for text in distinct[begin:end]])
        counts = np.diff(pieces.starts)
        windows = plan.cut_windows(counts)
        pooled = yield from _pool(plan, make_sequences(tokenizer, pieces, windows), windows)
        vectors.matrix[begin:end] = plan.finish(_join_windows(plan, pooled, windows))
        vectors.pieces[begin:end] = counts
        vectors.windows[begin:end] = np.diff(windows.starts)
        row = find_faulty_row(vectors.matrix[begin:end])
        if row is not None:
            raise make_not_finite_error(plan, plan.prompt + distinct[begin + row])
        progress(int(((number >= begin) & (number < end)).sum()))
    return vectors.select(number)


def _pool(plan: Plan, sequences: Sequences, windows: Windows) -> Work[Floats]:
    """Shape (windows, width x poolings): the vector of each window.

    Special pieces are pooled as well, as sentence-transformers does.
    """
    lengths = sequences.lengths
    skipped = np.clip(plan.skipped * (windows.begin == 0), 0, np.maximum(lengths - 1, 0))
    parts = []
    for pooling in plan.poolings:
        parts.append((yield from _pool_one(plan, pooling, sequences, skipped)))
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _pool_one(plan: Plan, pooling: str, sequences: Sequences, skipped: Ints) -> Work[Floats]:
    """Shape (windows, width): the vector of each window by one pooling.

    Args:
        plan: The component's model and options.
        pooling: How positions become a vector.
        sequences: The windows.
        skipped: Shape (windows,): positions at the beginning that are not pooled.
    """
    if pooling == "whole" and plan.skipped:
        return (yield from _pool_behind_prompts(plan, sequences, skipped))
    lengths = sequences.lengths
    numbers = np.arange(len(lengths))
    if pooling in _SINGLE_POSITION:
        position = lengths - 1 if pooling == "last" else skipped
        vectors: Floats = yield _request(plan, sequences, RowRequest.single(numbers, position))
        if pooling == "pooler" and plan.loaded.pooler is not None:
            return plan.loaded.pooler(vectors)
        return vectors
    begin, counts = _pooled_positions(plan, pooling, lengths, skipped)
    rows = RowRequest(
        sequence=numbers,
        positions=ranges(begin, counts),
        starts=np.concatenate([[0], np.cumsum(counts)]),
    )
    if pooling == "weighted":
        return (yield from _pool_weighted(plan, sequences, rows))
    reduce: Reduce = "max" if pooling == "max" else "sum"
    pooled: Floats = yield _request(plan, sequences, rows, reduce)
    divisors = {"mean": counts, "mean_text": counts, "mean_sqrt": np.sqrt(counts)}
    if pooling in divisors:
        pooled = np.divide(pooled, np.maximum(divisors[pooling], 1)[:, None], dtype=np.float32)
    return pooled


def _pooled_positions(plan: Plan, pooling: str, lengths: Ints, skipped: Ints) -> tuple[Ints, Ints]:
    """Shape (windows,): the first position of each window that is pooled, and how many are.

    ``mean_text`` leaves the special pieces out where a window holds others.
    """
    if pooling != "mean_text":
        return skipped, lengths - skipped
    tokenizer = plan.loaded.tokenizer
    begin = np.maximum(skipped, len(tokenizer.prefix))
    counts = lengths - len(tokenizer.suffix) - begin
    is_empty = counts < 1
    return np.where(is_empty, skipped, begin), np.where(is_empty, lengths - skipped, counts)


def _pool_behind_prompts(plan: Plan, sequences: Sequences, skipped: Ints) -> Work[Floats]:
    """Shape (windows, width): the vectors that the encoder makes, those behind a prompt apart."""
    matrix = np.empty((len(skipped), plan.width), dtype=np.float32)
    for encoder, has_prompt in ((plan.prompted_encoder, True), (plan.loaded.encoder, False)):
        numbers = np.flatnonzero((skipped > 0) == has_prompt)
        rows = RowRequest.single(numbers, np.zeros_like(numbers))
        matrix[numbers] = yield replace(_request(plan, sequences, rows), encoder=encoder)
    return matrix


def _pool_weighted(plan: Plan, sequences: Sequences, rows: RowRequest) -> Work[Floats]:
    """The mean of the positions, the n-th counted n times (``weightedmean`` elsewhere)."""
    counts = np.diff(rows.starts)
    matrix = np.zeros((len(counts), plan.width), dtype=np.float32)
    # Every position's vector is needed, so few sequences at a time.
    for begin, end in _group_neighbours(counts, WEIGHTED_POSITIONS):
        positions = rows.positions[int(rows.starts[begin]) : int(rows.starts[end])]
        owner = np.repeat(np.arange(begin, end), counts[begin:end])
        if not len(owner):
            continue
        vectors = yield _request(plan, sequences, RowRequest.single(owner, positions))
        weights = (positions + 1).astype(np.float64)
        filled = begin + np.flatnonzero(counts[begin:end])
        starts = rows.starts[filled] - rows.starts[begin]
        sums = np.add.reduceat(vectors * weights[:, None], starts, axis=0)
        matrix[filled] = sums / np.add.reduceat(weights, starts)[:, None]
    return matrix


def _group_neighbours(counts: Ints, most: int) -> list[tuple[int, int]]:
    """Ranges of neighbours with about ``most`` positions together."""
    cuts = np.flatnonzero(np.diff(np.cumsum(counts) // most)) + 1
    edges = [0, *cuts.tolist(), len(counts)]
    return [(begin, end) for begin, end in itertools.pairwise(edges) if begin < end]


def _request(plan: Plan, sequences: Sequences, rows: RowRequest, reduce: Reduce = "sum") -> Encode:
    return Encode(
        plan.loaded.encoder,
        sequences,
        rows,
        layers=plan.layers,
        layer_pooling=cast(LayerPooling, plan.options.layer_pooling),
        reduce=reduce,
        progress=lambda _count: None,
    )


def _join_windows(plan: Plan, pooled: Floats, windows: Windows) -> Floats:
    """Shape (texts, width x poolings): the windows of each text joined."""
    if len(pooled) == len(windows.starts) - 1:
        return pooled
    parts = np.split(pooled, len(plan.poolings), axis=1)
    joined = [
        _join_part(pooling, part, windows)
        for pooling, part in zip(plan.poolings, parts, strict=True)
    ]
    return np.concatenate(joined, axis=1)


def _join_part(pooling: str, pooled: Floats, windows: Windows) -> Floats:
    """Shape (texts, width): the windows of each text joined, for one pooling."""
    starts = windows.starts[:-1]
    if pooling in ("cls", "pooler"):
        return pooled[starts]
    if pooling == "last":
        return pooled[windows.starts[1:] - 1]
    if pooling == "max":
        return np.asarray(np.maximum.reduceat(pooled, starts, axis=0))
    # Weighted by pieces, as the design has it, is the plain mean: a text of several windows fills
    # every one of them.
    sums = np.add.reduceat(pooled, starts, axis=0, dtype=np.float64)
    return np.asarray(sums / np.diff(windows.starts)[:, None], dtype=np.float32)
