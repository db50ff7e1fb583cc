"""Questions and contexts -> the part of each context that answers: where, and how likely it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nlu_lite.common import Bools, Floats, Ints
from nlu_lite.encoder.models.pieces import Pieces
from nlu_lite.encoder.pairs import (
    Pairs,
    cut_windows_beside,
    join_pairs,
    score_pairs,
    select_texts,
    select_windows,
)
from nlu_lite.encoder.plan import Plan

# Pieces of an answer, at most; transformers' own.
MOST_PIECES = 15
# Pairs that are tokenised and read at a time.
BLOCK = 256


@dataclass(frozen=True)
class Answers:
    """One answer a pair.

    Attributes:
        begin: Shape (pairs,): code point of the context where it begins.
        end: Shape (pairs,): where it ends, half-open.
        confidence: Shape (pairs,), float32: the probability that it begins there times that it ends
            there; NaN where a context has no pieces.
        pieces: Shape (pairs,): pieces of the context.
        windows: Shape (pairs,): windows it was read in.
    """

    begin: Ints
    end: Ints
    confidence: Floats
    pieces: Ints
    windows: Ints


def find_answers(
    plan: Plan,
    questions: Sequence[str],
    contexts: Sequence[str],
    *,
    progress: Callable[[int], object],
) -> Answers:
    """Find the answer to each question in its context.

    Computed as by the pipeline that transformers had until version 4 (``question_answering.py``,
    4.57): within a window the scores of the context's pieces and of the first special one are made
    probabilities, separately for the begin and the end; the likeliest span of at most 15 pieces is
    the answer, the likeliest of all windows that of the context, and it takes in whole words of the
    tokenizer.

    Args:
        plan: The component.
        questions: Not blank, without lone surrogates.
        contexts: One a question; not blank, without lone surrogates.
        progress: Called with the number of pairs done.
    """
    total = len(questions)
    answers = Answers(
        begin=np.zeros(total, dtype=np.int64),
        end=np.zeros(total, dtype=np.int64),
        confidence=np.full(total, np.nan, dtype=np.float32),
        pieces=np.zeros(total, dtype=np.int64),
        windows=np.zeros(total, dtype=np.int64),
    )
    tokenizer = plan.loaded.tokenizer
    for begin in range(0, total, BLOCK):
        block = slice(begin, begin + BLOCK)
        question_pieces, context_pieces = tokenizer(questions[block]), tokenizer(contexts[block])
        lengths = np.diff(question_pieces.starts)
        # Questions of one length leave the same room.
        for length in np.unique(lengths).tolist():
            group = np.flatnonzero(lengths == length)
            _answer_group(
                plan,
                select_texts(question_pieces, group),
                select_texts(context_pieces, group),
                contexts,
                begin + group,
                answers,
            )
        progress(min(BLOCK, total - begin))
    return answers


def _answer_group(
    plan: Plan,
    question_pieces: Pieces,
    context_pieces: Pieces,
    contexts: Sequence[str],
    numbers: Ints,
    answers: Answers,
) -> None:
    """Answer questions of one length; ``numbers``: which of all contexts and answers are theirs."""
    tokenizer = plan.loaded.tokenizer
    counts, length = np.diff(context_pieces.starts), int(question_pieces.starts[1])
    windows = cut_windows_beside(plan, counts, length)
    pieces = select_windows(context_pieces, windows)
    pairs = join_pairs(tokenizer.pair, select_texts(question_pieces, windows.text), pieces)
    front = len(tokenizer.pair.ids[0]) + length + len(tokenizer.pair.ids[1])
    confidence, first, last = _find_spans(plan, pairs, front, np.diff(pieces.starts))
    answers.pieces[numbers] = counts
    answers.windows[numbers] = np.diff(windows.starts)
    for context in np.flatnonzero(counts).tolist():
        begin, end = windows.starts[context : context + 2].tolist()
        window = begin + int(confidence[begin:end].argmax())
        start = int(pieces.starts[window])
        span = int(pieces.begin[start + first[window]]), int(pieces.end[start + last[window]])
        number = int(numbers[context])
        answers.begin[number], answers.end[number] = _widen_to_words(
            tokenizer.split_words(contexts[number]), contexts[number], span
        )
        answers.confidence[number] = confidence[window]


def _find_spans(plan: Plan, pairs: Pairs, front: int, counts: Ints) -> tuple[Floats, Ints, Ints]:
    """The likeliest span of each window: probability, first and last piece, shapes (windows,).

    Pieces are counted within the window, behind ``front`` tokens of the question and special ones.
    """
    best = np.zeros(len(counts), dtype=np.float32)
    first, last = np.zeros(len(counts), dtype=np.int64), np.zeros(len(counts), dtype=np.int64)
    for numbers, (begin_logits, end_logits) in score_pairs(plan, pairs):
        longest = int(counts[numbers].max(initial=0))
        mask = np.arange(longest) < counts[numbers, None]
        begins = _make_probabilities(begin_logits, mask, front)
        ends = _make_probabilities(end_logits, mask, front)
        for distance in range(min(MOST_PIECES, longest)):
            products = begins[:, : longest - distance] * ends[:, distance:]
            begin = products.argmax(axis=1)
            likely = products[np.arange(len(numbers)), begin]
            better = likely > best[numbers]
            improved = numbers[better]
            best[improved] = likely[better]
            first[improved] = begin[better]
            last[improved] = begin[better] + distance
    return best, first, last


def _make_probabilities(logits: Floats, mask: Bools, front: int) -> Floats:
    """Probabilities of the context's pieces, shape (pairs, pieces); 0 where ``mask`` has none.

    The first special piece is one more to choose from, and is left out of the result.
    """
    pieces = np.where(mask, logits[:, front : front + mask.shape[1]], -np.inf)
    special = logits[:, :1]
    highest = np.maximum(pieces.max(axis=1, keepdims=True, initial=-np.inf), special)
    pieces, special = np.exp(pieces - highest), np.exp(special - highest)
    return np.asarray(pieces / (pieces.sum(axis=1, keepdims=True) + special))


def _widen_to_words(
    words: Sequence[tuple[int, int]], context: str, span: tuple[int, int]
) -> tuple[int, int]:
    """A span as whole words of the tokenizer, without white space at its ends."""
    begin = min((left for left, right in words if left <= span[0] < right), default=span[0])
    end = max((right for left, right in words if left < span[1] <= right), default=span[1])
    answer = context[begin:end]
    begin += len(answer) - len(answer.lstrip())
    return begin, begin + len(answer.strip())
