"""Task ``translation``: each sentence in another language; a document is its sentences, joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu_lite.common import Ints
from nlu_lite.frame import (
    DOCUMENT,
    SENTENCE,
    ColumnType,
    Level,
    UnitReading,
    UnitResults,
    strings,
)
from nlu_lite.registry import TRANSLATION
from nlu_lite.tasks.task import Task, UnitRequest
from nlu_lite.text import Segmentation, replace_surrogates

if TYPE_CHECKING:
    from nlu_lite.encoder import Plan, Translations, Work


@dataclass(frozen=True)
class UnitTexts(UnitResults):
    """A text for each unit.

    Attributes:
        texts: One a unit.
    """

    texts: tuple[str, ...]

    def columns(self, name: str, unit: Ints) -> dict[str, Any]:
        """One column of texts."""
        texts = [*self.texts, None]  # the last for rows without a unit, number -1
        return {name: strings([texts[number] for number in unit.tolist()])}


class TranslationTask(Task):
    """Translations of sentences, documents or chunks; beside a word that of its sentence."""

    kind = TRANSLATION
    default_level = SENTENCE
    options = ("prompt",)
    column = "translation"

    def results(self, plan: Plan, request: UnitRequest) -> Work[UnitResults]:
        """The translation of each unit's text."""
        from nlu_lite.encoder import translate_texts

        yield from ()  # what is generated shares no forward with other components
        if request.level is DOCUMENT:
            return _translate_documents(plan, request)
        texts, selection = request.of_whole_texts()
        translations = translate_texts(plan, texts.unit_texts(), progress=request.progress)
        numbers = np.arange(len(translations.texts))[selection].tolist()
        return UnitTexts(
            UnitReading(translations.pieces[selection], translations.windows[selection]),
            texts=tuple(translations.texts[number] for number in numbers),
        )

    def column_types(
        self,
        plan: Plan,
        column: str,
        *,
        level: Level,
        aggregate: str | None,
        has_own_units: bool,
    ) -> dict[str, ColumnType]:
        """One column of texts."""
        return {column: ColumnType("str")}


def _translate_documents(plan: Plan, request: UnitRequest) -> UnitTexts:
    """The translations of all sentences of each text, joined as the sentences were."""
    from nlu_lite.encoder import translate_texts

    segmentation = request.segmentation
    texts = [replace_surrogates(sentence).strip() for sentence in segmentation.sentences()]
    count = len(request.units)
    done = 0

    def report(sentences: int) -> None:
        nonlocal done
        before = done * count // len(texts)
        done += sentences
        request.progress(done * count // len(texts) - before)

    translations = translate_texts(plan, texts, progress=report)
    first = np.searchsorted(segmentation.sentence_document, request.units.document, side="left")
    last = np.searchsorted(segmentation.sentence_document, request.units.document, side="right")
    bounds = list(zip(first.tolist(), last.tolist(), strict=True))
    pieces = np.concatenate([[0], np.cumsum(translations.pieces)])
    windows = np.concatenate([[0], np.cumsum(translations.windows)])
    return UnitTexts(
        UnitReading(pieces[last] - pieces[first], windows[last] - windows[first]),
        texts=tuple(_join_sentences(segmentation, translations, range(*pair)) for pair in bounds),
    )


def _join_sentences(
    segmentation: Segmentation, translations: Translations, sentences: Sequence[int]
) -> str:
    """Translations with the white space between that stood between the sentences.

    Where there was none a blank takes its place: not every language that is written does without.
    """
    parts: list[str] = []
    for sentence in sentences:
        if parts:
            begin = int(segmentation.sentence_begin[sentence])
            text = segmentation.texts[int(segmentation.sentence_document[sentence])]
            parts.append(_find_gap(text, int(segmentation.sentence_end[sentence - 1]), begin))
        parts.append(translations.texts[sentence])
    return "".join(parts)


def _find_gap(text: str, end: int, begin: int) -> str:
    """The white space around the boundary of two sentences, a blank where there is none."""
    left = text[:end]
    right = text[end:]
    before = left[len(left.rstrip()) :]
    behind = right[: len(right) - len(right.lstrip())]
    return (before + behind) or " "
