"""Equal sentences with equal words are read once, and their vectors used for all of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from nlu_lite.common import Ints, ranges

# Words handed over at a time, so that the copies of a sentence that stands everywhere do not lie in
# memory twice.
MOST_WORDS = 65_536

Key = TypeVar("Key", bound=Hashable)


def find_distinct(items: Iterable[Key]) -> tuple[list[Key], Ints]:
    """The distinct items in order of appearance, and which of them each item is: shape (items,).

    Example:
        >>> distinct, number = find_distinct(["b", "a", "b"])
        >>> distinct, number.tolist()
        (['b', 'a'], [0, 1, 0])
    """
    numbers: dict[Key, int] = {}
    number = np.array([numbers.setdefault(item, len(numbers)) for item in items], dtype=np.int64)
    return list(numbers), number


@dataclass(frozen=True)
class Repeats:
    """Which sentences of a table are the same, words included.

    Attributes:
        sentences: Shape (distinct sentences,): number of the first of each.
        words: Shape (distinct words,): numbers of the words of those sentences, in order.
        sentence: Shape (sentences,): which of the distinct sentences each one is.
        word: Shape (words,): which of the distinct words each one is.
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
        _, sentence = find_distinct(
            (text, spans[begin:end].tobytes())
            for text, (begin, end) in zip(sentences, edges, strict=True)
        )
        originals = np.unique(sentence, return_index=True)[1].astype(np.int64)
        counts = np.diff(starts)
        word_starts = np.cumsum(counts[originals]) - counts[originals]
        return cls(
            sentences=originals,
            words=ranges(starts[originals], counts[originals]),
            sentence=sentence,
            word=ranges(word_starts[sentence], counts),
        )

    def occurrences(self, distinct: slice) -> Iterator[tuple[Ints, Ints | slice]]:
        """The words that are one of a range of distinct words, in portions.

        Args:
            distinct: The range.

        Yields:
            Shape (portion,): numbers of words; and which of the distinct words each one is, counted
            from the first of the range.
        """
        if len(self.words) == len(self.word):
            yield self.words[distinct], slice(None)
            return
        edges = [distinct.start, distinct.stop]
        begin, end = np.searchsorted(self.word[self._order], edges).tolist()
        for first in range(begin, end, MOST_WORDS):
            words = self._order[first : min(first + MOST_WORDS, end)]
            yield words, self.word[words] - distinct.start

    @cached_property
    def _order(self) -> Ints:
        """Shape (words,): the words, equal ones side by side."""
        return np.argsort(self.word, kind="stable")
