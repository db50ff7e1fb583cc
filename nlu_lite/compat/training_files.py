"""The files that NLU's ``fit(dataset_path=)`` reads: words with tags, in CoNLL or POS form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nlu_lite.common import local_path
from nlu_lite.errors import InputValueError

# A line of CoNLL 2003 has the word first and the tag of its entity last.
_NEW_DOCUMENT = "-DOCSTART-"
# What stands between word and tag where the separator that was named stands in no line.
_OTHER_SEPARATORS = ("_", "|", "/")

Sentence = tuple[list[str], list[str]]


def read_tagged_words(path: str | Path, *, is_conll: bool, separator: str) -> pd.DataFrame:
    """The words and tags of a file, a row a sentence.

    Args:
        path: A text file in UTF-8, on this machine.
        is_conll: A word a line, its tag the last part, blank lines between sentences (CoNLL 2003);
            else a sentence a line, of words with their tags.
        separator: Between a word and its tag in the second form. Where no line has it, the one of
            ``_``, ``|`` and ``/`` that every word of the first line has is taken.

    Returns:
        Columns ``text`` and ``y``: lists of words, and lists of tags as long.

    Raises:
        InputValueError: The file cannot be read, a line has no tag, or there is no sentence; with
            file and line.
    """
    file = local_path(path, "a file to learn from", InputValueError)
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise InputValueError(
            f"{file}: cannot be read: {error}. dataset_path names a text file in UTF-8 with words "
            f"and tags."
        ) from error
    sentences = list(_conll(file, lines) if is_conll else _lines(file, lines, separator))
    if not sentences:
        raise InputValueError(f"{file}: holds no sentence; there is nothing to learn from.")
    words, tags = zip(*sentences, strict=True)
    return pd.DataFrame({"text": words, "y": tags})


def _conll(file: Path, lines: list[str]) -> Iterator[Sentence]:
    words: list[str] = []
    tags: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        parts = line.split()
        if parts[:1] in ([], [_NEW_DOCUMENT]):
            if words:
                yield words, tags
            words, tags = [], []
            continue
        if len(parts) < 2:
            raise InputValueError(
                f"{file}, line {number}: {line!r:.60} is a word without a tag; a line has a word, "
                f"and its tag as the last part."
            )
        words.append(parts[0])
        tags.append(parts[-1])


def _lines(file: Path, lines: list[str], separator: str) -> Iterator[Sentence]:
    separator = _separator(lines, separator)
    for number, line in enumerate(lines, start=1):
        pairs = [item.rpartition(separator) for item in line.split()]
        untagged = [tag for word, _, tag in pairs if not word or not tag]
        if untagged:
            raise InputValueError(
                f"{file}, line {number}: {untagged[0]!r:.60} is not a word, {separator!r} and a "
                f"tag. Say what stands between them with label_seperator=."
            )
        if pairs:
            yield [word for word, _, _ in pairs], [tag for _, _, tag in pairs]


def _separator(lines: list[str], separator: str) -> str:
    """What stands between words and tags: as named, else what every word of the first line has."""
    if any(separator in line for line in lines):
        return separator
    first = next((line.split() for line in lines if line.split()), [])
    for separator in _OTHER_SEPARATORS:
        if all(separator in item for item in first):
            return separator
    return separator
