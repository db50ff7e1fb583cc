"""A registry file -> checked records, with every fault and its line in one error."""

from __future__ import annotations

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
# No fact needs more; to read a million digits takes minutes.
LONGEST_NUMBER = 40
_TAG = "tag:yaml.org,2002:"
_NUMBERS = (f"{_TAG}int", f"{_TAG}float")
_PLAIN_TAGS = frozenset(f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null"))
# Lines are kept for sections and entries only; this path stands for everything further in.
_INNER = ("", "")


@dataclass(frozen=True)
class RegistryFile:
    """One registry file, read and checked.

    ``models`` and ``references`` map names to records; ``origin`` says where they come from in a
    few words.
    """

    path: Path
    origin: str
    models: dict[str, Model]
    references: dict[str, Reference]


class _Builder:
    """Turns YAML events into plain values; refuses duplicate keys, anchors, aliases and tags, and remembers lines.

    Events instead of a node tree: a registry has some 25,000 of them, and making and resolving a
    node for each takes most of the time of reading. What stands in quotes is a text and needs no
    resolving at all.

    Args:
        text: The whole file.
    """

    def __init__(self, text: str) -> None:
        self.faults: list[str] = []
        self.lines: dict[tuple[str, ...], int] = {}
        self._loader: Any = yaml.CSafeLoader(text)
        self._plain: dict[str, Any] = {}

    def document(self) -> Any:  # noqa: ANN401 - any YAML value
        """The value of the one document of the file; an empty map where there is none.

        Raises:
            yaml.YAMLError: The text is not YAML, or holds a second document.
            RecursionError: Lists in lists without end.
        """
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return {}
        value = self._value(self._next(), ())
        self._next()
        if not isinstance(event := self._next(), yaml.StreamEndEvent):
            raise yaml.composer.ComposerError(
                None, None, "found a second document", event.start_mark
            )
        return value

    def _next(self) -> Any:  # noqa: ANN401 - an event
        return self._loader.get_event()

    def _fault(self, event: Any, message: str) -> None:  # noqa: ANN401 - an event
        self.faults.append(f"line {event.start_mark.line + 1}: {message}")

    def _value(self, event: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - any YAML value
        if isinstance(event, yaml.ScalarEvent) and event.tag is None and event.anchor is None:
            return event.value if not event.implicit[0] else self._resolved(event)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._fault(event, "anchors and aliases are not allowed; write the value out")
        elif isinstance(event, yaml.MappingStartEvent) and event.tag in (None, "!", f"{_TAG}map"):
            return self._mapping(path)
        elif isinstance(event, yaml.SequenceStartEvent) and event.tag in (None, "!", f"{_TAG}seq"):
            return self._sequence()
        elif isinstance(event, yaml.ScalarEvent) and event.tag in ("!", *_PLAIN_TAGS):
            return self._resolved(event)
        else:
            self._fault_of_tag(event, event.tag)
        self._skip(event)
        return None

    def _fault_of_tag(self, event: Any, tag: str) -> None:  # noqa: ANN401 - an event
        self._fault(
            event,
            f"tag {tag:.80} is not allowed; use plain strings, numbers, true, false, lists and "
            f"maps",
        )

    def _skip(self, event: Any) -> None:  # noqa: ANN401 - an event
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(
                event, yaml.CollectionEndEvent
            )
            if depth == 0:
                return
            event = self._next()

    def _resolved(self, event: Any) -> Any:  # noqa: ANN401 - str, int, float, bool or None
        """What a scalar without quotes, or with a tag, is read as; the few different ones of a file are resolved once."""
        if event.tag is None and event.value in self._plain:
            return self._plain[event.value]
        tag = (
            event.tag
            if event.tag not in (None, "!")
            else self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        )
        if tag not in _PLAIN_TAGS:
            self._fault_of_tag(event, tag)
            return None
        if tag in _NUMBERS and len(event.value) > LONGEST_NUMBER:
            self._fault(
                event,
                f"{event.value!r:.{LONGEST_NUMBER}}... is too long for a number; a text stands in "
                f"quotes",
            )
            return None
        try:
            value = self._loader.construct_object(yaml.ScalarNode(tag, event.value))
        except (yaml.YAMLError, ValueError) as error:
            self._fault(
                event, f"{event.value!r:.80} cannot be read as {tag.rpartition(':')[2]}: {error}"
            )
            return None
        if event.tag is None:
            self._plain[event.value] = value
        return value

    def _sequence(self) -> list[Any]:
        items = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, _INNER))
        return items

    def _mapping(self, path: tuple[str, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._value(event, _INNER)
            if not isinstance(key, str):
                shown = getattr(event, "value", key)
                self._fault(
                    event, f"the key {shown!r:.80} reads as {type(key).__name__}; put it in quotes"
                )
                self._skip(self._next())
            elif key in result:
                self._fault(event, f"the key {key!r:.80} stands twice in one map")
                self._skip(self._next())
            elif len(path) < len(_INNER):
                self.lines[*path, key] = event.start_mark.line + 1
                result[key] = self._value(self._next(), (*path, key))
            else:
                result[key] = self._value(self._next(), path)
        return result


def read(path: Path, *, origin: str, content: str | None = None) -> RegistryFile:
    """Read and check one registry file.

    Args:
        path: The file; also names it in errors.
        origin: Where the file comes from, in a few words (``built in``, a path, a package).
        content: The text of the file where it was read already.

    Returns:
        The checked records. Whether every reference names a known model is checked where files are
        layered, since a user's reference may stand on a built-in model.

    Raises:
        RegistryError: The file cannot be read, is not YAML, or breaks the schema: one error with
            every fault and line.
    """
    text = _text_of(path) if content is None else content
    try:
        builder = _Builder(text)
        data = builder.document()
    except (yaml.YAMLError, RecursionError) as error:
        raise RegistryError(f"The registry file {path} is not valid YAML: {error}") from error
    sections = _check(data, builder)
    if builder.faults:
        raise RegistryError(_report(path, builder.faults))
    return RegistryFile(
        path=path, origin=origin, models=sections["models"], references=sections["references"]
    )


def _text_of(path: Path) -> str:
    """The content of a file, of which no more is read than a registry may have."""
    try:
        if path.exists() and not path.is_file():
            raise RegistryError(
                f"The registry file {path} cannot be read: it is no file (a folder, a pipe, a "
                f"device)."
            )
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise RegistryError(
                f"The registry file {path} is larger than {MAX_BYTES:,} bytes; is it the right "
                f"file?"
            )
        return content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(f"The registry file {path} cannot be read: {error}") from error


def _check(data: object, builder: _Builder) -> dict[str, dict[str, Any]]:
    sections: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    if not isinstance(data, dict):
        builder.faults.append(
            f"line 1: the file must be a map with the keys {' and '.join(SECTIONS)}"
        )
        return sections
    for section, entries in data.items():
        line = builder.lines.get((section,), 1)
        if section not in SECTIONS:
            builder.faults.append(
                f"line {line}: unknown section {section!r}; valid are {', '.join(SECTIONS)}"
            )
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
        builder.faults.append(
            f"line {line}: reference {name!r} must not begin or end with a space, nor hold two in "
            f"a row"
        )
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
    shown = "\n  ".join(f"{fault:.300}" for fault in faults[:MAX_FAULTS_SHOWN])
    more = (
        f"\n  ... and {len(faults) - MAX_FAULTS_SHOWN} more"
        if len(faults) > MAX_FAULTS_SHOWN
        else ""
    )
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return f"The registry file {path} has {count}:\n  {shown}{more}"
