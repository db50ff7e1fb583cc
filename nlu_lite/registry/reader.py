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
MAX_LISTED_FAULTS = 50
# No fact needs more; to read a million digits takes minutes.
LONGEST_NUMBER = 40
_TAG = "tag:yaml.org,2002:"
_NUMBER_TAGS = (f"{_TAG}int", f"{_TAG}float")
_PLAIN_TAGS = (f"{_TAG}str", *_NUMBER_TAGS, f"{_TAG}bool", f"{_TAG}null")
# The tags that a value may have; nearly all have none.
_TAGS: dict[type, tuple[str | None, ...]] = {
    yaml.ScalarEvent: (None, "!", *_PLAIN_TAGS),
    yaml.SequenceStartEvent: (None, "!", f"{_TAG}seq"),
    yaml.MappingStartEvent: (None, "!", f"{_TAG}map"),
}
# How many levels deeper an event leads.
_DEPTHS: dict[type, int] = {
    yaml.SequenceStartEvent: 1,
    yaml.MappingStartEvent: 1,
    yaml.SequenceEndEvent: -1,
    yaml.MappingEndEvent: -1,
}
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


class _ScalarError(ValueError):
    """A scalar of a file cannot be read."""


class _ValueBuilder:
    """Turns YAML events into plain values, refuses all but plain YAML, and remembers lines.

    Refused are duplicate keys, anchors, aliases and tags. Events instead of a node tree: a registry
    has some 25,000 of them, and making and resolving a node for each takes most of the time of
    reading. What stands in quotes is a text and needs no resolving at all.

    Args:
        text: The whole file.
    """

    def __init__(self, text: str) -> None:
        self.faults: list[str] = []
        self.lines: dict[tuple[str, ...], int] = {}
        self._loader: Any = yaml.CSafeLoader(text)
        # The few different scalars without quotes are resolved once.
        self._scalars: dict[tuple[object, ...], Any] = {}
        self._builders = {
            yaml.ScalarEvent: self._build_scalar,
            yaml.SequenceStartEvent: self._build_sequence,
            yaml.MappingStartEvent: self._build_mapping,
        }

    def build_document(self) -> Any:  # noqa: ANN401 - any YAML value
        """The value of the one document of the file; an empty map where there is none.

        Raises:
            yaml.YAMLError: The text is not YAML, or holds a second document.
            RecursionError: Lists in lists without end.
        """
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return {}
        value = self._build(self._next(), ())
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

    def _build(self, event: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - any YAML value
        if event.anchor is not None:
            self._fault(event, "anchors and aliases are not allowed; write the value out")
        elif event.tag not in _TAGS[type(event)]:
            self._fault(event, _fault_of_tag(event.tag))
        else:
            return self._builders[type(event)](event, path)
        self._skip(event)
        return None

    def _skip(self, event: Any) -> None:  # noqa: ANN401 - an event
        """Read on to the end of what begins with an event."""
        depth = _DEPTHS.get(type(event), 0)
        while depth:
            depth += _DEPTHS.get(type(self._next()), 0)

    def _build_scalar(self, event: Any, _path: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
        if event.tag is None and not event.implicit[0]:
            return event.value
        key = (event.tag, event.implicit, event.value)
        if key not in self._scalars:
            try:
                self._scalars[key] = self._resolve(event)
            except _ScalarError as error:
                self._fault(event, str(error))
                return None
        return self._scalars[key]

    def _resolve(self, event: Any) -> Any:  # noqa: ANN401 - str, int, float, bool or None
        """What a scalar without quotes, or with a tag, is read as."""
        tag, text = event.tag, event.value
        if tag in (None, "!"):
            tag = self._loader.resolve(yaml.ScalarNode, text, event.implicit)
        if tag not in _PLAIN_TAGS:
            raise _ScalarError(_fault_of_tag(tag))
        if tag in _NUMBER_TAGS and len(text) > LONGEST_NUMBER:
            raise _ScalarError(
                f"{text!r:.{LONGEST_NUMBER}}... is too long for a number; a text stands in quotes"
            )
        try:
            return self._loader.construct_object(yaml.ScalarNode(tag, text))
        except (yaml.YAMLError, ValueError) as error:
            kind = tag.removeprefix(_TAG)
            raise _ScalarError(f"{text!r:.80} cannot be read as {kind}: {error}") from error

    def _build_sequence(self, _event: Any, _path: tuple[str, ...]) -> list[Any]:  # noqa: ANN401 - as above
        items = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._build(event, _INNER))
        return items

    def _build_mapping(self, _event: Any, path: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - as above
        mapping: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._build(event, _INNER)
            if fault := _fault_of_key(key, event, mapping):
                self._fault(event, fault)
                self._skip(self._next())
                continue
            inner_path = path
            if len(path) < len(_INNER):
                inner_path = (*path, key)
                self.lines[inner_path] = event.start_mark.line + 1
            mapping[key] = self._build(self._next(), inner_path)
        return mapping


def _fault_of_tag(tag: str) -> str:
    return f"tag {tag:.80} is not allowed; use plain strings, numbers, true, false, lists and maps"


def _fault_of_key(key: object, event: Any, mapping: dict[str, Any]) -> str:  # noqa: ANN401 - an event
    """What is wrong with a key of a map, or an empty text."""
    if not isinstance(key, str):
        written_key = getattr(event, "value", key)
        return f"the key {written_key!r:.80} reads as {type(key).__name__}; put it in quotes"
    return f"the key {key!r:.80} stands twice in one map" if key in mapping else ""


def read_registry_file(path: Path, *, origin: str) -> RegistryFile:
    """Read and check one registry file.

    Whether every reference names a model that exists is checked where files are layered, since a
    user's reference may stand on a built-in model.

    Args:
        path: The file; also names it in errors.
        origin: Where the file comes from, in a few words (``built in``, a path, a package).

    Raises:
        RegistryError: The file cannot be read, is not YAML, or breaks the schema: one error with
            every fault and line.
    """
    text = _read_text(path)
    try:
        builder = _ValueBuilder(text)
        data = builder.build_document()
    except (yaml.YAMLError, RecursionError) as error:
        raise RegistryError(f"The registry file {path} is not valid YAML: {error}") from error
    sections = _check_sections(data, builder)
    if builder.faults:
        raise RegistryError(_report(path, builder.faults))
    return RegistryFile(
        path=path, origin=origin, models=sections["models"], references=sections["references"]
    )


def _read_text(path: Path) -> str:
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


def _check_sections(data: object, builder: _ValueBuilder) -> dict[str, dict[str, Any]]:
    """The records of each section by name; faults are added to the builder's."""
    sections: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    if not isinstance(data, dict):
        builder.faults.append(
            f"line 1: the file must be a map with the keys {' and '.join(SECTIONS)}"
        )
        return sections
    for section, entries in data.items():
        line = f"line {builder.lines[(section,)]}"
        if section not in SECTIONS:
            builder.faults.append(
                f"{line}: unknown section {section!r}; valid are {', '.join(SECTIONS)}"
            )
        elif not isinstance(entries, dict):
            builder.faults.append(f"{line}: {section} must be a map from names to entries")
        else:
            sections[section] = _check_records(section, entries, builder)
    return sections


def _check_records(
    section: str, entries: dict[str, object], builder: _ValueBuilder
) -> dict[str, Record]:
    records = {}
    for name, fields in entries.items():
        line = f"line {builder.lines[section, name]}"
        if section == "references" and (not name or name != " ".join(name.split())):
            builder.faults.append(
                f"{line}: reference {name!r} must not begin or end with a space, nor hold two in "
                f"a row"
            )
            continue
        try:
            records[name] = SECTIONS[section].model_validate(fields)
        except ValidationError as error:
            faults = error.errors(include_url=False)
            builder.faults += [f"{line}: {name}: {_describe(fault)}" for fault in faults]
    return records


def _describe(fault: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    field = ".".join(str(part) for part in fault["loc"])
    message = f"{field}: {fault['msg']}"
    if fault["type"] == "missing":
        return message
    return f"{message} (given: {fault['input']!r:.80})"


def _report(path: Path, faults: list[str]) -> str:
    lines = [f"{fault:.300}" for fault in faults[:MAX_LISTED_FAULTS]]
    if len(faults) > len(lines):
        lines.append(f"... and {len(faults) - len(lines)} more")
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return "\n  ".join((f"The registry file {path} has {count}:", *lines))
