"""A pipeline with NLU's names: those of its components and of their columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlu_lite import frame
from nlu_lite.catalogue import format_card
from nlu_lite.compat import facts
from nlu_lite.compat.names import (
    component_key,
    component_keys,
    component_names,
    label_name,
    name_of_2020,
)
from nlu_lite.compat.settings import LENGTH, RuleSettings, Settings
from nlu_lite.errors import OptionError, UnknownReferenceError
from nlu_lite.pipeline import Pipeline
from nlu_lite.tasks import Component

NAMES = ("current", "2020")


class NamedPipeline:
    """A pipeline with NLU's names.

    Args:
        pipeline: What does the work.
        references: What each component was asked for by; names its column.
        names: ``current`` (NLU 3.0.1 and later) or ``2020``.
        skipped: Task and reference of embeddings that were left out: in NLU they have a say in the
            names of the others.
        is_saved: Whether it comes from a folder that ``save`` wrote.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        references: Sequence[str],
        *,
        names: str = "current",
        skipped: Sequence[tuple[str, str]] = (),
        is_saved: bool = False,
    ) -> None:
        if names not in NAMES:
            raise OptionError(f"names is {names!r}; valid are {', '.join(NAMES)}.")
        self.pipeline = pipeline
        self._references = tuple(references)
        self._names = names
        self._skipped = tuple(skipped)
        self._is_saved = is_saved

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
        """The columns of vectors, labels and texts, one a component.

        Those of labels have ``<name>_confidence`` beside them.
        """
        if self.pipeline.options.column is not None:
            return self.pipeline.columns
        names = iter(self._vector_names())
        return frame.distinct(
            next(names) if component.gives_vectors else label_name(reference, self._names)
            for component, reference in self._requests()
        )

    def _vector_names(self) -> list[str]:
        """The columns of the components that give vectors."""
        models = [
            (str(component.entry.task), reference)
            for component, reference in self._requests()
            if component.gives_vectors
        ]
        if self._names == "2020":
            return [name_of_2020(reference) for _, reference in models]
        return component_names([*models, *self._skipped])

    def _requests(self) -> list[tuple[Component, str]]:
        """Each component and what it was asked for by."""
        return list(zip(self.components, self._references, strict=True))

    def keys(self) -> list[str]:
        """The names of the components as NLU gives them: kind of model, ``@``, Spark NLP name."""
        return frame.distinct(component_key(component.entry) for component in self.components)

    def __iter__(self) -> Iterator[str]:
        """The keys, as of NLU's pipeline, which is a dict."""
        return iter(self.keys())

    def __len__(self) -> int:
        """How many components."""
        return len(self.components)

    def __getitem__(self, key: str) -> Settings | RuleSettings:
        """The settings of a component, or of a rule for words or sentences.

        Args:
            key: One of ``keys()`` or its part before the ``@``, whatever is behind that; the
                reference, the column and NLU's other names work as well.

        Raises:
            UnknownReferenceError: There is none; the message lists the keys.
        """
        keys = self.keys()
        numbers = self._numbers(key, keys)
        if not numbers and key.startswith(facts.WITHOUT_COMPONENT):
            return RuleSettings(self, key)
        if len(numbers) != 1:
            raise UnknownReferenceError(
                f"{len(numbers)} components are called {key!r}; valid are {', '.join(keys)}. "
                "How tokens and sentences are found is said in load: words=, sentences=."
            )
        return Settings(self, numbers[0], key)

    def _numbers(self, key: str, keys: Sequence[str]) -> list[int]:
        """The components that a key names: as it stands, else by its part before the ``@``.

        What is behind the ``@`` is in NLU's notebooks often a number of one run of Spark.
        """
        names = [
            {own_key, reference, column, *component_keys(component.entry)}
            for own_key, reference, column, component in zip(
                keys, self._references, self.columns, self.components, strict=True
            )
        ]
        numbers = [number for number, same in enumerate(names) if key in same]
        kind, sign, _ = key.partition("@")
        if numbers or not sign:
            return numbers
        return [number for number, same in enumerate(names) if kind in same]

    def print_info(self, minimal: bool = True) -> None:
        """Print the settings of each component as lines to copy, and what they are set to.

        Args:
            minimal: False prints what is known about each model as well.
        """
        print(
            "The following parameters are configurable for this NLU pipeline (You can copy paste "
            "the examples) :"
        )
        for number, (key, component) in enumerate(zip(self.keys(), self.components, strict=True)):
            longest = Settings(self, number, key).longest
            print(f">>> pipe[{key!r}] has settable params:")
            print(
                f"pipe[{key!r}].setMaxSentenceLength({longest})  | Info: {LENGTH} | Currently set "
                f"to : {longest}"
            )
            if not minimal:
                print(format_card(component.entry))
