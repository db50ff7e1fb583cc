"""A request as typed -> the entries it means."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from nlu_lite.common import local_path
from nlu_lite.errors import OptionError, UnknownReferenceError, brief
from nlu_lite.registry.active import current
from nlu_lite.registry.entry import Entry
from nlu_lite.registry.schema import DEFAULT_LANGUAGE, MULTILINGUAL, FolderSource
from nlu_lite.registry.task_kinds import TRANSLATION
from nlu_lite.registry.translations import warn_of_reversed
from nlu_lite.registry.unserved import unserved_name


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
    registry = current()
    names = registry.split(request or "")
    if path is not None:
        return [_entry_at_path(names, Path(path), task, language)]
    if not names:
        raise OptionError(
            'The request is empty; name a reference such as "en.embed.minilm_l6", or give '
            "path=FOLDER."
        )
    entries = [registry.find(name, language=language) for name in names]
    entries = [_set_task(entry, task) for entry in entries]
    for entry in entries:
        if entry.kind is TRANSLATION:
            warn_of_reversed(entry.request)
    if one_language:
        common_language(entries, language)
    return entries


def _set_task(entry: Entry, task: str | None) -> Entry:
    """The entry of a hub id with the task of the caller; a reference has its own."""
    if task is None or entry.task == task:
        return entry
    if entry.reference is not None:
        raise OptionError(
            f"task={task!r} is for hub ids and for paths without a reference; {entry.request!r} "
            f"has its own, {entry.task!r}."
        )
    return dataclasses.replace(entry, task=task)


def _entry_at_path(names: list[str], path: Path, task: str | None, language: str | None) -> Entry:
    """The one entry of a request whose model lies at a path."""
    if len(names) > 1:
        raise OptionError(
            f"path= gives the files of one model; the request names {len(names)}: {names}."
        )
    source = FolderSource(path=str(path))
    folder_entry = Entry(
        request=str(path),
        reference=None,
        task=task,
        language=language,
        model_name=str(path),
        sources=(source,),
        origin="path",
    )
    if not names:
        return folder_entry
    (name,) = names
    try:
        entry = current().find(name, language=language)
    except UnknownReferenceError:
        # As in NLU the name then only names the column; what the model is, its folder says.
        entry = dataclasses.replace(folder_entry, request=name, reference=name)
        return _add_facts_of_unserved(entry)
    return dataclasses.replace(_set_task(entry, task), sources=(source,))


def _add_facts_of_unserved(entry: Entry) -> Entry:
    """The entry with task and language, which are known even of a reference that is not served."""
    record = unserved_name(entry.request, entry.language)
    if record is None:
        return entry
    return dataclasses.replace(
        entry, task=entry.task or record.task, language=entry.language or record.language
    )


def parse_folder(path: object) -> Path:
    """The folder that ``path=`` names, which need not exist.

    Raises:
        OptionError: No folder can have this name.
    """
    try:
        folder = local_path(path, "the folder of a model", OptionError)  # type: ignore[arg-type]
        if "\0" in str(folder):
            raise ValueError("embedded null character")
        str(folder).encode()
        folder.is_dir()
    except OptionError:
        raise
    except (TypeError, ValueError, OSError) as error:
        raise OptionError(
            f"path is {brief(path)}; valid is the folder of a model, as a text or a Path "
            f"({error!s:.80})."
        ) from error
    return folder


def common_language(entries: Sequence[Entry], language: str | None) -> str:
    """The language whose rules cut the text.

    Args:
        entries: The components.
        language: The caller's; None is that of the components.

    Returns:
        Its code; ``xx`` where all components are of many languages.

    Raises:
        OptionError: None is given, and the components are of different languages.
    """
    if language is not None:
        return language
    languages = {entry.language: None for entry in entries if entry.language}
    if [*languages] == [MULTILINGUAL]:
        return MULTILINGUAL
    languages.pop(MULTILINGUAL, None)
    if len(languages) > 1:
        raise OptionError(
            f"The references are of different languages, {list(languages)}; say language= for the "
            f"text's own."
        )
    return next(iter(languages), DEFAULT_LANGUAGE)
