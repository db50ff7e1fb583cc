"""Which registry files count: the user's own, then packages' (plugins), then the built-in one."""

from __future__ import annotations

import importlib.metadata
import os
from pathlib import Path

from nlu_lite.errors import RegistryError
from nlu_lite.registry.reader import RegistryFile, read_registry_file
from nlu_lite.registry.schema import is_inside

# Where users name files of their own, with the separator of PATH between several.
VARIABLE = "NLU_LITE_REGISTRY"
# What packages name theirs under; the value is `package:file.yaml`.
ENTRY_POINTS = "nlu_lite.registry"
_PACKAGE = Path(__file__).resolve().parents[1]


def built_in_path() -> Path:
    """Path of ``registry.yaml``: in an installed package, or at the top of a checkout.

    Raises:
        RegistryError: Neither has it, so the installation is damaged.
    """
    installed = _PACKAGE / "_registry_file" / "registry.yaml"
    checkout = _PACKAGE.parent / "registry.yaml"
    if installed.is_file():
        return installed
    # Only beside a setup.cfg: a stray registry.yaml in site-packages is not ours.
    if checkout.is_file() and (_PACKAGE.parent / "setup.cfg").is_file():
        return checkout
    raise RegistryError(
        f"registry.yaml is neither at {installed} nor at {checkout}; install nlu-lite again"
    )


def read_built_in_file() -> RegistryFile:
    """The registry that comes with the package, read and checked."""
    return read_registry_file(built_in_path(), origin="built in")


def read_files_of_environment() -> list[RegistryFile]:
    """The files that the environment variable names.

    Raises:
        RegistryError: One is missing or faulty.
    """
    return [
        read_registry_file(Path(path).expanduser().resolve(), origin=f"{VARIABLE}: {path}")
        for path in os.environ.get(VARIABLE, "").split(os.pathsep)
        if path
    ]


def read_files_of_plugins() -> list[RegistryFile]:
    """The files that installed packages offer; none of them is imported.

    Raises:
        RegistryError: An entry point does not name a file of its package, or the file is faulty.
    """
    points = importlib.metadata.entry_points(group=ENTRY_POINTS)
    return [_read_file_of_plugin(point) for point in sorted(points, key=lambda point: point.name)]


def _read_file_of_plugin(point: importlib.metadata.EntryPoint) -> RegistryFile:
    package, _, file_name = point.value.partition(":")
    path = f"{package.strip().replace('.', '/')}/{file_name.strip()}"
    if point.dist is None or not file_name or not is_inside(path):
        raise RegistryError(
            f"The entry point {point.name!r} of group {ENTRY_POINTS!r} is {point.value!r}; it "
            f"must be 'package:file.yaml'."
        )
    return read_registry_file(
        Path(str(point.dist.locate_file(path))), origin=f"package {point.dist.name}"
    )
