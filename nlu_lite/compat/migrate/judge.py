"""Goes through the statements of a file in their order and gives a verdict on those that use NLU.

Names are followed through plain assignments, into functions and out of them, as far as the code
itself says what they stand for. Nothing is run.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import zip_longest

from nlu_lite.compat.migrate import imports, magics
from nlu_lite.compat.migrate.expressions import (
    Names,
    Reader,
    bound_names,
    dotted,
    inner_names,
    words_of,
)
from nlu_lite.compat.migrate.findings import Finding, Outcome, Verdicts, commented, first_line
from nlu_lite.compat.migrate.sources import Source, Unit
from nlu_lite.compat.migrate.values import Broken, Frame, Result, Text, Value, any_of, joined

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SPARK_IMPORT = re.compile(r"^\s*(?:import|from)\s+(?:pyspark|sparknlp)\b", re.MULTILINE)


def judge(source: Source) -> Verdicts:
    """What of a file works."""
    # A function may use names that are bound further down: the second time they are known.
    first = _Judgement()
    first.units(source.units)
    judgement = _Judgement(elsewhere=first.names.values)
    judgement.units(source.units)
    uses_spark = any(_SPARK_IMPORT.search(unit.text) for unit in source.units)
    packages = magics.replacements(uses_nlu=bool(judgement.findings), uses_spark=uses_spark)
    of_lines = [
        magics.read(unit, lines, packages) for unit in source.units for lines in unit.magics
    ]
    findings = [*judgement.findings, *of_lines]
    if not judgement.findings and all(finding.verdict == "works" for finding in of_lines):
        findings = []
    findings.sort(key=lambda finding: (finding.unit, finding.line, finding.last))
    return Verdicts(source=source, findings=tuple(findings))


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
        for self.unit in units:
            self.block(self.unit.tree.body if self.unit.tree else [], 1)

    def block(self, statements: list[ast.stmt], anchor: int) -> None:
        """Go through a body; ``anchor`` is a line that comments can be put before."""
        for statement in statements:
            line = first_line(statement)
            begin = self.unit.starts[line - 1]
            before = self.unit.text[begin : self.unit.offset(line, statement.col_offset)]
            # A statement after a colon or a semicolon shares the line of what is before it.
            anchor = anchor if before.strip() else line
            self.statement(statement, anchor)

    def statement(self, node: ast.stmt, anchor: int) -> None:
        """Judge a statement, and go through its bodies if it stays."""
        outcome = Outcome(unit=self.unit)
        self.read(node, Reader(outcome=outcome, names=self.names))
        self.conclude(node, anchor, outcome)
        match node:
            case _ if outcome.problems or outcome.needless:
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.function(node, anchor)
            case ast.ClassDef():
                self.class_body(node, anchor)
            case ast.For() | ast.AsyncFor() | ast.While():
                # In the second round a text may be another one.
                names = self.names.values
                again = [name for name in bound_names(node) if isinstance(names.get(name), Text)]
                names |= dict.fromkeys(again)
                self.bodies(node, anchor)
            case _:
                self.bodies(node, anchor)

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
                reader.read_parts(ast.Tuple(list(map(_as_read, targets))))
                self.assign(targets, None, reader)
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                self.assign([target], any_of(reader.value(value)), reader)
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
                    parts = value if isinstance(value, tuple) else ()
                    for element, part in zip_longest(elements, parts[: len(elements)]):
                        self.assign([element], part, reader)
                case ast.Starred(value=inner):
                    self.assign([inner], None, reader)
                case ast.Subscript():
                    reader.value(target)
                    self.set_column(target, is_missing=False)
                case ast.Attribute():
                    self.set_attribute(target, value, reader)
                case _:
                    self.names.values |= dict.fromkeys(bound_names(target), value)

    def set_attribute(self, target: ast.Attribute, value: Value, reader: Reader) -> None:
        """``self.pipe = value``, or ``df.columns = names``."""
        self.names.values[dotted(target)] = value
        match reader.value(target.value), target.attr:
            case Frame(missing=missing), "columns" if missing:
                reader.outcome.unknowns.append(
                    f"of the columns some may be missing: {', '.join(sorted(missing))}"
                )
                self.names.values[dotted(target.value)] = None
            case Frame() as frame, _:
                reader.rename_attribute(frame, target)

    def set_column(self, target: ast.expr, *, is_missing: bool) -> None:
        """``df["x"] = value``: the column is there from here on, or is not."""
        match target:
            case ast.Subscript(value=owner, slice=ast.Constant(value=str() as column)):
                frame = self.names.value(dotted(owner))
                if isinstance(frame, Frame):
                    columns = frame.missing - {column} | ({column} if is_missing else set())
                    self.names.values[dotted(owner)] = replace(frame, missing=columns)

    def conclude(self, node: ast.stmt, anchor: int, outcome: Outcome) -> None:
        """Turn an outcome into a finding; what a line would have made that is taken out is lost."""
        reasons = [*outcome.unknowns, *outcome.notes]
        edits = outcome.edits
        removal = outcome.problems or outcome.needless
        if removal:
            word = "Cannot work" if outcome.problems else "Not needed"
            reasons = list(dict.fromkeys(removal))
            comments = [f"{word}: {reason}" for reason in reasons]
            edits = commented(self.unit, node, anchor, comments)
            self.lose(node)
        if not (edits or reasons or outcome.uses_nlu):
            return
        self.findings.append(
            Finding(
                unit=self.unit.index,
                line=first_line(node),
                last=_head_end(node),
                verdict=outcome.verdict,
                reasons=tuple(dict.fromkeys(reasons)),
                edits=tuple(dict.fromkeys(edits)),
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

    def bodies(self, node: ast.stmt, anchor: int) -> None:
        """Go through the bodies of a statement; after one that may not run both may be true."""
        for statements, is_certain in _bodies(node):
            before = {} if is_certain else dict(self.names.values)
            self.block(statements, anchor)
            for name, value in before.items():
                self.names.values[name] = joined(value, self.names.values[name])

    def function(self, node: Function, anchor: int) -> None:
        """The body of a function, which has names of its own, and what a call of it gives."""
        outer, results = self.names, self.results
        values = outer.values | dict.fromkeys(inner_names(node.args))
        self.names = replace(outer, values=values, elsewhere=self.elsewhere)
        self.results = []
        self.block(node.body, anchor)
        shared = [part.names for part in ast.walk(node) if isinstance(part, ast.Global)]
        inner = {name: self.names.value(name) for names in shared for name in names}
        inner |= _dotted_names(self.names.values)
        result = reduce(joined, self.results or [None])
        self.names, self.results = outer, results
        # The name itself is of no use where what it returns is lost.
        is_broken = isinstance(result, Broken)
        inner[node.name] = result if is_broken else Result(result, words_of(node))
        self.names.values |= inner

    def class_body(self, node: ast.ClassDef, anchor: int) -> None:
        """The body of a class; its names are those of ``self``."""
        before = dict(self.names.values)
        self.block(node.body, anchor)
        members = bound_names(ast.Module(node.body, []))
        after = {f"self.{name}": self.names.value(name) for name in members}
        self.names.values = before | _dotted_names(self.names.values) | after | {node.name: None}


def _dotted_names(values: Mapping[str, Value]) -> dict[str, Value]:
    """Those of attributes, which outlive a function."""
    return {name: value for name, value in values.items() if "." in name}


def _head(node: ast.AST) -> Iterator[ast.AST]:
    """What a statement reads before its bodies."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.ExceptHandler() | ast.match_case():
                yield from _head(child)
            case ast.stmt():
                pass
            case _:
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
