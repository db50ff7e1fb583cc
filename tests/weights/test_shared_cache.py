"""A cache that several users share, and one of them may not write or read: the advice is about
permissions."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from tests.helpers.hub.models import REFERENCE, assert_loads, start

NOBODY = 65534
LOAD = f"""
import os, sys
import nlu_lite as nlu
from nlu_lite import registry, weights
import huggingface_hub.utils, huggingface_hub.file_download, nlu_lite.encoder
import _strptime; "host".encode("idna")
os.setgid({NOBODY}); os.setuid({NOBODY})
try:
    entry = registry.current().find({REFERENCE!r})
    print(weights.locate(entry, registry.current()))
except nlu.NluLiteError as error:
    print(type(error).__name__, error)
"""

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user"
)


def locate_as_nobody(served, tmp_path, **variables) -> str:
    root = Path(tempfile.gettempdir())
    for folder in (tmp_path, *(part for part in tmp_path.parents if root in part.parents)):
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    own = {"NLU_LITE_REGISTRY": str(tmp_path / "own_registry.yaml")}
    process = start(LOAD, served.env(tmp_path / "home", timeout=5), own, variables)
    said, complaints = process.communicate(timeout=60)
    assert complaints == ""
    return said


def test_a_cache_that_may_not_be_written(served, tmp_path):
    (tmp_path / "home" / "hub").mkdir(parents=True, exist_ok=True)
    said = locate_as_nobody(served, tmp_path)
    assert said.startswith("DownloadError")
    assert "let the owner give permission" in said
    assert "HF_HUB_CACHE" in said
    assert "Free space" not in said


def test_a_cache_that_may_not_be_read(served, tiny, tmp_path):
    assert_loads(tiny)
    (store,) = (tmp_path / "home" / "hub").glob("models--*")
    (store / "snapshots").chmod(0)
    said = locate_as_nobody(served, tmp_path, HF_HUB_OFFLINE="1")
    (store / "snapshots").chmod(0o755)
    assert said.split()[0] in ("WeightsNotFoundError", "ModelError", "IntegrityError")
    assert "let the owner give permission" in said
