"""Spark DataFrames: rows and vectors are those of ``predict``, whatever the partitions and whatever
happens to the workers.

A real Spark on this machine (``local[2, 4]``: two workers, three retries); where it cannot start
these tests fail.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import nlu_lite as nlu
import nlu_lite.compat as compat
from benchmarks import corpus, scale
from nlu_lite.encoder.backends.threads import count_processors
from nlu_lite.errors import InputTypeError, InputValueError, OptionError, UnknownOptionError
from nlu_lite.inputs import FileArguments, open_source
from nlu_lite.spark import TextEmbedder, transform
from nlu_lite.spark.frames import worker_function
from nlu_lite.spark.session import check_workers
from nlu_lite.spark.worker import WorkerJob, pickle_for_workers, run_job
from tests.helpers import translators
from tests.helpers.equal import assert_equal
from tests.helpers.pipelines import pipeline_of

pytestmark = [
    pytest.mark.slow,
    # Spark's own remark about pandas 3, when a session is made and a frame is made of Python
    # objects.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "spark.md"
VECTOR = "en_embed_minilm_l6_embeddings"
TEXTS = [
    "I love NLP. Me too!",
    None,
    "",
    "   ",
    "It\u2019s \U0001f600 \u201cquoted\u201d, and costs $5.",
    *(f"Sentence number {number} of the bank." for number in range(20)),
    "A long one. " * 120,
]


@pytest.fixture(scope="module")
def spark():
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.fail(
            "Spark needs Java 17: install openjdk-17-jre-headless, or let JAVA_HOME name its "
            "folder."
        )
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master("local[2, 4]").appName("nlu_lite tests")
        try:
            session = builder.config(map=settings).getOrCreate()
        except (PySparkException, Py4JError, OSError) as error:
            pytest.fail(
                f"Spark does not start ({error!r}): it needs Java 17 (openjdk-17-jre-headless) and "
                f"pip install '.[test]'."
            )
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


def frame_of(spark, texts=TEXTS, partitions=2):
    rows = [(number, text, f"label {number % 3}") for number, text in enumerate(texts)]
    return spark.createDataFrame(
        spark.sparkContext.parallelize(rows, partitions), "id int, text string, label string"
    )


def pandas_of(texts=TEXTS):
    number = range(len(texts))
    labels = [f"label {n % 3}" for n in number]
    return pd.DataFrame(
        {"id": np.array(number, np.int32), "text": pd.Series(texts, dtype="str"), "label": labels}
    )


def assert_same(collected, expected_frame):
    """A collected Spark DataFrame has the columns and the rows of a pandas result."""
    result = collected.toArrow()
    assert result.column_names == list(expected_frame.columns)
    for name in expected_frame.columns:
        cells, expected = result.column(name).to_pylist(), expected_frame[name].tolist()
        if name.endswith("_embeddings"):
            assert [cell is None for cell in cells] == [cell is None for cell in expected]
            rows = [
                (np.array(cell), row)
                for cell, row in zip(cells, expected, strict=True)
                if cell is not None
            ]
            assert [a.shape for a, _ in rows] == [b.shape for _, b in rows]
            assert_equal(
                np.concatenate([np.atleast_2d(a) for a, _ in rows]),
                np.concatenate([np.atleast_2d(b) for _, b in rows]),
            )
        else:
            assert cells == [None if pd.isna(value) else value for value in expected]


@pytest.fixture(scope="module")
def predicted(minilm):
    return minilm.predict(pandas_of(), positions=True, metadata=True)


@pytest.mark.parametrize("partitions", range(1, 51))
def test_rows_are_those_of_predict_whatever_the_partitions(spark, minilm, predicted, partitions):
    # There are 26 texts, so from 27 on some partitions are empty.
    assert_same(
        transform(minilm, frame_of(spark, partitions=partitions), positions=True, metadata=True),
        predicted,
    )


@pytest.mark.parametrize(
    ("level", "options"),
    [
        ("sentence", {}),
        ("document", {}),
        ("document", {"aggregate": None, "keep": False}),
        ("sentence", {"keep": ["label", "text"], "aggregate": "max"}),
        ("chunk", {"chunks": ["the bank", "NLP"]}),
        ("chunk", {"chunks": "label"}),
    ],
    ids=str,
)
def test_levels_and_options_are_those_of_predict(spark, minilm, level, options):
    texts = [None if text is None else f"{text} label 1" for text in TEXTS[:8]]
    assert_same(
        transform(minilm, frame_of(spark, texts), level, **options),
        minilm.predict(pandas_of(texts), level, **options),
    )


def test_skewed_partitions_and_several_components(spark):
    pipe = nlu.load("en.embed.minilm_l6 en.embed_sentence.minilm_l6")
    rows = [(number % 7 == 0, number, text) for number, text in enumerate(TEXTS)]
    skewed = spark.createDataFrame(rows, "few boolean, id int, text string").repartition(5, "few")
    sizes = skewed.rdd.glom().map(len).collect()
    assert max(sizes) > 3 * (len(TEXTS) / 5)
    assert 0 in sizes
    result = (
        transform(pipe, skewed, keep=["id"]).toArrow().to_pandas().sort_values("id", kind="stable")
    )
    expected_frame = pipe.predict(pandas_of(), keep=["id"])
    assert result["token"].isna().tolist() == expected_frame["token"].isna().tolist()
    assert result["token"].dropna().tolist() == expected_frame["token"].dropna().tolist()
    for column in pipe.columns:
        assert_equal(nlu.vectors(result, column), nlu.vectors(expected_frame, column))


def test_an_empty_batch_between_others_loses_nothing(minilm):
    def batch(*texts):
        return pa.RecordBatch.from_pydict({"text": pa.array(texts, pa.string())})

    job = WorkerJob(
        options={},
        types={"token": pa.string()},
        has_chunks=False,
        order=[0],
        names=["token"],
        workers=None,
    )
    batches = [batch(), batch("a b"), batch(), batch("c")]
    parts = run_job(pickle_for_workers(minilm), pickle_for_workers(job), iter(batches))
    assert [word for part in parts for word in part.column("token").to_pylist()] == ["a", "b", "c"]


def test_texts_that_are_split_into_words(spark, minilm):
    texts = [["I", "love", "NLP"], None, [], ["a b"]]
    result = transform(
        minilm,
        spark.createDataFrame([(text,) for text in texts], "words array<string>"),
        text="words",
    )
    assert result.toArrow().column("token").to_pylist() == ["I", "love", "NLP", None, None, "a b"]


def test_vectors_are_arrays_of_float_and_other_columns_keep_their_types(spark, minilm):
    from pyspark.ml.linalg import Vectors

    data = spark.createDataFrame(
        [("a", Vectors.dense([1.0, 2.0]))], ["text", "features"]
    ).selectExpr(
        "*",
        "cast(1.50 as decimal(9,2)) price",
        "timestamp'2024-02-29 10:00:00' t",
        "map('k', array(1)) m",
        "struct(1 a) `s.t`",
    )
    result = transform(minilm, data)
    assert result.schema[VECTOR].dataType.simpleString() == "array<float>"
    assert result.schema.fields[2:] == data.schema.fields[1:]
    assert result.drop("token", VECTOR).collect() == data.drop("text").collect()


def test_clashing_names_are_renamed_and_case_is_spark_s(spark, minilm):
    data = spark.createDataFrame([("a", 1, 2)], ["text", "Token", "token_input"])
    with pytest.warns(
        UserWarning, match=r"\['Token'\]; in the result they are \['Token_input_2'\]"
    ) as seen:
        result = transform(minilm, data)
    assert seen[0].filename == __file__
    assert result.columns == ["token", VECTOR, "Token_input_2", "token_input"]
    assert result.select("Token", "token_input").collect()[0][:] == ("a", 2)


def test_nothing_is_computed_before_an_action(spark, minilm):
    def fails():
        raise RuntimeError("computed")

    broken = spark.createDataFrame(
        spark.sparkContext.parallelize([1]).map(lambda _: fails()), "text string"
    )
    result = transform(minilm, broken).filter("token is not null")
    with pytest.raises(Exception, match="computed"):
        result.collect()


def test_a_pipeline_travels_as_request_and_options(minilm):
    assert minilm.components[0].is_read
    assert len(pickle_for_workers(minilm)) < 20_000
    assert len(pickle_for_workers(worker_function(minilm, None))) < 30_000


def counted(log):
    """A rule for words that notes in a file which process unpickles it and which reads weights; it
    travels by value."""

    class Words:
        def __init__(self, log):
            self.log = log

        def __call__(self, text):
            return [(match.start(), match.end()) for match in re.finditer(r"\S+", text)]

        def __setstate__(self, state):
            # In a worker, before the pipeline that this belongs to has read anything.
            import torch

            from nlu_lite.encoder.models import cache as models

            self.__dict__ = state
            read = models.read_family_model

            def note(event):
                with Path(self.log).open("a") as file:
                    file.write(f"{event} {os.getpid()} {torch.get_num_threads()}\n")

            def noted(*arguments, **options):
                note("read")
                return read(*arguments, **options)

            note("made")
            models.read_family_model = noted

    return Words(log)


def test_weights_are_read_once_a_worker_and_two_workers_share_the_processors(
    spark, minilm, tmp_path
):
    log, model = tmp_path / "log", tmp_path / "model"
    shutil.copytree(minilm.components[0].folder, model)  # which no worker has read yet
    pipe = nlu.load(path=model, task="embed", words=counted(str(log)))
    texts = TEXTS * 2
    assert transform(pipe, frame_of(spark, texts, partitions=20)).count() == len(
        pipe.predict(texts)
    )
    assert transform(pipe, frame_of(spark, texts, partitions=9), "document").count() == len(texts)
    lines = [line.split() for line in log.read_text().splitlines()]
    for event in ("made", "read"):
        processes = [process for kind, process, _ in lines if kind == event]
        assert 1 <= len(processes) <= 2
        assert len(set(processes)) == len(processes)
    assert {int(threads) for _, _, threads in lines} == {max(1, count_processors() // 2)}


def test_a_worker_killed_in_the_middle_costs_no_row(spark, tmp_path):
    marker = tmp_path / "killed"
    driver, stop = os.getpid(), signal.SIGKILL

    def words(text):
        if os.getpid() != driver and "number 11" in text and not marker.exists():
            marker.write_text("killed")
            os.kill(os.getpid(), stop)
        return [(match.start(), match.end()) for match in re.finditer(r"\S+", text)]

    pipe = nlu.load("en.embed.minilm_l6", words=words)
    assert_same(transform(pipe, frame_of(spark, partitions=4)), pipe.predict(pandas_of()))
    assert marker.read_text() == "killed"


def test_what_is_wrong_is_said_before_anything_is_computed(spark, minilm):
    data = spark.createDataFrame([("a", "b", 1)], ["x", "y", "n"])
    with pytest.raises(
        InputValueError, match=r"2 columns are of type string: \['x', 'y'\]. Say text="
    ):
        transform(minilm, data)
    with pytest.raises(InputValueError, match="'z' is not among the columns"):
        transform(minilm, data, text="z")
    with pytest.raises(InputTypeError, match="'n' is of type bigint; valid are string"):
        transform(minilm, data, text="n")
    with pytest.raises(InputTypeError, match="spark_df is a list"):
        transform(minilm, ["a"])
    with pytest.raises(OptionError, match="keep is 'x'; valid are True, False, a list"):
        transform(minilm, data, text="x", keep="x")
    with pytest.raises(OptionError, match="keep names"):
        transform(minilm, data, text="x", keep=["q"])
    with pytest.raises(OptionError, match="output_level is 'words'"):
        transform(minilm, data, "words", text="x")
    with pytest.raises(UnknownOptionError, match="transform has no option level"):
        transform(minilm, data, text="x", level="token")
    with pytest.raises(InputTypeError, match=r"nlu_lite\.spark\.transform"):
        minilm.predict(data)


def test_the_only_column_of_texts_is_the_text(spark, minilm):
    result = transform(minilm, spark.createDataFrame([(1, "Me too")], ["n", "said"]))
    assert [(row["token"], row["n"]) for row in result.collect()] == [("Me", 1), ("too", 1)]


def test_a_python_that_does_not_exist_is_noticed_at_once(spark, monkeypatch):
    monkeypatch.setattr(spark.sparkContext, "pythonExec", "no-such-python")
    with pytest.raises(ImportError, match=r"'no-such-python' .* does not exist.* PYSPARK_PYTHON"):
        check_workers(spark)


WITHOUT_THE_PACKAGE = """
from pyspark.sql import SparkSession
import nlu_lite as nlu
from nlu_lite.spark import frames, transform

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
pipe = nlu.load("en.embed.minilm_l6")
data = spark.createDataFrame([("a",)], "text string")
try:
    transform(pipe, data)
except ImportError as error:
    print("AT ONCE", error)
frames.check_workers = lambda session: None  # as on a cluster, whose hosts the driver cannot see
try:
    transform(pipe, data).collect()
except Exception as error:
    print("IN THE TASK", error)
"""


def test_workers_without_the_package_name_the_variable(tmp_path):
    # An environment with all that Spark itself needs. Elsewhere than the checkout, where any Python
    # finds the package.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    (packages,) = tmp_path.glob("bare/lib/python*/site-packages")
    for name in ("pyarrow", "numpy", "numpy.libs", "pandas", "dateutil", "six.py"):
        if (package := Path(np.__file__).parents[1] / name).exists():
            (packages / name).symlink_to(package)
    python = tmp_path / "bare" / "bin" / "python"
    output = run_apart(tmp_path, WITHOUT_THE_PACKAGE, PYSPARK_PYTHON=str(python))
    assert re.search(
        rf"AT ONCE Spark starts '{python}' .* lacks nlu_lite\. Set .* PYSPARK_PYTHON", output
    )
    assert re.search(
        rf"IN THE TASK .*{python}, cannot import nlu_lite \(No module .*PYSPARK_PYTHON names",
        output,
        re.DOTALL,
    )


def run_apart(folder, program, *arguments, **variables):
    """What a program prints that has a Spark of its own."""
    (folder / "program.py").write_text(program, encoding="utf-8")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYSPARK_", "SPARK_", "PYTHONPATH"))
    }
    command = [sys.executable, "-W", "ignore", "program.py", *map(str, arguments)]
    completed = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment | variables
    )
    assert completed.returncode == 0, completed.stderr
    return completed.stdout


ALONE_ON_ITS_HOST = """
from pyspark.sql import SparkSession
import nlu_lite as nlu
from nlu_lite.spark import transform

def words(text):
    import torch
    return [(0, torch.get_num_threads())]

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
pipe = nlu.load("en.embed.minilm_l6", words=words)
data = spark.createDataFrame([("x" * 500,)], "text string")
print(len(transform(pipe, data, keep=False).first()[0]))
"""


@pytest.mark.skipif(count_processors() == 1, reason="one processor cannot be divided")
def test_a_worker_alone_on_its_host_has_all_processors(tmp_path):
    # Spark itself tells it to use one, by OMP_NUM_THREADS. As long as the word is, so many threads
    # there are.
    assert (
        int(run_apart(tmp_path, ALONE_ON_ITS_HOST, PYSPARK_PYTHON=sys.executable).split()[-1])
        == count_processors()
    )


THROUGH_A_SERVER = """
from pyspark.sql import SparkSession
import nlu_lite as nlu
from nlu_lite.spark import transform

spark = SparkSession.builder.remote("local[2]").getOrCreate()
assert not hasattr(type(spark), "_jvm"), "this is no session of Spark Connect"
data = spark.createDataFrame([(7, "Good value."), (9, None)], "id int, text string")
for row in transform(nlu.load("en.embed.minilm_l6"), data).collect():
    print(row["id"], row["token"], None if row[1] is None else len(row[1]))
spark.stop()
"""


def test_spark_connect_gives_the_same_rows(tmp_path):
    output = run_apart(tmp_path, THROUGH_A_SERVER, PYSPARK_PYTHON=sys.executable)
    assert output.splitlines()[-4:] == ["7 Good 384", "7 value 384", "7 . 384", "9 None None"]


def test_a_stage_in_a_pipeline_of_pyspark_is_saved_and_loaded(spark, minilm, tmp_path):
    from pyspark.ml import Pipeline, PipelineModel
    from pyspark.ml.feature import SQLTransformer

    data = frame_of(spark)
    stage = TextEmbedder(
        "en.embed.minilm_l6", outputLevel="sentence", options={"keep": ["id"], "aggregate": "max"}
    )
    stage = stage.setInputCol("text").setOutputCol("vector")
    first = SQLTransformer(statement="select * from __THIS__ where id < 6")
    model = Pipeline(stages=[first, stage]).fit(data)
    expected_frame = minilm.predict(pandas_of(TEXTS[:6]), "sentence", keep=["id"], aggregate="max")
    assert_same(model.transform(data).withColumnRenamed("vector", VECTOR), expected_frame)
    model.write().overwrite().save(str(tmp_path / "model"))
    again = PipelineModel.load(str(tmp_path / "model"))
    assert again.stages[1].getOutputCol() == "vector"
    assert_same(again.transform(data).withColumnRenamed("vector", VECTOR), expected_frame)
    assert (
        sum(file.stat().st_size for file in (tmp_path / "model").rglob("*") if file.is_file())
        < 20_000
    )
    Pipeline(stages=[stage]).save(str(tmp_path / "pipeline"))
    assert Pipeline.load(str(tmp_path / "pipeline")).getStages()[0].getInputCol() == "text"


def test_a_stage_refuses_options_that_cannot_be_saved(spark):
    with pytest.raises(UnknownOptionError, match="TextEmbedder has no option level"):
        TextEmbedder("en.embed.minilm_l6", options={"level": "token"})
    with pytest.raises(OptionError, match=r"words=.*cannot be saved with the stage"):
        TextEmbedder("en.embed.minilm_l6", options={"words": len})


COMPAT = {
    "": {},
    "everything": {"positions": True, "metadata": True},
    "nothing": {"keep_stranger_features": False},
}


@pytest.mark.filterwarnings("ignore:predict is not NLU's in this. metadata:UserWarning")
@pytest.mark.parametrize("options", COMPAT.values(), ids=COMPAT)
@pytest.mark.parametrize("level", ["token", "sentence", "document"])
def test_compat_collects_what_it_gives_for_pandas(spark, level, options):
    pipe = compat.load("en.embed.minilm_l6 en.embed_sentence.minilm_l6")
    result = pipe.predict(frame_of(spark, TEXTS[:7], 2), level, **options)
    expected_frame = pipe.predict(pandas_of(TEXTS[:7]), level, **options)
    assert list(result.columns) == list(expected_frame.columns)
    assert result.index.name == expected_frame.index.name
    assert len(set(result.index)) == 7
    assert result.index.is_monotonic_increasing
    for name in expected_frame.columns.drop("origin_index", errors="ignore"):
        for cell, expected in zip(
            result[name].tolist(), expected_frame[name].tolist(), strict=True
        ):
            if isinstance(expected, np.ndarray):
                assert_equal(np.atleast_2d(cell), np.atleast_2d(expected))
            elif not isinstance(expected, list) and pd.isna(expected):
                assert pd.isna(cell)
            else:
                assert cell == expected


def test_compat_stays_in_spark(spark):
    pipe = compat.load("en.embed.minilm_l6")
    pipe["en.embed.minilm_l6"].setMaxSentenceLength(16)
    expected_frame = pipe.predict(pandas_of(), "document")
    result = pipe.predict(frame_of(spark), "document", return_spark_df=True)
    assert (
        result.columns
        == list(expected_frame.columns)
        == ["document", "id", "label", "text", "word_embedding_minilm_l6"]
    )
    assert (
        result.schema["word_embedding_minilm_l6"].dataType.simpleString() == "array<array<float>>"
    )
    rows = zip(result.collect(), expected_frame["word_embedding_minilm_l6"], strict=True)
    for row, matrix in rows:
        assert (row["word_embedding_minilm_l6"] is None) == (matrix is None)
        if matrix is not None:
            assert_equal(row["word_embedding_minilm_l6"], matrix)


@pytest.mark.parametrize(
    "data",
    ["I love NLP", ["I love NLP", None], [["I", "love"], None], pandas_of(TEXTS[:3])],
    ids=str,
)
def test_compat_brings_other_data_into_spark(spark, data):
    pipe = compat.load("en.embed.minilm_l6")
    expected_frame = pipe.predict(data)
    result = pipe.predict(data, return_spark_df=True)
    assert result.columns == list(expected_frame.columns)
    assert [row["token"] for row in result.collect()] == [
        None if pd.isna(word) else word for word in expected_frame["token"]
    ]


def test_the_benchmark_counts_spark_s_rows_as_those_of_predict(spark, minilm):
    # ``measure`` itself fails where the ways make different numbers of rows.
    seconds = scale.measure(minilm, "token", corpus.sentences(20), rounds=1, spark=spark)
    assert list(seconds) == ["predict", "stream", "to_parquet", "spark"]


@pytest.mark.parametrize("keep", [True, ["id"]])
def test_a_join_with_two_columns_of_one_name_keeps_both(spark, keep):
    left = spark.createDataFrame([(1, "one dog"), (2, "two")], "id int, text string")
    right = spark.createDataFrame([(1, "x"), (2, "y")], "id int, note string")
    pipe = nlu.load("en.embed_sentence.minilm_l6", column="v")
    found = transform(pipe, left.join(right, left.id == right.id), "document", keep=keep)
    carried = ["id", "text", "id", "note"] if keep is True else ["id", "id"]
    assert found.columns == ["document", "v", *carried]
    rows = sorted(found.collect(), key=lambda row: row[2])
    assert [row[0] for row in rows] == ["one dog", "two"]
    assert [row[2] for row in rows] == [1, 2]
    assert_equal(np.array([row[1] for row in rows]), pipe.encode(["one dog", "two"]))


def test_a_join_with_two_columns_of_texts_is_refused_before_the_job(spark):
    some = spark.createDataFrame([(1, "one")], "id int, text string")
    other = spark.createDataFrame([(1, "two")], "id int, text string")
    pipe = nlu.load("en.embed_sentence.minilm_l6", column="v")
    with pytest.raises(InputValueError, match=r"'text' stands more than once .* rename or drop"):
        transform(pipe, some.join(other, some.id == other.id))


# The document: its blocks run in order, in one namespace, and the job it shows as a program of its
# own.


def document_blocks(kind):
    text = DOCUMENT.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, match.start()) + 1, match["body"])
        for match in re.finditer(r"^```python (?P<kind>\w+)\n(?P<body>.*?)^```$", text, re.M | re.S)
        if match["kind"] == kind
    ]


def test_the_document_s_examples_run(spark, tmp_path):
    blocks = document_blocks("spark")
    assert blocks
    names = {"spark": spark}
    for line, body in blocks:
        # Spark takes a relative path from where its JVM was started, which is the checkout.
        code = body.replace('.save("model")', f".save({str(tmp_path / 'model')!r})")
        exec(compile("\n" * line + code, str(DOCUMENT), "exec"), names)
    assert (tmp_path / "model").is_dir()


def test_the_document_s_job_runs(spark, tmp_path, minilm):
    ((_, body),) = document_blocks("job")
    frame_of(spark).write.parquet(str(tmp_path / "reviews"))
    run_apart(tmp_path, body, tmp_path / "reviews", tmp_path / "vectors", SPARK_MASTER="local[2]")
    rows = spark.read.parquet(str(tmp_path / "vectors")).orderBy("id").toArrow().to_pandas()
    expected_frame = minilm.predict(pandas_of(), "document")
    assert rows["id"].tolist() == expected_frame["id"].tolist()
    assert_equal(nlu.vectors(rows, "vector"), nlu.vectors(expected_frame, VECTOR))


LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG")


@pytest.mark.parametrize("level", ["token", "sentence", "document", "chunk"])
def test_labels_are_those_of_predict(spark, level, family_folder, classifier_folder):
    pipe = pipeline_of(
        ("e", family_folder("bert"), "embed"),
        ("kind", classifier_folder("roberta", "text_classification"), "text_classification"),
        ("ner", classifier_folder("bert", "token_classification", LABELS), "token_classification"),
    )
    texts = ["The bank closed. It was.", None, "Short", "", "One for all statements"]
    result = transform(pipe, frame_of(spark, texts, partitions=1), level)
    kinds = dict(result.dtypes)
    is_list = level in ("sentence", "document")
    assert (kinds["kind"], kinds["kind_confidence"]) == ("string", "float")
    assert (kinds["ner"], kinds["ner_confidence"]) == (
        ("array<string>", "array<double>") if is_list else ("string", "float")
    )
    whole = pipe.predict(texts, level)
    rows = [row.asDict() for row in result.collect()]
    for name in ("kind", "ner"):
        labels = [cell if isinstance(cell, (list, str)) else None for cell in whole[name]]
        assert [row[name] for row in rows] == labels
    likely = [np.nan if row["kind_confidence"] is None else row["kind_confidence"] for row in rows]
    np.testing.assert_allclose(likely, whole["kind_confidence"], atol=1e-6)


CELLS = [
    'He said "hi", to',
    "C:\\new\\dir",
    'a\\"b, c',
    "ends \\",
    '"',
    'l1 x, "q" \\ y',
    'a\\\\b "x"',
    "plain; a\tb",
]


@pytest.mark.parametrize(("sign", "given"), [(",", {}), ("\t", {"delimiter": "\t"})])
def test_csv_of_spark_is_read_as_spark_reads_it(sign, given, spark, tmp_path):
    data = spark.createDataFrame(list(enumerate(CELLS)), ["id", "text"]).coalesce(1)
    folder = str(tmp_path / "csv")
    data.write.option("header", True).option("sep", sign).csv(folder)
    read = spark.read.option("header", True).csv(folder, sep=sign)
    expected = [row["text"] for row in read.orderBy(read["id"].cast("int")).collect()]
    assert expected == CELLS
    source = open_source(
        folder, "text", file_arguments=FileArguments(escape="\\", quoting='"', **given)
    )
    assert [text for chunk in source for text in chunk["text"]] == CELLS


def test_translations_are_those_of_predict(spark, tmp_path):
    folder = translators.make(tmp_path / "translator")
    pipe = nlu.load(path=folder, task="translation")
    rows = transform(pipe, frame_of(spark, TEXTS[:6]))
    assert_same(rows, pipe.predict(pandas_of(TEXTS[:6])))
