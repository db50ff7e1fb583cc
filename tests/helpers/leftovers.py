"""What a failed test leaves behind is closed before the next one runs.

Its traceback keeps files, sockets and the like alive. They are closed when some later test
collects garbage, with a ResourceWarning, which is an error there: one failure would take others
with it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator

import pytest

LAST_ERROR = ("last_exc", "last_type", "last_value", "last_traceback")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test; if it failed, close what it left."""
    failed_before = item.session.testsfailed
    result = yield
    if item.session.testsfailed > failed_before:
        close_leftovers()
    return result


def close_leftovers() -> None:
    """Forget the last error, and collect what it kept, without a word about what was open."""
    for name in LAST_ERROR:
        if hasattr(sys, name):
            delattr(sys, name)
    told = sys.unraisablehook
    sys.unraisablehook = lambda _: None
    try:
        gc.collect()
    finally:
        sys.unraisablehook = told
