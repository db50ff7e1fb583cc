"""``load``: which models a request means, where their files lie, and the pipeline of them, ready to use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Never

from nlu_lite import registry
from nlu_lite.errors import OptionError, brief
from nlu_lite.options import HYPOTHESIS, LOAD_OPTIONS, Options, Splitter, refuse_unknown
from nlu_lite.pipeline import Pipeline, open_pipeline
from nlu_lite.registry import TASKS, parse_folder, resolve, split_trainable, trainable_entry
from nlu_lite.tasks import saved
from nlu_lite.weights import refuse_spark_nlp


def load(
    request: str | None = None,
    *,
    path: str | Path | None = None,
    task: str | None = None,
    language: str | None = None,
    device: str = "auto",
    dtype: str = "float32",
    offline: bool | None = None,
    revision: str | None = None,
    words: str | Splitter = "standard",
    sentences: str | Splitter | None = "auto",
    word_pooling: str = "first",
    sentence_pooling: str | None = None,
    layers: int | Sequence[int] = -1,
    layer_pooling: str = "mean",
    prompt: str | None = None,
    normalize: bool | None = None,
    dimensions: int | None = None,
    max_length: int | None = None,
    stride: int | None = None,
    long: str = "windows",
    column: str | Sequence[str] | None = None,
    labels: Mapping[str, str] | Sequence[str] | None = None,
    hypothesis: str = HYPOTHESIS,
    multi_label: bool = False,
    **unknown: Never,
) -> Pipeline:
    """Load the models that a request names.

    Args:
        request: One or more references separated by spaces: NLU references
            (``en.embed.bert.small_L12_256``), their aliases (``bert``), Spark NLP model names
            (``small_bert_L12_256``), hub ids (anything with a slash). May be left out where
            ``path`` is given.
        path: A folder on this machine with the model's files, instead of those that the registry
            names.
        task: ``embed``, ``embed_sentence``, or for labels ``token_classification``,
            ``text_classification``, ``zero_shot`` or ``question_answering``; for a path or a hub
            id.
        language: For the sentence rule; the first reference's if not given.
        device: ``auto``, or a torch device such as ``cpu`` or ``cuda:0``.
        dtype: ``float32``, ``bfloat16``, ``float16`` or ``auto`` (bfloat16 where the device has
            it).
        offline: True never opens a connection.
        revision: Of the hub's model, instead of the entry's.
        words: ``standard``, ``spark`` (or a ``SparkTokenizer``), ``unicode``, ``model``, or a
            function from a text to the half-open spans of its words, in code points.
        sentences: ``auto``, ``spark`` (or a ``SparkSentences``), a function likewise, or None: the
            whole text is one sentence.
        word_pooling: Which of a word's pieces make its vector: ``first`` (the first that holds a
            letter or digit), ``last``, ``mean``, ``max``.
        sentence_pooling: For sentence references: ``mean``, ``cls``, ``pooler``, ``last``, ``max``,
            ``weighted``; None means what the entry says.
        layers: One layer or several: 0 is the embedding output, -1 the last.
        layer_pooling: How several layers are joined: ``mean``, ``sum``, ``concat``.
        prompt: For sentence references: put in front of every text; a name that the entry knows, or
            the words themselves.
        normalize: Vectors of length one; None means what the entry says (words: no).
        dimensions: Only so many first numbers of each vector.
        max_length: Pieces of one sequence, special ones counted; None means what the model takes.
        stride: Pieces that two windows of a longer text share; a quarter of a window if not given.
        long: ``windows`` reads longer text in overlapping windows, ``cut`` only its beginning.
        column: Name of the column of vectors or labels, or a list with one name a component.
        labels: Other names for a classifier's labels, such as ``{"LABEL_0": "negative"}``; for
            zero-shot the list of candidate labels.
        hypothesis: For zero-shot: the sentence that a text is to imply, with ``{}`` where a
            candidate label goes.
        multi_label: For zero-shot: several labels may be right, so that each has a probability of
            its own.
        **unknown: Refused.

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
    refuse_unknown(unknown, ("path", "task", *LOAD_OPTIONS), where="load")
    options = Options(
        words=words,
        sentences=sentences,
        word_pooling=word_pooling,
        sentence_pooling=sentence_pooling,
        layers=layers,  # type: ignore[arg-type]  # a list becomes a tuple in Options
        layer_pooling=layer_pooling,
        prompt=prompt,
        normalize=normalize,
        dimensions=dimensions,
        max_length=max_length,
        stride=stride,
        long=long,
        column=column,  # type: ignore[arg-type]
        labels=labels,  # type: ignore[arg-type]
        hypothesis=hypothesis,
        multi_label=multi_label,
        language=language,
        device=device,
        dtype=dtype,
        offline=offline,
        revision=revision,
    )
    return load_with(request, options, path=path, task=task)


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
        Pipeline('en.embed.minilm_l6' -> minilm_l6, words='spark', ..., spark_input=True; float32 on ...)
    """
    if task is not None and not (isinstance(task, str) and task in TASKS):
        raise OptionError(f"task is {brief(task)}; valid are {', '.join(TASKS)}.")
    path = None if path is None else parse_folder(path)
    if path is not None and saved.is_saved(path):
        if request is not None:
            raise OptionError(
                f"{path} is a saved pipeline, which knows its references; leave the request out."
            )
        entries, stored, head = saved.read(path)
        options = replace(Options(**stored), **options.changed())
        wanted = None if head is None else head.name
    else:
        head, wanted = None, None
        if isinstance(request, str):
            rest, wanted = split_trainable(
                registry.current().split(request), has_path=path is not None
            )
            request = request if wanted is None else " ".join(rest) or None
        if path is not None:
            refuse_spark_nlp(path)
        entries = resolve(request, path=path, task=task, language=options.language)
    entries = [*entries, *([] if wanted is None else [trainable_entry(wanted)])]
    return open_pipeline(tuple(entries), options, head=head)
