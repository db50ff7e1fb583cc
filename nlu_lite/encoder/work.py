"""Components side by side: what they ask of one tokenizer or one model at the same time is computed once.

A component's work is a generator. It yields what it needs, a ``Tokenise`` or an ``Encode``, and is
sent the answer. So it reads like a plain function, and ``run_together`` sees what several of them need
before anything is computed.
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
from nlu_lite.options import LayerPooling

Result = TypeVar("Result")


@dataclass(frozen=True)
class Tokenise:
    """Asks for the pieces of texts; answered with ``Pieces``."""

    tokenizer: PieceTokenizer
    texts: Sequence[str]


@dataclass(frozen=True)
class Encode:
    """Asks for rows of an encoder; answered with an array of shape (rows, width). For the attributes see ``Encoder``."""

    encoder: Encoder
    sequences: Sequences
    wanted: RowRequest
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
        asked: dict[int, Tokenise | Encode] = {}
        for number, answer in answers.items():
            try:
                asked[number] = works[number].send(answer)
            except StopIteration as end:
                results[number] = end.value
        answers = _answers(asked)
    return [results[number] for number in range(len(works))]


def _answers(asked: dict[int, Tokenise | Encode]) -> dict[int, Any]:
    answers: dict[int, Any] = {}
    alike: dict[tuple[object, ...], dict[int, Encode]] = {}
    read: list[tuple[Tokenise, Pieces]] = []
    for number, request in asked.items():
        if isinstance(request, Tokenise):
            answers[number] = _pieces(request, read)
        else:
            key = (id(request.encoder), request.layers, request.layer_pooling, request.reduce)
            alike.setdefault(key, {})[number] = request
    for group in alike.values():
        answers.update(zip(group, _rows(list(group.values())), strict=True))
    return answers


def _pieces(request: Tokenise, read: list[tuple[Tokenise, Pieces]]) -> Pieces:
    for other, pieces in read:
        if other.tokenizer is request.tokenizer and other.texts == request.texts:
            return pieces
    pieces = request.tokenizer(request.texts)
    read.append((request, pieces))
    return pieces


def _rows(requests: list[Encode]) -> list[Floats]:
    """The rows of requests that are alike, equal sequences encoded once."""
    first = requests[0]
    if len(requests) == 1:
        sequences, wanted = first.sequences, first.wanted
    else:
        sequences, wanted = _joined(requests)
    left = [len(request.wanted) for request in requests]

    def progress(rows: int) -> None:
        for place, request in enumerate(requests):
            done = min(rows, left[place])
            left[place] -= done
            rows -= done
            if done:
                request.progress(done)

    found = first.encoder(
        sequences,
        wanted,
        layers=first.layers,
        layer_pooling=first.layer_pooling,
        reduce=first.reduce,
        progress=progress,
    )
    return np.split(found, np.cumsum([len(request.wanted) for request in requests])[:-1])


def _joined(requests: list[Encode]) -> tuple[Sequences, RowRequest]:
    """The different sequences of several requests, and all their wanted rows, one request's after the other's."""
    ids = np.concatenate([request.sequences.ids for request in requests])
    lengths = np.concatenate([request.sequences.lengths for request in requests])
    starts = np.cumsum(lengths) - lengths
    numbers: dict[bytes, int] = {}
    keys = (
        ids[begin : begin + length].tobytes()
        for begin, length in zip(starts.tolist(), lengths.tolist(), strict=True)
    )
    place = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
    _, once = np.unique(place, return_index=True)
    sequences = Sequences(
        ids=ids[ranges(starts[once], lengths[once])],
        starts=np.concatenate([[0], np.cumsum(lengths[once])]),
    )
    before = np.cumsum([0, *(len(request.sequences.lengths) for request in requests)])
    counts = np.concatenate([np.diff(request.wanted.starts) for request in requests])
    wanted = RowRequest(
        sequence=place[
            np.concatenate(
                [
                    request.wanted.sequence + at
                    for request, at in zip(requests, before, strict=False)
                ]
            )
        ],
        positions=np.concatenate([request.wanted.positions for request in requests]),
        starts=np.concatenate([[0], np.cumsum(counts)]),
    )
    return sequences, wanted
