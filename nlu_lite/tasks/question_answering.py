"""Task ``question_answering``: the part of a context that answers a question."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite.common import Bools, Floats, Ints
from nlu_lite.errors import InputTypeError, InputValueError, OptionError
from nlu_lite.frame import (
    DOCUMENT,
    ColumnType,
    DocumentLevel,
    Level,
    Rows,
    UnitReading,
    UnitResults,
    Units,
    confidence_column,
    strings,
)
from nlu_lite.inputs import Inputs, is_null, read
from nlu_lite.registry import QUESTION_ANSWERING
from nlu_lite.tasks.task import Task, UnitRequest
from nlu_lite.text import Segmentation, replace_surrogates

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan, Work

# Between a question and its context in one text, as NLU has it.
SEPARATOR = "|||"
QUESTION, CONTEXT = "question", "context"


@dataclass(frozen=True)
class QuestionPairs(Inputs):
    """Questions and their contexts; the contexts are the documents.

    Attributes:
        questions: One a context; None where there is none.
    """

    questions: tuple[str | None, ...] = ()

    @classmethod
    def of(cls, contexts: Inputs, questions: Sequence[str | None]) -> QuestionPairs:
        """The pairs of some contexts with their questions."""
        return cls(**vars(contexts), questions=tuple(questions))

    def are_whole(self) -> Bools:
        """Shape (pairs,): whether both have something in them."""
        pairs = zip(self.questions, self.documents, strict=True)
        whole = [_is_text(question) and _is_text(context) for question, context in pairs]
        return np.array(whole, dtype=np.bool_)


def _is_text(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip())


class AnswerLevel(DocumentLevel):
    """A row a pair: its question, its context, and where in the context the answer stands."""

    repeats_text = True  # the context has a column of its own

    def text_columns(
        self, inputs: Inputs, segmentation: Segmentation, units: Units, rows: Rows
    ) -> dict[str, Any]:
        """The question and the context."""
        assert isinstance(inputs, QuestionPairs), "read by this task"
        contexts: Sequence[Any] = inputs.documents
        return {QUESTION: strings(inputs.questions), CONTEXT: strings(contexts)}

    def is_without_position(self, units: Units) -> Bools:
        """Where the answer is that there is none."""
        return np.asarray(units.begin == units.end)


ANSWER = AnswerLevel()


@dataclass(frozen=True)
class UnitAnswers(UnitResults):
    """The answer of each whole pair.

    Attributes:
        texts: One a unit; None where there is none.
        confidence: Shape (units,), float32.
    """

    texts: tuple[str | None, ...]
    confidence: Floats

    def columns(self, name: str, unit: Ints) -> dict[str, Any]:
        """The answers and their confidences."""
        texts = [*self.texts, None]  # the last for rows without a unit, number -1
        confidence = np.append(self.confidence, np.float32(np.nan))
        return {
            name: strings([texts[number] for number in unit.tolist()]),
            confidence_column(name): confidence[unit],
        }


class QuestionAnsweringTask(Task):
    """Answers to questions about contexts."""

    kind = QUESTION_ANSWERING
    default_level = DOCUMENT
    options = ("labels",)
    takes_texts = False
    finds = ("answering", "questions")

    def read(self, data: Any, text: Hashable | None) -> QuestionPairs:  # noqa: ANN401 - many kinds
        """The pairs of what a caller hands in.

        Args:
            data: Pairs of a question and its context, a frame with columns ``question`` and
                ``context``, or texts of the form ``question|||context`` in whatever ``predict``
                takes.
            text: The column of such texts.

        Raises:
            InputTypeError: It is something else.
            InputValueError: A text has no ``|||``.
        """
        columns: Any = getattr(data, "columns", None)
        if columns is not None and text is None and {QUESTION, CONTEXT} <= set(columns):
            return _pairs_of_frame(data)
        items = [data] if _is_pair(data) else data
        if isinstance(items, (list, tuple)) and any(isinstance(item, tuple) for item in items):
            return _pairs_of_items(items)
        return _pairs_of_texts(read(items, text))

    def frame_level(self, level: Level, aggregate: str | None, chunks: object) -> Level:
        """A row a pair."""
        if level is DOCUMENT and chunks is None and aggregate == "mean":
            return ANSWER
        raise OptionError(
            f"Answers have one row a question, so valid is output_level='document' without chunks= "
            f"and aggregate=; given were "
            f"output_level={level.name!r}, chunks={chunks!r:.40}, aggregate={aggregate!r}."
        )

    def finds_units(self, level: Level) -> bool:
        """An answer is a part of its context that the model finds."""
        return True

    def find_units(
        self, plans: Mapping[int, Plan], request: UnitRequest
    ) -> tuple[Units, dict[int, UnitResults]]:
        """The answers, and how likely each is."""
        from nlu_lite.encoder import find_answers

        assert isinstance(request.inputs, QuestionPairs), "read by this task"
        ((number, plan),) = plans.items()
        whole = np.flatnonzero(request.inputs.are_whole())
        questions = [str(request.inputs.questions[pair]) for pair in whole.tolist()]
        contexts = [str(request.inputs.documents[pair]) for pair in whole.tolist()]
        spans = find_answers(
            plan,
            [replace_surrogates(question).strip() for question in questions],
            [replace_surrogates(context) for context in contexts],
            progress=request.progress,
        )
        units = Units(
            document=whole,
            begin=spans.begin,
            end=spans.end,
            sentence=np.full_like(whole, -1),
            words=np.zeros(0, dtype=np.int64),
            starts=np.zeros(len(whole) + 1, dtype=np.int64),
        )
        bounds = zip(contexts, spans.begin.tolist(), spans.end.tolist(), strict=True)
        return units, {
            number: UnitAnswers(
                UnitReading(piece_count=spans.pieces, window_count=spans.windows),
                texts=tuple(context[begin:end] or None for context, begin, end in bounds),
                confidence=spans.confidence,
            )
        }

    def results(self, plan: Plan, request: UnitRequest) -> Work[UnitResults]:
        """Not asked: the answers are the units."""
        raise NotImplementedError("the units are what it finds")

    def column_types(
        self,
        plan: Plan,
        column: str,
        *,
        level: Level,
        aggregate: str | None,
        has_own_units: bool,
    ) -> dict[str, ColumnType]:
        """The answer and its confidence, beside the question and the context."""
        return {column: ColumnType("str"), confidence_column(column): ColumnType("float32")}


def _is_pair(item: Any) -> bool:  # noqa: ANN401 - whatever the caller gave
    if not isinstance(item, tuple) or len(item) != 2:
        return False
    return all(is_null(text) or (isinstance(text, str) and SEPARATOR not in text) for text in item)


def _pairs_of_items(items: Sequence[Any]) -> QuestionPairs:
    for number, item in enumerate(items):
        if not _is_pair(item):
            raise InputTypeError(
                f"Item {number} is {item!r:.80}; each must be a pair of texts, (question, context)."
            )
    contexts = read([context for _, context in items], None)
    questions = [None if is_null(question) else question for question, _ in items]
    return QuestionPairs.of(contexts, questions)


def _pairs_of_texts(inputs: Inputs) -> QuestionPairs:
    questions: list[str | None] = []
    contexts: list[Any] = []
    for number, document in enumerate(inputs.documents):
        text = "" if document is None else document
        if not isinstance(text, str) or (text.strip() and SEPARATOR not in text):
            raise InputValueError(
                f"Item {number} is {document!r:.80}; valid are pairs (question, context), a frame "
                f"with columns {QUESTION!r} and "
                f"{CONTEXT!r}, and texts of the form 'question{SEPARATOR}context'."
            )
        question, _, context = text.partition(SEPARATOR)
        questions.append(question or None)
        contexts.append(context or None)
    return QuestionPairs.of(replace(inputs, documents=contexts), questions)


def _pairs_of_frame(data: Any) -> QuestionPairs:  # noqa: ANN401 - a frame
    contexts = read(data, CONTEXT)
    questions: Sequence[Any] = read(data, QUESTION).documents
    for number, question in enumerate(questions):
        if question is not None and not isinstance(question, str):
            raise InputTypeError(
                f"Item {number} of the column {QUESTION!r} is {question!r:.80}; it must be a text."
            )
    others = contexts.columns
    if others is not None:
        names = [name not in (QUESTION, CONTEXT) for name in others.columns]
        contexts = replace(contexts, columns=others.loc[:, names])
    return QuestionPairs.of(contexts, questions)
