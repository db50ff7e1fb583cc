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
_PROBE = "import importlib.util as u; print(*[n for n in ('nlu_lite', 'pyarrow') if u.find_spec(n) is None], sep=', ')"


def _context(session: Any) -> Any:  # noqa: ANN401 - pyspark.SparkContext
    """The context of a session; None with Spark Connect, whose driver is elsewhere."""
    return getattr(session, "sparkContext", None)


def workers_on_this_host(session: Any) -> int | None:  # noqa: ANN401 - pyspark.sql.SparkSession
    """How many Python workers share the processors of this host, where that is known: with ``local[N]``.

    On a cluster, and with ``local[*]``, a task has ``spark.task.cpus`` processors, and Spark says
    so to torch itself through OMP_NUM_THREADS; ``spark.executorEnv.OMP_NUM_THREADS`` is the user's
    own choice everywhere.
    """
    context = _context(session)
    if context is None or context.getConf().get("spark.executorEnv.OMP_NUM_THREADS") is not None:
        return None
    match = re.fullmatch(r"local(\[(?P<cores>\d+)(\s*,\s*\d+)?\])?", context.master)
    if match is None:
        return None
    return max(1, int(match["cores"] or 1) // int(context.getConf().get("spark.task.cpus", "1")))


def check_workers(session: Any) -> None:  # noqa: ANN401
    """Raise where the Python that a local Spark starts for its workers lacks this package.

    Raises:
        MissingExtraError: It does; the message names PYSPARK_PYTHON.
    """
    context = _context(session)
    if (
        context is None
        or not context.master.startswith("local")
        or context.pythonExec == sys.executable
    ):
        return
    path = shutil.which(context.pythonExec)
    problem = "does not exist" if path is None else _problem(path)
    if problem:
        raise MissingExtraError(
            f"Spark starts {context.pythonExec!r} for its Python workers, and {path or 'it'} "
            f"{problem}. Set the environment "
            f"variable PYSPARK_PYTHON (now {os.environ.get('PYSPARK_PYTHON')!r}) to the Python of "
            f"an environment with "
            "nlu-lite[spark] before the session is made; to that of this process with "
            'os.environ["PYSPARK_PYTHON"] = sys.executable.'
        )


@cache
def _problem(python: str) -> str:
    """What is wrong with a Python for workers; empty if nothing."""
    try:
        done = subprocess.run(
            [python, "-c", _PROBE], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"cannot be run ({error})"
    return f"lacks {done.stdout.strip()}" if done.stdout.strip() else ""


def is_case_sensitive(session: Any) -> bool:  # noqa: ANN401
    """Whether names of columns that differ only in case are different names; by default they are not."""
    return str(session.conf.get("spark.sql.caseSensitive")) == "true"
