"""Where the chunks of documents are: by phrases, a function, or a column of phrases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from nlu_lite.errors import InputTypeError, OptionError
from nlu_lite.frame.units import Units
from nlu_lite.inputs import is_null
from nlu_lite.options import Spans
from nlu_lite.text import Segmentation, check_spans

# Phrases for all texts, a function from a text to its chunks' spans, or the name of a column that
# holds each text's own.
Chunks = Sequence[str] | Callable[[str], Spans] | str


def chunk_spans(
    chunks: Any,  # noqa: ANN401 - whatever the caller gave
    segmentation: Segmentation,
    column: Sequence[Any] | None,
) -> list[Spans]:
    """Where the chunks of each document are.

    A phrase is found at all its occurrences that begin where a word begins and end where a word
    ends; its spaces stand for any white space. What is not found gives no chunk.

    Args:
        chunks: Phrases for all documents, or a function from a text to half-open spans.
        segmentation: The documents.
        column: Instead, the phrase or phrases of each document.

    Raises:
        OptionError: ``chunks`` is neither phrases nor a function.
        InputTypeError: A cell of the column is neither a phrase nor several nor null.
        InputValueError: The function returned spans that are not in order, overlap or leave the
            text.
    """
    texts = segmentation.texts
    if callable(chunks):
        return [_function_spans(chunks, text) for text in texts]
    if column is None:
        patterns = [_patterns(chunks)] * len(texts)
    else:
        patterns = [_cell_patterns(cell, number) for number, cell in enumerate(column)]
    bounds = np.searchsorted(segmentation.word_document, np.arange(len(texts) + 1)).tolist()
    return [
        _phrase_spans(
            text_patterns,
            text,
            begins=set(segmentation.word_begin[first:last].tolist()),
            ends=set(segmentation.word_end[first:last].tolist()),
        )
        for text, text_patterns, first, last in zip(
            texts, patterns, bounds[:-1], bounds[1:], strict=True
        )
    ]


def _function_spans(function: Callable[[str], Spans], text: str) -> Spans:
    if not text or text.isspace():
        return []
    return check_spans(function(text), text, rule="chunks")


def _phrase_spans(
    patterns: Iterable[re.Pattern[str]], text: str, *, begins: set[int], ends: set[int]
) -> Spans:
    occurrences = {span for pattern in patterns for span in _occurrences(pattern, text)}
    return sorted(span for span in occurrences if span[0] in begins and span[1] in ends)


def _patterns(phrases: Any) -> list[re.Pattern[str]]:  # noqa: ANN401 - whatever the caller gave
    if isinstance(phrases, (str, bytes, dict)) or not isinstance(phrases, Iterable):
        raise OptionError(
            f"chunks is {phrases!r:.80}; valid are a list of phrases, a function, or the name of a "
            f"column."
        )
    listed = list(phrases)
    wrong = [phrase for phrase in listed if not isinstance(phrase, str) or not phrase.strip()]
    if wrong:
        raise OptionError(
            f"chunks holds {wrong[0]!r:.80}; every phrase must be a text that is not blank."
        )
    return [re.compile(r"\s+".join(map(re.escape, p.split()))) for p in dict.fromkeys(listed)]


def _cell_patterns(cell: Any, number: int) -> list[re.Pattern[str]]:  # noqa: ANN401
    if is_null(cell) or (isinstance(cell, str) and not cell.strip()):
        return []
    try:
        return _patterns([cell] if isinstance(cell, str) else cell)
    except OptionError as error:
        raise InputTypeError(
            f"Item {number} of the chunk column is neither a phrase nor a list of phrases: {error}"
        ) from error


def _occurrences(pattern: re.Pattern[str], text: str) -> Iterable[tuple[int, int]]:
    match = pattern.search(text)
    while match:
        yield match.span()
        match = pattern.search(text, match.start() + 1)


def chunk_units(segmentation: Segmentation, spans: Sequence[Spans]) -> Units:
    """Chunks as units, with the words that they overlap.

    Args:
        segmentation: The documents.
        spans: The half-open spans of each document, in order.
    """
    rows = [(number, *span) for number, of_text in enumerate(spans) for span in of_text]
    document, begin, end = np.array(rows, dtype=np.int64).reshape(-1, 3).T.copy()
    # Documents laid end to end, so that one search finds the words of all chunks.
    base = np.concatenate([[0], np.cumsum([len(text) + 1 for text in segmentation.texts])])
    offset = base[segmentation.word_document]
    first = np.searchsorted(segmentation.word_end + offset, begin + base[document], side="right")
    last = np.searchsorted(segmentation.word_begin + offset, end + base[document], side="left")
    counts = np.maximum(last - first, 0)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return Units(
        document=document,
        begin=begin,
        end=end,
        sentence=_sentence_before(segmentation, document, begin, base),
        words=np.arange(int(starts[-1])) + np.repeat(first - starts[:-1], counts),
        starts=starts,
    )


def _sentence_before(segmentation: Segmentation, document: Any, begin: Any, base: Any) -> Any:  # noqa: ANN401 - Ints
    """Shape (chunks,): the last sentence that begins at or before each chunk; -1 for none."""
    sentence_begin = segmentation.sentence_begin + base[segmentation.sentence_document]
    number = np.searchsorted(sentence_begin, begin + base[document], side="right") - 1
    is_of_document = number >= np.searchsorted(segmentation.sentence_document, document)
    return np.where(is_of_document, number, -1)
