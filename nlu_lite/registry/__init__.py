"""Answers "which model is meant": ``registry.yaml`` -> frozen, validated entries, and the look-up of names."""

from __future__ import annotations

import threading

from nlu_lite.registry.files import built_in
from nlu_lite.registry.lookup import DEFAULT_LANGUAGE, Entry, Registry

__all__ = ["DEFAULT_LANGUAGE", "Entry", "Registry", "current"]

_lock = threading.Lock()
_current: Registry | None = None


def current() -> Registry:
    """The registry in force, read when first asked for and kept for the process.

    Raises:
        RegistryError: A registry file is faulty.
    """
    global _current
    with _lock:
        if _current is None:
            _current = Registry([built_in()])
        return _current
