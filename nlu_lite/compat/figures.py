"""NLU's dashboard of two texts' words, as a figure."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from nlu_lite.errors import InputTypeError
from nlu_lite.pipeline import Pipeline
from nlu_lite.plot import figures as plot


def word_similarity(pipeline: Pipeline, texts: Sequence[str], ignored: Sequence[str]) -> Any:  # noqa: ANN401
    """A heat map of the words of two texts by cosine, of the pipeline's first component.

    Args:
        pipeline: What gives the words their vectors.
        texts: Two texts.
        ignored: Names of NLU's parameters that lay out its dashboard, for the warning.

    Returns:
        A ``plotly.graph_objects.Figure``.

    Raises:
        InputTypeError: ``texts`` are not two texts.
        MissingExtraError: plotly is not installed.
    """
    if (
        isinstance(texts, str)
        or len(texts) != 2
        or not all(isinstance(text, str) for text in texts)
    ):
        raise InputTypeError(
            f"texts is {texts!r}; valid are two texts, such as ('I love NLP', 'I like it')."
        )
    if ignored:
        warnings.warn(
            f"No dashboard is made, a figure is returned: {', '.join(ignored)} have no effect.",
            UserWarning,
            stacklevel=3,
        )
    return plot.similarity(*texts, pipe=pipeline, column=pipeline.columns[0])
