"""The public API as a user would call it; read by mypy, never run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame as SparkDataFrame

import nlu_lite as nlu
import nlu_lite.compat
import nlu_lite.spark
from nlu_lite.flow.estimate import Estimate
from nlu_lite.registry import Entry
from nlu_lite.sklearn import TextEmbedder
from nlu_lite.tasks.component import Component


def use_the_functions() -> None:
    """Never called."""
    pipe = nlu.load("en.embed.minilm_l6", words=lambda text: [(0, len(text))], layers=[-1, -2])
    assert_type(pipe, nlu.Pipeline)
    assert_type(
        nlu.load(path=Path("folder"), task="embed_sentence", words=nlu.SparkTokenizer()),
        nlu.Pipeline,
    )
    assert_type(nlu.search("bert", lang="en"), pd.DataFrame)
    assert_type(nlu.models["bert"], Entry)
    assert_type(nlu.register("own.yaml"), list[str])
    assert_type(nlu.verify("bert", config_only=True), pd.DataFrame)
    assert_type(nlu.clear_cache(), None)
    assert_type(nlu.__version__, str)

    nlu.load("bert", lyers=3)  # type: ignore[call-arg]  # an unknown option is a type error too
    nlu.laod("bert")  # type: ignore[attr-defined]  # and so is a misspelt name


def use_a_pipeline(pipe: nlu.Pipeline) -> None:
    """Never called."""
    frame = pipe.predict(["I love NLP"], output_level="token", positions=True, keep=["id"])
    assert_type(frame, pd.DataFrame)
    assert_type(nlu.vectors(frame), NDArray[np.float32])
    assert_type(nlu.vectors(frame["vec"]), NDArray[np.float32])
    assert_type(nlu.mean_vectors(frame, by=["token"]), pd.DataFrame)
    assert_type(nlu.as_text(frame, digits=6), pd.DataFrame)
    assert_type(nlu.write_csv(pipe.stream(["a"]), "words.csv", index=False), None)
    assert_type(pipe.predict(["a"], keep="all", probabilities=True), pd.DataFrame)
    assert_type(pipe.nearest(frame, ["a", "b"], k=2), pd.DataFrame)
    assert_type(pipe.fit(["a", "b"], [0, 1]).score(["a", "b"], [0, 1]), float)
    assert_type(pipe.encode(pd.Series(["a", None])), NDArray[np.float32])
    assert_type(pipe.stream(["a"], rows=100), Iterator[pd.DataFrame])
    assert_type(pipe.to_parquet(["a"], "folder", part_rows=10), dict[str, Any])
    assert_type(pipe.estimate(["a"]), Estimate)
    assert_type(pipe.similarity(["a"], ["b"]), pd.DataFrame)
    assert_type(pipe.nearest(frame, "a", 3), pd.DataFrame)
    assert_type(pipe.save("folder"), None)
    assert_type(pipe.components, list[Component])
    assert_type(pipe.columns, list[str])

    pipe.predict(["a"], output_level="words")  # type: ignore[arg-type]  # the levels are known
    pipe.predict(["a"], outputlevel="token")  # type: ignore[call-arg]


def use_nlus_own_interface(spark_frame: SparkDataFrame, in_spark: bool) -> None:
    """Never called."""
    pipe = nlu_lite.compat.load("bert", gpu=True)
    assert_type(pipe, nlu_lite.compat.NLUPipeline)
    assert_type(pipe.predict("I love NLP", output_level="token"), pd.DataFrame)
    assert_type(pipe.predict(spark_frame, return_spark_df=False), pd.DataFrame)
    assert_type(pipe.predict("I love NLP", return_spark_df=True), SparkDataFrame)
    assert_type(pipe.predict("I love NLP", return_spark_df=in_spark), pd.DataFrame | SparkDataFrame)
    assert_type(pipe.predict_embeds(["I love NLP"]), NDArray[np.float32])


def use_the_adapters(pipe: nlu.Pipeline, spark_frame: SparkDataFrame) -> None:
    """Never called."""
    assert_type(nlu_lite.spark.transform(pipe, spark_frame, "sentence"), SparkDataFrame)
    assert_type(TextEmbedder("bert").transform(["a"]), NDArray[np.float32])
