"""NLU's ``predict``: its levels and parameters, and the frame that they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite import frame
from nlu_lite.compat import facts
from nlu_lite.compat.columns import Column, DocumentUnits, LevelFrame
from nlu_lite.compat.documents import read_documents
from nlu_lite.compat.entities import entity_rows, gives_entities
from nlu_lite.errors import OptionError
from nlu_lite.frame import DOCUMENT, SENTENCE, TOKEN, Level, confidence_column, level_named
from nlu_lite.inputs import ORIGIN_INDEX

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.pipeline import Pipeline

# From the coarsest to the finest. At each level NLU finds the units of it and of those before.
_LEVELS = (DOCUMENT, SENTENCE, TOKEN)
_METADATA = "of NLU's keys there are _origin_sentence and _is_OOV; pieces are not numbered"


@dataclass(frozen=True, kw_only=True)
class PredictOptions:
    """The parameters of NLU's ``predict`` that have an effect, by NLU's names.

    Raises:
        OptionError: There is no such level.
    """

    output_level: str
    positions: bool
    keep_stranger_features: bool
    metadata: bool
    drop_irrelevant_cols: bool
    get_embeddings: bool

    def __post_init__(self) -> None:
        if self.output_level not in facts.LEVELS:
            raise OptionError(
                f"output_level is {self.output_level!r}; valid are {', '.join(facts.LEVELS)}."
            )

    @property
    def level(self) -> Level:
        """What a row stands for: a word, a sentence or a document."""
        return level_named(facts.LEVELS[self.output_level])

    @property
    def shows_all_units(self) -> bool:
        """Whether units of other levels than the rows are shown, and the index as a column."""
        return self.metadata or not self.drop_irrelevant_cols

    @property
    def shows_entities(self) -> bool:
        """Whether a row is an entity, where a component finds them."""
        return self.output_level == "chunk"

    def differences(self, columns: Sequence[Column]) -> dict[str, str]:
        """The parameters that do less than in NLU, and what is different.

        Args:
            columns: Of the components.
        """
        differences = {}
        if self.metadata:
            differences["metadata"] = _METADATA
        has_entities = self.shows_entities and any(map(gives_entities, columns))
        if self.output_level != self.level.name and not has_entities:
            differences["output_level"] = facts.LEVEL_OF_DOCUMENTS.format(level=self.output_level)
        return differences


def predict_rows(
    pipeline: Pipeline,
    columns: Sequence[Column],
    options: PredictOptions,
    data: Any,  # noqa: ANN401 - many kinds, see nlu_lite.inputs
) -> pd.DataFrame:
    """The frame of a pipeline that gives vectors, labels or texts, as of ``NLUPipeline.predict``.

    Raises:
        InputTypeError: The data or an item of it is of a kind that is not accepted.
    """
    inputs = read_documents(data, index_column=options.shows_all_units)
    vectors = _vector_columns(columns, options)
    others = [column for column in columns if not column.component.gives_vectors]
    entities = [column for column in others if options.shows_entities and gives_entities(column)]
    row_pipeline = pipeline.with_components([])
    source = pipeline if vectors or others else row_pipeline
    rows = source.predict(
        inputs.documents,
        options.level.name,
        aggregate=None,
        positions=options.positions,
        metadata=True,
    )
    level_frame = LevelFrame(
        level=options.level, rows=rows, units=DocumentUnits(row_pipeline, inputs.documents)
    )
    units: set[Level] = set(_LEVELS[: _LEVELS.index(options.level) + 1])
    if any(column.component.reads_words for column in columns):
        units.add(TOKEN)
    result_columns = _result_columns(level_frame, units, vectors, options)
    for column in others:
        if column in entities:
            continue
        result_columns |= level_frame.plain_columns(column)
    document = level_frame.document
    if entities:
        repeated, of_entities = entity_rows(level_frame, entities, positions=options.positions)
        result_columns = {name: cells[repeated] for name, cells in result_columns.items()}
        result_columns |= of_entities
        document = document[repeated]
    if options.shows_all_units:
        index = inputs.index.to_flat_index().take(document)
        result_columns[ORIGIN_INDEX] = index.to_numpy()
    result = frame.assemble(
        inputs,
        frame.Rows(document=document, unit=document),
        result_columns,
        keep=options.keep_stranger_features,
        repeats_text=False,
    )
    order = np.argsort([str(name) for name in result.columns], kind="stable")
    result = result.iloc[:, order]
    result.attrs = rows.attrs | {
        "columns": " ".join(column.name for column in vectors),
        "level": options.output_level,
    }
    return result


def predict_answers(
    pipeline: Pipeline,
    column: Column,
    options: PredictOptions,
    data: Any,  # noqa: ANN401 - pairs of a question and a context
) -> pd.DataFrame:
    """The frame of a pipeline that answers questions: a row a question, whatever the level."""
    result = pipeline.predict(
        data,
        positions=options.positions,
        metadata=options.metadata,
        keep=options.keep_stranger_features,
    )
    names = {
        column.source: column.name,
        confidence_column(column.source): confidence_column(column.name),
    }
    return result.rename(columns=names)


def find_matrices(columns: Sequence[Column], options: PredictOptions) -> dict[str, bool]:
    """The names of the vector columns that are asked for, and whether their cells are matrices."""
    vectors = _vector_columns(columns, options)
    return {column.name: column.unit(options.level) is not options.level for column in vectors}


def _vector_columns(columns: Sequence[Column], options: PredictOptions) -> list[Column]:
    """The columns of vectors that are asked for."""
    if not options.get_embeddings:
        return []
    return [column for column in columns if column.component.gives_vectors]


def _result_columns(
    level_frame: LevelFrame, units: set[Level], vectors: list[Column], options: PredictOptions
) -> dict[str, Any]:
    """The units, the vectors, and what else is asked for about them; shapes (rows,)."""
    columns = units if options.shows_all_units else {options.level}
    result: dict[str, Any] = {unit.name: level_frame.unit_column(unit) for unit in columns}
    result |= {column.name: level_frame.vector_column(column) for column in vectors}
    if options.positions:
        named_units: dict[str, Level] = {unit.name: unit for unit in units}
        named_units |= {column.name: column.unit(options.level) for column in vectors}
        for name, unit in named_units.items():
            result |= level_frame.position_columns(name, unit)
    if options.metadata:
        result |= level_frame.metadata_columns(vectors)
    return result
