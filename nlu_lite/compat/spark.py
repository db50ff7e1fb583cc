"""NLU's ``predict`` for Spark DataFrames: computed on Spark's workers, collected or left in Spark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from nlu_lite import spark as room
from nlu_lite.errors import OptionError
from nlu_lite.inputs import ORIGIN_INDEX, is_spark

if TYPE_CHECKING:
    from nlu_lite.compat.pipeline import NLUPipeline


def predict(
    pipe: NLUPipeline,
    data: Any,  # noqa: ANN401
    options: dict[str, Any],
    matrices: Mapping[str, bool],
    level: str,
    *,
    carries: bool,
    stays: bool,
) -> Any:  # noqa: ANN401 - a DataFrame of Spark or pandas
    """The columns of ``NLUPipeline.predict``, in alphabetical order.

    Args:
        pipe: The pipeline.
        data: A Spark DataFrame, or with ``stays`` anything that ``predict`` takes.
        options: Of ``predict``, for the workers.
        matrices: The vector columns, and whether their cells are matrices.
        level: What a row stands for.
        carries: Carry the other columns, and the text as ``text``.
        stays: Give the Spark DataFrame, not yet computed; else a pandas one.

    Raises:
        OptionError: The data has to be brought into Spark, and no session is active.
        MissingExtraError: PySpark is not installed.
    """
    room.require()
    from nlu_lite.spark import columns, frames
    from nlu_lite.spark.session import is_case_sensitive

    if not is_spark(data):
        data, carries = _in_spark(data, carries)
    names = [field.name for field in frames.fields_of(data)]
    place = frames.text_place(data.schema.fields, None if "text" in names else names[0])
    data = data.toDF(*["text" if number == place else name for number, name in enumerate(names)])
    fields = data.schema.fields
    empty = pipe.predict([], **options)
    # NLU's own numbers of documents are Spark's, which a worker does not know.
    empty = empty.drop(columns=ORIGIN_INDEX, errors="ignore")
    ours = columns.types_of(empty, matrices, level)
    carried = frames.named(
        fields,
        range(len(fields)) if carries else [],
        list(ours),
        is_case_sensitive(data.sparkSession),
    )
    request = frames.Request(pipe, options, ours)
    if stays:
        return frames.mapped(request, data, text=place, carried=carried, is_sorted=True)
    from pyspark.sql.functions import monotonically_increasing_id

    numbered = data.select("*", monotonically_increasing_id().alias(ORIGIN_INDEX))
    table = frames.mapped(
        request, numbered, text=place, carried=[*carried, (ORIGIN_INDEX, len(fields))]
    ).toArrow()
    series = {
        name: columns.to_pandas(table.column(number), kind)
        for number, (name, kind) in enumerate(ours.items())
    }
    others = [table.column(len(ours) + number).to_pandas() for number in range(len(carried))]
    result = pd.concat([pd.DataFrame(series), *others], axis=1)
    result.columns = pd.Index([*ours, *(name for name, _ in carried)])
    index = pd.Index(table.column(len(ours) + len(carried)).to_numpy())
    if options["metadata"] or not options["drop_irrelevant_cols"]:
        result[ORIGIN_INDEX] = index
    else:
        index.name = ORIGIN_INDEX
    result.index = index
    return result.iloc[
        :, sorted(range(len(result.columns)), key=lambda number: result.columns[number])
    ]


def _in_spark(data: Any, carries: bool) -> tuple[Any, bool]:  # noqa: ANN401
    """What the caller has as a Spark DataFrame, and whether it has columns to carry."""
    import pyarrow as pa
    from pyspark.sql import SparkSession

    from nlu_lite.compat.pipeline import taken

    session = SparkSession.getActiveSession()
    if session is None:
        raise OptionError(
            "predict: return_spark_df=True is not possible: no Spark session is active. Make one "
            "with "
            "SparkSession.builder.getOrCreate() or hand over a Spark DataFrame, or leave "
            "return_spark_df out."
        )
    read = taken(data, index_column=False)
    if read.columns is None:
        words = any(isinstance(item, tuple) for item in read.documents)
        kind = pa.list_(pa.string()) if words else pa.string()
        table = pa.table({"text": pa.array(read.documents, type=kind)})
    else:
        table = pa.Table.from_pandas(read.columns.rename(columns=str), preserve_index=False)
    return session.createDataFrame(table), carries and read.columns is not None
