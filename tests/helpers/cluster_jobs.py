"""Jobs on a cluster of Spark whose rows are compared with those of ``predict``."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd

import nlu_lite as nlu
from nlu_lite.pipeline import Pipeline
from nlu_lite.spark import transform
from tests.helpers.equal import assert_equal
from tests.helpers.spark_cluster import Cluster, completed_tasks

TEXT_SCHEMA = "id int, text string, label string"
COLUMN = "vector"
# Of all partitions, after which a worker is killed.
KILLED_AFTER = 0.2


def texts_frame(count: int) -> pd.DataFrame:
    """Distinct texts with keys and three labels; a few are null, empty or long."""
    texts: list[str | None] = [
        f"Text {n} is one of many. It has {n * 7919 % 10007} of these." for n in range(count)
    ]
    texts[3::97] = [None] * len(texts[3::97])
    texts[5::97] = [""] * len(texts[5::97])
    texts[7::97] = ["A longer one. " * 40] * len(texts[7::97])
    return pd.DataFrame(
        {
            "id": np.arange(count, dtype=np.int32),
            "text": pd.Series(texts, dtype="str"),
            "label": [f"label {n % 3}" for n in range(count)],
        }
    )


def rows_of(frame: pd.DataFrame):
    """The texts as Spark takes them."""
    rows = zip(*(frame[name] for name in ("id", "text", "label")), strict=True)
    return [(int(key), None if pd.isna(text) else text, label) for key, text, label in rows]


def spark_frame(spark, frame: pd.DataFrame, partitions: int):
    """The texts in so many partitions."""
    rows = spark.sparkContext.parallelize(rows_of(frame), partitions)
    return spark.createDataFrame(rows, TEXT_SCHEMA)


def write_with_a_worker_killed(
    spark, cluster: Cluster, pipe: Pipeline, frame: pd.DataFrame, partitions: int, folder: Path
) -> int:
    """Write words and vectors while a worker dies; of the tasks, how many were done when it did."""
    failures: list[BaseException] = []

    def write() -> None:
        try:
            words = transform(pipe, spark_frame(spark, frame, partitions), positions=True)
            words.write.parquet(str(folder))
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            failures.append(error)

    job = threading.Thread(target=write)
    job.start()
    completed = 0
    while job.is_alive() and completed < KILLED_AFTER * partitions:
        time.sleep(0.02)
        completed = completed_tasks(spark)
    assert job.is_alive(), "the job ended before a worker was killed"
    cluster.kill_worker()
    job.join()
    assert failures == []
    return completed


def assert_rows(written: pd.DataFrame, predicted: pd.DataFrame) -> None:
    """What Spark has written has the rows of ``predict``, each once, in whatever order."""
    rows = _in_order(written)
    expected = _in_order(predicted)
    for name in ("id", "begin", "end", "token"):
        assert _plain(rows[name]) == _plain(expected[name])
    assert_equal(nlu.vectors(rows, COLUMN), nlu.vectors(expected, COLUMN))


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["id", "begin"], kind="stable").reset_index(drop=True)


def _plain(cells: pd.Series) -> list[object]:
    return [None if pd.isna(cell) else cell for cell in cells]
