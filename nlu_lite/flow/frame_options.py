"""What a frame is asked to hold: the options that ``predict``, ``stream`` and ``to_parquet`` have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nlu_lite import frame
from nlu_lite.common import check_flag
from nlu_lite.errors import OptionError, brief
from nlu_lite.inputs import Inputs


@dataclass(frozen=True)
class FrameOptions:
    """What a frame is to hold; the fields are described at ``Pipeline.predict``.

    ``finds_entities`` says that a component gives labels of words, so that level chunk can do
    without chunks.

    Raises:
        OptionError: A value outside what is valid.
    """

    level: str
    keep: frame.Keep = True
    positions: bool = False
    metadata: bool = False
    aggregate: str | None = "mean"
    chunks: frame.Chunks | None = None
    finds_entities: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.level, str) or self.level not in frame.LEVELS:
            raise OptionError(
                f"output_level is {brief(self.level)}; valid are {', '.join(frame.LEVELS)}."
            )
        check_flag("positions", self.positions)
        check_flag("metadata", self.metadata)
        if self.aggregate is not None and not (
            isinstance(self.aggregate, str) and self.aggregate in frame.AGGREGATES
        ):
            raise OptionError(
                f"aggregate is {brief(self.aggregate)}; valid are {', '.join(frame.AGGREGATES)}, "
                f"None."
            )
        if (self.level == "chunk") != (self.chunks is not None) and not self.of_entities:
            raise OptionError(
                "output_level='chunk' and chunks= belong together: chunks= takes a list of "
                "phrases, a function or a column."
            )

    @property
    def of_entities(self) -> bool:
        """Whether the rows are the entities that the components find."""
        return self.level == "chunk" and self.chunks is None and self.finds_entities

    def chunk_column(self, inputs: Inputs) -> list[Any] | None:
        """The cells of the column that ``chunks`` names; None where it is phrases or a function for all texts.

        Args:
            inputs: The documents and their columns.
        """
        if not isinstance(self.chunks, str):
            return None
        if inputs.columns is None or list(inputs.columns.columns).count(self.chunks) != 1:
            raise OptionError(
                f"chunks={self.chunks!r} names a column, which the data does not have once; for a "
                f"phrase give a list."
            )
        return list(inputs.columns[self.chunks])
