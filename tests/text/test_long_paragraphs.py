"""Hostile paragraphs take the rule for sentences linear time; ordinary ones are read whole."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import corpus
from benchmarks.hostile import PATTERNS, text_of
from nlu_lite.text import long_paragraphs, sentences
from nlu_lite.text.long_paragraphs import PIECE, sentence_ends
from nlu_lite.text.sentences import split_sentences

DOCUMENTS = sorted((Path(__file__).parents[2] / "docs").glob("*.md"))
ORDINARY = "He said “I am here. You are not.” Dr. Wu's dog (it's old. Really.) didn't care! 'Why?' "


def prose():
    """Whole sentences of Python's documents, in one paragraph."""
    some = corpus.sentences(3_000)
    return " ".join(s for s in some if s[0].isupper() and s[-1] in ".!?" and not {*"`'\""} & {*s})


def read_by(text, language="en"):
    """The parts of a text that the rule is given, and the spans of its sentences."""
    parts = []
    rule = sentences.sentencex.get_sentence_boundaries

    def find_ends(part):
        parts.append(part)
        return [item["end_index"] for item in rule(language, part)]

    return parts, list(sentence_ends(text, find_ends))


@pytest.mark.parametrize("pattern", PATTERNS["sentences"])
def test_a_hostile_text_is_read_in_pieces(pattern):
    text = text_of(pattern, 60_000)
    parts, ends = read_by(text)
    assert sum(map(len, parts)) <= 3 * len(text)
    assert max(map(len, parts)) <= PIECE or len(parts) == 1
    assert all(left < right for left, right in pairwise(ends))
    assert not text[ends[-1] :].strip()


@pytest.mark.parametrize("opening", ["“", "«", "'", "「", "『", "《", "‹", "„", "‘", "`"])
def test_quotes_that_open_and_never_close_make_a_text_hostile(opening):
    parts, _ = read_by(f"{opening}a. " * 20_000)
    assert max(map(len, parts)) <= PIECE


@pytest.mark.parametrize(
    "text",
    [ORDINARY * 500, " ".join(corpus.sentences(9_000)), *(d.read_text("utf-8") for d in DOCUMENTS)],
)
def test_an_ordinary_text_is_read_whole(text):
    parts, _ = read_by(text)
    assert len(parts) == 1


@pytest.mark.parametrize("language", ["en", "de", "zh"])
@pytest.mark.parametrize("text", [ORDINARY * 300, prose()], ids=["quotes", "prose"])
def test_pieces_give_the_sentences_of_the_whole(text, language, monkeypatch):
    _, whole = read_by(text, language)
    monkeypatch.setattr(long_paragraphs, "GRANTED", 0)
    parts, ends = read_by(text, language)
    assert len(parts) > 1
    assert set(ends) == set(whole)


def test_a_hostile_paragraph_leaves_the_others_as_they_are():
    hostile = "“" * 30_000
    text = f"One. Two.\n\n{hostile}\n\nThree. Four."
    parts = [text[begin:end].strip() for begin, end in split_sentences(text, "en")]
    assert parts[:2] == ["One.", "Two."]
    assert parts[-2:] == ["Three.", "Four."]


def test_a_quotation_in_a_hostile_paragraph_is_not_cut_by_the_end_of_a_piece():
    quotation = "She said “One. Two. Three. Four.” then. "
    text = "« . " * 20_000 + quotation * 1_000
    cut = [text[begin:end].strip() for begin, end in split_sentences(text, "en")]
    assert cut.count(quotation.strip()) >= 999
