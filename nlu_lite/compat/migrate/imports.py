"""Imports of NLU, and what their names stand for."""

from __future__ import annotations

import ast

from nlu_lite.compat import facts
from nlu_lite.compat.migrate import nlu_names
from nlu_lite.compat.migrate.expressions import Scope
from nlu_lite.compat.migrate.sources import Unit
from nlu_lite.compat.migrate.statement import Edit, Outcome, span
from nlu_lite.compat.migrate.values import Function, Module

OURS = "nlu_lite.compat"
_INSIDES = "the insides of NLU are not here. Nearest: nlu_lite.compat and nlu_lite"


def read(node: ast.Import | ast.ImportFrom, unit: Unit, scope: Scope, outcome: Outcome) -> None:
    """Bind what an import binds, and change it where it is one of NLU.

    Args:
        node: The statement.
        unit: It stands in.
        scope: Names.
        outcome: Of the statement.
    """
    if isinstance(node, ast.Import):
        for alias in node.names:
            _module(alias, unit, scope, outcome)
    elif node.level == 0 and (
        (node.module or "").partition(".")[0] == "nlu" or node.module == OURS
    ):
        outcome.used = True
        _names(node, unit, scope, outcome)
    else:
        for alias in node.names:
            is_ours = (node.level, node.module, alias.name) == (0, "nlu_lite", "compat")
            outcome.used |= is_ours
            scope.bind(alias.asname or alias.name, Module(migrated=True) if is_ours else None)


def _module(alias: ast.alias, unit: Unit, scope: Scope, outcome: Outcome) -> None:
    top, _, rest = alias.name.partition(".")
    if alias.name == OURS:
        outcome.used = True
        if alias.asname:
            scope.bind(alias.asname, Module(migrated=True))
    elif top != "nlu":
        scope.bind(alias.asname or top, None)
    elif rest:
        outcome.used = True
        outcome.problems.append(f"{alias.name}: {_INSIDES}")
    else:
        outcome.used = True
        begin = unit.offset(alias.lineno, alias.col_offset)
        outcome.edits.append(
            Edit(begin, begin + len("nlu"), OURS if alias.asname else f"{OURS} as nlu")
        )
        scope.bind(alias.asname or "nlu", Module())


def _names(node: ast.ImportFrom, unit: Unit, scope: Scope, outcome: Outcome) -> None:
    if node.module not in ("nlu", OURS):
        outcome.problems.append(f"{node.module}: {_INSIDES}")
        return
    for alias in node.names:
        if alias.name == "*":
            for name in facts.FUNCTIONS:
                scope.bind(name, Function(name))
            continue
        if why := nlu_names.of_function(alias.name):
            outcome.problems.append(why)
        scope.bind(alias.asname or alias.name, Function(alias.name))
    if node.module == "nlu":
        begin, _ = span(unit, node)
        # After the word "from" and white space the first "nlu" is the module.
        start = unit.text.index("nlu", begin)
        outcome.edits.append(Edit(start, start + len("nlu"), OURS))
