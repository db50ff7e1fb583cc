"""The registry in force in this process: what users registered, named files, packages', the built-in one."""

from __future__ import annotations

import threading
from os import PathLike
from pathlib import Path

from nlu_lite.registry.files import built_in, of_environment, of_plugins
from nlu_lite.registry.lookup import Registry
from nlu_lite.registry.reader import RegistryFile, read

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
            _current = Registry([*_registered, *of_environment(), *of_plugins(), built_in()])
        return _current


def refresh() -> None:
    """Read all registry files anew when the registry is next asked for."""
    global _current
    with _lock:
        _registered[:] = [read(file.path, origin=file.origin) for file in _registered]
        _current = None


def register(path: str | PathLike[str]) -> list[str]:
    """Add the entries of a file of your own, before all others; a second call with the same file reads it anew.

    Args:
        path: A YAML file in the form of ``registry.yaml``. A relative ``path:`` in it starts at the
            file's folder.

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
    place = Path(path).expanduser().resolve()
    added = read(place, origin=str(path))
    with _lock:
        others = [file for file in _registered if file.path != place]
        layered = Registry([added, *others, *of_environment(), *of_plugins(), built_in()])
        _registered[:] = [added, *others]
        _current = layered
    return sorted(added.references)
