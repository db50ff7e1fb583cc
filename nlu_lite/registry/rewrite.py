"""Changing one line of a registry file, in the form the file is written in."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import yaml

from nlu_lite.errors import RegistryError
from nlu_lite.registry.reader import read_registry_file

_PLAIN_KEY = re.compile(r"[a-z_0-9]+")


def change_line(path: Path, name: str, changes: dict[str, Any]) -> None:
    """Change fields of the one line that begins with a name, and no other line.

    Args:
        path: A registry file.
        name: Of a model or a reference.
        changes: New values of its fields.

    Raises:
        RegistryError: There is no such line, or the file cannot be written; it is unchanged then.
    """
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = re.compile(rf"\s+{re.escape(json.dumps(name, ensure_ascii=False))}: {{")
    numbers = [number for number, line in enumerate(lines) if start.match(line)]
    fields = _read_fields([lines[number] for number in numbers])
    if fields is None:
        raise RegistryError(
            f'{path} has no single line of the form   "{name}": {{...}}, so it cannot be changed '
            f"here."
        )
    lines[numbers[0]] = (
        f"  {json.dumps(name, ensure_ascii=False)}: {_write_flow(fields | changes)}\n"
    )
    _replace_checked(path, "".join(lines))


def add_lines(path: Path, lines: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Add lines to the sections of a registry file, and change no other line.

    Args:
        path: A registry file; made where it is not there.
        lines: Section (``models``, ``references``) -> name -> fields.

    Raises:
        RegistryError: A section is not written as a line of its own, what would come is faulty, or
            the file cannot be written; it is unchanged then.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, ValueError) as error:
        raise RegistryError(f"{path} cannot be read: {error}") from error
    for section, entries in lines.items():
        head = re.compile(rf"^{section}:[ \t]*(?:#.*)?$", re.MULTILINE)
        if not head.search(text):
            text = f"{text.rstrip()}\n{section}:\n".lstrip()
        added = "".join(
            f"\n  {json.dumps(name, ensure_ascii=False)}: {_write_flow(fields)}"
            for name, fields in entries.items()
        )
        match = head.search(text)
        end = match.end() if match else len(text)
        text = f"{text[:end]}{added}{text[end:]}"
    _replace_checked(path, text)


def _replace_checked(path: Path, text: str) -> None:
    """Write a registry file once it is known to be read without a fault."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as drafts:
            draft = Path(drafts) / path.name
            draft.write_text(text, encoding="utf-8")
            read_registry_file(draft, origin="draft")
            draft.replace(path)
    except OSError as error:
        raise RegistryError(f"{path} cannot be written: {error}") from error


def _read_fields(lines: list[str]) -> dict[str, Any] | None:
    """The fields that the one line gives; None where there is another number of lines."""
    try:
        (line,) = lines
        (fields,) = yaml.load(line, Loader=yaml.CSafeLoader).values()
    except (yaml.YAMLError, ValueError, AttributeError):
        return None
    return fields if isinstance(fields, dict) else None


def _write_flow(value: Any) -> str:  # noqa: ANN401 - any YAML value
    """A value in YAML's flow style, texts and unusual keys in quotes."""
    if isinstance(value, dict):
        pairs = (f"{_write_key(key)}: {_write_flow(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_write_flow, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _write_key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
