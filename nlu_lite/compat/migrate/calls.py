"""Calls of NLU: what becomes of their parameters, and what they give."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nlu_lite.compat import facts
from nlu_lite.compat.migrate.findings import Edit, Outcome
from nlu_lite.compat.migrate.requests import Meaning, meaning
from nlu_lite.compat.migrate.values import Component, Frame, Pipe, Text, Value
from nlu_lite.options import LOAD_OPTIONS

_ADDED_TO_LOAD = dict.fromkeys((*facts.LOAD_ADDED, "task", *LOAD_OPTIONS))


@dataclass(frozen=True)
class Call:
    """A call of NLU.

    Attributes:
        node: The call.
        outcome: Of its statement.
        values: What its arguments stand for.
        folders: The pipelines that were saved so far, by their folders.
    """

    node: ast.Call
    outcome: Outcome
    values: Mapping[ast.expr, Value]
    folders: dict[str | None, Pipe]

    def text(self, argument: ast.expr | None) -> str | None:
        """The text that an argument stands for; None if that is not known, or no text."""
        value = self.values.get(argument) if argument else None
        return value.text if isinstance(value, Text) else None

    def arguments(
        self, function: str, parameters: Mapping[str, facts.Fact | None]
    ) -> dict[str, ast.expr]:
        """Parameter -> what is given for it; wrong and refused ones are noted.

        Args:
            function: Its name, for reasons.
            parameters: What becomes of each, in NLU's order; None where there is no more to know.
        """
        arguments = dict(zip(parameters, self.node.args, strict=False))
        if len(arguments) < len(self.node.args):
            self.outcome.problems.append(f"{function} takes no {len(self.node.args)} arguments")
        for keyword in self.node.keywords:
            arguments[keyword.arg or "**"] = keyword.value
        for name, argument in arguments.items():
            if name == "**" or isinstance(argument, ast.Starred):
                self.outcome.unknowns.append(
                    f"the arguments of {function} are known only when it runs"
                )
                return {}
            self._judge(function, name, argument, parameters)
        return {name: value for name, value in arguments.items() if not _is_none(value)}

    def _judge(
        self,
        function: str,
        name: str,
        argument: ast.expr,
        parameters: Mapping[str, facts.Fact | None],
    ) -> None:
        fact = parameters.get(name)
        is_default = isinstance(argument, ast.Constant) and not argument.value
        if name not in parameters:
            self.outcome.problems.append(
                f"{function} has no parameter {name!r}. Valid: {', '.join(parameters)}"
            )
        elif fact and not is_default:
            self.outcome.judge(f"{function}: {name}", fact, "")


def _is_none(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Constant) and argument.value is None


def load(call: Call) -> Pipe:
    """``nlu.load(...)``."""
    call.outcome.uses_nlu = True
    arguments = call.arguments("load", {**facts.LOAD, **_ADDED_TO_LOAD})
    if "path" in arguments:
        return _load_folder(call, call.text(arguments["path"]))
    if "request" not in arguments:
        if not call.outcome.unknowns:
            call.outcome.problems.append(
                "load names neither a reference nor a path. Nearest: nlu.load('en.embed.minilm_l6')"
            )
        return Pipe()
    request = arguments["request"]
    text = call.text(request)
    if text is None:
        call.outcome.unknowns.append(
            f"the request {call.outcome.unit.source(request)} is known only when it runs. Whatever "
            f'it names that is not served is an error there; with unserved="skip" the rest is '
            f"loaded"
        )
        return Pipe()
    words = meaning(text)
    _judge_request(call, request, words, is_skipping="unserved" in arguments)
    renamed = frozenset() if "names" in arguments else words.renamed
    return Pipe(request=words.request, missing=words.missing, renamed=renamed)


def _load_folder(call: Call, folder: str | None) -> Pipe:
    if folder in call.folders:
        return call.folders[folder]
    call.outcome.unknowns.append(f"a folder that nlu_lite saved is read; {facts.FOLDER}")
    return Pipe()


def _judge_request(call: Call, request: ast.expr, words: Meaning, *, is_skipping: bool) -> None:
    outcome = call.outcome
    needless = [part.reason.rstrip(".") for part in words.refusals if part.is_needless]
    missing = [part.reason.rstrip(".") for part in words.refusals if not part.is_needless]
    if words.fault:
        outcome.problems.append(words.fault)
    elif not words.served:
        outcome.problems += [*missing, *needless]
    elif words.refusals and not is_skipping:
        outcome.missing += missing
        outcome.notes += needless
        if words.is_renaming or not isinstance(request, ast.Constant):
            outcome.edits.append(_appended(call, 'unserved="skip"'))
        else:
            outcome.requote(request, words.request)


def _appended(call: Call, argument: str) -> Edit:
    """One more argument, before the closing parenthesis."""
    unit, node = call.outcome.unit, call.node
    end = unit.span(node)[1] - 1
    last = [*node.args, *(keyword.value for keyword in node.keywords)][-1]
    between = re.sub(r"#.*", "", unit.text[unit.span(last)[1] : end])
    separator = " " if between.rstrip().endswith(",") else ", "
    return Edit(end, end, f"{separator}{argument}")


def _predict(call: Call, pipe: Pipe) -> Frame:
    arguments = call.arguments("predict", facts.PREDICT)
    if "output_level" in arguments:
        _judge_level(call, arguments["output_level"])
    return Frame(pipe.missing, pipe.renamed)


def _judge_level(call: Call, argument: ast.expr) -> None:
    level = call.text(argument)
    valid = f"Valid: {', '.join(facts.LEVELS)}"
    if level is None:
        source = call.outcome.unit.source(argument)
        call.outcome.unknowns.append(f"the level {source} is known only when it runs. {valid}")
        return
    if level in ("", *facts.LEVELS):
        return
    reason = f"output_level={level!r} is no level (NLU gives lists for it). {valid}"
    near = difflib.get_close_matches(level, facts.LEVELS, n=1, cutoff=0.75)
    if near and isinstance(argument, ast.Constant):
        call.outcome.requote(argument, near[0])
        call.outcome.notes.append(reason)
    else:
        call.outcome.problems.append(reason)


def _predict_embeds(call: Call, _pipe: Pipe) -> None:
    call.arguments("predict_embeds", facts.PREDICT_EMBEDS)


def _fit(call: Call, pipe: Pipe) -> Pipe:
    if meaning(pipe.request).learns:
        call.arguments("fit", facts.FIT)
    else:
        request = pipe.request or "en.embed_sentence.minilm_l6"
        call.outcome.problems.append(f"fit: {facts.LEARNING.format(request=request)}")
    return pipe


def _save(call: Call, pipe: Pipe) -> None:
    arguments = call.arguments("save", facts.SAVE)
    component = arguments.get("component")
    if component and call.text(component) != "entire_pipeline":
        call.outcome.problems.append(
            "save: a pipeline is saved as a whole. Nearest: pipe.save(FOLDER)"
        )
    elif "path" in arguments:
        call.folders[call.text(arguments["path"])] = pipe


def _draw(call: Call, _pipe: Pipe) -> None:
    kinds = [keyword.value for keyword in call.node.keywords if keyword.arg == "viz_type"]
    if facts.SIMILARITY not in map(call.text, (*call.node.args[1:2], *kinds)):
        call.outcome.problems.append(f"viz: {facts.DRAWING}")


def _call_as_it_is(_call: Call, _pipe: Pipe) -> None:
    """A method with nothing to look at."""


# Method of a pipeline -> what reads its call.
METHODS: dict[str, Callable[[Call, Pipe], Value]] = {
    **dict.fromkeys(facts.METHODS, _call_as_it_is),
    "predict": _predict,
    "predict_embeds": _predict_embeds,
    "fit": _fit,
    "save": _save,
    "viz": _draw,
}


def component_of(outcome: Outcome, node: ast.Subscript, pipe: Pipe, key: Value) -> Component:
    """What ``pipe[KEY]`` gives.

    A key that is none here becomes the reference where there is only one.

    Args:
        outcome: Of the statement.
        node: The whole.
        pipe: The pipeline.
        key: What ``KEY`` stands for.
    """
    words = meaning(pipe.request)
    name = key.text if isinstance(key, Text) else ""
    if name.startswith(facts.WITHOUT_COMPONENT) or name in words.keys:
        return Component(name, pipe.request)
    if len(words.served) == 1 and isinstance(node.slice, ast.Constant):
        outcome.requote(node.slice, words.request)
        outcome.notes.append(f"{name!r} is Spark NLP's name; a reference names its component")
    else:
        outcome.unknowns.append(
            f"whether a component is called {outcome.unit.source(node.slice)} is known only when "
            f"it runs. Valid: {', '.join(words.keys) or 'the references of the request'}"
        )
    return Component(name, pipe.request)


def set_parameter(call: Call, component: Component, setter: str) -> Component:
    """``pipe[KEY].setX(value)``.

    Args:
        call: The call.
        component: What is set.
        setter: The name.
    """
    value = call.outcome.unit.source(call.node.args[0]) if call.node.args else "..."
    for keys, option, factory, setters in facts.CUTTERS:
        if component.key.startswith(keys) and setter in setters:
            call.outcome.problems.append(
                f"{setter}: options are given to load here. Nearest: "
                f"nlu_lite.load({component.request!r}, "
                f"{option}=nlu_lite.{factory}({setters[setter]}={value}))"
            )
            return component
    is_embedding = not component.key.startswith(facts.WITHOUT_COMPONENT)
    known = facts.SETTERS if is_embedding else facts.NEEDLESS_SETTERS
    call.outcome.judge(setter, known.get(setter), facts.NO_SETTER)
    return component
