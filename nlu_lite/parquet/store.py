"""Where a dataset lies: files appear whole or not at all, and a lock dies with its owner."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pyarrow import fs

from nlu_lite.common import draft_folder, lock_file, resolve_address
from nlu_lite.errors import OutputError, hide_secrets, hide_secrets_of

# Readers of Parquet folders leave out what begins with an underscore.
META_FOLDER = "_nlu_lite"
COPIED_BYTES = 16 * 2**20
# No upload takes longer, in nanoseconds: a day.
UPLOAD_NS = 24 * 3600 * 10**9
# File systems of Arrow whose objects appear when all of them is there, as they call themselves.
_OBJECT_STORES = frozenset({"s3", "gcs", "abfs"})
# In the machine's folder for temporary files.
_DRAFT_PREFIX = "nlu_lite-drafts-"


@dataclass(frozen=True)
class Shard:
    """The parts that one process writes: every count-th from ``number`` on."""

    number: int
    count: int

    def __str__(self) -> str:
        """As in the names of files."""
        return f"{self.number}-of-{self.count}"

    @property
    def is_whole(self) -> bool:
        """Whether these are all parts."""
        return self.count == 1


class Store:
    """A folder on a file system of Arrow, such as S3, where an object appears when it is whole.

    There is no lock: two processes on one job do the same work twice, and write the same objects.
    Names of files are relative to the folder, with ``/`` between.

    Args:
        filesystem: Of Arrow.
        path: The folder on it.
        address: The folder as the caller said it, for messages; secrets in it are left out.
    """

    # Where files are written that are not whole yet, on this machine; known under the lock.
    _drafts: Path

    def __init__(self, filesystem: fs.FileSystem, path: str, address: str) -> None:
        self.address = hide_secrets(address)
        self._filesystem = filesystem
        self._path = path

    def names(self) -> list[str]:
        """The files beside ``_nlu_lite``, in order.

        Raises:
            OutputError: The folder cannot be read.
        """
        with self._reading():
            selector = fs.FileSelector(self._path, allow_not_found=True)
            entries = self._filesystem.get_file_info(selector)
        names = {str(entry.base_name) for entry in entries}
        return sorted(names - {META_FOLDER})

    def open(self, name: str) -> IO[bytes]:
        """A file to read from, seekable.

        Raises:
            OutputError: It cannot be read.
        """
        with self._reading():
            file: IO[bytes] = self._filesystem.open_input_file(f"{self._path}/{name}")
        return file

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except OutputError:
            raise
        except OSError as error:
            message = f"{self.address} cannot be read: {error}"
            raise OutputError(message) from hide_secrets_of(error)

    def read(self, name: str) -> bytes | None:
        """What a file holds; None if there is none.

        Raises:
            OutputError: It cannot be read.
        """
        with self._reading():
            if self._filesystem.get_file_info(f"{self._path}/{name}").type != fs.FileType.File:
                return None
            with self.open(name) as file:
                return bytes(file.read())

    @contextlib.contextmanager
    def new_file(self, name: str, advice: str = "") -> Iterator[Path]:
        """A path of this machine to write to; behind the block the file appears, whole.

        Under the lock only. It replaces an older file of that name.

        Raises:
            OutputError: It cannot be written; ``advice`` is added.
        """
        self._drafts.mkdir(parents=True, exist_ok=True)
        draft = self._drafts / name.replace("/", "-")
        try:
            yield draft
            self._publish(draft, name)
        except OutputError:
            raise
        except OSError as error:
            message = f"{self.address}/{name} cannot be written: {error}{advice}"
            raise OutputError(message) from hide_secrets_of(error)
        finally:
            # Nothing is lost with it, and what is wrong is said already.
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def write(self, name: str, content: bytes) -> None:
        """Write a small file, as ``new_file`` does."""
        with self.new_file(name) as draft:
            draft.write_bytes(content)

    def _publish(self, draft: Path, name: str) -> None:
        target = f"{self._path}/{name}"
        self._filesystem.create_dir(target.rpartition("/")[0], recursive=True)
        if _is_object_store(self._filesystem):
            # An interrupt would close the object half written, and then it appears; it reaches only
            # the main thread, which waits here until the object is whole.
            with ThreadPoolExecutor(1) as pool:
                pool.submit(self._upload, draft, target).result()
            return
        # Of each writer its own: where two copied to one name, one would lose it to the other.
        upload = f"{self._path}/{META_FOLDER}/drafts/{uuid.uuid4().hex}-{draft.name}"
        self._filesystem.create_dir(upload.rpartition("/")[0], recursive=True)
        try:
            self._upload(draft, upload)
            self._filesystem.move(upload, target)
        except BaseException:
            with contextlib.suppress(OSError):
                self._filesystem.delete_file(upload)
            raise

    def _upload(self, draft: Path, path: str) -> None:
        with draft.open("rb") as content, self._filesystem.open_output_stream(path) as out:
            shutil.copyfileobj(content, out, length=COPIED_BYTES)

    def _remove_old_uploads(self) -> None:
        """Remove what killed writers left; there is no lock that tells, so only what is old."""
        folder = f"{self._path}/{META_FOLDER}/drafts"
        oldest = time.time_ns() - UPLOAD_NS
        # What cannot be removed does no harm.
        with contextlib.suppress(OSError):
            for entry in self._filesystem.get_file_info(
                fs.FileSelector(folder, allow_not_found=True)
            ):
                if entry.type == fs.FileType.File and (entry.mtime_ns or oldest) < oldest:
                    self._filesystem.delete_file(entry.path)

    @contextlib.contextmanager
    def lock(self, shard: Shard) -> Iterator[None]:
        """Keep other processes from the same shard, and from the whole; here, only make drafts.

        Raises:
            OutputError: Another process has the shard, or there is no room for drafts.
        """
        self._remove_old_uploads()
        with contextlib.ExitStack() as stack:
            try:
                parent = Path(tempfile.gettempdir())
                self._drafts = stack.enter_context(draft_folder(parent, _DRAFT_PREFIX))
            except OSError as error:
                raise OutputError(
                    f"Drafts of {self.address} cannot be written on this machine: {error}. Name "
                    f"another folder for them with TMPDIR."
                ) from error
            yield


def _is_object_store(filesystem: fs.FileSystem) -> bool:
    """Whether a file appears when it is closed, and not before."""
    while isinstance(filesystem, fs.SubTreeFileSystem):
        filesystem = filesystem.base_fs
    return filesystem.type_name in _OBJECT_STORES


class LocalStore(Store):
    """A folder of this machine, or one that is mounted; one process writes into it.

    Args:
        folder: The folder; made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(fs.LocalFileSystem(), str(folder), str(folder))
        self._folder = folder

    def _publish(self, draft: Path, name: str) -> None:
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # Otherwise a machine that loses its power may keep the name and lose the content.
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, target)  # noqa: PTH105 - the one call that replaces on every system
        _sync_folder(target.parent)

    @contextlib.contextmanager
    def lock(self, shard: Shard) -> Iterator[None]:
        """See ``Store``; the lock is the operating system's, and gone with its process."""
        meta_folder = self._folder / META_FOLDER
        try:
            meta_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self._folder} cannot be made or written to: {error}") from error
        with contextlib.ExitStack() as locks:
            # The whole takes this one alone, shards share it.
            locks.enter_context(self._locked(meta_folder / "lock", is_shared=not shard.is_whole))
            if not shard.is_whole:
                locks.enter_context(self._locked(meta_folder / f"lock-{shard}", is_shared=False))
            self._drafts = meta_folder / "drafts" / str(shard)
            # What a killed process left there is nobody's.
            shutil.rmtree(self._drafts, ignore_errors=True)
            yield

    @contextlib.contextmanager
    def _locked(self, path: Path, *, is_shared: bool) -> Iterator[None]:
        with path.open("ab") as file:
            try:
                lock_file(file, is_shared=is_shared)
            except (BlockingIOError, PermissionError) as error:
                raise OutputError(
                    f"Another process writes into {self._folder} (it holds {path}). Wait until it "
                    f"ends; of several machines or processes, give each its own "
                    f"shard=(number, count)."
                ) from error
            yield


def open_store(folder: str | Path, filesystem: fs.FileSystem | None = None) -> Store:
    """A folder of this machine, or at an address such as ``s3://bucket/folder``.

    Args:
        folder: The folder; made when something is written.
        filesystem: Where ``folder`` is a path on one of Arrow.

    Raises:
        OutputError: The address is not understood.
    """
    if filesystem is None:
        address = resolve_address(folder, OutputError)
        if isinstance(address, Path):
            return LocalStore(address)
        try:
            filesystem, path = fs.FileSystem.from_uri(address)
        except (OSError, ValueError) as error:
            message = f"{folder} cannot be written to: {error}"
            raise OutputError(message) from hide_secrets_of(error)
    else:
        address = path = str(folder)
    if isinstance(filesystem, fs.LocalFileSystem):
        return LocalStore(Path(path))
    return Store(filesystem, path.rstrip("/"), address)


def _sync_folder(folder: Path) -> None:
    """Put a new name on the disk; Windows does so by itself and does not open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
