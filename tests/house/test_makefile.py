"""Which build of torch `make` installs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
INDEX = "https://127.0.0.1:9/whl/cpu"


def make(*arguments: str) -> str:
    """What make prints; nothing of a make that these tests were started by."""
    foreign = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "CPU_TORCH", "VENV")
    surroundings = {name: value for name, value in os.environ.items() if name not in foreign}
    made = subprocess.run(
        ["make", *arguments], cwd=CHECKOUT, env=surroundings, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


@pytest.mark.parametrize("target", ["demo", "test", "lint", "docs", "lowest"])
def test_torch_is_first_looked_for_without_cuda(tmp_path, target):
    commands = make("--dry-run", target, f"VENV={tmp_path / 'venv'}", f"CPU_TORCH={INDEX}")
    before, found, _ = commands.partition(f"--index-url {INDEX} torch")
    assert found
    assert "--editable" not in before


def test_an_empty_address_leaves_torch_to_the_package_index(tmp_path):
    commands = make("--dry-run", "demo", f"VENV={tmp_path / 'venv'}", "CPU_TORCH=")
    assert "--editable ." in commands
    assert "--index-url" not in commands


def test_where_that_build_cannot_be_had_the_installation_goes_on(tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    (tmp_path / ".made").touch()
    said = make(str(tmp_path / ".torch"), f"VENV={tmp_path}", f"CPU_TORCH={INDEX}")
    assert "the package index is asked" in said
    assert (tmp_path / ".torch").exists()
