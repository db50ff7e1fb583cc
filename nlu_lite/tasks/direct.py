"""Vectors and probabilities by the plain transformers model, for ``verify`` to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nlu_lite.common import Floats

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan

Spans = Sequence[tuple[int, int]]


def first_pieces(values: Floats, offsets: Spans, text: str, words: Spans) -> Floats:
    """Shape (words, width): of each word's pieces the first with a letter or digit, or the first.

    Args:
        values: Shape (pieces, width).
        offsets: The half-open span of each piece, in code points.
        text: The text.
        words: The half-open span of each word.
    """
    return values[[_first_piece(offsets, text, begin, end) for begin, end in words]]


def _first_piece(offsets: Spans, text: str, begin: int, end: int) -> int:
    pieces = [
        number for number, (left, right) in enumerate(offsets) if max(left, begin) < min(right, end)
    ]
    for number in pieces:
        left, right = offsets[number]
        if any(map(str.isalnum, text[max(left, begin) : min(right, end)])):
            return number
    return pieces[0]


def pooled(plan: Plan, states: Floats) -> Floats:
    """Shape (1, width): the states of a text's pieces joined as the reference says.

    Args:
        plan: Of the component.
        states: Shape (pieces, width), those of special pieces among them.
    """
    if plan.poolings == ("pooler",) and plan.loaded.pooler is not None:
        return np.asarray(plan.loaded.pooler(states[:1]), dtype=np.float32)
    weights = np.arange(1, len(states) + 1)
    tokenizer = plan.loaded.tokenizer
    text_states = states[len(tokenizer.prefix) : len(states) - len(tokenizer.suffix)]
    ways = {
        "mean": states.mean(axis=0),
        "mean_text": text_states.mean(axis=0),
        "max": states.max(axis=0),
        "cls": states[0],
        "pooler": states[0],
        "last": states[-1],
        "weighted": np.average(states, axis=0, weights=weights),
        "mean_sqrt": states.sum(axis=0) / np.sqrt(len(states)),
    }
    parts = [ways[pooling] for pooling in plan.poolings]
    return np.asarray(np.concatenate(parts)[None], dtype=np.float32)
