"""What the tests of datasets share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def pipe(family_pipe):
    return family_pipe("bert")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "dataset"
