"""What goes into an encoder and what is requested of it: ragged arrays, and batches of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from nlu_lite.common import Bools, Ints, ranges

if TYPE_CHECKING:
    import torch

# Tokens of one forward, padding counted: on a CPU a batch's activations should stay near the
# caches; an accelerator wants more.
CPU_BUDGET = 4_096
DEVICE_BUDGET = 32_768


def choose_budget(device: torch.device) -> int:
    """Tokens of one forward on a device."""
    return CPU_BUDGET if device.type == "cpu" else DEVICE_BUDGET


@dataclass(frozen=True)
class Sequences:
    """Token ids of several sequences laid end to end, special ones included.

    Attributes:
        ids: Shape (tokens,).
        starts: Shape (sequences + 1,): first token of each sequence, and the number of tokens.
    """

    ids: Ints
    starts: Ints

    @property
    def lengths(self) -> Ints:
        """Shape (sequences,): tokens of each sequence."""
        return np.diff(self.starts)


@dataclass(frozen=True)
class RowRequest:
    """The vectors requested of an encoder: each row joins one or more positions of one sequence.

    Attributes:
        sequence: Shape (rows,): number of the sequence.
        positions: Shape (positions,): token positions within the sequence, those of a row side by
            side.
        starts: Shape (rows + 1,): first place in ``positions`` of each row, and their number.
    """

    sequence: Ints
    positions: Ints
    starts: Ints

    @classmethod
    def single(cls, sequence: Ints, position: Ints) -> RowRequest:
        """One position a row."""
        return cls(sequence=sequence, positions=position, starts=np.arange(len(position) + 1))

    @classmethod
    def all_tokens(cls, sequences: Sequences) -> RowRequest:
        """Every token of every sequence, in order, each a row."""
        lengths = sequences.lengths
        owner = np.repeat(np.arange(len(lengths)), lengths)
        return cls.single(owner, ranges(np.zeros_like(lengths), lengths))

    def __len__(self) -> int:
        """How many rows."""
        return len(self.sequence)


class RowsBySequence:
    """The rows of a request, to be found by the sequences of a batch.

    Args:
        rows: What is requested.
        count: How many sequences there are.

    Attributes:
        used: Numbers of the sequences of which anything is requested.
    """

    def __init__(self, rows: RowRequest, count: int) -> None:
        self._rows = rows
        self._order = np.argsort(rows.sequence, kind="stable")
        self._starts = np.searchsorted(rows.sequence[self._order], np.arange(count + 1))
        self.used: Ints = np.flatnonzero(np.diff(self._starts))

    def select(self, batch: Ints, begins: Ints) -> tuple[Ints, Ints, Ints]:
        """The rows of a batch.

        Args:
            batch: Shape (batch,): numbers of its sequences.
            begins: Shape (batch,): where each of them begins in the batch, in tokens.

        Returns:
            Shape (rows,): their numbers, and how many tokens each joins; and shape (tokens,): the
            tokens, as they lie in the batch, those of a row side by side.
        """
        row_counts = self._starts[batch + 1] - self._starts[batch]
        numbers = self._order[ranges(self._starts[batch], row_counts)]
        counts = self._rows.starts[numbers + 1] - self._rows.starts[numbers]
        positions = self._rows.positions[ranges(self._rows.starts[numbers], counts)]
        offsets = np.repeat(np.repeat(begins, row_counts), counts)
        return numbers, counts, offsets + positions


class Batching(Enum):
    """What may stand in one batch without changing a text's numbers."""

    PADDED = "padded"
    PADDED_LEFT = "padded on the left"
    EQUAL_LENGTHS = "equal lengths"
    ALONE = "alone"

    def make_batches(self, lengths: Ints, *, budget: int) -> Iterator[Ints]:
        """Numbers of sequences, batch by batch, longest first.

        Args:
            lengths: Shape (sequences,): tokens of each sequence.
            budget: Tokens a batch may hold, padding counted.
        """
        if self is Batching.ALONE:
            budget = 1
        if self is not Batching.EQUAL_LENGTHS:
            yield from make_padded_batches(lengths, budget=budget)
            return
        for length in np.unique(lengths)[::-1].tolist():
            alike = np.flatnonzero(lengths == length)
            step = max(budget // max(length, 1), 1)
            yield from (alike[begin : begin + step] for begin in range(0, len(alike), step))

    def make_mask(self, lengths: Ints) -> Bools:
        """Shape (sequences, longest): where the tokens of a batch stand, padding left out."""
        mask = np.arange(int(lengths.max())) < lengths[:, None]
        return mask[:, ::-1].copy() if self is Batching.PADDED_LEFT else mask


def make_padded_batches(lengths: Ints, *, budget: int) -> Iterator[Ints]:
    """Numbers of sequences, batch by batch, longest first.

    So a batch pads little, and memory peaks at the start. Padded to its longest, it holds as many
    sequences as stay within the budget; at least one.

    Args:
        lengths: Shape (sequences,): tokens of each sequence.
        budget: Tokens a batch may hold, padding counted.
    """
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        longest = max(int(lengths[order[start]]), 1)
        stop = start + max(budget // longest, 1)
        yield order[start:stop]
        start = stop


def make_packed_batches(lengths: Ints, *, budget: int) -> Iterator[Ints]:
    """Numbers of sequences, batch by batch: longest first, nothing padded.

    Equal lengths lie side by side. A batch holds as many sequences as stay within the budget; at
    least one.

    Args:
        lengths: Shape (sequences,): tokens of each sequence.
        budget: Tokens a batch may hold.
    """
    order = np.argsort(-lengths, kind="stable")
    ends = np.cumsum(lengths[order])
    start = 0
    while start < len(order):
        before = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, before + budget, side="right")), start + 1)
        yield order[start:stop]
        start = stop
