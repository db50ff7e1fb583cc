"""Models behind a hub: a repository's files, the registry entry that names it, what a load ends in,
what a sound cache is."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import nlu_lite as nlu
from nlu_lite.text.words import standard_words
from tests.helpers import oracle
from tests.helpers.equal import assert_equal
from tests.helpers.families import POSITIONS

REPO = "org/tiny"
REFERENCE = "en.embed.on_the_hub"
TEXT = "I love NLP: the naïve façade of “Straße 7” is defined in number42 ways."


def files_of(folder: Path, **more: bytes | str) -> dict[str, Path | bytes | str]:
    """The files of a folder as a repository holds them, and more by name (``.`` is written
    ``_dot_``)."""
    files: dict[str, Path | bytes | str] = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return files | {name.replace("_dot_", "."): content for name, content in more.items()}


def entry_text(
    *, reference: str = REFERENCE, source: Mapping[str, object] | None = None, **facts: object
) -> str:
    """A registry file with one reference on a repository of the hub; JSON is YAML."""
    model = {"sources": [{"hub": REPO, **(source or {})}], "architecture": "bert", **facts}
    used = {"model": "on_the_hub", "task": "embed", "language": "en"}
    return json.dumps({"models": {"on_the_hub": model}, "references": {reference: used}})


@functools.lru_cache(maxsize=16)
def right_vectors(folder: Path, text: str = TEXT, longest: int = POSITIONS) -> np.ndarray:
    """The vectors of the words of a text that is one sentence, by a direct forward of the model in
    a folder."""
    return np.stack(oracle.words_of_sentence(folder, text, standard_words(text), longest=longest))


def assert_loads(folder: Path, request: str = REFERENCE, **options: object) -> None:
    """A load gives the vectors of the model in a folder."""
    nlu.clear_cache()
    assert_equal(nlu.vectors(nlu.load(request, **options).predict(TEXT)), right_vectors(folder))


def assert_refused(
    error: type[Exception], *parts: str, request: str = REFERENCE, **options: object
) -> None:
    """A load ends in an error of ours, whose message has the parts: its cause and its cure."""
    with pytest.raises(error) as caught:
        nlu.load(request, **options)
    for part in parts:
        assert part in str(caught.value)


# What a new process runs to fetch the model and no more: without torch it takes half a second.
LOCATE = f"""
from nlu_lite import registry, weights
print(weights.locate(registry.current().find("{REFERENCE}"), registry.current()))
"""


def start(script: str, *variables: Mapping[str, str], **more: object) -> subprocess.Popen[str]:
    """Run a script in a new process that has these variables, later ones first."""
    environment = {**os.environ, "PYTHONPATH": str(Path(nlu.__file__).parents[1])}
    for changes in variables:
        environment |= changes
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen([sys.executable, "-c", script], env=environment, text=True, **pipes)


def unsound(cache: Path) -> list[str]:
    """What is wrong with a hub cache: content that is not what its name says, leftovers, links to
    nothing."""
    faults = []
    for path in cache.rglob("*"):
        if path.is_symlink() and not (
            path.exists() and path.resolve().is_relative_to(cache.resolve())
        ):
            faults.append(f"{path} leads to nothing or out of the cache")
        if (
            path.is_file()
            and path.parent.name == "blobs"
            and path.name != _name_of(path.read_bytes(), len(path.name))
        ):
            faults.append(f"{path} is not what it is called")
        if path.is_file() and path.parent.name == "refs" and not _has_snapshot(path):
            faults.append(f"{path} points to a commit that is not here")
    return faults


def _name_of(content: bytes, length: int) -> str:
    if length == 64:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _has_snapshot(ref: Path) -> bool:
    return (ref.parents[1] / "snapshots" / ref.read_text()).is_dir()
