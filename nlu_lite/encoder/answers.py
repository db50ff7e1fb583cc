"""Questions and contexts -> the part of each context that answers: where it stands, and how likely it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu_lite.common import Floats, Ints
from nlu_lite.encoder.pairs import Pairs, cut_out, pairs, repeated, scores, windows_beside
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
            there.
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
        contexts: Likewise, one a question.
        progress: Called with the number of pairs done.
    """
    total = len(questions)
    found = Answers(
        begin=np.zeros(total, dtype=np.int64),
        end=np.zeros(total, dtype=np.int64),
        confidence=np.full(total, np.nan, dtype=np.float32),
        pieces=np.zeros(total, dtype=np.int64),
        windows=np.zeros(total, dtype=np.int64),
    )
    for at in range(0, total, BLOCK):
        _block(plan, questions[at : at + BLOCK], contexts[at : at + BLOCK], found, at)
        progress(min(BLOCK, total - at))
    return found


def _block(
    plan: Plan, questions: Sequence[str], contexts: Sequence[str], found: Answers, at: int
) -> None:
    """The answers to some questions, written into ``found`` from ``at`` on."""
    tokenizer = plan.loaded.tokenizer
    asked, told = tokenizer(questions), tokenizer(contexts)
    counts, beside = np.diff(told.starts), np.diff(asked.starts)
    # Questions of one length leave the same room.
    for length in np.unique(beside).tolist():
        own = np.flatnonzero(beside == length)
        windows = windows_beside(plan, counts[own], length)
        some = cut_out(repeated(told, own), windows)
        read = pairs(tokenizer.pair, repeated(asked, own[windows.text]), some)
        front = len(tokenizer.pair.ids[0]) + length + len(tokenizer.pair.ids[1])
        best, first, last = _spans(plan, read, front, np.diff(some.starts))
        for number, pair in enumerate(own.tolist()):
            begin, end = windows.starts[number : number + 2].tolist()
            found.pieces[at + pair], found.windows[at + pair] = counts[pair], end - begin
            if counts[pair] == 0:
                continue
            chosen = begin + int(best[begin:end].argmax())
            start = int(some.starts[chosen])
            span = int(some.begin[start + first[chosen]]), int(some.end[start + last[chosen]])
            found.begin[at + pair], found.end[at + pair] = _whole_words(
                tokenizer.words(contexts[pair]), contexts[pair], span
            )
            found.confidence[at + pair] = best[chosen]


def _spans(plan: Plan, read: Pairs, front: int, counts: Ints) -> tuple[Floats, Ints, Ints]:
    """The likeliest span of each window: its probability, its first and its last piece, counted within the window."""
    best = np.zeros(len(counts), dtype=np.float32)
    first, last = np.zeros(len(counts), dtype=np.int64), np.zeros(len(counts), dtype=np.int64)
    for numbers, (starts, ends) in scores(plan, read, lambda _pairs: None):
        longest = int(counts[numbers].max(initial=0))
        mask = np.arange(longest) < counts[numbers, None]
        begins, stops = (_likely(part, mask, front, longest) for part in (starts, ends))
        for length in range(min(MOST_PIECES, longest)):
            both = begins[:, : longest - length] * stops[:, length:]
            place = both.argmax(axis=1)
            likely = both[np.arange(len(numbers)), place]
            better = likely > best[numbers]
            some = numbers[better]
            best[some], first[some], last[some] = (
                likely[better],
                place[better],
                place[better] + length,
            )
    return best, first, last


def _likely(logits: Floats, mask: NDArray[np.bool_], front: int, longest: int) -> Floats:
    """Probabilities of the context's pieces, those of the first special piece counted and left out; 0 where there is none."""
    shown = np.where(mask, logits[:, front : front + longest], -np.inf)
    special = logits[:, :1]
    highest = np.maximum(shown.max(axis=1, keepdims=True, initial=-np.inf), special)
    shown, special = np.exp(shown - highest), np.exp(special - highest)
    return np.asarray(shown / (shown.sum(axis=1, keepdims=True) + special))


def _whole_words(
    words: Sequence[tuple[int, int]], context: str, span: tuple[int, int]
) -> tuple[int, int]:
    """A span as whole words of the tokenizer, without white space at its ends."""
    begin = min((left for left, right in words if left <= span[0] < right), default=span[0])
    end = max((right for left, right in words if left < span[1] <= right), default=span[1])
    while begin < end and context[begin].isspace():
        begin += 1
    while end > begin and context[end - 1].isspace():
        end -= 1
    return begin, end
