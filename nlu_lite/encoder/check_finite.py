"""Vectors that are no numbers are noticed before they leave, with the layer in which they ceased to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nlu_lite.common import Bools, Floats, ranges
from nlu_lite.encoder.backends.sequences import RowRequest
from nlu_lite.encoder.windows import sequences
from nlu_lite.errors import NotFiniteError

if TYPE_CHECKING:
    from nlu_lite.encoder.plan import Plan


def row_that_is_not(matrix: Floats, present: Bools | None = None) -> int | None:
    """The first row with NaN or infinity in it; None if there is none.

    Args:
        matrix: Shape (rows, width).
        present: Shape (rows,): rows that count; the others may hold anything.
    """
    # A sum is finite only if all its parts are, and costs half of what it takes to judge every
    # number.
    with np.errstate(over="ignore", invalid="ignore"):
        suspects = ~np.isfinite(matrix.sum(axis=1))
    if present is not None:
        suspects &= present
    for row in np.flatnonzero(suspects).tolist():
        if not np.isfinite(matrix[row]).all():
            return row
    return None


def not_finite(plan: Plan, text: str) -> NotFiniteError:
    """The error for a text whose vector has NaN or infinity in it; to be raised by the caller.

    Args:
        plan: The component's model and options.
        text: As the model read it.
    """
    layer, dtype = _first_layer(plan, text), plan.loaded.dtype
    if layer is None:
        where = "after the model's layers, when they were joined"
    else:
        where = (
            f"first in layer {layer} of {plan.loaded.encoder.layers}"
            if layer
            else "in the embeddings (layer 0)"
        )
    cure = (
        "The weights hold such numbers, or make them; compare the files with their source "
        "(`nlu-lite verify`)."
        if dtype == "float32"
        else f'{dtype} may be too narrow for this model; load with dtype="float32".'
    )
    return NotFiniteError(
        f"{plan.reference!r} in {dtype} gives NaN or infinity for the text {text!r:.80} "
        f"({len(text)} code points), {where}. "
        f"{cure}"
    )


def _first_layer(plan: Plan, text: str) -> int | None:
    """The lowest layer that is not finite for a text alone; None if all of them are."""
    loaded = plan.loaded
    pieces = loaded.tokenizer([text])
    read = sequences(loaded.tokenizer, pieces, plan.windows(np.diff(pieces.starts)))
    lengths = read.lengths
    every = RowRequest.single(
        np.repeat(np.arange(len(lengths)), lengths), ranges(np.zeros_like(lengths), lengths)
    )
    for layer in range(loaded.encoder.layers + 1):
        states = loaded.encoder(
            read,
            every,
            layers=(layer,),
            layer_pooling="mean",
            reduce="sum",
            progress=lambda _rows: None,
        )
        if not np.isfinite(states).all():
            return layer
    return None
