"""Which rows a level has: one a unit, and one for a document that has none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlu_lite.common import Ints


@dataclass(frozen=True)
class Rows:
    """The rows of a frame, in the caller's order.

    Attributes:
        document: Shape (rows,): number of the document.
        unit: Shape (rows,): number of the word, sentence or chunk; -1 where the document has none.
    """

    document: Ints
    unit: Ints

    @classmethod
    def explode(cls, documents: int, unit_document: Ints) -> Rows:
        """One row a unit, and exactly one for a document without units, so that its key survives.

        Args:
            documents: How many there are.
            unit_document: Shape (units,), in order: the document of each unit.
        """
        counts = np.bincount(unit_document, minlength=documents)
        document = np.repeat(np.arange(documents), np.maximum(counts, 1))
        unit = np.full(len(document), -1, dtype=np.int64)
        unit[counts[document] > 0] = np.arange(len(unit_document))
        return cls(document=document, unit=unit)

    def __len__(self) -> int:
        """How many rows."""
        return len(self.unit)
