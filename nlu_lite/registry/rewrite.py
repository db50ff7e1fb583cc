"""Changing one line of a registry file, in the form the file is written in."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import yaml

from nlu_lite.errors import RegistryError
from nlu_lite.registry.reader import read


def change_line(path: Path, name: str, changes: dict[str, Any]) -> None:
    """Change fields of the one line that begins with a name; the others stay as they are, to the letter.

    Args:
        path: A registry file.
        name: Of a model or a reference.
        changes: New values of its fields.

    Raises:
        RegistryError: There is no such line, or the file cannot be written; it is unchanged then.
    """
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = re.compile(rf"\s+{re.escape(json.dumps(name, ensure_ascii=False))}: {{")
    places = [place for place, line in enumerate(lines) if start.match(line)]
    fields = _fields(lines[places[0]]) if len(places) == 1 else None
    if fields is None:
        raise RegistryError(
            f'{path} has no single line of the form   "{name}": {{...}}, so it cannot be changed '
            f"here."
        )
    content = ", ".join(f"{key}: {_flow(value)}" for key, value in (fields | changes).items())
    lines[places[0]] = f"  {_flow(name)}: {{{content}}}\n"
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as drafts:
            draft = Path(drafts) / path.name
            draft.write_text("".join(lines), encoding="utf-8")
            read(draft, origin="draft")
            draft.replace(path)
    except OSError as error:
        raise RegistryError(f"{path} cannot be written: {error}") from error


def _fields(line: str) -> dict[str, Any] | None:
    try:
        (fields,) = yaml.load(line, Loader=yaml.CSafeLoader).values()
    except (yaml.YAMLError, ValueError, AttributeError):
        return None
    return fields if isinstance(fields, dict) else None


def _flow(value: Any) -> str:  # noqa: ANN401 - any YAML value
    if isinstance(value, dict):
        plain = re.compile(r"[a-z_0-9]+")
        pairs = (
            f"{key if plain.fullmatch(key) else _flow(key)}: {_flow(item)}"
            for key, item in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
