"""Texts and candidate labels -> how likely each label is, by a model that tells whether a text implies another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nlu_lite.common import Floats, Ints
from nlu_lite.encoder.models.pieces import Pieces
from nlu_lite.encoder.pairs import cut_out, pairs, repeated, scores, windows_beside
from nlu_lite.encoder.plan import Plan
from nlu_lite.encoder.texts import TextVectors
from nlu_lite.encoder.words import blocks
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
    """
    numbers: dict[str, int] = {}
    place = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)
    tokenizer, different = plan.loaded.tokenizer, list(numbers)
    hypotheses = tokenizer(
        [plan.options.hypothesis.replace(LABEL_SLOT, name) for name in plan.names]
    )
    matrix = np.empty((len(different), len(plan.names)), dtype=np.float32)
    counts, windows = (
        np.zeros(len(different), dtype=np.int64),
        np.zeros(len(different), dtype=np.int64),
    )
    for begin, end in blocks(different):
        own = tokenizer(different[begin:end])
        matrix[begin:end], windows[begin:end] = _block(plan, own, hypotheses)
        counts[begin:end] = np.diff(own.starts)
        progress(int(np.isin(place, np.arange(begin, end)).sum()))
    return TextVectors(matrix=matrix[place], pieces=counts[place], windows=windows[place])


def _block(plan: Plan, texts: Pieces, hypotheses: Pieces) -> tuple[Floats, Ints]:
    """Shape (texts, labels) and, of windows, (texts,)."""
    beside = np.diff(hypotheses.starts)
    # Windows are compared over the labels, so they must be the same; of a text that is cut each
    # pair has its own room.
    longest = beside if plan.options.long == "cut" else np.full_like(beside, beside.max())
    columns = []
    for label, room in enumerate(longest.tolist()):
        found = windows_beside(plan, np.diff(texts.starts), room)
        some = cut_out(texts, found)
        read = pairs(
            plan.loaded.tokenizer.pair, some, repeated(hypotheses, np.full(len(found.text), label))
        )
        column = np.empty((len(found.text), len(plan.loaded.names or ())), dtype=np.float32)
        for places, (said,) in scores(plan, read, lambda _pairs: None):
            column[places] = said
        columns.append(column)
    assert plan.entailment is not None
    likely = _likely(np.stack(columns, axis=1), plan.entailment, several=plan.options.multi_label)
    number = np.diff(found.starts)
    sums = np.add.reduceat(likely, found.starts[:-1], axis=0, dtype=np.float64)
    return np.asarray(sums / number[:, None], dtype=np.float32), number


def _likely(logits: Floats, entailment: int, *, several: bool) -> Floats:
    """From scores, shape (windows, labels, the model's own labels), to probabilities, shape (windows, labels)."""
    if several or logits.shape[1] == 1:
        contradiction = -1 if entailment == 0 else 0
        shown = logits[..., [contradiction, entailment]]
        shown = np.exp(shown - shown.max(axis=-1, keepdims=True))
        return np.asarray(shown[..., 1] / shown.sum(axis=-1))
    shown = logits[..., entailment]
    shown = np.exp(shown - shown.max(axis=-1, keepdims=True))
    return np.asarray(shown / shown.sum(axis=-1, keepdims=True))
