"""Where a dataset lies: files that appear whole or not at all, and a lock that dies with its owner."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from nlu_lite.errors import OutputError
from nlu_lite.inputs import import_pyarrow

# Readers of Parquet folders leave out what begins with an underscore.
OWN = "_nlu_lite"
Shard = tuple[int, int]


class Store(Protocol):
    """A folder that parts are written into. Names are relative to it, with ``/`` between."""

    place: str

    def names(self) -> list[str]:
        """The files beside ``_nlu_lite``, in order."""

    def read(self, name: str) -> bytes | None:
        """What a file holds; None if there is none."""

    def open(self, name: str) -> IO[bytes]:
        """A file to read from, seekable."""

    def draft(self, name: str) -> Path:
        """A path of this machine to write a file to that is not whole yet."""

    def publish(self, draft: Path, name: str) -> None:
        """Let a draft appear under its name, whole; what was there is replaced."""

    def lock(self, shard: Shard) -> contextlib.AbstractContextManager[None]:
        """Keep other processes from the same shard, and from the whole.

        Raises:
            OutputError: One has it.
        """


def open_store(folder: str | Path, filesystem: Any = None) -> Store:  # noqa: ANN401 - a pyarrow.fs.FileSystem
    """A folder of this machine, or at an address such as ``s3://bucket/folder``.

    Args:
        folder: Which; made when something is written.
        filesystem: Of Arrow, where ``folder`` is a path on one.

    Raises:
        OutputError: The address is not understood.
        MissingExtraError: pyarrow is not installed.
    """
    import_pyarrow("To write Parquet")
    from pyarrow import fs

    if filesystem is None and "://" not in str(folder):
        return LocalStore(Path(folder))
    try:
        system, path = (
            (filesystem, str(folder))
            if filesystem is not None
            else fs.FileSystem.from_uri(str(folder))
        )
    except (OSError, ValueError) as error:
        raise OutputError(f"{folder} cannot be written to: {error}") from error
    return (
        LocalStore(Path(path))
        if isinstance(system, fs.LocalFileSystem)
        else RemoteStore(system, path.rstrip("/"), str(folder))
    )


def write(store: Store, name: str, content: bytes) -> None:
    """Write a small file; it appears whole or not at all.

    Args:
        store: Where.
        name: Which.
        content: What it holds.
    """
    draft = store.draft(name)
    try:
        draft.write_bytes(content)
        store.publish(draft, name)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OutputError(f"{store.place}/{name} cannot be written: {error}") from error


class LocalStore:
    """A folder of this machine, or one that is mounted.

    Args:
        folder: Where.
    """

    def __init__(self, folder: Path) -> None:
        self.place = str(folder)
        self._folder = folder
        self._lane = "0-of-1"

    def names(self) -> list[str]:
        """See ``Store``."""
        if not self._folder.is_dir():
            return []
        return sorted(path.name for path in self._folder.iterdir() if path.name != OWN)

    def read(self, name: str) -> bytes | None:
        """See ``Store``."""
        path = self._folder / name
        return path.read_bytes() if path.is_file() else None

    def open(self, name: str) -> IO[bytes]:
        """See ``Store``."""
        return (self._folder / name).open("rb")

    def draft(self, name: str) -> Path:
        """See ``Store``."""
        path = self._folder / OWN / "drafts" / self._lane / name.replace("/", "-")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def publish(self, draft: Path, name: str) -> None:
        """See ``Store``."""
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # Otherwise a machine that loses its power may keep the name and lose the content.
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, target)  # noqa: PTH105 - the one call that replaces on every system
        _sync_folder(target.parent)

    @contextlib.contextmanager
    def lock(self, shard: Shard) -> Iterator[None]:
        """See ``Store``."""
        number, count = shard
        own = self._folder / OWN
        try:
            own.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self._folder} cannot be made or written to: {error}") from error
        try:
            with contextlib.ExitStack() as held:
                # The whole takes this one alone, shards share it.
                held.enter_context(_locked(own / "lock", alone=count == 1))
                if count > 1:
                    held.enter_context(_locked(own / f"lock-{number}-of-{count}", alone=True))
                self._lane = f"{number}-of-{count}"
                # What a killed process left there is nobody's.
                shutil.rmtree(own / "drafts" / self._lane, ignore_errors=True)
                yield
        except _TakenError as error:
            raise OutputError(
                f"Another process writes into {self._folder} (it holds {error}). Wait until it "
                f"ends; of several machines or "
                "processes, give each its own shard=(number, count)."
            ) from error


class RemoteStore:
    """A folder on a file system of Arrow, such as S3, where an object appears when it is whole.

    There is no lock: two processes on one job do the same work twice, and write the same objects.

    Args:
        system: Of Arrow.
        path: On it.
        place: As the caller said it.
    """

    def __init__(self, system: Any, path: str, place: str) -> None:  # noqa: ANN401
        self.place = place
        self._system = system
        self._path = path
        self._drafts: Path | None = None

    def names(self) -> list[str]:
        """See ``Store``."""
        from pyarrow import fs

        found = self._system.get_file_info(fs.FileSelector(self._path, allow_not_found=True))
        return sorted(str(info.base_name) for info in found if info.base_name != OWN)

    def read(self, name: str) -> bytes | None:
        """See ``Store``."""
        from pyarrow import fs

        path = f"{self._path}/{name}"
        if self._system.get_file_info(path).type != fs.FileType.File:
            return None
        with self._system.open_input_stream(path) as file:
            return bytes(file.read())

    def open(self, name: str) -> IO[bytes]:
        """See ``Store``."""
        file: IO[bytes] = self._system.open_input_file(f"{self._path}/{name}")
        return file

    def draft(self, name: str) -> Path:
        """See ``Store``."""
        assert self._drafts is not None, "drafts are written under the lock only"
        return self._drafts / name.replace("/", "-")

    def publish(self, draft: Path, name: str) -> None:
        """See ``Store``."""
        target, upload = f"{self._path}/{name}", f"{self._path}/{OWN}/drafts/{draft.name}"
        for path in (target, upload):
            self._system.create_dir(path.rpartition("/")[0], recursive=True)
        with draft.open("rb") as content, self._system.open_output_stream(upload) as file:
            shutil.copyfileobj(content, file, length=16 * 2**20)
        self._system.move(upload, target)
        draft.unlink()

    @contextlib.contextmanager
    def lock(self, shard: Shard) -> Iterator[None]:
        """See the class: none."""
        with tempfile.TemporaryDirectory(prefix="nlu_lite-") as folder:
            self._drafts = Path(folder)
            yield


class _TakenError(Exception):
    """The lock of another process."""


@contextlib.contextmanager
def _locked(path: Path, *, alone: bool) -> Iterator[None]:
    """A lock of the operating system, which is gone with the process that has it, however that ends."""
    with path.open("ab") as file:
        try:
            _take(file, alone=alone)
        except (BlockingIOError, PermissionError) as error:
            raise _TakenError(path) from error
        yield


def _take(file: IO[bytes], *, alone: bool) -> None:
    try:
        import fcntl
    except ImportError:  # Windows, whose locks are never shared
        import msvcrt

        if alone:
            system: Any = msvcrt
            system.locking(file.fileno(), system.LK_NBLCK, 1)
        return
    fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)


def _sync_folder(folder: Path) -> None:
    """Put a new name on the disk; Windows does so by itself and does not open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
