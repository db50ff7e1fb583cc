"""Components side by side: what they ask of one tokenizer or model at once is computed once.

A component's work is a generator. It yields what it needs, a ``Tokenise`` or an ``Encode``, and is
sent the answer. So it reads like a plain function, and ``run_together`` sees what several of them
need before anything is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from nlu_lite.common import Floats, ranges
from nlu_lite.encoder.backends.protocol import Encoder, Reduce
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences
from nlu_lite.encoder.models.pieces import Pieces, PieceTokenizer
from nlu_lite.encoder.repeats import find_distinct
from nlu_lite.options import LayerPooling

Result = TypeVar("Result")


@dataclass(frozen=True)
class Tokenise:
    """Asks for the pieces of texts; answered with ``Pieces``."""

    tokenizer: PieceTokenizer
    texts: Sequence[str]


@dataclass(frozen=True)
class Encode:
    """Asks for rows of an encoder, as ``Encoder`` has it; answered with shape (rows, width)."""

    encoder: Encoder
    sequences: Sequences
    rows: RowRequest
    layers: tuple[int, ...]
    layer_pooling: LayerPooling
    reduce: Reduce
    progress: Callable[[int], object]


Work = Generator[Tokenise | Encode, Any, Result]


def run_together(works: Sequence[Work[Result]]) -> list[Result]:
    """Run the works of several components, step by step, and return what each returns.

    Args:
        works: Generators that have not begun.
    """
    results: dict[int, Result] = {}
    answers: dict[int, Any] = dict.fromkeys(range(len(works)))
    while answers:
        requests: dict[int, Tokenise | Encode] = {}
        for number, answer in answers.items():
            try:
                requests[number] = works[number].send(answer)
            except StopIteration as end:
                results[number] = end.value
        answers = _answer(requests)
    return [results[number] for number in range(len(works))]


def _answer(requests: dict[int, Tokenise | Encode]) -> dict[int, Any]:
    """The answer to each request, by its number."""
    answers: dict[int, Any] = {}
    alike: dict[tuple[object, ...], dict[int, Encode]] = {}
    tokenised: list[tuple[Tokenise, Pieces]] = []
    for number, request in requests.items():
        if isinstance(request, Tokenise):
            answers[number] = _tokenise(request, tokenised)
        else:
            key = (id(request.encoder), request.layers, request.layer_pooling, request.reduce)
            alike.setdefault(key, {})[number] = request
    for group in alike.values():
        answers.update(zip(group, _encode(list(group.values())), strict=True))
    return answers


def _tokenise(request: Tokenise, tokenised: list[tuple[Tokenise, Pieces]]) -> Pieces:
    """The pieces of a request; taken from ``tokenised`` where an equal one was answered."""
    for earlier, pieces in tokenised:
        if earlier.tokenizer is request.tokenizer and earlier.texts == request.texts:
            return pieces
    pieces = request.tokenizer(request.texts)
    tokenised.append((request, pieces))
    return pieces


def _encode(requests: list[Encode]) -> list[Floats]:
    """The rows of requests that are alike, equal sequences encoded once."""
    first = requests[0]
    sequences, rows = first.sequences, first.rows
    if len(requests) > 1:
        sequences, rows = _join(requests)
    counts = [len(request.rows) for request in requests]
    matrix = first.encoder(
        sequences,
        rows,
        layers=first.layers,
        layer_pooling=first.layer_pooling,
        reduce=first.reduce,
        progress=_share_progress(requests),
    )
    return np.split(matrix, np.cumsum(counts)[:-1])


def _share_progress(requests: list[Encode]) -> Callable[[int], None]:
    """Reports rows done to the first request until all of its rows are, then to the next."""
    missing = [len(request.rows) for request in requests]

    def progress(rows: int) -> None:
        for number, request in enumerate(requests):
            share = min(rows, missing[number])
            missing[number] -= share
            rows -= share
            if share:
                request.progress(share)

    return progress


def _join(requests: list[Encode]) -> tuple[Sequences, RowRequest]:
    """The distinct sequences of several requests, and their rows, one request's after another's."""
    ids = np.concatenate([request.sequences.ids for request in requests])
    lengths = np.concatenate([request.sequences.lengths for request in requests])
    starts = np.cumsum(lengths) - lengths
    edges = zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
    _, number = find_distinct(ids[begin:end].tobytes() for begin, end in edges)
    originals = np.unique(number, return_index=True)[1]
    sequences = Sequences(
        ids=ids[ranges(starts[originals], lengths[originals])],
        starts=np.concatenate([[0], np.cumsum(lengths[originals])]),
    )
    sequence_counts = [len(request.sequences.lengths) for request in requests]
    row_counts = [len(request.rows) for request in requests]
    offsets = np.repeat(np.cumsum(sequence_counts) - sequence_counts, row_counts)
    owners = np.concatenate([request.rows.sequence for request in requests]) + offsets
    position_counts = np.concatenate([np.diff(request.rows.starts) for request in requests])
    rows = RowRequest(
        sequence=number[owners],
        positions=np.concatenate([request.rows.positions for request in requests]),
        starts=np.concatenate([[0], np.cumsum(position_counts)]),
    )
    return sequences, rows
