"""Throughput of predict, stream, to_parquet and Spark (local[2]) on the same texts.

All is measured in one run, at token and sentence level. They take turns, so that a machine that
becomes slower is slower for all; the best of the rounds counts. The texts are the distinct
sentences of ``benchmarks/corpus.py``. Spark has them in eight partitions, has started its workers
and read the model before the first round, and throws the rows away once the JVM has them
(``noop``).

    python -m benchmarks.scale --texts 20000 --rounds 3
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import nlu_lite as nlu
from benchmarks import corpus
from nlu_lite.frame import LevelName

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

REFERENCES: dict[LevelName, str] = {
    "token": "en.embed.minilm_l6",
    "sentence": "en.embed_sentence.minilm_l6",
}
METHODS = ("predict", "stream", "to_parquet", "spark")
PARTITIONS = 8
# What the others must reach of predict's rate.
TARGETS = {"stream": 0.90, "to_parquet": 0.85, "spark": 0.70}


@contextmanager
def session() -> Iterator[SparkSession]:
    """Spark on this machine, with two workers of this Python."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "4g")
    )
    builder = builder.config("spark.ui.showConsoleProgress", "false").config(
        "spark.driver.host", "127.0.0.1"
    )
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    yield spark
    spark.stop()


def build_methods(
    pipe: nlu.Pipeline, level: LevelName, texts: list[str], spark: SparkSession | None
) -> dict[str, Callable[[], int]]:
    """Each method as a function that returns the rows it made; Spark's only with a session."""

    def predict() -> int:
        return len(pipe.predict(texts, level, progress=False))

    def stream() -> int:
        frames = pipe.stream(iter(texts), level)
        return sum(len(frame) for frame in frames)

    def to_parquet() -> int:
        with tempfile.TemporaryDirectory() as folder:
            report = pipe.to_parquet(texts, Path(folder) / "dataset", level, progress=False)
            return int(report["rows"])

    pipe.predict(texts[:200], progress=False)
    methods = {"predict": predict, "stream": stream, "to_parquet": to_parquet}
    if spark is not None:
        methods["spark"] = build_spark_method(pipe, level, texts, spark)
    return methods


def build_spark_method(
    pipe: nlu.Pipeline, level: LevelName, texts: list[str], spark: SparkSession
) -> Callable[[], int]:
    """Spark's method, its workers started and the model read; counts the rows that go nowhere."""
    from pyspark.sql import Observation, functions

    from nlu_lite.spark import transform

    data = (
        spark.createDataFrame([(text,) for text in texts], "text string")
        .repartition(PARTITIONS)
        .cache()
    )
    data.count()

    def run(rows: DataFrame = data) -> int:
        observation = Observation()
        result = transform(pipe, rows, level)
        counted = result.observe(observation, functions.count(functions.lit(1)).alias("rows"))
        counted.write.format("noop").mode("overwrite").save()
        return int(observation.get["rows"])

    run(data.limit(400).repartition(PARTITIONS))
    return run


def measure(
    pipe: nlu.Pipeline,
    level: LevelName,
    texts: list[str],
    rounds: int,
    spark: SparkSession | None = None,
    only: Collection[str] = METHODS,
) -> dict[str, list[float]]:
    """Seconds of each method in each round."""
    methods = build_methods(pipe, level, texts, spark)
    functions = {name: method for name, method in methods.items() if name in only}
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    rows = set()
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            rows.add(function())
            seconds[name].append(time.perf_counter() - start)
    assert len(rows) == 1, f"the methods made different numbers of rows: {rows}"
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Throughput of predict, stream, to_parquet and Spark on the same texts."
    )
    parser.add_argument(
        "--texts", type=int, default=20_000, metavar="N", help="distinct sentences (20000)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="N", help="times each method is run (3)"
    )
    parser.add_argument("--levels", nargs="+", choices=list(REFERENCES), default=list(REFERENCES))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    arguments = parser.parse_args()
    texts = corpus.sentences(arguments.texts)
    words = sum(len(text.split()) for text in texts)
    print(
        f"{len(texts)} distinct sentences, {words} words; {platform.machine()}, best of "
        f"{arguments.rounds}"
    )
    warnings.filterwarnings(
        "ignore", message="PySpark does not yet fully support pandas", category=FutureWarning
    )
    with session() as spark:
        for level in arguments.levels:
            pipe = nlu.load(REFERENCES[level])
            methods = {"predict", *arguments.methods}
            seconds = measure(pipe, level, texts, arguments.rounds, spark, methods)
            report(level, texts, words, seconds)


def report(level: LevelName, texts: list[str], words: int, seconds: dict[str, list[float]]) -> None:
    """Print what was measured at one level."""
    best = {name: min(times) for name, times in seconds.items()}
    for name, time_of_best in best.items():
        share = best["predict"] / time_of_best
        sentence_rate, word_rate = len(texts) / time_of_best, words / time_of_best
        print(
            f"{level:9s} {name:11s} {time_of_best:7.2f} s {sentence_rate:8.0f} sentences/s "
            f"{word_rate:9.0f} words/s  {share:4.2f} of predict{verdict(name, share)}"
        )
    rounded = {
        name: [round(seconds_of_round, 2) for seconds_of_round in times]
        for name, times in seconds.items()
    }
    print(json.dumps({"level": level, "seconds": rounded}))


def verdict(name: str, share: float) -> str:
    """Whether a method reaches its target; nothing for one without."""
    if name not in TARGETS:
        return ""
    target = TARGETS[name]
    return f"  ({'within' if share >= target else 'BELOW'} the target of {target:.2f})"


if __name__ == "__main__":
    main()
