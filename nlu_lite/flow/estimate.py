"""How large a result will be and how long it will take, measured on a sample of the data."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite.common import Ints
from nlu_lite.errors import InputTypeError
from nlu_lite.frame import frame_bytes
from nlu_lite.inputs import (
    PORTION_LENGTH,
    PORTION_TEXTS,
    Inputs,
    count_code_points,
    join_chunks,
    read,
)
from nlu_lite.text import replace_surrogates

if TYPE_CHECKING:
    from nlu_lite.flow.flow import Flow
    from nlu_lite.flow.frame_options import FrameOptions
    from nlu_lite.inputs import Chunk, Source
    from nlu_lite.text import Segmentation

# The sample is about a portion of a stream, so that it is batched like one; of a longer text its
# beginning counts.
LONGEST = 20_000
# Pieces that are encoded first; groups of twice as many follow until one takes so many seconds.
FIRST, SECONDS = 500, 0.5
# Then groups of that size follow until so many in a row have rates that differ by no more than this
# share of their mean, or the most groups are measured.
GROUPS, MOST_GROUPS, STABLE = 3, 10, 0.2
# From the first text of a group and the one behind its last to the seconds that it took.
Measure = Callable[[int, int], float]


@dataclass(frozen=True)
class Estimate:
    """What ``predict``, ``stream`` or ``to_parquet`` of some data will give and take.

    Attributes:
        texts: Of the data, counted.
        words: In them.
        pieces: That the models read, special ones not counted, each component's own added up.
        rows: Of the frame.
        frame_mb: Of the frame in memory, in 10**6 bytes, without the caller's columns.
        seconds: To encode it, on this machine, with the models in memory.
        pieces_per_second: The rate that was measured, of several groups of texts together.
        spread: How far apart the rates of these groups were, as a share of their mean. Above 0.2
            the machine was busy with other work, or the texts are too different.
        sample_texts: How many texts were looked at; where they are all there are, words, pieces and
            rows are counted.
    """

    texts: int
    words: int
    pieces: int
    rows: int
    frame_mb: float
    seconds: float
    pieces_per_second: float
    spread: float
    sample_texts: int


def refuse_iterators(data: Any) -> None:  # noqa: ANN401 - many kinds, see nlu_lite.inputs
    """Refuse data that can be read only once, which would be used up.

    Args:
        data: As handed in.

    Raises:
        InputTypeError: It is an iterator.
    """
    if isinstance(data, Iterator) or hasattr(data, "read_next_batch"):
        raise InputTypeError(
            f"A {type(data).__name__} can be read only once, and the estimate would use it up; "
            f"hand over a list, a frame or "
            "the name of a file, or a list of its first texts."
        )


def measure_estimate(flow: Flow, source: Source, options: FrameOptions) -> Estimate:
    """See ``Pipeline.estimate``.

    Args:
        flow: The models.
        source: The input; it is read to its end.
        options: What the frame holds.
    """
    whole = _read_whole(source)
    inputs = _shorten(read(whole.sample, source.text, errors="null"))
    segmentation = flow.segment(inputs.documents)
    pieces = _count_pieces(flow, segmentation)
    rate, spread = _measure_rate(flow, inputs, pieces, options)
    units, _ = flow.units_of(inputs, segmentation, options, progress=False)
    # What stands in texts grows with their length; every text without a unit has a row too.
    share = whole.length / max(sum(map(count_code_points, inputs.documents)), 1)
    words, total = round(len(segmentation.word_begin) * share), round(int(pieces.sum()) * share)
    rows = whole.texts
    if options.level.repeats_text:
        without = len(inputs.documents) - len(np.unique(units.document))
        rows = round(len(units) * share + without * whole.texts / max(len(inputs.documents), 1))
    has_matrices = options.aggregate is None and options.level.joins_words
    characters = round(int((units.end - units.begin).sum()) * share)
    size = frame_bytes(rows, words if has_matrices else rows, flow.widths, characters)
    return Estimate(
        texts=whole.texts,
        words=words,
        pieces=total,
        rows=rows,
        frame_mb=round(size / 1e6, 3),
        seconds=round(total / rate, 3) if rate else 0.0,
        pieces_per_second=round(rate, 1),
        spread=round(spread, 3),
        sample_texts=len(inputs.documents),
    )


@dataclass(frozen=True)
class WholeInput:
    """An input: its texts and their code points, and a sample of its rows in random order."""

    texts: int
    length: int
    sample: Chunk


def _read_whole(source: Source) -> WholeInput:
    """Read an input to its end and keep rows of it, each with the same chance."""
    sample: Chunk = source.head().iloc[:0]
    keys, highest = np.zeros(0), 1.0
    texts = length = 0
    generator = np.random.default_rng(0)
    for chunk in source:
        lengths = _lengths(chunk, source.text)
        texts, length = texts + len(lengths), length + int(lengths.sum())
        drawn = generator.random(len(chunk))
        is_kept = drawn < highest
        if not is_kept.any():
            continue
        kept = chunk.iloc[is_kept]
        sample = join_chunks([sample, kept]) if len(sample) else kept
        keys = np.append(keys, drawn[is_kept])
        while _is_too_large(sample, source.text):
            highest = float(np.median(keys))
            sample, keys = sample.iloc[keys < highest], keys[keys < highest]
    order = np.argsort(keys, kind="stable")
    return WholeInput(texts=texts, length=length, sample=sample.iloc[order])


def _is_too_large(sample: Chunk, text: Hashable | None) -> bool:
    if len(sample) > PORTION_TEXTS:
        return True
    return int(np.minimum(_lengths(sample, text), LONGEST).sum()) > PORTION_LENGTH


def _lengths(chunk: Chunk, text: Hashable | None) -> Ints:
    """Shape (rows,): the code points of each text."""
    cells = chunk if text is None else chunk.iloc[:, list(chunk.columns).index(text)]
    return np.array([count_code_points(cell) for cell in cells.tolist()], dtype=np.int64)


def _shorten(inputs: Inputs) -> Inputs:
    """The beginnings of texts that are very long; of split ones a fifth as many words."""
    documents = [
        None if document is None else document[: LONGEST // (1 if isinstance(document, str) else 5)]
        for document in inputs.documents
    ]
    return replace(inputs, documents=documents)


def _count_pieces(flow: Flow, segmentation: Segmentation) -> Ints:
    """Shape (texts,): the pieces of each, those of all components added up."""
    sentences = [replace_surrogates(sentence) for sentence in segmentation.sentences()]
    counts = sum(np.diff(item.plan.loaded.tokenizer(sentences).starts) for item in flow.components)
    texts = len(segmentation.texts)
    weights = np.bincount(segmentation.sentence_document, weights=counts, minlength=texts)
    return weights.astype(np.int64)


def _measure_rate(
    flow: Flow, inputs: Inputs, pieces: Ints, options: FrameOptions
) -> tuple[float, float]:
    """Pieces a second, and how far apart the rates of several groups of texts were."""
    bare = replace(options, keep=False)

    def measure_seconds(begin: int, end: int) -> float:
        columns = None if inputs.columns is None else inputs.columns.iloc[begin:end]
        group = replace(
            inputs,
            documents=inputs.documents[begin:end],
            index=inputs.index[begin:end],
            columns=columns,
        )
        started = time.perf_counter()
        flow.frame_of(group, bare, progress=False)
        return time.perf_counter() - started

    return find_rate(measure_seconds, pieces)


def find_rate(measure_seconds: Measure, pieces: Ints) -> tuple[float, float]:
    """The rate at which texts are encoded, once it is the same for several groups of them.

    Args:
        measure_seconds: Encodes a group.
        pieces: Shape (texts,): of each.

    Returns:
        Pieces a second, of the last groups together, or of all where their rates stay apart; and
        the difference between the highest rate of these groups and the lowest, as a share of their
        mean. Both are 0 where there is no piece.

    Example:
        >>> find_rate(lambda begin, end: 2.0 * (end - begin), np.full(10, 400))
        (200.0, 0.0)
    """
    before = np.concatenate([[0], np.cumsum(pieces)])
    if not before[-1]:
        return 0.0, 0.0
    begin, size = 0, FIRST
    end = _end_of_group(before, begin, size)
    measure_seconds(begin, end)  # what only the first call does is not measured
    while (seconds := measure_seconds(begin, end)) < SECONDS and end < len(pieces):
        begin, size = end, 2 * size
        end = _end_of_group(before, begin, size)
    counts, times = [before[end] - before[begin]], [seconds]
    while len(times) < MOST_GROUPS and not _is_stable(counts, times):
        begin = end if end < len(pieces) else 0
        end = _end_of_group(before, begin, size)
        counts.append(before[end] - before[begin])
        times.append(measure_seconds(begin, end))
    if _is_stable(counts, times):
        counts, times = counts[-GROUPS:], times[-GROUPS:]
    return float(sum(counts)) / sum(times), _spread(counts, times)


def _is_stable(counts: Sequence[int], times: Sequence[float]) -> bool:
    return len(times) >= GROUPS and _spread(counts[-GROUPS:], times[-GROUPS:]) <= STABLE


def _spread(counts: Sequence[int], times: Sequence[float]) -> float:
    rates = np.array(counts) / np.array(times)
    return float((rates.max() - rates.min()) / rates.mean())


def _end_of_group(before: Ints, begin: int, size: int) -> int:
    """Where a group of ``size`` pieces ends; the last one takes in what would be less."""
    last = len(before) - 1
    end = max(int(np.searchsorted(before, before[begin] + size)), begin + 1)
    return last if before[-1] - before[min(end, last)] < 2 * size else end
