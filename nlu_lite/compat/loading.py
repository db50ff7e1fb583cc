"""``load`` with NLU's parameters: what of a request can be served, and the pipeline of it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nlu_lite import frame, registry
from nlu_lite import loading as main
from nlu_lite.compat import facts, parameters
from nlu_lite.compat.names import FROM_DISK, KINDS, component_names
from nlu_lite.compat.pipeline import NLUPipeline
from nlu_lite.compat.refusals import Refusal, refusal_of
from nlu_lite.errors import OptionError, UnservedReferenceError
from nlu_lite.options import LOAD_OPTIONS, Options, refuse_unknown
from nlu_lite.pipeline import Pipeline
from nlu_lite.registry import TRAIN, is_trainable
from nlu_lite.tasks import saved

log = logging.getLogger("nlu_lite")
UNSERVED = ("raise", "skip")


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
    unserved: str = "raise",
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
            request that works, or ``skip`` them with a warning that names the columns that will be
            missing.
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
    given = {
        "streamlit_caching": streamlit_caching,
        "get_tracer": get_tracer,
        "version_checks": version_checks,
    }
    parameters.warn_ignored(given, facts.LOAD, where="load")
    if unserved not in UNSERVED:
        raise OptionError(f"unserved is {unserved!r}; valid are {', '.join(UNSERVED)}.")
    set_verbose(verbose)
    if (device := _device(gpu, apple_silicon or m1_chip)) is not None:
        options.setdefault("device", device)
    skipped: list[Refusal] = []
    if path is None and request is not None:
        request, skipped = _servable(request, unserved, options.get("language"))
    read_back = path is not None and saved.is_saved(Path(path))
    pipeline = _load(None if read_back else request, path, spark_input, options)
    for component in pipeline.components:
        log.info(
            "%s is %s in %s", component.entry.request, component.entry.model_name, component.folder
        )
    references = _references(pipeline, request, path)
    embeddings = [(item.task, item.reference) for item in skipped if item.task is not None]
    return NLUPipeline(pipeline, references, names=names, skipped=embeddings)


def _load(
    request: str | None, path: str | Path | None, spark_input: bool, options: dict[str, Any]
) -> Pipeline:
    if not spark_input:
        return main.load(request, path=path, **options)
    valid = ("task", *LOAD_OPTIONS)
    refuse_unknown(options.keys() - set(valid), valid, where="load")
    given = {"words": "spark", "long": "cut", "spark_input": spark_input, **options}
    task = given.pop("task", None)
    return main.load_with(request, Options(**given), path=path, task=task)


def set_verbose(on: bool) -> None:
    """Show, or stop showing, the messages of this package on the standard error stream.

    Args:
        on: Show them.
    """
    shown = [handler for handler in log.handlers if isinstance(handler, _Shown)]
    if on and not shown:
        log.addHandler(_Shown())
        log.setLevel(logging.DEBUG)
    if not on and shown:
        log.removeHandler(shown[0])
        log.setLevel(logging.NOTSET)


class _Shown(logging.StreamHandler):  # type: ignore[type-arg]
    """The handler that ``set_verbose`` adds, told apart from the caller's."""


def _servable(request: str, choice: str, language: str | None) -> tuple[str, list[Refusal]]:
    """The part of a request that can be served, and what was left out of it."""
    names = registry.current().split(request)
    found = {name: refusal_of(name, language) for name in names}
    left_out = [item for item in found.values() if item is not None]
    works = " ".join(name for name in names if found[name] is None)
    if not left_out:
        return request, []
    reasons = "\n".join(f"- {item.reason}{_missing(item)}" for item in left_out)
    if not works:
        raise UnservedReferenceError(f"Nothing of {request!r} is served:\n{reasons}")
    if choice == "raise":
        raise UnservedReferenceError(
            f"{request!r} is not served as a whole:\n{reasons}\nThe request that works: "
            f"nlu.load({works!r}). "
            'With unserved="skip" load takes it by itself and warns.'
        )
    # In NLU the names of embeddings depend on the others of the request.
    embeddings = [
        (item.task if item else _task(name, language), name) for name, item in found.items()
    ]
    known = [(task, name) for task, name in embeddings if task in KINDS]
    named = dict(
        zip([name for _, name in known], frame.distinct(component_names(known)), strict=True)
    )
    columns = [
        column
        for item in left_out
        for column in ([named[item.reference]] if item.task else item.columns)
    ]
    warnings.warn(
        f"Left out of {request!r}, what works is {works!r}. Columns that will be missing: "
        f"{', '.join(columns) or 'none'}.\n"
        f"{reasons}",
        UserWarning,
        stacklevel=3,
    )
    return works, left_out


def _task(name: str, language: str | None) -> str | None:
    return TRAIN if is_trainable(name) else registry.current().find(name, language=language).task


def _missing(item: Refusal) -> str:
    return f" Its columns in NLU: {', '.join(item.columns)}." if item.columns else ""


def _device(gpu: bool, apple: bool) -> str | None:
    if gpu and apple:
        raise OptionError("gpu=True and apple_silicon=True are two devices; say one.")
    if not gpu and not apple:
        return None
    from nlu_lite.encoder import choose_device

    name, device = ("gpu", "cuda") if gpu else ("apple_silicon", "mps")
    try:
        choose_device(device)
    except OptionError as error:
        raise OptionError(
            f"{name}=True cannot be had here; leave it out, and the best device there is is taken."
        ) from error
    return device


def _references(pipeline: Pipeline, request: str | None, path: str | Path | None) -> Sequence[str]:
    """What names each component's column."""
    if path is None:
        return [component.entry.request for component in pipeline.components]
    named = registry.current().split(request or FROM_DISK)
    models = [item for item in pipeline.components if item is not pipeline._flow.trained]
    trained = [item.entry.request for item in pipeline.components if item is pipeline._flow.trained]
    if len(named) == len(pipeline.components):
        return named
    if len(named) not in (1, len(models)):
        raise OptionError(
            f"{path} has {len(models)} components; the request names {len(named)}: {named}."
        )
    return [*(named * len(models) if len(named) == 1 else named), *trained]
