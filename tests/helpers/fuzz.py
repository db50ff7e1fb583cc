"""How many examples property tests try, and what is kept of a long run (``make fuzz``).

Short, as in CI: the same examples every time. Long, where the environment variable says how many
times as many: random ones, and those that fail are kept and tried first in the next long run.
(Hypothesis keeps none of a run with a seed of its own.)
"""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

VARIABLE = "NLU_LITE_FUZZ"
TIMES = int(os.environ.get(VARIABLE, "1"))
# The examples that failed in long runs; git and `make clean` leave them alone.
FOLDER = Path(__file__).parents[2] / ".fuzz"
PROFILE = "ours"

_LONG = {
    "derandomize": False,
    "database": DirectoryBasedExampleDatabase(FOLDER),
    "print_blob": True,
}
settings.register_profile(
    PROFILE,
    deadline=None,
    max_examples=100 * TIMES,
    suppress_health_check=[HealthCheck.too_slow],
    **(_LONG if TIMES > 1 else {"derandomize": True, "database": None}),
)


def examples(count: int) -> settings:
    """Try so many examples, or so many times as many in a long run.

    Args:
        count: Of a short run.
    """
    return settings(settings.get_profile(PROFILE), max_examples=count * TIMES)
