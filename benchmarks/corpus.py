"""Distinct English sentences that every Python has.

They stand in ``pydoc_data.topics``, and then in the standard library's docstrings.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import pydoc_data.topics
import random
import sysconfig
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nlu_lite.options import Options
from nlu_lite.text import build_segmenter

# Longer sentences are left out: peers cut them where this library reads on, which would not be the
# same work.
MOST_CHARACTERS = 600
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# A word of one piece, in every vocabulary.
FILLER = "the"
LEFT_OUT = {"site-packages", "test"}


def sentences(count: int) -> list[str]:
    """So many distinct sentences in a fixed shuffled order; fewer if there are no more.

    The topics come first, so that a small benchmark reads prose of mixed lengths and needs no files
    of the library.
    """
    distinct: dict[str, None] = {}
    for texts in (pydoc_data.topics.topics.values(), docstrings()):
        new = [sentence for sentence in cut_sentences(texts) if sentence not in distinct]
        random.Random(7).shuffle(new)
        distinct.update(dict.fromkeys(new))
        if len(distinct) >= count:
            break
    return list(distinct)[:count]


def cut_sentences(texts: Iterable[str]) -> Iterator[str]:
    """The sentences of texts, lists and code among them, as the library's own rule cuts them."""
    for sentence in build_segmenter(Options(), "en", None)(list(texts)).sentences():
        line = " ".join(sentence.split())
        if 0 < len(line) <= MOST_CHARACTERS:
            yield line


def docstrings() -> Iterator[str]:
    """The docstrings of the standard library, module by module."""
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if LEFT_OUT.isdisjoint(path.parts):
            yield from docstrings_of(path)


def docstrings_of(path: Path) -> Iterator[str]:
    """The docstrings of one module; none of a file that is there to be wrong."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):
        return
    documented = [node for node in ast.walk(tree) if isinstance(node, DOCUMENTED)]
    for text in filter(None, (ast.get_docstring(node, clean=False) for node in documented)):
        yield inspect.cleandoc(text)


def sentences_of_length(tokenizer: Any, count: int, pieces: int) -> list[str]:  # noqa: ANN401
    """Sentences of ordinary words that all have the same number of pieces.

    Args:
        tokenizer: Of transformers; words must not share pieces.
        count: How many sentences.
        pieces: Of each, the special ones counted.
    """
    room = pieces - tokenizer.num_special_tokens_to_add()
    words = itertools.cycle(" ".join(sentences(2_000)).split())
    sizes: dict[str, int] = {}
    made: list[str] = []
    while len(made) < count:
        text: list[str] = []
        left = room
        while left > 0:
            word = next(words)
            if word not in sizes:
                sizes[word] = len(tokenizer.tokenize(word))
            # What does not fit any more is filled up with a word of one piece.
            if not 0 < sizes[word] <= left:
                word = FILLER
            text.append(word)
            left -= sizes.get(word, 1)
        made.append(" ".join(text))
    return made
