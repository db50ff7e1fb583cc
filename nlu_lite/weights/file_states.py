"""What the files of a model are now, so that replaced ones are noticed."""

from __future__ import annotations

from pathlib import Path

# A name, its size in bytes, when it was written and changed in ns, and the file that it means.
FileState = tuple[str, int, int, int, int, int]


def read_file_states(folder: Path) -> tuple[FileState, ...]:
    """The state of every file of a folder and of the folders in it, sorted by name.

    A file that was written in place, replaced, or removed and made again has another state, even
    with the same size and the same time of writing: the time of its change cannot be set.

    Args:
        folder: The model's.
    """
    paths = (*folder.glob("*"), *folder.glob("*/*"))
    states = [_read_state(folder, path) for path in paths if path.is_file()]
    return tuple(sorted(states))


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
