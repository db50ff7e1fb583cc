"""Requests that name words and sentences alone: a pipeline without a model, which cuts texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from nlu_lite import registry
from nlu_lite.compat import parameters
from nlu_lite.compat.columns import Column
from nlu_lite.compat.facts import TOKENIZER_KEYS
from nlu_lite.compat.names import LANGUAGES, parts_of
from nlu_lite.compat.pipeline import NLUPipeline
from nlu_lite.frame import SENTENCE, TOKEN
from nlu_lite.options import Options
from nlu_lite.pipeline import Pipeline

_NO_MODEL = (
    "the request names words and sentences alone, and they are found without a model. Nearest: a "
    "reference beside it, as in nlu.load('bert {request}')"
)


class RowPipeline(NLUPipeline):
    """A pipeline of NLU's names for words and sentences, such as ``tokenize``.

    Args:
        references: As typed.
        options: How texts are cut.
    """

    def __init__(self, references: Sequence[str], options: Options) -> None:
        super().__init__(Pipeline([], options), [])
        self._rules = tuple(references)

    @property
    def nlu_ref(self) -> str:
        """The request."""
        return " ".join(self._rules)

    @property
    def lang(self) -> str:
        """The language whose rules cut the texts."""
        return self.pipeline.options.language or "en"

    def predict_embeds(self, *_arguments: object, **_options: object) -> NoReturn:
        """There are no vectors without a model.

        Raises:
            NotServedError: Always.
        """
        self._refuse("predict_embeds")

    def save(self, *_arguments: object, **_options: object) -> NoReturn:
        """There is no model to be saved.

        Raises:
            NotServedError: Always.
        """
        self._refuse("save")

    def viz_streamlit_word_similarity(self, *_arguments: object, **_options: object) -> NoReturn:
        """There are no vectors without a model.

        Raises:
            NotServedError: Always.
        """
        self._refuse("viz")

    viz_streamlit_similarity = viz_streamlit_word_similarity

    def _refuse(self, method: str) -> NoReturn:
        parameters.not_served(f"pipe.{method}", _NO_MODEL.format(request=self.nlu_ref))

    def _default_level(self, columns: Sequence[Column]) -> str:
        """That of the finest thing that is asked for."""
        names = [parts_of(reference)[0] for reference in self._rules]
        has_words = any(name.startswith(TOKENIZER_KEYS) for name in names)
        return TOKEN.name if has_words else SENTENCE.name


def load_rows(request: str, options: Options) -> RowPipeline:
    """The pipeline of a request that ``refusals.names_rows_alone``.

    Args:
        request: As typed.
        options: Those of ``nlu_lite.load``; without a language, that of the first reference.

    Example:
        >>> pipe = load_rows("tokenize", Options())
        >>> pipe.predict("I love NLP")["token"].tolist()
        ['I', 'love', 'NLP']
    """
    names = registry.current().split(request)
    code = names[0].partition(".")[0]
    if options.language is None and code in LANGUAGES:
        options = replace(options, language=code)
    return RowPipeline(names, options)
