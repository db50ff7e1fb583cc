"""docs/architecture.md and its picture name the rooms and files that exist; `make lint` holds their
imports (setup.cfg)."""

from __future__ import annotations

import configparser
import re
import runpy
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "nlu_lite"
PAGE = CHECKOUT / "docs" / "architecture.md"
PICTURE = CHECKOUT / "docs" / "images" / "rooms.py"
ROOMS = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
MODULES = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}


def test_the_table_names_the_rooms_that_exist():
    table = PAGE.read_text(encoding="utf-8").partition("## The rooms")[2].partition("\n## ")[0]
    rows = [line.split("|")[2] for line in table.splitlines() if "|" in line]
    named = {name for row in rows for name in re.findall(r"`(\w+)(?:/|\.py)`", row)}
    assert named - {"__init__"} == ROOMS | MODULES


def test_the_files_that_the_page_names_exist():
    named = set(re.findall(r"`([\w/]+\.py)`", PAGE.read_text(encoding="utf-8")))
    assert len(named) > 20
    assert sorted(name for name in named if not (PACKAGE / name).is_file()) == []


def test_the_picture_shows_the_rooms_that_exist():
    script = runpy.run_path(str(PICTURE))
    drawn = {re.sub(r"/$|\.py$", "", box.name) for box in script["BOXES"]}
    assert drawn - {"your data", "DataFrame"} == ROOMS | MODULES
    assert PICTURE.with_suffix(".svg").read_text(encoding="utf-8") == script["draw"]()


def contract(name: str) -> configparser.SectionProxy:
    setup = configparser.ConfigParser()
    setup.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    return setup[f"importlinter:contract:{name}"]


def rooms_of(text: str) -> set[str]:
    return set(re.findall(r"nlu_lite\.(\w+)", text))


def test_every_room_has_its_layer():
    """A new folder that no layer names would be held to nothing."""
    assert rooms_of(contract("layers")["layers"]) == ROOMS | MODULES


@pytest.mark.parametrize(
    ("name", "allowed"), [("models", {"encoder", "train"}), ("spark", {"spark", "compat"})]
)
def test_every_room_but_those_that_may_is_kept_from_a_library(name, allowed):
    assert rooms_of(contract(name)["source_modules"]) == (ROOMS | MODULES) - allowed
