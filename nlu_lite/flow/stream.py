"""Input of any length -> frames, in order, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nlu_lite.common import trim_memory
from nlu_lite.errors import OptionError, brief
from nlu_lite.inputs import Source, cut_portions, read

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.flow.flow import Flow
    from nlu_lite.flow.frame_options import FrameOptions

ROWS = 10_000
# The first texts are 64, or 4,000 code points: encoded in well under a second by small models.
FIRST_SHARE = 64


def stream_frames(
    flow: Flow, source: Source, options: FrameOptions, rows: int
) -> Iterator[pd.DataFrame]:
    """The frame of an input, cut into frames of neighbouring rows.

    Texts are encoded portion by portion (``nlu_lite.inputs.cut_portions``): within one they are
    sorted by length and equal ones are encoded once, and only one portion and the one read ahead
    are in memory. The first ones are small, so that a caller soon has rows.

    Args:
        flow: The models.
        source: The input.
        options: What the frames hold.
        rows: Of a frame, at most.

    Raises:
        OptionError: ``rows`` is no whole number from 1 on.
    """
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < 1:
        raise OptionError(
            f"rows is {brief(rows)}; valid are whole numbers from 1 on: the rows of a frame, at "
            f"most."
        )
    return _frames(flow, source, options, rows)


def _frames(flow: Flow, source: Source, options: FrameOptions, rows: int) -> Iterator[pd.DataFrame]:
    empty = source.head().iloc[:0]
    first = 0
    for portion in cut_portions(source, source.text, first_share=FIRST_SHARE):
        frame, _ = flow.frame_of(read(portion, source.text, first=first), options, progress=False)
        first += len(portion)
        for begin in range(0, len(frame), rows):
            yield frame.iloc[begin : begin + rows]
        # Otherwise it would be kept until the next one is there.
        del frame, portion
        trim_memory()
    if first == 0:
        yield flow.frame_of(read(empty, source.text), options, progress=False)[0]
