"""What a task is asked, and what it has to know: the class that every task fills in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from nlu_lite.common import Floats
from nlu_lite.frame import DOCUMENT, TOKEN, ColumnType, Level, UnitReading, UnitResults, Units
from nlu_lite.inputs import Inputs, read
from nlu_lite.registry import Entry, TaskKind
from nlu_lite.text import Segmentation, replace_surrogates

if TYPE_CHECKING:
    from nlu_lite.encoder import Collector, Plan, Reading, Work

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class UnitRequest:
    """What components are asked about: the units of some documents.

    Attributes:
        inputs: What the caller handed in.
        segmentation: Its documents, in sentences and words.
        units: The units.
        level: Their level.
        aggregate: How the vectors of a unit's words are joined: ``mean``, ``sum``, ``max``, or None
            for a matrix of them.
        progress: Called with the number of words or texts done.
        probabilities: Whether those of all classes are wanted, where there are some.
    """

    inputs: Inputs
    segmentation: Segmentation
    units: Units
    level: Level
    aggregate: str | None
    progress: Callable[[int], object]
    probabilities: bool = False

    def of_whole_texts(self) -> tuple[UnitRequest, Any]:
        """The same about the texts that a model of whole texts reads for the units.

        Returns:
            The request, and an index that selects from values of its units those of this one's.
        """
        level, units, selection = self.level.whole_texts(self.units, self.segmentation)
        return replace(self, level=level, units=units, aggregate="mean"), selection

    def unit_texts(self) -> list[str]:
        """The text of each unit without white space at its ends, as in sentence-transformers.

        Byte-level models would see that white space.
        """
        return [replace_surrogates(text).strip() for text in self.units.texts(self.segmentation)]

    def read_words(self, plan: Plan, collector: Collector) -> Work[Reading]:
        """Have a model read the words of all documents, in their sentences.

        Args:
            plan: Of the component.
            collector: Takes the vectors of words, as they come.
        """
        from nlu_lite.encoder import encode_words

        segmentation = self.segmentation
        sentence_begin = segmentation.sentence_begin[segmentation.word_sentence]
        return encode_words(
            plan,
            [replace_surrogates(sentence) for sentence in segmentation.sentences()],
            segmentation.word_sentence,
            segmentation.word_begin - sentence_begin,
            segmentation.word_end - sentence_begin,
            collector=collector,
            progress=self.progress,
        )

    def unit_reading(self, reading: Reading) -> UnitReading:
        """How the units were read, from how their words and sentences were.

        Args:
            reading: Of all words and sentences.
        """
        units = self.units
        owner = np.repeat(np.arange(len(units)), np.diff(units.starts))
        unknown = np.bincount(owner, weights=reading.unknown[units.words], minlength=len(units))
        pieces, windows = self.level.counts(units, self.segmentation, reading)
        return UnitReading(piece_count=pieces, window_count=windows, is_unknown=unknown > 0)


class Task(ABC):
    """What a model is for.

    Attributes:
        kind: Its row in the table of tasks.
        default_level: Of the rows, where ``output_level`` names none.
        options: Of ``load``, those that mean something here and not for every task.
        finds: Label and unit of the bar while the task itself finds the units of a level.
        takes_texts: Whether it can work on texts alone, window by window; otherwise ``predict`` is
            its only door.
        takes_candidates: Whether ``labels=`` lists the labels to choose from.
        column: What its column is called; None: after the reference.
    """

    kind: ClassVar[TaskKind]
    default_level: ClassVar[Level]
    options: ClassVar[tuple[str, ...]]
    finds: ClassVar[tuple[str, str]] = ("", "")
    takes_texts: ClassVar[bool] = True
    takes_candidates: ClassVar[bool] = False
    column: ClassVar[str | None] = None

    @abstractmethod
    def results(self, plan: Plan, request: UnitRequest) -> Work[UnitResults]:
        """What the model says about each unit.

        Args:
            plan: Of the component.
            request: The units.
        """

    @abstractmethod
    def column_types(
        self,
        plan: Plan,
        column: str,
        *,
        level: Level,
        aggregate: str | None,
        has_own_units: bool,
    ) -> dict[str, ColumnType]:
        """The columns that ``results`` makes, and what their cells are.

        Args:
            plan: Of the component.
            column: The name of the first.
            level: Of the frame.
            aggregate: Of its units.
            has_own_units: Whether the units are those that tasks find themselves.
        """

    @property
    def unit_level(self) -> Level:
        """The level of which a row is one answer of the model: a word, or a whole text."""
        return TOKEN if self.kind.reads_words else DOCUMENT

    def width(self, plan: Plan) -> int:
        """Numbers of a vector; 0 where there is none."""
        return 0

    def gives_probabilities(self, level: Level) -> bool:
        """Whether it says how likely each of its classes is, of the units of a level."""
        return False

    def read(self, data: Any, text: Hashable | None) -> Inputs:  # noqa: ANN401 - many kinds
        """The documents of what a caller hands in.

        Args:
            data: Of any accepted kind.
            text: The column of texts.
        """
        return read(data, text)

    def frame_level(self, level: Level, aggregate: str | None, chunks: object) -> Level:
        """The level of its frames.

        Args:
            level: As asked for.
            aggregate: As asked for.
            chunks: As asked for.

        Raises:
            OptionError: They mean nothing for this task.
        """
        return level

    def finds_units(self, level: Level) -> bool:
        """Whether the task itself finds the units of a level for which no chunks are given."""
        return False

    def find_units(
        self, plans: Mapping[int, Plan], request: UnitRequest
    ) -> tuple[Units, dict[int, UnitResults]]:
        """The units of the documents, and what each component says about them.

        Args:
            plans: Of the components of this task, by their numbers.
            request: The documents; its units are those that the level has without chunks.
        """
        raise NotImplementedError(f"{type(self).__name__} finds no units")

    def direct_results(
        self, folder: Path, entry: Entry, plan: Plan, text: str, spans: Spans
    ) -> Floats:
        """The same by the plain transformers model, for ``verify``.

        Args:
            folder: Of the model.
            entry: Of the component.
            plan: Of the component.
            text: One text, read at once.
            spans: Of its words, half-open, in code points.

        Returns:
            Shape (words, width) or (1, width): vectors, or probabilities of labels.
        """
        raise NotImplementedError(f"results of {self.kind.name} are not compared")
