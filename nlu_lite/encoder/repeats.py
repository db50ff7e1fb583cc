"""Equal sentences with equal words: read once, their words' vectors handed to every place where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nlu_lite.common import Ints, ranges

# Words handed over at a time, so that the copies of a sentence that stands everywhere do not lie in
# memory twice.
MOST_WORDS = 65_536


@dataclass(frozen=True)
class Repeats:
    """Which sentences of a table are the same, words included.

    Attributes:
        sentences: Shape (different sentences,): number of the first of each.
        words: Shape (different words,): numbers of the words of those sentences, in order.
        sentence: Shape (sentences,): which of the different sentences each one is.
        word: Shape (words,): which of the different words each one is.
    """

    sentences: Ints
    words: Ints
    sentence: Ints
    word: Ints

    @classmethod
    def find(
        cls, sentences: Sequence[str], word_sentence: Ints, word_begin: Ints, word_end: Ints
    ) -> Repeats:
        """Compare sentences by their text and where their words stand.

        Args:
            sentences: The texts.
            word_sentence: Shape (words,), in order: number of the sentence that a word is in.
            word_begin: Shape (words,): code point in the sentence where it begins.
            word_end: Shape (words,): where it ends.
        """
        starts = np.searchsorted(word_sentence, np.arange(len(sentences) + 1))
        spans = np.stack([word_begin, word_end], axis=1)
        edges = zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
        numbers: dict[tuple[str, bytes], int] = {}
        keys = (
            (text, spans[begin:end].tobytes())
            for text, (begin, end) in zip(sentences, edges, strict=True)
        )
        sentence = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
        once = np.unique(sentence, return_index=True)[1].astype(np.int64)
        counts = np.diff(starts)
        firsts = np.cumsum(counts[once]) - counts[once]
        return cls(
            sentences=once,
            words=ranges(starts[once], counts[once]),
            sentence=sentence,
            word=ranges(firsts[sentence], counts),
        )

    def places(self, some: slice) -> Iterator[tuple[Ints, Ints | slice]]:
        """The words that are one of some different words, in portions; and which of these each one is, counted from the first.

        Args:
            some: A range of different words.
        """
        if len(self.words) == len(self.word):
            yield self.words[some], slice(None)
            return
        begin, end = np.searchsorted(self.word[self._order], [some.start, some.stop]).tolist()
        for at in range(begin, end, MOST_WORDS):
            words = self._order[at : min(at + MOST_WORDS, end)]
            yield words, self.word[words] - some.start

    @cached_property
    def _order(self) -> Ints:
        """Shape (words,): the words, equal ones side by side."""
        return np.argsort(self.word, kind="stable")
