"""Throughput of predict, stream, to_parquet and Spark (local[2]) on the same texts in one run, at
token and sentence level.

They take turns, so that a machine that becomes slower is slower for all; the best of the rounds
counts. The texts are the distinct sentences of ``benchmarks/corpus.py``. Spark has them in eight
partitions, has started its workers and read the model before the first round, and throws the rows
away once the JVM has them (``noop``).

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

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

REFERENCES = {"token": "en.embed.minilm_l6", "sentence": "en.embed_sentence.minilm_l6"}
WAYS = ("predict", "stream", "to_parquet", "spark")
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


def ways(
    pipe: nlu.Pipeline, level: str, texts: list[str], spark: SparkSession | None
) -> dict[str, Callable[[], int]]:
    """Each way as a function that returns the rows it made; Spark's only with a session."""

    def predict() -> int:
        return len(pipe.predict(texts, level, progress=False))  # type: ignore[arg-type]

    def stream() -> int:
        frames = pipe.stream(iter(texts), level)  # type: ignore[arg-type]
        return sum(len(frame) for frame in frames)

    def to_parquet() -> int:
        with tempfile.TemporaryDirectory() as folder:
            report = pipe.to_parquet(texts, Path(folder) / "dataset", level, progress=False)  # type: ignore[arg-type]
            return int(report["rows"])

    pipe.predict(texts[:200], progress=False)
    found = {"predict": predict, "stream": stream, "to_parquet": to_parquet}
    return found if spark is None else found | {"spark": in_spark(pipe, level, texts, spark)}


def in_spark(
    pipe: nlu.Pipeline, level: str, texts: list[str], spark: SparkSession
) -> Callable[[], int]:
    """Spark's way, its workers started and the model read; counts the rows on their way to
    nowhere.
    """
    from pyspark.sql import Observation, functions

    from nlu_lite.spark import transform

    data = (
        spark.createDataFrame([(text,) for text in texts], "text string")
        .repartition(PARTITIONS)
        .cache()
    )
    data.count()

    def run(rows: DataFrame = data) -> int:
        seen = Observation()
        found = transform(pipe, rows, level)  # type: ignore[arg-type]
        counted = found.observe(seen, functions.count(functions.lit(1)).alias("rows"))
        counted.write.format("noop").mode("overwrite").save()
        return int(seen.get["rows"])

    run(data.limit(400).repartition(PARTITIONS))
    return run


def measure(
    pipe: nlu.Pipeline,
    level: str,
    texts: list[str],
    rounds: int,
    spark: SparkSession | None = None,
    only: Collection[str] = WAYS,
) -> dict[str, list[float]]:
    """Seconds of each way in each round."""
    functions = {name: way for name, way in ways(pipe, level, texts, spark).items() if name in only}
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    rows = set()
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            rows.add(function())
            seconds[name].append(time.perf_counter() - start)
    assert len(rows) == 1, f"the ways made different numbers of rows: {rows}"
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Throughput of predict, stream, to_parquet and Spark on the same texts."
    )
    parser.add_argument(
        "--texts", type=int, default=20_000, metavar="N", help="distinct sentences (20000)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="N", help="times each way is run (3)"
    )
    parser.add_argument("--levels", nargs="+", choices=list(REFERENCES), default=list(REFERENCES))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parsed = parser.parse_args()
    texts = corpus.sentences(parsed.texts)
    words = sum(len(text.split()) for text in texts)
    print(
        f"{len(texts)} distinct sentences, {words} words; {platform.machine()}, best of "
        f"{parsed.rounds}"
    )
    warnings.filterwarnings(
        "ignore", message="PySpark does not yet fully support pandas", category=FutureWarning
    )
    with session() as spark:
        for level in parsed.levels:
            pipe = nlu.load(REFERENCES[level])
            report(
                level,
                texts,
                words,
                measure(pipe, level, texts, parsed.rounds, spark, {"predict", *parsed.ways}),
            )


def report(level: str, texts: list[str], words: int, seconds: dict[str, list[float]]) -> None:
    """Print what was measured at one level."""
    best = {name: min(times) for name, times in seconds.items()}
    for name in best:
        share = best["predict"] / best[name]
        target = TARGETS.get(name)
        verdict = (
            ""
            if target is None
            else f"  ({'within' if share >= target else 'BELOW'} the target of {target:.2f})"
        )
        rates = f"{len(texts) / best[name]:8.0f} sentences/s {words / best[name]:9.0f} words/s"
        print(
            f"{level:9s} {name:11s} {best[name]:7.2f} s {rates}  {share:4.2f} of predict{verdict}"
        )
    print(
        json.dumps(
            {
                "level": level,
                "seconds": {name: [round(s, 2) for s in times] for name, times in seconds.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
