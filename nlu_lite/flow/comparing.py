"""The calls of a pipeline that say how near texts and rows are to each other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Never

from nlu_lite.common import refuse_unknown
from nlu_lite.flow.owner import FlowOwner
from nlu_lite.flow.similarity import nearest_rows, similarity_table

if TYPE_CHECKING:
    import pandas as pd


class Comparing(FlowOwner):
    """``similarity`` and ``nearest``."""

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
            frame's words, sentences, documents or chunks (the begin of long ones); float32, NaN for
            null and blank texts.

        Raises:
            OptionError: ``measure`` or ``column`` is none that exists.
            InputValueError: The vectors differ in width, or it is not clear which column is meant.

        Example:
            >>> import nlu_lite as nlu
            >>> pipe = nlu.load("en.embed.minilm_l6")
            >>> table = pipe.similarity(["river", "money"], ["lake", "coins"])
            >>> table.idxmax(axis=1).to_dict()
            {'river': 'lake', 'money': 'coins'}
        """
        refuse_unknown(unknown, ("measure", "column"), where="similarity")
        return similarity_table(self.flow, a, b, measure=measure, column=column)

    def nearest(
        self,
        df: pd.DataFrame,
        text: str | Sequence[str],
        k: int = 10,
        *,
        measure: str = "cosine",
        column: Hashable | None = None,
        **unknown: Never,
    ) -> pd.DataFrame:
        """The rows of a frame whose vectors are nearest to a text's, or to those of several.

        Args:
            df: Words, sentences, documents or chunks with vectors, from ``predict`` of this
                pipeline or of one on the same model: where the model wants a prompt for questions,
                this pipeline has it and the other one has not.
            text: A word or a sentence; its vector is that of ``encode``. Or a list of them.
            k: At most so many rows, for each text.
            measure: As for ``similarity``.
            column: Which vector column, where there are several.
            **unknown: Refused.

        Returns:
            The nearest first, as in ``df``, with a first column ``similarity``; rows without a
            vector are never among them. Of a list, one text after the other, and the column
            ``query`` says which.

        Raises:
            InputTypeError: ``df`` is no frame, or ``text`` no text and no list of texts.
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
        refuse_unknown(unknown, ("measure", "column"), where="nearest")
        return nearest_rows(self.flow, df, text, k, measure=measure, column=column)
