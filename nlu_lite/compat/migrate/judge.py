"""Goes through the statements of a file in their order and gives a verdict on those that use NLU.

Names are followed through plain assignments, into functions and out of them, as far as the code
itself says what they stand for. Nothing is run.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from nlu_lite.compat.migrate import imports, magics
from nlu_lite.compat.migrate.expressions import (
    Names,
    Reader,
    bound_names,
    dotted,
    inner_names,
    literals,
    texts,
)
from nlu_lite.compat.migrate.findings import (
    Finding,
    Outcome,
    Position,
    Verdict,
    Verdicts,
    commented,
    first_line,
)
from nlu_lite.compat.migrate.sources import Source, Unit
from nlu_lite.compat.migrate.values import Broken, Frame, Result, Text, Value, joined

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def judge(source: Source) -> Verdicts:
    """What of a file works.

    Args:
        source: As read.
    """
    # A function may use names that are bound further down: the second time they are known.
    first = _Judgement()
    first.units(source.units)
    second = _Judgement(elsewhere=first.names.values)
    second.units(source.units)
    nodes = [node for unit in source.units if unit.tree for node in ast.walk(unit.tree)]
    packages = magics.replacements(
        uses_nlu=bool(second.findings), uses_spark=any(map(_imports_spark, nodes))
    )
    of_lines = [
        magics.read(unit, magic, packages) for unit in source.units for magic in unit.magics
    ]
    if {finding.verdict for finding in (*second.findings, *of_lines)} <= {"works"}:
        of_lines = of_lines if second.findings else []
    findings = [*second.findings, *of_lines]
    findings.sort(key=lambda finding: (finding.unit, finding.line, finding.last))
    return Verdicts(source=source, findings=tuple(findings))


def _imports_spark(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            modules = [alias.name for alias in names]
        case ast.ImportFrom(module=str() as module):
            modules = [module]
        case _:
            return False
    return any(module.partition(".")[0] in ("pyspark", "sparknlp") for module in modules)


@dataclass(kw_only=True)
class _Judgement:
    """The findings on a file.

    Attributes:
        elsewhere: What the names of the module stand for in the end.
        results: What the function returns that is being read.
    """

    elsewhere: Mapping[str, Value] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    results: list[Value] = field(default_factory=list)
    unit: Unit = field(init=False)

    def units(self, units: Iterable[Unit]) -> None:
        """Go through the whole code."""
        for unit in units:
            self.unit = unit
            body = unit.tree.body if unit.tree else []
            self.block(body, Position(anchor=1, is_nested=False))

    def block(self, statements: list[ast.stmt], position: Position) -> None:
        """Go through a body; ``position`` is that of the statement that has it."""
        for statement in statements:
            line = first_line(statement)
            begin = self.unit.starts[line - 1]
            before = self.unit.text[begin : self.unit.offset(line, statement.col_offset)]
            # A statement after a colon or a semicolon shares the line of what is before it.
            if not before.strip():
                position = replace(position, anchor=line)
            self.statement(statement, position)

    def statement(self, node: ast.stmt, position: Position) -> None:
        """Judge a statement, and go through its bodies if it stays."""
        outcome = Outcome(unit=self.unit)
        self.read(node, Reader(outcome=outcome, names=self.names))
        self.conclude(node, position, outcome)
        inside = replace(position, is_nested=True)
        if outcome.problems:
            return
        if isinstance(node, _FUNCTIONS):
            self.function(node, inside)
        elif isinstance(node, ast.ClassDef):
            self.class_body(node, inside)
        else:
            self.bodies(node, inside)

    def read(self, node: ast.stmt, reader: Reader) -> None:
        """Read what a statement says before its bodies, and bind its names."""
        match node:
            case ast.Import() | ast.ImportFrom():
                self.names.values |= dict.fromkeys(bound_names(node))
                self.names.values |= imports.read(node, reader.outcome)
            case ast.Assign(targets=targets, value=value):
                self.assign(targets, reader.value(value), reader)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign([target], reader.value(value), reader)
            case ast.AugAssign(target=target, value=value):
                reader.read(value)
                reader.read(_as_read(target))
                self.assign([target], None, reader)
            case ast.Delete(targets=targets):
                reader.read_parts(ast.Tuple([_as_read(target) for target in targets]))
                self.assign(targets, None, reader)
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                # Of literals that are looped over it is any one.
                values = tuple(map(Text, texts(reader.value(value))))
                self.assign([target], values or None, reader)
            case ast.Return(value=ast.expr() as value):
                self.results.append(reader.value(value))
            case _:
                head = ast.Tuple(list(_head(node)))  # type: ignore[arg-type]
                self.names.values |= dict.fromkeys(bound_names(head))
                reader.read_parts(head)

    def assign(self, targets: list[ast.expr], value: Value, reader: Reader) -> None:
        """Let targets stand for a value from here on."""
        for target in targets:
            match target:
                case ast.Tuple(elts=elements) | ast.List(elts=elements):
                    values = value if isinstance(value, tuple) else ()
                    if len(values) != len(elements):
                        values = (None,) * len(elements)
                    for element, part in zip(elements, values, strict=True):
                        self.assign([element], part, reader)
                case ast.Subscript():
                    reader.value(target)
                    self.set_column(target, is_missing=False)
                case ast.Attribute(value=owner):
                    self.set_attribute(target, reader.value(owner), value, reader)
                case _:
                    self.names.values |= dict.fromkeys(bound_names(target), value)

    def set_attribute(
        self, target: ast.Attribute, owner: Value, value: Value, reader: Reader
    ) -> None:
        """``self.pipe = value``, or ``df.columns = names``."""
        self.names.values[dotted(target)] = value
        if isinstance(owner, Frame) and owner.missing and target.attr == "columns":
            reader.outcome.unknowns.append(
                f"of the columns some may be missing: {', '.join(sorted(owner.missing))}"
            )
            self.names.values[dotted(target.value)] = None

    def set_column(self, target: ast.expr, *, is_missing: bool) -> None:
        """``df["x"] = value``: the column is there from here on, or is not."""
        match target:
            case ast.Subscript(value=owner, slice=ast.Constant(value=str() as column)):
                frame = self.names.value(dotted(owner))
                if isinstance(frame, Frame):
                    columns = frame.missing | {column} if is_missing else frame.missing - {column}
                    self.names.values[dotted(owner)] = replace(frame, missing=columns)

    def conclude(self, node: ast.stmt, position: Position, outcome: Outcome) -> None:
        """Turn an outcome into a finding; what a line would have made that is taken out is lost."""
        finding = Finding(unit=self.unit.index, line=first_line(node), last=node.lineno)
        removal = outcome.problems or outcome.needless
        if removal:
            word = "Cannot work" if outcome.problems else "Not needed"
            reasons = tuple(dict.fromkeys(removal))
            edits = commented(
                self.unit, node, position, [f"{word}: {reason}" for reason in reasons]
            )
            self.lose(node)
            self.findings.append(
                replace(
                    finding,
                    last=node.end_lineno or node.lineno,
                    verdict="cannot" if outcome.problems else "changed",
                    reasons=reasons,
                    edits=tuple(edits),
                )
            )
        elif outcome.edits or outcome.unknowns or outcome.uses_nlu:
            self.findings.append(
                replace(
                    finding,
                    last=_head_end(node),
                    verdict=_verdict(outcome),
                    reasons=tuple(dict.fromkeys((*outcome.unknowns, *outcome.notes))),
                    edits=tuple(outcome.edits),
                    missing=tuple(dict.fromkeys(outcome.missing)),
                )
            )

    def lose(self, node: ast.stmt) -> None:
        """What a statement would have made is not there."""
        label = f"{self.unit.label}, " if self.unit.label else ""
        broken = Broken(f"{label}line {node.lineno}")
        self.names.values |= dict.fromkeys(bound_names(node), broken)
        match node:
            case ast.Assign(targets=targets):
                for target in targets:
                    self.set_column(target, is_missing=True)
            case ast.Return():
                self.results.append(broken)

    def bodies(self, node: ast.stmt, position: Position) -> None:
        """Go through the bodies of a statement; after one that may not run both may be true."""
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            # In the second round a text may be another one.
            values = self.names.values
            again = [name for name in bound_names(node) if isinstance(values.get(name), Text)]
            values |= dict.fromkeys(again)
        for statements, is_certain in _bodies(node):
            before = {} if is_certain else dict(self.names.values)
            self.block(statements, position)
            for name, value in before.items():
                self.names.values[name] = joined(value, self.names.values[name])

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, position: Position) -> None:
        """The body of a function, which has names of its own, and what a call of it gives."""
        outer, results = self.names, self.results
        values = outer.values | dict.fromkeys(inner_names(node.args))
        self.names = replace(outer, values=values, elsewhere=self.elsewhere)
        self.results = []
        self.block(node.body, position)
        shared = [part.names for part in ast.walk(node) if isinstance(part, ast.Global)]
        inner = {name: self.names.value(name) for names in shared for name in names}
        inner |= _dotted_names(self.names.values)
        result = reduce(joined, self.results) if self.results else None
        self.names, self.results = outer, results
        words = {str(literal.value) for literal in literals(node)}
        words |= {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
        # The name itself is of no use where what it returns is lost.
        is_broken = isinstance(result, Broken)
        inner[node.name] = result if is_broken else Result(result, frozenset(words))
        self.names.values |= inner

    def class_body(self, node: ast.ClassDef, position: Position) -> None:
        """The body of a class; its names are those of ``self``."""
        before = dict(self.names.values)
        self.block(node.body, position)
        members = bound_names(ast.Module(node.body, []))
        after = {f"self.{name}": self.names.value(name) for name in members}
        self.names.values = before | _dotted_names(self.names.values) | after | {node.name: None}


def _dotted_names(values: Mapping[str, Value]) -> dict[str, Value]:
    """Those of attributes, which outlive a function."""
    return {name: value for name, value in values.items() if "." in name}


def _verdict(outcome: Outcome) -> Verdict:
    if outcome.edits:
        return "changed"
    return "unknown" if outcome.unknowns else "works"


def _head(node: ast.AST) -> Iterator[ast.AST]:
    """What a statement reads before its bodies."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.ExceptHandler, ast.match_case)):
            yield from _head(child)
        elif not isinstance(child, ast.stmt):
            yield child


def _head_end(node: ast.stmt) -> int:
    """The last line of what stands before the bodies."""
    parts = [part for head in _head(node) for part in ast.walk(head)]
    return max([node.lineno, *(getattr(part, "end_lineno", 0) for part in parts)])


def _bodies(node: ast.stmt) -> list[tuple[list[ast.stmt], bool]]:
    """The bodies of a statement, and whether each runs whenever the statement does."""
    match node:
        case ast.Match(cases=cases):
            return [(case.body, False) for case in cases]
        case ast.Try() | ast.TryStar():
            handlers = [(handler.body, False) for handler in node.handlers]
            return [(node.body, True), *handlers, (node.orelse, True), (node.finalbody, True)]
        case ast.If(test=ast.Constant(value=1), orelse=[]) | ast.With() | ast.AsyncWith():
            # `if 1` stands for a magic of IPython with a statement behind it.
            return [(node.body, True)]
        case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
            return [(node.body, False), (node.orelse, False)]
    return []


def _as_read(target: ast.expr) -> ast.expr:
    """A target that its statement reads as well: ``x`` of ``x += 1`` and of ``del x``."""
    target = copy.copy(target)
    target.ctx = ast.Load()  # type: ignore[attr-defined]
    return target
