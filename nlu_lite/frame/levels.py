"""The levels: which units a frame has rows for, and all that follows from it; one class a level."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from nlu_lite.common import Bools, Ints
from nlu_lite.errors import OptionError, brief
from nlu_lite.frame.build import strings
from nlu_lite.frame.chunks import chunk_units
from nlu_lite.frame.rows import Rows
from nlu_lite.frame.units import Units
from nlu_lite.inputs import Inputs
from nlu_lite.options import Spans
from nlu_lite.text import Segmentation

LevelName = Literal["token", "sentence", "document", "chunk"]
AGGREGATES = ("mean", "sum", "max")


class PieceCounts(Protocol):
    """What the encoder counts while it reads words.

    Attributes:
        pieces: Shape (words,).
        sentence_pieces: Shape (sentences,).
        sentence_windows: Shape (sentences,).
    """

    @property
    def pieces(self) -> Ints: ...  # noqa: D102
    @property
    def sentence_pieces(self) -> Ints: ...  # noqa: D102
    @property
    def sentence_windows(self) -> Ints: ...  # noqa: D102


class Level(ABC):
    """What a row of a frame stands for.

    Attributes:
        name: The word for it in ``output_level``; also the name of the frame's first column.
        joins_words: Whether a unit may have several words, whose vectors are joined.
        repeats_text: Whether one text may have several rows, on which its column would be repeated.
        lies_in_sentence: Whether a unit has a sentence around it.
        takes_chunks: Whether ``chunks=`` says where the units are.
    """

    name: ClassVar[LevelName]
    joins_words: ClassVar[bool] = True
    repeats_text: ClassVar[bool] = True
    lies_in_sentence: ClassVar[bool] = True
    takes_chunks: ClassVar[bool] = False

    @abstractmethod
    def units(self, segmentation: Segmentation, spans: Sequence[Spans] | None = None) -> Units:
        """The units of some documents.

        Args:
            segmentation: The documents.
            spans: For chunks: the half-open spans of each document, in order.
        """

    @abstractmethod
    def counts(
        self, units: Units, segmentation: Segmentation, reading: PieceCounts
    ) -> tuple[Ints, Ints]:
        """How the units were read.

        Args:
            units: Of this level.
            segmentation: Their documents.
            reading: Counts of words and sentences.

        Returns:
            Pieces of each unit, and windows that the text around it was read in; both of shape
            (units,).
        """

    def whole_texts(self, units: Units, segmentation: Segmentation) -> tuple[Level, Units, Any]:
        """What a model of whole texts reads for each unit: the unit, for a word its sentence.

        Returns:
            The level of these texts, the texts as units, and an index that selects from values of
            the texts those of the units.
        """
        return self, units, slice(None)

    def rows(self, segmentation: Segmentation, units: Units) -> Rows:
        """The rows of a frame: one a unit, and one for a document that has none."""
        return Rows.explode(len(segmentation.texts), units.document)

    def positions(self, segmentation: Segmentation, units: Units) -> dict[str, Ints]:
        """Columns that say where units stand, in code points of their texts, the end inclusive."""
        return {"begin": units.begin, "end": units.end - 1}

    def is_without_position(self, units: Units) -> Bools:
        """Shape (units,): whether a unit stands nowhere."""
        return np.zeros(len(units), dtype=np.bool_)

    def text_columns(
        self, inputs: Inputs, segmentation: Segmentation, units: Units, rows: Rows
    ) -> dict[str, Any]:
        """The first columns of the frame: the text of each row's unit.

        Args:
            inputs: What the caller handed in.
            segmentation: Its documents.
            units: Of this level.
            rows: Which unit a row shows.
        """
        texts = [*units.texts(segmentation), None]  # the last for rows without a unit, number -1
        return {self.name: strings([texts[unit] for unit in rows.unit.tolist()])}


class TokenLevel(Level):
    """A row a word."""

    name = "token"
    joins_words = False

    def units(self, segmentation: Segmentation, spans: Sequence[Spans] | None = None) -> Units:
        """Every word."""
        count = len(segmentation.word_begin)
        return Units(
            document=segmentation.word_document,
            begin=segmentation.word_begin,
            end=segmentation.word_end,
            sentence=segmentation.word_sentence,
            words=np.arange(count),
            starts=np.arange(count + 1),
        )

    def counts(
        self, units: Units, segmentation: Segmentation, reading: PieceCounts
    ) -> tuple[Ints, Ints]:
        """Pieces of each word, windows of its sentence."""
        return _word_counts(units, reading)

    def whole_texts(self, units: Units, segmentation: Segmentation) -> tuple[Level, Units, Any]:
        """The sentences, and which of them holds each word."""
        return SENTENCE, SENTENCE.units(segmentation), units.sentence

    def positions(self, segmentation: Segmentation, units: Units) -> dict[str, Ints]:
        """Beside begin and end the numbers of sentence and word within the text."""
        return super().positions(segmentation, units) | {
            "sentence_index": numbers_within(segmentation.sentence_document)[units.sentence],
            "token_index": numbers_within(units.document),
        }


class SentenceLevel(Level):
    """A row a sentence."""

    name = "sentence"

    def units(self, segmentation: Segmentation, spans: Sequence[Spans] | None = None) -> Units:
        """Every sentence."""
        numbers = np.arange(len(segmentation.sentence_begin))
        return Units(
            document=segmentation.sentence_document,
            begin=segmentation.sentence_begin,
            end=segmentation.sentence_end,
            sentence=numbers,
            words=np.arange(len(segmentation.word_begin)),
            starts=np.searchsorted(segmentation.word_sentence, np.arange(len(numbers) + 1)),
        )

    def counts(
        self, units: Units, segmentation: Segmentation, reading: PieceCounts
    ) -> tuple[Ints, Ints]:
        """Pieces and windows of each sentence, words or not."""
        return reading.sentence_pieces, reading.sentence_windows


class DocumentLevel(Level):
    """A row a text."""

    name = "document"
    repeats_text = False
    lies_in_sentence = False

    def units(self, segmentation: Segmentation, spans: Sequence[Spans] | None = None) -> Units:
        """Every text that is not blank."""
        numbers = np.flatnonzero(~is_blank(segmentation))
        lengths = [len(segmentation.texts[number]) for number in numbers.tolist()]
        words = np.arange(len(segmentation.word_begin))
        return Units(
            document=numbers,
            begin=np.zeros_like(numbers),
            end=np.array(lengths, dtype=np.int64),
            sentence=np.full_like(numbers, -1),
            words=words,
            starts=np.append(np.searchsorted(segmentation.word_document, numbers), len(words)),
        )

    def counts(
        self, units: Units, segmentation: Segmentation, reading: PieceCounts
    ) -> tuple[Ints, Ints]:
        """Pieces and windows of all sentences of each text."""
        first = np.searchsorted(segmentation.sentence_document, units.document, side="left")
        last = np.searchsorted(segmentation.sentence_document, units.document, side="right")
        pieces = np.concatenate([[0], np.cumsum(reading.sentence_pieces)])
        windows = np.concatenate([[0], np.cumsum(reading.sentence_windows)])
        return pieces[last] - pieces[first], windows[last] - windows[first]


class ChunkLevel(Level):
    """A row a chunk: a phrase, a span that a function gives, an entity."""

    name = "chunk"
    takes_chunks = True

    def units(self, segmentation: Segmentation, spans: Sequence[Spans] | None = None) -> Units:
        """The spans, with the words that they overlap."""
        return chunk_units(segmentation, spans or [])

    def counts(
        self, units: Units, segmentation: Segmentation, reading: PieceCounts
    ) -> tuple[Ints, Ints]:
        """Pieces of each chunk's words, windows of the sentence that it begins in."""
        return _word_counts(units, reading)


def _word_counts(units: Units, reading: PieceCounts) -> tuple[Ints, Ints]:
    owner = np.repeat(np.arange(len(units)), np.diff(units.starts))
    pieces = np.bincount(owner, weights=reading.pieces[units.words], minlength=len(units))
    windows = np.append(reading.sentence_windows, 0)  # the last for chunks outside every sentence
    return pieces.astype(np.int64), windows[units.sentence]


def is_blank(segmentation: Segmentation) -> Bools:
    """Shape (documents,): whether a text is empty or only white space."""
    return np.array([not text or text.isspace() for text in segmentation.texts], dtype=np.bool_)


def numbers_within(document: Ints) -> Ints:
    """Shape (units,): the number of each unit within its document, from 0 on.

    Args:
        document: Shape (units,), in order: the document of each.
    """
    return np.arange(len(document)) - np.searchsorted(document, document)


TOKEN, SENTENCE, DOCUMENT, CHUNK = TokenLevel(), SentenceLevel(), DocumentLevel(), ChunkLevel()
LEVELS: dict[str, Level] = {level.name: level for level in (TOKEN, SENTENCE, DOCUMENT, CHUNK)}


def level_named(name: object) -> Level:
    """The level that a word stands for.

    Raises:
        OptionError: It stands for none; names the valid ones.
    """
    if isinstance(name, str) and name in LEVELS:
        return LEVELS[name]
    raise OptionError(f"output_level is {brief(name)}; valid are {', '.join(LEVELS)}.")
