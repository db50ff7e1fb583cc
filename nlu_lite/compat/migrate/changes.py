"""The changed copy of a file: its text, and writing it."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path

from nlu_lite.compat.migrate.judge import Verdicts
from nlu_lite.compat.migrate.sources import Source, Unit, lines_of, parsed
from nlu_lite.compat.migrate.statement import Edit, Finding
from nlu_lite.errors import MigrationError

MARK = ".nlu_lite"


def applied(text: str, edits: list[Edit]) -> str:
    """A text with edits made; those of it that touch nothing else are made in the order of their places."""
    parts = []
    done = 0
    for edit in sorted(set(edits)):
        assert edit.start >= done, "two findings change the same text"
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]])


def changed_text(unit: Unit, findings: tuple[Finding, ...]) -> str:
    """The text of a unit with all that was found changed."""
    return applied(
        unit.text, [edit for found in findings if found.unit == unit.index for edit in found.edits]
    )


def lines_changed(unit: Unit, found: Finding) -> tuple[list[str], list[str]]:
    """The lines of a finding before and after, those that stay the same left out at both ends."""
    begin = unit.starts[found.line - 1]
    end = unit.starts[found.last - 1] + len(unit.line(found.last))
    inside = [
        Edit(e.start - begin, e.end - begin, e.text)
        for e in found.edits
        if begin <= e.start and e.end <= end
    ]
    before = lines_of(unit.text[begin:end])
    after = lines_of(applied(unit.text[begin:end], inside))
    while before and after and before[0] == after[0]:
        del before[0], after[0]
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    return before, after


def target_of(path: Path) -> Path:
    """Where the copy of a file goes: ``work.py`` -> ``work.nlu_lite.py`` beside it."""
    return path.with_name(f"{path.stem}{MARK}{path.suffix}")


def write(verdicts: Verdicts, *, is_forced: bool = False) -> Path | None:
    """Write the changed copy of a file beside it; all of it or nothing.

    Lines that cannot work stand in it as comments, with the reason. Outputs of changed cells are
    removed, everything else of a notebook stays.

    Args:
        verdicts: On the file.
        is_forced: Replace a copy that exists.

    Returns:
        The copy's path; None where nothing changes and nothing was written.

    Raises:
        MigrationError: The copy exists, or cannot be written.
    """
    source = verdicts.source
    content = _content(source, verdicts.findings)
    if content is None:
        return None
    target = target_of(source.path)
    if target.exists() and not is_forced:
        raise MigrationError(
            f"{target}: exists already; say --force to replace it, or move it away."
        )
    try:
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as draft:
            draft.write(content)
        Path(draft.name).chmod(source.path.stat().st_mode & 0o777)
        Path(draft.name).replace(target)
    except OSError as error:
        raise MigrationError(f"{target}: cannot be written: {error.strerror or error}.") from error
    return target


def _content(source: Source, findings: tuple[Finding, ...]) -> bytes | None:
    texts = {unit.index: changed_text(unit, findings) for unit in source.units}
    changed = [unit for unit in source.units if texts[unit.index] != unit.text]
    if not changed:
        return None
    for unit in changed:
        _check(source, unit, texts[unit.index])
    if source.notebook is None:
        return (source.mark + texts[0]).encode(source.encoding)
    notebook = copy.deepcopy(source.notebook)
    for unit in changed:
        cell = notebook["cells"][unit.index]
        text = texts[unit.index]
        cell["source"] = text if isinstance(cell["source"], str) else text.splitlines(keepends=True)
        cell["outputs"] = []
        cell["execution_count"] = None
    written = json.dumps(notebook, indent=source.indent, ensure_ascii=source.is_ascii)
    try:
        return (written + source.ending).encode("utf-8")
    except UnicodeEncodeError:
        # Half of a surrogate pair can stand in JSON only as an escape.
        return (json.dumps(notebook, indent=source.indent) + source.ending).encode("utf-8")


def _check(source: Source, unit: Unit, text: str) -> None:
    """The copy is Python where the file is."""
    try:
        parsed(Unit(label=unit.label, text=text, index=unit.index), str(source.path))
    except MigrationError as error:
        raise MigrationError(
            f"{source.path}: {unit.label or 'the file'} is written in a way that cannot be changed "
            f"without breaking it; put "
            f"each call of NLU on lines of its own. {error}"
        ) from error
