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
from nlu_lite.text import SparkSentences, SparkTokenizer

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
        option = facts.OPTION_SETTERS.get(name, "max_length")
        self._owner.pipeline = with_option(self._owner.pipeline, self._number, option, value)
        return self


class RuleSettings:
    """The rules for words or sentences of a pipeline, which NLU calls components too.

    Args:
        owner: Has the pipeline.
        key: What they were asked for by, such as ``default_tokenizer``.
    """

    def __init__(self, owner: PipelineOwner, key: str) -> None:
        self._owner = owner
        self._key = key

    def __repr__(self) -> str:
        """As they were asked for."""
        return f"pipe[{self._key!r}]"

    def __getattr__(self, name: str) -> Callable[[Any], RuleSettings]:
        """A setter; as in Spark NLP it returns what it was called on."""
        if not name.startswith("set"):
            raise AttributeError(f"{self!r} has no {name!r} here; it stands for a rule.")
        return partial(self._set, name)

    def _set(self, name: str, value: Any) -> RuleSettings:  # noqa: ANN401
        setters: dict[str, str] = {}
        for keys, option, factory, names in facts.CUTTERS:
            if not self._key.startswith(keys):
                continue
            setters = names
            if name in names:
                pipeline = self._owner.pipeline
                rule = _changed_rule(pipeline, option, factory, {names[name]: value})
                self._owner.pipeline = pipeline.with_options(**{option: rule})
                return self
        if name not in facts.RULE_SETTERS:
            valid = ", ".join([*setters, *facts.RULE_SETTERS])
            raise UnknownOptionError(f"{self!r}: {name} is not known; valid are {valid}.")
        advice = facts.RULE_SETTERS[name].advice
        parameters.warn_ignored({}, {}, where=repr(self), more={name: f"no effect, {advice}"})
        return self


def _changed_rule(
    pipeline: Pipeline, option: str, factory: str, change: dict[str, Any]
) -> SparkTokenizer | SparkSentences:
    """Spark NLP's rule with one setting changed, and those that were changed before."""
    rule = getattr(pipeline.options, option)
    if factory == "SparkTokenizer":
        tokenizer = rule if isinstance(rule, SparkTokenizer) else SparkTokenizer()
        return replace(tokenizer, **change)
    sentences = rule if isinstance(rule, SparkSentences) else SparkSentences()
    return replace(sentences, **change)


def with_option(pipeline: Pipeline, number: int, option: str, value: Any) -> Pipeline:  # noqa: ANN401
    """A new pipeline, one component of which has another option; a head on its vectors follows.

    Args:
        pipeline: Stays as it is.
        number: The component; of a trained head that of the vectors it reads is meant.
        option: Of ``load``.
        value: Of the option; of ``max_length`` pieces, special ones counted.

    Raises:
        OptionError: The model does not take it.
    """
    components = list(pipeline.components)
    component = components[number]
    if isinstance(component, TrainedComponent):
        number, component = component.number, component.source
    components[number] = replace(component, options=replace(component.options, **{option: value}))
    changed = Pipeline(components, pipeline.options)
    changed.components[number].plan  # noqa: B018 - a value that the model does not take shows here
    values = [getattr(item.options, option) for item in changed.components]
    is_common = all(value == values[number] for value in values)
    return changed.with_options(**{option: value}) if is_common else changed
