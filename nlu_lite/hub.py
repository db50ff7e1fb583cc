"""Models of the Hugging Face hub: first what the cache on this machine has, then the network for what is missing.

The client's own one-call download is not used: it waits for ever on a server that says nothing, does not compare what it
got with what was announced, and marks a revision as here before its files are.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nlu_lite import model_files
from nlu_lite.errors import DownloadError, IntegrityError, WeightsNotFoundError

if TYPE_CHECKING:
    from nlu_lite.registry.schema import HubSource

MAIN = "main"
# Seconds to wait for the list of a repository's files; the client's own call has no limit.
LIST_TIMEOUT = 10.0
# A hub that is busy or stumbles is asked again; longer waits than this (seconds) are the caller's to decide.
ATTEMPTS = 3
LONGEST_WAIT = 20.0
_BUSY = (408, 429, 500, 502, 503, 504)

T = TypeVar("T")


def revision_of(source: HubSource, asked: str | None) -> str:
    """The revision meant: the caller's, else the entry's, else ``main``."""
    return asked or source.revision or MAIN


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
        DownloadError: The hub cannot be reached, does not answer, or refuses; says what helps.
        WeightsNotFoundError: The repository, the revision or the files do not exist there.
        IntegrityError: What came is not what the hub announced; it was removed, so that the next try starts clean.
    """
    import huggingface_hub

    what = f"{source.hub} at revision {revision!r}"
    api = huggingface_hub.HfApi()
    info = _patiently(lambda: api.model_info(source.hub, revision=revision, files_metadata=True, timeout=LIST_TIMEOUT), what)
    announced = {sibling.rfilename: sibling for sibling in info.siblings or ()}
    names = model_files.wanted(announced)
    if not {*model_files.WEIGHTS} & {*names} or model_files.CONFIG not in names:
        raise WeightsNotFoundError(
            f"{what} has no weights that can be read here: needed are config.json and model.safetensors or "
            f"pytorch_model.bin; it has {', '.join(sorted(announced)[:12]) or 'no files'}."
        )
    commit = str(info.sha)
    for name in names:
        path = Path(_patiently(partial(_fetch, source.hub, name, commit), f"{name} of {what}"))
        _check(path, announced[name])
    if revision != commit:
        # Asking by the revision's name makes the cache remember which commit it is; every file is here by now.
        _patiently(partial(_fetch, source.hub, model_files.CONFIG, revision), what)
    return path.parents[len(Path(name).parts) - 1]


def _fetch(repository: str, name: str, revision: str) -> str:
    import huggingface_hub

    return huggingface_hub.hf_hub_download(repository, name, revision=revision)


def _check(path: Path, announced: Any) -> None:  # noqa: ANN401 - huggingface_hub's RepoSibling
    """Compare a file with the digest that the hub announced; remove it from the cache if it differs."""
    if announced.lfs is not None:
        with path.open("rb") as file:
            found, wanted = hashlib.file_digest(file, "sha256").hexdigest(), announced.lfs.sha256
    elif announced.blob_id is not None:
        content = path.read_bytes()
        # What git calls a blob's id; the hub names small files by it. Not a matter of secrecy.
        found = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        wanted = announced.blob_id
    else:
        return
    if found != wanted:
        forget(path)
        raise IntegrityError(
            f"{path.name} came damaged: its digest is {found}, the hub announced {wanted}. It was removed from the cache; "
            "try again."
        )


def forget(path: Path) -> None:
    """Remove a file from the hub's cache, with the content that it points to."""
    content = path.resolve()
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the content may be gone, or be the file itself
        content.unlink()


def _patiently(call: Callable[[], T], what: str) -> T:
    """Call the hub; again where it is busy, and with an error of ours where it fails for good."""
    from huggingface_hub.errors import (  # type: ignore[attr-defined]  # its own base class, from the HTTP library it uses
        HfHubHTTPError,
        HTTPError,
        LocalEntryNotFoundError,
    )

    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except (HTTPError, OSError, ValueError) as error:
            # The client wraps what it met into "not in the cache either"; what it met is what matters.
            cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) and error.__cause__ else error
            status = getattr(getattr(cause, "response", None), "status_code", None)
            wait = _wait(cause, attempt) if isinstance(cause, HfHubHTTPError) and status in _BUSY else None
            if attempt == ATTEMPTS or wait is None or wait > LONGEST_WAIT:
                raise _translated(error, cause, status, what, wait) from error
            time.sleep(wait)
    raise AssertionError("the loop returns or raises")


def _wait(error: Any, attempt: int) -> float:  # noqa: ANN401 - HfHubHTTPError
    """Seconds that the hub asks for, or a little longer each time."""
    asked = error.response.headers.get("retry-after", "")
    return float(asked) if asked.isdigit() else float(2 ** (attempt - 1))


def _translated(error: BaseException, cause: BaseException, status: int | None, what: str, wait: float | None) -> Exception:
    from huggingface_hub import constants
    from huggingface_hub.errors import (
        GatedRepoError,
        OfflineModeIsEnabled,
        RemoteEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    place = constants.ENDPOINT
    if isinstance(cause, OfflineModeIsEnabled):
        return WeightsNotFoundError(f"{what} is not in the cache, and HF_HUB_OFFLINE forbids to ask {place}.")
    if isinstance(cause, GatedRepoError):
        return DownloadError(
            f"{place} keeps {what} for those who accepted its terms: accept them on its page, then log in "
            "with `hf auth login` or set HF_TOKEN."
        )
    if isinstance(cause, RevisionNotFoundError):
        return WeightsNotFoundError(f"{place} has no such revision: {what}. Leave revision= out for its newest state.")
    if isinstance(cause, RemoteEntryNotFoundError):
        return WeightsNotFoundError(f"{place} does not have {what}.")
    if isinstance(cause, RepositoryNotFoundError) or status in (401, 403):
        return DownloadError(
            f"{place} does not show {what}: it does not exist, or it is private. Check the name; for a private model log in "
            "with `hf auth login` or set HF_TOKEN."
        )
    if status == 429:
        asked = f" It asks to wait {wait:.0f} seconds." if wait else ""
        return DownloadError(f"{place} has had too many requests from here ({what}).{asked} Try again later, or set HF_TOKEN.")
    if status is not None:
        return DownloadError(f"{place} answered {status} for {what}: {_line(cause)}. Try again later.")
    if isinstance(cause, PermissionError) or getattr(cause, "errno", None) is not None:
        return DownloadError(
            f"{what} cannot be written to the cache {constants.HF_HUB_CACHE}: {_line(cause)}. Free space or choose another "
            "place with HF_HUB_CACHE."
        )
    return DownloadError(
        f"{what} cannot be fetched from {place}: {type(cause).__name__}: {_line(cause)}. Is the network up? Behind a proxy set "
        "HTTPS_PROXY, for a mirror HF_ENDPOINT; without a network load a folder with path=."
    )


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0].rstrip(".")
