"""What docs/compatibility.md promises is recorded, so that a change of it is seen."""

from __future__ import annotations

from pathlib import Path

import nlu_lite as nlu
from tests.helpers.public_api import lines

CHECKOUT = Path(__file__).resolve().parents[2]


def test_every_public_name_and_signature_is_as_recorded():
    recorded = (
        (CHECKOUT / "tests" / "data" / "public_api.txt").read_text(encoding="utf-8").splitlines()
    )
    current = lines()
    assert (sorted(set(recorded) - set(current)), sorted(set(current) - set(recorded))) == (
        [],
        [],
    ), (
        "docs/compatibility.md says what may change; if it may, `python -m "
        "tests.helpers.public_api > tests/data/public_api.txt`"
    )


def test_all_is_what_dir_shows():
    assert set(nlu.__all__) <= set(dir(nlu))
    assert all(getattr(nlu, name) is not None for name in nlu.__all__)


def test_the_package_says_that_it_is_typed():
    assert (CHECKOUT / "nlu_lite" / "py.typed").is_file()
