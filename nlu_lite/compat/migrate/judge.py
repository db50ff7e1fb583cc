"""Goes through the statements of a file in their order and gives a verdict on each that has to do with NLU.

Names are followed where the code itself says what they stand for: through assignments, branches,
loops over literals, and into functions, which are read last because they run later. Nothing is run.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from nlu_lite.compat.migrate import imports, magics
from nlu_lite.compat.migrate.expressions import Evaluator, Scope, bound_names, dotted
from nlu_lite.compat.migrate.sources import Source, Unit
from nlu_lite.compat.migrate.statement import Finding, Outcome, commented, first_line
from nlu_lite.compat.migrate.values import Broken, Frame, Texts, Value, joined

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPOUND = (
    *_FUNCTIONS,
    ast.ClassDef,
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.Try,
    ast.TryStar,
    ast.With,
    ast.AsyncWith,
)


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What was found in a file; no findings where it does not use NLU."""

    source: Source
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Place:
    """Where a statement stands: a line that comments can be put before, and whether it is in another's body."""

    anchor: int
    is_nested: bool


def judge(source: Source) -> Verdicts:
    """What of a file works.

    Args:
        source: As read.
    """
    judging = _Judging(source)
    for unit in source.units:
        if unit.tree is not None:
            judging.unit = unit
            judging.block(unit.tree.body, parent=None)
    judging.functions()
    imported = {module for unit in source.units for module in _imported(unit)}
    uses_spark = not imported.isdisjoint({"pyspark", "sparknlp"})
    uses_nlu = bool(judging.findings)
    of_lines = [
        found
        for unit in source.units
        for found in magics.findings(unit, uses_nlu=uses_nlu, uses_spark=uses_spark)
    ]
    if not uses_nlu and all(found.verdict == "works" for found in of_lines):
        return Verdicts(source=source, findings=())
    findings = sorted(
        (*judging.findings, *of_lines), key=lambda found: (found.unit, found.line, found.last)
    )
    return Verdicts(source=source, findings=tuple(findings))


def _read(target: ast.expr) -> ast.expr:
    """A target that its statement reads as well: ``x`` of ``x += 1`` and of ``del x``."""
    if isinstance(target, ast.Name | ast.Attribute):
        target = copy.copy(target)
        target.ctx = ast.Load()
    return target


def _imported(unit: Unit) -> Iterable[str]:
    for node in ast.walk(unit.tree) if unit.tree else ():
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@dataclass
class _Judging:
    source: Source
    unit: Unit = field(init=False)
    findings: list[Finding] = field(default_factory=list)
    deferred: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        trees = [unit.tree for unit in self.source.units if unit.tree]
        never = {
            name
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Global)
            for name in node.names
        }
        self.scope = Scope({}, None, frozenset(), frozenset(never))

    def functions(self) -> None:
        """Read the bodies of functions, those inside them too."""
        while self.deferred:
            self.deferred.pop(0)()

    def block(self, statements: list[ast.stmt], parent: _Place | None, *, line: int = 0) -> None:
        """Go through a body.

        Args:
            statements: In order.
            parent: The place of the statement that the body is of.
            line: The last line of what is before the body, if the body may begin on it.
        """
        anchor = parent.anchor if parent else 0
        for statement in statements:
            if first_line(statement) != line:
                anchor = first_line(statement)
            self.statement(statement, _Place(anchor, parent is not None))
            line = statement.end_lineno or statement.lineno

    def statement(self, node: ast.stmt, place: _Place) -> None:
        outcome = Outcome(unit=self.unit)
        at = Evaluator(outcome, self.scope)
        if isinstance(node, _COMPOUND):
            self.compound(node, place, at)
            return
        match node:
            case ast.Import() | ast.ImportFrom():
                imports.read(node, self.unit, self.scope, outcome)
            case ast.Assign(targets=targets, value=value):
                self.assign(targets, value, at)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign([target], value, at)
            case ast.AugAssign():
                at.handed_on(at.value(node.value), node.value)
                at.value(_read(node.target))
                self.bind(node.target, None, at)
            case ast.Delete():
                for deleted in node.targets:
                    at.value(_read(deleted))
                    self.bind(deleted, None, at)
            case ast.Expr(value=value):
                at.value(value)
            case _:
                at.value(node)
        self.conclude(node, place, outcome)

    def assign(self, targets: list[ast.expr], value: ast.expr, at: Evaluator) -> None:
        found = at.value(value)
        if at.outcome.problems:
            found = Broken(value.lineno, self.unit.label)
        for target in targets:
            if isinstance(target, (ast.Tuple, ast.List)) and isinstance(
                value, (ast.Tuple, ast.List)
            ):
                if not at.outcome.problems and len(target.elts) == len(value.elts):
                    quiet = Evaluator(Outcome(unit=self.unit), self.scope)
                    for one, other in zip(
                        target.elts, [quiet.value(item) for item in value.elts], strict=True
                    ):
                        self.bind(one, other, at)
                    continue
                found = None
            self.bind(target, found, at)

    def bind(self, target: ast.expr, value: Value, at: Evaluator) -> None:
        if isinstance(target, ast.Subscript):
            at.value(target)
        elif isinstance(target, (ast.Tuple, ast.List, ast.Starred)):
            for part in bound_names(target):
                self.scope.bind(part, None)
        elif name := dotted(target):
            self.scope.bind(name, value)

    def conclude(self, node: ast.stmt, place: _Place, outcome: Outcome) -> None:
        """Turn what was found into a finding; what a statement that cannot work would have bound is not there afterwards."""
        if outcome.problems:
            for name in _bound(node):
                self.scope.bind(name, Broken(node.lineno, self.unit.label))
            for column in _columns_set(node):
                owner = self.scope.get(column[0])
                if isinstance(owner, Frame):
                    self.scope.bind(column[0], Frame(owner.missing | {column[1]}, owner.renamed))
        if not outcome.used and not outcome.problems and not outcome.edits:
            return
        verdict, edits = outcome.verdict, outcome.edits
        reasons = list(dict.fromkeys((*outcome.problems, *outcome.unknowns, *outcome.notes)))
        if verdict == "cannot":
            reasons = list(dict.fromkeys(outcome.problems))
            edits = commented(
                self.unit,
                node,
                place.anchor,
                [f"Cannot work: {why}" for why in reasons],
                is_nested=place.is_nested,
            )
        elif outcome.needless:
            reasons = list(dict.fromkeys(outcome.needless))
            notes = [f"Not needed: {why}" for why in reasons]
            edits = commented(self.unit, node, place.anchor, notes, is_nested=place.is_nested)
        last = node.end_lineno or node.lineno
        if isinstance(node, _COMPOUND) and verdict != "cannot":
            last = _header_end(node)
        self.findings.append(
            Finding(
                unit=self.unit.index,
                line=first_line(node),
                last=last,
                verdict=verdict,
                reasons=tuple(reasons),
                edits=tuple(sorted(set(edits))),
                lost=tuple(dict.fromkeys(outcome.lost)) if verdict == "changed" else (),
            )
        )

    def compound(self, node: ast.stmt, place: _Place, at: Evaluator) -> None:
        """A statement with bodies: what stands in its head decides whether the bodies are gone through."""
        if (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Constant)
            and node.test.value == 1
            and not node.orelse
        ):
            self.block(node.body, place, line=node.lineno)
            return
        items = at.items(node.iter) if isinstance(node, (ast.For, ast.AsyncFor)) else None
        for part in _head(node, self.unit):
            at.value(part)
        self.conclude(node, place, at.outcome)
        if not at.outcome.problems:
            self.bodies(node, place, items, at)

    def bodies(self, node: ast.stmt, place: _Place, items: Value, at: Evaluator) -> None:
        match node:
            case ast.If():
                self.branches(
                    [
                        lambda: self.block(node.body, place, line=_header_end(node)),
                        lambda: self.else_of(node, place),
                    ]
                )
            case ast.For() | ast.AsyncFor() | ast.While():
                self.loop(node, place, items, at)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, None, at)
                self.block(node.body, place, line=_header_end(node))
            case ast.Try() | ast.TryStar():
                self.block(node.body, place, line=node.lineno)
                self.branches(
                    [
                        lambda: self.block(node.orelse, place),
                        *(self.handler(h, place) for h in node.handlers),
                    ]
                )
                self.block(node.finalbody, place)
            case ast.ClassDef():
                self.scope.bind(node.name, None)
                before = dict(self.scope.values)
                self.block(node.body, place, line=_header_end(node))
                self.scope.values = before
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.scope.bind(node.name, None)
                self.deferred.append(self.body_later(node, place))

    def else_of(self, node: ast.If, place: _Place) -> None:
        following = node.orelse
        if (
            len(following) == 1
            and isinstance(following[0], ast.If)
            and _is_elif(following[0], self.unit)
        ):
            # The tests of the whole chain were read with its first one.
            inner = following[0]
            self.branches(
                [
                    lambda: self.block(inner.body, place, line=_header_end(inner)),
                    lambda: self.else_of(inner, place),
                ]
            )
        else:
            self.block(following, place, line=_line_before(following, self.unit))

    def handler(self, handler: ast.ExceptHandler, place: _Place) -> Callable[[], None]:
        def run() -> None:
            if handler.name:
                self.scope.bind(handler.name, None)
            self.block(handler.body, place, line=handler.lineno)

        return run

    def loop(
        self, node: ast.For | ast.AsyncFor | ast.While, place: _Place, items: Value, at: Evaluator
    ) -> None:
        before = dict(self.scope.values)
        for name in {name for part in node.body for name in _bound(part, deep=True)}:
            if isinstance(self.scope.values.get(name), Texts):
                self.scope.values[name] = None
        if not isinstance(node, ast.While):
            self.bind(node.target, items, at)
        self.block(node.body, place, line=_header_end(node))
        self.scope.values = _merged([before, self.scope.values])
        self.block(node.orelse, place)

    def branches(self, ways: list[Callable[[], None]]) -> None:
        """Go each way from here; afterwards a name stands for what it does in any of them."""
        before = self.scope.values
        ends = []
        for way in ways:
            self.scope.values = dict(before)
            way()
            ends.append(self.scope.values)
        self.scope.values = _merged(ends)

    def body_later(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place
    ) -> Callable[[], None]:
        unit, outer = self.unit, copy.copy(self.scope)
        arguments = {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}
        bound = {name for part in node.body for name in _bound(part, deep=True) if "." not in name}
        shared = {
            name
            for part in ast.walk(node)
            if isinstance(part, (ast.Global, ast.Nonlocal))
            for name in part.names
        }
        own = frozenset((arguments | bound) - shared)

        def run() -> None:
            before = self.unit, self.scope
            self.unit = unit
            self.scope = Scope(dict.fromkeys(arguments), outer, own, frozenset())
            self.block(node.body, place, line=_header_end(node))
            self.unit, self.scope = before

        return run


def _head(node: ast.stmt, unit: Unit) -> list[ast.AST]:
    """What a statement reads before its bodies; what is looped over aside."""
    parts: list[ast.AST | None] = []
    match node:
        case ast.If():
            parts = [*_tests(node, unit)]
        case ast.While():
            parts = [node.test]
        case ast.With() | ast.AsyncWith():
            parts = [item.context_expr for item in node.items]
        case ast.ClassDef():
            parts = [*node.decorator_list, *node.bases, *node.keywords]
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            parts = [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]
        case ast.Try() | ast.TryStar():
            parts = [handler.type for handler in node.handlers]
    return [part for part in parts if part is not None]


def _tests(node: ast.If, unit: Unit) -> Iterable[ast.expr]:
    yield node.test
    if (
        len(node.orelse) == 1
        and isinstance(node.orelse[0], ast.If)
        and _is_elif(node.orelse[0], unit)
    ):
        yield from _tests(node.orelse[0], unit)


def _is_elif(node: ast.If, unit: Unit) -> bool:
    return unit.text.startswith("elif", unit.offset(node.lineno, node.col_offset))


def _line_before(following: list[ast.stmt], unit: Unit) -> int:
    """The line of an ``else:`` that a body shares, or 0."""
    if not following:
        return 0
    first = following[0]
    return (
        first.lineno
        if unit.text[
            unit.starts[first.lineno - 1] : unit.offset(first.lineno, first.col_offset)
        ].strip()
        else 0
    )


def _header_end(node: ast.stmt) -> int:
    """The last line of what stands before the body; that of the body where both share it."""
    body: list[ast.stmt] = getattr(node, "body", [])
    heads = [
        part
        for part in ast.iter_child_nodes(node)
        if isinstance(part, (ast.expr, ast.withitem, ast.arguments))
    ]
    ends = [getattr(part, "end_lineno", None) or 0 for head in heads for part in ast.walk(head)]
    first = first_line(body[0]) if body else node.lineno
    return min(first, max([node.lineno, *ends]))


def _bound(node: ast.AST, *, deep: bool = False) -> list[str]:
    """The names that a statement binds; with ``deep`` those in its bodies too, except in those of functions."""
    names = []
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, (*_FUNCTIONS, ast.ClassDef)):
            names.append(part.name)
            continue
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.append(part.id)
        elif (
            isinstance(part, ast.Attribute)
            and isinstance(part.ctx, ast.Store)
            and (name := dotted(part))
        ):
            names.append(name)
        elif isinstance(part, ast.alias):
            names.append(part.asname or part.name.partition(".")[0])
        stack.extend(ast.iter_child_nodes(part))
    return names


def _columns_set(node: ast.stmt) -> list[tuple[str, str]]:
    """``df["x"] = ...`` as the pair of both names."""
    found = []
    for target in node.targets if isinstance(node, ast.Assign) else []:
        if (
            isinstance(target, ast.Subscript)
            and isinstance(target.slice, ast.Constant)
            and (name := dotted(target.value))
        ):
            found.append((name, str(target.slice.value)))
    return found


def _merged(ends: list[dict[str, Value]]) -> dict[str, Value]:
    merged: dict[str, Value] = {}
    for end in ends:
        for name, value in end.items():
            merged[name] = joined(merged[name], value) if name in merged else value
    return merged
