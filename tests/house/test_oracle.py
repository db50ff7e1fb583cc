"""Word vectors of 500 real and hostile texts against the oracle: plain loops, one text at a time, a
direct forward.

The words are taken from the frame, so that what is compared is which pieces and windows speak for
them.
"""

from __future__ import annotations

import functools
import unicodedata

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
from tests.conftest import pipeline_at
from tests.helpers import oracle
from tests.helpers.equal import assert_equal
from tests.helpers.families import POSITIONS
from tests.helpers.hostile import texts

STYLES = ("bert", "albert", "roberta", "xlm-roberta")
TEXTS = texts()


def compare(folder, texts, *, sentences=None, **options):
    frame = pipeline_at(folder, sentences=sentences, **options).predict(texts, positions=True)
    pooling = options.get("word_pooling", "first")
    longest, overlap = options.get("max_length", POSITIONS), options.get("stride")
    rows = list(zip(frame["begin"].tolist(), frame["end"].tolist(), strict=True))
    starts = np.searchsorted(frame.index, np.arange(len(texts) + 1))
    expected = []
    for number, text in enumerate(texts):
        word_rows = rows[starts[number] : starts[number + 1]]
        assert word_rows, "no text is without a row"
        if pd.isna(word_rows[0][0]):  # signs that nobody sees make no word
            expected.append(None)
            continue
        begin = min(word_rows[0][0], len(text) - len(text.lstrip()))
        end = max(word_rows[-1][1] + 1, len(text.rstrip()))
        spans = [(first - begin, last + 1 - begin) for first, last in word_rows]
        expected += oracle.words_of_sentence(
            folder,
            text[begin:end],
            spans,
            pooling=pooling,
            longest=longest,
            overlap=overlap,
            cut=options.get("long") == "cut",
        )
    cells = frame["tiny_embeddings"].tolist()
    assert [cell is None for cell in cells] == [row is None for row in expected]
    assert_equal(
        np.stack([cell for cell in cells if cell is not None]),
        np.stack([row for row in expected if row is not None]),
    )
    return frame


@pytest.mark.parametrize("family", STYLES)
def test_five_hundred_texts_agree_with_the_oracle(family, family_folder):
    frame = compare(family_folder(family), TEXTS)
    assert len(frame) > 5_000
    # BERT's tokenizer drops control characters and signs without width; bytes and SentencePiece
    # keep nearly all.
    assert (
        (0 if family == "bert" else -1) < frame["tiny_embeddings"].isna().sum() < 0.05 * len(frame)
    )


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
@pytest.mark.parametrize("family", STYLES)
def test_the_other_poolings_agree_as_well(family, pooling, family_folder):
    compare(family_folder(family), TEXTS, word_pooling=pooling)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["bert-cased", "distilbert", "electra"])
def test_the_other_families_agree_as_well(family, family_folder):
    compare(family_folder(family), TEXTS)


@pytest.mark.parametrize("family", STYLES)
@pytest.mark.parametrize(
    "options",
    [
        {"max_length": 7, "stride": 0},
        {"max_length": 7, "stride": 4},
        {"max_length": 3, "stride": 0, "word_pooling": "mean"},
        {"max_length": 12, "word_pooling": "mean"},
        {"max_length": 9, "stride": 3, "word_pooling": "last"},
        {"max_length": 9, "stride": 5, "word_pooling": "max"},
        {"max_length": 12, "long": "cut"},
        {"max_length": 12, "long": "cut", "word_pooling": "mean"},
    ],
    ids=str,
)
def test_short_windows_and_cut_texts_agree(family, options, family_folder):
    compare(family_folder(family), TEXTS[::25], **options)


def test_unicode_words_agree(family_folder):
    compare(family_folder("roberta"), TEXTS[250::7], words="unicode")
    compare(
        family_folder("bert"),
        TEXTS[250::7],
        words=lambda text: [(n, n + 1) for n in range(len(text))],
        word_pooling="mean",
    )


@pytest.mark.parametrize("family", STYLES)
def test_sentences_are_read_one_at_a_time(family, family_folder):
    """By default a text is cut into sentences; each is then a text of its own."""
    texts = [" ".join(TEXTS[number : number + 3]) for number in range(0, 30, 3)]
    pipe = pipeline_at(family_folder(family))
    sentences = pipe.predict(texts, "sentence")["sentence"].tolist()
    assert len(sentences) > 2 * len(texts)
    frame = compare(family_folder(family), sentences)
    computed = pipe.predict(texts)
    assert computed["token"].tolist() == frame["token"].tolist()
    assert_equal(nlu.vectors(computed), nlu.vectors(frame))


@functools.cache
def characters() -> set[str]:
    return set("".join(TEXTS))


def test_the_texts_are_as_hostile_as_they_say():
    assert len(TEXTS) == 500
    assert len(set(TEXTS)) > 490
    assert {ord(char) >> 16 for char in characters()} == set(range(17))
    assert {
        "“",
        "\u200b",
        "\u00ad",
        "\u202e",
        "\x00",
        "\ud800",
        "▁",
        "ﬁ",
        "👍",
        "\u200d",
    } <= characters()
    kinds = {unicodedata.category(char) for char in characters()}
    assert kinds >= {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Mn",
        "Mc",
        "Lo",
        "So",
        "Sk",
        "Nd",
        "Nl",
        "No",
        "Pi",
        "Pf",
        "Zs",
        "Zl",
        "Zp",
    }
    assert max(len(word) for text in TEXTS for word in text.split()) >= 300
