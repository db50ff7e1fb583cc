"""``nlu-lite predict`` called in this process, and the vectors that it writes compared."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nlu_lite import cli

REFERENCE = "en.embed.minilm_l6"
COLUMN = "en_embed_minilm_l6_embeddings"


def predict(*words: object) -> int:
    """The exit code of the verb for a reference and these words."""
    return cli.main(["predict", REFERENCE, *map(str, words)])


def equal_vectors(cells: Iterable, expected: Iterable) -> bool:
    """Whether vectors are equal to the last bit, missing ones included."""
    return all(
        np.array_equal(np.float32(cell), vector) if vector is not None else cell is None
        for cell, vector in zip(cells, expected, strict=True)
    )
