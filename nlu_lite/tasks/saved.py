"""Pipelines on disk: their entries and options, and copies of the files they were read from."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from nlu_lite import weights
from nlu_lite.common import check_flag, draft_folder
from nlu_lite.errors import (
    IntegrityError,
    MissingExtraError,
    ModelError,
    NluLiteError,
    OptionError,
    OutputError,
    advise,
)
from nlu_lite.options import Options
from nlu_lite.registry import (
    TASK_KINDS,
    Entry,
    EntryFacts,
    FolderSource,
    Record,
    Sha256,
    Text,
    is_inside,
)
from nlu_lite.weights import read_json

if TYPE_CHECKING:
    from nlu_lite.tasks.head.head import Head

FILE = "nlu_lite.json"
FORMAT = 1
# Readers that know of no head would leave it out in silence.
FORMAT_WITH_HEAD = 2
HEAD = "head"
MAX_LISTED_FAULTS = 5


def _refuse_outside(names: Sequence[str]) -> None:
    if outside := [name for name in names if not is_inside(name)]:
        raise ValueError(f"{outside[:3]!r:.200} is outside")


class _SavedComponent(Record):
    """One model: the folder of its files, their digests, and what the registry says of it."""

    folder: Text
    sha256: dict[Text, Sha256] = Field(min_length=1)
    entry: EntryFacts

    @field_validator("folder")
    @classmethod
    def _is_inside(cls, value: str) -> str:
        _refuse_outside([value])
        return value

    @field_validator("sha256")
    @classmethod
    def _are_inside(cls, value: dict[str, str]) -> dict[str, str]:
        _refuse_outside(list(value))
        return value


class _SavedPipeline(Record):
    """The file of a saved pipeline.

    Attributes:
        format: 1, or 2 with a head.
        options: Those of ``load`` that differ from their defaults.
        components: The models, in the order of the request.
        head: The digests of the files of what was trained.
    """

    format: Literal[1, 2]
    options: dict[Text, Any]
    components: list[_SavedComponent] = Field(min_length=1)
    head: dict[Text, Sha256] | None = Field(default=None, min_length=1)

    @field_validator("head")
    @classmethod
    def _are_inside(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        _refuse_outside(list(value or ()))
        return value

    @model_validator(mode="after")
    def _format_fits(self) -> Self:
        if (self.head is not None) != (self.format == FORMAT_WITH_HEAD):
            raise ValueError(f"format {FORMAT_WITH_HEAD} and a head belong together")
        return self


def save_pipeline(
    folder: Path,
    components: Sequence[tuple[Entry, Path]],
    options: Options,
    head: Head | None = None,
    *,
    overwrite: bool = False,
) -> None:
    """Write a pipeline into a folder; all of it or nothing.

    Args:
        folder: Where to; it does not exist yet, or may be replaced.
        components: Entries and the folders of their files.
        options: Common to all.
        head: What was trained on their vectors.
        overwrite: Replace an empty folder, or one that holds a saved pipeline.

    Raises:
        OptionError: The folder exists and may not be replaced, or the head, or an option that is a
            function, cannot be written down.
        OutputError: The disk is full, or the folder may not be written.
    """
    check_flag("overwrite", overwrite)
    with _writing(folder):
        is_taken = folder.exists()
        is_replaced = is_taken and (is_saved(folder) or _is_empty(folder))
    if is_taken and not (overwrite and is_replaced):
        raise OptionError(f"{folder} exists already; {_cure_of_taken(is_replaced)}")
    if functions := [name for name, value in options.changed().items() if callable(value)]:
        raise OptionError(
            f"{' and '.join(functions)} are functions, which a file cannot hold; load without them "
            f"and save."
        )
    with _writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with draft_folder(folder.parent, f".{folder.name}.") as draft_parent:
            draft = draft_parent / "pipeline"
            draft.mkdir()
            _write_pipeline(draft, components, options, head)
            if is_replaced:  # it may be the folder that the pipeline was read from
                folder.rename(draft_parent / "replaced")
            draft.rename(folder)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _cure_of_taken(is_replaced: bool) -> str:
    if is_replaced:
        return "overwrite=True replaces it, or name a new folder."
    return (
        "overwrite=True replaces only a saved pipeline, which it is not. Name a new folder, or "
        "remove it first."
    )


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Raise our own error where the disk does not take what is written.

    Raises:
        OutputError: It does not.
    """
    try:
        yield
    except NluLiteError:
        raise
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written: {error}. {advise(error)}, or name another folder."
        ) from error


def _write_pipeline(
    draft: Path, components: Sequence[tuple[Entry, Path]], options: Options, head: Head | None
) -> None:
    written = [
        _write(entry, files, draft, f"component_{number}")
        for number, (entry, files) in enumerate(components)
    ]
    content = {"format": FORMAT, "options": options.changed(), "components": written}
    if head is not None:
        content |= {"format": FORMAT_WITH_HEAD, "head": _write_head(head, draft / HEAD)}
    (draft / FILE).write_text(json.dumps(content, indent=2), encoding="utf-8")


def copy_model(files: Path, target: Path) -> Path:
    """Copy the files of a model, and no others, into a folder.

    Args:
        files: The model's folder.
        target: Where to; made if missing, files of the same names are replaced.

    Returns:
        ``target``.

    Raises:
        OutputError: The disk is full, or the folder may not be written.
    """
    with _writing(target):
        _copy(files, target)
    return target


def _copy(files: Path, target: Path) -> None:
    for relative in weights.list_model_files(files):
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(files / relative, target / relative)


def _write(entry: Entry, files: Path, draft: Path, name: str) -> dict[str, Any]:
    target = draft / name
    _copy(files, target)
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
        if weights.digest(folder / name) != digest:
            raise IntegrityError(
                f"{folder / name} is not the file that was saved; save the pipeline again."
            )
    head = stored.read(folder, list(digests))
    stored.check_classes(head)
    return head


def is_saved(folder: Path) -> bool:
    """Whether a folder was written by ``save``."""
    return (folder / FILE).is_file()


def read_pipeline(folder: Path) -> tuple[list[Entry], dict[str, Any], Head | None]:
    """What ``save_pipeline`` wrote: entries in the folder, changed options, what was trained.

    Raises:
        ModelError: The file is damaged or of a newer format.
        IntegrityError: What was trained is not what was saved, or a file has no digest.
        MissingExtraError: skops (extra ``train``) is needed to read it.
    """
    path = folder / FILE
    content = read_json(path)
    _refuse_newer(path, content.get("format"))
    try:
        saved = _SavedPipeline.model_validate(content)
        entries = [_entry(folder, item) for item in saved.components]
        options: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in saved.options.items()
        }
        Options(**options)
        head = None if saved.head is None else _read_head(folder / HEAD, saved.head)
        if head is not None:
            _check_source(head, entries)
    except (ModelError, IntegrityError, MissingExtraError):
        raise
    except ValidationError as error:
        raise ModelError(
            f"{path} cannot be read as a saved pipeline:{_listed_faults(error)}\nIt was altered or "
            f"damaged; save the pipeline again."
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path} cannot be read as a saved pipeline: {error!r:.500}") from error
    return entries, options, head


def _refuse_newer(path: Path, stored_format: object) -> None:
    if type(stored_format) is int and stored_format > FORMAT_WITH_HEAD:
        raise ModelError(
            f"{path} has format {stored_format}, this version reads up to {FORMAT_WITH_HEAD}: "
            f"install a newer nlu-lite."
        )


def _listed_faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [
        f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}"[:200]
        for fault in faults[:MAX_LISTED_FAULTS]
    ]
    return "".join(f"\n  - {line}" for line in lines)


def _check_source(head: Head, entries: Sequence[Entry]) -> None:
    """Raise where a head does not fit the component whose vectors it reads."""
    if not head.component < len(entries):
        raise ValueError(f"the head is of component {head.component}, and there are {len(entries)}")
    task = entries[head.component].task
    if task is not None and not TASK_KINDS[task].gives_vectors:
        raise ValueError(f"component {head.component} is of task {task}, which gives no vectors")


def _entry(folder: Path, item: _SavedComponent) -> Entry:
    """The entry of a component, every file of which has a digest.

    Raises:
        IntegrityError: One has none.
    """
    files = folder / item.folder
    if missing := sorted(set(weights.list_model_files(files)) - item.sha256.keys()):
        raise IntegrityError(
            f"{folder / FILE} has no sha256 of {', '.join(missing[:5])} in {files}, so these are "
            f"not the files that were saved; save the pipeline again."
        )
    source = FolderSource(path=str(files), sha256=item.sha256)
    return Entry(**item.entry.model_dump(), sources=(source,))
