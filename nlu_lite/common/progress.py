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
# Seconds between two looks at a bar that is written to a file.
LOGGED = 30.0


def tqdm_of_here() -> Any:  # noqa: ANN401 - a class of tqdm
    """The progress bar that fits a notebook or a terminal.

    In a notebook without ipywidgets tqdm falls back to plain text and warns when it is first
    imported, whoever imports it; ``load`` calls this before it imports libraries that do. The plain
    text is fine, so nobody needs the warning.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
    return tqdm


def is_watched() -> bool:
    """Whether somebody looks: at a terminal, or at a notebook, whose standard error says that it is none."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules


@contextlib.contextmanager
def bar(
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
    seconds = 0.1 if is_watched() else LOGGED
    with tqdm_of_here()(
        total=total,
        unit=f" {unit}",
        unit_scale=True,
        desc=label,
        delay=0.0 if show else DELAY,
        mininterval=seconds,
        maxinterval=max(seconds, 10.0),
        leave=False,
    ) as shown:
        yield shown.update
