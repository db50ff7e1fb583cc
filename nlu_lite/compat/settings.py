"""Spark NLP's setters on one component of a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from nlu_lite.compat import facts, parameters
from nlu_lite.errors import OptionError, UnknownOptionError
from nlu_lite.pipeline import Pipeline
from nlu_lite.tasks import Component
from nlu_lite.tasks.head import TrainedComponent

LENGTH = "pieces that the model reads at once, special ones counted; longer text is read in windows"


class PipelineOwner(Protocol):
    """Whoever has a pipeline and takes another in its place."""

    pipeline: Pipeline


class Settings:
    """One component of a pipeline, and Spark NLP's setters.

    Args:
        owner: Has the pipeline.
        number: Which of the pipeline's components.
        name: What it was asked for by.
    """

    def __init__(self, owner: PipelineOwner, number: int, name: str) -> None:
        self._owner = owner
        self._number = number
        self._name = name

    def __repr__(self) -> str:
        """As it was asked for."""
        return f"pipe[{self._name!r}]"

    @property
    def component(self) -> Component:
        """The component: entry, files, model."""
        return self._owner.pipeline.components[self._number]

    @property
    def longest(self) -> int | None:
        """Pieces that the model reads at once, special ones counted; None without a bound."""
        plan = self.component.plan
        return None if plan.room is None else plan.room + plan.loaded.tokenizer.specials

    def __getattr__(self, name: str) -> Callable[[Any], Settings]:
        """A setter; as in Spark NLP it returns the component it was called on."""
        if not name.startswith("set"):
            raise AttributeError(
                f"A component has no {name!r} here; .component.model is its transformers model."
            )
        return partial(self._set, name)

    def _set(self, name: str, value: Any) -> Settings:  # noqa: ANN401
        if name not in facts.SETTERS:
            setters = facts.SETTERS.values()
            served = [fact.name for fact in setters if fact.outcome in ("works", "no effect")]
            raise UnknownOptionError(
                f"{self!r}: {name} is not known; valid are {', '.join(served)}."
            )
        fact = facts.SETTERS[name]
        if fact.outcome in ("needless", "refused"):
            raise OptionError(f"{name}({value!r}) is not possible: {fact.advice}.")
        if fact.outcome == "no effect":
            parameters.warn_ignored(
                {}, {}, where=repr(self), more={name: f"no effect, {fact.advice}"}
            )
            return self
        self._owner.pipeline = with_max_length(self._owner.pipeline, self._number, value)
        return self


def with_max_length(pipeline: Pipeline, number: int, max_length: int) -> Pipeline:
    """A new pipeline, one component of which reads other lengths; a head on its vectors follows.

    Args:
        pipeline: Stays as it is.
        number: The component; of a trained head that of the vectors it reads is meant.
        max_length: In pieces, special ones counted.

    Raises:
        OptionError: The model does not take this length.
    """
    components = list(pipeline.components)
    component = components[number]
    if isinstance(component, TrainedComponent):
        number, component = component.number, component.source
    components[number] = replace(
        component, options=replace(component.options, max_length=max_length)
    )
    changed = Pipeline(components, pipeline.options)
    changed.components[number].plan  # noqa: B018 - a length that the model does not have shows here
    lengths = {item.options.max_length for item in changed.components}
    return changed.with_options(max_length=max_length) if len(lengths) == 1 else changed
