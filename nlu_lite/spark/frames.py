"""A Spark DataFrame and a pipeline -> the Spark DataFrame of its words and vectors."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from nlu_lite import frame
from nlu_lite.common import method_takes, warn
from nlu_lite.errors import InputTypeError, InputValueError
from nlu_lite.flow import FrameArguments
from nlu_lite.spark.columns import CHUNKS, arrow_type, spark_type
from nlu_lite.spark.session import (
    check_workers,
    is_case_sensitive,
    python_of,
    workers_on_this_host,
)
from nlu_lite.spark.worker import WorkerJob, pickle_for_workers

if TYPE_CHECKING:
    from nlu_lite.pipeline import Pipeline

# mapInArrow goes through pandas_udf, which looks at the version of pandas; no pandas object is
# handed to Spark here.
_WARNING_ABOUT_PANDAS = "PySpark does not yet fully support pandas"


@dataclass(frozen=True, kw_only=True)
class TransformArguments(FrameArguments):
    """What ``transform`` is asked for.

    Attributes:
        text: The column of the texts; without it a column named ``text``, else the only column of
            type string.
    """

    text: str | None = None


@method_takes(TransformArguments)
def transform(pipe: Pipeline, spark_df: DataFrame, arguments: TransformArguments) -> DataFrame:
    """The Spark DataFrame that ``pipe.predict`` would give, computed on Spark's own workers.

    It is computed when an action asks for it. The workers get the request and the options, never
    weights: each Python worker finds the model's files by the same registry entry and reads them
    once.

    Args:
        pipe: The pipeline.
        spark_df: Has a column of texts, or of lists of words; never changed.
        arguments: The fields of ``TransformArguments``.

    Returns:
        The columns of ``Pipeline.predict`` and then those carried: texts and labels as string
        (learnt ones in their own type), numbers as bigint, confidences as float (lists of labels
        and of their confidences as ``array<string>`` and ``array<double>``), vectors as
        ``array<float>`` of the pipeline's width (``array<array<float>>`` with ``aggregate=None``),
        null for a null, empty or blank text. Rows of a text stay together, in order. Spark has no
        index: carry a column that is a key.

    Raises:
        InputTypeError: The data is no Spark DataFrame, or the column holds neither texts nor lists
            of words.
        InputValueError: It is not clear which column holds the text.
        OptionError: An option is outside what is valid.
        MissingExtraError: The Python that a local Spark starts for its workers lacks this package.
    """
    fields = fields_of(spark_df)
    pipe.flow.refuse_pairs("transform")
    frame_options = pipe.flow.frame_options(arguments)
    position = text_position(fields, arguments.text)
    column_types = pipe.flow.column_types(frame_options)
    types = {name: arrow_type(column) for name, column in column_types.items()}
    chunks, chunk_position = arguments.chunks, None
    if isinstance(chunks, str):
        chunks, chunk_position = CHUNKS, _position(fields, chunks, "chunks")
    options = {
        "output_level": frame_options.level.name,
        "positions": arguments.positions,
        "metadata": arguments.metadata,
        "aggregate": arguments.aggregate,
        "chunks": chunks,
        "progress": False,  # its lines would go into the logs of the workers
    }
    names: list[Hashable] = [field.name for field in fields]
    repeats_text = frame_options.level.repeats_text
    carried = frame.carried_positions(
        names, names[position], keep=arguments.keep, repeats_text=repeats_text
    )
    return map_frame(
        Request(pipe, options, types),
        spark_df,
        text=position,
        chunks=chunk_position,
        carried=name_carried(fields, carried, types, is_case_sensitive(spark_df.sparkSession)),
    )


@dataclass(frozen=True)
class Request:
    """What the workers are asked for.

    Attributes:
        pipe: Has a ``predict``, and pickles without weights.
        options: Of that ``predict``.
        types: The columns to take of its result, and their types.
    """

    pipe: Any
    options: dict[str, Any]
    types: dict[str, pa.DataType]


def map_frame(
    request: Request,
    spark_df: DataFrame,
    *,
    text: int,
    chunks: int | None = None,
    carried: Sequence[tuple[str, int]],
    is_sorted: bool = False,
) -> DataFrame:
    """The DataFrame of a request: the columns of results, then those carried.

    Args:
        request: What the workers are asked for.
        spark_df: The data.
        text: Position of the column of texts.
        chunks: Position of the column of chunks, if any.
        carried: New name and position of each column carried.
        is_sorted: Put the columns into alphabetical order.
    """
    check_workers(spark_df.sparkSession)
    fields = spark_df.schema.fields
    schema = [StructField(name, spark_type(kind), True) for name, kind in request.types.items()]
    inputs = [text] if chunks is None else [text, chunks]
    for name, position in carried:
        field = fields[position]
        schema.append(StructField(name, field.dataType, field.nullable, field.metadata))
        inputs.append(position)
    order = list(range(len(schema)))
    if is_sorted:
        order.sort(key=lambda number: schema[number].name)
    schema = [schema[number] for number in order]
    # A join may have two columns of one name, which no batch of Arrow has on its way to Spark.
    numbered = [
        StructField(f"r{position}", field.dataType, field.nullable, field.metadata)
        for position, field in enumerate(schema)
    ]
    result = StructType(numbered)
    job = WorkerJob(
        options=request.options,
        types=request.types,
        has_chunks=chunks is not None,
        order=order,
        names=result.names,
        workers=workers_on_this_host(spark_df.sparkSession),
    )
    # By numbers, since names may stand twice or hold dots, which Spark reads as a path into a
    # structure; by new ones in the batches, where a column may be the text and carried as well.
    numbers = [f"c{position}" for position in range(len(fields))]
    selected = spark_df.toDF(*numbers).select([numbers[position] for position in inputs])
    batches = selected.toDF(*map(str, range(len(inputs))))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=_WARNING_ABOUT_PANDAS, category=FutureWarning)
        function = worker_function(request.pipe, job, python_of(spark_df.sparkSession))
        mapped = batches.mapInArrow(function, result)
    return mapped.toDF(*(field.name for field in schema))


def worker_function(
    pipe: Any,  # noqa: ANN401 - has a ``predict``
    job: WorkerJob,
    asked_python: str | None = None,
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function that Spark sends to its workers.

    It travels by value, and holds nothing but bytes: a worker that lacks this package can still run
    it and say so.

    Args:
        pipe: Pickles as request and options. Functions among them travel by value too.
        job: What to do with each batch.
        asked_python: The Python that the session asks Spark for, where that is known.
    """
    pickled_pipe, pickled_job = pickle_for_workers(pipe), pickle_for_workers(job)

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            from nlu_lite.spark import worker
        except ImportError as error:
            import platform
            import sys

            raise ImportError(
                f"The Python that ran this Spark task on {platform.node()}, "
                f"{sys.executable or sys.prefix}, cannot import nlu_lite ({error}). The driver "
                f"asked for {asked_python!r}. Spark starts the one that PYSPARK_PYTHON names on "
                f"the driver, or spark.pyspark.python, else python3 of the host's PATH: name one "
                f"of an environment that has nlu-lite[spark] on every host, before the session is "
                f"made."
            ) from error
        yield from worker.run_job(pickled_pipe, pickled_job, batches)

    return run


def fields_of(spark_df: Any) -> list[StructField]:  # noqa: ANN401 - whatever the caller gave
    """The columns of a Spark DataFrame.

    Raises:
        InputTypeError: It is none.
    """
    if not isinstance(spark_df, DataFrame):
        raise InputTypeError(
            f"spark_df is a {type(spark_df).__name__}; it must be a Spark DataFrame. pipe.predict "
            f"takes other data."
        )
    return list(spark_df.schema.fields)


def text_position(fields: Sequence[StructField], text: str | None) -> int:
    """The position of the column of texts.

    Args:
        fields: The columns.
        text: Its name; else a column named ``text``, else the only one of type string.

    Raises:
        InputValueError: It is not clear which one is meant.
        InputTypeError: It holds something else.
    """
    name = _text_name(fields) if text is None else text
    position = _position(fields, name, "text")
    kind = fields[position].dataType
    words = kind.elementType if isinstance(kind, ArrayType) else kind
    if not isinstance(words, StringType):
        raise InputTypeError(
            f"The text column {name!r} is of type {kind.simpleString()}; valid are string, and "
            f"array<string> for texts that are split into words."
        )
    return position


def _text_name(fields: Sequence[StructField]) -> str:
    names = [field.name for field in fields if isinstance(field.dataType, StringType)]
    if "text" in [field.name for field in fields]:
        return "text"
    if len(names) == 1:
        return names[0]
    count = (
        f"{len(names)} columns are of type string: {names}" if names else "none is of type string"
    )
    raise InputValueError(
        f'Which column is the text? There is no column "text", and {count}. Say text="NAME".'
    )


def _position(fields: Sequence[StructField], name: str, option: str) -> int:
    names = [field.name for field in fields]
    if names.count(name) > 1:
        raise InputValueError(
            f"The column {name!r} stands more than once among the columns {names}, as after a "
            f"join: rename or drop one of them, or say {option}=NAME of another."
        )
    if name not in names:
        raise InputValueError(
            f"The column {name!r} is not among the columns {names}. Say {option}=NAME."
        )
    return names.index(name)


def name_carried(
    fields: Sequence[StructField],
    positions: Iterable[int],
    results: Iterable[str],
    is_case_sensitive: bool,
) -> list[tuple[str, int]]:
    """New name and position of each column carried; ``<name>_input`` where a result has its name.

    Args:
        fields: The columns of the data.
        positions: Of those to carry.
        results: Names of the columns of results.
        is_case_sensitive: Whether names that differ only in case are different ones.
    """
    fold: Callable[[str], str] = str if is_case_sensitive else str.casefold
    taken = set(map(fold, results))
    names = {position: fields[position].name for position in positions}
    used = taken | set(map(fold, names.values()))
    renamed: dict[str, str] = {}
    for position, name in names.items():
        if fold(name) in taken:
            numbered = (f"{name}_input_{number}" for number in itertools.count(2))
            candidates = itertools.chain([f"{name}_input"], numbered)
            names[position] = next(free for free in candidates if fold(free) not in used)
            used.add(fold(names[position]))
            renamed[name] = names[position]
    if renamed:
        warn(
            f"The data has columns named like results: {list(renamed)}; in the result they are "
            f"{list(renamed.values())}."
        )
    return [(name, position) for position, name in names.items()]
