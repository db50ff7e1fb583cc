"""A scikit-learn transformer: texts in, vectors out (extra ``sklearn``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite.common import owner_takes
from nlu_lite.errors import InputTypeError, MissingExtraError
from nlu_lite.loading import load
from nlu_lite.options import EmbedOptions
from nlu_lite.pipeline import Pipeline

try:
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.utils.validation import check_is_fitted
except ImportError as error:
    raise MissingExtraError(
        "nlu_lite.sklearn needs scikit-learn: pip install 'nlu-lite[sklearn]'."
    ) from error

__all__ = ["TextEmbedder"]


@dataclass(frozen=True)
class EmbedderRequest:
    """Which models are meant.

    Attributes:
        ref: What ``nlu.load`` takes as its request.
        path: A folder on this machine with the model's files.
        task: ``embed`` or ``embed_sentence``, for a path or a hub id.
    """

    ref: str | None = "en.embed_sentence.minilm_l6"
    path: str | Path | None = field(default=None, kw_only=True)
    task: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, kw_only=True)
class EmbedderArguments(EmbedOptions, EmbedderRequest):
    """What ``TextEmbedder`` is asked for: which models, and how they are used."""


class TextEmbedder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """One vector a text, as of ``Pipeline.encode``, as a step of scikit-learn's pipelines.

    A grid search may go over any of its parameters.

    Nothing is learnt: ``fit`` loads the models that ``ref`` names, which stay in memory for other
    embedders of the process. A pickle holds what was asked for and no weights, so the other process
    needs them on its disk.

    Attributes:
        pipeline_: After ``fit``: the ``nlu_lite.Pipeline``.

    Example:
        >>> from sklearn.linear_model import LogisticRegression
        >>> from sklearn.pipeline import make_pipeline
        >>> texts = ["I love it", "Great fun", "I hate it", "Awful bore"]
        >>> model = make_pipeline(TextEmbedder("en.embed.minilm_l6"), LogisticRegression())
        >>> model.fit(texts, [1, 1, 0, 0]).predict(["Wonderful"]).tolist()
        [1]
    """

    @owner_takes(EmbedderArguments)
    def __init__(self, arguments: EmbedderArguments) -> None:
        """Keep what is asked for; nothing is read before ``fit``.

        Args:
            arguments: The fields of ``EmbedderArguments``.
        """
        # scikit-learn's rule: parameters are kept as they are given, and looked at in fit.
        self.__dict__.update(vars(arguments))

    def fit(self, X: Any = None, y: Any = None) -> Self:  # noqa: ANN401, N803 - scikit-learn's signature
        """Load the models.

        Args:
            X: Not looked at.
            y: Not looked at.

        Raises:
            NluLiteError: As ``nlu.load`` does.
        """
        options = self.get_params(deep=False)
        pipeline: Pipeline = load(options.pop("ref"), **options)
        pipeline.flow.refuse_labels("TextEmbedder")
        self.pipeline_ = pipeline
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:  # noqa: ANN401, N803
        """One vector a text.

        Args:
            X: A list, Series or array of texts, or a frame or array with one column of them.

        Returns:
            Shape (texts, dimension), float32; NaN rows for null, empty and blank texts.

        Raises:
            InputTypeError: ``X`` is a single text, or has several columns.
            sklearn.exceptions.NotFittedError: ``fit`` was not called.
        """
        check_is_fitted(self)
        return self.pipeline_.encode(_one_column(X))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ANN401
        """A name for each number of a vector: the component's column and a number from 0 on.

        Args:
            input_features: Not looked at.

        Raises:
            sklearn.exceptions.NotFittedError: ``fit`` was not called.
        """
        check_is_fitted(self)
        widths = [component.plan.final_width for component in self.pipeline_.components]
        named = zip(self.pipeline_.columns, widths, strict=True)
        return np.array(
            [f"{column}_{n}" for column, width in named for n in range(width)], dtype=object
        )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "pipeline_")

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn's record
        tags = super().__sklearn_tags__()
        tags.requires_fit = True
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = True
        return tags


def _one_column(texts: Any) -> Any:  # noqa: ANN401
    if isinstance(texts, str):
        raise InputTypeError(
            "scikit-learn's X is a list or column of texts; put the one text into a list."
        )
    if isinstance(texts, pd.DataFrame) or (isinstance(texts, np.ndarray) and texts.ndim == 2):
        if texts.shape[1] != 1:
            raise InputTypeError(
                f"X has {texts.shape[1]} columns, and one of texts is needed: in a "
                f"ColumnTransformer name a single column, "
                "as a text and not in a list."
            )
        return texts.iloc[:, 0] if isinstance(texts, pd.DataFrame) else texts[:, 0]
    return texts
