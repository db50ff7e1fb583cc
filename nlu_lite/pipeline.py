"""``Pipeline``: what can be asked of models once they are loaded; `nlu_lite.flow` does it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

from nlu_lite.common import Floats, local_path, method_takes, refuse_unknown
from nlu_lite.errors import OptionError
from nlu_lite.flow import (
    Comparing,
    Estimate,
    EstimateArguments,
    Flow,
    Learning,
    PredictArguments,
    StreamArguments,
    check_column_count,
    check_flow,
    find_components,
    html_card,
    measure_estimate,
    refuse_iterators,
    stream_frames,
)
from nlu_lite.inputs import Data, open_source
from nlu_lite.options import LOAD_OPTIONS, Options
from nlu_lite.parquet import ParquetArguments
from nlu_lite.registry import Entry
from nlu_lite.tasks import Component, save_pipeline
from nlu_lite.tasks.head import Head

if TYPE_CHECKING:
    import pandas as pd


class Pipeline(Comparing, Learning):
    """Models that turn texts into frames of words and vectors; made by ``load``.

    Args:
        components: The models, in the order asked for.
        options: Common to all of them.
    """

    def __init__(self, components: list[Component], options: Options) -> None:
        super().__init__(Flow(components, options))

    @property
    def components(self) -> list[Component]:
        """The models, in the order asked for; each has ``entry``, ``model``, ``tokenizer``."""
        return self.flow.components

    @property
    def options(self) -> Options:
        """What is common to all models."""
        return self.flow.options

    @property
    def columns(self) -> list[str]:
        """The columns of vectors and labels, one a component; ``confidences`` has those beside."""
        return self.flow.columns

    @property
    def confidences(self) -> dict[str, str]:
        """The name of each column of labels, and of the column of their confidences."""
        return self.flow.confidences

    def __repr__(self) -> str:
        """The request, what it means, options that are not defaults, what models compute with."""
        models = ", ".join(f"{item.entry.request!r} -> {item.summary}" for item in self.components)
        changed = "".join(f", {name}={value!r}" for name, value in self.options.changed().items())
        computes = [item.plan.loaded.computes for item in self.components if item.is_read]
        machine = f"; {', '.join(dict.fromkeys(computes))}" if computes else ""
        return f"Pipeline({models}{changed}{machine})"

    def _repr_html_(self) -> str:
        """A card for notebooks."""
        return html_card(self.flow)

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
        entries, options, component_options, head = self._parts()
        return open_pipeline(
            entries,
            replace(options, **changes),
            tuple(replace(options_of_one, **changes) for options_of_one in component_options),
            head,
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
        pipeline._flow = self.flow.with_components(components)
        return pipeline

    def __reduce__(self) -> tuple[Any, ...]:
        """What was asked for, not the weights: the other process finds them by the same entries."""
        return restore, self._parts()

    def _parts(self) -> tuple[Any, ...]:
        """What ``restore`` takes, to make the same pipeline."""
        entries = tuple(item.entry for item in self.components)
        component_options = tuple(item.options for item in self.components)
        trained = self.flow.trained
        return entries, self.options, component_options, trained.head if trained else None

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write the pipeline and copies of its files into a folder, for ``nlu.load(path=)``.

        Args:
            folder: A folder of this machine that does not exist yet. It is complete when it
                appears.
            overwrite: Replace the folder, if it holds a saved pipeline or nothing.

        Raises:
            OptionError: The folder exists, and may not be replaced, or is on another system; an
                option is a function; or a classifier that stands in cannot be written down.
            NotFittedError: It has something to be trained, which was not.
            MissingExtraError: skops (extra ``train``) is needed for a classifier that stands in.

        Example:
            >>> import nlu_lite as nlu, pathlib, tempfile
            >>> folder = pathlib.Path(tempfile.mkdtemp()) / "minilm"
            >>> nlu.load("en.embed.minilm_l6", stride=9).save(folder)
            >>> nlu.load(path=folder)
            Pipeline('en.embed.minilm_l6' -> minilm_l6, stride=9; float32 on ...)
        """
        target = local_path(folder, "a saved pipeline", OptionError)
        trained = self.flow.trained
        models = [(item.entry, item.folder) for item in self.components if item is not trained]
        head = trained.fitted() if trained else None
        save_pipeline(target, models, self.options, head, overwrite=overwrite)

    @method_takes(PredictArguments)
    def predict(self, data: Data, arguments: PredictArguments) -> pd.DataFrame:
        """A frame with a row a word, sentence, document or chunk, and their vectors.

        Args:
            data: A text, a list, a Series, a DataFrame or another accepted kind; never written to.
            arguments: The fields of ``PredictArguments``.

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
        options = self.flow.frame_options(arguments)
        inputs = self.flow.read(data, arguments.text)
        return self.flow.frame_of(inputs, options, arguments.progress, warn=True)[0]

    @method_takes(StreamArguments)
    def stream(self, data: Data, arguments: StreamArguments) -> Iterator[pd.DataFrame]:
        """The frame that ``predict`` would give, a few rows after the other, in bounded memory.

        Args:
            data: What ``predict`` takes, an iterator of texts, frames or Arrow record batches, a
                Hugging Face dataset, or the name of a file or a folder: Parquet, CSV, JSON lines
                (``.jsonl``, ``.json``), plain text (a text a line). A text is a name here; to
                encode one, hand over a list.
            arguments: The fields of ``StreamArguments``.

        Returns:
            The frames in order, under the caller's index or, where the input has none, the running
            number. Nothing is read ahead but a window of texts, within which they are sorted by
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
        self.flow.refuse_pairs("stream")
        options = self.flow.frame_options(arguments)
        source = open_source(data, arguments.text, file_arguments=arguments)
        return stream_frames(self.flow, source, options, arguments.rows)

    @method_takes(ParquetArguments)
    def to_parquet(self, data: Data, arguments: ParquetArguments) -> dict[str, Any]:
        """Write the frame that ``predict`` would give as a folder of Parquet files, resumably.

        Interrupted and called again, it goes on where it stopped.

        Each part is a fixed range of the input, encoded by itself, and appears whole under its name
        or not at all. Beside the parts ``_nlu_lite/`` holds ``manifest.json`` (what they are made
        of and by) and ``report.json``. docs/scale.md tells the whole story.

        Args:
            data: As for ``stream``.
            arguments: The fields of ``ParquetArguments``.

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
        from nlu_lite.parquet import to_parquet

        self.flow.refuse_pairs("to_parquet")
        options = self.flow.frame_options(arguments)
        return to_parquet(self.flow, data, arguments.folder, options, arguments)

    @method_takes(EstimateArguments)
    def estimate(self, data: Data, arguments: EstimateArguments) -> Estimate:
        """How large the frame of some data will be and how long it will take.

        The data is read once from end to end, to count its texts and code points. A random sample
        of its rows (up to 4,096 texts or 250,000 code points, always the same one) is cut into
        words and pieces, and what they are to its code points is taken to hold for the whole.
        Groups of the sample are encoded, the next one twice as large, until one takes half a
        second; then more of that size, until the rates of three in a row differ by a fifth at most.
        These three give the rate, and ``spread`` says by how much they differ. It takes seconds,
        and what is read from files. ``predict`` and
        ``stream`` encode equal texts once, so data with many of them takes less time than the
        estimate says.

        Args:
            data: What ``stream`` takes, but for what can be read only once; a text is the name of a
                file or a folder.
            arguments: The fields of ``EstimateArguments``.

        Returns:
            A record of texts, words, pieces (special ones not counted), rows, frame_mb (10**6
            bytes, without the caller's columns), seconds, pieces_per_second, spread and
            sample_texts. Where sample_texts is texts, nothing but the time is estimated.

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
        refuse_iterators(data)
        self.flow.refuse_pairs("estimate")
        options = self.flow.frame_options(arguments.frame_arguments())
        source = open_source(data, arguments.text, file_arguments=arguments)
        return measure_estimate(self.flow, source, options)

    def encode(
        self,
        data: Data,
        *,
        text: Hashable | None = None,
        progress: bool | None = None,
        **unknown: Never,
    ) -> Floats:
        """One vector a text: a sentence component's own, a word component's mean over the words.

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
        return self.flow.encode(data, text, progress)


def restore(
    entries: tuple[Entry, ...],
    options: Options,
    component_options: tuple[Options, ...] | None = None,
    head: Head | None = None,
) -> Pipeline:
    """A pipeline of entries, their files found here, the models not read yet.

    Args:
        entries: One a component.
        options: Common to all.
        component_options: Those of each component, where they differ.
        head: What was learnt, where an entry stands for something to be trained.
    """
    options_of_each = component_options or (options,) * len(entries)
    return Pipeline(find_components(entries, options_of_each, head), options)


def open_pipeline(
    entries: tuple[Entry, ...],
    options: Options,
    component_options: tuple[Options, ...] | None = None,
    head: Head | None = None,
) -> Pipeline:
    """The same, its models read, its options checked against each other and the models.

    Raises:
        NluLiteError: As ``load`` does.
    """
    check_column_count(options, len(entries))
    pipeline = restore(entries, options, component_options, head)
    check_flow(pipeline.flow)
    return pipeline
