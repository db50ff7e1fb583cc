"""Distinct English sentences that every Python has: ``pydoc_data.topics``, then the standard
library's docstrings.
"""

from __future__ import annotations

import ast
import inspect
import pydoc_data.topics
import random
import sysconfig
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from nlu_lite.options import Options
from nlu_lite.text import build_segmenter

# Longer sentences are left out: peers cut them where this library reads on, which would not be the
# same work.
MOST_CHARACTERS = 600
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def sentences(count: int) -> list[str]:
    """So many distinct sentences, in an order shuffled once and for all; fewer if there are no
    more.

    The topics come first, so that a small benchmark reads prose of mixed lengths and needs no files
    of the library.
    """
    found: dict[str, None] = {}
    for texts in (pydoc_data.topics.topics.values(), docstrings()):
        new = [text for text in cut(texts) if text not in found]
        random.Random(7).shuffle(new)
        found.update(dict.fromkeys(new))
        if len(found) >= count:
            break
    return list(found)[:count]


def cut(texts: Iterable[str]) -> Iterator[str]:
    """The sentences of texts, lists and code among them, as the library's own rule cuts them."""
    for sentence in build_segmenter(Options(), "en", None)(list(texts)).sentences():
        line = " ".join(sentence.split())
        if line and len(line) <= MOST_CHARACTERS:
            yield line


def docstrings() -> Iterator[str]:
    """The docstrings of the standard library, module by module."""
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if "site-packages" in path.parts or "test" in path.parts:
            continue
        try:
            with warnings.catch_warnings(action="ignore"):
                tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError):
            continue  # files that are there to be wrong
        for node in ast.walk(tree):
            if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node, clean=False)):
                yield inspect.cleandoc(text)
