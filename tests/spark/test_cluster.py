"""A small job on a standalone Spark cluster; `make nightly` has the large ones."""

from __future__ import annotations

import pandas as pd
import pytest

import nlu_lite as nlu
from tests.helpers.cluster_jobs import COLUMN, assert_rows, texts_frame, write_with_a_worker_killed
from tests.helpers.spark_cluster import WORKERS, cluster_session

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
TEXTS, PARTITIONS = 2_000, 20


def test_a_worker_of_a_cluster_killed_in_the_middle_costs_no_row(two_layers, tmp_path):
    pipe = nlu.load(path=two_layers, task="embed", column=COLUMN)
    frame = texts_frame(TEXTS)
    folder = tmp_path / "cluster"
    folder.mkdir()
    with cluster_session(folder) as (cluster, spark):
        completed = write_with_a_worker_killed(
            spark, cluster, pipe, frame, PARTITIONS, tmp_path / "words"
        )
        assert 0 < completed < PARTITIONS
        assert len(cluster.workers) == WORKERS - 1
    assert_rows(pd.read_parquet(tmp_path / "words"), pipe.predict(frame, positions=True))
