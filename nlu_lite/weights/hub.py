"""Models of the Hugging Face hub: first what the cache on this machine has, then the network.

What it does instead of huggingface_hub's ``snapshot_download``. Read in the client's sources from
0.36 to 2.4.0, the newest tried; ``tests/weights/test_hub_faults.py`` shows what the installed
client does, and a test that fails there says that a part may be needless now:

- ``_list_repository`` asks for the list of files with a time-out. The client until 2.4.0 has none
  there and waits for ever on a server that is silent.
- ``_fetch_content`` compares the digest of what came with the announced one, and ``_is_cached``
  that of what lies in the cache. The client compares the length (since 0.14), and keeps for good
  what has the right length and wrong bytes.
- ``_write_ref`` lets a branch or tag point to a commit when all files are here. The client does it
  before the first file (since 0.9), so that a download cut short leaves a folder that passes for
  complete; since 1.22 it notices that of its own snapshots.
- ``transfer`` fetches the single file, and says what it replaces.

The rest is the client's: the cache's layout and locks, so that each finds what the other fetched;
the session with its proxies, certificates and token; ``HfApi.model_info``; the progress bar.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from nlu_lite.common import is_watched
from nlu_lite.errors import (
    DownloadError,
    IntegrityError,
    NluLiteError,
    WeightsNotFoundError,
    advise,
    hide_secrets_of,
)
from nlu_lite.registry import is_inside
from nlu_lite.weights.json_files import read_json
from nlu_lite.weights.model_files import (
    CONFIG_FILE,
    INDEX_FILES,
    SHARD,
    WEIGHT_FILES,
    needs_weights,
    read_shard_names,
    select_model_files,
)
from nlu_lite.weights.module_folders import MODULES_FILE, ModuleFolder, list_module_folders
from nlu_lite.weights.other_formats import describe_other_formats
from nlu_lite.weights.partial_files import open_partial, remove_left_partials
from nlu_lite.weights.transfer import FileTransfer, call_hub, first_line, hub_address

if TYPE_CHECKING:
    from nlu_lite.registry import HubSource

MAIN = "main"
# Seconds to wait for the list of a repository's files.
LIST_TIMEOUT = 10.0
_COMMIT = re.compile(r"[0-9a-f]{40}")
# What the cache calls a content, and the hub announces: a git blob id for a small file, a sha256
# for a large one.
_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHA256_LENGTH = 64


@dataclass(frozen=True, kw_only=True)
class _File:
    """A file as a repository's list announces it; what a mirror leaves out is None."""

    size: int | None
    digest: str | None


@dataclass(frozen=True, kw_only=True)
class _Repository:
    """A repository at one commit: its files by name, and where the cache keeps it.

    ``subject`` names it and the revision in messages.
    """

    name: str
    subject: str
    commit: str
    files: dict[str, _File]
    store: Path

    @property
    def folder(self) -> Path:
        """Where the cache shows the files of this commit under their names."""
        return self.store / "snapshots" / self.commit

    @property
    def contents(self) -> Path:
        """Where the cache keeps the contents of files under their digests."""
        return self.store / "blobs"

    @property
    def locks(self) -> Path:
        """Where the locks of the contents are."""
        return self.store.parent / ".locks" / self.store.name


def find_cached_folder(source: HubSource, revision: str) -> Path | None:
    """The folder of a revision in the hub's cache, complete or not; no connection is opened."""
    from huggingface_hub import constants

    # The client's own look takes a tenth of a second to import, which a list of models would pay.
    store = Path(constants.HF_HUB_CACHE, f"models--{source.hub.replace('/', '--')}")
    if not store.is_dir():
        return None
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    for name in (CONFIG_FILE, MODULES_FILE):
        try:
            path = try_to_load_from_cache(source.hub, name, revision=revision)
        except HFValidationError:
            return None
        if isinstance(path, str):
            return Path(path).parent
    return None


def is_offline(offline: bool | None) -> bool:
    """Whether no connection may be opened: the caller or the hub's own variables say so."""
    from huggingface_hub import constants

    return bool(offline) or bool(constants.HF_HUB_OFFLINE)


def download(source: HubSource, revision: str) -> Path:
    """Fetch what is missing of a model, check it, and only then let the revision point to it.

    Args:
        source: The repository.
        revision: A branch, tag or commit.

    Returns:
        The folder in the hub's cache.

    Raises:
        DownloadError: The hub cannot be reached, does not answer, or refuses, or the cache cannot
            be written.
        WeightsNotFoundError: The repository, the revision or the files do not exist there.
        IntegrityError: What came is not what the hub announced; it was thrown away, so that the
            next try starts clean.
        ModelError: The index of the weights cannot be read or names files outside the folder.
    """
    from huggingface_hub import constants

    subject = f"{source.hub} at revision {revision!r}"
    if not is_inside(revision):  # it becomes part of a path
        raise WeightsNotFoundError(
            f"{subject}: that cannot be a revision. Leave revision= out for its newest state."
        )
    try:
        repository = call_hub(lambda: _list_repository(source.hub, revision, subject), subject)
        modules = list_module_folders(
            lambda name, kind: _read_file(repository, name, kind), repository.subject
        )
        names = _add_shards(repository, _select_files(repository, modules))
        missing = [name for name in names if not _is_cached(repository, name)]
        with _progress_bar(repository, missing) as report:
            for name in missing:
                _add_to_cache(repository, name, report)
        remove_left_partials(repository.contents, repository.locks)
    except OSError as error:
        if isinstance(error, NluLiteError):
            raise
        raise DownloadError(
            f"{subject} cannot be written to the cache {constants.HF_HUB_CACHE}: "
            f"{first_line(error)}. {advise(error)}, or choose another place with HF_HUB_CACHE."
        ) from error
    _write_ref(repository, revision)
    return repository.folder


def _list_repository(name: str, revision: str, subject: str) -> _Repository:
    """What a repository has at a revision."""
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HFValidationError, HTTPError  # type: ignore[attr-defined]
    from huggingface_hub.file_download import repo_folder_name
    from huggingface_hub.utils import get_session  # type: ignore[attr-defined]  # exported lazily

    try:
        get_session()  # reads the proxies and certificates
    except (OSError, ValueError, ImportError) as error:
        raise DownloadError(
            f"{hub_address()} cannot be asked for {subject}: {type(error).__name__}: "
            f"{first_line(error)}. Check HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE."
        ) from hide_secrets_of(error)
    try:
        info = HfApi().model_info(
            name, revision=revision, files_metadata=True, timeout=LIST_TIMEOUT
        )
        files = {sibling.rfilename: _read_file_facts(sibling) for sibling in info.siblings or ()}
        commit = str(info.sha)
        if not _COMMIT.fullmatch(commit):
            raise ValueError(f"the commit {info.sha!r}")
    except (HTTPError, HFValidationError):
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # A guest network's log-in page, for one.
        raise DownloadError(
            f"{hub_address()} answered for {subject}, but not what a hub answers "
            f"({type(error).__name__}: {error}). "
            "Is there a log-in page between, or is HF_ENDPOINT wrong?"
        ) from hide_secrets_of(error)
    store = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=name, repo_type="model")
    return _Repository(name=name, subject=subject, commit=commit, files=files, store=store)


def _read_file_facts(sibling: Any) -> _File:  # noqa: ANN401 - huggingface_hub's RepoSibling
    digest = sibling.blob_id if sibling.lfs is None else sibling.lfs.sha256
    # It becomes part of a path.
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise ValueError(f"{sibling.rfilename} has the digest {digest!r}")
    return _File(size=sibling.size, digest=digest)


def _read_file(repository: _Repository, name: str, kind: type) -> Any:  # noqa: ANN401
    """The content of a JSON file, which is fetched for that; None where there is none."""
    if name not in repository.files:
        return None
    _add_missing(repository, name)
    return read_json(repository.folder / name, kind)


def _select_files(repository: _Repository, modules: list[ModuleFolder]) -> list[str]:
    names = select_model_files(repository.files, modules)
    base_names = {PurePosixPath(name).name for name in names}
    is_configured = bool(modules) or CONFIG_FILE in names
    if not is_configured or (needs_weights(modules) and not base_names.intersection(WEIGHT_FILES)):
        formats = describe_other_formats(repository.files)
        raise WeightsNotFoundError(
            f"{repository.subject} has no weights that can be read here: needed are config.json "
            f"and model.safetensors or pytorch_model.bin; it has "
            f"{', '.join(sorted(repository.files)[:12]) or 'no files'}."
            + (f" {formats}" if formats else "")
        )
    return names


def _add_shards(repository: _Repository, names: list[str]) -> list[str]:
    """The names, each index of weights followed by the shards that it names; it is fetched."""
    complete = []
    for name in names:
        # What is a shard the index says, not its name.
        if not SHARD.fullmatch(PurePosixPath(name).name):
            complete.append(name)
        if PurePosixPath(name).name not in INDEX_FILES:
            continue
        _add_missing(repository, name)
        folder = PurePosixPath(name).parent
        stored = read_shard_names(repository.folder / name)
        shards = [(folder / shard).as_posix() for shard in stored]
        if missing := [shard for shard in shards if shard not in repository.files]:
            raise WeightsNotFoundError(
                f"{repository.subject} lacks {', '.join(missing[:5])}, which its {name} names."
            )
        complete += shards
    return complete


def _add_missing(repository: _Repository, name: str) -> None:
    if not _is_cached(repository, name):
        _add_to_cache(repository, name, lambda _byte_count: None)


def _is_cached(repository: _Repository, name: str) -> bool:
    """Whether the cache has a file, undamaged; a damaged one is removed."""
    path = repository.folder / name
    if not path.is_file():
        return False
    if _is_content_of(repository.files[name], path):
        return True
    path.resolve().unlink()
    path.unlink(missing_ok=True)
    return False


def _is_content_of(file: _File, path: Path) -> bool:
    """Whether a path holds what was announced; where nothing was, all is right."""
    return file.digest is None or _digest(path, file) == file.digest


def _add_to_cache(repository: _Repository, name: str, report: Callable[[int], object]) -> None:
    """Put a file into the cache: its content under its digest, a link to it under its name."""
    from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]  # exported lazily

    file = repository.files[name]
    path = repository.folder / name
    for folder in (repository.contents, path.parent, repository.locks):
        folder.mkdir(parents=True, exist_ok=True)
    # Of two processes that want the same file one fetches it. Without the lock both would, and no
    # harm done.
    blob = file.digest or _stand_in(repository, name)
    with WeakFileLock(repository.locks / f"{blob}.lock"):
        content = repository.contents / blob
        if not (content.is_file() and _is_content_of(file, content)):
            content = _fetch_content(repository, name, blob, report)
        _link(path, content, depth=len(PurePosixPath(name).parts))


def _stand_in(repository: _Repository, name: str) -> str:
    """What the content of a file is called on its way, where no digest was announced."""
    return hashlib.sha256(f"{repository.commit}/{name}".encode()).hexdigest()


def _fetch_content(
    repository: _Repository, name: str, blob: str, report: Callable[[int], object]
) -> Path:
    """Fetch the content of a file; only where it is right does it enter the cache."""
    file = repository.files[name]
    is_checked = file.digest is not None and file.size is not None
    with open_partial(repository.contents, blob, resumes=is_checked) as (partial, out):
        left = out.tell()
        if file.size is not None and left > file.size:
            left = out.truncate(0)
        digest = _fetch(repository, name, partial, out, report)
        if left and digest != file.digest:
            # What was left may be damaged, as where the machine lost its power.
            report(-out.tell())
            out.truncate(0)
            digest = _fetch(repository, name, partial, out, report)
        if file.digest not in (None, digest):
            raise IntegrityError(
                f"{name} of {repository.subject} came damaged: its digest is {digest}, the hub "
                f"announced {file.digest}. It was thrown away; try again."
            )
        if os.name == "nt":  # it renames no file that is open
            out.close()
        return partial.replace(repository.contents / digest)


def _fetch(
    repository: _Repository,
    name: str,
    partial: Path,
    out: BinaryIO,
    report: Callable[[int], object],
) -> str:
    """Fetch what is missing behind the end of a partial file; returns the digest of the whole."""
    from huggingface_hub import hf_hub_url

    file = repository.files[name]
    url = hf_hub_url(repository.name, name, revision=repository.commit)
    subject = f"{name} of {repository.subject}"
    report(out.seek(0, os.SEEK_END))
    FileTransfer(url=url, out=out, size=file.size, subject=subject, report=report).run()
    out.flush()
    return _digest(partial, file)


def _digest(path: Path, file: _File) -> str:
    """The digest of what a path holds, of the kind announced; a sha256 where none was."""
    with path.open("rb") as stream:
        if file.digest is None or len(file.digest) == _SHA256_LENGTH:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        content = stream.read()
    # What git calls a blob's id. Not a matter of secrecy.
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _link(path: Path, content: Path, *, depth: int) -> None:
    """Let a path point to a content; ``depth`` is how many folders it lies below the store's."""
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        draft.symlink_to(Path(*[".."] * (depth + 1), content.parent.name, content.name))
    except OSError:  # Windows without the right to
        content.replace(path)
    else:
        draft.replace(path)


def _write_ref(repository: _Repository, revision: str) -> None:
    """Write down which commit a branch or tag is."""
    if revision == repository.commit:
        return
    ref = repository.store / "refs" / revision
    draft = ref.with_name(f"{ref.name}.{uuid.uuid4().hex[:8]}.tmp")
    # Where it cannot be written down, the hub is asked again next time.
    with contextlib.suppress(OSError):
        ref.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(repository.commit, encoding="utf-8")
        draft.replace(ref)


@contextlib.contextmanager
def _progress_bar(repository: _Repository, names: list[str]) -> Iterator[Callable[[int], object]]:
    """The client's bar, so that its switches work; only where somebody looks."""
    from huggingface_hub.utils import tqdm  # type: ignore[attr-defined]  # exported lazily

    total = sum(repository.files[name].size or 0 for name in names)
    hidden = not (names and is_watched())
    bar_class: Any = tqdm
    with bar_class(
        total=total, unit="B", unit_scale=True, desc=repository.name, disable=hidden
    ) as bar:
        yield bar.update
