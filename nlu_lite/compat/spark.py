"""NLU's ``predict`` on Spark's workers; the result is collected or stays in Spark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nlu_lite import spark as spark_room
from nlu_lite.compat.documents import read_documents
from nlu_lite.compat.predict import PredictOptions
from nlu_lite.errors import OptionError
from nlu_lite.inputs import ORIGIN_INDEX, is_spark

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame as SparkDataFrame


@dataclass(frozen=True, kw_only=True)
class SparkRequest:
    """What Spark's workers are asked for.

    Attributes:
        pipe: Has NLU's ``predict``, and pickles without weights.
        options: Of ``predict``.
        matrices: The vector columns, and whether their cells are matrices.
    """

    pipe: Any
    options: PredictOptions
    matrices: Mapping[str, bool]


def predict(
    request: SparkRequest,
    data: Any,  # noqa: ANN401 - a Spark DataFrame, or what `predict` takes
    *,
    stays_in_spark: bool,
) -> pd.DataFrame | SparkDataFrame:
    """The columns of ``NLUPipeline.predict``, in alphabetical order.

    Args:
        request: What the workers are asked for.
        data: A Spark DataFrame, or anything else that ``predict`` takes.
        stays_in_spark: Give a Spark DataFrame, not yet computed; else a pandas one.

    Raises:
        OptionError: The data has to be brought into Spark, and no session is active.
        MissingExtraError: PySpark is not installed.
    """
    spark_room.require()
    from pyspark.sql.functions import monotonically_increasing_id

    from nlu_lite.spark import columns, frames
    from nlu_lite.spark.session import is_case_sensitive

    options = asdict(request.options)
    keeps_columns = request.options.keep_stranger_features
    if not is_spark(data):
        data, has_columns = _to_spark(data)
        keeps_columns = keeps_columns and has_columns
    names = [field.name for field in frames.fields_of(data)]
    text = frames.text_position(data.schema.fields, None if "text" in names else names[0])
    names[text] = "text"
    data = data.toDF(*names)
    empty = request.pipe.predict([], **options)
    # NLU's own numbers of documents are Spark's, which a worker does not know.
    empty = empty.drop(columns=ORIGIN_INDEX, errors="ignore")
    types = columns.arrow_types(empty, request.matrices, request.options.level.name)
    numbers = range(len(names)) if keeps_columns else []
    carried = frames.name_carried(
        data.schema.fields, numbers, list(types), is_case_sensitive(data.sparkSession)
    )
    worker_request = frames.Request(request.pipe, options, types)
    if stays_in_spark:
        return frames.map_frame(worker_request, data, text=text, carried=carried, is_sorted=True)
    numbered = data.select("*", monotonically_increasing_id().alias(ORIGIN_INDEX))
    mapped = frames.map_frame(
        worker_request, numbered, text=text, carried=[*carried, (ORIGIN_INDEX, len(names))]
    )
    return _to_pandas(mapped.toArrow(), types, shows_index=request.options.shows_all_units)


def _to_pandas(
    table: pa.Table, types: dict[str, pa.DataType], *, shows_index: bool
) -> pd.DataFrame:
    """The collected table as a frame; the columns of ``types`` come first, the index last."""
    from nlu_lite.spark import columns

    *names, _ = table.column_names
    *cells, numbers = table.columns
    index = pd.Index(numbers.to_numpy())
    series: list[pd.Series[Any]] = []
    for name, column in zip(names, cells, strict=True):
        kind = types.get(name)
        values = column.to_pandas() if kind is None else columns.to_pandas(column, kind)
        series.append(pd.Series(values))
    if shows_index:
        names.append(ORIGIN_INDEX)
        series.append(pd.Series(index))
    result = pd.concat(series, axis=1)
    # A Spark DataFrame may have two columns of one name.
    result.columns = pd.Index(names)
    result.index = index if shows_index else index.rename(ORIGIN_INDEX)
    return result.iloc[:, np.argsort(names, kind="stable")]


def _to_spark(data: Any) -> tuple[Any, bool]:  # noqa: ANN401
    """What the caller has as a Spark DataFrame, and whether it has columns to carry."""
    import pyarrow as pa
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is None:
        raise OptionError(
            "predict: return_spark_df=True is not possible: no Spark session is active. Make one "
            "with SparkSession.builder.getOrCreate() or hand over a Spark DataFrame, or leave "
            "return_spark_df out."
        )
    inputs = read_documents(data, index_column=False)
    if inputs.columns is not None:
        columns = inputs.columns.rename(columns=str)
        table = pa.Table.from_pandas(columns, preserve_index=False)
        return session.createDataFrame(table), True
    has_words = any(isinstance(document, tuple) for document in inputs.documents)
    kind = pa.list_(pa.string()) if has_words else pa.string()
    table = pa.table({"text": pa.array(inputs.documents, type=kind)})
    return session.createDataFrame(table), False
