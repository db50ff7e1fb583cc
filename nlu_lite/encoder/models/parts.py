"""Long texts -> pieces: parts that overlap, joined where neighbours agree.

A tokenizer keeps about 600 bytes a piece while it works, so a long text goes in by parts. What a
tokenizer does at the two ends of a text it also does at the ends of a part: it puts a space in
front, strips white space, or finds half a word. So parts overlap. Two neighbours are joined at a
piece of the overlap where both have had the same pieces for a while, and what each makes of its end
is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np

from nlu_lite.common import Bools, Ints

# Code points that a part reaches beyond its own on either side.
OVERLAP = 256
# Pieces, and code points, that two parts must have in common on either side of where they are
# joined.
COMMON = 8
# In place of the number of a piece; not one less than a number.
_MISSING = -2


@dataclass(frozen=True)
class PartRules:
    """How long texts are cut.

    Attributes:
        part: Code points of a part without its overlaps.
        call: Code points of all that goes into one call.
        overlap: Code points that a part reaches beyond its own, half of ``part`` at most.
        overlap: Code points that a part reaches beyond its own, half of ``part`` at most.
        common: Pieces, and code points, that two parts must have in common on either side of where
            they are joined.
        at_words: Whether parts are joined where a word begins and nowhere else, as long as they fit
            into a call.
    """

    part: int
    call: int
    overlap: int = OVERLAP
    common: int = COMMON
    at_words: bool = False


@dataclass(frozen=True)
class Part:
    """The pieces of a stretch of a text.

    Attributes:
        begin: Code point of the text where the stretch begins.
        end: Where it ends, half-open.
        ids: Shape (pieces,): vocabulary ids.
        spans: Shape (pieces, 2): where each begins and ends in the text, in code points.
        begins_word: Shape (pieces,): whether the piece is the first of what the tokenizer takes for
            a word.
    """

    begin: int
    end: int
    ids: Ints
    spans: Ints
    begins_word: Bools

    def select(self, pieces: slice) -> Part:
        """Some of the pieces, of the same stretch."""
        return Part(
            self.begin, self.end, self.ids[pieces], self.spans[pieces], self.begins_word[pieces]
        )


EncodeBatch = Callable[[list[str]], Sequence[Any]]


def make_part(encoding: Any, begin: int, end: int) -> Part:  # noqa: ANN401 - tokenizers.Encoding
    """The pieces of a stretch of a text, as the library has them."""
    words = np.array(encoding.word_ids, dtype=np.float64)  # NaN for none
    return Part(
        begin=begin,
        end=end,
        ids=np.array(encoding.ids, dtype=np.int64),
        spans=read_spans(encoding) + begin,
        begins_word=np.diff(words, prepend=-1) != 0,
    )


def read_spans(encoding: Any) -> Ints:  # noqa: ANN401 - tokenizers.Encoding
    """Where pieces begin and end, shape (pieces, 2), in code points."""
    offsets = encoding.offsets
    # Half the time of np.array, which is much of all there is to do for short texts.
    flat = np.fromiter(chain.from_iterable(offsets), dtype=np.int64, count=2 * len(offsets))
    return flat.reshape(-1, 2)


def encode_long_text(text: str, encode: EncodeBatch, rules: PartRules) -> Part:
    """The pieces of a text of any length, as if it had been read at once.

    A run that gives no place to join at, such as megabytes without a space, is read at once up to
    ``rules.call`` code points, and cut where it must be beyond.

    Args:
        text: Without lone surrogates, not empty.
        encode: From texts to encodings without special pieces.
        rules: How it is cut.
    """
    parts: list[Part] = []
    begin = 0
    while begin < len(text):
        parts.append(_Reader(text, begin, encode, rules).read())
        begin = parts[-1].end
    return _concatenate(parts)


def _concatenate(parts: Sequence[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    return Part(
        begin=parts[0].begin,
        end=parts[-1].end,
        ids=np.concatenate([part.ids for part in parts]),
        spans=np.concatenate([part.spans for part in parts]),
        begins_word=np.concatenate([part.begins_word for part in parts]),
    )


class _Reader:
    """Reads a text from a place on, up to its end or to where it must be cut.

    The text is a row of cells of ``rules.part`` code points. A part is some neighbouring cells
    and an overlap at either side.
    """

    def __init__(self, text: str, begin: int, encode: EncodeBatch, rules: PartRules) -> None:
        self._text = text
        self._begin = begin
        self._encode = encode
        self._rules = rules
        self._overlap = min(rules.overlap, rules.part // 2)
        self._cells = -(-(len(text) - begin) // rules.part)
        self._most_cells = max((rules.call - 2 * self._overlap) // rules.part, 1)
        # The first cell of each part that was taken, and the part.
        self._taken: list[tuple[int, Part]] = []
        # Where each is joined to the next: pieces of the one that count, first one of the other.
        self._joints: list[tuple[int, int]] = []

    def read(self) -> Part:
        """The pieces up to the end of the text, or to where it was cut."""
        cell = 0
        ahead: dict[int, Part] = {}
        while cell < self._cells:
            if cell not in ahead:
                ahead = self._read_ahead(cell)
            end = self._take(cell, ahead.pop(cell))
            if end is None:
                break
            cell = end
        return self._collect()

    def _read_ahead(self, cell: int) -> dict[int, Part]:
        """Some parts of one cell each, by their cells, read in one call."""
        cells = range(cell, min(cell + self._most_cells, self._cells))
        stretches = [self._stretch(number, number + 1) for number in cells]
        encodings = self._encode([self._text[begin:end] for begin, end in stretches])
        return {
            number: make_part(encoding, *stretch)
            for number, encoding, stretch in zip(cells, encodings, stretches, strict=True)
        }

    def _stretch(self, first: int, last: int) -> tuple[int, int]:
        """Where a part of the cells from ``first`` to before ``last`` begins and ends."""
        begin = self._begin + first * self._rules.part - self._overlap
        end = self._begin + last * self._rules.part + self._overlap
        return max(begin, self._begin), min(end, len(self._text))

    def _take(self, cell: int, part: Part) -> int | None:
        """Join a part of one cell to those before; where they do not agree, read both at once.

        Returns:
            The next cell; None if the text had to be cut.
        """
        first, last = cell, cell + 1
        while not self._append(first, part, at_words=self._rules.at_words):
            before, _ = self._taken[-1]
            most = before + self._most_cells
            if last > most:
                if self._append(first, part, at_words=False):
                    return last
                self._pop()
                self._cut(before, self._find_cut(before, self._begin + most * self._rules.part))
                return None
            self._pop()
            # Twice as many cells, so that text that never agrees is not read over and over.
            last = min(max(last, before + 2 * (first - before)), most, self._cells)
            first = before
            part = self._read_stretch(*self._stretch(first, last))
        return last

    def _append(self, cell: int, part: Part, *, at_words: bool) -> bool:
        """Append a part that agrees with the last one; False, and nothing done, if it does not."""
        if self._taken:
            joint = find_joint(
                self._taken[-1][1], part, common=self._rules.common, at_words=at_words
            )
            if joint is None:
                return False
            self._joints.append(joint)
        self._taken.append((cell, part))
        return True

    def _pop(self) -> tuple[int, Part]:
        if self._joints:
            self._joints.pop()
        return self._taken.pop()

    def _cut(self, cell: int, end: int) -> None:
        """End the text at a place, by a part that begins with a cell."""
        begin, _ = self._stretch(cell, cell + 1)
        while not self._append(cell, self._read_stretch(begin, end), at_words=False):
            end = self._find_cut(cell - 1, self._begin + cell * self._rules.part)
            cell, part = self._pop()
            begin = part.begin

    def _find_cut(self, cell: int, end: int) -> int:
        """Where the last run of white space before ``end`` begins; ``end`` if there is none."""
        begin = self._begin + cell * self._rules.part
        return _find_last_white_space(self._text, begin + 1, end)

    def _read_stretch(self, begin: int, end: int) -> Part:
        (encoding,) = self._encode([self._text[begin:end]])
        return make_part(encoding, begin, end)

    def _collect(self) -> Part:
        firsts = [0, *(first for _, first in self._joints)]
        ends: list[int | None] = [*(end for end, _ in self._joints), None]
        return _concatenate(
            [
                part.select(slice(first, end))
                for (_, part), first, end in zip(self._taken, firsts, ends, strict=True)
            ]
        )


def find_joint(left: Part, right: Part, *, common: int, at_words: bool) -> tuple[int, int] | None:
    """Where two parts that overlap are joined.

    That is at the begin of a word if there is one, in the middle of pieces that both have.

    Args:
        left: The part in front.
        right: The part behind.
        common: As in ``PartRules``.
        at_words: Whether it must be where a word begins.

    Returns:
        The number of pieces of ``left`` that count, and of the first one of ``right`` that does;
        None where they do not agree.
    """
    start = int(np.searchsorted(left.spans[:, 0], right.begin))
    stop = int(np.searchsorted(right.spans[:, 1], left.end, side="right"))
    numbers = {key: number for number, key in enumerate(_make_keys(right, slice(stop)))}
    counterparts = [numbers.get(key, _MISSING) for key in _make_keys(left, slice(start, None))]
    joints = [
        (start + number, counterparts[number])
        for begin, end in _find_runs(counterparts)
        for number in _select_inner(left.spans[start + begin : start + end], begin, common)
    ]
    words = [
        joint for joint in joints if left.begins_word[joint[0]] and right.begins_word[joint[1]]
    ]
    if not at_words:
        words = words or joints
    if not words:
        return None
    middle = (right.begin + left.end) // 2
    return min(words, key=lambda joint: abs(int(left.spans[joint[0], 0]) - middle))


def _make_keys(part: Part, pieces: slice) -> list[tuple[int, int, int, bool]]:
    """What makes a piece the same in two parts: its id, where it stands, whether a word begins."""
    begins, ends = part.spans[pieces].T.tolist()
    words = part.begins_word[pieces].tolist()
    return list(zip(part.ids[pieces].tolist(), begins, ends, words, strict=True))


def _find_runs(counterparts: list[int]) -> list[tuple[int, int]]:
    """Runs of pieces that the other part has too, one after the other; half-open.

    Args:
        counterparts: Of each piece in the other part; ``_MISSING`` where it is not in it.
    """
    numbers = np.array(counterparts, dtype=np.int64)
    is_first = (numbers >= 0) & (np.diff(numbers, prepend=_MISSING) != 1)
    is_first[numbers < 0] = True
    firsts = np.append(np.flatnonzero(is_first), len(counterparts)).tolist()
    return [(begin, end) for begin, end in pairwise(firsts) if counterparts[begin] >= 0]


def _select_inner(spans: Ints, begin: int, common: int) -> list[int]:
    """The pieces of a run that have enough of it on either side.

    Args:
        spans: Shape (pieces, 2): where the pieces of the run stand.
        begin: Number of the first.
        common: As in ``PartRules``.
    """
    inner = spans[common : len(spans) - common, 0]
    is_inside = (inner - spans[0, 0] >= common) & (spans[-1, 1] - inner >= common)
    numbers: list[int] = (np.flatnonzero(is_inside) + begin + common).tolist()
    return numbers


def _find_last_white_space(text: str, begin: int, end: int) -> int:
    """Where the last run of white space in ``text[begin:end]`` begins; ``end`` if there is none."""
    for position in range(end - 1, begin - 1, -1):
        if text[position].isspace() and not text[position - 1].isspace():
            return position
    return end
