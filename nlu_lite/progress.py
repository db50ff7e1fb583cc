"""One bar for long work, none for short."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

# Work that ends within this many seconds shows no bar.
DELAY = 2.0


@contextlib.contextmanager
def bar(total: int, *, unit: str, show: bool | None, label: str) -> Iterator[Callable[[int], object]]:
    """A progress bar around a piece of work.

    Args:
        total: How many units there are.
        unit: What is counted.
        show: True always, False never, None when the work takes longer than two seconds.
        label: Stands in front of the bar.

    Yields:
        A function to call with the number of units done since the last call.
    """
    if show is False:
        yield lambda _count: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, unit=unit, unit_scale=True, desc=label, delay=0.0 if show else DELAY, leave=False) as shown:
        yield shown.update
