"""What a frame is asked to hold: the options common to predict, stream, to_parquet and Spark."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, fields
from typing import Any

from nlu_lite.common import check_flag
from nlu_lite.errors import OptionError, brief
from nlu_lite.frame import AGGREGATES, Chunks, Keep, Level, LevelName
from nlu_lite.inputs import FileArguments, Inputs


@dataclass(frozen=True, kw_only=True)
class UnitArguments:
    """Which units are asked for.

    Attributes:
        output_level: ``token`` (the default where a component gives word vectors), ``sentence``
            (otherwise), ``document`` or ``chunk``; after ``fit`` the default is the level that was
            fitted. It decides which rows come back, never the numbers of a word's vector.
        text: The column that holds the text; without it a column named ``text``, else the only text
            column.
        aggregate: How the vectors of a unit's words are joined above token level: ``mean``,
            ``sum``, ``max``, or None for a matrix of shape (words, dimension).
        chunks: For level ``chunk``: a list of phrases, a function from a text to half-open spans,
            or the name of the column that holds each text's phrase or list of phrases. Where a
            component labels words it may be left out: the rows are then the entities.
    """

    output_level: LevelName | None = field(default=None, kw_only=False)
    text: Hashable | None = None
    aggregate: str | None = "mean"
    chunks: Chunks | None = None


@dataclass(frozen=True, kw_only=True)
class FrameArguments(UnitArguments):
    """Which columns a frame has.

    Attributes:
        keep: Carry the caller's other columns: True, False or a list of names. Where a text has
            several rows its column is repeated only if the list names it, or with ``all``, which
            carries every column.
        positions: Add ``begin`` and ``end`` (code points of the caller's text, end inclusive), and
            at token level ``sentence_index`` and ``token_index`` (numbers within the text).
        metadata: Add ``sentence_number`` (within the text), and for each component ``piece_count``,
            ``window_count`` and ``is_unknown`` (whether a piece is the vocabulary's unknown one).
    """

    keep: Keep = True
    positions: bool = False
    metadata: bool = False


@dataclass(frozen=True, kw_only=True)
class PredictArguments(FrameArguments):
    """What ``predict`` is asked for.

    Attributes:
        probabilities: Add a column for each class that a classifier of texts, or what ``fit`` has
            learnt, tells apart: ``<its column>_probability_<class>``, float32.
        progress: True always shows a bar, False never, None when the work is long.
    """

    probabilities: bool = False
    progress: bool | None = None


@dataclass(frozen=True, kw_only=True)
class StreamArguments(FileArguments, FrameArguments):
    """What ``stream`` is asked for.

    Attributes:
        rows: Rows of a frame, at most.
    """

    rows: int = 10_000


@dataclass(frozen=True, kw_only=True)
class EstimateArguments(FileArguments, UnitArguments):
    """What ``estimate`` is asked for."""

    def frame_arguments(self) -> FrameArguments:
        """What the frame would be asked to hold; the caller's columns are not counted."""
        names = [field.name for field in fields(UnitArguments)]
        return FrameArguments(**{name: getattr(self, name) for name in names}, keep=False)


@dataclass(frozen=True)
class FrameOptions:
    """What a frame is to hold, checked; the fields are those of ``FrameArguments``.

    Attributes:
        level: What a row stands for.
        has_own_units: Whether the units are what components find: entities, answers.
        probabilities: As in ``PredictArguments``.

    Raises:
        OptionError: A value outside what is valid.
    """

    level: Level
    keep: Keep
    positions: bool
    metadata: bool
    aggregate: str | None
    chunks: Chunks | None
    has_own_units: bool
    probabilities: bool = False

    def __post_init__(self) -> None:
        for name in ("positions", "metadata", "probabilities"):
            check_flag(name, getattr(self, name))
        if self.aggregate is not None and not _is_aggregate(self.aggregate):
            raise OptionError(
                f"aggregate is {brief(self.aggregate)}; valid are {', '.join(AGGREGATES)}, None."
            )
        if self.level.takes_chunks != (self.chunks is not None) and not self.has_own_units:
            raise OptionError(
                "output_level='chunk' and chunks= belong together: chunks= takes a list of "
                "phrases, a function or a column."
            )

    def chunk_column(self, inputs: Inputs) -> list[Any] | None:
        """The cells of the column that ``chunks`` names; None for phrases or a function.

        Args:
            inputs: The documents and their columns.

        Raises:
            OptionError: There is no such column.
        """
        if not isinstance(self.chunks, str):
            return None
        if inputs.columns is None or list(inputs.columns.columns).count(self.chunks) != 1:
            raise OptionError(
                f"chunks={self.chunks!r} names a column, which the data does not have once; for a "
                f"phrase give a list."
            )
        return list(inputs.columns[self.chunks])


def _is_aggregate(value: object) -> bool:
    return isinstance(value, str) and value in AGGREGATES
