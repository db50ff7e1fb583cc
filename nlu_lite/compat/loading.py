"""``load`` with NLU's parameters: what of a request can be served, and the pipeline of it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nlu_lite import frame, loading, registry
from nlu_lite.common import refuse_unknown
from nlu_lite.compat import facts, parameters
from nlu_lite.compat.names import FROM_DISK, KINDS, component_names
from nlu_lite.compat.pipeline import NLUPipeline
from nlu_lite.compat.refusals import Refusal, names_rows_alone, refusal_of
from nlu_lite.compat.rows import load_rows
from nlu_lite.compat.substitutes import put_substitutes
from nlu_lite.compat.verbosity import disable_verbose, enable_verbose, log
from nlu_lite.errors import OptionError, UnservedReferenceError
from nlu_lite.options import LOAD_OPTIONS, Options
from nlu_lite.pipeline import Pipeline
from nlu_lite.registry import TRAINED_HEAD, ZERO_SHOT, is_trainable
from nlu_lite.tasks import saved

# What to do with references that are not served.
UNSERVED = ("raise", "skip", "substitute")
# The environment variable that says it where the caller does not.
VARIABLE = "NLU_LITE_UNSERVED"
# Parameter -> the device that it asks for.
_DEVICES = {"gpu": "cuda", "apple_silicon": "mps"}


def load(
    request: str | None = None,
    path: str | Path | None = None,
    verbose: bool = False,
    gpu: bool = False,
    streamlit_caching: bool = False,
    apple_silicon: bool = False,
    get_tracer: bool = False,
    *,
    m1_chip: bool = False,
    version_checks: bool = True,
    spark_input: bool = False,
    unserved: str | None = None,
    names: str = "current",
    **options: Any,  # noqa: ANN401 - those of nlu_lite.load
) -> NLUPipeline:
    """Load the models that a request names, for the ``predict`` of NLU.

    Args:
        request: One or more references of NLU separated by spaces. With ``path`` it only names the
            column.
        path: A folder with a model's files, or one that ``save`` wrote.
        verbose: Show the messages of this package on the standard error stream.
        gpu: Compute on the CUDA device, which must be there; otherwise the best device is taken.
        streamlit_caching: Without effect.
        apple_silicon: Compute on Apple's graphics processor, which must be there.
        get_tracer: Without effect.
        m1_chip: What NLU 4 called ``apple_silicon``.
        version_checks: Without effect (NLU 1.0).
        spark_input: Feed the model what Spark NLP feeds it: the first basic piece of each of its
            words, at most 126 pieces a sentence; words after those keep their row, with None.
            WordPiece BERT only.
        unserved: What to do with references that are not served: ``raise`` an error that names the
            request that works; ``skip`` them with a warning that names the columns that will be
            missing; or ``substitute`` what people use instead, with a warning that lists it.
            Without it the environment variable ``NLU_LITE_UNSERVED`` says which, so that the cells
            of a notebook stay as they are; without that ``raise``.
        names: ``current`` names columns as NLU 3.0.1 and later (``word_embedding_bert``), ``2020``
            as before (``bert_embeddings``).
        **options: Those of ``nlu_lite.load``.

    Returns:
        A pipeline, its models read and ready.

    Raises:
        UnknownReferenceError: A name that neither NLU nor this package knows; the nearest are
            named.
        UnservedReferenceError: A name of NLU that is not served; the message has the reason and the
            request that works.
        OptionError: A parameter is outside what is valid or possible.
        WeightsNotFoundError: The files are not on this machine.

    Example:
        >>> import nlu_lite.compat as nlu
        >>> nlu.load("en.embed.minilm_l6")
        NLUPipeline('en.embed.minilm_l6' -> minilm_l6; float32 on ...)
    """
    ignored = {
        "streamlit_caching": streamlit_caching,
        "get_tracer": get_tracer,
        "version_checks": version_checks,
    }
    parameters.warn_ignored(ignored, facts.LOAD, where="load")
    unserved = _choose_unserved(unserved)
    set_verbose = enable_verbose if verbose else disable_verbose
    set_verbose()
    device = _choose_device(gpu=gpu, apple_silicon=apple_silicon or m1_chip)
    if device is not None:
        options.setdefault("device", device)
    if path is None and request is not None and names_rows_alone(request):
        return load_rows(request, _options(spark_input, options))
    if _needs_labels(request, options):
        options.setdefault("labels", list(facts.ZERO_SHOT_LABELS))
    skipped: list[tuple[str, str]] = []
    stands_for: Mapping[str, str] = {}
    if path is None and request is not None and unserved == "substitute":
        request, stands_for = put_substitutes(request, options.get("language"))
    elif path is None and request is not None:
        request, skipped = _select_served(request, unserved, options.get("language"))
    reads_saved = path is not None and saved.is_saved(Path(path))
    pipeline = _load(None if reads_saved else request, path, spark_input, options)
    for component in pipeline.components:
        entry = component.entry
        log.info("%s is %s in %s", entry.request, entry.model_name, component.folder)
    references = [stands_for.get(name, name) for name in _references(pipeline, request, path)]
    return NLUPipeline(pipeline, references, names=names, skipped=skipped, is_saved=reads_saved)


def _choose_unserved(unserved: str | None) -> str:
    """What the caller says to do with references that are not served, else the environment."""
    name, value = "unserved", unserved
    if unserved is None:
        name, value = VARIABLE, os.environ.get(VARIABLE) or UNSERVED[0]
    if value not in UNSERVED:
        raise OptionError(f"{name} is {value!r}; valid are {', '.join(UNSERVED)}.")
    return value


def _needs_labels(request: str | None, options: Mapping[str, Any]) -> bool:
    """Whether a request has a zero-shot classifier, which chooses among labels."""
    if options.get("task") == ZERO_SHOT.name:
        return True
    current = registry.current()
    names = current.split(request or "")
    return any(
        current.entry(name).task == ZERO_SHOT.name for name in names if name in current.references
    )


def _load(
    request: str | None, path: str | Path | None, spark_input: bool, options: dict[str, Any]
) -> Pipeline:
    if not spark_input:
        return loading.load(request, path=path, **options)
    return loading.load_with(
        request, _options(spark_input, options), path=path, task=options.get("task")
    )


def _options(spark_input: bool, options: Mapping[str, Any]) -> Options:
    """The options of ``nlu_lite.load``, checked, and those of Spark NLP's input."""
    valid = ("task", *LOAD_OPTIONS)
    refuse_unknown(options.keys() - set(valid), valid, where="load")
    settings = {name: value for name, value in options.items() if name != "task"}
    if spark_input:
        settings = {"words": "spark", "long": "cut", "spark_input": True, **settings}
    return Options(**settings)


def _select_served(
    request: str, choice: str, language: str | None
) -> tuple[str, list[tuple[str, str]]]:
    """The part of a request that is served; task and reference of the embeddings left out."""
    names = registry.current().split(request)
    answers = {name: refusal_of(name, language) for name in names}
    refusals = [refusal for refusal in answers.values() if refusal is not None]
    if not refusals:
        return request, []
    reasons = "\n".join(f"- {refusal}" for refusal in refusals)
    served = " ".join(name for name in names if answers[name] is None)
    if not served:
        raise UnservedReferenceError(f"Nothing of {request!r} is served:\n{reasons}")
    if all(refusal.is_needless for refusal in refusals):
        return served, []
    if choice == "raise":
        raise UnservedReferenceError(
            f"{request!r} is not served as a whole:\n{reasons}\nThe request that works: "
            f'nlu.load({served!r}). With unserved="skip" load takes it by itself and warns.'
        )
    columns = ", ".join(_missing_columns(answers, language)) or "none"
    warnings.warn(
        f"Left out of {request!r}, what works is {served!r}. Columns that will be missing: "
        f"{columns}.\n{reasons}",
        UserWarning,
        stacklevel=3,
    )
    return served, [(refusal.task, refusal.reference) for refusal in refusals if refusal.task]


def _missing_columns(answers: Mapping[str, Refusal | None], language: str | None) -> list[str]:
    """NLU's columns of what is left out; names of embeddings depend on all of the request."""
    tasks = {name: _task_of(name, refusal, language) for name, refusal in answers.items()}
    embeddings = {name: task for name, task in tasks.items() if task in KINDS}
    columns = component_names([(task, name) for name, task in embeddings.items()])
    embedding_columns = dict(zip(embeddings, frame.distinct(columns), strict=True))
    missing: list[str] = []
    for refusal in filter(None, answers.values()):
        missing += [embedding_columns[refusal.reference]] if refusal.task else refusal.columns
    return missing


def _task_of(name: str, refusal: Refusal | None, language: str | None) -> str:
    if refusal is not None:
        return str(refusal.task)
    if is_trainable(name):
        return TRAINED_HEAD.name
    return str(registry.current().find(name, language=language).task)


def _choose_device(**parameters: bool) -> str | None:
    """The device that a parameter asks for, which must be there; None where none does."""
    names = [name for name, is_asked in parameters.items() if is_asked]
    if len(names) > 1:
        raise OptionError(f"{'=True and '.join(names)}=True are two devices; say one.")
    if not names:
        return None
    from nlu_lite.encoder import choose_device

    device = _DEVICES[names[0]]
    try:
        choose_device(device)
    except OptionError as error:
        raise OptionError(
            f"{names[0]}=True cannot be had here; leave it out, and the best device there is is "
            "taken."
        ) from error
    return device


def _references(pipeline: Pipeline, request: str | None, path: str | Path | None) -> Sequence[str]:
    """What names each component's column."""
    if path is None:
        return [component.entry.request for component in pipeline.components]
    names = registry.current().split(request or FROM_DISK)
    head = pipeline.flow.trained
    if len(names) == len(pipeline.components):
        return names
    heads = [head.entry.request] if head else []
    models = len(pipeline.components) - len(heads)
    if len(names) == 1:
        names = names * models
    if len(names) != models:
        raise OptionError(
            f"{path} has {models} components; the request names {len(names)}: {names}."
        )
    return [*names, *heads]
