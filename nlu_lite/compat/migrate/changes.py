"""The changed copy of a file: its text, and writing it."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from nlu_lite.compat.migrate.findings import Edit, Verdicts
from nlu_lite.compat.migrate.sources import Source, Unit
from nlu_lite.errors import MigrationError

MARK = ".nlu_lite"


def applied(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits made that do not touch each other."""
    # Texts that are put in at one place stay in their order.
    ordered = sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end))
    for edit in reversed(ordered):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def write(verdicts: Verdicts, *, is_forced: bool = False) -> Path | None:
    """Write the changed copy of a file beside it, ``work.nlu_lite.py``; all of it or nothing.

    Lines that cannot work stand in it as comments, with the reason. Outputs of changed cells are
    removed, everything else of a notebook stays.

    Returns:
        The copy's path; None where nothing changes and nothing was written.

    Raises:
        MigrationError: The copy exists and ``is_forced`` is false, or it cannot be written.
    """
    path = verdicts.source.path
    texts = _changed_texts(verdicts)
    if not texts:
        return None
    target = path.with_name(f"{path.stem}{MARK}{path.suffix}")
    if target.exists() and not is_forced:
        raise MigrationError(
            f"{target}: exists already; say --force to replace it, or move it away."
        )
    try:
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as draft:
            draft.write(_content(verdicts.source, texts))
        Path(draft.name).chmod(path.stat().st_mode & 0o777)
        Path(draft.name).replace(target)
    except OSError as error:
        raise MigrationError(f"{target}: cannot be written: {error.strerror or error}.") from error
    return target


def _changed_texts(verdicts: Verdicts) -> dict[int, str]:
    """The index of each unit that changes, and its new text."""
    texts = {}
    for unit in verdicts.source.units:
        edits = [edit for finding in verdicts.of_unit(unit) for edit in finding.edits]
        if edits:
            texts[unit.index] = applied(unit.text, edits)
            _check(verdicts.source, unit, texts[unit.index])
    return texts


def _check(source: Source, unit: Unit, text: str) -> None:
    """The copy is Python where the file is."""
    try:
        Unit(label=unit.label, text=text, index=unit.index).parse(str(source.path))
    except MigrationError as error:
        raise MigrationError(
            f"{source.path}: {unit.label or 'the file'} is written in a way that cannot be changed "
            f"without breaking it; put each call of NLU on lines of its own. {error}"
        ) from error


def _content(source: Source, texts: dict[int, str]) -> bytes:
    """The bytes of the copy."""
    if source.notebook is None:
        return (source.byte_order_mark + texts[0]).encode(source.encoding)
    notebook = copy.deepcopy(source.notebook)
    for index, text in texts.items():
        cell = notebook["cells"][index]
        is_text = isinstance(cell["source"], str)
        cell["source"] = text if is_text else text.splitlines(keepends=True)
        cell |= {"outputs": [], "execution_count": None}
    written = json.dumps(notebook, indent=source.indent, ensure_ascii=source.is_ascii)
    return (written + source.ending).encode("utf-8")
