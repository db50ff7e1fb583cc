"""docs/architecture.md names the modules there are, and imports keep to what it says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = CHECKOUT / "nlu_lite"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
MODEL_LIBRARIES = {"torch", "transformers", "tokenizers", "safetensors"}


def imports(module: str) -> set[str]:
    """Dotted names that a module imports anywhere in it, and those of their parents."""
    names = set()
    for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    parts = [name.split(".") for name in names]
    return {".".join(some[:end]) for some in parts for end in range(1, len(some) + 1)}


def test_the_table_names_the_modules_that_exist():
    text = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.partition("## The rooms")[2].partition("\n## ")[0].splitlines() if "|" in line]
    named = {name for row in rows for name in re.findall(r"`([\w/]+\.py)`", row)}
    # A room's __init__ only gathers its names; the package's own is described.
    rooms = {module for module in MODULES if module.endswith("/__init__.py")}
    assert named == set(MODULES) - rooms, "docs/architecture.md belongs into the commit that adds or removes a module"


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith(("encoder/", "train/"))])
def test_model_libraries_stay_in_the_encoder(module):
    assert imports(module).isdisjoint(MODEL_LIBRARIES)


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("encoder/")])
def test_the_encoder_knows_neither_pandas_nor_the_other_rooms(module):
    others = {f"nlu_lite.{room}" for room in ("inputs", "text", "frame", "pipeline", "cli")}
    assert imports(module).isdisjoint({"pandas", *others})


@pytest.mark.parametrize("module", [f"train/{name}.py" for name in ("names", "component", "classes", "head", "units")])
def test_predicting_with_a_head_needs_no_model_library_of_its_own(module):
    assert imports(module).isdisjoint(MODEL_LIBRARIES)


def test_imports_are_seen():
    assert {"torch", "nlu_lite.encoder.sequences", "nlu_lite"} <= imports("encoder/encoder.py")
    assert "nlu_lite.pipeline" in imports("cli/predict.py")
