"""The units that a level has a row for: words, sentences, documents or chunks, and the words each is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nlu_lite.common import Ints
from nlu_lite.errors import InputTypeError, OptionError
from nlu_lite.inputs import is_null
from nlu_lite.options import Spans
from nlu_lite.text import Segmentation, check_spans

Level = Literal["token", "sentence", "document", "chunk"]
LEVELS: tuple[str, ...] = ("token", "sentence", "document", "chunk")
AGGREGATES = ("mean", "sum", "max")
# Phrases for all texts, a function from a text to its chunks' spans, or the name of a column that
# holds each text's own.
Chunks = Sequence[str] | Callable[[str], Spans] | str


@dataclass(frozen=True)
class Units:
    """The units of a level, in order.

    Attributes:
        document: Shape (units,): number of the document.
        begin: Shape (units,): code point in the document's text where a unit begins.
        end: Shape (units,): where it ends, half-open.
        sentence: Shape (units,): number of the sentence it begins in, for chunks between two
            sentences the one before; -1 for documents, and where the document has no sentence up to
            there.
        words: Shape (memberships,): numbers of the words of each unit, side by side.
        starts: Shape (units + 1,): first place in ``words`` of each unit, and their number.
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

    def texts(self, cut: Segmentation) -> list[str]:
        """The text of every unit."""
        rows = zip(self.document.tolist(), self.begin.tolist(), self.end.tolist(), strict=True)
        return [cut.texts[document][begin:end] for document, begin, end in rows]


def units_of(level: str, cut: Segmentation, spans: list[Spans] | None = None) -> Units:
    """The units of a level.

    Args:
        level: One of ``LEVELS``.
        cut: The documents.
        spans: For chunks: the half-open spans of each document, in order.
    """
    words = np.arange(len(cut.word_begin))
    if level == "token":
        starts = np.arange(len(words) + 1)
        return Units(
            cut.word_document, cut.word_begin, cut.word_end, cut.word_sentence, words, starts
        )
    if level == "sentence":
        numbers = np.arange(len(cut.sentence_begin))
        starts = np.searchsorted(cut.word_sentence, np.arange(len(numbers) + 1))
        return Units(
            cut.sentence_document, cut.sentence_begin, cut.sentence_end, numbers, words, starts
        )
    if level == "document":
        some = np.array(
            [n for n, text in enumerate(cut.texts) if text and not text.isspace()], dtype=np.int64
        )
        ends = np.array([len(cut.texts[n]) for n in some.tolist()], dtype=np.int64)
        starts = np.append(np.searchsorted(cut.word_document, some), len(words))
        return Units(some, np.zeros_like(some), ends, np.full_like(some, -1), words, starts)
    return _chunk_units(cut, spans or [])


def _chunk_units(cut: Segmentation, spans: list[Spans]) -> Units:
    rows = [(document, begin, end) for document, own in enumerate(spans) for begin, end in own]
    document, begin, end = np.array(rows, dtype=np.int64).reshape(-1, 3).T.copy()
    # Documents laid end to end, so that one search finds the words of all chunks.
    base = np.concatenate([[0], np.cumsum([len(text) + 1 for text in cut.texts])])
    offset = base[cut.word_document]
    first = np.searchsorted(cut.word_end + offset, begin + base[document], side="right")
    last = np.searchsorted(cut.word_begin + offset, end + base[document], side="left")
    counts = np.maximum(last - first, 0)
    starts = np.concatenate([[0], np.cumsum(counts)])
    words = np.arange(int(starts[-1])) + np.repeat(first - starts[:-1], counts)
    found = (
        np.searchsorted(
            cut.sentence_begin + base[cut.sentence_document], begin + base[document], side="right"
        )
        - 1
    )
    sentence = np.where(found >= np.searchsorted(cut.sentence_document, document), found, -1)
    return Units(document, begin, end, sentence, words, starts)


def chunk_spans(chunks: Any, cut: Segmentation, column: Sequence[Any] | None) -> list[Spans]:  # noqa: ANN401
    """Where the chunks of each document are.

    A phrase is found at all its occurrences that begin where a word begins and end where a word
    ends; its spaces stand for any white space. What is not found gives no chunk.

    Args:
        chunks: Phrases for all documents, or a function from a text to half-open spans.
        cut: The documents.
        column: Instead, the phrase or phrases of each document.

    Raises:
        OptionError: ``chunks`` is neither phrases nor a function.
        InputTypeError: A cell of the column is neither a phrase nor several nor null.
        InputValueError: The function returned spans that are not in order, overlap or leave the
            text.
    """
    if callable(chunks):
        return [
            [] if not text or text.isspace() else check_spans(chunks(text), text, rule="chunks")
            for text in cut.texts
        ]
    if column is None:
        patterns = [_patterns(chunks)] * len(cut.texts)
    else:
        patterns = [_patterns_of_cell(cell, place) for place, cell in enumerate(column)]
    bounds = np.searchsorted(cut.word_document, np.arange(len(cut.texts) + 1))
    found: list[Spans] = []
    for text, own, first, last in zip(
        cut.texts, patterns, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True
    ):
        begins = set(cut.word_begin[first:last].tolist())
        ends = set(cut.word_end[first:last].tolist())
        spans = {
            span
            for pattern in own
            for span in _occurrences(pattern, text)
            if span[0] in begins and span[1] in ends
        }
        found.append(sorted(spans))
    return found


def _patterns(phrases: Any) -> list[re.Pattern[str]]:  # noqa: ANN401 - whatever the caller gave
    if isinstance(phrases, (str, bytes, dict)) or not isinstance(phrases, Iterable):
        raise OptionError(
            f"chunks is {phrases!r:.80}; valid are a list of phrases, a function, or the name of a "
            f"column."
        )
    listed = list(phrases)
    if wrong := [phrase for phrase in listed if not isinstance(phrase, str) or not phrase.strip()]:
        raise OptionError(
            f"chunks holds {wrong[0]!r:.80}; every phrase must be a text that is not blank."
        )
    return [
        re.compile(r"\s+".join(map(re.escape, phrase.split()))) for phrase in dict.fromkeys(listed)
    ]


def _patterns_of_cell(cell: Any, place: int) -> list[re.Pattern[str]]:  # noqa: ANN401
    if is_null(cell) or (isinstance(cell, str) and not cell.strip()):
        return []
    try:
        return _patterns([cell] if isinstance(cell, str) else cell)
    except OptionError as error:
        raise InputTypeError(
            f"Item {place} of the chunk column is neither a phrase nor a list of phrases: {error}"
        ) from error


def _occurrences(pattern: re.Pattern[str], text: str) -> Iterable[tuple[int, int]]:
    match = pattern.search(text)
    while match:
        yield match.span()
        match = pattern.search(text, match.start() + 1)
