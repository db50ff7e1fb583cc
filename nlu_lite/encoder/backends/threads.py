"""How many threads this process may use: no more than its container's quota and affinity allow."""

from __future__ import annotations

import math
import os
import threading
from pathlib import Path

import torch

_lock = threading.Lock()
_limited = False
# What users set to choose the number of threads themselves; then it is theirs.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


def count_processors(*, control_groups: Path = Path("/sys/fs/cgroup")) -> int:
    """The processors that affinity and the control group's quota leave to this process; at least 1.

    Args:
        control_groups: Where the control groups are mounted (``cpu.max`` of version 2,
            ``cpu/cpu.cfs_*`` of version 1).
    """
    if hasattr(os, "sched_getaffinity"):
        available = len(os.sched_getaffinity(0))
    else:
        available = os.cpu_count() or 1
    quota = _read_quota(control_groups)
    return max(1, min(available, math.ceil(quota)) if quota else available)


def _read_quota(root: Path) -> float | None:
    """Processors that the control group's quota allows; None where there is no quota."""
    try:
        if (root / "cpu.max").is_file():
            quota, period = (root / "cpu.max").read_text().split()[:2]
        else:
            quota = (root / "cpu" / "cpu.cfs_quota_us").read_text()
            period = (root / "cpu" / "cpu.cfs_period_us").read_text()
        return int(quota) / int(period) if int(quota) > 0 else None
    except (OSError, ValueError):  # no such file, or the word "max": there is no quota
        return None


def limit_threads() -> None:
    """Lower torch's threads to what is allowed, once a process, unless the user chose a number.

    torch counts the processors of the machine; in a container with a quota of two on a machine of
    sixty-four, its sixty-four threads take turns on two. Processes that are forked from this one
    later compute with one thread.
    """
    global _limited
    with _lock:
        if _limited:
            return
        _limited = True
        is_chosen = any(map(os.environ.get, _THREAD_VARIABLES))
        if not is_chosen and torch.get_num_threads() > count_processors():
            torch.set_num_threads(count_processors())
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_use_one_thread)


def share_processors(processes: int) -> None:
    """Give this process its part of the processors where others on this host compute beside it.

    Args:
        processes: How many there are, this one among them; each gets at least one thread.
    """
    global _limited
    with _lock:
        torch.set_num_threads(max(1, count_processors() // processes))
        _limited = True


def _use_one_thread() -> None:
    """A forked child has none of its parent's threads but would wait for them for ever.

    That is so for the library behind torch's threads and for that of tokenizers, which asks the
    environment.
    """
    torch.set_num_threads(1)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
