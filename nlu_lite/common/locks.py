"""Locks of files that die with their owner, and draft folders that the next process clears away."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

LOCK_NAME = "lock"
# Seconds after which a draft folder without a lock is no longer one that is just being made.
MADE_WITHIN = 3600.0


def lock_file(file: IO[bytes], *, is_shared: bool = False) -> None:
    """Lock an open file until it is closed; never wait.

    Args:
        file: Open for writing.
        is_shared: Whether others may share the lock.

    Raises:
        OSError: Another one has it (BlockingIOError, on Windows PermissionError), or the file
            system has no locks.
    """
    try:
        import fcntl
    except ImportError:  # Windows, whose locks are never shared
        import msvcrt

        if not is_shared:
            system: Any = msvcrt
            system.locking(file.fileno(), system.LK_NBLCK, 1)
        return
    kind = fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX
    fcntl.flock(file, kind | fcntl.LOCK_NB)


def is_at(path: Path, file: IO[bytes]) -> bool:
    """Whether an open file is still the one that a path names."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def draft_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder for drafts, gone behind the block; those of killed processes go before it.

    Args:
        parent: Where it is made.
        prefix: What its name begins with; the folders of this name in ``parent`` are all drafts.

    Yields:
        The folder, which holds nothing but its lock.

    Raises:
        OSError: It cannot be made.
    """
    _remove_left_folders(parent, prefix)
    folder, lock = _make_locked_folder(parent, prefix)
    try:
        with lock:
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_locked_folder(parent: Path, prefix: str) -> tuple[Path, IO[bytes]]:
    while True:
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
        lock = _lock_new_folder(folder)
        if lock is not None:
            return folder, lock


def _lock_new_folder(folder: Path) -> IO[bytes] | None:
    """The open lock of a new folder; None where another process took the folder for left over."""
    try:
        lock = (folder / LOCK_NAME).open("wb")
    except FileNotFoundError:
        return None
    # Where there are no locks, nobody takes the folder for left over either.
    with contextlib.suppress(OSError):
        lock_file(lock)
    if is_at(folder / LOCK_NAME, lock):
        return lock
    lock.close()
    return None


def _remove_left_folders(parent: Path, prefix: str) -> None:
    """Remove the draft folders whose process is gone; those of other users are theirs."""
    for folder in parent.iterdir():
        is_draft = folder.name.startswith(prefix) and folder.is_dir() and not folder.is_symlink()
        # What cannot be removed does no harm here.
        with contextlib.suppress(OSError):
            if is_draft and _is_mine(folder):
                _remove_if_left(folder)


def _is_mine(folder: Path) -> bool:
    return os.name == "nt" or folder.stat().st_uid == os.getuid()


def _remove_if_left(folder: Path) -> None:
    path = folder / LOCK_NAME
    if not path.exists():
        if time.time() - folder.stat().st_mtime > MADE_WITHIN:
            shutil.rmtree(folder)
        return
    with path.open("rb+") as lock:
        lock_file(lock)
        # Windows removes no file that is open; there the next process removes what is left then.
        shutil.rmtree(folder, ignore_errors=os.name == "nt")
