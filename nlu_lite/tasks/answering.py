"""Questions with their contexts -> a frame with one answer a row."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite import frame
from nlu_lite.common import progress_bar
from nlu_lite.errors import InputTypeError, InputValueError, OptionError
from nlu_lite.frame import Rows, nullable_integers, strings
from nlu_lite.inputs import Inputs, is_null, read
from nlu_lite.text import replace_surrogates

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.tasks.component import Component

# Between a question and its context in one text, as NLU has it.
SEPARATOR = "|||"
QUESTION, CONTEXT = "question", "context"


@dataclass(frozen=True)
class QuestionPairs:
    """Questions and their contexts.

    Attributes:
        inputs: The contexts, the caller's index and other columns.
        questions: One a context; None where there is none.
    """

    inputs: Inputs
    questions: list[str | None]


def read_pairs(data: Any, text: Hashable | None) -> QuestionPairs:  # noqa: ANN401 - many kinds
    """What a caller hands over to be answered.

    Args:
        data: Pairs of a question and its context, a frame with columns ``question`` and
            ``context``, or texts of the form ``question|||context`` in whatever ``predict`` takes.
        text: The column of such texts.

    Raises:
        InputTypeError: It is something else.
        InputValueError: A text has no ``|||``.
    """
    columns: Any = getattr(data, "columns", None)
    if columns is not None and text is None and {QUESTION, CONTEXT} <= set(columns):
        return _of_frame(data)
    if _is_pair(data):
        data = [data]
    if isinstance(data, (list, tuple)) and data and any(isinstance(item, tuple) for item in data):
        if wrong := [place for place, item in enumerate(data) if not _is_pair(item)]:
            raise InputTypeError(
                f"Item {wrong[0]} is {data[wrong[0]]!r:.80}; each must be a pair of texts, "
                f"(question, context)."
            )
        inputs = read([item[1] for item in data], None)
        return QuestionPairs(inputs, [None if is_null(item[0]) else item[0] for item in data])
    inputs = read(data, text)
    questions: list[str | None] = []
    contexts: list[Any] = []
    for place, document in enumerate(inputs.documents):
        if document is not None and (
            not isinstance(document, str) or (document.strip() and SEPARATOR not in document)
        ):
            raise InputValueError(
                f"Item {place} is {document!r:.80}; valid are pairs (question, context), a frame "
                f"with columns {QUESTION!r} and "
                f"{CONTEXT!r}, and texts of the form 'question{SEPARATOR}context'."
            )
        question, _, context = (document or "").partition(SEPARATOR)
        questions.append(question or None)
        contexts.append(context or None)
    return QuestionPairs(replace(inputs, documents=contexts), questions)


def _is_pair(item: Any) -> bool:  # noqa: ANN401 - whatever the caller gave
    is_pair = isinstance(item, tuple) and len(item) == 2
    return is_pair and all(
        (isinstance(text, str) and SEPARATOR not in text) or is_null(text) for text in item
    )


def _of_frame(data: Any) -> QuestionPairs:  # noqa: ANN401 - a frame
    inputs = read(data, CONTEXT)
    questions = read(data, QUESTION).documents
    if wrong := [
        place
        for place, item in enumerate(questions)
        if item is not None and not isinstance(item, str)
    ]:
        raise InputTypeError(
            f"Item {wrong[0]} of the column {QUESTION!r} is {questions[wrong[0]]!r:.80}; it must "
            f"be a text."
        )
    others = inputs.columns
    if others is not None:
        inputs = replace(
            inputs,
            columns=others.loc[:, [name not in (QUESTION, CONTEXT) for name in others.columns]],
        )
    return QuestionPairs(inputs, list(questions))  # type: ignore[arg-type]  # checked above


def check(level: str | None, chunks: object, aggregate: str | None) -> None:
    """Refuse what means nothing for answers.

    Raises:
        OptionError: A level other than ``document``, or an option of words.
    """
    if level not in (None, "document") or chunks is not None or aggregate != "mean":
        raise OptionError(
            f"Answers have one row a question, so valid is output_level='document' without chunks= "
            f"and aggregate=; given were "
            f"output_level={level!r}, chunks={chunks!r:.40}, aggregate={aggregate!r}."
        )


def predict(
    component: Component,
    name: str,
    asked: QuestionPairs,
    *,
    keep: frame.Keep,
    positions: bool,
    metadata: bool,
    progress: bool | None,
) -> pd.DataFrame:
    """The frame of answers: question, context, where the answer stands in it, the answer and how likely it is.

    Args:
        component: For question answering.
        name: Of the column of answers.
        asked: From ``read_pairs``.
        keep: As of ``Pipeline.predict``, and so are the others.
        positions: Add ``begin`` and ``end`` of the answer, in code points of the context, end
            inclusive.
        metadata: Add the pieces of the context and its windows.
        progress: Show a bar.
    """
    from nlu_lite.encoder import find_answers

    contexts: Sequence[Any] = asked.inputs.documents
    pairs = list(zip(asked.questions, contexts, strict=True))
    shown = np.array(
        [bool(q and q.strip()) and bool(c and c.strip()) for q, c in pairs], dtype=np.bool_
    )
    some = [pair for pair, is_whole in zip(pairs, shown.tolist(), strict=True) if is_whole]
    with progress_bar(len(some), unit="questions", show=progress, label="answering") as done:
        found = find_answers(
            component.plan,
            [replace_surrogates(str(question)).strip() for question, _ in some],
            [replace_surrogates(str(context)) for _, context in some],
            progress=done,
        )
    # Rows without a pair show number -1: one more value at the end.
    at = np.where(shown, np.cumsum(shown) - 1, -1)
    answer = [
        context[b:e] or None
        for (_, context), b, e in zip(some, found.begin.tolist(), found.end.tolist(), strict=True)
    ]
    is_missing = np.array([text is None for text in [*answer, None]], dtype=np.bool_)[at]
    columns: dict[str, Any] = {
        QUESTION: strings([question for question, _ in pairs]),
        CONTEXT: strings([context for _, context in pairs]),
    }
    numbers = {"begin": found.begin, "end": found.end - 1} if positions else {}
    columns |= {
        key: nullable_integers(np.append(values, 0)[at], is_missing)
        for key, values in numbers.items()
    }
    counts = {"piece_count": found.pieces, "window_count": found.windows} if metadata else {}
    columns |= {
        key: nullable_integers(np.append(values, 0)[at], ~shown) for key, values in counts.items()
    }
    columns[name] = strings([[*answer, None][place] for place in at.tolist()])
    columns[frame.confidence_column(name)] = np.append(found.confidence, np.float32(np.nan))[at]
    rows = Rows.explode(len(pairs), np.arange(len(pairs)))
    return frame.assemble(asked.inputs, rows, columns, keep=keep, repeats_text=True)
