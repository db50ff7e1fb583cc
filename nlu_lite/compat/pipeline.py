"""The pipeline that ``compat.load`` gives: NLU's ``predict``, ``predict_embeds``, ``print_info`` and setters."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Never, NoReturn, Self, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlu_lite import frame
from nlu_lite.catalogue import card
from nlu_lite.compat import facts, parameters
from nlu_lite.compat.columns import Context, Vectors, columns_of, values
from nlu_lite.compat.names import component_names, label_name, name_of_2020
from nlu_lite.compat.settings import LENGTH, Settings
from nlu_lite.errors import InputTypeError, InputValueError, OptionError, UnknownReferenceError
from nlu_lite.frame import Rows
from nlu_lite.inputs import ORIGIN_INDEX, Inputs, as_table, is_spark, read
from nlu_lite.options import refuse_unknown
from nlu_lite.pipeline import Pipeline
from nlu_lite.tasks import Component, saved

if TYPE_CHECKING:
    from pyspark.sql import DataFrame as SparkDataFrame

NAMES = ("current", "2020")
INDEX = ORIGIN_INDEX
_METADATA = "of NLU's keys there are _origin_sentence and _is_OOV; pieces are not numbered"


class NLUPipeline:
    """A pipeline that answers as NLU's does; made by ``load``.

    Args:
        pipeline: What does the work.
        references: What each component was asked for by; names its column.
        names: ``current`` (NLU 3.0.1 and later) or ``2020``.
        skipped: Task and reference of embeddings that were left out: in NLU they have a say in the
            names of the others.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        references: Sequence[str],
        *,
        names: str = "current",
        skipped: Sequence[tuple[str, str]] = (),
    ) -> None:
        if names not in NAMES:
            raise OptionError(f"names is {names!r}; valid are {', '.join(NAMES)}.")
        self.pipeline = pipeline
        self._references = tuple(references)
        self._names = names
        self._skipped = tuple(skipped)

    def __repr__(self) -> str:
        """As of the pipeline inside."""
        return f"NLU{self.pipeline!r}"

    def _repr_html_(self) -> str:
        """As of the pipeline inside."""
        return self.pipeline._repr_html_()

    @property
    def components(self) -> list[Component]:
        """The components, in the order of the request."""
        return self.pipeline.components

    @property
    def nlu_ref(self) -> str:
        """The request, without what was left out."""
        return " ".join(self._references)

    @property
    def lang(self) -> str:
        """The language of the first component."""
        return self.components[0].entry.language or "en"

    @property
    def columns(self) -> list[str]:
        """The names of the columns of vectors and labels, one a component; ``<name>_confidence`` stands beside labels."""
        if self.pipeline.options.column is not None:
            return self.pipeline.columns
        named = list(zip(self.components, self._references, strict=True))
        vectors = [
            (str(item.entry.task), reference) for item, reference in named if not item.gives_labels
        ]
        if self._names == "2020":
            wanted = iter([name_of_2020(reference) for _, reference in vectors])
        else:
            wanted = iter(component_names([*vectors, *self._skipped]))
        return frame.distinct(
            label_name(reference) if item.gives_labels else next(wanted)
            for item, reference in named
        )

    def fit(
        self,
        dataset: Any = None,  # noqa: ANN401 - a table of any accepted kind
        dataset_path: str | None = None,
        label_seperator: str = ",",
    ) -> Self:
        """Learn the labels of texts, for a request with ``train.classifier`` or ``train.sentiment``.

        As in NLU an example is a whole text and labels are taken as texts;
        ``nlu_lite.load(...).fit`` has more to choose from.

        Args:
            dataset: A table with the columns ``text`` (else the first one) and ``y`` (else
                ``label`` or ``labels``).
            dataset_path: Refused (files of Spark NLP's).
            label_seperator: Without effect (several labels a text).

        Returns:
            The pipeline itself.

        Raises:
            NotServedError: The request has nothing to be trained, or a file is named.
            InputValueError: Texts or labels are missing.

        Example:
            >>> import nlu_lite.compat as nlu, pandas as pd
            >>> df = pd.DataFrame({"text": ["good", "great", "bad", "awful"], "y": [1, 1, 0, 0]})
            >>> pipe = nlu.load("en.embed_sentence.minilm_l6 train.sentiment").fit(df)
            >>> pipe.predict(["wonderful"], output_level="document")["trained_sentiment"].tolist()
            ['1']
        """
        if self.pipeline._flow.trained is None or dataset_path is not None:
            parameters.not_served(
                "pipe.fit", facts.LEARNING.format(request="en.embed_sentence.minilm_l6")
            )
        table = as_table(dataset)
        if not isinstance(table, pd.DataFrame):
            raise InputTypeError(
                f"fit takes a DataFrame with the columns text and y, not a "
                f"{type(dataset).__name__}."
            )
        y = next((name for name in ("y", "label", "labels") if name in list(table.columns)), None)
        if y is None:
            raise InputValueError(
                f'Labels stand in a column "y" (or "label", "labels"); the columns are '
                f"{list(table.columns)}."
            )
        # Nulls stay nulls, so that their rows are named.
        table = table.assign(**{y: table[y].map(str, na_action="ignore").astype(object)})
        self.pipeline.fit(table, text=text_column(table), y=y, output_level="document")
        return self

    @overload
    def predict(
        self,
        data: Any,  # noqa: ANN401
        output_level: str | None = "",
        output_path: str = "",
        positions: bool = False,
        keep_stranger_features: bool = True,
        metadata: bool = False,
        multithread: bool = True,
        drop_irrelevant_cols: bool = True,
        return_spark_df: Literal[False] = False,
        get_embeddings: bool | None = True,
        parser_output: bool = False,
        parser_config: str = "",
        partition: int = 1000,
        **unknown: Never,
    ) -> pd.DataFrame: ...

    @overload
    def predict(
        self,
        data: Any,  # noqa: ANN401
        output_level: str | None = "",
        output_path: str = "",
        positions: bool = False,
        keep_stranger_features: bool = True,
        metadata: bool = False,
        multithread: bool = True,
        drop_irrelevant_cols: bool = True,
        *,
        return_spark_df: Literal[True],
        get_embeddings: bool | None = True,
        parser_output: bool = False,
        parser_config: str = "",
        partition: int = 1000,
        **unknown: Never,
    ) -> SparkDataFrame: ...

    @overload
    def predict(
        self,
        data: Any,  # noqa: ANN401
        output_level: str | None = "",
        output_path: str = "",
        positions: bool = False,
        keep_stranger_features: bool = True,
        metadata: bool = False,
        multithread: bool = True,
        drop_irrelevant_cols: bool = True,
        return_spark_df: bool = False,
        get_embeddings: bool | None = True,
        parser_output: bool = False,
        parser_config: str = "",
        partition: int = 1000,
        **unknown: Never,
    ) -> pd.DataFrame | SparkDataFrame: ...

    def predict(
        self,
        data: Any,
        output_level: str | None = "",
        output_path: str = "",
        positions: bool = False,
        keep_stranger_features: bool = True,
        metadata: bool = False,
        multithread: bool = True,
        drop_irrelevant_cols: bool = True,
        return_spark_df: bool = False,
        get_embeddings: bool | None = True,
        parser_output: bool = False,
        parser_config: str = "",
        partition: int = 1000,
        **unknown: Never,
    ) -> pd.DataFrame | SparkDataFrame:
        """A frame as NLU 5.4.1 gives it: its parameters, its column names, matrices at levels that are not a component's own.

        Args:
            data: A text, a list, a Series, a DataFrame or any other kind that ``nlu_lite`` takes;
                never written to. Of a DataFrame the column ``text``, else the first one, holds the
                text. A Spark DataFrame is computed on Spark's workers and collected, its index
                Spark's monotonically increasing ids, as in NLU.
            output_level: ``token``, ``sentence``, ``document``, ``chunk`` or ``relation``; if
                empty, the last component's own.
            output_path: Refused (text recognition).
            positions: Add ``<column>_begin`` and ``<column>_end`` of every component: code points
                of the text, end inclusive; lists where the component is of another level than the
                rows.
            keep_stranger_features: Carry the caller's columns, the text (as ``text``) among them.
            metadata: Add ``_origin_sentence`` and ``_is_OOV``, and what
                ``drop_irrelevant_cols=False`` adds.
            multithread: Without effect.
            drop_irrelevant_cols: False adds what the rows are not: ``document`` (the text),
                ``sentence`` and ``token`` (lists), and ``origin_index``.
            return_spark_df: The same columns as a Spark DataFrame, computed on Spark's workers when
                an action asks for it.
            get_embeddings: False leaves out the vectors; None does unless the request contains
                ``embed``.
            parser_output: Refused (licensed).
            parser_config: Refused (licensed).
            partition: Without effect.
            **unknown: Refused.

        Returns:
            Rows in the caller's order under the caller's index, called ``origin_index``, columns in
            alphabetical order. A component of the rows' level has 1-D float32 cells of shape
            (dimension,); otherwise each row has the matrix of its whole document, of shape (words
            or sentences, dimension). Null, empty and blank texts keep one row, with None.

        Raises:
            OptionError: A parameter is outside what is valid or possible.
            InputTypeError: The data or an item of it is of a kind that is not accepted.

        Example:
            >>> import nlu_lite.compat as nlu
            >>> frame = nlu.load("en.embed.minilm_l6").predict(["I love NLP"], output_level="document")
            >>> frame["word_embedding_minilm_l6"][0].shape
            (3, 384)
        """
        given = {name: value for name, value in locals().items() if name in facts.PREDICT}
        refuse_unknown(unknown, facts.PREDICT, where="predict")
        parameters.refuse(given, facts.PREDICT, where="predict")
        if return_spark_df or is_spark(data):
            return self._by_spark(given)
        more = {"metadata": _METADATA} if metadata else {}
        if self.pipeline._flow.answers:
            return self._answers(
                data,
                output_level,
                positions=positions,
                metadata=metadata,
                keep=keep_stranger_features,
            )
        asked = output_level or ("token" if self._are_words[-1] else "sentence")
        if asked not in facts.LEVELS:
            raise OptionError(f"output_level is {asked!r}; valid are {', '.join(facts.LEVELS)}.")
        if asked in ("chunk", "relation"):
            more["output_level"] = facts.LEVEL_OF_DOCUMENTS.format(level=asked)
        parameters.warn_ignored(given, facts.PREDICT, where="predict", more=more)
        level, all_units = facts.LEVELS[asked], metadata or not drop_irrelevant_cols
        taken_in = taken(data, index_column=all_units)
        vectors = self._vectors(get_embeddings)
        source = self.pipeline if vectors or self.pipeline.confidences else self._units
        found = source.predict(
            taken_in.documents,
            level,  # type: ignore[arg-type]
            aggregate=None,
            positions=positions,
            metadata=True,
        )
        columns = columns_of(
            level,
            found,
            self._units_of(level),
            vectors,
            Context(self._units, taken_in.documents),
            positions=positions,
            metadata=metadata,
            all_units=all_units,
        )
        columns |= self._labels(found)
        document = found.index.to_numpy()
        if all_units:
            columns[INDEX] = taken_in.index.to_flat_index().take(document).to_numpy()
        result = frame.assemble(
            taken_in,
            Rows(document=document, unit=document),
            columns,
            keep=keep_stranger_features,
            repeats_text=False,
        )
        result = result.iloc[:, np.argsort([str(name) for name in result.columns], kind="stable")]
        result.attrs = found.attrs | {
            "columns": " ".join(column.name for column in vectors),
            "level": asked,
        }
        return result

    def predict_embeds(
        self,
        data: Any,  # noqa: ANN401
        multithread: bool = True,
        return_spark_df: bool = False,
        partition: int = 1000,
    ) -> NDArray[np.float32]:
        """One vector a text, of the first sentence component; without one the mean of the words of the first component.

        NLU gives a list of lists, and only where a sentence component is.

        Args:
            data: As for ``predict``.
            multithread: Without effect.
            return_spark_df: Refused.
            partition: Without effect.

        Returns:
            Shape (texts, dimension), in the caller's order; NaN rows for null, empty and blank
            texts.

        Raises:
            OptionError: A Spark frame is asked for.

        Example:
            >>> import nlu_lite.compat as nlu
            >>> nlu.load("en.embed_sentence.minilm_l6").predict_embeds(["I love NLP", "Me too"]).shape
            (2, 384)
        """
        given = {
            "multithread": multithread,
            "return_spark_df": return_spark_df,
            "partition": partition,
        }
        parameters.refuse(given, facts.PREDICT_EMBEDS, where="predict_embeds")
        parameters.warn_ignored(given, facts.PREDICT_EMBEDS, where="predict_embeds")
        some = [item for item in self.components if not item.gives_labels] or self.components
        one = next((item for item in some if not item.reads_words), some[0])
        return self.pipeline.with_components([one]).encode(data, text=text_column(data))

    def save(
        self, path: str | Path, component: str = "entire_pipeline", overwrite: bool = True
    ) -> None:
        """Write the pipeline into a folder, with copies of its files; ``load(path=folder)`` reads it again.

        Args:
            path: The folder. One that an earlier ``save`` wrote is replaced; any other must not
                exist.
            component: Only ``entire_pipeline``.
            overwrite: False never replaces.

        Raises:
            OptionError: The folder exists and was not written by ``save``, or a single component is
                asked for.
        """
        folder = Path(path)
        if component != "entire_pipeline":
            raise OptionError(
                f"component is {component!r}; only 'entire_pipeline' is saved. To save one, load "
                f"it alone."
            )
        if any(item.options != self.pipeline.options for item in self.components):
            raise OptionError(
                "The components have different settings, of which a saved pipeline has one set; "
                "save each alone."
            )
        if not (overwrite and saved.is_saved(folder)):
            self.pipeline.save(folder)
            return
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as room:
            self.pipeline.save(Path(room) / "new")
            folder.rename(Path(room) / "old")
            (Path(room) / "new").rename(folder)
            shutil.rmtree(Path(room) / "old")

    def viz_streamlit_word_similarity(self, texts: Sequence[str], **layout: Any) -> Any:  # noqa: ANN401 - a plotly figure
        """A heat map of the words of two texts by cosine, of the first component: ``nlu_lite.plot.similarity``.

        NLU draws it into a Streamlit dashboard; here the figure is returned.

        Args:
            texts: Two texts.
            **layout: Without effect, with a warning.

        Returns:
            A ``plotly.graph_objects.Figure``.

        Raises:
            InputTypeError: ``texts`` are not two texts.
            MissingExtraError: plotly (extra ``plot``) is not installed.
        """
        from nlu_lite.compat import figures

        return figures.word_similarity(self.pipeline, texts, list(layout))

    viz_streamlit_similarity = viz_streamlit_word_similarity  # its name in NLU's documents

    def viz(self, text_to_viz: Any, viz_type: str = "", **layout: Any) -> Any:  # noqa: ANN401
        """NLU's highlights of one text, which embeddings do not have; ``viz_type="similarity"`` takes two texts.

        Args:
            text_to_viz: Two texts.
            viz_type: ``similarity``.
            **layout: Without effect, with a warning.

        Raises:
            NotServedError: ``viz_type`` is another.
        """
        if viz_type != facts.SIMILARITY:
            parameters.not_served("pipe.viz", facts.DRAWING)
        return self.viz_streamlit_word_similarity(text_to_viz, **layout)

    def keys(self) -> list[str]:
        """The names of the components as NLU gives them: kind of model, ``@``, Spark NLP name."""
        names = []
        for entry in (component.entry for component in self.components):
            kind = {"embed": "embeddings", "embed_sentence": "sentence_embeddings"}.get(
                str(entry.task), str(entry.task)
            )
            model = "_".join(part for part in (entry.architecture, kind) if part)
            names.append(f"{model}@{entry.spark_name or entry.model_name}")
        return frame.distinct(names)

    def __iter__(self) -> Iterator[str]:
        """The keys, as of NLU's pipeline, which is a dict."""
        return iter(self.keys())

    def __len__(self) -> int:
        """How many components."""
        return len(self.components)

    def __getitem__(self, key: str) -> Settings:
        """The settings of a component.

        Args:
            key: One of ``keys()`` or its part before the ``@``; the reference or the column works
                as well.

        Raises:
            UnknownReferenceError: There is none; the message lists the keys.
        """
        names = zip(self.keys(), self._references, self.columns, strict=True)
        found = [
            place
            for place, own in enumerate(names)
            if key in own or own[0].partition("@")[0] == key
        ]
        if len(found) != 1:
            raise UnknownReferenceError(
                f"{len(found)} components are called {key!r}; valid are {', '.join(self.keys())}. "
                f"How tokens and sentences "
                "are found is said in load: words=, sentences=."
            )
        return Settings(self, found[0], key)

    def print_info(self, minimal: bool = True) -> None:
        """Print the settings of each component as lines to copy, and what they are set to.

        Args:
            minimal: False prints what is known about each model as well.
        """
        print(
            "The following parameters are configurable for this NLU pipeline (You can copy paste "
            "the examples) :"
        )
        for key, component in zip(self.keys(), self.components, strict=True):
            longest = self[key].longest
            print(f">>> pipe[{key!r}] has settable params:")
            print(
                f"pipe[{key!r}].setMaxSentenceLength({longest})  | Info: {LENGTH} | Currently set "
                f"to : {longest}"
            )
            if not minimal:
                print(card(component.entry))

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        """What NLU's pipeline can do and this one cannot says so when called."""
        if name in facts.METHODS:
            return lambda *_args, **_options: parameters.not_served(
                f"pipe.{name}", facts.METHODS[name].advice
            )
        if name in facts.ATTRIBUTES:
            raise AttributeError(
                f"NLU's pipe.{name} is not served: {facts.ATTRIBUTES[name].advice}."
            )
        raise AttributeError(f"An NLU pipeline has no {name!r} here.")

    def _by_spark(self, given: dict[str, Any]) -> pd.DataFrame | SparkDataFrame:
        """``predict`` on Spark's workers.

        Args:
            given: The parameters of ``predict``.
        """
        from nlu_lite.compat import spark

        parameters.warn_ignored(given, facts.PREDICT, where="predict")
        names = ("output_level", "positions", "metadata", "drop_irrelevant_cols", "get_embeddings")
        options = {name: given[name] for name in names}
        asked = options["output_level"] or ("token" if self._are_words[-1] else "sentence")
        level = facts.LEVELS.get(asked, asked)
        matrices = {
            column.name: column.words != (level == "token")
            for column in self._vectors(given["get_embeddings"])
        }
        carries, stays = bool(given["keep_stranger_features"]), bool(given["return_spark_df"])
        result: pd.DataFrame | SparkDataFrame = spark.predict(
            self, given["data"], options, matrices, level, carries=carries, stays=stays
        )
        return result

    def __getstate__(self) -> dict[str, Any]:
        """Without what is made when first asked for."""
        return {name: value for name, value in self.__dict__.items() if name != "_units"}

    @property
    def _are_words(self) -> list[bool]:
        return [component.reads_words for component in self.components]

    @cached_property
    def _units(self) -> Pipeline:
        """The same rows without any vector."""
        return self.pipeline.with_components([])

    def _units_of(self, level: str) -> list[str]:
        """What NLU's pipeline finds: sentences where it reads them one at a time, tokens where something needs them."""
        units = ["document"]
        if level != "document":
            units.append("sentence")
        if level == "token" or any(self._are_words):
            units.append("token")
        return units

    def _vectors(self, get_embeddings: bool | None) -> list[Vectors]:
        wanted = "embed" in self.nlu_ref if get_embeddings is None else get_embeddings
        if not wanted:
            return []
        unknown = iter(frame.distinct(["is_unknown"] * sum(self._are_words)))
        named = zip(self.components, self.pipeline.columns, self.columns, strict=True)
        every = [
            (
                item,
                Vectors(source, name, item.reads_words, next(unknown) if item.reads_words else ""),
            )
            for item, source, name in named
        ]
        return [column for item, column in every if not item.gives_labels]

    def _labels(self, found: pd.DataFrame) -> dict[str, Any]:
        """The columns of labels, as ``Pipeline.predict`` has them at the level of the rows, under NLU's names."""
        columns: dict[str, Any] = {}
        for source, name in zip(self.pipeline.columns, self.columns, strict=True):
            if (confidence := self.pipeline.confidences.get(source)) is not None:
                columns[name] = values(found[source])
                columns[frame.confidence_column(name)] = values(found[confidence])
        return columns

    def _answers(
        self, data: Any, level: str | None, *, positions: bool, metadata: bool, keep: bool
    ) -> pd.DataFrame:
        """A row a question; the level is NLU's own, whatever is asked for, as long as it is a level."""
        if level and level not in facts.LEVELS:
            raise OptionError(f"output_level is {level!r}; valid are {', '.join(facts.LEVELS)}.")
        found = self.pipeline.predict(data, positions=positions, metadata=metadata, keep=keep)
        named = {self.pipeline.columns[0]: self.columns[0]}
        return found.rename(
            columns=named
            | {frame.confidence_column(a): frame.confidence_column(b) for a, b in named.items()}
        )


def text_column(data: Any) -> Any:  # noqa: ANN401
    """NLU's rule for the text of a pandas frame: the column ``text``, else the first one; None for anything else."""
    if isinstance(data, pd.DataFrame) and len(data.columns) and "text" not in list(data.columns):
        return data.columns[0]
    return None


def taken(data: Any, *, index_column: bool) -> Inputs:  # noqa: ANN401
    """What the caller has, the index and the text column called as NLU calls them.

    Args:
        data: The caller's.
        index_column: Whether the index stands among the columns too and would be ambiguous under
            the same name.
    """
    first = text_column(data)
    try:
        taken = read(data, first)
    except InputTypeError as error:
        if first is None:
            raise
        raise InputTypeError(
            f'No column is called "text", so as in NLU the first one, {first!r}, is the text. '
            f"{error} Rename the column that "
            'holds the text to "text", or put it first.'
        ) from error
    if not isinstance(taken.index, pd.MultiIndex):
        taken = replace(taken, index=taken.index.rename(None if index_column else INDEX))
    if taken.columns is None:
        return taken
    names = ["text" if name == taken.text_column else name for name in taken.columns.columns]
    renamed = taken.columns.set_axis(pd.Index(names, tupleize_cols=False), axis=1)
    return replace(taken, columns=renamed, text_column="text")
