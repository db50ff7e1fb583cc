"""Word vectors, block by block -> the vectors of units, without keeping what is not shown."""

from __future__ import annotations

import numpy as np

from nlu_lite.common import Bools, Floats, Ints, ranges
from nlu_lite.frame.units import Units


class WordCollector:
    """Keeps every word's vector.

    Args:
        words: How many there are.
        width: Numbers of a vector.
    """

    def __init__(self, words: int, width: int) -> None:
        self.matrix = np.empty((words, width), dtype=np.float32)
        self.present = np.zeros(words, dtype=np.bool_)

    def add(self, words: Ints, vectors: Floats, present: Bools) -> None:
        """Take the vectors of some words; every word comes once.

        Args:
            words: Which ones.
            vectors: Shape (words given, width); taken over, not copied, where they are all there
                are.
            present: Shape (words given,): whether each has a vector.
        """
        if len(words) == len(self.matrix) and np.array_equal(words, np.arange(len(words))):
            self.matrix = vectors
        else:
            self.matrix[words] = vectors
        self.present[words] = present


class UnitCollector:
    """Joins the vectors of each unit's words.

    Args:
        units: The units.
        width: Numbers of a vector.
        how: ``mean``, ``sum`` or ``max`` over the words that have a vector.
    """

    def __init__(self, units: Units, width: int, how: str) -> None:
        self._units = units
        self._how = how
        self._owner = np.repeat(np.arange(len(units)), np.diff(units.starts))
        # Units of chunks may overlap, so that memberships are not always in the order of the words.
        self._order = np.argsort(units.words, kind="stable")
        self._sorted_words = units.words[self._order]
        self._counts = np.zeros(len(units), dtype=np.int64)
        # Sums of many float32 numbers need the longer format: a document may have 100,000 words.
        self._total = np.full(
            (len(units), width), -np.inf if how == "max" else 0.0, dtype=np.float64
        )

    def add(self, words: Ints, vectors: Floats, present: Bools) -> None:
        """Take the vectors of some words; see ``WordCollector``."""
        rows = np.flatnonzero(present)
        begin, end = (
            np.searchsorted(self._sorted_words, words[rows], side=side)
            for side in ("left", "right")
        )
        members = self._order[ranges(begin, end - begin)]
        if not len(members):
            return
        rows = np.repeat(rows, end - begin)
        by_owner = np.argsort(self._owner[members], kind="stable")
        owners = self._owner[members][by_owner]
        firsts = np.flatnonzero(np.concatenate([[True], np.diff(owners) != 0]))
        join = np.maximum if self._how == "max" else np.add
        joined = join.reduceat(vectors[rows[by_owner]], firsts, axis=0, dtype=np.float64)
        first_owners = owners[firsts]
        self._total[first_owners] = join(self._total[first_owners], joined)
        self._counts[first_owners] += np.diff(np.append(firsts, len(members)))

    @property
    def present(self) -> Bools:
        """Shape (units,): whether any word of the unit has a vector."""
        return np.asarray(self._counts > 0)

    @property
    def matrix(self) -> Floats:
        """Shape (units, width), float32; NaN where no word has a vector."""
        total = self._total
        if self._how == "mean":
            total = total / np.maximum(self._counts, 1)[:, None]
        result = total.astype(np.float32)
        result[~self.present] = np.nan
        return result
