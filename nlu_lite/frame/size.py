"""How much memory a frame takes, and how much this process may still use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nlu_lite.common import warn

CONTROL_GROUPS = Path("/sys/fs/cgroup")
MACHINE = Path("/proc/meminfo")
# Of each version of control groups: the files of limit and usage, and the count of cached bytes.
_GROUP_NAMES = {
    1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    2: ("memory.max", "memory.current", "inactive_file"),
}
# Bytes of the NumPy array around a vector and the reference to it; bytes of a row's index and the
# offset of its text.
ARRAY, ROW = 120, 16
# A frame of fewer bytes is never worth a warning, nor a look at the memory before it is made.
SMALL = 50_000_000


def frame_bytes(rows: int, vectors: int, widths: Sequence[int], characters: int) -> int:
    """The bytes of a frame of ``predict`` that has no further columns.

    The caller's columns, and the ones that options add (8 bytes a row and column), are not counted.

    Args:
        rows: Of the frame.
        vectors: Of each component; as many as rows, or as words where cells are matrices.
        widths: Numbers of a vector of each component.
        characters: Code points of the rows' texts, of one byte each.

    Example:
        >>> frame_bytes(20_000_000, 20_000_000, [256], 100_000_000) // 10**9
        23
    """
    return rows * (ROW + ARRAY * len(widths)) + 4 * vectors * sum(widths) + characters


def free_bytes(*, control_groups: Path | None = None, machine: Path | None = None) -> int | None:
    """The bytes that this process can still take: what the machine and its control group leave.

    Pages of files that were read are counted as free, since they are given back when memory is
    short (as in Kubernetes' working set).

    Args:
        control_groups: Where the control groups are mounted (``memory.max`` of version 2,
            ``memory/memory.limit_in_bytes`` of version 1).
        machine: The kernel's account of the machine's memory.

    Returns:
        None where the system does not say (it does on Linux).
    """
    bounds = [_of_machine(machine or MACHINE), _of_group(control_groups or CONTROL_GROUPS)]
    return min((bound for bound in bounds if bound is not None), default=None)


def _of_machine(machine: Path) -> int | None:
    try:
        lines = machine.read_text().splitlines()
        return next(
            int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")
        )
    # On another system, or an older one, it is not known.
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _of_group(root: Path) -> int | None:
    folder, names = root / "memory", _GROUP_NAMES[1]
    if (root / "memory.max").is_file():
        folder, names = root, _GROUP_NAMES[2]
    limit_file, usage_file, cached = names
    try:
        limit, usage = (
            int((folder / limit_file).read_text()),
            int((folder / usage_file).read_text()),
        )
        counts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        return max(limit - usage + int(counts.get(cached, 0)), 0)
    except (OSError, ValueError):  # no such file, or the word "max": there is no limit
        return None


def warn_if_large(size: int, rows: int) -> None:
    """Warn that a frame takes more than half of the free memory, and say what does not.

    Args:
        size: Bytes of the frame.
        rows: Of it.
    """
    if size < SMALL:
        return
    free = free_bytes()
    if free is not None and size > free / 2:
        warn(
            f"The frame will have {rows:,} rows and take about {size / 1e6:,.0f} MB of the "
            f"{free / 1e6:,.0f} MB of memory that "
            "are free. pipe.stream(data) gives it a few rows after the other, "
            "pipe.to_parquet(data, folder) writes it to disk."
        )
