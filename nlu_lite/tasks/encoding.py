"""Documents, units and a component -> one vector, or one matrix, a unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite.common import Bools, Ints
from nlu_lite.frame import UnitCollector, Units, UnitVectors, WordCollector
from nlu_lite.text import Segmentation, replace_surrogates

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan, Reading, Work


def of_words(
    plan: Plan,
    cut: Segmentation,
    units: Units,
    level: str,
    aggregate: str | None,
    progress: Callable[[int], object],
) -> Work[UnitVectors]:
    """Vectors of a word component: each unit's words joined.

    Args:
        plan: The component.
        cut: The documents.
        units: The rows wanted.
        level: Their level.
        aggregate: ``mean``, ``sum`` or ``max``; None: a matrix of the unit's words.
        progress: Called with the number of words done.
    """
    from nlu_lite.encoder import encode_words

    words = len(cut.word_begin)
    one_a_word = len(units) == words and np.array_equal(units.starts, np.arange(words + 1))
    keep_words = aggregate is None or one_a_word
    collector: Any = (
        WordCollector(words, plan.final_width)
        if keep_words
        else UnitCollector(units, plan.final_width, str(aggregate))
    )
    reading = yield from encode_words(
        plan,
        [replace_surrogates(sentence) for sentence in cut.sentences()],
        cut.word_sentence,
        cut.word_begin - cut.sentence_begin[cut.word_sentence],
        cut.word_end - cut.sentence_begin[cut.word_sentence],
        collector=collector,
        progress=progress,
    )
    matrix, present = collector.matrix, collector.present
    if one_a_word and aggregate is not None:
        # The level's own order of the words is the documents' order, so the matrix is the frame's
        # column as it is.
        matrix[~present] = np.nan
    elif keep_words:
        shown = (
            [own[present[own]] for own in np.split(units.words, units.starts[1:-1])]
            if len(units)
            else []
        )
        matrix, present = (
            [matrix[own] for own in shown],
            np.array([len(own) > 0 for own in shown], dtype=np.bool_),
        )
    return UnitVectors(matrix, present, *read_as(units, level, cut, reading))


def read_as(
    units: Units, level: str, cut: Segmentation, reading: Reading
) -> tuple[Ints, Ints, Bools]:
    """Pieces, windows and unknown pieces of each unit."""
    owner = np.repeat(np.arange(len(units)), np.diff(units.starts))
    unknown = np.bincount(owner, weights=reading.unknown[units.words], minlength=len(units)) > 0
    if level == "document":
        first, last = (
            np.searchsorted(cut.sentence_document, units.document, side=side)
            for side in ("left", "right")
        )
        pieces, windows = (
            np.concatenate([[0], np.cumsum(c)])
            for c in (reading.sentence_pieces, reading.sentence_windows)
        )
        return pieces[last] - pieces[first], windows[last] - windows[first], unknown
    if level == "sentence":
        return reading.sentence_pieces, reading.sentence_windows, unknown
    pieces = np.bincount(owner, weights=reading.pieces[units.words], minlength=len(units)).astype(
        np.int64
    )
    windows = np.append(reading.sentence_windows, 0)[
        units.sentence
    ]  # the last for chunks outside every sentence, -1
    return pieces, windows, unknown


def of_texts(
    plan: Plan, cut: Segmentation, units: Units, level: str, progress: Callable[[int], object]
) -> Work[UnitVectors]:
    """Vectors of a sentence component: the unit's own text, or for words the text of their sentence.

    Args:
        plan: The component.
        cut: The documents.
        units: The rows wanted.
        level: Their level.
        progress: Called with the number of texts done.
    """
    from nlu_lite.encoder import encode_texts

    texts = cut.sentences() if level == "token" else units.texts(cut)
    # Without the white space at their ends, as sentence-transformers takes them; byte-level models
    # would see it.
    found = yield from encode_texts(
        plan, [replace_surrogates(text).strip() for text in texts], progress=progress
    )
    at: Ints | slice = units.sentence if level == "token" else slice(None)
    return UnitVectors(
        found.matrix[at],
        np.ones(len(units), dtype=np.bool_),
        found.pieces[at],
        found.windows[at],
        None,
    )
