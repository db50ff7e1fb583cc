"""Imports of NLU: the change of the one import, and what its names stand for."""

from __future__ import annotations

import ast

from nlu_lite.compat import facts
from nlu_lite.compat.migrate.findings import Edit, Outcome
from nlu_lite.compat.migrate.values import Broken, Function, Module, Value

COMPAT = "nlu_lite.compat"
_INSIDES = "the insides of NLU are not here. Nearest: nlu_lite.compat and nlu_lite"
_NAMES = {**facts.FUNCTIONS, **facts.TABLES}
# The names of the door itself.
DOORS = ("nlu", "nlp")
# The rest of `johnsnowlabs`, all of it licensed.
_LICENSED = ("medical", "visual", "legal", "finance", "ocr")


def read(node: ast.Import | ast.ImportFrom, outcome: Outcome) -> dict[str, Value]:
    """Change an import where it is one of NLU; returns what the names of NLU stand for."""
    match node:
        case ast.Import(names=aliases):
            modules = [_module(alias, outcome) for alias in aliases]
            return {name: value for names in modules for name, value in names.items()}
        case ast.ImportFrom(module="nlu" | "nlu_lite.compat", level=0):
            return _names(node, outcome)
        case ast.ImportFrom(module="johnsnowlabs", level=0):
            return _johnsnowlabs(node, outcome)
        case ast.ImportFrom(module="nlu_lite", level=0, names=[ast.alias(name="compat") as alias]):
            outcome.uses_nlu = True
            return {alias.asname or "compat": Module()}
        case ast.ImportFrom(module=str() as module, level=0):
            _refuse_insides(module, outcome)
    return {}


def _refuse_insides(module: str, outcome: Outcome) -> None:
    if module.partition(".")[0] in ("nlu", "johnsnowlabs"):
        outcome.problems.append(f"{module}: {_INSIDES}")


def _module(alias: ast.alias, outcome: Outcome) -> dict[str, Value]:
    if alias.name == COMPAT:
        outcome.uses_nlu = True
        return {alias.asname or COMPAT: Module()}
    if alias.name != "nlu":
        _refuse_insides(alias.name, outcome)
        return {}
    begin = outcome.unit.offset(alias.lineno, alias.col_offset)
    text = COMPAT if alias.asname else f"{COMPAT} as nlu"
    outcome.edits.append(Edit(begin, begin + len("nlu"), text))
    return {alias.asname or "nlu": Module()}


def _names(node: ast.ImportFrom, outcome: Outcome) -> dict[str, Value]:
    """``from nlu import ...``."""
    outcome.uses_nlu = True
    begin = outcome.unit.span(node)[0]
    if node.module == "nlu":
        # After the word "from" and white space the first "nlu" is the module.
        start = outcome.unit.text.index("nlu", begin)
        outcome.edits.append(Edit(start, start + len("nlu"), COMPAT))
    if node.names[0].name == "*":
        functions = {name: Function(Module(), name) for name in facts.FUNCTIONS}
        return functions | dict.fromkeys(DOORS, Module())
    names: dict[str, Value] = {}
    for alias in node.names:
        name = alias.asname or alias.name
        if alias.name in DOORS:
            names[name] = Module()
            continue
        fact = (_NAMES | facts.JOHNSNOWLABS).get(alias.name)
        outcome.judge(f"nlu.{alias.name}", fact, facts.NO_NAME)
        names[name] = Function(Module(), alias.name)
    # An import of what is not needed does no harm.
    outcome.needless.clear()
    return names


def _johnsnowlabs(node: ast.ImportFrom, outcome: Outcome) -> dict[str, Value]:
    """``from johnsnowlabs import nlp``, where NLU is ``nlp`` and ``nlp.nlu``."""
    match node.names:
        case [ast.alias(name="nlp", asname=other_name)]:
            name = other_name or "nlp"
            outcome.edits.append(Edit(*outcome.unit.span(node), f"import {COMPAT} as {name}"))
            return {name: Module()}
        case [ast.alias(name="*")]:
            outcome.edits.append(Edit(*outcome.unit.span(node), f"from {COMPAT} import *"))
            licensed = Broken(f"line {node.lineno}")
            return {"nlp": Module(), "nlu": Module(), **dict.fromkeys(_LICENSED, licensed)}
    outcome.problems.append(
        "johnsnowlabs: of what it has only nlp is served. Nearest: from johnsnowlabs import nlp"
    )
    broken = Broken(f"line {node.lineno}")
    return {alias.asname or alias.name: broken for alias in node.names}
