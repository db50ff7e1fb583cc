"""The messages of this package on the standard error stream, shown or not."""

from __future__ import annotations

import logging

log = logging.getLogger("nlu_lite")


class VerboseHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """The handler that ``enable_verbose`` adds, told apart from the caller's."""


def enable_verbose() -> None:
    """Show the messages of this package on the standard error stream."""
    if not _handlers():
        log.addHandler(VerboseHandler())
        log.setLevel(logging.DEBUG)


def disable_verbose() -> None:
    """Stop showing them."""
    for handler in _handlers():
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)


def _handlers() -> list[logging.Handler]:
    return [handler for handler in log.handlers if isinstance(handler, VerboseHandler)]
