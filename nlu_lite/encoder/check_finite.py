"""Vectors that are no numbers are noticed before they leave, with the layer they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nlu_lite.common import Bools, Floats
from nlu_lite.encoder.backends.sequences import RowRequest
from nlu_lite.encoder.windows import make_sequences
from nlu_lite.errors import NotFiniteError

if TYPE_CHECKING:
    from nlu_lite.encoder.plan import Plan


def find_faulty_row(matrix: Floats, present: Bools | None = None) -> int | None:
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


def make_not_finite_error(plan: Plan, text: str) -> NotFiniteError:
    """The error for a text whose vector has NaN or infinity in it; to be raised by the caller.

    Args:
        plan: The component's model and options.
        text: As the model read it.
    """
    dtype = plan.loaded.dtype
    cure = f'{dtype} may be too narrow for this model; load with dtype="float32".'
    if dtype == "float32":
        cure = (
            "The weights hold such numbers, or make them; compare the files with their source "
            "(`nlu-lite verify`)."
        )
    return NotFiniteError(
        f"{plan.reference!r} in {dtype} gives NaN or infinity for the text {text!r:.80} "
        f"({len(text)} code points), {_describe_layer(plan, text)}. {cure}"
    )


def _describe_layer(plan: Plan, text: str) -> str:
    """Where the numbers of a text cease to be finite, for a person."""
    layer = _find_faulty_layer(plan, text)
    if layer is None:
        return "after the model's layers, when they were joined"
    if layer == 0:
        return "in the embeddings (layer 0)"
    return f"first in layer {layer} of {plan.loaded.encoder.layers}"


def _find_faulty_layer(plan: Plan, text: str) -> int | None:
    """The lowest layer that is not finite for a text alone; None if all of them are."""
    loaded = plan.loaded
    pieces = loaded.tokenizer([text])
    windows = plan.cut_windows(np.diff(pieces.starts))
    sequences = make_sequences(loaded.tokenizer, pieces, windows)
    for layer in sorted(loaded.encoder.served_layers):
        states = loaded.encoder(
            sequences,
            RowRequest.all_tokens(sequences),
            layers=(layer,),
            layer_pooling="mean",
            reduce="sum",
            progress=lambda _rows: None,
        )
        if not np.isfinite(states).all():
            return layer
    return None
