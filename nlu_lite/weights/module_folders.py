"""Which modules a sentence-transformers folder lists, and in which of its folders each lies.

The layout is sentence-transformers' own: ``modules.json`` names the modules and their folders, and
``router_config.json`` those of a Router, one list a route.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from nlu_lite.errors import ModelError, brief
from nlu_lite.registry import is_inside
from nlu_lite.weights.json_files import read_json

MODULES_FILE = "modules.json"
# A Router's settings, today and in old versions, which called it Asym.
ROUTER_FILES = ("router_config.json", "config.json")
ROUTERS = ("Router", "Asym")
# A Router in a Router is rare, and a link may lead in a circle.
MOST_FOLDERS = 8
# The content of a JSON file of the model by its name and what it must hold; None where it is not.
ReadFile = Callable[[str, type], Any]


@dataclass(frozen=True, kw_only=True)
class ModuleFolder:
    """A module as it is listed.

    Attributes:
        type: Its class, as a dotted path; never imported from here.
        path: Its folder, relative to the model's with ``/``; empty for the model's own.
    """

    type: str
    path: str

    @property
    def kind(self) -> str:
        """The name of its class."""
        return self.type.rpartition(".")[2]


def list_module_folders(read: ReadFile, source: str) -> list[ModuleFolder]:
    """All modules that a model lists, those of every route of a Router after the Router itself.

    Args:
        read: Gives the content of a file of the model.
        source: Where the files lie, for messages.

    Raises:
        ModelError: A list is none, or names a folder outside the model's.
    """
    modules = []
    for module in read(MODULES_FILE, list) or []:
        if not isinstance(module, dict):
            raise ModelError(
                f"{MODULES_FILE} of {source} lists {brief(module)}; each module must be a JSON "
                f"object."
            )
        folder = make_module_folder("", module.get("path", ""), module.get("type", ""), source)
        modules += [folder, *_list_routes(read, folder, source)]
    return modules


def make_module_folder(parent: str, path: object, type_: object, source: object) -> ModuleFolder:
    """A module as a list names it.

    Args:
        parent: Folder of the list, relative to the model's.
        path: The module's folder, relative to the list's.
        type_: Its class.
        source: Where the model lies, for messages.

    Raises:
        ModelError: It lies outside, or one of the two is no text.
    """
    if not isinstance(path, str) or not isinstance(type_, str):
        raise ModelError(
            f"A module of {source} has the type {brief(type_)} and the path {brief(path)}; both "
            f"must be texts."
        )
    if path and not is_inside(path):
        raise ModelError(
            f"A module of {source} lies in {path!r}, which is outside the folder. It is refused."
        )
    joined = PurePosixPath(parent, path)
    if len(joined.parts) > MOST_FOLDERS:
        raise ModelError(
            f"The modules of {source} lie in folders inside folders, the {MOST_FOLDERS + 1}th in "
            f"{joined.as_posix()!r:.200}. It is refused."
        )
    return ModuleFolder(type=type_, path="/".join(joined.parts))


def _list_routes(read: ReadFile, router: ModuleFolder, source: str) -> list[ModuleFolder]:
    if router.kind not in ROUTERS:
        return []
    modules = []
    for name, type_ in read_router(read, router, source)["types"].items():
        folder = make_module_folder(router.path, name, type_, source)
        modules += [folder, *_list_routes(read, folder, source)]
    return modules


def read_router(read: ReadFile, router: ModuleFolder, source: object) -> dict[str, Any]:
    """The settings of a Router: ``types``, ``structure`` and ``parameters``, each an object.

    Raises:
        ModelError: There are none, or they are something else.
    """
    for name in ROUTER_FILES:
        settings = read(join_name(router.path, name), dict)
        if settings is None:
            continue
        parts: dict[str, Any] = {
            part: settings.get(part) for part in ("types", "structure", "parameters")
        }
        is_read = all(isinstance(part, dict) for part in parts.values())
        if is_read and all(PurePosixPath(name).parts for name in parts["types"]):
            return parts
    raise ModelError(
        f"The {router.kind} in {router.path!r} of {source} has no settings that can be read: "
        f"{ROUTER_FILES[0]} must have types, structure and parameters."
    )


def join_name(path: str, name: str) -> str:
    """The name of a file in a module's folder, relative to the model's."""
    return f"{path}/{name}" if path else name


def read_file(folder: Path, name: str, kind: type) -> Any:  # noqa: ANN401 - whatever it holds
    """The content of a JSON file of a model's folder; None where it is not there."""
    path = folder / name
    return read_json(path, kind) if path.exists() else None


def list_modules(folder: Path) -> list[ModuleFolder]:
    """All modules that a folder lists; none where it is no sentence-transformers folder.

    Raises:
        ModelError: As ``list_module_folders``.
    """
    return list_module_folders(lambda name, kind: read_file(folder, name, kind), str(folder))
