"""docs/architecture.md names the rooms there are; `make lint` holds their imports (setup.cfg)."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "nlu_lite"
ROOMS = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
MODULES = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}


def test_the_table_names_the_rooms_that_exist():
    text = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("## The rooms")[2].partition("\n## ")[0]
    rows = [line.split("|")[2] for line in table.splitlines() if "|" in line]
    named = {name for row in rows for name in re.findall(r"`(\w+)(?:/|\.py)`", row)}
    assert named - {"__init__"} == ROOMS | MODULES


def test_every_room_has_its_layer():
    """A new folder that no layer names would be held to nothing."""
    setup = configparser.ConfigParser()
    setup.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    layers = setup["importlinter:contract:layers"]["layers"]
    assert set(re.findall(r"nlu_lite\.(\w+)", layers)) == ROOMS | MODULES
