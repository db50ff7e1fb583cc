"""What a Spark session says about its workers: their Python, and how many share a host."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from typing import Any

from nlu_lite.errors import MissingExtraError

# Printed by the other Python: which of the packages it cannot find.
_PROBE = """
from importlib.util import find_spec
print(*[name for name in ("nlu_lite", "pyarrow") if find_spec(name) is None], sep=", ")
"""


def _context(session: Any) -> Any:  # noqa: ANN401 - pyspark.SparkContext
    """The context of a session; None with Spark Connect, whose driver is elsewhere."""
    return getattr(session, "sparkContext", None)


def workers_on_this_host(session: Any) -> int | None:  # noqa: ANN401 - pyspark.sql.SparkSession
    """How many Python workers share the processors of this host, where that is known.

    It is with ``local[N]``. On a cluster, and with ``local[*]``, a task has ``spark.task.cpus``
    processors, and Spark says so to torch itself through OMP_NUM_THREADS;
    ``spark.executorEnv.OMP_NUM_THREADS`` is the user's own choice everywhere.
    """
    context = _context(session)
    if context is None or context.getConf().get("spark.executorEnv.OMP_NUM_THREADS") is not None:
        return None
    match = re.fullmatch(r"local(\[(?P<cores>\d+)(\s*,\s*\d+)?\])?", context.master)
    if match is None:
        return None
    return max(1, int(match["cores"] or 1) // int(context.getConf().get("spark.task.cpus", "1")))


def python_of(session: Any) -> str | None:  # noqa: ANN401
    """The Python that a session asks Spark to start; None where the driver is elsewhere."""
    context = _context(session)
    return None if context is None else str(context.pythonExec)


def check_workers(session: Any) -> None:  # noqa: ANN401
    """Raise where the Python that a local Spark starts for its workers lacks this package.

    Raises:
        MissingExtraError: It does; the message names PYSPARK_PYTHON.
    """
    context = _context(session)
    is_local = context is not None and context.master.startswith("local")
    if not is_local or context.pythonExec == sys.executable:
        return
    path = shutil.which(context.pythonExec)
    problem = "it does not exist" if path is None else _problem_of(path)
    if problem:
        raise MissingExtraError(
            f"Spark starts {context.pythonExec!r} for its Python workers, and {problem}. Set the "
            f"environment variable PYSPARK_PYTHON (now {os.environ.get('PYSPARK_PYTHON')!r}) to "
            f"the Python of an environment with nlu-lite[spark] before the session is made; to "
            f'that of this process with os.environ["PYSPARK_PYTHON"] = sys.executable.'
        )


@cache
def _problem_of(python: str) -> str:
    """What is wrong with a Python for workers; empty if nothing."""
    try:
        completed = subprocess.run(  # noqa: S603 - the Python that Spark will start
            [python, "-c", _PROBE], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"{python} cannot be run ({error})"
    missing = completed.stdout.strip()
    return f"{python} lacks {missing}" if missing else ""


def is_case_sensitive(session: Any) -> bool:  # noqa: ANN401
    """Whether names that differ only in case are different names; by default they are not."""
    return str(session.conf.get("spark.sql.caseSensitive")) == "true"
