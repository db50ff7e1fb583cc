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

_LOAD = facts.LOAD | facts.working(" ".join([*facts.LOAD_ADDED, "task", *LOAD_OPTIONS]))


@dataclass(frozen=True)
class Call:
    """A call of NLU, the outcome of its statement, and what its arguments stand for.

    ``folders`` are those that pipelines were saved in so far.
    """

    node: ast.Call
    outcome: Outcome
    values: Mapping[ast.expr, Value]
    folders: dict[str | None, Pipe]

    def text(self, argument: ast.expr) -> str | None:
        """The text that an argument stands for; None if that is not known, or no text."""
        value = self.values.get(argument)
        return value.text if isinstance(value, Text) else None

    def source(self, argument: ast.expr) -> str:
        """An argument as written."""
        return self.outcome.unit.source(argument)

    def arguments(self, function: str, parameters: facts.Facts) -> dict[str, ast.expr]:
        """Parameter -> what is given for it but None; wrong and refused ones are noted."""
        named = {keyword.arg or "**": keyword.value for keyword in self.node.keywords}
        arguments = dict(zip(parameters, self.node.args, strict=False)) | named
        if "**" in named or any(isinstance(value, ast.Starred) for value in self.node.args):
            self.outcome.unknowns.append(f"the arguments of {function} are known only when it runs")
            return {}
        valid = f"no such parameter. Valid: {', '.join(parameters)}"
        for name, argument in arguments.items():
            if not isinstance(argument, ast.Constant) or argument.value:
                self.outcome.judge(f"{function}: {name}", parameters.get(name), valid)
        return {name: value for name, value in arguments.items() if ast.unparse(value) != "None"}


def load(call: Call) -> Pipe:
    """``nlu.load(...)``."""
    arguments = call.arguments("load", _LOAD)
    match arguments:
        case {"path": path}:
            return _load_folder(call, call.text(path))
        case {"request": request}:
            return _load_request(call, request, arguments)
    if not call.outcome.unknowns:
        call.outcome.problems.append(
            "load names neither a reference nor a path. Nearest: nlu.load('en.embed.minilm_l6')"
        )
    return Pipe()


def _load_folder(call: Call, folder: str | None) -> Pipe:
    if folder not in call.folders:
        call.outcome.unknowns.append(f"a folder that nlu_lite saved is read; {facts.FOLDER}")
    return call.folders.get(folder, Pipe())


def _load_request(call: Call, request: ast.expr, options: Mapping[str, ast.expr]) -> Pipe:
    text = call.text(request)
    if text is None:
        call.outcome.unknowns.append(
            f"the request {call.source(request)} is known only when it runs. Whatever it names "
            f'that is not served is an error there; with unserved="skip" the rest is loaded'
        )
        return Pipe()
    words = meaning(text)
    if words.fault:
        call.outcome.problems.append(words.fault)
    elif words.refusals and "unserved" not in options:
        _leave_out(call, request, words)
    renamed = frozenset() if "names" in options else words.renamed
    return Pipe(words.request, Frame(words.missing, renamed))


def _leave_out(call: Call, request: ast.expr, words: Meaning) -> None:
    """Make a request that can be served out of one that cannot as a whole."""
    for refusal in words.refusals:
        reasons = call.outcome.notes if refusal.is_needless else call.outcome.missing
        reasons.append(refusal.reason.rstrip("."))
    if words.is_renaming or not isinstance(request, ast.Constant):
        call.outcome.edits.append(_appended(call, 'unserved="skip"'))
    else:
        call.outcome.requote(request, words.request)


def _appended(call: Call, argument: str) -> Edit:
    """One more argument, before the closing parenthesis."""
    unit, node = call.outcome.unit, call.node
    end = unit.span(node)[1] - 1
    last = [*node.args, *(keyword.value for keyword in node.keywords)][-1]
    between = re.sub(r"#.*", "", unit.text[unit.span(last)[1] : end])
    separator = " " if between.rstrip().endswith(",") else ", "
    return Edit(end, end, f"{separator}{argument}")


def _predict(call: Call, pipe: Pipe) -> Frame:
    match call.arguments("predict", facts.PREDICT):
        case {"output_level": level}:
            _judge_level(call, level, call.text(level))
    return pipe.frame


def _judge_level(call: Call, argument: ast.expr, level: str | None) -> None:
    if level in ("", *facts.LEVELS):
        return
    valid = f"Valid: {', '.join(facts.LEVELS)}"
    reason = f"output_level={level!r} is no level (NLU gives lists for it). {valid}"
    near = difflib.get_close_matches(level or "", facts.LEVELS, n=1, cutoff=0.75)
    if level is None:
        call.outcome.unknowns.append(
            f"the level {call.source(argument)} is known only when it runs. {valid}"
        )
    elif near and isinstance(argument, ast.Constant):
        call.outcome.requote(argument, near[0])
        call.outcome.notes.append(reason)
    else:
        call.outcome.problems.append(reason)


def _predict_embeds(call: Call, _pipe: Pipe) -> None:
    call.arguments("predict_embeds", facts.PREDICT_EMBEDS)


def _fit(call: Call, pipe: Pipe) -> Pipe:
    words = meaning(pipe.request)
    if words.learns:
        arguments = call.arguments("fit", facts.FIT)
        if "dataset_path" in arguments and not words.labels_words:
            call.outcome.problems.append(f"fit: dataset_path: {facts.FILES_OF_TAGS}")
    else:
        request = pipe.request or "en.embed_sentence.minilm_l6"
        call.outcome.problems.append(f"fit: {facts.LEARNING.format(request=request)}")
    return pipe


def _save(call: Call, pipe: Pipe) -> None:
    match call.arguments("save", facts.SAVE):
        case {"component": component} if call.text(component) != "entire_pipeline":
            call.outcome.problems.append(
                "save: a pipeline is saved as a whole. Nearest: pipe.save(FOLDER)"
            )
        case {"path": path}:
            call.folders[call.text(path)] = pipe


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
    """What ``pipe[KEY]`` gives; a key that is none here becomes the only reference."""
    words = meaning(pipe.request)
    name = key.text if isinstance(key, Text) else ""
    is_named = not {name, name.partition("@")[0]}.isdisjoint(words.keys)
    if name.startswith(facts.WITHOUT_COMPONENT) or is_named:
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
    """``pipe[KEY].setX(value)``."""
    table = facts.SETTERS
    if component.key.startswith(facts.WITHOUT_COMPONENT):
        table = dict(facts.RULE_SETTERS)
        for keys, _, _, setters in facts.CUTTERS:
            if component.key.startswith(keys):
                table |= facts.working(" ".join(setters))
    call.outcome.judge(setter, table.get(setter), facts.NO_SETTER)
    return component
