"""The public API as a user would call it; read by mypy, never run."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import nlu_lite as nlu


def use() -> None:
    """Never called."""
    pipe: nlu.Pipeline = nlu.load("en.embed.minilm_l6", words=lambda text: [(0, len(text))], layers=[-1, -2])
    frame: pd.DataFrame = pipe.predict(["I love NLP"], output_level="token", positions=True, keep=["id"])
    matrix: NDArray[np.float32] = nlu.vectors(frame)
    encoded: NDArray[np.float32] = pipe.encode(pd.Series(["a", None]))
    nlu.clear_cache()

    nlu.load("bert", lyers=3)  # type: ignore[arg-type]  # an unknown option is a type error too
