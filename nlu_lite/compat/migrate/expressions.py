"""What an expression stands for, and what it does with NLU on the way."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nlu_lite.compat.migrate import calls, nlu_names
from nlu_lite.compat.migrate.statement import Outcome, quoted, source
from nlu_lite.compat.migrate.values import (
    MOST_TEXTS,
    Broken,
    Component,
    Frame,
    Function,
    Method,
    Module,
    Pipe,
    Texts,
    Value,
    joined,
)


class Scope:
    """What names stand for at one place of the code.

    Args:
        values: Name -> what it stands for; ``self.pipe`` is a name too.
        outer: Names of the module, for the body of a function that does not bind them.
        own: Names that the function binds.
        never: Names that functions bind in the module, which are never known.
    """

    def __init__(
        self,
        values: dict[str, Value],
        outer: Scope | None,
        own: frozenset[str],
        never: frozenset[str],
    ) -> None:
        self.values = values
        self.outer = outer
        self.own = own
        self.never = never
        # What each name ever stood for: functions run later.
        self.ever: dict[str, Value] = {}
        self.saved: set[str] = outer.saved if outer else set()

    def get(self, name: str) -> Value:
        """What a name stands for; None if not known."""
        if name in self.values:
            return self.values[name]
        if self.outer is not None and name.partition(".")[0] not in self.own:
            return self.outer.ever.get(name)
        return (
            self.outer.ever.get(name)
            if self.outer is not None and name.startswith("self.")
            else None
        )

    def bind(self, name: str, value: Value) -> None:
        """Let a name stand for a value from here on."""
        if name in self.never and isinstance(value, Texts):
            value = None
        for other in [other for other in self.values if other.startswith(f"{name}.")]:
            del self.values[other]
        self.values[name] = value
        self.ever[name] = joined(self.ever[name], value) if name in self.ever else value
        if self.outer is not None and name.startswith("self."):
            self.outer.ever[name] = (
                joined(self.outer.ever[name], value) if name in self.outer.ever else value
            )


def dotted(node: ast.expr) -> str | None:
    """``self.pipe`` as a name; None for what is no chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return None if owner is None else f"{owner}.{node.attr}"
    return None


class Evaluator:
    """Reads the expressions of one statement.

    Args:
        outcome: Of the statement; filled here.
        scope: Names; assignments inside expressions are made here.
    """

    def __init__(self, outcome: Outcome, scope: Scope) -> None:
        self.outcome = outcome
        self.scope = scope

    def value(self, node: ast.AST) -> Value:
        """What a node stands for, its own parts read first."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            found: Value = method(node)
            return found
        for child in ast.iter_child_nodes(node):
            self.handed_on(self.value(child), child)
        return None

    def handed_on(self, value: Value, node: ast.AST) -> None:
        """Note that a function of NLU goes where it cannot be followed."""
        if isinstance(value, (Function, Method)) and isinstance(node, ast.expr):
            self.outcome.unknowns.append(
                f"{source(self.outcome.unit, node)} is called where this cannot be followed"
            )

    def _name(self, node: ast.Name) -> Value:
        if not isinstance(node.ctx, ast.Load):
            return None
        return self._seen(self.scope.get(node.id), node.id)

    def _seen(self, value: Value, name: str) -> Value:
        if isinstance(value, Broken):
            self.outcome.used = True
            self.outcome.problems.append(f"it uses {name!r}, which {value} cannot make")
            return None
        if value is not None and not isinstance(value, Texts):
            self.outcome.used = True
        return value

    def _constant(self, node: ast.Constant) -> Value:
        return Texts(frozenset({node.value})) if isinstance(node.value, str) else None

    def _joinedstr(self, node: ast.JoinedStr) -> Value:
        parts: list[Value] = []
        for part in node.values:
            is_plain = not isinstance(part, ast.FormattedValue) or (
                part.conversion == -1 and part.format_spec is None
            )
            value = self.value(part.value if isinstance(part, ast.FormattedValue) else part)
            parts.append(value if is_plain else None)
        return _concatenated(parts)

    def _binop(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        return _concatenated([left, right]) if isinstance(node.op, ast.Add) else None

    def _ifexp(self, node: ast.IfExp) -> Value:
        self.value(node.test)
        return joined(self.value(node.body), self.value(node.orelse))

    def _namedexpr(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.scope.bind(node.target.id, value)
        return value

    def _await(self, node: ast.Await) -> Value:
        return self.value(node.value)

    def _starred(self, node: ast.Starred) -> Value:
        self.value(node.value)
        return None

    def _lambda(self, node: ast.Lambda) -> Value:
        names = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        with_defaults = [
            default
            for default in (*node.args.defaults, *node.args.kw_defaults)
            if default is not None
        ]
        for default in with_defaults:
            self.value(default)
        self._inside(names, [node.body])
        return None

    def _inside(self, names: Iterable[str], nodes: Iterable[ast.AST]) -> None:
        """Read nodes in a scope of their own that binds some names to what is not known."""
        before = dict(self.scope.values)
        for name in names:
            self.scope.values[name] = None
        for node in nodes:
            self.handed_on(self.value(node), node)
        self.scope.values = before

    def _comprehension_of(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Value:
        before = dict(self.scope.values)
        for generator in node.generators:
            items = self.items(generator.iter)
            for name in bound_names(generator.target):
                self.scope.values[name] = items if isinstance(generator.target, ast.Name) else None
            for condition in generator.ifs:
                self.value(condition)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for part in parts:
            self.value(part)
        self.scope.values = before
        return None

    _listcomp = _setcomp = _dictcomp = _generatorexp = _comprehension_of

    def items(self, node: ast.expr) -> Value:
        """What an item of something that is looped over stands for."""
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)) and node.elts:
            values = [self.value(item) for item in node.elts]
            found = values[0]
            for value in values[1:]:
                found = joined(found, value)
            return found
        self.value(node)
        return None

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        match owner:
            case Module():
                if why := nlu_names.of_function(node.attr):
                    self.outcome.problems.append(why)
                return Function(node.attr)
            case Pipe():
                if why := nlu_names.of_method(node.attr):
                    self.outcome.problems.append(why)
                return Method(owner, node.attr)
            case Component():
                return Method(owner, node.attr)
            case Frame():
                self._columns(owner, [node.attr])
                return owner
        name = dotted(node)
        return (
            self._seen(self.scope.get(name), name)
            if name and isinstance(node.ctx, ast.Load)
            else None
        )

    def _subscript(self, node: ast.Subscript) -> Value:
        owner = self.value(node.value)
        key = self.value(node.slice)
        match owner:
            case Pipe():
                self.outcome.used = True
                return calls.component_of(self, node, owner, key)
            case Frame() if isinstance(node.ctx, ast.Load):
                self._constants(owner, [node.slice])
                return owner
        return None

    def _call(self, node: ast.Call) -> Value:
        function = self.value(node.func)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        values = {id(argument): self.value(argument) for argument in arguments}
        for argument in arguments:
            self.handed_on(values[id(argument)], argument)
        match function:
            case Function():
                return calls.of_function(self, node, function, values)
            case Method():
                return calls.of_method(self, node, function, values)
        frame = next(
            (value for value in (function, *values.values()) if isinstance(value, Frame)), None
        )
        if frame is not None:
            self._constants(frame, arguments)
        return function if isinstance(function, Frame) else None

    def _constants(self, frame: Frame, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._columns(frame, [node.value], node)
            elif not isinstance(node, ast.JoinedStr):
                self._constants(frame, ast.iter_child_nodes(node))

    def _columns(
        self, frame: Frame, names: Iterable[str], node: ast.Constant | None = None
    ) -> None:
        """Note columns that are missing, and write the new names of those that are called otherwise."""
        for name in names:
            if name in frame.missing:
                self.outcome.problems.append(
                    f"the column {name!r} is of a reference that is not served"
                )
            new = dict(frame.renamed).get(name)
            if new is not None and node is not None:
                self.outcome.replace(node, quoted(new, source(self.outcome.unit, node)))
                self.outcome.notes.append(
                    f"{name!r} is the column's name in NLU up to 3.0.0; it is {new!r} now"
                )


def bound_names(node: ast.AST) -> list[str]:
    """The names that a target binds."""
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _concatenated(parts: Iterable[Value]) -> Value:
    found = {""}
    for part in parts:
        if not isinstance(part, Texts) or len(found) * len(part.values) > MOST_TEXTS:
            return None
        found = {one + other for one in found for other in part.values}
    return Texts(frozenset(found))
