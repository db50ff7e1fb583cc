"""``Pipeline``: what can be asked of models once they are loaded; `nlu_lite.flow` does it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Never, Self

import numpy as np
from numpy.typing import NDArray

from nlu_lite import frame, registry, weights
from nlu_lite.common import import_tqdm
from nlu_lite.errors import OptionError
from nlu_lite.flow import Flow, lineage
from nlu_lite.inputs import OnError, read
from nlu_lite.options import LOAD_OPTIONS, Options, refuse_unknown
from nlu_lite.registry import TRAIN, Entry, infer_task
from nlu_lite.tasks import Component, check_labels, check_tasks, saved

if TYPE_CHECKING:
    import pandas as pd

    from nlu_lite.flow import Estimate
    from nlu_lite.tasks.head import Head

Level = Literal["token", "sentence", "document", "chunk"]


class Pipeline:
    """Models that turn texts into frames of words and vectors; made by ``load``.

    Args:
        components: The models, in the order asked for.
        options: Common to all of them.
    """

    def __init__(self, components: list[Component], options: Options) -> None:
        self._flow = Flow(components, options)

    @property
    def components(self) -> list[Component]:
        """The models, in the order asked for; each has ``entry``, ``model``, ``tokenizer``."""
        return self._flow.components

    @property
    def options(self) -> Options:
        """What is common to all models."""
        return self._flow.options

    @property
    def columns(self) -> list[str]:
        """The names of the columns of vectors and of labels, one a component; ``confidences`` has those beside labels."""
        return self._flow.columns

    @property
    def confidences(self) -> dict[str, str]:
        """The name of each column of labels, and of the column of their confidences."""
        return self._flow.confidences

    def __repr__(self) -> str:
        """The request, what it means, the options that are not defaults, and once models are read what they compute with."""
        models = ", ".join(f"{item.entry.request!r} -> {item.what}" for item in self.components)
        changed = "".join(f", {name}={value!r}" for name, value in self.options.changed().items())
        read = [item.plan.loaded.computes for item in self.components if item.is_read]
        return f"Pipeline({models}{changed}{'; ' * bool(read)}{', '.join(dict.fromkeys(read))})"

    def _repr_html_(self) -> str:
        """A card for notebooks."""
        from nlu_lite.flow import html_card

        return html_card(self.components, self.columns, self.options)

    def with_options(self, **changes: Any) -> Pipeline:  # noqa: ANN401 - each option has its type
        """A new pipeline on the same models, with some options changed; this one stays as it is.

        Models stay in memory and are shared; they are read again only for another ``device``,
        ``dtype`` or ``revision``. What ``fit`` has learnt goes along, so fit again where a change
        gives other vectors.

        Args:
            **changes: Options of ``load`` by their names; they hold for every component.

        Raises:
            OptionError: A value that is not valid, or that a model cannot do.
            UnknownOptionError: ``load`` has no such option.

        Example:
            >>> import nlu_lite as nlu
            >>> pipe = nlu.load("en.embed.minilm_l6")
            >>> pipe.with_options(max_length=64, words="unicode").options.max_length
            64
            >>> pipe.options.max_length is None
            True
        """
        refuse_unknown(changes.keys() - set(LOAD_OPTIONS), LOAD_OPTIONS, where="with_options")
        trained = self._flow.trained
        return open_pipeline(
            tuple(item.entry for item in self.components),
            replace(self.options, **changes),
            tuple(replace(item.options, **changes) for item in self.components),
            None if trained is None else trained.head,
        )

    def with_components(self, components: Sequence[Component]) -> Pipeline:
        """A new pipeline of some of the models, or of none, that cuts texts as this one does.

        Without models ``predict`` gives the rows alone: words, sentences or documents.

        Args:
            components: Some of ``components``, in any order. What is to be trained, or was, goes
                only with all of them, since it reads the vectors of another.

        Raises:
            OptionError: A component is none of this pipeline, or is trained and alone.

        Example:
            >>> import nlu_lite as nlu
            >>> pipe = nlu.load("en.embed.minilm_l6 en.embed_sentence.minilm_l6")
            >>> pipe.with_components(pipe.components[:1]).encode(["I love NLP"]).shape
            (1, 384)
        """
        pipeline = Pipeline([], self.options)
        pipeline._flow = self._flow.with_components(components)
        return pipeline

    def __reduce__(self) -> tuple[Any, ...]:
        """What was asked for, not the weights: the other process finds them from the same entries."""
        entries, own = (
            tuple(getattr(item, name) for item in self.components) for name in ("entry", "options")
        )
        trained = self._flow.trained
        return restore, (entries, self.options, own, None if trained is None else trained.head)

    def save(self, folder: str | Path) -> None:
        """Write the pipeline into a new folder, with copies of its files; ``nlu.load(path=folder)`` reads it again.

        Args:
            folder: A folder that does not exist yet. It is complete when it appears.

        Raises:
            OptionError: The folder exists, an option is a function, or a classifier that stands in
                cannot be written down.
            NotFittedError: It has something to be trained, which was not.
            MissingExtraError: skops (extra ``train``) is needed for a classifier that stands in.

        Example:
            >>> import nlu_lite as nlu, pathlib, tempfile
            >>> folder = pathlib.Path(tempfile.mkdtemp()) / "minilm"
            >>> nlu.load("en.embed.minilm_l6", stride=9).save(folder)
            >>> nlu.load(path=folder)
            Pipeline('en.embed.minilm_l6' -> minilm_l6, stride=9; float32 on ...)
        """
        trained = self._flow.trained
        models = [(item.entry, item.folder) for item in self.components if item is not trained]
        saved.save(
            Path(folder), models, self.options, None if trained is None else trained.fitted()
        )

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
            data: A text, a list, a Series, a DataFrame or any other accepted kind; never written
                to.
            output_level: ``token`` (the default where a component gives word vectors), ``sentence``
                (otherwise), ``document`` or ``chunk``; after ``fit`` the default is the level that
                was fitted. It decides which rows come back, never the numbers of a word's vector.
            text: The column of a frame that holds the text; without it a column named ``text``,
                else the only text column.
            keep: Carry the caller's other columns: True, False or a list of names. Where a text has
                several rows its column is repeated only if the list names it.
            positions: Add ``begin`` and ``end`` (code points of the caller's text, end inclusive),
                and at token level ``sentence_index`` and ``token_index`` (numbers within the text).
            metadata: Add ``sentence_number`` (within the text), and for each component
                ``piece_count``, ``window_count`` and ``is_unknown`` (whether a piece is the
                vocabulary's unknown one).
            aggregate: How the vectors of a unit's words are joined above token level: ``mean``,
                ``sum``, ``max``, or None for a matrix of shape (words, dimension).
            chunks: For level ``chunk``: a list of phrases, a function from a text to half-open
                spans, or the name of the column that holds each text's phrase or list of phrases.
                Where a component labels words it may be left out: the rows are then the entities.
            progress: True always shows a bar, False never, None when the work is long.
            **unknown: Refused.

        Returns:
            Rows in the caller's order under the caller's index, repeated; a null, empty or blank
            text has one row with a missing unit and None. Vector cells are 1-D float32 arrays of
            shape (dimension,).

        Raises:
            InputTypeError: The data or an item of it is of a kind that is not accepted.
            InputValueError: It is not clear which column holds the text.
            OptionError: An option is outside what is valid.

        Warns:
            UserWarning: The frame will take more than half of the free memory (on Linux; that which
                a container's limit leaves), known before anything is encoded; ``stream`` and
                ``to_parquet`` are for such data.

        Example:
            >>> import nlu_lite as nlu
            >>> pipe = nlu.load("en.embed.minilm_l6")
            >>> pipe.predict(["I love NLP"], output_level="token")["token"].tolist()
            ['I', 'love', 'NLP']
            >>> pipe.predict("I love NLP. Me too!", "sentence")["sentence"].tolist()
            ['I love NLP.', 'Me too!']
        """
        refuse_unknown(unknown, (*_FRAME_OPTIONS, "progress"), where="predict")
        if self._flow.answers:
            from nlu_lite.tasks import answering

            answering.check(output_level, chunks, aggregate)
            asked = answering.read_pairs(data, text)
            result = answering.predict(
                self.components[0],
                self.columns[0],
                asked,
                keep=keep,
                positions=positions,
                metadata=metadata,
                progress=progress,
            )
            result.attrs.update(lineage(self._flow, "document", aggregate))
            return result
        ask = self._flow.ask(output_level, keep, positions, metadata, aggregate, chunks)
        return self._flow.frame_of(read(data, text), ask, progress, warn=True)[0]

    def stream(
        self,
        data: Any,  # noqa: ANN401 - many kinds, see nlu_lite.inputs
        output_level: Level | None = None,
        *,
        rows: int = 10_000,
        text: Hashable | None = None,
        keep: frame.Keep = True,
        positions: bool = False,
        metadata: bool = False,
        aggregate: str | None = "mean",
        chunks: frame.Chunks | None = None,
        **unknown: Never,
    ) -> Iterator[pd.DataFrame]:
        """The frame that ``predict`` would give, a few rows after the other, in memory that does not grow with the input.

        Args:
            data: What ``predict`` takes, an iterator of texts, frames or Arrow record batches, a
                Hugging Face dataset, or the name of a file or a folder: Parquet, CSV, JSON lines
                (``.jsonl``, ``.json``), plain text (a text a line). A text is a name here; to
                encode one, hand over a list.
            output_level: As for ``predict``, and so are the other options.
            rows: Rows of a frame, at most.
            text: The column that holds the text.
            keep: The caller's other columns.
            positions: Add where units stand.
            metadata: Add how they were read.
            aggregate: How words are joined.
            chunks: For level ``chunk``.
            **unknown: Refused.

        Returns:
            The frames in order, under the caller's index or, where the input has none, the running
            number. Nothing is read ahead but a portion of texts, within which they are sorted by
            length.

        Raises:
            InputTypeError: The data or an item of it is of a kind that is not accepted.
            InputValueError: A file cannot be read, or it is not clear which column holds the text.
            OptionError: An option is outside what is valid.

        Example:
            >>> import nlu_lite as nlu
            >>> pipe = nlu.load("en.embed.minilm_l6")
            >>> [len(frame) for frame in pipe.stream((f"text {n}" for n in range(7)), rows=10)]
            [10, 4]
        """
        from nlu_lite.flow import stream
        from nlu_lite.inputs import open_source

        refuse_unknown(unknown, ("rows", *_FRAME_OPTIONS), where="stream")
        self._flow.refuse_answers("stream")
        ask = self._flow.ask(output_level, keep, positions, metadata, aggregate, chunks)
        return stream(self._flow, open_source(data, text), ask, rows)

    def to_parquet(
        self,
        data: Any,  # noqa: ANN401 - many kinds, see nlu_lite.inputs
        folder: str | Path,
        output_level: Level | None = None,
        *,
        text: Hashable | None = None,
        keep: frame.Keep = True,
        positions: bool = True,
        metadata: bool = False,
        aggregate: str | None = "mean",
        chunks: frame.Chunks | None = None,
        part_rows: int = 10_000,
        vectors: Literal["float32", "float16"] = "float32",
        key: Hashable | None = None,
        reuse: str | Path | None = None,
        shard: tuple[int, int] | None = None,
        device: str | Sequence[str] | None = None,
        errors: OnError = "raise",
        filesystem: Any = None,  # noqa: ANN401 - a pyarrow.fs.FileSystem
        progress: bool | None = None,
        **unknown: Never,
    ) -> dict[str, Any]:
        """Write the frame that ``predict`` would give as a folder of Parquet files; interrupted, it goes on where it stopped.

        Each part is a fixed range of the input, encoded by itself, and appears whole under its name
        or not at all. Beside the parts ``_nlu_lite/`` holds ``manifest.json`` (what they are made
        of and by) and ``report.json``. docs/scale.md tells the whole story.

        Args:
            data: As for ``stream``.
            folder: On this machine, or an address such as ``s3://bucket/folder``; new, or begun by
                the same call.
            output_level: As for ``predict``, and so are the other options of the frame.
            text: The column that holds the text.
            keep: The caller's other columns.
            positions: Add where units stand.
            metadata: Add how they were read.
            aggregate: How words are joined; matrices (None above token level) are not written.
            chunks: For level ``chunk``.
            part_rows: Texts of a part.
            vectors: Number format of the vectors, lists of one length: ``float32`` or ``float16``.
            key: The column that says which text is which, for ``reuse``.
            reuse: Another dataset, written with the same ``key``: rows whose key and text are
                unchanged are copied.
            shard: ``(number, count)``: only every count-th part from this one on; each machine has
                its own number.
            device: Several devices that share the parts, such as ``["cuda:0", "cuda:1"]``.
            errors: ``raise`` for a text that cannot be used, or take it as ``null`` and count it in
                the report.
            filesystem: Where ``folder`` and ``reuse`` are paths on a file system of Arrow.
            progress: As for ``predict``.
            **unknown: Refused.

        Returns:
            The report: complete, parts, texts, rows, copied, failures, first_failures, pieces, run
            (the same of this call, with seconds and rates), computed_with (kernel, device, threads,
            versions).

        Raises:
            OutputError: The folder is of another job, is in use, or cannot be written to; finished
                parts are kept.
            InputTypeError: The data or an item of it is of a kind that is not accepted.
            InputValueError: A file cannot be read, or a column changes its type.
            OptionError: An option is outside what is valid.
            MissingExtraError: pyarrow is not installed.

        Example:
            >>> import nlu_lite as nlu, pandas as pd, tempfile
            >>> pipe, folder = nlu.load("en.embed.minilm_l6"), tempfile.mkdtemp()
            >>> pipe.to_parquet(["I love NLP", "Me too"], folder)["rows"]
            5
            >>> pd.read_parquet(folder)["token"].tolist()
            ['I', 'love', 'NLP', 'Me', 'too']
        """
        from nlu_lite.parquet import Settings, to_parquet

        own = {field.name for field in fields(Settings)}
        refuse_unknown(unknown, {*_FRAME_OPTIONS, *own}, where="to_parquet")
        settings = Settings(
            text=text,
            part_rows=part_rows,
            vectors=vectors,
            key=key,
            reuse=reuse,
            shard=shard,
            device=(device,)
            if isinstance(device, str)
            else None
            if device is None
            else tuple(device),
            errors=errors,
            filesystem=filesystem,
            progress=progress,
        )
        self._flow.refuse_answers("to_parquet")
        ask = self._flow.ask(output_level, keep, positions, metadata, aggregate, chunks)
        return to_parquet(self._flow, data, folder, ask, settings)

    def estimate(
        self,
        data: Any,  # noqa: ANN401 - many kinds, see nlu_lite.inputs
        output_level: Level | None = None,
        *,
        text: Hashable | None = None,
        aggregate: str | None = "mean",
        chunks: frame.Chunks | None = None,
        **unknown: Never,
    ) -> Estimate:
        """How large the frame of some data will be and how long it will take, without encoding it all.

        The data is read once from end to end, to count its texts and code points. A random sample
        of its rows (up to 4,096 texts or 250,000 code points, always the same one) is cut into
        words and pieces, and what they are to its code points is taken to hold for the whole.
        Growing groups of the sample are encoded until one takes a second, and that one's pieces a
        second are the rate. It takes seconds, and what is read from files. ``predict`` and
        ``stream`` encode equal texts once, so data with many of them takes less time than the
        estimate says.

        Args:
            data: What ``stream`` takes, but for what can be read only once; a text is the name of a
                file or a folder.
            output_level: As for ``predict``.
            text: The column that holds the text.
            aggregate: How words are joined.
            chunks: For level ``chunk``.
            **unknown: Refused.

        Returns:
            A record of texts, words, pieces (special ones not counted), rows, frame_mb (10**6
            bytes, without the caller's columns), seconds, pieces_per_second and sample_texts. Where
            sample_texts is texts, nothing but the time is estimated.

        Raises:
            InputTypeError: The data can be read only once, or is of a kind that is not accepted.
            InputValueError: A file cannot be read, or it is not clear which column holds the text.
            OptionError: An option is outside what is valid.

        Example:
            >>> import nlu_lite as nlu
            >>> pipe = nlu.load("en.embed.minilm_l6")
            >>> pipe.estimate(["I love NLP"] * 1_000_000)
            Estimate(texts=1000000, words=3000000, pieces=4000000, rows=3000000, frame_mb=5...)
        """
        from nlu_lite.flow import estimate, refuse_iterators
        from nlu_lite.inputs import open_source

        refuse_unknown(unknown, ("output_level", "text", "aggregate", "chunks"), where="estimate")
        refuse_iterators(data)
        self._flow.refuse_answers("estimate")
        ask = self._flow.ask(output_level, False, aggregate=aggregate, chunks=chunks)
        return estimate(self._flow, open_source(data, text), ask)

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
            Shape (texts, dimension), in the caller's order; NaN rows for null, empty and blank
            texts. Of several components the matrices stand side by side.

        Raises:
            InputTypeError: The data or an item of it is of a kind that is not accepted.
            OptionError: A component gives labels.

        Example:
            >>> import nlu_lite as nlu
            >>> nlu.load("en.embed.minilm_l6").encode(["I love NLP", None]).shape
            (2, 384)
        """
        refuse_unknown(unknown, ("text", "progress"), where="encode")
        return self._flow.encode(data, text, progress)

    def fit(
        self,
        data: Any,  # noqa: ANN401 - a table of any accepted kind
        *,
        text: Hashable | None = None,
        y: Hashable = "y",
        output_level: Literal["token", "sentence", "document"] | None = None,
        classifier: Any = None,  # noqa: ANN401 - a classifier of scikit-learn
        progress: bool | None = None,
        **unknown: Never,
    ) -> Self:
        """Learn labels from the vectors (extra ``train``), for a request with ``train.classifier`` or a sister of it.

        Then ``predict`` gives ``train_classifier`` and ``train_classifier_confidence`` beside the
        vectors. Fitting again replaces what was learnt. docs/training.md tells the whole story.

        Args:
            data: A table with a column of texts and one of labels; never written to.
            text: The column of texts; without it a column named ``text``, else the only text column
                but ``y``.
            y: The column of labels: texts, whole numbers, truth values, other numbers or a
                categorical column. ``predict`` gives them back in their own type, whole numbers as
                ``Int64`` and truth values as ``boolean``.
            output_level: What an example is: a ``sentence``, each with its text's label, a whole
                text (``document``), or a word (``token``), for which texts are lists of words and
                labels lists as long. Without it ``token`` for ``train.ner`` and ``train.pos`` and
                where only words have vectors, else ``sentence``.
            classifier: A classifier of scikit-learn to fit, of which a copy is taken; without it
                LogisticRegression, of which only the numbers are kept.
            progress: As in ``predict``.
            **unknown: Refused.

        Returns:
            The pipeline itself.

        Raises:
            InputTypeError: ``data`` is no table, or labels are of several kinds.
            InputValueError: Texts or labels are missing, named by their rows; words and labels of a
                row differ in number; or there is one class only.
            OptionError: The request has nothing to be trained, or an option is outside what is
                valid.
            MissingExtraError: scikit-learn (extra ``train``) is not installed.

        Example:
            >>> import nlu_lite as nlu, pandas as pd
            >>> df = pd.DataFrame({"text": ["good", "great", "bad", "awful"], "y": ["+", "+", "-", "-"]})
            >>> pipe = nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(df)
            >>> pipe.predict(["wonderful", "horrible"])["train_classifier"].tolist()
            ['+', '-']
        """
        from nlu_lite.flow import fit

        refuse_unknown(
            unknown, ("text", "y", "output_level", "classifier", "progress"), where="fit"
        )
        trained = self._flow.trained
        if trained is None:
            requests = " ".join(item.entry.request for item in self.components)
            raise OptionError(
                f"Nothing in {requests!r} is to be trained. Write "
                f"nlu.load({f'{requests} train.classifier'!r}).fit(df), or "
                "nlu.finetune(reference, df) for a whole model."
            )
        name = trained.entry.request
        head = fit(
            self._flow,
            name,
            data,
            text=text,
            y=y,
            level=output_level,
            classifier=classifier,
            progress=progress,
        )
        self._flow.learn(trained, head)
        return self

    def similarity(
        self,
        a: Any,  # noqa: ANN401 - texts of any accepted kind, or a frame
        b: Any = None,  # noqa: ANN401
        *,
        measure: str = "cosine",
        column: Hashable | None = None,
        **unknown: Never,
    ) -> pd.DataFrame:
        """How near each of some texts or rows is to each of others, as a table with their names.

        Args:
            a: Words, sentences or any other data of texts, one vector each as of ``encode``; or a
                frame with vectors, one a row.
            b: Likewise; without it ``a`` is compared with itself.
            measure: ``cosine``, ``dot`` or ``euclidean`` (the distance below zero); larger is
                nearer.
            column: Which vector column, of a pipeline or a frame that has several.
            **unknown: Refused.

        Returns:
            A row for each of ``a``, a column for each of ``b``, named after the texts, or the
            frame's words, sentences, documents or chunks; float32, NaN for null and blank texts.

        Raises:
            OptionError: ``measure`` or ``column`` is none that exists.
            InputValueError: The vectors differ in width, or it is not clear which column is meant.

        Example:
            >>> import nlu_lite as nlu
            >>> nlu.load("en.embed.minilm_l6").similarity(["river", "money"], ["lake", "coins"]).idxmax(axis=1).to_dict()
            {'river': 'lake', 'money': 'coins'}
        """
        from nlu_lite.flow import similarity as nearness

        refuse_unknown(unknown, ("measure", "column"), where="similarity")
        return nearness.similarity(self._flow, a, b, measure=measure, column=column)

    def nearest(
        self,
        df: pd.DataFrame,
        text: str,
        k: int = 10,
        *,
        measure: str = "cosine",
        column: Hashable | None = None,
        **unknown: Never,
    ) -> pd.DataFrame:
        """The rows of a frame whose vectors are nearest to a text's.

        Args:
            df: Words, sentences, documents or chunks with vectors, from ``predict`` of this
                pipeline or of one on the same model: where the model wants a prompt for questions,
                this pipeline has it and the other one has not.
            text: A word or a sentence; its vector is that of ``encode``.
            k: At most so many rows.
            measure: As for ``similarity``.
            column: Which vector column, where there are several.
            **unknown: Refused.

        Returns:
            The nearest first, as in ``df``, with a first column ``similarity``; rows without a
            vector are never among them.

        Raises:
            InputTypeError: ``df`` is no frame, or ``text`` no text.
            InputValueError: It is not clear which column is meant, or its vectors are of another
                width.
            OptionError: ``k``, ``measure`` or ``column`` is outside what is valid.

        Example:
            >>> import nlu_lite as nlu
            >>> pipe = nlu.load("en.embed_sentence.minilm_l6")
            >>> frame = pipe.predict(["The cat sleeps.", "Rates went up."])
            >>> pipe.nearest(frame, "interest at the bank", 1)["sentence"].tolist()
            ['Rates went up.']
        """
        from nlu_lite.flow import similarity as nearness

        refuse_unknown(unknown, ("measure", "column"), where="nearest")
        return nearness.nearest(self._flow, df, text, k, measure=measure, column=column)


def restore(
    entries: tuple[Entry, ...],
    options: Options,
    own: tuple[Options, ...] | None = None,
    head: Head | None = None,
) -> Pipeline:
    """A pipeline of entries, their files found here, the models not read yet.

    Args:
        entries: One a component.
        options: Common to all.
        own: Those of each component, where they differ.
        head: What was learnt, where an entry stands for something to be trained.
    """
    import_tqdm()
    known = registry.current()
    each = own or (options,) * len(entries)
    components: list[Component] = []
    for entry, said in zip(entries, each, strict=True):
        if entry.task == TRAIN:
            from nlu_lite.tasks.head import Trained

            components.append(Trained.on(entry, components, head))
            continue
        folder = weights.locate(entry, known, offline=options.offline, revision=options.revision)
        components.append(Component(infer_task(entry, folder), folder, said))
    return Pipeline(components, options)


def open_pipeline(
    entries: tuple[Entry, ...],
    options: Options,
    component_options: tuple[Options, ...] | None = None,
    head: Head | None = None,
) -> Pipeline:
    """A pipeline of entries, its models read, its options checked against each other and the models.

    Args:
        entries: One a component.
        options: Common to all.
        component_options: Those of each component, where they differ.
        head: What was learnt, where an entry stands for something to be trained.

    Raises:
        NluLiteError: As ``load`` does.
    """
    columns = [options.column] if isinstance(options.column, str) else options.column
    if columns is not None and len(columns) != len(entries):
        raise OptionError(
            f"column names {len(columns)} columns; the request has {len(entries)} components."
        )
    pipeline = restore(entries, options, component_options, head)
    check_tasks([component.entry for component in pipeline.components], options)
    for component in pipeline.components:
        component.plan  # noqa: B018 - reads the model now, so that every fault shows here
    check_labels(pipeline.components, options, pipeline.columns, pipeline.confidences)
    pipeline._flow.segment  # noqa: B018 - and so does whether the rules for text go with the models
    if head is not None:
        head.check_width(pipeline.components[head.component].plan.final_width)
    return pipeline


_FRAME_OPTIONS = ("output_level", "text", "keep", "positions", "metadata", "aggregate", "chunks")
