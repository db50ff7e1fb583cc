"""Task ``embed_sentence``: a vector of each unit's own text; for a word that of its sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlu_lite.common import Floats
from nlu_lite.frame import (
    SENTENCE,
    ColumnType,
    Level,
    UnitReading,
    UnitResults,
    UnitVectors,
)
from nlu_lite.options import VECTOR_OPTIONS
from nlu_lite.registry import TEXT_VECTORS, Entry
from nlu_lite.tasks.direct import pooled
from nlu_lite.tasks.task import Spans, Task, UnitRequest

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan, Work


class TextVectorsTask(Task):
    """Vectors of sentences, documents or chunks."""

    kind = TEXT_VECTORS
    default_level = SENTENCE
    options = VECTOR_OPTIONS

    def results(self, plan: Plan, request: UnitRequest) -> Work[UnitResults]:
        """The vector of each unit's text."""
        from nlu_lite.encoder import encode_texts

        texts, selection = request.of_whole_texts()
        vectors = yield from encode_texts(plan, texts.unit_texts(), progress=request.progress)
        reading = UnitReading(vectors.pieces[selection], vectors.windows[selection])
        present = np.ones(len(request.units), dtype=np.bool_)
        return UnitVectors(reading, vectors.matrix[selection], present)

    def column_types(
        self,
        plan: Plan,
        column: str,
        *,
        level: Level,
        aggregate: str | None,
        has_own_units: bool,
    ) -> dict[str, ColumnType]:
        """One column of vectors."""
        return {column: ColumnType("float32", lists=1, width=plan.final_width)}

    def width(self, plan: Plan) -> int:
        """Numbers of a vector."""
        return plan.final_width

    def direct_results(
        self, folder: Path, entry: Entry, plan: Plan, text: str, spans: Spans
    ) -> Floats:
        """A layer's states, the last unless the reference says another, joined as it says."""
        from nlu_lite.encoder import run_plain_model

        layer = plan.layers[0] - plan.loaded.encoder.layers - 1
        states, _ = run_plain_model(folder, entry, text, layer=layer)
        return plan.finish(pooled(plan, states))
