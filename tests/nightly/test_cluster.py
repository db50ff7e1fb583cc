"""A pipeline on a standalone Spark cluster: master, two workers, executors and their Pythons are
processes of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite.spark import transform
from tests.helpers.cluster_jobs import (
    COLUMN,
    TEXT_SCHEMA,
    assert_rows,
    spark_frame,
    texts_frame,
    write_with_a_worker_killed,
)
from tests.helpers.equal import assert_equal
from tests.helpers.spark_cluster import WORKERS, cluster_session, wait_for_executors
from tests.nightly.sizes import CLUSTER_TEXTS

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
PARTITIONS = 40
# The stream takes one of these at a time.
STREAM_FILES = 6
# Rows that the head learns from.
FITTED = 120
LEARNT = "learnt"
REFERENCE = "en.embed_sentence.two_layers"


def registry_text(folder: Path) -> str:
    """A registry file whose one reference is the sentence model in a folder."""
    models = {"two_layers": {"sources": [{"path": str(folder)}], "architecture": "bert"}}
    entry = {"model": "two_layers", "task": "embed_sentence", "language": "en"}
    return json.dumps({"models": models, "references": {REFERENCE: entry}})


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with cluster_session(tmp_path_factory.mktemp("cluster")) as (cluster, spark):
        yield cluster, spark


@pytest.fixture
def spark(running):
    """The session, with both workers."""
    cluster, session = running
    while len(cluster.workers) < WORKERS:
        cluster.add_worker()
    wait_for_executors(session, WORKERS)
    return session


@pytest.fixture(scope="module")
def pipe(two_layers):
    return nlu.load(path=two_layers, task="embed", column=COLUMN)


@pytest.fixture(scope="module")
def frame():
    return texts_frame(CLUSTER_TEXTS)


@pytest.fixture(scope="module")
def predicted(pipe, frame):
    return pipe.predict(frame, positions=True, progress=False)


def test_a_worker_killed_in_the_middle_costs_no_row(
    running, spark, pipe, frame, predicted, tmp_path
):
    cluster, _ = running
    completed = write_with_a_worker_killed(
        spark, cluster, pipe, frame, PARTITIONS, tmp_path / "words"
    )
    assert 0 < completed < PARTITIONS
    assert len(cluster.workers) == WORKERS - 1
    assert_rows(pd.read_parquet(tmp_path / "words"), predicted)


def test_folders_of_a_column_hold_the_rows_of_predict(spark, pipe, frame, predicted, tmp_path):
    words = transform(pipe, spark_frame(spark, frame, PARTITIONS), positions=True)
    words.write.partitionBy("label").parquet(str(tmp_path / "words"))
    names = sorted(path.name for path in (tmp_path / "words").glob("label=*"))
    assert len(names) == frame["label"].nunique()
    for name in names:
        label = name.removeprefix("label=").replace("%20", " ")
        rows = pd.read_parquet(tmp_path / "words" / name)
        assert_rows(rows, predicted[predicted["label"] == label])


def test_a_stream_into_parquet_holds_the_rows_of_predict(spark, pipe, frame, predicted, tmp_path):
    source = tmp_path / "texts"
    spark_frame(spark, frame, STREAM_FILES).write.parquet(str(source))
    stream = (
        spark.readStream.schema(TEXT_SCHEMA).option("maxFilesPerTrigger", 1).parquet(str(source))
    )
    query = (
        transform(pipe, stream, positions=True)
        .writeStream.format("parquet")
        .option("path", str(tmp_path / "words"))
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    batches = [progress["batchId"] for progress in query.recentProgress]
    assert len(set(batches)) == STREAM_FILES
    # Spark's own reader leaves out files that no batch has committed.
    written = spark.read.parquet(str(tmp_path / "words")).toArrow().to_pandas()
    assert_rows(written, predicted)


def test_a_fitted_head_gives_on_executors_the_labels_of_predict(
    spark, own_registry, two_layers, frame, tmp_path
):
    own_registry(registry_text(two_layers))
    pipe = nlu.load(f"{REFERENCE} train.classifier", column=[COLUMN, LEARNT])
    has_text = frame["text"].fillna("") != ""
    pipe.fit(frame[has_text].iloc[:FITTED], y="label")
    labels = transform(pipe, spark_frame(spark, frame, PARTITIONS), "document")
    labels.write.parquet(str(tmp_path / "labels"))
    written = pd.read_parquet(tmp_path / "labels").sort_values("id")
    expected = pipe.predict(frame, "document", progress=False)
    assert written["id"].tolist() == expected["id"].tolist()
    predicted, given = (
        rows[LEARNT].astype(object).where(rows[LEARNT].notna(), None)
        for rows in (expected, written)
    )
    assert len(set(predicted)) > 2
    assert given.tolist() == predicted.tolist()
    assert_equal(nlu.vectors(written, COLUMN), nlu.vectors(expected, COLUMN))
