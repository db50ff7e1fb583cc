"""The sentences of README, CONTRIBUTING, SECURITY and docs/ are short.

Counted are the words of paragraphs, items of lists and cells of tables. A piece of code in a
sentence counts as one word, whatever its length; blocks of code and headings are passed over.
"""

from __future__ import annotations

import re
from pathlib import Path
from statistics import mean

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = [
    *(CHECKOUT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
    *sorted((CHECKOUT / "docs").rglob("*.md")),
]
LONGEST = 35
MEAN = 18
FENCE = re.compile(r"^(`{3,})[^\n`]*\n.*?^\1[ ]*$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?<=\n\n)(?: {4}[^\n]*\n+)+")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\([^)]*\)")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
# Where one sentence ends and the next begins.
END = re.compile(r"(?<=[.!?])[)\"*]*\s+(?=[\"(*]*[A-Z0-9])")
# A new block: an empty line, an item of a list, a heading, a row of a table.
BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s|#|\|)")


def plain(page: str) -> str:
    """A page without its blocks of code, with one word in place of each piece of code."""
    for pattern, replacement in (
        (FENCE, "\n"),
        (INDENTED, "\n"),
        (COMMENT, ""),
        (IMAGE, ""),
        (CODE, "Code"),
        (LINK, r"\g<text>"),
    ):
        page = pattern.sub(replacement, page)
    return page


def words(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in text.split())


def sentences(page: str) -> tuple[list[str], list[str]]:
    """The sentences of the running text, and those of the tables' cells."""
    running: list[str] = []
    cells: list[str] = []
    for block in BLOCK.split(plain(page)):
        block = block.strip()
        if block.startswith("#"):
            continue
        if block.startswith("|"):
            parts = re.split(r"\||;", block)
            cells += [sentence for part in parts for sentence in END.split(part)]
        else:
            running += END.split(re.sub(r"^(?:[-*]|\d+\.)\s+", "", block))
    return [s for s in running if words(s)], [s for s in cells if words(s)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_sentence_is_long(path):
    running, cells = sentences(path.read_text(encoding="utf-8"))
    long = [f"{words(s)} words: {s}" for s in (*running, *cells) if words(s) > LONGEST]
    assert long == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_sentences_are_short_in_the_mean(path):
    running, _ = sentences(path.read_text(encoding="utf-8"))
    assert mean(map(words, running)) < MEAN


def test_sentences_are_found_and_counted():
    page = (
        "# Head\n\nOne two `a. B c` three. Four\n(five) six:\n\n- Item one.\n- Item [two](x.md)!\n"
    )
    running, cells = sentences(page + "\n```python\ncode. More\n```\n\n| a b | c. D |\n|---|---|\n")
    assert [words(s) for s in running] == [4, 3, 2, 2]
    assert [words(s) for s in cells] == [2, 1, 1]
