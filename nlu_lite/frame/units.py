"""The units that a frame has rows for: words, sentences, documents, chunks, answers."""

from __future__ import annotations

from dataclasses import dataclass

from nlu_lite.common import Ints
from nlu_lite.text import Segmentation


@dataclass(frozen=True)
class Units:
    """Parts of documents, in order, and the words each is made of.

    Attributes:
        document: Shape (units,): number of the document.
        begin: Shape (units,): code point in the document's text where a unit begins.
        end: Shape (units,): where it ends, half-open.
        sentence: Shape (units,): number of the sentence it begins in, for chunks between two
            sentences the one before; -1 for documents, and where the document has no sentence up to
            there.
        words: Shape (memberships,): numbers of the words of each unit, side by side.
        starts: Shape (units + 1,): first position in ``words`` of each unit, and their number.
    """

    document: Ints
    begin: Ints
    end: Ints
    sentence: Ints
    words: Ints
    starts: Ints

    def __len__(self) -> int:
        """How many units."""
        return len(self.document)

    def texts(self, segmentation: Segmentation) -> list[str]:
        """The text of every unit."""
        spans = zip(self.document.tolist(), self.begin.tolist(), self.end.tolist(), strict=True)
        return [segmentation.texts[document][begin:end] for document, begin, end in spans]
