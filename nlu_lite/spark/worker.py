"""What runs in Spark's Python workers: Arrow batches of texts in, Arrow batches of vectors out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark import cloudpickle

from nlu_lite.common import Ints
from nlu_lite.spark.columns import CHUNKS, to_arrow

_cloudpickle: Any = cloudpickle
# Of the texts that are read at once: enough to sort by length, while token vectors stay near a
# hundred megabytes.
MAX_TEXT_BYTES = 200_000
MAX_TEXTS = 2_000
# Of a batch handed to Spark: Arrow's lists and strings hold at most 2 GiB, and the JVM needs room
# for several.
MAX_BATCH_BYTES = 32 << 20


@dataclass(frozen=True)
class WorkerJob:
    """What to do with each batch: its columns are the texts, their chunks if any, those to carry.

    Attributes:
        options: Of the pipeline's ``predict``.
        types: The columns to take of its result, and their types.
        has_chunks: Whether the second column of a batch is that of the chunks.
        order: For each column handed to Spark its number among those taken, then those carried.
        names: Names of the columns handed to Spark.
        workers: How many workers share this host's processors; None leaves the threads to Spark's
            OMP_NUM_THREADS.
    """

    options: dict[str, Any]
    types: dict[str, pa.DataType]
    has_chunks: bool
    order: list[int]
    names: list[str]
    workers: int | None


def pickle_for_workers(value: object) -> bytes:
    """What goes to the workers; functions of the user's program travel by value."""
    return bytes(_cloudpickle.dumps(value))


@lru_cache(maxsize=4)
def _unpickle_pipeline(pickled: bytes) -> Any:  # noqa: ANN401 - whatever has a ``predict``
    """Found and read once a process, which serves many partitions; from this job's own driver."""
    return _cloudpickle.loads(pickled)


def run_job(
    pickled_pipe: bytes, pickled_job: bytes, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """The result for the batches of one partition.

    Args:
        pickled_pipe: The pipeline, as request and options.
        pickled_job: A ``WorkerJob``.
        batches: Of the columns that the job speaks of.
    """
    job: WorkerJob = _cloudpickle.loads(pickled_job)
    for batch in batches:
        if not batch.num_rows:
            continue
        if job.workers is not None:
            from nlu_lite.encoder import share_processors

            share_processors(job.workers)
        for rows in _slices(batch):
            yield from _results(_unpickle_pipeline(pickled_pipe), job, rows)


def _slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in slices that are read at once; their bounds change no number of the result."""
    texts = batch.column(0)
    first = slice_bytes = 0
    for row in range(len(texts)):
        text_bytes = texts.slice(row, 1).nbytes
        is_full = slice_bytes + text_bytes > MAX_TEXT_BYTES or row - first == MAX_TEXTS
        if is_full and row > first:
            yield batch.slice(first, row - first)
            first, slice_bytes = row, 0
        slice_bytes += text_bytes
    yield batch.slice(first)


def _results(
    pipe: Any,  # noqa: ANN401 - has a ``predict``
    job: WorkerJob,
    rows: pa.RecordBatch,
) -> Iterator[pa.RecordBatch]:
    texts, *carried = rows.columns
    data: Any = texts.to_pylist()
    if job.has_chunks:
        chunks, *carried = carried
        data = pd.DataFrame({"text": data, CHUNKS: chunks.to_pylist()}, dtype=object)
    result: pd.DataFrame = pipe.predict(data, **job.options)
    document = result.index.to_numpy(dtype=np.int64)
    for begin, end in _bounds(result, document, carried):
        arrays = [to_arrow(result[name].iloc[begin:end], kind) for name, kind in job.types.items()]
        documents = pa.array(document[begin:end])
        arrays += [column.take(documents) for column in carried]
        in_order = [arrays[number] for number in job.order]
        yield pa.RecordBatch.from_arrays(in_order, names=job.names)


def _bounds(
    result: pd.DataFrame, document: Ints, carried: list[pa.Array]
) -> Iterator[tuple[int, int]]:
    """First and last row (half-open) of each batch of the result."""
    if not len(result):
        return
    document_bytes = np.zeros(int(document.max()) + 1, dtype=np.int64)
    for column in carried:
        document_bytes += [column.slice(row, 1).nbytes for row in range(len(document_bytes))]
    row_bytes = document_bytes[document]
    for name, dtype in result.dtypes.items():
        if dtype == "object":
            row_bytes = row_bytes + [getattr(cell, "nbytes", 0) for cell in result[name]]
    batch = (np.cumsum(row_bytes) - row_bytes) // MAX_BATCH_BYTES
    begins = np.flatnonzero(np.diff(batch, prepend=-1)).tolist()
    yield from zip(begins, [*begins[1:], len(result)], strict=True)
