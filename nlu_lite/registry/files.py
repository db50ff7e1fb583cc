"""Which registry files count, and in what order: the user's own, then packages' (plugins), then the built-in one."""

from __future__ import annotations

from pathlib import Path

from nlu_lite.errors import RegistryError
from nlu_lite.registry.reader import RegistryFile, read

_PACKAGE = Path(__file__).resolve().parents[1]


def built_in_path() -> Path:
    """Path of ``registry.yaml``: inside an installed package, or at the top of the checkout it is developed in.

    Raises:
        RegistryError: Neither place has it, so the installation is damaged.
    """
    installed = _PACKAGE / "_registry_file" / "registry.yaml"
    checkout = _PACKAGE.parent / "registry.yaml"
    if installed.is_file():
        return installed
    # Only beside a setup.cfg: a stray registry.yaml in site-packages is not ours.
    if checkout.is_file() and (_PACKAGE.parent / "setup.cfg").is_file():
        return checkout
    raise RegistryError(f"registry.yaml is neither at {installed} nor at {checkout}; install nlu-lite again")


def built_in() -> RegistryFile:
    """The registry that comes with the package, read and checked."""
    return read(built_in_path(), origin="built in")
