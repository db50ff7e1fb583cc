"""A Spark DataFrame and a pipeline -> the Spark DataFrame of its words and vectors, computed when Spark asks for it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Never

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from nlu_lite import frame
from nlu_lite.errors import InputTypeError, InputValueError, OptionError
from nlu_lite.options import refuse_unknown
from nlu_lite.spark import columns
from nlu_lite.spark.session import check_workers, is_case_sensitive, workers_on_this_host
from nlu_lite.spark.worker import Task, pickled

if TYPE_CHECKING:
    from nlu_lite.pipeline import Level, Pipeline

_OPTIONS = ("output_level", "text", "keep", "positions", "metadata", "aggregate", "chunks")
# mapInArrow goes through pandas_udf, which looks at the version of pandas; no pandas object is
# handed to Spark here.
_ABOUT_PANDAS = "PySpark does not yet fully support pandas"


def transform(
    pipe: Pipeline,
    spark_df: DataFrame,
    output_level: Level | None = None,
    *,
    text: str | None = None,
    keep: bool | Sequence[str] = True,
    positions: bool = False,
    metadata: bool = False,
    aggregate: str | None = "mean",
    chunks: frame.Chunks | None = None,
    **unknown: Never,
) -> DataFrame:
    """The Spark DataFrame that ``pipe.predict`` would give, computed on Spark's workers when an action asks for it.

    The workers get the request and the options, never weights: each Python worker finds the model's
    files by the same registry entry and reads them once.

    Args:
        pipe: The pipeline.
        spark_df: Has a column of texts, or of lists of words; never changed.
        output_level: As of ``Pipeline.predict``.
        text: The column of the texts; without it a column named ``text``, else the only column of
            type string.
        keep: Carry the other columns, with their types: True, False or a list of names. Where a
            text has several rows its column is repeated only if the list names it.
        positions: As of ``Pipeline.predict``.
        metadata: As of ``Pipeline.predict``.
        aggregate: As of ``Pipeline.predict``.
        chunks: As of ``Pipeline.predict``.
        **unknown: Refused.

    Returns:
        The columns of ``Pipeline.predict`` and then those carried: texts and labels as string
        (learnt ones in their own type), numbers as bigint, confidences as float (lists of labels
        and of their confidences as array<string> and array<double>), vectors as array<float> of the
        pipeline's width (array<array<float>> with ``aggregate=None``), null for a null, empty or
        blank text. Rows of a text stay together, in order. Spark has no index: carry a column that
        is a key.

    Raises:
        InputTypeError: The data is no Spark DataFrame, or the column holds neither texts nor lists
            of words.
        InputValueError: It is not clear which column holds the text.
        OptionError: An option is outside what is valid.
        MissingExtraError: The Python that a local Spark starts for its workers lacks this package.
    """
    refuse_unknown(unknown, _OPTIONS, where="transform")
    fields = fields_of(spark_df)
    pipe._flow.refuse_answers("transform")
    level = pipe._flow.ask(output_level, aggregate=aggregate, chunks=chunks).level
    place = text_place(fields, text)
    options: dict[str, Any] = {
        "output_level": level,
        "positions": positions,
        "metadata": metadata,
        "aggregate": aggregate,
    }
    makers = zip(pipe.columns, pipe.components, strict=True)
    vectors = {name: item.reads_words for name, item in makers if not item.gives_labels}
    matrices = {
        name: words and aggregate is None and level != "token" for name, words in vectors.items()
    }
    empty = pipe.predict([], **options, chunks=None if chunks is None else [])
    ours = columns.types_of(empty, matrices, level)
    options["progress"] = False  # its lines would go into the logs of the workers
    if isinstance(chunks, str):
        options["chunks"] = columns.CHUNKS
    elif chunks is not None:
        options["chunks"] = chunks
    carried = _carried(fields, keep, dropped=None if level == "document" else place)
    return mapped(
        Request(pipe, options, ours),
        spark_df,
        text=place,
        chunks=_chunk_place(fields, chunks) if isinstance(chunks, str) else None,
        carried=named(fields, carried, list(ours), is_case_sensitive(spark_df.sparkSession)),
    )


@dataclass(frozen=True)
class Request:
    """What the workers are asked for.

    Attributes:
        pipe: Has a ``predict``, and pickles without weights.
        options: Of that ``predict``.
        ours: The columns wanted of its result, and their types.
    """

    pipe: Any
    options: dict[str, Any]
    ours: dict[str, pa.DataType]


def mapped(
    request: Request,
    spark_df: DataFrame,
    *,
    text: int,
    chunks: int | None = None,
    carried: Sequence[tuple[str, int]],
    is_sorted: bool = False,
) -> DataFrame:
    """The DataFrame of a request: its own columns, then those carried.

    Args:
        request: What is asked for.
        spark_df: The data.
        text: Place of the column of texts.
        chunks: Place of the column of chunks, if any.
        carried: New name and place of each column carried.
        is_sorted: Put the columns into alphabetical order.
    """
    check_workers(spark_df.sparkSession)
    fields = spark_df.schema.fields
    places = sorted({text, *([] if chunks is None else [chunks]), *(place for _, place in carried)})
    schema = [
        StructField(name, columns.spark_type(kind), True) for name, kind in request.ours.items()
    ]
    for name, place in carried:
        field = fields[place]
        schema.append(StructField(name, field.dataType, field.nullable, field.metadata))
    order = list(range(len(schema)))
    if is_sorted:
        order.sort(key=lambda place: schema[place].name)
    task = Task(
        options=request.options,
        ours=request.ours,
        text=places.index(text),
        chunks=None if chunks is None else places.index(chunks),
        carried=tuple(places.index(place) for _, place in carried),
        order=tuple(order),
        names=tuple(schema[place].name for place in order),
        workers=workers_on_this_host(spark_df.sparkSession),
    )
    # By numbers, since names may stand twice or hold dots, which Spark reads as a path into a
    # structure.
    numbered = spark_df.toDF(*(f"c{place}" for place in range(len(fields)))).select(
        [f"c{place}" for place in places]
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=_ABOUT_PANDAS, category=FutureWarning)
        return numbered.mapInArrow(
            job(request.pipe, task), StructType([schema[place] for place in order])
        )


def job(pipe: Any, task: Task) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:  # noqa: ANN401
    """The function that Spark sends to its workers.

    It travels by value, and holds nothing but bytes: a worker that lacks this package can still run
    it and say so.

    Args:
        pipe: Pickles as request and options. Functions among them travel by value too.
        task: What to do with each batch.
    """
    pickled_pipe, pickled_task = pickled(pipe), pickled(task)

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            from nlu_lite.spark import worker
        except ImportError as error:
            import os
            import sys

            raise ImportError(
                f"The Python of this Spark worker, {sys.executable}, cannot import nlu_lite "
                f"({error}). Spark starts the one "
                f"that PYSPARK_PYTHON names, here {os.environ.get('PYSPARK_PYTHON')!r}, else "
                f"python3 of PATH: name one of an "
                "environment on every host with nlu-lite[spark] installed, before the session is "
                "made."
            ) from error
        yield from worker.answer(pickled_pipe, pickled_task, batches)

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


def text_place(fields: Sequence[StructField], text: str | None) -> int:
    """The place of the column of texts.

    Args:
        fields: The columns.
        text: Its name; else a column named ``text``, else the only one of type string.

    Raises:
        InputValueError: It is not clear which one is meant.
        InputTypeError: It holds something else.
    """
    names = [field.name for field in fields]
    wanted = "text" if text is None and "text" in names else text
    if wanted is None:
        candidates = [field.name for field in fields if isinstance(field.dataType, StringType)]
        if len(candidates) != 1:
            found = (
                f"{len(candidates)} columns are of type string: {candidates}"
                if candidates
                else "none is of type string"
            )
            raise InputValueError(
                f'Which column is the text? There is no column "text", and {found}. Say '
                f'text="NAME".'
            )
        wanted = candidates[0]
    place = _place(names, wanted, "text")
    kind = fields[place].dataType
    words = kind.elementType if isinstance(kind, ArrayType) else kind
    if not isinstance(words, StringType):
        raise InputTypeError(
            f"The text column {wanted!r} is of type {kind.simpleString()}; valid are string, and "
            f"array<string> for texts that "
            "are split into words."
        )
    return place


def _place(names: Sequence[str], wanted: str, option: str) -> int:
    if list(names).count(wanted) != 1:
        problem = "stands more than once among" if wanted in names else "is not among"
        raise InputValueError(
            f"The column {wanted!r} {problem} the columns {list(names)}. Say {option}=NAME."
        )
    return list(names).index(wanted)


def _chunk_place(fields: Sequence[StructField], chunks: str) -> int:
    return _place([field.name for field in fields], chunks, "chunks")


def _carried(
    fields: Sequence[StructField], keep: bool | Sequence[str], *, dropped: int | None
) -> list[int]:
    """Places of the columns to carry."""
    names = [field.name for field in fields]
    if isinstance(keep, bool):
        return [place for place in range(len(names)) if keep and place != dropped]
    if isinstance(keep, str) or not isinstance(keep, Sequence):
        raise OptionError(f"keep is {keep!r}; valid are True, False or a list of columns.")
    if lost := [name for name in keep if name not in names]:
        raise OptionError(
            f"keep names {lost}, which the data does not have; its columns are {names}."
        )
    return [place for place, name in enumerate(names) if name in keep]


def named(
    fields: Sequence[StructField],
    carried: Sequence[int],
    ours: Sequence[str],
    is_case_sensitive: bool,
) -> list[tuple[str, int]]:
    """New name and place of each column carried; ``<name>_input`` where a column of ours has its name.

    Args:
        fields: The columns of the data.
        carried: Places of those to carry.
        ours: Names of our columns.
        is_case_sensitive: Whether names that differ only in case are different ones.
    """

    def same(name: str) -> str:
        return name if is_case_sensitive else name.casefold()

    taken, result = {same(name) for name in ours}, []
    known = taken | {same(fields[place].name) for place in carried}
    for place in carried:
        name = fields[place].name
        if same(name) in taken:
            free, number = f"{name}_input", 1
            while same(free) in known:
                number += 1
                free = f"{name}_input_{number}"
            known.add(same(free))
            name = free
        result.append((name, place))
    if renamed := {
        fields[place].name: name for name, place in result if name != fields[place].name
    }:
        warnings.warn(
            f"The data has columns named like results: {list(renamed)}; in the result they are "
            f"{list(renamed.values())}.",
            UserWarning,
            stacklevel=3,
        )
    return result
