"""Files on their way into the hub's cache: what a killed download left is resumed, or removed."""

from __future__ import annotations

import contextlib
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from nlu_lite.common import is_at, lock_file

# Named after the content, and after its writer: huggingface_hub's client names its own so too.
_PARTIAL = re.compile(r"(?P<blob>[0-9a-zA-Z]+)\.[0-9a-f]{8}\.incomplete")


@contextlib.contextmanager
def open_partial(contents: Path, blob: str, *, resumes: bool) -> Iterator[tuple[Path, BinaryIO]]:
    """A file for a content that is being fetched, gone where that fails; under the content's lock.

    Where that lock holds nobody off, the file has one of its own, so that two writers never share
    one.

    Args:
        contents: The cache's folder of contents.
        blob: What the content is called.
        resumes: Whether to go on with what a killed download left, since a digest will tell whether
            it is right; else that is removed.

    Yields:
        Its path, and the file, open for reading and writing at its end.
    """
    with contextlib.ExitStack() as stack:
        chosen = None
        for path in _largest_first(contents.glob(f"{blob}.*.incomplete")):
            file = _open_left(path)
            if file is None:
                continue
            stack.enter_context(file)
            if resumes and chosen is None:
                chosen = path, file
            else:
                _remove(path)
        if chosen is None:
            chosen = _make_partial(contents, blob)
            stack.enter_context(chosen[1])
        path, file = chosen
        file.seek(0, os.SEEK_END)
        try:
            yield path, file
        except BaseException:
            file.close()
            _remove(path)
            raise


def _make_partial(contents: Path, blob: str) -> tuple[Path, BinaryIO]:
    while True:
        path = contents / f"{blob}.{uuid.uuid4().hex[:8]}.incomplete"
        file = path.open("xb+")
        try:
            lock_file(file)
        except (BlockingIOError, PermissionError):
            # Another writer has taken it for left over, in the moment before the lock.
            file.close()
            continue
        except OSError:  # no locks here
            return path, cast(BinaryIO, file)
        if is_at(path, file):
            return path, cast(BinaryIO, file)
        file.close()


def remove_left_partials(contents: Path, locks: Path) -> None:
    """Remove what killed downloads left of contents that nobody fetches now.

    Args:
        contents: The cache's folder of contents.
        locks: The folder of their locks.
    """
    for path in contents.glob("*.incomplete"):
        match = _PARTIAL.fullmatch(path.name)
        # What cannot be removed, or locked in time, does no harm here.
        with contextlib.suppress(OSError):
            if match is not None:
                _remove_if_left(path, locks / f"{match['blob']}.lock")


def _remove_if_left(path: Path, lock: Path) -> None:
    """Remove a partial file, under the lock that the client has while it fetches the content."""
    file = _open_left(path)
    if file is None:
        return
    with file, lock.open("ab") as opened:
        lock_file(opened)
        if is_at(lock, opened):
            _remove(path)


def _open_left(path: Path) -> BinaryIO | None:
    """A partial file that nobody writes, locked; None where somebody does, or that cannot be told.

    What was locked may have become the content meanwhile, which nobody may write to.
    """
    try:
        file = path.open("rb+")
    except OSError:
        return None
    try:
        lock_file(file)
    except OSError:
        file.close()
        return None
    if is_at(path, file):
        return cast(BinaryIO, file)
    file.close()
    return None


def _largest_first(paths: Iterator[Path]) -> list[Path]:
    sizes: dict[Path, int] = {}
    for path in paths:
        with contextlib.suppress(OSError):
            sizes[path] = path.stat().st_size
    return sorted(sizes, key=lambda path: -sizes[path])


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # Windows removes no file that is open
        path.unlink()
