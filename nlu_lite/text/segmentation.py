"""Texts -> sentences and words with offsets, as flat arrays."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate, chain

import numpy as np

from nlu_lite.common import Ints
from nlu_lite.options import Spans, Splitter
from nlu_lite.text.sentences import fit_around_words, whole_text
from nlu_lite.text.spans import check_spans

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


class _SpanTable:
    """Spans of many documents, flat: a million words would be a million tuples otherwise."""

    def __init__(self) -> None:
        self._counts, self._offsets = array("q"), array("q")

    def append(self, spans: Spans) -> None:
        self._counts.append(len(spans))
        self._offsets.extend(chain.from_iterable(spans))

    def columns(self) -> tuple[Ints, Ints, Ints]:
        """Shape (spans,) each: number of the document, begin and end."""
        counts = np.array(self._counts, dtype=np.int64)
        begins, ends = np.array(self._offsets, dtype=np.int64).reshape(-1, 2).T.copy()
        return np.repeat(np.arange(len(counts)), counts), begins, ends


@dataclass(frozen=True)
class Segmenter:
    """The rules that cut a text.

    Args:
        words: From a text to its words' half-open spans.
        sentences: From a text to its sentences' half-open spans.
        unbreakable: From a text and its words to the spans that no boundary of a sentence may cut;
            each word lies inside one. None: words are looked for in each sentence by itself, so
            that no boundary can cut one.
    """

    words: Splitter
    sentences: Splitter
    unbreakable: Callable[[str, Spans], Spans] | None

    def __call__(self, documents: Iterable[Document]) -> Segmentation:
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
        sentences, words = _SpanTable(), _SpanTable()
        for document in documents:
            text, sentence_spans, word_spans = self._segment(document)
            texts.append(text)
            sentences.append(sentence_spans)
            words.append(word_spans)
        return _assemble(texts, sentences, words)

    def _segment(self, document: Document) -> tuple[str, Spans, Spans]:
        text = " ".join(document) if isinstance(document, tuple) else document or ""
        if not text.strip():
            return text, [], []
        if isinstance(document, tuple):
            return text, whole_text(text), _spans_of_joined(document)
        sentences = check_spans(self.sentences(text), text, rule="sentences")
        if self.unbreakable is None:
            return text, sentences, check_spans(self._words_in(text, sentences), text, rule="words")
        words = check_spans(self.words(text), text, rule="words")
        unbreakable = self.unbreakable(text, words)
        return text, fit_around_words(text, sentences, words, unbreakable), words

    def _words_in(self, text: str, sentences: Spans) -> Spans:
        """The words of each sentence by itself, as spans of the whole text."""
        return [
            (first + begin, first + end)
            for first, last in sentences
            for begin, end in self.words(text[first:last])
        ]


def _spans_of_joined(words: tuple[str, ...]) -> Spans:
    """Where words lie in the text that they make, joined by one space."""
    ends = accumulate(len(word) + 1 for word in words)
    return [(end - len(word) - 1, end - 1) for word, end in zip(words, ends, strict=True)]


def _assemble(texts: list[str], sentences: _SpanTable, words: _SpanTable) -> Segmentation:
    """Give each word its sentence, and leave out those that lie in none."""
    sentence_document, sentence_begin, sentence_end = sentences.columns()
    word_document, word_begin, word_end = words.columns()
    # In one row of all texts a word belongs to the last sentence that begins before it. Where there
    # is none, the number is -1 and means the last of the ends, which no word keeps within.
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
    word_start = starts[word_document]
    sentence_start = starts[sentence_document]
    word_sentence = (
        np.searchsorted(sentence_start + sentence_begin, word_start + word_begin, side="right") - 1
    )
    ends = np.append(sentence_start + sentence_end, -1)
    inside = word_start + word_end <= ends[word_sentence]
    return Segmentation(
        texts=texts,
        sentence_document=sentence_document,
        sentence_begin=sentence_begin,
        sentence_end=sentence_end,
        word_sentence=word_sentence[inside],
        word_begin=word_begin[inside],
        word_end=word_end[inside],
    )
