"""Texts -> sentences and words with offsets, as flat arrays."""

from __future__ import annotations

import bisect
import operator
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from nlu_lite.common import Ints
from nlu_lite.errors import InputValueError
from nlu_lite.options import Spans, Splitter
from nlu_lite.text import sentences as sentence_rules

Document = str | tuple[str, ...] | None


@dataclass(frozen=True)
class Segmentation:
    """Documents cut into sentences and words.

    All offsets are code points of the document's text, half-open. Sentences are numbered through
    all documents, words too; both are in order.

    Attributes:
        texts: One text a document, empty for a null one. Split documents are their words joined by
            one space.
        sentence_document: Shape (sentences,): number of the document.
        sentence_begin: Shape (sentences,).
        sentence_end: Shape (sentences,).
        word_sentence: Shape (words,): number of the sentence.
        word_begin: Shape (words,).
        word_end: Shape (words,).
    """

    texts: list[str]
    sentence_document: Ints
    sentence_begin: Ints
    sentence_end: Ints
    word_sentence: Ints
    word_begin: Ints
    word_end: Ints

    @property
    def word_document(self) -> Ints:
        """Shape (words,): number of the document."""
        return self.sentence_document[self.word_sentence]

    def sentences(self) -> list[str]:
        """The text of every sentence."""
        return self._slices(self.sentence_document, self.sentence_begin, self.sentence_end)

    def words(self) -> list[str]:
        """The text of every word."""
        return self._slices(self.word_document, self.word_begin, self.word_end)

    def _slices(self, documents: Ints, begins: Ints, ends: Ints) -> list[str]:
        texts = self.texts
        rows = zip(documents.tolist(), begins.tolist(), ends.tolist(), strict=True)
        return [texts[document][begin:end] for document, begin, end in rows]


@dataclass(frozen=True)
class Segmenter:
    """The rules that cut a text.

    Args:
        words: From a text to its words' half-open spans.
        sentences: From a text to its sentences' half-open spans; None: the whole text is one.
        word_end: From a text, its words and a position to where a boundary there has to go so that
            it cuts no word. None: words are looked for in each sentence by itself, so that no
            boundary can cut one.
    """

    words: Splitter
    sentences: Splitter | None
    word_end: Callable[[str, Spans, int], int] | None

    def __call__(self, documents: Sequence[Document]) -> Segmentation:
        """Cut documents into sentences and words.

        A blank document has neither, a split one of blank words included. Words that no sentence
        reaches are left out; only functions and ``SparkSentences`` with parameters leave such gaps.

        Args:
            documents: Texts, already split texts (tuples of words), or None.

        Raises:
            InputValueError: A function given as rule returned spans that are not in order, overlap
                or leave the text.
        """
        texts: list[str] = []
        # Flat and of machine numbers: a million words would be a million tuples.
        sentence_rows, word_rows = array("q"), array("q")
        for number, document in enumerate(documents):
            if document is None:
                texts.append("")
                continue
            text, sentences, words = (
                self._split(document) if isinstance(document, tuple) else self._cut(document)
            )
            texts.append(text)
            first = len(sentence_rows) // 3
            for begin, end in sentences:
                sentence_rows.extend((number, begin, end))
            starts = [begin for begin, _ in sentences]
            for begin, end in words:
                place = bisect.bisect_right(starts, begin) - 1
                if place >= 0 and end <= sentences[place][1]:
                    word_rows.extend((first + place, begin, end))
        sentence_array = np.array(sentence_rows, dtype=np.int64).reshape(-1, 3)
        word_array = np.array(word_rows, dtype=np.int64).reshape(-1, 3)
        return Segmentation(texts, *sentence_array.T.copy(), *word_array.T.copy())

    def _split(self, words: tuple[str, ...]) -> tuple[str, Spans, Spans]:
        text = " ".join(words)
        if not text or text.isspace():
            return text, [], []
        spans = []
        begin = 0
        for word in words:
            spans.append((begin, begin + len(word)))
            begin += len(word) + 1
        return text, [(0, len(text))], spans

    def _cut(self, text: str) -> tuple[str, Spans, Spans]:
        if not text or text.isspace():
            return text, [], []
        found: Spans = [(0, len(text))] if self.sentences is None else self.sentences(text)
        sentences = check_spans(found, text, rule="sentences")
        if self.word_end is None:
            own = [(first, self.words(text[first:last])) for first, last in sentences]
            in_text = [(first + begin, first + end) for first, spans in own for begin, end in spans]
            return text, sentences, check_spans(in_text, text, rule="words")
        words = check_spans(self.words(text), text, rule="words")
        return (
            text,
            sentence_rules.around_words(
                text, sentences, words, partial(self.word_end, text, words)
            ),
            words,
        )


def check_spans(spans: object, text: str, *, rule: str) -> Spans:
    """Spans that a caller's function returned, as pairs of plain integers, if they are usable.

    Raises:
        InputValueError: They are not pairs of integers, empty, not in order, overlap, or leave the
            text.
    """
    try:
        pairs = [(operator.index(begin), operator.index(end)) for begin, end in spans]  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise InputValueError(
            f"The {rule} function must return pairs (begin, end) of whole numbers: {error}"
        ) from error
    reached = 0
    for begin, end in pairs:
        if not reached <= begin < end <= len(text):
            raise InputValueError(
                f"The {rule} function returned ({begin}, {end}) for a text of {len(text)} "
                f"characters, after a span that "
                f"ended at {reached}; spans are half-open, not empty, in order, without overlap, "
                f"inside the text."
            )
        reached = end
    return pairs
