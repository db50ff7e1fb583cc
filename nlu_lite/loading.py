"""``load``: from a request to the pipeline of the models that it means, ready to use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from nlu_lite import registry
from nlu_lite.common import takes
from nlu_lite.errors import (
    DownloadError,
    OptionError,
    UnknownReferenceError,
    WeightsNotFoundError,
)
from nlu_lite.options import LOAD_OPTIONS, LoadOptions, Options
from nlu_lite.pipeline import Pipeline, open_pipeline
from nlu_lite.registry import Entry, parse_folder, resolve, split_trainable, trainable_entry
from nlu_lite.tasks import check_task, is_saved, read_pipeline
from nlu_lite.weights import refuse_spark_nlp


@dataclass(frozen=True)
class ModelArguments:
    """Which models are meant.

    Attributes:
        request: One or more references separated by spaces: NLU references
            (``en.embed.bert.small_L12_256``), their aliases (``bert``), Spark NLP model names
            (``small_bert_L12_256``), hub ids (anything with a slash). May be left out where
            ``path`` is given.
        path: A folder on this machine with the model's files, instead of those that the registry
            names.
        task: ``embed``, ``embed_sentence``, or for labels ``token_classification``,
            ``text_classification``, ``zero_shot`` or ``question_answering``, or ``translation``;
            for a path or a hub id.
    """

    request: str | None = None
    path: str | Path | None = field(default=None, kw_only=True)
    task: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, kw_only=True)
class LoadArguments(LoadOptions, ModelArguments):
    """What ``load`` is asked for: which models, and how they are used."""

    def options(self) -> Options:
        """How they are used, checked.

        Raises:
            OptionError: A value outside what is valid.
        """
        return Options(**{name: getattr(self, name) for name in LOAD_OPTIONS})


@takes(LoadArguments)
def load(arguments: LoadArguments) -> Pipeline:
    """Load the models that a request names.

    Args:
        arguments: The fields of ``LoadArguments``.

    Returns:
        A pipeline, its models read and ready.

    Raises:
        UnknownReferenceError: A name that no registry knows; the nearest three are named.
        UnknownOptionError: An option that does not exist; those that do are listed.
        OptionError: A value outside what is valid.
        WeightsNotFoundError: The files are not on this machine; says what was tried and what helps.
        ModelError: The files do not make the model that the registry describes.

    Example:
        >>> import nlu_lite as nlu
        >>> nlu.load("en.embed.minilm_l6")
        Pipeline('en.embed.minilm_l6' -> minilm_l6; float32 on ...)
    """
    return load_with(
        arguments.request, arguments.options(), path=arguments.path, task=arguments.task
    )


def load_with(
    request: str | None,
    options: Options,
    *,
    path: str | Path | None = None,
    task: str | None = None,
) -> Pipeline:
    """``load`` with its options in one record, which may hold those that ``load`` does not list.

    Args:
        request: As in ``load``.
        options: Common to all models; with a saved pipeline, those that are not defaults change
            what was saved.
        path: As in ``load``.
        task: As in ``load``.

    Raises:
        NluLiteError: As ``load`` does.

    Example:
        >>> load_with("en.embed.minilm_l6", Options(words="spark", long="cut", spark_input=True))
        Pipeline('en.embed.minilm_l6' -> minilm_l6, words='spark', ..., spark_input=True; ...)
    """
    if task is not None:
        check_task(task)
    folder = None if path is None else parse_folder(path)
    if folder is None:
        with _hinting_at_folders(request):
            entries = _entries(request, options, path=None, task=task)
            return open_pipeline(tuple(entries), options)
    if not is_saved(folder):
        entries = _entries(request, options, path=folder, task=task)
        return open_pipeline(tuple(entries), options)
    if request is not None:
        raise OptionError(
            f"{folder} is a saved pipeline, which knows its references; leave the request out."
        )
    entries, stored, head = read_pipeline(folder)
    options = replace(Options(**stored), **options.changed())
    if head is not None:
        entries.append(trainable_entry(head.name))
    return open_pipeline(tuple(entries), options, head=head)


def _entries(
    request: str | None, options: Options, *, path: Path | None, task: str | None
) -> list[Entry]:
    """The entries of a request, what is to be trained as the last one."""
    trained = None
    if isinstance(request, str):
        names = registry.current().split(request)
        models, trained = split_trainable(names, has_path=path is not None)
        if trained is not None:
            request = " ".join(models) or None
    if path is not None:
        refuse_spark_nlp(path)
    entries = resolve(request, path=path, task=task, language=options.language)
    return entries if trained is None else [*entries, trainable_entry(trained)]


@contextmanager
def _hinting_at_folders(request: object) -> Iterator[None]:
    """Say of a model that is not found that a folder of its name lies here.

    Args:
        request: As in ``load``.

    Raises:
        NluLiteError: The error of the body, with the hint where there is such a folder.
    """
    try:
        yield
    except (UnknownReferenceError, WeightsNotFoundError, DownloadError) as error:
        words = (request, *request.split()) if isinstance(request, str) else ()
        folder = next(filter(_is_folder, words), None)
        if folder is None:
            raise
        hint = f"A folder {folder!r} lies here; did you mean path={folder!r}?"
        raise type(error)(f"{error}\n{hint}") from error.__cause__


def _is_folder(name: str) -> bool:
    try:
        return Path(name).expanduser().is_dir()
    except (OSError, ValueError, RuntimeError):  # nothing can have this name
        return False
