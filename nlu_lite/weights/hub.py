"""Models of the Hugging Face hub: first what the cache on this machine has, then the network for what is missing.

The client's own download is not used: it waits for ever on a server that drips or is silent, sleeps
for hours where it is told to, does not compare what it got with what was announced, and marks a
revision as here before its files are. Its cache is: in the same layout, under the same locks, so
that each finds what the other fetched.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from nlu_lite.common import is_watched
from nlu_lite.errors import DownloadError, IntegrityError, NluLiteError, WeightsNotFoundError
from nlu_lite.registry import is_inside
from nlu_lite.weights import model_files
from nlu_lite.weights.transfer import line, patiently, place, receive

if TYPE_CHECKING:
    from nlu_lite.registry import HubSource

MAIN = "main"
# Seconds to wait for the list of a repository's files; the client's own call has no limit.
LIST_TIMEOUT = 10.0
_COMMIT = re.compile(r"[0-9a-f]{40}")
# What the cache calls a content, and the hub announces: a git blob id for a small file, a sha256
# for a large one.
_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True)
class _File:
    """A file as a repository's list announces it; what a mirror leaves out is None."""

    size: int | None
    digest: str | None


@dataclass(frozen=True)
class _Repository:
    """A repository at one commit: its files by name, and where the cache keeps it."""

    name: str
    what: str
    commit: str
    files: dict[str, _File]
    store: Path

    @property
    def folder(self) -> Path:
        return self.store / "snapshots" / self.commit


def cached(source: HubSource, revision: str) -> Path | None:
    """The folder of a revision in the hub's cache, complete or not; no connection is opened."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(source.hub, model_files.CONFIG, revision=revision)
    except HFValidationError:
        return None
    return Path(found).parent if isinstance(found, str) else None


def is_offline(asked: bool | None) -> bool:
    """Whether no connection may be opened: the caller says so, or the hub's own environment variables do."""
    from huggingface_hub import constants

    return bool(asked) or bool(constants.HF_HUB_OFFLINE)


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

    what = f"{source.hub} at revision {revision!r}"
    if not is_inside(revision):  # it becomes part of a path
        raise WeightsNotFoundError(
            f"{what}: that cannot be a revision. Leave revision= out for its newest state."
        )
    try:
        repository = _listed(source.hub, revision, what)
        names = _with_shards(repository, _wanted(repository))
        lacking = [name for name in names if not _is_here(repository, name)]
        with _bar(repository, lacking) as progress:
            for name in lacking:
                _bring(repository, name, progress)
    except OSError as error:
        if isinstance(error, NluLiteError):
            raise
        raise DownloadError(
            f"{what} cannot be written to the cache {constants.HF_HUB_CACHE}: {line(error)}. Free "
            f"space or choose another "
            "place with HF_HUB_CACHE."
        ) from error
    _remember(repository, revision)
    return repository.folder


def _listed(name: str, revision: str, what: str) -> _Repository:
    """What a repository has at a revision."""
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HFValidationError, HTTPError  # type: ignore[attr-defined]
    from huggingface_hub.file_download import repo_folder_name
    from huggingface_hub.utils import get_session  # type: ignore[attr-defined]  # exported lazily

    def ask() -> _Repository:
        try:
            get_session()  # reads the proxies and certificates
        except (OSError, ValueError, ImportError) as error:
            raise DownloadError(
                f"{place()} cannot be asked for {what}: {type(error).__name__}: {line(error)}. "
                f"Check HTTPS_PROXY, ALL_PROXY "
                "and SSL_CERT_FILE."
            ) from error
        try:
            info = HfApi().model_info(
                name, revision=revision, files_metadata=True, timeout=LIST_TIMEOUT
            )
            files = {sibling.rfilename: _announced(sibling) for sibling in info.siblings or ()}
            if not _COMMIT.fullmatch(info.sha or ""):
                raise ValueError(f"the commit {info.sha!r}")
        except (HTTPError, HFValidationError):
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # A guest network's log-in page, for one.
            raise DownloadError(
                f"{place()} answered for {what}, but not what a hub answers "
                f"({type(error).__name__}: {error}). "
                "Is there a log-in page between, or is HF_ENDPOINT wrong?"
            ) from error
        store = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=name, repo_type="model")
        return _Repository(name, what, str(info.sha), files, store)

    return patiently(ask, what)


def _announced(sibling: Any) -> _File:  # noqa: ANN401 - huggingface_hub's RepoSibling
    digest = sibling.lfs.sha256 if sibling.lfs is not None else sibling.blob_id
    # It becomes part of a path.
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise ValueError(f"{sibling.rfilename} has the digest {digest!r}")
    return _File(sibling.size, digest)


def _wanted(repository: _Repository) -> list[str]:
    names = model_files.wanted(repository.files)
    if not {*model_files.WEIGHTS} & {*names} or model_files.CONFIG not in names:
        raise WeightsNotFoundError(
            f"{repository.what} has no weights that can be read here: needed are config.json and "
            f"model.safetensors or "
            f"pytorch_model.bin; it has {', '.join(sorted(repository.files)[:12]) or 'no files'}."
        )
    return names


def _with_shards(repository: _Repository, names: list[str]) -> list[str]:
    """The names with the shards that the index of the weights names, if there is one; it is fetched for that."""
    index = next((name for name in names if name in model_files.INDEXES), None)
    if index is None:
        return names
    if not _is_here(repository, index):
        _bring(repository, index, lambda _count: None)
    shards = model_files.shards_of(repository.folder / index)
    if lost := [name for name in shards if name not in repository.files]:
        raise WeightsNotFoundError(
            f"{repository.what} lacks {', '.join(lost[:5])}, which its {index} names."
        )
    return [*names[: names.index(index)], *shards]


def _is_here(repository: _Repository, name: str) -> bool:
    """Whether the cache has a file, undamaged; a damaged one is removed."""
    path = repository.folder / name
    if not path.is_file():
        return False
    if (wanted := repository.files[name].digest) in (None, _digest(path, wanted)):
        return True
    path.resolve().unlink()
    path.unlink(missing_ok=True)
    return False


def _bring(repository: _Repository, name: str, progress: Callable[[int], object]) -> None:
    """Put a file into the cache: its content under its digest, and a link to that under its name."""
    from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]  # exported lazily

    file = repository.files[name]
    path = repository.folder / name
    contents = repository.store / "blobs"
    contents.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = (
        repository.store.parent
        / ".locks"
        / repository.store.name
        / f"{file.digest or uuid.uuid4().hex}.lock"
    )
    lock.parent.mkdir(parents=True, exist_ok=True)
    # Of two processes that want the same file one fetches it. Without the lock both would, and no
    # harm done.
    with WeakFileLock(lock):
        content = contents / str(file.digest)
        if (
            file.digest is None
            or not content.is_file()
            or _digest(content, file.digest) != file.digest
        ):
            content = _fetch(repository, name, contents, progress)
        _link(path, content, depth=len(PurePosixPath(name).parts))


def _fetch(
    repository: _Repository, name: str, contents: Path, progress: Callable[[int], object]
) -> Path:
    """Fetch the content of a file; it gets its place in the cache when it was found to be right."""
    from huggingface_hub import hf_hub_url

    file = repository.files[name]
    url = hf_hub_url(repository.name, name, revision=repository.commit)
    partial = contents / f"{file.digest}.{uuid.uuid4().hex[:8]}.incomplete"
    try:
        with partial.open("wb") as out:
            receive(
                url, out, size=file.size, what=f"{name} of {repository.what}", progress=progress
            )
        found = _digest(partial, file.digest)
        if file.digest not in (None, found):
            raise IntegrityError(
                f"{name} of {repository.what} came damaged: its digest is {found}, the hub "
                f"announced {file.digest}. "
                "It was thrown away; try again."
            )
        return partial.replace(contents / found)
    finally:
        partial.unlink(missing_ok=True)


def _digest(path: Path, like: str | None) -> str:
    """The digest of a file, of the kind that another one is; a sha256 where there is no other."""
    with path.open("rb") as file:
        if like is None or len(like) == 64:
            return hashlib.file_digest(file, "sha256").hexdigest()
        content = file.read()
    # What git calls a blob's id. Not a matter of secrecy.
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _link(path: Path, content: Path, *, depth: int) -> None:
    beside = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        beside.symlink_to(Path(*[".."] * (depth + 1), content.parent.name, content.name))
    except OSError:  # Windows without the right to
        content.replace(path)
    else:
        beside.replace(path)


def _remember(repository: _Repository, revision: str) -> None:
    """Write down which commit a branch or tag is; every file is here by now."""
    if revision == repository.commit:
        return
    ref = repository.store / "refs" / revision
    beside = ref.with_name(f"{ref.name}.{uuid.uuid4().hex[:8]}.tmp")
    # Where it cannot be written down, the hub is asked again next time.
    with contextlib.suppress(OSError):
        ref.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(repository.commit, encoding="utf-8")
        beside.replace(ref)


@contextlib.contextmanager
def _bar(repository: _Repository, names: list[str]) -> Iterator[Callable[[int], object]]:
    """The client's bar, so that its switches work; only where somebody looks."""
    from huggingface_hub.utils import tqdm  # type: ignore[attr-defined]  # exported lazily

    total = sum(repository.files[name].size or 0 for name in names)
    bar: Any = tqdm
    hidden = not (names and is_watched())
    with bar(total=total, unit="B", unit_scale=True, desc=repository.name, disable=hidden) as shown:
        yield shown.update
