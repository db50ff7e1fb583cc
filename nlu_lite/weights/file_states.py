"""What the files of a model are now, so that replaced ones are noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

# 0_Transformer, 1_Pooling, and query_0_Dense behind a Router.
_MODULE = re.compile(r"(^|_)\d+_")
# A name, its size in bytes, when it was written and changed in ns, and the file that it means.
FileState = tuple[str, int, int, int, int, int]


def read_file_states(folder: Path) -> tuple[FileState, ...]:
    """The state of every file of a folder and of the folders of its modules, sorted by name.

    A file that was written in place, replaced, or removed and made again has another state, even
    with the same size and the same time of writing: the time of its change cannot be set.

    Args:
        folder: The model's.
    """
    return tuple(sorted(_read_state(folder, path) for path in _list_files(folder)))


def _list_files(folder: Path) -> Iterator[Path]:
    """Files of a folder, and of the folders in it that are called as modules are."""
    for path in folder.iterdir():
        if path.is_file():
            yield path
        elif _MODULE.search(path.name) and path.is_dir() and not path.is_symlink():
            yield from _list_files(path)


def _read_state(folder: Path, path: Path) -> FileState:
    status = path.stat()
    name = path.relative_to(folder).as_posix()
    return (
        name,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_dev,
        status.st_ino,
    )
