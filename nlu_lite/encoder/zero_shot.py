"""Texts and candidate labels -> how likely each label is, by a model of textual entailment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nlu_lite.common import Floats, Ints
from nlu_lite.encoder.models.pieces import Pieces
from nlu_lite.encoder.pairs import (
    cut_windows_beside,
    join_pairs,
    score_pairs,
    select_texts,
    select_windows,
)
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.repeats import find_distinct
from nlu_lite.encoder.texts import TextVectors
from nlu_lite.encoder.words import split_into_blocks
from nlu_lite.options import LABEL_SLOT


def classify_zero_shot(
    plan: Plan, texts: Sequence[str], *, progress: Callable[[int], object]
) -> TextVectors:
    """The probability of each candidate label for each text; equal texts once.

    Computed as by transformers' zero-shot pipeline (``zero_shot_classification.py``, 5.23): each
    label makes a hypothesis, each text and hypothesis a pair; the scores of entailment are compared
    over the labels, or with ``multi_label`` (and where there is one label only) with the score of
    contradiction. Of longer texts the mean over their windows.

    Args:
        plan: The component.
        texts: Without lone surrogates.
        progress: Called with the number of texts done.

    Returns:
        Shape (texts, labels) in place of vectors.
    """
    distinct, number = find_distinct(texts)
    tokenizer = plan.loaded.tokenizer
    hypotheses = tokenizer(
        [plan.options.hypothesis.replace(LABEL_SLOT, name) for name in plan.names]
    )
    vectors = TextVectors.empty(texts=len(distinct), width=len(plan.names))
    for begin, end in split_into_blocks(distinct):
        pieces = tokenizer(distinct[begin:end])
        vectors.matrix[begin:end], vectors.windows[begin:end] = _classify(plan, pieces, hypotheses)
        vectors.pieces[begin:end] = np.diff(pieces.starts)
        progress(int(((number >= begin) & (number < end)).sum()))
    return vectors.select(number)


def _classify(plan: Plan, texts: Pieces, hypotheses: Pieces) -> tuple[Floats, Ints]:
    """Shape (texts, labels): probabilities; and shape (texts,): windows of each text."""
    counts, lengths = np.diff(texts.starts), np.diff(hypotheses.starts)
    # Windows are compared over the labels, so they must be the same; of a text that is cut each
    # pair has its own room.
    if plan.options.long != "cut":
        lengths = np.full_like(lengths, lengths.max())
    columns = []
    for label, length in enumerate(lengths.tolist()):
        windows = cut_windows_beside(plan, counts, length)
        pairs = join_pairs(
            plan.loaded.tokenizer.pair,
            select_windows(texts, windows),
            select_texts(hypotheses, np.full(len(windows.text), label)),
        )
        column = np.empty((len(windows.text), len(plan.loaded.names or ())), dtype=np.float32)
        for numbers, (scores,) in score_pairs(plan, pairs):
            column[numbers] = scores
        columns.append(column)
    assert plan.entailment is not None
    likely = _make_probabilities(
        np.stack(columns, axis=1), plan.entailment, plan.options.multi_label
    )
    window_counts = np.diff(windows.starts)
    sums = np.add.reduceat(likely, windows.starts[:-1], axis=0, dtype=np.float64)
    return np.asarray(sums / window_counts[:, None], dtype=np.float32), window_counts


def _make_probabilities(logits: Floats, entailment: int, multi_label: bool) -> Floats:
    """Shape (windows, candidates, labels of the model) -> probabilities, (windows, candidates)."""
    if multi_label or logits.shape[1] == 1:
        contradiction = -1 if entailment == 0 else 0
        return _softmax(logits[..., [contradiction, entailment]])[..., 1]
    return _softmax(logits[..., entailment])


def _softmax(scores: Floats) -> Floats:
    """Over the last axis."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))
