"""One bar for long work, none for short."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from nlu_lite.common.checks import check_flag

# Work that ends within this many seconds shows no bar.
DELAY = 2.0
# Seconds between two looks at a bar that is watched, and at one that is written to a file.
WATCHED_INTERVAL = 0.1
LOG_INTERVAL = 30.0


def import_tqdm() -> Any:  # noqa: ANN401 - a class of tqdm
    """The class of the progress bar that fits a notebook or a terminal.

    In a notebook without ipywidgets tqdm falls back to plain text and warns when it is first
    imported, whoever imports it; ``load`` calls this before it imports libraries that do. The plain
    text is fine, so nobody needs the warning.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
    return tqdm


def is_watched() -> bool:
    """Whether somebody looks, at a terminal or a notebook, whose standard error is no terminal."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules


@contextlib.contextmanager
def progress_bar(
    total: int | None, *, unit: str, show: bool | None, label: str
) -> Iterator[Callable[[int], object]]:
    """A progress bar around a piece of work.

    Args:
        total: How many units there are; None where nobody knows.
        unit: What is counted.
        show: True always, False never, None when the work takes longer than two seconds.
        label: Stands in front of the bar.

    Yields:
        A function to call with the number of units done since the last call.

    Raises:
        OptionError: ``show`` is something else.
    """
    check_flag("progress", show, or_none=True)
    if show is not None and not show:
        yield lambda _count: None
        return
    # Every refresh is one more line of a log; a terminal and a notebook show one line or a widget.
    interval = WATCHED_INTERVAL if is_watched() else LOG_INTERVAL
    tqdm = import_tqdm()
    with tqdm(
        total=total,
        unit=f" {unit}",
        unit_scale=True,
        desc=label,
        delay=0.0 if show else DELAY,
        mininterval=interval,
        maxinterval=max(interval, 10.0),
        leave=False,
    ) as bar:
        yield bar.update
