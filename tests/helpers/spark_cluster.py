"""A standalone Spark cluster on this machine, from pyspark's own jars: a master, workers of one
core, and a session on them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyspark
import pytest

from tests.helpers.ports import free_port, wait_for_port

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CHECKOUT = Path(__file__).resolve().parents[2]
SPARK_HOME = Path(pyspark.__file__).parent
HOST = "127.0.0.1"
WORKERS = 2
SECONDS = 120


class Cluster:
    """A master and its workers.

    Args:
        folder: For logs and the workers' files.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.workers: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        """What a session takes as its master."""
        return f"spark://{HOST}:{self.port}"

    def start(self) -> None:
        """Start the master, then the workers."""
        options = ["--port", str(self.port)]
        master = self._start("master", "org.apache.spark.deploy.master.Master", options)
        wait_for_port(self.port, master, SECONDS)
        for _ in range(WORKERS):
            self.add_worker()

    def add_worker(self) -> None:
        """Start one more worker, which has one core."""
        name = f"worker-{len(self._processes)}"
        options = ["--cores", "1", "--memory", "1g", "--work-dir", str(self._folder / name)]
        self.workers.append(
            self._start(name, "org.apache.spark.deploy.worker.Worker", [*options, self.address])
        )

    def kill_worker(self) -> None:
        """Kill a worker and its executor at once, as when their host loses its power."""
        _kill(self.workers.pop(0))

    def stop(self) -> None:
        """Kill all that still runs."""
        for process in reversed(self._processes):
            _kill(process)

    def _start(self, name: str, main_class: str, options: list[str]) -> subprocess.Popen[bytes]:
        command = [str(SPARK_HOME / "bin" / "spark-class"), main_class]
        command += ["--host", HOST, "--webui-port", "0", *options]
        variables = {"SPARK_HOME": str(SPARK_HOME), "SPARK_LOCAL_IP": HOST}
        with (self._folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=self._folder,
                env={**os.environ, **variables},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def cluster_session(folder: Path) -> Iterator[tuple[Cluster, SparkSession]]:
    """A running cluster and a session on it, of which each worker has one executor.

    Args:
        folder: An empty one, for what the cluster writes.
    """
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.executor.memory": "512m",
        "spark.sql.shuffle.partitions": "2",
        # Executors run in folders of their own, and this checkout is not installed.
        "spark.executorEnv.PYTHONPATH": str(CHECKOUT),
    }
    cluster = Cluster(folder)
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        stack.callback(cluster.stop)
        cluster.start()
        builder = SparkSession.builder.master(cluster.address).appName("nlu_lite cluster")
        spark = builder.config(map=settings).getOrCreate()
        stack.callback(spark.stop)
        spark.sparkContext.setLogLevel("OFF")
        wait_for_executors(spark, WORKERS)
        yield cluster, spark


def wait_for_executors(spark: SparkSession, count: int) -> None:
    """Wait until so many executors have come."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        # The driver is among those that Spark lists.
        statuses = spark.sparkContext._jsc.sc().getExecutorMemoryStatus()
        if statuses.size() - 1 >= count:
            return
        time.sleep(0.2)
    raise AssertionError(f"no {count} executors in {SECONDS} s")


def completed_tasks(spark: SparkSession) -> int:
    """How many tasks of the stages that run now are done."""
    tracker = spark.sparkContext.statusTracker()
    stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    return sum(stage.numCompletedTasks for stage in stages if stage is not None)
