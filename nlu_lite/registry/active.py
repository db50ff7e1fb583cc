"""The registry in force in this process, layered of all files that count."""

from __future__ import annotations

import threading
from os import PathLike
from pathlib import Path

from nlu_lite.registry.files import (
    read_built_in_file,
    read_files_of_environment,
    read_files_of_plugins,
)
from nlu_lite.registry.lookup import Registry
from nlu_lite.registry.reader import RegistryFile, read_registry_file

_lock = threading.RLock()
_registered: list[RegistryFile] = []
_current: Registry | None = None


def current() -> Registry:
    """The registry in force, read when first asked for and kept for the process.

    What the user registered comes first, then the files of ``NLU_LITE_REGISTRY``, then those of
    installed packages, then the built-in one; of two entries with one name the earlier wins.

    Raises:
        RegistryError: A registry file is faulty.
    """
    global _current
    with _lock:
        if _current is None:
            _current = _layer(_registered)
        return _current


def _layer(registered: list[RegistryFile]) -> Registry:
    """The files that the user registered before all others."""
    return Registry(
        [
            *registered,
            *read_files_of_environment(),
            *read_files_of_plugins(),
            read_built_in_file(),
        ]
    )


def refresh() -> None:
    """Read all registry files anew when the registry is next asked for."""
    global _current
    with _lock:
        _registered[:] = [read_registry_file(file.path, origin=file.origin) for file in _registered]
        _current = None


def register(path: str | PathLike[str]) -> list[str]:
    """Add the entries of a file of your own, before all others.

    Args:
        path: A YAML file in the form of ``registry.yaml``. A relative ``path:`` in it starts at the
            file's folder. A second call with the same file reads it anew.

    Returns:
        The references that the file adds.

    Raises:
        RegistryError: The file cannot be read or is faulty; nothing is added then.

    Example:
        >>> import nlu_lite as nlu, pathlib, tempfile
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "own.yaml"
        >>> _ = file.write_text('''
        ... models:
        ...   "my_bert": {sources: [{path: "my_bert_folder"}], architecture: "bert"}
        ... references:
        ...   "en.embed.my_bert": {model: "my_bert", task: "embed", language: "en"}
        ... ''')
        >>> nlu.register(file)
        ['en.embed.my_bert']
    """
    global _current
    file = read_registry_file(Path(path).expanduser().resolve(), origin=str(path))
    with _lock:
        registered = [file, *(earlier for earlier in _registered if earlier.path != file.path)]
        _current = _layer(registered)
        _registered[:] = registered
    return sorted(file.references)
