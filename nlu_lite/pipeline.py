"""``load`` and ``Pipeline``: which models are meant, where they lie, and text to frame; this room conducts and does no work."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Never

import numpy as np
from numpy.typing import NDArray

from nlu_lite import frame, registry, saved, weights
from nlu_lite.component import Component
from nlu_lite.encoding import of_texts, of_words
from nlu_lite.errors import OptionError
from nlu_lite.inputs import Inputs, read
from nlu_lite.options import LOAD_OPTIONS, Options, Splitter, refuse_unknown
from nlu_lite.progress import bar, tqdm_of_here
from nlu_lite.registry import Entry
from nlu_lite.registry.schema import TASKS
from nlu_lite.request import common_language, resolve, task_of
from nlu_lite.text import Segmentation, Segmenter, segmenter

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.encoding import UnitVectors

Level = Literal["token", "sentence", "document", "chunk"]


class Pipeline:
    """Models that turn texts into frames of words and vectors; made by ``load``.

    Args:
        components: The models, in the order asked for.
        options: Common to all of them.
    """

    def __init__(self, components: list[Component], options: Options) -> None:
        self.components = components
        self.options = options

    def __repr__(self) -> str:
        """The request, what it means, the options that are not defaults, and once models are read what they compute with."""
        models = ", ".join(f"{item.entry.request!r} -> {item.entry.model_name}" for item in self.components)
        changed = "".join(f", {name}={value!r}" for name, value in self.options.changed().items())
        read = [item.plan.loaded.computes for item in self.components if item.is_read]
        return f"Pipeline({models}{changed}{'; ' * bool(read)}{', '.join(dict.fromkeys(read))})"

    def __reduce__(self) -> tuple[Any, ...]:
        """What was asked for, not the weights: the other process finds them from the same entries."""
        entries, own = (tuple(getattr(item, name) for item in self.components) for name in ("entry", "options"))
        return restore, (entries, self.options, own)

    def save(self, folder: str | Path) -> None:
        """Write the pipeline into a new folder, with copies of its files; ``nlu.load(path=folder)`` reads it again.

        Args:
            folder: A folder that does not exist yet. It is complete when it appears.

        Raises:
            OptionError: The folder exists, or an option is a function.

        Example:
            >>> import nlu_lite as nlu, pathlib, tempfile
            >>> folder = pathlib.Path(tempfile.mkdtemp()) / "minilm"
            >>> nlu.load("en.embed.minilm_l6", stride=9).save(folder)
            >>> nlu.load(path=folder)
            Pipeline('en.embed.minilm_l6' -> minilm_l6, stride=9; float32 on ...)
        """
        saved.save(Path(folder), [(component.entry, component.folder) for component in self.components], self.options)

    @property
    def columns(self) -> list[str]:
        """The names of the vector columns, one a component."""
        given = self.options.column
        if given is None:
            return frame.distinct(component.column for component in self.components)
        return [given] if isinstance(given, str) else list(given)

    def predict(
        self,
        data: Any,  # noqa: ANN401 - many kinds, see nlu_lite.inputs
        output_level: Level | None = None,
        *,
        text: Hashable | None = None,
        keep: frame.Keep = True,
        positions: bool = False,
        metadata: bool = False,
        aggregate: str | None = "mean",
        chunks: frame.Chunks | None = None,
        progress: bool | None = None,
        **unknown: Never,
    ) -> pd.DataFrame:
        """A frame with one row a word, sentence, document or chunk: its text, its vectors, the caller's other columns.

        Args:
            data: A text, a list, a Series, a DataFrame or any other accepted kind; never written to.
            output_level: ``token`` (the default where a component gives word vectors), ``sentence`` (otherwise),
                ``document`` or ``chunk``. It decides which rows come back, never the numbers of a word's vector.
            text: The column of a frame that holds the text; without it a column named ``text``, else the only text
                column.
            keep: Carry the caller's other columns: True, False or a list of names. Where a text has several rows its
                column is repeated only if the list names it.
            positions: Add ``begin`` and ``end`` (code points of the caller's text, end inclusive), and at token level
                ``sentence_index`` and ``token_index`` (numbers within the text).
            metadata: Add ``sentence_number`` (within the text), and for each component ``piece_count``, ``window_count``
                and ``is_unknown`` (whether a piece is the vocabulary's unknown one).
            aggregate: How the vectors of a unit's words are joined above token level: ``mean``, ``sum``, ``max``, or None
                for a matrix of shape (words, dimension).
            chunks: For level ``chunk``: a list of phrases, a function from a text to half-open spans, or the name of the
                column that holds each text's phrase or list of phrases.
            progress: True always shows a bar, False never, None when the work is long.
            **unknown: Refused.

        Returns:
            Rows in the caller's order under the caller's index, repeated; a null, empty or blank text has one row with a
            missing unit and None. Vector cells are 1-D float32 arrays of shape (dimension,).

        Raises:
            InputTypeError: The data or an item of it is of a kind that is not accepted.
            InputValueError: It is not clear which column holds the text.
            OptionError: An option is outside what is valid.

        Example:
            >>> import nlu_lite as nlu
            >>> pipe = nlu.load("en.embed.minilm_l6")
            >>> pipe.predict(["I love NLP"], output_level="token")["token"].tolist()
            ['I', 'love', 'NLP']
            >>> pipe.predict("I love NLP. Me too!", "sentence")["sentence"].tolist()
            ['I love NLP.', 'Me too!']
        """
        refuse_unknown(unknown, _PREDICT_OPTIONS, where="predict")
        level = self._level(output_level, aggregate, chunks)
        inputs = read(data, text)
        cut = self._segmenter(inputs.documents)
        spans = None if chunks is None else frame.chunk_spans(chunks, cut, _chunk_column(chunks, inputs))
        units = frame.units_of(level, cut, spans)
        found = self._vectors(cut, units, level, aggregate, progress)
        rows = frame.rows_of(level, cut, units)
        named = list(zip(self.columns, found, strict=True))
        columns = frame.columns_of(level, cut, units, rows, named, positions=positions, metadata=metadata)
        result = frame.assemble(inputs, rows, columns, keep=keep, repeats_text=level != "document")
        result.attrs.update(lineage(self, level, aggregate))
        return result

    def encode(
        self,
        data: Any,  # noqa: ANN401
        *,
        text: Hashable | None = None,
        progress: bool | None = None,
        **unknown: Never,
    ) -> NDArray[np.float32]:
        """One vector a text: of a sentence component its own, of a word component the mean of the text's words.

        Args:
            data: As for ``predict``.
            text: As for ``predict``.
            progress: As for ``predict``.
            **unknown: Refused.

        Returns:
            Shape (texts, dimension), in the caller's order; NaN rows for null, empty and blank texts. Of several
            components the matrices stand side by side.

        Raises:
            InputTypeError: The data or an item of it is of a kind that is not accepted.

        Example:
            >>> import nlu_lite as nlu
            >>> nlu.load("en.embed.minilm_l6").encode(["I love NLP", None]).shape
            (2, 384)
        """
        refuse_unknown(unknown, ("text", "progress"), where="encode")
        cut = self._segmenter(read(data, text).documents)
        units = frame.units_of("document", cut)
        parts = []
        for vectors in self._vectors(cut, units, "document", "mean", progress):
            assert isinstance(vectors.matrix, np.ndarray), "matrices come only with aggregate=None"
            part = np.full((len(cut.texts), vectors.matrix.shape[1]), np.nan, dtype=np.float32)
            part[units.document] = vectors.matrix
            parts.append(part)
        return np.hstack(parts)

    def _level(self, asked: str | None, aggregate: str | None, chunks: object) -> str:
        if asked is not None and asked not in frame.LEVELS:
            raise OptionError(f"output_level is {asked!r}; valid are {', '.join(frame.LEVELS)}.")
        if aggregate is not None and aggregate not in frame.AGGREGATES:
            raise OptionError(f"aggregate is {aggregate!r}; valid are {', '.join(frame.AGGREGATES)}, None.")
        words = any(component.entry.task == "embed" for component in self.components)
        level = asked or ("token" if words else "sentence")
        if (level == "chunk") != (chunks is not None):
            raise OptionError(
                "output_level='chunk' and chunks= belong together: chunks= takes a list of phrases, a function or a column."
            )
        return level

    @cached_property
    def _segmenter(self) -> Segmenter:
        language = common_language([item.entry for item in self.components], self.options.language)
        return segmenter(self.options, language, self._model_words())

    def _model_words(self) -> Splitter | None:
        if self.options.words != "model":
            return None
        from nlu_lite.encoder import common_tokenizer

        return common_tokenizer([component.plan for component in self.components]).words

    def _vectors(
        self, cut: Segmentation, units: frame.Units, level: str, aggregate: str | None, progress: bool | None
    ) -> list[UnitVectors]:
        from nlu_lite.encoder import together

        texts = len(cut.sentence_begin) if level == "token" else len(units)
        amounts = [len(cut.word_begin) if item.entry.task == "embed" else texts for item in self.components]
        unit = "words" if any(item.entry.task == "embed" for item in self.components) else "texts"
        how = "mean" if level == "token" else aggregate  # one word: nothing to join
        with bar(sum(amounts), unit=unit, show=progress, label="encoding") as done:
            return together(
                [
                    of_words(component.plan, cut, units, level, how, done)
                    if component.entry.task == "embed"
                    else of_texts(component.plan, cut, units, level, done)
                    for component in self.components
                ]
            )


_PREDICT_OPTIONS = ("output_level", "text", "keep", "positions", "metadata", "aggregate", "chunks", "progress")


def _chunk_column(chunks: object, inputs: Inputs) -> list[Any] | None:
    """The cells of the column that ``chunks`` names; None where it is phrases or a function for all texts."""
    if not isinstance(chunks, str):
        return None
    if inputs.columns is None or list(inputs.columns.columns).count(chunks) != 1:
        raise OptionError(f"chunks={chunks!r} names a column, which the data does not have once; for a phrase give a list.")
    return list(inputs.columns[chunks])


def lineage(pipeline: Pipeline, level: str, aggregate: str | None) -> dict[str, str]:
    """Where the vectors of a frame come from, as plain texts: ``df.attrs`` of a result.

    Args:
        pipeline: That made it.
        level: Of its rows.
        aggregate: How words were joined.
    """
    options = {name: str(value) for name, value in pipeline.options.changed().items()}
    return {
        "nlu_lite": version("nlu-lite"),
        "references": " ".join(component.entry.request for component in pipeline.components),
        "models": " ".join(component.entry.model_name for component in pipeline.components),
        "columns": " ".join(pipeline.columns),
        "level": level,
        "aggregate": str(aggregate),
        **{f"option_{name}": value for name, value in options.items()},
    }


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
    **unknown: Never,
) -> Pipeline:
    """Load the models that a request names.

    Args:
        request: One or more references separated by spaces: NLU references (``en.embed.bert.small_L12_256``), their
            aliases (``bert``), Spark NLP model names (``small_bert_L12_256``), hub ids (anything with a slash). May be left
            out where ``path`` is given.
        path: A folder on this machine with the model's files, instead of those that the registry names.
        task: ``embed`` or ``embed_sentence``, for a path or a hub id.
        language: For the sentence rule; the first reference's if not given.
        device: ``auto``, or a torch device such as ``cpu`` or ``cuda:0``.
        dtype: ``float32``, ``bfloat16``, ``float16`` or ``auto`` (bfloat16 where the device has it).
        offline: True never opens a connection.
        revision: Of the hub's model, instead of the entry's.
        words: ``standard``, ``spark`` (or a ``SparkTokenizer``), ``unicode``, ``model``, or a function from a text to the
            half-open spans of its words, in code points.
        sentences: ``auto``, ``spark`` (or a ``SparkSentences``), a function likewise, or None: the whole text is one sentence.
        word_pooling: Which of a word's pieces make its vector: ``first`` (the first that holds a letter or digit),
            ``last``, ``mean``, ``max``.
        sentence_pooling: For sentence references: ``mean``, ``cls``, ``pooler``, ``last``, ``max``, ``weighted``; None means
            what the entry says.
        layers: One layer or several: 0 is the embedding output, -1 the last.
        layer_pooling: How several layers are joined: ``mean``, ``sum``, ``concat``.
        prompt: For sentence references: put in front of every text; a name that the entry knows, or the words themselves.
        normalize: Vectors of length one; None means what the entry says (words: no).
        dimensions: Only so many first numbers of each vector.
        max_length: Pieces of one sequence, special ones counted; None means what the model takes.
        stride: Pieces that two windows of a longer text share; a quarter of a window if not given.
        long: ``windows`` reads longer text in overlapping windows, ``cut`` only its beginning.
        column: Name of the vector column, or a list with one name a component.
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
        language=language,
        device=device,
        dtype=dtype,
        offline=offline,
        revision=revision,
    )
    return load_with(request, options, path=path, task=task)


def load_with(request: str | None, options: Options, *, path: str | Path | None = None, task: str | None = None) -> Pipeline:
    """``load`` with its options in one record, which may hold those that ``load`` does not list.

    Args:
        request: As in ``load``.
        options: Common to all models; with a saved pipeline, those that are not defaults change what was saved.
        path: As in ``load``.
        task: As in ``load``.

    Raises:
        NluLiteError: As ``load`` does.

    Example:
        >>> load_with("en.embed.minilm_l6", Options(words="spark", long="cut", spark_input=True))
        Pipeline('en.embed.minilm_l6' -> minilm_l6, words='spark', long='cut', spark_input=True; float32 on ...)
    """
    if task is not None and task not in TASKS:
        raise OptionError(f"task is {task!r}; valid are {', '.join(TASKS)}.")
    if path is not None and saved.is_saved(Path(path)):
        if request is not None:
            raise OptionError(f"{path} is a saved pipeline, which knows its references; leave the request out.")
        entries, stored = saved.read(Path(path))
        options = replace(Options(**stored), **options.changed())
    else:
        entries = resolve(request, path=path, task=task, language=options.language)
    named = [options.column] if isinstance(options.column, str) else options.column
    if named is not None and len(named) != len(entries):
        raise OptionError(f"column names {len(named)} columns; the request has {len(entries)} components.")
    pipeline = restore(tuple(entries), options)
    for component in pipeline.components:
        component.plan  # noqa: B018 - reads the model now, so that every fault shows here
    pipeline._segmenter  # noqa: B018 - and so does whether the rules for text go with the models
    return pipeline


def restore(entries: tuple[Entry, ...], options: Options, own: tuple[Options, ...] | None = None) -> Pipeline:
    """A pipeline of entries, their files found here, the models not read yet.

    Args:
        entries: One a component.
        options: Common to all.
        own: Those of each component, where they differ.
    """
    tqdm_of_here()
    known = registry.current()
    folders = [weights.locate(entry, known, offline=options.offline, revision=options.revision) for entry in entries]
    each = own or (options,) * len(entries)
    components = [Component(task_of(entry, at), at, said) for entry, at, said in zip(entries, folders, each, strict=True)]
    return Pipeline(components, options)
