"""Frames as text for programs: vectors as lists of numbers, and files of CSV."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nlu_lite.common import check_flag, draft_file, is_whole_number, local_path
from nlu_lite.errors import InputTypeError, OptionError, OutputError
from nlu_lite.frame.build import strings
from nlu_lite.frame.cells import is_missing_vector, vector_positions
from nlu_lite.frame.text_files import CsvWriter

# Rows whose texts are in memory at a time, beside the result.
BLOCK_ROWS = 1_024


def as_text(data: pd.DataFrame, *, digits: int | None = None) -> pd.DataFrame:
    """A copy of a frame for files of text: every vector a list of numbers that JSON readers read.

    Args:
        data: A frame with vector columns.
        digits: Decimals of each number; None keeps what float32 needs to come back unchanged.

    Returns:
        The frame with texts such as ``[0.287224, -0.569387]`` in place of vectors, missing ones as
        they are.

    Raises:
        OptionError: ``digits`` is no whole number from 0 on.
        InputTypeError: A vector column holds something else as well.

    Example:
        >>> import nlu_lite as nlu
        >>> frame = nlu.load("en.embed.minilm_l6", dimensions=2).predict("I love NLP")
        >>> print(nlu.as_text(frame, digits=3).to_csv(index=False))
        token,en_embed_minilm_l6_embeddings
        I,"[0.287, -0.569]"
        love,"[-0.249, -0.345]"
        NLP,"[0.024, -0.65]"
        <BLANKLINE>
    """
    if digits is not None and not (is_whole_number(digits) and digits >= 0):
        raise OptionError(f"digits is {digits!r}; valid are None and whole numbers from 0 on.")
    result = data.copy()
    for position in vector_positions(data):
        result.isetitem(position, _text_column(data.iloc[:, position], digits))
    return result


def _text_column(column: pd.Series[Any], digits: int | None) -> Any:  # noqa: ANN401 - a pandas array
    """The vectors of a column as texts.

    Block by block, since Arrow, where pandas keeps texts, copies them; and one vector after the
    other, since numbers as texts of their own take ten times the memory.
    """
    blocks = []
    for begin in range(0, max(len(column), 1), BLOCK_ROWS):
        cells = column.iloc[begin : begin + BLOCK_ROWS].tolist()
        blocks.append(pd.Series(strings([_vector_text(cell, digits) for cell in cells])))
    return pd.concat(blocks, ignore_index=True).array


def _vector_text(cell: Any, digits: int | None) -> str | None:  # noqa: ANN401 - whatever a frame holds
    if is_missing_vector(cell):
        return None
    try:
        vector = np.asarray(cell, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputTypeError(f"A cell of a column of vectors is no vector: {error}") from error
    if vector.ndim != 1:
        raise InputTypeError(
            f"A cell is an array of {vector.ndim} dimensions; a vector has one. Matrices of words "
            f"come with aggregate=None."
        )
    return f"[{', '.join(map(str, vector if digits is None else vector.round(digits)))}]"


def write_csv(
    frame: pd.DataFrame | Iterable[pd.DataFrame], path: str | Path, *, index: bool = True
) -> None:
    """Write a frame as a file of CSV, as ``nlu-lite predict --output FILE.csv`` does.

    Row after row, so that it takes no more memory however long the frame is. A vector is a list of
    numbers in brackets that JSON readers read, with the nine digits that bring float32 back
    unchanged; what is missing is empty.

    Args:
        frame: A frame, or frames one after the other, as ``Pipeline.stream`` gives them.
        path: A file of this machine, in UTF-8; it is complete when it appears, and replaces one of
            the same name.
        index: Write the index too, as the first columns.

    Raises:
        InputTypeError: It is no frame.
        OutputError: The file cannot be written, or a later frame has a column that the first one
            had not.

    Example:
        >>> import nlu_lite as nlu, pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "words.csv"
        >>> pipe = nlu.load("en.embed.minilm_l6", dimensions=2)
        >>> nlu.write_csv(pipe.stream(["I love NLP"]), path, index=False)
        >>> print(path.read_text().splitlines()[1])
        I,"[0.28722...,-0.56938...]"
    """
    check_flag("index", index)
    target = local_path(path, "a file of CSV", OutputError)
    frames = [frame] if isinstance(frame, pd.DataFrame) else frame
    with draft_file(target) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        write = CsvWriter(file, index=index)
        for rows in frames:
            if not isinstance(rows, pd.DataFrame):
                raise InputTypeError(
                    f"write_csv writes a DataFrame, or several one after the other; this is a "
                    f"{type(rows).__name__}."
                )
            write(rows)
