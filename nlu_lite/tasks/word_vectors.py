"""Task ``embed``: a vector of each word in its sentence; of other units those joined."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite.common import Floats
from nlu_lite.frame import (
    TOKEN,
    ColumnType,
    Level,
    UnitCollector,
    UnitResults,
    Units,
    UnitVectors,
    WordCollector,
)
from nlu_lite.options import VECTOR_OPTIONS
from nlu_lite.registry import WORD_VECTORS, Entry
from nlu_lite.tasks.direct import first_pieces
from nlu_lite.tasks.task import Spans, Task, UnitRequest

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan, Work


class WordVectorsTask(Task):
    """Vectors of words in context."""

    kind = WORD_VECTORS
    default_level = TOKEN
    options = VECTOR_OPTIONS

    def results(self, plan: Plan, request: UnitRequest) -> Work[UnitResults]:
        """Each unit's words joined, or a matrix of them."""
        units, words = request.units, len(request.segmentation.word_begin)
        is_one_word = _is_one_word_each(units, words)
        keeps_words = request.aggregate is None or is_one_word
        collector: Any = (
            WordCollector(words, plan.final_width)
            if keeps_words
            else UnitCollector(units, plan.final_width, str(request.aggregate))
        )
        reading = request.unit_reading((yield from request.read_words(plan, collector)))
        if not keeps_words:
            return UnitVectors(reading, collector.matrix, collector.present)
        if request.aggregate is None:
            return _matrices(units, collector, reading)
        # The units' order is the documents', so the matrix is the frame's column as it is.
        collector.matrix[~collector.present] = np.nan
        return UnitVectors(reading, collector.matrix, collector.present)

    def column_types(
        self,
        plan: Plan,
        column: str,
        *,
        level: Level,
        aggregate: str | None,
        has_own_units: bool,
    ) -> dict[str, ColumnType]:
        """One column of vectors; of matrices above words where their vectors are not joined."""
        lists = 2 if aggregate is None and level.joins_words else 1
        return {column: ColumnType("float32", lists=lists, width=plan.final_width)}

    def width(self, plan: Plan) -> int:
        """Numbers of a vector."""
        return plan.final_width

    def direct_results(
        self, folder: Path, entry: Entry, plan: Plan, text: str, spans: Spans
    ) -> Floats:
        """The last layer's states of each word's first piece."""
        from nlu_lite.encoder import run_plain_model

        states, offsets = run_plain_model(folder, entry, text)
        return first_pieces(states, offsets, text, spans)


def _is_one_word_each(units: Units, words: int) -> bool:
    return len(units) == words and np.array_equal(units.starts, np.arange(words + 1))


def _matrices(units: Units, collector: WordCollector, reading: Any) -> UnitVectors:  # noqa: ANN401 - UnitReading
    """The vectors of each unit's words, without the words that have none."""
    members = np.split(units.words, units.starts[1:-1]) if len(units) else []
    present_words = [words[collector.present[words]] for words in members]
    present = np.array([len(words) > 0 for words in present_words], dtype=np.bool_)
    return UnitVectors(reading, [collector.matrix[words] for words in present_words], present)
