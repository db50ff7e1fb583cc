"""A stage for ``pyspark.ml`` pipelines, saved and loaded with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from pyspark.ml import Transformer
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.param.shared import HasInputCol, HasOutputCol
from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable

from nlu_lite.common import refuse_unknown
from nlu_lite.errors import OptionError
from nlu_lite.loading import load
from nlu_lite.options import LOAD_OPTIONS
from nlu_lite.spark.frames import transform

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_LOAD = ("path", "task", *(name for name in LOAD_OPTIONS if name != "column"))
_TRANSFORM = ("keep", "positions", "metadata", "aggregate", "chunks")


class TextEmbedder(
    Transformer,
    HasInputCol,
    HasOutputCol,
    DefaultParamsReadable["TextEmbedder"],
    DefaultParamsWritable,
):
    """``nlu_lite.spark.transform`` as a stage of ``pyspark.ml``.

    What is saved is the request and the options, never weights; they are found again by the
    registry entry, on the driver and on every worker.

    Args:
        request: As of ``nlu_lite.load``; may be left out where ``path`` is among the options.
        inputCol: The column of texts; without it ``text``, else the only column of type string.
        outputCol: The name of the vector column; without it the reference's. Of several references:
            leave it out.
        outputLevel: As ``output_level`` of ``Pipeline.predict``.
        options: Options of ``nlu_lite.load`` and of ``transform`` in one dict; what JSON can hold,
            since they are saved.

    Raises:
        UnknownOptionError: An option that neither has; the message lists those that do.
        OptionError: An option that JSON cannot hold, such as a function.

    Example:
        >>> stage = TextEmbedder("en.embed.minilm_l6", inputCol="review", options={"stride": 9})
        >>> stage.getInputCol()
        'review'
    """

    request: Param[str] = Param(
        Params._dummy(), "request", "what nlu_lite.load is asked for", TypeConverters.toString
    )
    outputLevel: Param[str] = Param(  # noqa: N815 - the names of pyspark.ml
        Params._dummy(),
        "outputLevel",
        "token, sentence, document or chunk",
        TypeConverters.toString,
    )
    options: Param[dict[str, Any]] = Param(
        Params._dummy(), "options", "of nlu_lite.load and of transform", TypeConverters.identity
    )

    def __init__(
        self,
        request: str | None = None,
        *,
        inputCol: str | None = None,  # noqa: N803
        outputCol: str | None = None,  # noqa: N803
        outputLevel: str | None = None,  # noqa: N803
        options: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(options={})
        settings = {
            "request": request,
            "inputCol": inputCol,
            "outputCol": outputCol,
            "outputLevel": outputLevel,
        }
        self._set(**{name: value for name, value in settings.items() if value is not None})
        if options is not None:
            self.setOptions(options)

    def setRequest(self, value: str) -> Self:  # noqa: N802
        """Set what ``nlu_lite.load`` is asked for."""
        return self._set(request=value)

    def setInputCol(self, value: str) -> Self:  # noqa: N802
        """Set the column of texts."""
        return self._set(inputCol=value)

    def setOutputCol(self, value: str) -> Self:  # noqa: N802
        """Set the name of the vector column."""
        return self._set(outputCol=value)

    def setOutputLevel(self, value: str) -> Self:  # noqa: N802
        """Set what a row stands for."""
        return self._set(outputLevel=value)

    def setOptions(self, value: dict[str, Any]) -> Self:  # noqa: N802
        """Set the options of ``nlu_lite.load`` and of ``transform``.

        Raises:
            UnknownOptionError: One that neither has.
            OptionError: One that JSON cannot hold.
        """
        refuse_unknown(
            value.keys() - {*_LOAD, *_TRANSFORM}, (*_LOAD, *_TRANSFORM), where="TextEmbedder"
        )
        for name, option in value.items():
            try:
                json.dumps(option)
            except TypeError as error:
                raise OptionError(
                    f"TextEmbedder: {name}={option!r} cannot be saved with the stage ({error}); "
                    f"valid are texts, numbers, lists and None. nlu_lite.spark.transform takes "
                    f"functions."
                ) from error
        return self._set(options=dict(value))

    def _transform(self, dataset: DataFrame) -> DataFrame:
        options = self.getOrDefault(self.options)
        load_options: dict[str, Any] = {name: options[name] for name in options if name in _LOAD}
        if self.isSet(self.outputCol):
            load_options["column"] = self.getOutputCol()
        pipe = load(self._value(self.request), **load_options)
        level, text = self._value(self.outputLevel), self._value(self.inputCol)
        transform_options: dict[str, Any] = {
            name: options[name] for name in options if name in _TRANSFORM
        }
        return transform(pipe, dataset, level, text=text, **transform_options)

    def _value(self, param: Param[str]) -> Any:  # noqa: ANN401 - a text or None
        return self.getOrDefault(param) if self.isSet(param) else None
