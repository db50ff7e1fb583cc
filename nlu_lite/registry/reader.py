"""A registry file -> checked records, with every fault and its line in one error."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from nlu_lite.errors import RegistryError
from nlu_lite.registry.schema import Model, Record, Reference

SECTIONS: dict[str, type[Record]] = {"models": Model, "references": Reference}
MAX_BYTES = 8_000_000
MAX_FAULTS_SHOWN = 50
_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}


@dataclass(frozen=True)
class RegistryFile:
    """One registry file, read and checked.

    ``models`` and ``references`` map names to records; ``origin`` says where they come from in a few words.
    """

    path: Path
    origin: str
    models: dict[str, Model]
    references: dict[str, Reference]


class _Builder:
    """Turns a YAML node tree into plain values; refuses duplicate keys, aliases and tags, and remembers lines."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.lines: dict[tuple[str, ...], int] = {}
        self._seen: set[int] = set()
        self._constructor = yaml.CSafeLoader("")

    def fault(self, node: yaml.Node, message: str) -> None:
        self.faults.append(f"line {node.start_mark.line + 1}: {message}")

    def build(self, node: yaml.Node, path: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - any YAML value
        if id(node) in self._seen:
            self.fault(node, "anchors and aliases are not allowed; write the value out")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode) and node.tag.endswith(":map"):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag.endswith(":seq"):
            return [self.build(item, (*path, "")) for item in node.value]
        if isinstance(node, yaml.ScalarNode) and node.tag in _PLAIN_TAGS:
            return self._scalar(node)
        self.fault(node, f"tag {node.tag} is not allowed; use plain strings, numbers, true, false, lists and maps")
        return None

    def _scalar(self, node: yaml.ScalarNode) -> Any:  # noqa: ANN401 - str, int, float, bool or None
        try:
            return self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self.fault(node, f"{node.value!r} cannot be read as {node.tag.rpartition(':')[2]}: {error}")
            return None

    def _mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[Hashable, Any]:
        result: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = self.build(key_node, ("", "", ""))
            if not isinstance(key, str):
                self.fault(key_node, f"the key {key_node.value!r} reads as {type(key).__name__}; put it in quotes")
            elif key in result:
                self.fault(key_node, f"the key {key!r} stands twice in one map")
            else:
                self.lines.setdefault((*path, key), key_node.start_mark.line + 1)
                result[key] = self.build(value_node, (*path, key))
        return result


def read(path: Path, *, origin: str, content: str | None = None) -> RegistryFile:
    """Read and check one registry file.

    Args:
        path: The file; also names it in errors.
        origin: Where the file comes from, in a few words (``built in``, a path, a package).
        content: The text of the file where it was read already.

    Returns:
        The checked records. Whether every reference names a known model is checked where files are layered, since a
        user's reference may stand on a built-in model.

    Raises:
        RegistryError: The file cannot be read, is not YAML, or breaks the schema: one error with every fault and line.
    """
    try:
        text = path.read_text(encoding="utf-8") if content is None else content
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(f"The registry file {path} cannot be read: {error}") from error
    if len(text) > MAX_BYTES:
        raise RegistryError(f"The registry file {path} is larger than {MAX_BYTES:,} characters; is it the right file?")
    builder = _Builder()
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        data = {} if node is None else builder.build(node)
    except (yaml.YAMLError, RecursionError) as error:
        raise RegistryError(f"The registry file {path} is not valid YAML: {error}") from error
    sections = _check(data, builder)
    if builder.faults:
        raise RegistryError(_report(path, builder.faults))
    return RegistryFile(path=path, origin=origin, models=sections["models"], references=sections["references"])


def _check(data: object, builder: _Builder) -> dict[str, dict[str, Any]]:
    sections: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    if not isinstance(data, dict):
        builder.faults.append(f"line 1: the file must be a map with the keys {' and '.join(SECTIONS)}")
        return sections
    for section, entries in data.items():
        line = builder.lines.get((section,), 1)
        if section not in SECTIONS:
            builder.faults.append(f"line {line}: unknown section {section!r}; valid are {', '.join(SECTIONS)}")
        elif not isinstance(entries, dict):
            builder.faults.append(f"line {line}: {section} must be a map from names to entries")
        else:
            for name, fields in entries.items():
                if (record := _record(section, name, fields, builder)) is not None:
                    sections[section][name] = record
    return sections


def _record(section: str, name: str, fields: object, builder: _Builder) -> Record | None:
    line = builder.lines[section, name]
    if section == "references" and (name != " ".join(name.split()) or not name):
        builder.faults.append(f"line {line}: reference {name!r} must not begin or end with a space, nor hold two in a row")
        return None
    try:
        return SECTIONS[section].model_validate(fields)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            place = ".".join(str(part) for part in fault["loc"])
            given = f" (given: {fault['input']!r:.80})" if fault["type"] != "missing" else ""
            builder.faults.append(f"line {line}: {name}: {place}: {fault['msg']}{given}")
        return None


def _report(path: Path, faults: list[str]) -> str:
    shown = "\n  ".join(faults[:MAX_FAULTS_SHOWN])
    more = f"\n  ... and {len(faults) - MAX_FAULTS_SHOWN} more" if len(faults) > MAX_FAULTS_SHOWN else ""
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return f"The registry file {path} has {count}:\n  {shown}{more}"
