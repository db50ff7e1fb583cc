"""The calls of a pipeline that learn labels from vectors, and judge what was learnt."""

from __future__ import annotations

from typing import Self

from nlu_lite.common import method_takes
from nlu_lite.flow.examples import ExampleArguments
from nlu_lite.flow.fit import FitArguments, fit_flow
from nlu_lite.flow.owner import FlowOwner
from nlu_lite.flow.score import score_flow
from nlu_lite.inputs import Data


class Learning(FlowOwner):
    """``fit`` and ``score``."""

    @method_takes(FitArguments)
    def fit(self, data: Data, arguments: FitArguments) -> Self:
        """Learn labels from the vectors (extra ``train``), for a request with ``train.classifier``.

        Then ``predict`` gives ``train_classifier`` and ``train_classifier_confidence`` beside the
        vectors. Fitting again replaces what was learnt. docs/training.md tells the whole story.

        Args:
            data: A table with a column of texts and one of labels; or texts, with the labels as
                ``y``. Never written to.
            arguments: The fields of ``FitArguments``.

        Returns:
            The pipeline itself.

        Raises:
            InputTypeError: ``data`` has no labels, or they are of several kinds.
            InputValueError: Texts or labels are missing, named by their rows; words and labels of a
                row differ in number; or there is one class only.
            OptionError: The request has nothing to be trained, or an option is outside what is
                valid.
            MissingExtraError: scikit-learn (extra ``train``) is not installed.

        Example:
            >>> import nlu_lite as nlu, pandas as pd
            >>> texts, labels = ["good", "great", "bad", "awful"], ["+", "+", "-", "-"]
            >>> df = pd.DataFrame({"text": texts, "y": labels})
            >>> pipe = nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(df)
            >>> pipe.predict(["wonderful", "horrible"])["train_classifier"].tolist()
            ['+', '-']
            >>> pipe.fit(texts, labels).score(["wonderful", "horrible"], ["+", "+"])
            0.5
        """
        fit_flow(self.flow, data, arguments)
        return self

    @method_takes(ExampleArguments)
    def score(self, data: Data, arguments: ExampleArguments) -> float:
        """The share of examples that get their label: the accuracy, as scikit-learn's ``score``.

        An example is what it was in ``fit``: a sentence, a text or a word. Where a text has several
        labels, all of them must be given and no others.

        Args:
            data: Texts and labels, as for ``fit``.
            arguments: The fields of ``ExampleArguments``.

        Returns:
            A number from 0 to 1.

        Raises:
            NotFittedError: ``fit`` was not called.
            InputTypeError: ``data`` has no labels, or they are of another kind than those learnt.
            InputValueError: As for ``fit``.
            OptionError: The request has nothing that was trained.

        Example:
            >>> import nlu_lite as nlu, pandas as pd
            >>> df = pd.DataFrame({"text": ["good", "great", "bad", "awful"], "y": [1, 1, 0, 0]})
            >>> pipe = nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(df)
            >>> pipe.score(df)
            1.0
        """
        return score_flow(self.flow, data, arguments)
