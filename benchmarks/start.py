"""From the start of a process to its first result, beside ``import sentence_transformers``.

    python benchmarks/start.py
    python benchmarks/start.py --pairs 3 --only one-liner search

Every command runs in a new process, in turns with the import: ten pairs, the order changed from
pair to pair. Printed are medians of the processor time (of all threads), of the time on the clock
and of the peak of resident memory. Beside them stands the median of the ratios within a pair, with
the least and the greatest in brackets. Each command runs once before, so that files are in memory
and compiled.

Then come processes that others start: one that multiprocessing spawns, and a worker of Spark
(``local[1]``), each new for every row that is measured. Both get a pipeline that was loaded in the
process that starts them.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

# The memory of a new process counts from that of its parent, and a spawned one imports this file:
# nothing large may be imported here.
if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import nlu_lite as nlu

CHECKOUT = Path(__file__).resolve().parents[1]
# A script finds only what lies beside it.
sys.path.insert(0, str(CHECKOUT))

TEXT = "I love NLP"
REFERENCE = "en.embed.minilm_l6"
BASE_MODULE = "sentence_transformers"
BASE = f"import {BASE_MODULE}"
ONE_LINER = (
    f"import nlu_lite as nlu; "
    f"print(nlu.load({REFERENCE!r}).predict([{TEXT!r}], output_level='token'))"
)
CLASSIFIER = (
    f"import sys, nlu_lite as nlu; "
    f"print(nlu.load(path=sys.argv[1], task='text_classification').predict([{TEXT!r}]))"
)
# The command of the installed package, of whichever checkout PYTHONPATH names.
COMMAND_LINE = "import sys; from nlu_lite.cli import main; sys.exit(main())"
# Name of a start -> what follows the interpreter; {classifier} is a folder.
STARTS = {
    "one-liner": ["-c", ONE_LINER],
    "predict": ["-c", COMMAND_LINE, "predict", REFERENCE, TEXT],
    "classifier": ["-c", CLASSIFIER, "{classifier}"],
    "search": ["-c", COMMAND_LINE, "search", "minilm"],
}
TITLES = {
    "one-liner": "the one-liner, its frame printed",
    "predict": "`nlu-lite predict`",
    "classifier": "a classifier of MiniLM's shape, its frame printed",
    "search": "`nlu-lite search`",
}
PROCESSES = ("spawn", "spark")
# Makes MiniLM a classifier of two classes, whose head is random.
MAKE_CLASSIFIER = """
import shutil, sys, torch, transformers
import nlu_lite as nlu
source, target = nlu.load(sys.argv[1]).components[0].folder, sys.argv[2]
torch.manual_seed(0)
model = transformers.AutoModelForSequenceClassification.from_pretrained(source, num_labels=2)
model.save_pretrained(target)
for name in ("tokenizer.json", "tokenizer_config.json"):
    shutil.copyfile(source / name, f"{target}/{name}")
"""


@dataclass(frozen=True)
class Cost:
    """What a process took.

    Attributes:
        processor: Seconds of all its threads, in user and system mode; NaN where unknown.
        wall: Seconds on the clock.
        memory: The peak of resident memory, in MiB; NaN where unknown.
    """

    processor: float
    wall: float
    memory: float


@dataclass(frozen=True)
class Pair:
    """What was run side by side: the base, and what is compared with it."""

    base: Cost
    rival: Cost


def main() -> None:
    arguments = parse_arguments()
    print(
        f"{arguments.pairs} pairs; Python {sys.version.split()[0]}, torch {version('torch')}, "
        f"transformers {version('transformers')}, sentence-transformers "
        f"{version('sentence-transformers')}, OMP_NUM_THREADS="
        f"{os.environ.get('OMP_NUM_THREADS', 'not set')}"
    )
    os.environ.update(environment())
    starts = [name for name in STARTS if name in arguments.only]
    if starts:
        print(f"\n{header('start', f'of the processor time of `{BASE}`')}")
        for line in measure_starts(starts, arguments.pairs):
            print(line, flush=True)
    # These load models into this process, which later starts would be charged for.
    if not set(PROCESSES).isdisjoint(arguments.only):
        print(f"\n{header('first row', 'of the time on the clock of the line above')}")
    if "spawn" in arguments.only:
        report_pairs(f"spawned: `{BASE}`", "spawned: a row", measure_spawned(arguments.pairs))
    if "spark" in arguments.only:
        report_spark(arguments.pairs)


def environment() -> dict[str, str]:
    """The environment of the processes: this checkout's code, and compiled files are kept."""
    paths = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYSPARK_PYTHON": sys.executable,
    }


def run(arguments: list[str]) -> Cost:
    """Run this interpreter once and say what it took.

    Args:
        arguments: What follows the interpreter.

    Raises:
        RuntimeError: It ended with a failure; the message is what it wrote on standard error.
    """
    with tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment(),
            cwd=tempfile.gettempdir(),
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"{arguments} ended with {process.returncode}: {errors.read()}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, peak_memory(usage))


def peak_memory(usage: resource.struct_rusage) -> float:
    """The peak of resident memory of a process, in MiB."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes
    return usage.ru_maxrss * unit / 2**20


def measure_starts(names: list[str], pairs: int) -> Iterator[str]:
    """The lines of the table, that of the base last."""
    base = ["-c", BASE]
    bases: list[Cost] = []
    with tempfile.TemporaryDirectory() as folder:
        if "classifier" in names:
            run(["-c", MAKE_CLASSIFIER, REFERENCE, folder])
        run(base)
        for name in names:
            command = [part.format(classifier=folder) for part in STARTS[name]]
            run(command)
            measured = run_pairs(partial(run, base), partial(run, command), pairs)
            bases += [pair.base for pair in measured]
            share = ratio(measured, lambda cost: cost.processor)
            yield line_of(TITLES[name], [pair.rival for pair in measured], share)
    yield line_of(f"`{BASE}`", bases, "1")


def run_pairs(
    run_base: Callable[[], Cost], run_rival: Callable[[], Cost], pairs: int
) -> list[Pair]:
    """Run two things in turns, the second one first in every other pair."""
    measured = []
    for number in range(pairs):
        if number % 2:
            rival, base = run_rival(), run_base()
        else:
            base, rival = run_base(), run_rival()
        measured.append(Pair(base, rival))
    return measured


def measure_spawned(pairs: int) -> list[Pair]:
    """Processes that multiprocessing spawns: one imports the base, one makes a row."""
    import nlu_lite as nlu

    pipe = nlu.load(REFERENCE)
    run_spawned(None)
    run_spawned(pipe)
    return run_pairs(partial(run_spawned, None), partial(run_spawned, pipe), pairs)


def run_spawned(pipe: nlu.Pipeline | None) -> Cost:
    """Spawn a process and say what it took until its first row was here.

    Args:
        pipe: Travels to the process and makes the row; None imports the base there instead.
    """
    from multiprocessing import get_context

    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=work_spawned, args=(pipe, sender))
    begin = time.perf_counter()
    process.start()
    processor, memory = receiver.recv()
    wall = time.perf_counter() - begin
    process.join()
    return Cost(processor, wall, memory)


def work_spawned(pipe: nlu.Pipeline | None, sender: Connection) -> None:
    """What a spawned process does: one row, and then its own processor time and memory."""
    if pipe is None:
        import_module(BASE_MODULE)
    else:
        assert len(pipe.predict([TEXT], output_level="token")) == len(TEXT.split())
    sender.send((time.process_time(), peak_memory_of_this_process()))


def peak_memory_of_this_process() -> float:
    """The peak of resident memory since the program began, in MiB."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return peak_memory(resource.getrusage(resource.RUSAGE_SELF))
    # Without that of the process that started this one, which getrusage counts on Linux.
    lines = status.read_text(encoding="ascii").splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024


def report_spark(pairs: int) -> None:
    """Print the rows of Spark's workers, or why there are none."""
    if find_spec("pyspark") is None or find_spec("pyarrow") is None:
        print("\nmissing: Spark (pip install 'nlu-lite[spark]')")
        return
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        print("\nmissing: Spark (it needs Java 17)")
        return
    with spark_session() as spark:
        measured = measure_spark(spark, pairs)
    report_pairs("a Spark worker: a row handed on", "a Spark worker: a row", measured)


def measure_spark(spark: Any, pairs: int) -> list[Pair]:  # noqa: ANN401 - a SparkSession
    """New workers of Spark: one hands its row on, one gives it to a pipeline."""
    import nlu_lite as nlu
    from nlu_lite.spark import transform

    data = spark.createDataFrame([(TEXT,)], "text string").coalesce(1).cache()
    plain = data.mapInArrow(hand_on, data.schema)
    made = transform(nlu.load(REFERENCE), data, "token")
    run_action(plain)
    run_action(made)
    return run_pairs(partial(run_action, plain), partial(run_action, made), pairs)


def hand_on(batches: Iterator[Any]) -> Iterator[Any]:
    """Arrow batches as they are."""
    yield from batches


def run_action(rows: Any) -> Cost:  # noqa: ANN401 - a DataFrame of Spark
    """The time until the first row of a DataFrame is in this process."""
    begin = time.perf_counter()
    assert rows.first() is not None
    return Cost(float("nan"), time.perf_counter() - begin, float("nan"))


@contextmanager
def spark_session() -> Iterator[Any]:
    """Spark on this machine, with one worker, a new one for each job."""
    from pyspark.sql import SparkSession

    warnings.filterwarnings(
        "ignore", message="PySpark does not yet fully support pandas", category=FutureWarning
    )
    settings: dict[str, bool | float | int | str | None] = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.python.worker.reuse": "false",
    }
    spark = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    yield spark
    spark.stop()


def header(first: str, last: str) -> str:
    """The first two lines of a table."""
    names = (first, "processor s", "on the clock s", "peak MiB", last)
    return f"| {' | '.join(names)} |\n{'|---' * len(names)}|"


def report_pairs(base_title: str, title: str, pairs: list[Pair]) -> None:
    """Print the line of the base and that of what is compared with it."""
    print(line_of(base_title, [pair.base for pair in pairs], "1"))
    share = ratio(pairs, lambda cost: cost.wall)
    print(line_of(title, [pair.rival for pair in pairs], share), flush=True)


def line_of(title: str, costs: list[Cost], share: str) -> str:
    """A line of a table: medians, and the share of the base."""
    processor = statistics.median(cost.processor for cost in costs)
    wall = statistics.median(cost.wall for cost in costs)
    memory = statistics.median(cost.memory for cost in costs)
    return f"| {title} | {number(processor, 2)} | {wall:.2f} | {number(memory, 0)} | {share} |"


def number(value: float, digits: int) -> str:
    """A number for a table; nothing where it is unknown."""
    return "" if value != value else f"{value:.{digits}f}"


def ratio(pairs: list[Pair], time_of: Callable[[Cost], float]) -> str:
    """The share of the base's time: the median of the pairs, the least and the greatest."""
    shares = [time_of(pair.rival) / time_of(pair.base) for pair in pairs]
    return f"{statistics.median(shares):.2f} [{min(shares):.2f} {max(shares):.2f}]"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    names = (*STARTS, *PROCESSES)
    parser.add_argument("--pairs", type=int, default=10, metavar="N", help="(10)")
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="START", help=f"of {names}"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
