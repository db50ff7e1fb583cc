"""``load`` and ``Pipeline``: which models are meant, where they lie, and text to frame; this room conducts and does no work."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Never

import numpy as np
from numpy.typing import NDArray

from nlu_lite import frame, registry, saved, weights
from nlu_lite.errors import OptionError
from nlu_lite.inputs import Inputs, read
from nlu_lite.options import Options, Splitter, refuse_unknown
from nlu_lite.progress import bar
from nlu_lite.registry import Entry
from nlu_lite.registry.schema import TASKS
from nlu_lite.request import common_language, resolve, task_of
from nlu_lite.text import Segmentation, Segmenter, readable

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.encoder import Plan, WordVectors

Level = Literal["token"]
LEVELS: tuple[str, ...] = ("token",)


@dataclass(frozen=True)
class Component:
    """One model of a pipeline.

    Attributes:
        entry: What the registry says about it.
        folder: Where its files lie.
        options: How it is used.
    """

    entry: Entry
    folder: Path
    options: Options

    @cached_property
    def plan(self) -> Plan:
        """The model in memory and the options resolved against it."""
        from nlu_lite.encoder import Plan, get

        loaded = get(self.folder, self.entry, device=self.options.device, dtype=self.options.dtype)
        return Plan.make(loaded, self.options)

    @cached_property
    def model(self) -> Any:  # noqa: ANN401 - transformers.PreTrainedModel
        """The plain transformers model, read from the folder when first asked for; yours to change."""
        from nlu_lite.encoder import plain_model

        return plain_model(self.folder, self.entry)

    @cached_property
    def tokenizer(self) -> Any:  # noqa: ANN401 - transformers.PreTrainedTokenizerFast
        """A plain transformers tokenizer with the vocabulary and rules that the component uses; yours to change."""
        from nlu_lite.encoder import plain_tokenizer

        return plain_tokenizer(self.folder, self.entry)

    @property
    def column(self) -> str:
        """The name of its column where ``column=`` gives none."""
        return frame.component_column(self.entry.request, is_reference=self.entry.reference is not None)


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
        """The request, what it means, and the options that are not defaults."""
        models = ", ".join(f"{item.entry.request!r} -> {item.entry.model_name}" for item in self.components)
        changed = "".join(f", {name}={value!r}" for name, value in self.options.changed().items())
        return f"Pipeline({models}{changed})"

    def __reduce__(self) -> tuple[Any, ...]:
        """What was asked for, not the weights: the other process finds them from the same entries."""
        return restore, (tuple(component.entry for component in self.components), self.options)

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
            Pipeline('en.embed.minilm_l6' -> minilm_l6, stride=9)
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
        progress: bool | None = None,
        **unknown: Never,
    ) -> pd.DataFrame:
        """A frame with one row a word: the word, its vectors, and the caller's other columns.

        Args:
            data: A text, a list, a Series, a DataFrame or any other accepted kind; never written to.
            output_level: ``token``.
            text: The column of a frame that holds the text; without it a column named ``text``, else the only text
                column.
            keep: Carry the caller's other columns: True, False or a list of names. The text column is repeated only if
                the list names it.
            positions: Add ``begin`` and ``end`` (code points of the caller's text, end inclusive), ``sentence_index`` and
                ``token_index``.
            progress: True always shows a bar, False never, None when the work is long.
            **unknown: Refused.

        Returns:
            Rows in the caller's order under the caller's index, repeated; a null, empty or blank text has one row with a
            missing word and None. Vector cells are 1-D float32 arrays of shape (dimension,).

        Raises:
            InputTypeError: The data or an item of it is of a kind that is not accepted.
            InputValueError: It is not clear which column holds the text.
            OptionError: An option is outside what is valid.

        Example:
            >>> import nlu_lite as nlu
            >>> frame = nlu.load("en.embed.minilm_l6").predict(["I love NLP"], output_level="token")
            >>> frame["token"].tolist()
            ['I', 'love', 'NLP']
        """
        refuse_unknown(unknown, _PREDICT_OPTIONS, where="predict")
        if output_level is not None and output_level not in LEVELS:
            raise OptionError(f"output_level is {output_level!r}; valid are {', '.join(LEVELS)}.")
        inputs = read(data, text)
        cut = self._segmenter(inputs.documents)
        vectors = self._word_vectors(cut, progress)
        return self._token_frame(inputs, cut, vectors, keep=keep, positions=positions)

    def encode(
        self,
        data: Any,  # noqa: ANN401
        *,
        text: Hashable | None = None,
        progress: bool | None = None,
        **unknown: Never,
    ) -> NDArray[np.float32]:
        """One vector a text: the mean of the vectors of its words.

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
        found = self._word_vectors(cut, progress)
        return np.hstack([_mean_by_document(vectors, cut) for vectors in found])

    @cached_property
    def _segmenter(self) -> Segmenter:
        return Segmenter(
            words=self.options.words,
            sentences=self.options.sentences,
            language=common_language([item.entry for item in self.components], self.options.language),
        )

    def _word_vectors(self, cut: Segmentation, progress: bool | None) -> list[WordVectors]:
        from nlu_lite.encoder import word_vectors

        sentences = [readable(sentence) for sentence in cut.sentences()]
        begin = cut.word_begin - cut.sentence_begin[cut.word_sentence]
        end = cut.word_end - cut.sentence_begin[cut.word_sentence]
        total = len(begin) * len(self.components)
        with bar(total, unit="words", show=progress, label="encoding") as done:
            return [
                word_vectors(component.plan, sentences, cut.word_sentence, begin, end, progress=done)
                for component in self.components
            ]

    def _token_frame(
        self, inputs: Inputs, cut: Segmentation, vectors: list[WordVectors], *, keep: frame.Keep, positions: bool
    ) -> pd.DataFrame:
        rows = frame.Rows.explode(len(inputs.documents), cut.word_document)
        missing = rows.unit < 0
        words = cut.words()
        columns: dict[str, Any] = {"token": frame.strings([None if unit < 0 else words[unit] for unit in rows.unit.tolist()])}
        if positions:
            columns |= _positions(cut, rows, missing)
        for name, found in zip(self.columns, vectors, strict=True):
            columns[name] = frame.vector_column(found.matrix, rows.unit, found.present)
        return frame.build(inputs, rows, columns, keep=keep, repeats_text=True)


_PREDICT_OPTIONS = ("output_level", "text", "keep", "positions", "progress")


def _positions(cut: Segmentation, rows: frame.Rows, missing: NDArray[np.bool_]) -> dict[str, Any]:
    if not len(cut.word_begin):
        empty = np.zeros(len(rows), dtype=np.int64)
        return {name: frame.nullable_integers(empty, missing) for name in ("begin", "end", "sentence_index", "token_index")}
    sentence = cut.word_sentence
    first_sentence = np.searchsorted(cut.sentence_document, cut.sentence_document)
    first_word = np.searchsorted(cut.word_document, cut.word_document)
    values = {
        "begin": cut.word_begin,
        "end": cut.word_end - 1,
        "sentence_index": (np.arange(len(first_sentence)) - first_sentence)[sentence],
        "token_index": np.arange(len(first_word)) - first_word,
    }
    return {name: frame.nullable_integers(value[rows.unit], missing) for name, value in values.items()}


def _mean_by_document(vectors: WordVectors, cut: Segmentation) -> NDArray[np.float32]:
    """Shape (documents, width): the mean of the words that have a vector, NaN where there is none."""
    documents = len(cut.texts)
    matrix = vectors.matrix[vectors.present]
    owner = cut.word_document[vectors.present]
    counts = np.bincount(owner, minlength=documents)
    result = np.full((documents, matrix.shape[1]), np.nan, dtype=np.float32)
    some = np.flatnonzero(counts)
    if len(some):
        sums = np.add.reduceat(matrix, np.searchsorted(owner, some), axis=0)
        result[some] = sums / counts[some, None].astype(np.float32)
    return result


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
            aliases (``bert``), Spark NLP model names (``small_bert_L12_256``). May be left out where ``path`` is given.
        path: A folder on this machine with the model's files, instead of those that the registry names.
        task: ``embed`` or ``embed_sentence``, for a path without a reference.
        language: For the sentence rule; the first reference's if not given.
        device: ``auto``, or a torch device such as ``cpu`` or ``cuda:0``.
        dtype: ``float32``, ``bfloat16``, ``float16`` or ``auto`` (bfloat16 where the device has it).
        offline: True never opens a connection.
        revision: Of the hub's model, instead of the entry's.
        words: ``standard``, or a function from a text to the half-open spans of its words, in code points.
        sentences: ``auto``, a function likewise, or None: the whole text is one sentence.
        word_pooling: Which of a word's pieces make its vector: ``first`` (the first that holds a letter or digit),
            ``last``, ``mean``, ``max``.
        sentence_pooling: For sentence references; None means what the entry says.
        layers: One layer or several: 0 is the embedding output, -1 the last.
        layer_pooling: How several layers are joined: ``mean``, ``sum``, ``concat``.
        prompt: For sentence references.
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
        Pipeline('en.embed.minilm_l6' -> minilm_l6)
    """
    refuse_unknown(unknown, ("path", "task", *(field.name for field in fields(Options))), where="load")
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
    if task is not None and task not in TASKS:
        raise OptionError(f"task is {task!r}; valid are {', '.join(TASKS)}.")
    if path is not None and saved.is_saved(Path(path)):
        if request is not None:
            raise OptionError(f"{path} is a saved pipeline, which knows its references; leave the request out.")
        entries, stored = saved.read(Path(path))
        options = replace(Options(**stored), **options.changed())
    else:
        entries = resolve(request, path=path, task=task, language=language)
    if isinstance(options.column, tuple) and len(options.column) != len(entries):
        raise OptionError(f"column names {len(options.column)} columns; the request has {len(entries)} components.")
    pipeline = restore(tuple(entries), options)
    for component in pipeline.components:
        component.plan  # noqa: B018 - reads the model now, so that every fault shows here
    return pipeline


def restore(entries: tuple[Entry, ...], options: Options) -> Pipeline:
    """A pipeline of entries, their files found here, the models not read yet."""
    known = registry.current()
    folders = [weights.locate(entry, known, offline=options.offline, revision=options.revision) for entry in entries]
    components = [Component(task_of(entry, at), at, options) for entry, at in zip(entries, folders, strict=True)]
    return Pipeline(components, options)
