"""Calls of NLU: what becomes of their parameters, and what they give."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from nlu_lite.compat import facts
from nlu_lite.compat.migrate import nlu_names
from nlu_lite.compat.migrate.requests import Meaning, meaning, nlu_columns, old_columns
from nlu_lite.compat.migrate.statement import Edit, quoted, source, span
from nlu_lite.compat.migrate.values import Component, Frame, Function, Method, Pipe, Texts, Value
from nlu_lite.registry import TRAINABLE_CLASSIFIERS

if TYPE_CHECKING:
    from nlu_lite.compat.migrate.expressions import Evaluator
    from nlu_lite.registry import Entry

# Values of the arguments of a call, by the identity of their nodes.
Values = Mapping[int, Value]


def of_function(at: Evaluator, call: ast.Call, function: Function, values: Values) -> Value:
    """What a call of one of the module's functions gives."""
    fact = facts.FUNCTIONS.get(function.name)
    if fact is not None and fact.outcome == "needless":
        at.outcome.needless.append(f"{function.name}: {fact.advice}")
    return _load(at, call, values) if function.name == "load" else None


def of_method(at: Evaluator, call: ast.Call, method: Method, values: Values) -> Value:
    """What a call of a method of a pipeline, or of one of its components, gives."""
    if isinstance(method.owner, Component):
        return _set(at, call, method, method.owner)
    match method.name:
        case "predict":
            return _predict(at, call, method.owner, values)
        case "predict_embeds":
            _arguments(at, call, facts.PREDICT_EMBEDS, where="predict_embeds")
            return None
        case "viz":
            _draw(at, call, method.owner, values)
            return None
        case "fit":
            return _fit(at, call, method.owner)
        case "save":
            return _save(at, call, values)
    return None


def _arguments(
    at: Evaluator,
    call: ast.Call,
    parameters: facts.Facts,
    *,
    where: str,
    added: tuple[str, ...] = (),
) -> dict[str, ast.expr]:
    """Parameter -> what is given for it; wrong and refused ones are noted."""
    names = list(parameters)
    given: dict[str, ast.expr] = {}
    for place, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            at.outcome.unknowns.append(
                f"the arguments {source(at.outcome.unit, argument)} are known only when it runs"
            )
            break
        if place >= len(names):
            at.outcome.problems.append(f"{where} takes no {place + 1} arguments")
            break
        given[names[place]] = argument
    for keyword in call.keywords:
        if keyword.arg is None:
            at.outcome.unknowns.append(
                f"the arguments **{source(at.outcome.unit, keyword.value)} are known only when it "
                f"runs"
            )
            continue
        name = facts.RENAMED.get(keyword.arg, keyword.arg)
        if name != keyword.arg:
            begin, _ = span(at.outcome.unit, keyword)
            at.outcome.edits.append(Edit(begin, begin + len(keyword.arg), name))
            at.outcome.notes.append(f"{keyword.arg} is called {name}")
        elif name not in names and name not in added:
            at.outcome.problems.append(
                f"{where} has no parameter {name!r}. Valid: {', '.join(names)}"
            )
        given[name] = keyword.value
    for name in given:
        fact = parameters.get(name)
        if fact is None or fact.outcome != "refused":
            continue
        value = given[name]
        if not (isinstance(value, ast.Constant) and not value.value):
            at.outcome.problems.append(f"{where}: {name}: {fact.advice}")
    return given


def _load(at: Evaluator, call: ast.Call, values: Values) -> Value:
    added = (*facts.LOAD_ADDED, "language")
    given = _arguments(at, call, facts.LOAD, where="load", added=added)
    at.outcome.used = True
    path, request = given.get("path"), given.get("request")
    if path is not None and not (isinstance(path, ast.Constant) and path.value is None):
        where = values[id(path)]
        if not (isinstance(where, Texts) and where.values <= at.scope.saved):
            at.outcome.problems.append(f"path=: {facts.FOLDER}")
        else:
            at.outcome.notes.append("the folder is one that this code saves")
        return Pipe(None)
    if request is None:
        if not any(keyword.arg is None for keyword in call.keywords) and not any(
            isinstance(a, ast.Starred) for a in call.args
        ):
            at.outcome.problems.append(
                "load names neither a reference nor a path. Nearest: nlu.load('en.embed.minilm_l6')"
            )
        return Pipe(None)
    texts = values[id(request)]
    if not isinstance(texts, Texts):
        shown = source(at.outcome.unit, request)
        at.outcome.unknowns.append(
            f"the request {shown} is known only when it runs. Whatever it names that is not served "
            f"is an error there; with "
            'unserved="skip" the rest is loaded'
        )
        return Pipe(None)
    return _requested(at, call, request, sorted(texts.values), is_skipping="unserved" in given)


def _requested(
    at: Evaluator, call: ast.Call, request: ast.expr, texts: list[str], *, is_skipping: bool
) -> Pipe:
    found = [meaning(text) for text in texts]
    columns = frozenset(column for each in found for lost in each.lost for column in lost.columns)
    pipe = Pipe(frozenset(each.request for each in found), columns)
    for text, each in zip(texts, found, strict=True):
        _judge(at, each, text if len(texts) > 1 else "")
    dropped = [part for each in found for part in each.parts if part.entry is None]
    if at.outcome.problems or not dropped or is_skipping:
        return pipe
    at.outcome.lost += [part.why for each in found for part in each.lost]
    at.outcome.notes += [part.why for part in dropped if part.is_given]
    if isinstance(request, ast.Constant) and not found[0].names_change:
        begin, end = span(at.outcome.unit, request)
        written = at.outcome.unit.text[begin:end]
        at.outcome.edits.append(Edit(begin, end, quoted(found[0].request, written)))
    else:
        at.outcome.edits.append(_appended(at, call, 'unserved="skip"'))
    return pipe


def _appended(at: Evaluator, call: ast.Call, argument: str) -> Edit:
    """One more argument, before the closing parenthesis."""
    end = span(at.outcome.unit, call)[1] - 1
    last = call.keywords[-1] if call.keywords else call.args[-1]
    between = re.sub(r"#.*", "", at.outcome.unit.text[span(at.outcome.unit, last)[1] : end])
    return Edit(end, end, f" {argument}" if between.rstrip().endswith(",") else f", {argument}")


def _judge(at: Evaluator, found: Meaning, of: str) -> None:
    before = f"with the request {of!r}: " if of else ""
    if found.fault:
        at.outcome.problems.append(before + found.fault)
    elif not found.served:
        at.outcome.problems += [before + part.why for part in found.parts]


def _predict(at: Evaluator, call: ast.Call, pipe: Pipe, values: Values) -> Value:
    given = _arguments(at, call, facts.PREDICT, where="predict")
    level = given.get("output_level")
    if level is not None:
        _level(at, level, values[id(level)])
    columns: tuple[tuple[str, str], ...] = ()
    if pipe.requests is not None and len(pipe.requests) == 1:
        entries = tuple(
            part.entry for part in meaning(min(pipe.requests)).served if part.entry is not None
        )
        pairs = zip(old_columns(entries), nlu_columns(entries), strict=True)
        columns = tuple((old, new) for old, new in pairs if old != new)
    return Frame(pipe.missing, columns)


def _draw(at: Evaluator, call: ast.Call, pipe: Pipe, values: Values) -> None:
    words = {keyword.arg: keyword.value for keyword in call.keywords}
    kind = words.get("viz_type", call.args[1] if len(call.args) > 1 else None)
    if kind is None or values.get(id(kind)) != Texts(frozenset({facts.SIMILARITY})):
        at.outcome.problems.append(f"viz: {facts.DRAWING}")


def _level(at: Evaluator, level: ast.expr, value: Value) -> None:
    if not isinstance(value, Texts):
        at.outcome.unknowns.append(
            f"the level {source(at.outcome.unit, level)} is known only when it runs. Valid: "
            f"{', '.join(facts.LEVELS)}"
        )
        return
    for text in sorted(value.values):
        meant, why = nlu_names.level_fault(text)
        if facts.LEVELS.get(text, text) != text:
            at.outcome.notes.append(facts.LEVEL_OF_DOCUMENTS.format(level=text))
        if not why:
            continue
        if meant and isinstance(level, ast.Constant):
            at.outcome.replace(level, quoted(meant, source(at.outcome.unit, level)))
            at.outcome.notes.append(why)
        else:
            at.outcome.problems.append(why)


def _fit(at: Evaluator, call: ast.Call, pipe: Pipe) -> Value:
    learns = any(
        name in TRAINABLE_CLASSIFIERS for request in pipe.requests or () for name in request.split()
    )
    if learns and (call.args or call.keywords):
        _arguments(at, call, facts.FIT, where="fit")
        return pipe
    if call.args or call.keywords:
        request = min(pipe.requests or {""}) or "en.embed_sentence.minilm_l6"
        at.outcome.problems.append(f"fit: {facts.LEARNING.format(request=request)}")
        return None
    assert isinstance(call.func, ast.Attribute), "a method"
    # From the dot on: what is before it may stand in parentheses.
    dot = at.outcome.unit.text.rindex(".", 0, span(at.outcome.unit, call.func)[1])
    at.outcome.edits.append(Edit(dot, span(at.outcome.unit, call)[1], ""))
    at.outcome.notes.append("fit without data trains nothing")
    return pipe


def _save(at: Evaluator, call: ast.Call, values: Values) -> Value:
    given = _arguments(at, call, facts.SAVE, where="save")
    component = given.get("component")
    if component is not None and values[id(component)] != Texts(frozenset({"entire_pipeline"})):
        at.outcome.problems.append(
            "save: a pipeline is saved as a whole. Nearest: pipe.save(FOLDER)"
        )
    where = values.get(id(given.get("path")))
    if isinstance(where, Texts) and not at.outcome.problems:
        at.scope.saved |= where.values
    return None


def component_of(at: Evaluator, node: ast.Subscript, pipe: Pipe, key: Value) -> Component:
    """What ``pipe[KEY]`` gives; a key of NLU's that is none here becomes the reference where there is only one."""
    if not isinstance(key, Texts) or len(key.values) != 1:
        at.outcome.unknowns.append(
            f"the key {source(at.outcome.unit, node.slice)} is known only when it runs"
        )
        return Component("", pipe.requests)
    name = min(key.values)
    if pipe.requests is None or len(pipe.requests) != 1 or name.startswith(facts.WITHOUT_COMPONENT):
        return Component(name, pipe.requests)
    entries = [part.entry for part in meaning(min(pipe.requests)).served if part.entry is not None]
    keys = {known for entry in entries for known in _keys(entry)} | set(nlu_columns(tuple(entries)))
    if name not in keys and len(entries) == 1 and isinstance(node.slice, ast.Constant):
        at.outcome.replace(
            node.slice, quoted(entries[0].request, source(at.outcome.unit, node.slice))
        )
        at.outcome.notes.append(
            f"a component can be called by its reference; {name!r} is Spark NLP's name for it"
        )
    elif name not in keys and entries:
        named = ", ".join(repr(entry.request) for entry in entries)
        at.outcome.problems.append(
            f"no component is called {name!r}. Nearest: {named}, the references"
        )
    return Component(name, pipe.requests)


def _keys(entry: Entry) -> set[str]:
    kind = "embeddings" if entry.task == "embed" else "sentence_embeddings"
    key = "_".join(part for part in (entry.architecture, kind) if part)
    return {entry.request, key, f"{key}@{entry.spark_name or entry.model_name}"}


def _set(at: Evaluator, call: ast.Call, method: Method, component: Component) -> Value:
    name = method.name
    fact = facts.SETTERS.get(name)
    has_component = not component.key.startswith(facts.WITHOUT_COMPONENT)
    if fact is not None and has_component and fact.outcome in ("works", "no effect"):
        return component
    if fact is not None and fact.outcome == "needless":
        at.outcome.needless.append(f"{name}: {fact.advice}")
        return component
    value = source(at.outcome.unit, call.args[0]) if call.args else "..."
    request = min(component.requests) if component.requests else "REFERENCE"
    at.outcome.problems.append(nlu_names.of_setter(component.key, name, value, request))
    return component
