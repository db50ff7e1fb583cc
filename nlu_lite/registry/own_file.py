"""The user's own registry file, into which a model of the hub can be written."""

from __future__ import annotations

import os
from pathlib import Path

from nlu_lite.errors import OptionError, RegistryError
from nlu_lite.registry.active import refresh
from nlu_lite.registry.files import VARIABLE
from nlu_lite.registry.hub_names import HubImport
from nlu_lite.registry.reader import read_registry_file
from nlu_lite.registry.rewrite import add_lines


def own_file() -> Path:
    """The first file that the environment names; made, empty, where it is not there.

    Raises:
        OptionError: It names none.
        RegistryError: The file cannot be made.
    """
    names = [name for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name]
    if not names:
        raise OptionError(
            f"{VARIABLE} names no registry file of your own to write into. Set it to the path of "
            f"one, which need not exist: export {VARIABLE}=$HOME/own.yaml"
        )
    path = Path(names[0]).expanduser().resolve()
    try:
        path.touch()
    except OSError as error:
        raise RegistryError(f"{path} cannot be written: {error}") from error
    return path


def add_hub_model(path: Path, model: HubImport, hub_id: str) -> None:
    """Write a reference of NLU with its model of the hub into a registry file, as unverified.

    Args:
        path: The file.
        model: What is known of it.
        hub_id: Where it lies.

    Raises:
        RegistryError: The file is faulty or cannot be written.
    """
    fields = {"sources": [{"hub": hub_id}], "architecture": model.architecture}
    file = read_registry_file(path, origin=str(path))
    models = {} if hub_id in file.models else {hub_id: fields}
    reference = {
        "model": hub_id,
        "task": model.task,
        "language": model.language,
        "spark_name": model.spark_name,
        "verified": "unverified",
    }
    add_lines(path, {"models": models, "references": {model.reference: reference}})
    refresh()
