"""The lowest versions that setup.cfg allows, as constraints for pip: ``make lowest`` installs and
tests with them.

Printed from setup.cfg, so that what is tested is what is promised.
"""

from __future__ import annotations

import configparser
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
EXTRAS = ("arrow", "plot", "sentencepiece", "sklearn", "spark", "train", "umap")
# constraints.txt says in which version. A build of torch is bound to a machine, and one can be had;
# PySpark is an archive of 434 MB without a wheel, which is built once.
NOT_LOWERED = ("torch", "pyspark")


def bounds(setup: Path) -> dict[str, str]:
    """From the name of a package that users need to its lower bound; a package without one is a
    fault.

    Args:
        setup: A setup.cfg.
    """
    config = configparser.ConfigParser()
    config.read(setup, encoding="utf-8")
    lines = config["options"]["install_requires"].splitlines()
    for extra in EXTRAS:
        lines += config["options.extras_require"][extra].splitlines()
    bounds_by_name: dict[str, str] = {}
    for line in filter(None, lines):
        name, _, bound = line.partition(">=")
        version = bound.split(",")[0].strip()
        if not version or bounds_by_name.setdefault(name, version) != version:
            raise SystemExit(
                f"{setup}: {line!r} has no lower bound, or another one than elsewhere in the file."
            )
    return bounds_by_name


def constraints(setup: Path, exact: Path) -> list[str]:
    """Lines for ``pip install --constraint``.

    Args:
        setup: A setup.cfg.
        exact: A file of exact versions, for what is not lowered.
    """
    pinned = dict(
        line.split("==") for line in exact.read_text(encoding="utf-8").splitlines() if "==" in line
    )
    return [
        f"{name}=={pinned[name] if name in NOT_LOWERED else version}"
        for name, version in bounds(setup).items()
    ]


if __name__ == "__main__":
    sys.stdout.write(
        "\n".join(constraints(CHECKOUT / "setup.cfg", CHECKOUT / "constraints.txt")) + "\n"
    )
