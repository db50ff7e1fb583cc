"""Overlapping windows over long texts, and which window speaks for which word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlu_lite.common import Ints, ranges
from nlu_lite.encoder.backends.sequences import Sequences
from nlu_lite.encoder.models.pieces import Pieces, PieceTokenizer


@dataclass(frozen=True)
class Windows:
    """The windows of several texts, in order.

    Attributes:
        text: Shape (windows,): number of the text.
        begin: Shape (windows,): first piece, counted within the text.
        end: Shape (windows,): one after the last piece.
        starts: Shape (texts + 1,): first window of each text, and the number of windows.
        room: How many pieces fit a window.
        step: How far apart two windows begin.
    """

    text: Ints
    begin: Ints
    end: Ints
    starts: Ints
    room: int
    step: int


def cut_windows(counts: Ints, *, room: int, overlap: int) -> Windows:
    """Cut texts into windows: one where all fits, else overlapping ones.

    The last window of a text is shifted left to full length.

    Args:
        counts: Shape (texts,): pieces of each text, special ones left out.
        room: How many pieces fit a window.
        overlap: How many pieces two neighbours share, below ``room``.
    """
    step = room - overlap
    window_counts = np.where(counts <= room, 1, -(-(counts - room) // step) + 1)
    starts = np.concatenate([[0], np.cumsum(window_counts)])
    text = np.repeat(np.arange(len(counts)), window_counts)
    number = np.arange(len(text)) - starts[text]
    begin = np.minimum(number * step, np.maximum(counts[text] - room, 0))
    return Windows(
        text=text,
        begin=begin,
        end=np.minimum(begin + room, counts[text]),
        starts=starts,
        room=room,
        step=step,
    )


def choose_windows(windows: Windows, text: Ints, first: Ints, last: Ints) -> Ints:
    """The window that speaks for each run of pieces: where the run is furthest from an edge.

    Of equals the earlier. The text's own ends are no edges. A run that no window holds whole gets
    the window it sticks out of least.

    Args:
        windows: Of all texts.
        text: Shape (runs,): number of the text that a run is in.
        first: Shape (runs,): its first piece, counted within the text.
        last: Shape (runs,): its last piece.

    Returns:
        Shape (runs,): number of the window.
    """
    best = windows.starts[text]
    long = np.flatnonzero(windows.starts[text + 1] - best > 1)
    if not len(long):
        return best
    text, first, last = text[long], first[long], last[long]
    final = windows.starts[text + 1] - 1
    margin = np.full(len(long), np.iinfo(np.int64).min)
    # Only the windows that begin near a run can hold it, and the last one, which is shifted left.
    nearest = windows.starts[text] + last // windows.step
    for back in range(-(-windows.room // windows.step) + 1, -2, -1):
        window = np.clip(nearest - back, windows.starts[text], final)
        distance = _measure_margin(windows, window, first, last)
        better = distance > margin
        margin = np.where(better, distance, margin)
        best[long] = np.where(better, window, best[long])
    return best


def _measure_margin(windows: Windows, window: Ints, first: Ints, last: Ints) -> Ints:
    """Pieces between a run and the nearer edge of a window.

    The text's own ends count as edges here, which changes no choice: where one of them is the
    nearer edge, every other window's edge on that side is nearer still.
    """
    left, right = first - windows.begin[window], windows.end[window] - 1 - last
    return np.asarray(np.minimum(left, right))


def make_sequences(tokenizer: PieceTokenizer, pieces: Pieces, windows: Windows) -> Sequences:
    """The windows as sequences, with the special pieces around them."""
    lengths = windows.end - windows.begin
    starts = np.concatenate([[0], np.cumsum(lengths + tokenizer.specials)])
    ids = np.empty(int(starts[-1]), dtype=np.int64)
    inner = starts[:-1] + len(tokenizer.prefix)
    ids[ranges(inner, lengths)] = pieces.ids[
        ranges(pieces.starts[windows.text] + windows.begin, lengths)
    ]
    for offset, special in enumerate(tokenizer.prefix):
        ids[starts[:-1] + offset] = special
    for offset, special in enumerate(tokenizer.suffix):
        ids[inner + lengths + offset] = special
    return Sequences(ids=ids, starts=starts)
