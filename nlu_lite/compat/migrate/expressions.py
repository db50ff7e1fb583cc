"""What an expression stands for, and what it does with NLU on the way."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from nlu_lite.compat import facts
from nlu_lite.compat.migrate import calls
from nlu_lite.compat.migrate.findings import Edit, Outcome
from nlu_lite.compat.migrate.values import (
    Broken,
    Component,
    Frame,
    Function,
    Module,
    Pipe,
    Result,
    Text,
    Value,
    any_of,
    joined,
)

_MODULE_NAMES = {**facts.FUNCTIONS, **facts.TABLES, **facts.JOHNSNOWLABS}
_PIPE_NAMES = {**facts.METHODS, **facts.ATTRIBUTES}


@dataclass(kw_only=True)
class Names:
    """What names stand for at one place of the code; ``self.pipe`` is a name too.

    ``elsewhere`` is for names that are bound by code further down, which runs before a function is
    called; ``folders`` are those that pipelines were saved in.
    """

    values: dict[str, Value] = field(default_factory=dict)
    elsewhere: Mapping[str, Value] = field(default_factory=dict)
    folders: dict[str | None, Pipe] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        """What a name stands for; None if not known."""
        return self.values.get(name, self.elsewhere.get(name))


def dotted(node: ast.expr) -> str:
    """``self.pipe`` as a name; an empty text for what is no chain of names."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=owner, attr=name) if prefix := dotted(owner):
            return f"{prefix}.{name}"
    return ""


def bound_names(node: ast.AST) -> Iterator[str]:
    """The names that a node binds where it stands; not those that are bound inside a function."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
            return
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.Attribute(ctx=ast.Store()):
            yield dotted(node)
        case ast.alias(name=name, asname=None):
            yield name.partition(".")[0]
        case ast.alias(asname=str() as name) | ast.ExceptHandler(name=str() as name):
            yield name
    for child in ast.iter_child_nodes(node):
        yield from bound_names(child)


def inner_names(node: ast.AST) -> Iterator[str]:
    """The names that arguments, a lambda or a comprehension bind inside."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name


def literals(node: ast.AST) -> Iterator[ast.Constant]:
    """The literal texts in a node, parts of f-strings left out."""
    match node:
        case ast.Constant(value=str()):
            yield node
        case ast.JoinedStr():
            return
    for child in ast.iter_child_nodes(node):
        yield from literals(child)


def words_of(node: ast.AST) -> frozenset[str]:
    """The literal texts and the names of attributes in a node."""
    attributes = [part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    return frozenset([*attributes, *(str(literal.value) for literal in literals(node))])


def texts(value: Value) -> Iterator[str]:
    """The literal texts of a value."""
    match value:
        case Text(text=text):
            yield text
        case tuple():
            for part in value:
                yield from texts(part)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads the expressions of one statement: fills its outcome, binds names inside expressions."""

    outcome: Outcome
    names: Names

    def read(self, node: ast.AST) -> Value:
        """What a node stands for; a function of NLU that goes where it is not followed is noted."""
        value = self.value(node)
        if isinstance(value, (Function, Module)) and isinstance(node, ast.expr):
            self.outcome.unknowns.append(
                f"{self.outcome.unit.source(node)} goes where this cannot be followed"
            )
        return value

    def value(self, node: ast.AST) -> Value:
        """What a node stands for, its parts read first."""
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                return self._named(name)
            case ast.Constant(value=str() as text):
                return Text(text)
            case ast.Await(value=inner):
                return self.value(inner)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.read(test)
                return joined(self.value(body), self.value(orelse))
            case ast.BoolOp(values=parts):
                return reduce(joined, map(self.value, parts))
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(values=parts):
                return tuple(map(self.value, parts))
            case ast.NamedExpr(target=target, value=inner):
                self.names.values[target.id] = value = self.value(inner)
                return value
            case ast.Attribute(ctx=ast.Load()):
                return self._member(node)
            case ast.Subscript():
                return self._item(node)
            case ast.Call():
                return self._call(node)
            case (
                ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp()
            ):
                values = self.names.values | dict.fromkeys(inner_names(node))
                replace(self, names=replace(self.names, values=values)).read_parts(node)
            case _:
                self.read_parts(node)
        return None

    def read_parts(self, node: ast.AST) -> None:
        """Read what a node is made of."""
        for child in ast.iter_child_nodes(node):
            self.read(child)

    def _named(self, name: str) -> Value:
        value = self.names.value(name)
        match value:
            case Broken():
                self.outcome.problems.append(f"it uses {name!r}, which {value.line} cannot make")
                return None
            case Module() | Function() | Pipe() | Component() | Frame():
                self.outcome.uses_nlu = True
        return value

    def _member(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        match owner:
            case Module():
                return self._module_member(node)
            case Pipe():
                self.outcome.judge(node.attr, _PIPE_NAMES.get(node.attr), facts.NO_METHOD)
                return Function(owner, node.attr) if node.attr in facts.METHODS else None
            case Component():
                return Function(owner, node.attr)
            case Frame():
                self._judge_column(owner, node.attr)
                self.rename_attribute(owner, node)
                return owner
        return self._named(dotted(node))

    def rename_attribute(self, frame: Frame, node: ast.Attribute) -> None:
        """Write the name that a column has now."""
        if new_name := self._new_name(frame, node.attr):
            end = self.outcome.unit.span(node)[1]
            self.outcome.edits.append(Edit(end - len(node.attr), end, new_name))

    def _module_member(self, node: ast.Attribute) -> Value:
        if node.attr in ("nlu", "nlp"):
            # The NLU of johnsnowlabs.nlp is the door itself here.
            start, end = self.outcome.unit.span(node.value)[1], self.outcome.unit.span(node)[1]
            self.outcome.edits.append(Edit(start, end, ""))
            return Module()
        if node.attr.startswith("__") and node.attr not in _MODULE_NAMES:
            return None
        self.outcome.judge(f"nlu.{node.attr}", _MODULE_NAMES.get(node.attr), facts.NO_NAME)
        return Function(Module(), node.attr)

    def _item(self, node: ast.Subscript) -> Value:
        owner, key = self.value(node.value), self.read(node.slice)
        match owner:
            case Pipe():
                return calls.component_of(self.outcome, node, owner, key)
            case Frame() if isinstance(node.ctx, ast.Load):
                self._judge_columns(owner, node.slice, key)
                return owner
            case Frame():
                self._rename_literals(owner, node.slice)
                return owner
        return any_of(owner)

    def _call(self, node: ast.Call) -> Value:
        function = self.value(node.func)
        self.outcome.uses_nlu |= isinstance(function, Function)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        values = {argument: self.read(argument) for argument in arguments}
        call = calls.Call(node, self.outcome, values, self.names.folders)
        match function:
            case Function(owner=Pipe() as pipe, name=name):
                return calls.METHODS[name](call, pipe)
            case Function(owner=Component() as component, name=name):
                return calls.set_parameter(call, component, name)
            case Function(name="load"):
                return calls.load(call)
            case Function(owner=Module(), name="start"):
                # Nothing is started: what uses the session cannot work.
                return Broken(f"line {node.lineno}")
            case Function():
                return None
        frames = [value for value in (function, *values.values()) if isinstance(value, Frame)]
        for frame in frames[:1]:
            self._judge_columns(frame, ast.Tuple(arguments), tuple(values.values()))
        if not isinstance(function, Result):
            return function if isinstance(function, Frame) else None
        missing = {column for frame in frames for column in frame.missing & function.words}
        if missing:
            self.outcome.unknowns.append(
                f"{self.outcome.unit.source(node.func)} may use the columns "
                f"{', '.join(sorted(missing))}, of references that are not served"
            )
        return function.value

    def _judge_columns(self, frame: Frame, node: ast.AST, value: Value) -> None:
        """Note the columns that are missing, and write the names that others have now."""
        for name in texts(value):
            self._judge_column(frame, name)
        for literal in literals(node):
            self._judge_column(frame, str(literal.value))
        self._rename_literals(frame, node)

    def _rename_literals(self, frame: Frame, node: ast.AST) -> None:
        """Write the names that columns have now."""
        for literal in literals(node):
            if new_name := self._new_name(frame, str(literal.value)):
                self.outcome.requote(literal, new_name)

    def _new_name(self, frame: Frame, name: str) -> str:
        """What a column is called now, noted where that is another name; else empty."""
        new_name = dict(frame.renamed).get(name, "")
        if new_name:
            self.outcome.notes.append(
                f"{name!r} is the column's name in NLU up to 3.0.0; it is {new_name!r} now"
            )
        return new_name

    def _judge_column(self, frame: Frame, name: str) -> None:
        if name in frame.missing:
            self.outcome.problems.append(
                f"the column {name!r} is of a reference that is not served"
            )
