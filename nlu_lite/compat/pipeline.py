"""The pipeline that ``compat.load`` gives: NLU's ``fit``, ``predict``, ``save`` and the like."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Never, NoReturn, Self, overload

from nlu_lite import plot
from nlu_lite.common import local_path, refuse_unknown
from nlu_lite.compat import facts, parameters, spark
from nlu_lite.compat.columns import Column, name_columns
from nlu_lite.compat.documents import read_examples, text_column
from nlu_lite.compat.entities import gives_entities
from nlu_lite.compat.named_pipeline import NamedPipeline
from nlu_lite.compat.predict import PredictOptions, find_matrices, predict_answers, predict_rows
from nlu_lite.compat.training_files import read_tagged_words
from nlu_lite.errors import InputTypeError, OptionError
from nlu_lite.frame import DOCUMENT, SENTENCE, TOKEN
from nlu_lite.inputs import is_spark
from nlu_lite.registry import TRAINABLE_SEVERAL, TRAINABLE_TAGGERS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from pyspark.sql import DataFrame as SparkDataFrame


class NLUPipeline(NamedPipeline):
    """A pipeline that answers as NLU's does; made by ``load``."""

    def fit(
        self,
        dataset: Any = None,  # noqa: ANN401 - a table of any accepted kind
        dataset_path: str | None = None,
        label_seperator: str = ",",
    ) -> Self:
        """Learn labels of texts, or of words with ``train.ner`` and ``train.pos``.

        As in NLU an example is a whole text and labels are taken as texts;
        ``nlu_lite.load(...).fit`` has more to choose from.

        Args:
            dataset: A table with the columns ``text`` (else the first one) and ``y`` (else
                ``label`` or ``labels``). For labels of words both hold lists.
            dataset_path: For labels of words: a file in UTF-8 with a word and its tag a line
                (CoNLL 2003, ``train.ner``), or with a sentence of words and tags a line
                (``train.pos``).
            label_seperator: What stands between the labels of a text (``train.multi_classifier``),
                or between a word and its tag (``train.pos``).

        Returns:
            The pipeline itself.

        Raises:
            NotServedError: The request has nothing to be trained.
            InputTypeError: ``dataset`` is no table.
            InputValueError: Texts or labels are missing, or the file cannot be read.
            OptionError: A file is named, and texts are to be labelled.

        Example:
            >>> import nlu_lite.compat as nlu, pandas as pd
            >>> df = pd.DataFrame({"text": ["good", "great", "bad", "awful"], "y": [1, 1, 0, 0]})
            >>> pipe = nlu.load("en.embed_sentence.minilm_l6 train.sentiment").fit(df)
            >>> pipe.predict(["wonderful"], output_level="document")["sentiment"].tolist()
            ['1']
        """
        trained = self.pipeline.flow.trained
        if trained is None:
            advice = facts.LEARNING.format(request="en.embed_sentence.minilm_l6")
            parameters.not_served("pipe.fit", advice)
        name = trained.entry.request
        if name in TRAINABLE_TAGGERS:
            table, labels = self._read_words(name, dataset, dataset_path, label_seperator)
            self.pipeline.fit(table, text=text_column(table), y=labels)
            return self
        if dataset_path is not None:
            raise OptionError(
                f"dataset_path={str(dataset_path)!r:.80} is not possible with {name}, which learns "
                f"from a table: fit(pandas.read_csv(...)). Files are read for "
                f"{' and '.join(TRAINABLE_TAGGERS)}."
            )
        separator = label_seperator if name in TRAINABLE_SEVERAL else None
        table, labels = read_examples(dataset, separator)
        self.pipeline.fit(table, text=text_column(table), y=labels, output_level="document")
        return self

    def _read_words(
        self,
        name: str,
        dataset: Any,  # noqa: ANN401 - a table of any accepted kind
        path: str | None,
        separator: str,
    ) -> tuple[pd.DataFrame, str]:
        """Sentences of words with tags, from a file or a table; and the column of the tags."""
        if path is None:
            return read_examples(dataset)
        is_conll = name != "train.pos"
        return read_tagged_words(path, is_conll=is_conll, separator=separator), "y"

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
        """A frame as NLU 5.4.1 gives it; matrices at levels that are not a component's own.

        Args:
            data: A text, a list, a Series, a DataFrame or any other kind that ``nlu_lite`` takes;
                never written to. Of a DataFrame the column ``text``, else the first one, holds the
                text. A Spark DataFrame is computed on Spark's workers and collected, its index
                Spark's monotonically increasing ids, as in NLU.
            output_level: ``token``, ``sentence``, ``document``, ``chunk`` (an entity a row, where
                a component finds them) or ``relation``; if empty, the last component's own.
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
            >>> pipe = nlu.load("en.embed.minilm_l6")
            >>> frame = pipe.predict(["I love NLP"], output_level="document")
            >>> frame["word_embedding_minilm_l6"][0].shape
            (3, 384)
        """
        refuse_unknown(unknown, facts.PREDICT, where="predict")
        refused = {
            "output_path": output_path,
            "parser_output": parser_output,
            "parser_config": parser_config,
        }
        parameters.refuse(refused, facts.PREDICT, where="predict")
        columns = name_columns(self.pipeline, self.columns)
        options = PredictOptions(
            output_level=output_level or self._default_level(columns),
            positions=positions,
            keep_stranger_features=keep_stranger_features,
            metadata=metadata,
            drop_irrelevant_cols=drop_irrelevant_cols,
            get_embeddings="embed" in self.nlu_ref if get_embeddings is None else get_embeddings,
        )
        ignored = {"multithread": multithread, "partition": partition}
        if return_spark_df or is_spark(data):
            parameters.warn_ignored(ignored, facts.PREDICT, where="predict")
            matrices = find_matrices(columns, options)
            request = spark.SparkRequest(pipe=self, options=options, matrices=matrices)
            return spark.predict(request, data, stays_in_spark=return_spark_df)
        if not self.pipeline.flow.takes_texts:
            parameters.warn_ignored(ignored, facts.PREDICT, where="predict")
            return predict_answers(self.pipeline, columns[0], options, data)
        parameters.warn_ignored(
            ignored, facts.PREDICT, where="predict", more=options.differences(columns)
        )
        return predict_rows(self.pipeline, columns, options, data)

    def _default_level(self, columns: Sequence[Column]) -> str:
        """NLU's level where none is asked for: that of the last component.

        Texts are read as sentences, but as documents where the pipeline was saved.
        """
        if gives_entities(columns[-1]):
            return "chunk"
        if self.components[-1].reads_words:
            return TOKEN.name
        return DOCUMENT.name if self._is_saved else SENTENCE.name

    def predict_embeds(
        self,
        data: Any,  # noqa: ANN401
        multithread: bool = True,
        return_spark_df: bool = False,
        partition: int = 1000,
    ) -> NDArray[np.float32]:
        """One vector a text, of the first sentence component.

        Without one it is the mean of the words of the first component. NLU gives a list of lists,
        and only where a sentence component is.

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
            >>> pipe = nlu.load("en.embed_sentence.minilm_l6")
            >>> pipe.predict_embeds(["I love NLP", "Me too"]).shape
            (2, 384)
        """
        values = {
            "multithread": multithread,
            "return_spark_df": return_spark_df,
            "partition": partition,
        }
        parameters.refuse(values, facts.PREDICT_EMBEDS, where="predict_embeds")
        parameters.warn_ignored(values, facts.PREDICT_EMBEDS, where="predict_embeds")
        models = [item for item in self.components if item.gives_vectors] or self.components
        model = next((item for item in models if not item.reads_words), models[0])
        return self.pipeline.with_components([model]).encode(data, text=text_column(data))

    def save(
        self, path: str | Path, component: str = "entire_pipeline", overwrite: bool = True
    ) -> None:
        """Write the pipeline into a folder, with copies of its files; for ``load(path=folder)``.

        Args:
            path: The folder. An empty one is filled, one that an earlier ``save`` wrote is
                replaced; any other must not exist.
            component: Only ``entire_pipeline``.
            overwrite: False never replaces.

        Raises:
            OptionError: The folder exists and was not written by ``save``, or a single component is
                asked for.
        """
        folder = local_path(path, "a saved pipeline", OptionError)
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
        self.pipeline.save(folder, overwrite=overwrite)

    def viz_streamlit_word_similarity(
        self,
        texts: Sequence[str],
        **layout: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401 - a plotly figure
        """A heat map of the words of two texts by cosine: ``nlu_lite.plot.similarity``.

        NLU draws it into a Streamlit dashboard; here the figure is returned. The vectors are those
        of the first component.

        Args:
            texts: Two texts.
            **layout: Without effect, with a warning.

        Returns:
            A ``plotly.graph_objects.Figure``.

        Raises:
            InputTypeError: ``texts`` are not two texts.
            MissingExtraError: plotly (extra ``plot``) is not installed.
        """
        if isinstance(texts, str) or [isinstance(text, str) for text in texts] != [True, True]:
            raise InputTypeError(
                f"texts is {texts!r}; valid are two texts, such as ('I love NLP', 'I like it')."
            )
        if layout:
            warnings.warn(
                f"No dashboard is made, a figure is returned: {', '.join(layout)} have no effect.",
                UserWarning,
                stacklevel=2,
            )
        return plot.similarity(*texts, pipe=self.pipeline, column=self.pipeline.columns[0])

    viz_streamlit_similarity = viz_streamlit_word_similarity  # its name in NLU's documents

    def viz(self, text_to_viz: Any, viz_type: str = "", **layout: Any) -> Any:  # noqa: ANN401
        """NLU's highlights of one text, which are not served; ``viz_type="similarity"`` takes two.

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

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        """What NLU's pipeline can do and this one cannot says so when called."""
        if name in facts.METHODS:
            return lambda *_args, **_options: parameters.not_served(
                f"pipe.{name}", facts.METHODS[name].advice
            )
        if name in facts.ATTRIBUTES and facts.ATTRIBUTES[name].outcome == "refused":
            raise AttributeError(
                f"NLU's pipe.{name} is not served: {facts.ATTRIBUTES[name].advice}."
            )
        raise AttributeError(f"An NLU pipeline has no {name!r} here.")
