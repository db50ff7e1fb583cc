"""A request as typed -> the entries it means."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from nlu_lite.errors import OptionError, UnknownReferenceError, brief
from nlu_lite.registry.active import current
from nlu_lite.registry.lookup import Entry
from nlu_lite.registry.schema import DEFAULT_LANGUAGE, FolderSource
from nlu_lite.registry.unserved import unserved_name

# NLU's code for models of several languages; it says nothing about the text's own.
MULTILINGUAL = "xx"


def resolve(
    request: str | None,
    *,
    path: str | Path | None,
    task: str | None,
    language: str | None,
    one_language: bool = True,
) -> list[Entry]:
    """The entries that a request means, in its order, each once.

    Args:
        request: References separated by spaces; may be None where ``path`` is given.
        path: A model folder, used instead of the sources of the one entry.
        task: For hub ids, and a path without a reference.
        language: For Spark NLP names that several languages share.
        one_language: Refuse references of different languages, whose rules for text differ.

    Raises:
        UnknownReferenceError: A name that no registry knows.
        OptionError: The request is no text, is empty, or names several models beside a path.
    """
    if request is not None and not isinstance(request, str):
        raise OptionError(
            f"The request is a {type(request).__name__}; it must be a text of references with "
            f"spaces between."
        )
    known = current()
    names = known.split(request or "")
    if path is not None:
        return [_at_path(names, Path(path), task=task, language=language)]
    if not names:
        raise OptionError(
            'The request is empty; name a reference such as "en.embed.minilm_l6", or give '
            "path=FOLDER."
        )
    entries = [known.find(name, language=language) for name in names]
    entries = [_with_task(entry, task) for entry in entries]
    if one_language:
        common_language(entries, language)
    return entries


def _with_task(entry: Entry, task: str | None) -> Entry:
    """The entry of a hub id with the task asked for; a reference has its own."""
    if task is None or entry.task == task:
        return entry
    if entry.reference is not None:
        raise OptionError(
            f"task={task!r} is for hub ids and for paths without a reference; {entry.request!r} "
            f"has its own, {entry.task!r}."
        )
    return dataclasses.replace(entry, task=task)


def _at_path(names: list[str], path: Path, *, task: str | None, language: str | None) -> Entry:
    if len(names) > 1:
        raise OptionError(
            f"path= gives the files of one model; the request names {len(names)}: {names}."
        )
    source = (FolderSource(path=str(path)),)
    if names:
        try:
            return dataclasses.replace(
                _with_task(current().find(names[0], language=language), task),
                sources=source,
            )
        except UnknownReferenceError:
            # As in NLU the name then only names the column; what the model is, its folder says.
            # What is done with it and in which language is known even of a reference that is not
            # served.
            record = unserved_name(names[0], language)
            return Entry(
                request=names[0],
                reference=names[0],
                task=task or (record.task if record else None),
                language=language or (record.language if record else None),
                model_name=str(path),
                sources=source,
                origin="path",
            )
    return Entry(
        request=str(path),
        reference=None,
        task=task,
        language=language,
        model_name=str(path),
        sources=source,
        origin="path",
    )


def folder_at(path: object) -> Path:
    """The folder that ``path=`` names, which need not exist.

    Raises:
        OptionError: No folder can have this name.
    """
    try:
        folder = Path(path)  # type: ignore[arg-type]  # whatever the caller gave
        if "\0" in str(folder):
            raise ValueError("embedded null character")
        str(folder).encode()
        folder.is_dir()
    except (TypeError, ValueError, OSError) as error:
        raise OptionError(
            f"path is {brief(path)}; valid is the folder of a model, as a text or a Path "
            f"({error!s:.80})."
        ) from error
    return folder


def common_language(entries: Sequence[Entry], asked: str | None) -> str:
    """The language whose rules cut the text.

    Args:
        entries: The components.
        asked: What the caller said.

    Raises:
        OptionError: Nothing was said, and the components are of different languages.
    """
    if asked is not None:
        return asked
    said = list(
        dict.fromkeys(e.language for e in entries if e.language not in (None, MULTILINGUAL))
    )
    if len(said) > 1:
        raise OptionError(
            f"The references are of different languages, {said}; say language= for the text's own."
        )
    return said[0] or DEFAULT_LANGUAGE if said else DEFAULT_LANGUAGE


def task_of(entry: Entry, folder: Path) -> Entry:
    """The entry with its task: its own, else sentences where the folder has sentence-transformers modules, else words.

    Args:
        entry: An entry.
        folder: Its files.
    """
    if entry.task is not None:
        return entry
    return dataclasses.replace(
        entry, task="embed_sentence" if (folder / "modules.json").is_file() else "embed"
    )
