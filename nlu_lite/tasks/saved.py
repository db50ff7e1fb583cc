"""Pipelines on disk: their entries and options, and copies of the files they were read from."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite import weights
from nlu_lite.errors import IntegrityError, MissingExtraError, ModelError, OptionError
from nlu_lite.options import Options
from nlu_lite.registry import Entry, EntryFacts, FolderSource, is_inside
from nlu_lite.weights import read_json

if TYPE_CHECKING:
    from nlu_lite.tasks.head.classifier import Head

FILE = "nlu_lite.json"
FORMAT = 1
# Readers that know of no head would leave it out in silence.
FORMAT_WITH_HEAD = 2
HEAD = "head"


def save_pipeline(
    folder: Path,
    components: Sequence[tuple[Entry, Path]],
    options: Options,
    head: Head | None = None,
) -> None:
    """Write a pipeline into a folder that does not exist yet; all of it or nothing.

    Args:
        folder: Where to.
        components: Entries and the folders of their files.
        options: Common to all.
        head: What was trained on their vectors.

    Raises:
        OptionError: The folder exists, or the head, or an option that is a function, cannot be
            written down.
    """
    if folder.exists():
        raise OptionError(f"{folder} exists already; name a new folder, or remove it first.")
    if functions := [name for name, value in options.changed().items() if callable(value)]:
        raise OptionError(
            f"{' and '.join(functions)} are functions, which a file cannot hold; load without them "
            f"and save."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as draft_name:
        draft = Path(draft_name) / "pipeline"
        draft.mkdir()
        written = [
            _write(entry, files, draft, f"component_{place}")
            for place, (entry, files) in enumerate(components)
        ]
        content = {"format": FORMAT, "options": options.changed(), "components": written}
        if head is not None:
            content |= {"format": FORMAT_WITH_HEAD, "head": _write_head(head, draft / HEAD)}
        (draft / FILE).write_text(json.dumps(content, indent=2), encoding="utf-8")
        draft.rename(folder)


def copy_model(files: Path, target: Path) -> Path:
    """Copy the files of a model, and no others, into a folder.

    Args:
        files: The model's folder.
        target: Where to; made if missing, files of the same names are replaced.

    Returns:
        ``target``.
    """
    for relative in weights.list_model_files(files):
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(files / relative, target / relative)
    return target


def _write(entry: Entry, files: Path, draft: Path, name: str) -> dict[str, Any]:
    target = copy_model(files, draft / name)
    facts = {
        field.name: getattr(entry, field.name)
        for field in dataclasses.fields(entry)
        if field.name != "sources"
    }
    return {
        "folder": name,
        "sha256": weights.digest_model(target),
        "entry": {key: value for key, value in facts.items() if value is not None},
    }


def _write_head(head: Head, folder: Path) -> dict[str, str]:
    from nlu_lite.tasks.head import files as stored

    folder.mkdir()
    return {name: weights.digest(folder / name) for name in stored.write(head, folder)}


def _read_head(folder: Path, digests: dict[str, str]) -> Head:
    from nlu_lite.tasks.head import files as stored

    for name, digest in digests.items():
        if not is_inside(name) or weights.digest(folder / name) != digest:
            raise IntegrityError(
                f"{folder / name} is not the file that was saved; save the pipeline again."
            )
    return stored.read(folder)


def is_saved(folder: Path) -> bool:
    """Whether a folder was written by ``save``."""
    return (folder / FILE).is_file()


def read_pipeline(folder: Path) -> tuple[list[Entry], dict[str, Any], Head | None]:
    """What ``save_pipeline`` wrote: entries in the folder, changed options, what was trained.

    Raises:
        ModelError: The file is damaged or of a newer format.
        IntegrityError: What was trained is not what was saved.
        MissingExtraError: skops (extra ``train``) is needed to read it.
    """
    path = folder / FILE
    try:
        content = read_json(path)
        if content["format"] not in (FORMAT, FORMAT_WITH_HEAD):
            raise ModelError(
                f"{path} has format {content['format']}, this version reads up to "
                f"{FORMAT_WITH_HEAD}: install a newer nlu-lite."
            )
        entries = [_entry(folder, item) for item in content["components"]]
        if not entries:
            raise ValueError("it has no components")
        said = content["options"].items()
        options: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in said
        }
        Options(**options)
        head = None if content["format"] == FORMAT else _read_head(folder / HEAD, content["head"])
        if head is not None and not 0 <= head.component < len(entries):
            raise ValueError(
                f"the head is of component {head.component}, and there are {len(entries)}"
            )
    except (ModelError, IntegrityError, MissingExtraError):
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} cannot be read as a saved pipeline: {error!r:.500}") from error
    return entries, options, head


def _entry(folder: Path, item: dict[str, Any]) -> Entry:
    if not is_inside(item["folder"]):
        raise ValueError(f"the folder {item['folder']!r} is outside")
    source = FolderSource(path=str(folder / item["folder"]), sha256=item["sha256"])
    return Entry(**EntryFacts.model_validate(item["entry"]).model_dump(), sources=(source,))
