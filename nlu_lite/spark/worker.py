"""What runs in Spark's Python workers: Arrow batches of texts in, Arrow batches of words and vectors out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import cloudpickle

from nlu_lite.spark.columns import CHUNKS, to_arrow

_cloudpickle: Any = cloudpickle
# Code points of text that are read at once: enough to sort by length, while token vectors stay near
# a hundred megabytes.
MOST_TEXT = 200_000
MOST_TEXTS = 2_000
# Bytes of a batch handed to Spark: Arrow's lists and strings hold at most 2 GiB, and the JVM needs
# room for several.
MOST_BYTES = 32 << 20


@dataclass(frozen=True)
class Task:
    """What to do with each batch; places count the columns of the batch.

    Attributes:
        options: Of the pipeline's ``predict``.
        ours: The columns wanted of its result, and their types.
        text: Place of the texts.
        chunks: Place of the chunks, if any.
        carried: Places of the columns that are carried.
        order: Which of ours and the carried ones each column of the result is.
        names: Names of the columns of the result.
        workers: How many workers share this host's processors; None leaves the threads to Spark's
            OMP_NUM_THREADS.
    """

    options: dict[str, Any]
    ours: dict[str, pa.DataType]
    text: int
    chunks: int | None
    carried: tuple[int, ...]
    order: tuple[int, ...]
    names: tuple[str, ...]
    workers: int | None


def pickled(item: object) -> bytes:
    """What goes to the workers; functions of the user's program travel by value.

    Args:
        item: Anything that pickles.
    """
    return bytes(_cloudpickle.dumps(item))


def unpickled(item: bytes) -> Any:  # noqa: ANN401 - whatever was pickled
    """What ``pickled`` was given; it comes from this job's own driver.

    Args:
        item: The bytes.
    """
    return _cloudpickle.loads(item)


@lru_cache(maxsize=4)
def _pipeline(pickled: bytes) -> Any:  # noqa: ANN401 - whatever has a ``predict``
    """The pipeline of a request: found and read once a process, which serves many partitions."""
    return unpickled(pickled)


def answer(pipe: bytes, task: bytes, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The result for the batches of one partition.

    Args:
        pipe: The pipeline, pickled as request and options.
        task: A ``Task``, pickled.
        batches: Of the columns that the task speaks of.
    """
    todo: Task = unpickled(task)
    for batch in batches:
        if not batch.num_rows:
            continue
        if todo.workers is not None:
            from nlu_lite.encoder import share_processors

            share_processors(todo.workers)
        for part in _parts(batch, batch.column(todo.text)):
            yield from _results(_pipeline(pipe), todo, part)


def _parts(batch: pa.RecordBatch, texts: pa.Array) -> Iterator[pa.RecordBatch]:
    """The batch in slices that are read at once; their bounds change no number of the result."""
    sizes = [
        text.nbytes if (text := texts.slice(row, 1)).null_count == 0 else 0
        for row in range(len(texts))
    ]
    first, size = 0, 0
    for row, own in enumerate(sizes):
        if row > first and (size + own > MOST_TEXT or row - first == MOST_TEXTS):
            yield batch.slice(first, row - first)
            first, size = row, 0
        size += own
    yield batch.slice(first)


def _results(pipe: Any, task: Task, part: pa.RecordBatch) -> Iterator[pa.RecordBatch]:  # noqa: ANN401
    texts: Any = part.column(task.text).to_pylist()
    if task.chunks is not None:
        chunks = part.column(task.chunks).to_pylist()
        texts = pd.DataFrame(
            {"text": pd.Series(texts, dtype=object), CHUNKS: pd.Series(chunks, dtype=object)}
        )
    found: pd.DataFrame = pipe.predict(texts, **task.options)
    document = found.index.to_numpy(dtype=np.int64)
    carried = [part.column(place) for place in task.carried]
    for begin, end in _bounds(found, document, carried):
        own = [to_arrow(found[name].iloc[begin:end], kind) for name, kind in task.ours.items()]
        rows = pa.array(document[begin:end])
        own += [column.take(rows) for column in carried]
        yield pa.RecordBatch.from_arrays(
            [own[place] for place in task.order], names=list(task.names)
        )


def _bounds(
    found: pd.DataFrame, document: NDArray[np.int64], carried: list[pa.Array]
) -> Iterator[tuple[int, int]]:
    """First and last row (half-open) of each batch of the result."""
    if not len(found):
        return
    of_document = np.zeros(int(document.max()) + 1, dtype=np.int64)
    for column in carried:
        of_document += [column.slice(row, 1).nbytes for row in range(len(of_document))]
    sizes = of_document[document]
    for name in found.columns:
        if found[name].dtype == object:
            sizes = sizes + np.array(
                [getattr(cell, "nbytes", 0) for cell in found[name]], dtype=np.int64
            )
    batch = (np.cumsum(sizes) - sizes) // MOST_BYTES
    begins = np.flatnonzero(np.diff(batch, prepend=-1)).tolist()
    yield from zip(begins, [*begins[1:], len(found)], strict=True)
