"""Counted: pieces put through the model against pieces that are needed, and texts given to the
tokenizer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nlu_lite as nlu
from nlu_lite.encoder import run_together
from nlu_lite.encoder.models.pieces import PieceTokenizer
from nlu_lite.frame import SENTENCE
from nlu_lite.inputs import read
from nlu_lite.tasks import UnitRequest
from tests.helpers.equal import assert_equal

WORDS, SENTENCES = "en.embed.minilm_l6", "en.embed_sentence.minilm_l6"
TEXTS = [
    "The ferry leaves at nine. Bring a coat.",
    "Bring a coat.",
    "The “old” mill by the river was sold last week for €300,000. Nobody knows who bought it.",
    "One word",
]


def encoder_of(pipe):
    return pipe.components[0].plan.loaded.encoder


def computed(pipe, call):
    """What a call gives, and how many pieces went through the model for it."""
    before = encoder_of(pipe).tokens
    result = call()
    return result, encoder_of(pipe).tokens - before


def needed(pipe, texts):
    """Pieces of different texts, the two special ones of each counted."""
    tokenizer = pipe.components[0].tokenizer
    return sum(len(tokenizer(text)["input_ids"]) for text in set(texts))


@pytest.fixture
def tokenised(monkeypatch):
    """How many texts went to the tokenizer, call by call."""
    counts = []
    plain = PieceTokenizer.__call__

    def counting(self, texts):
        counts.append(len(texts))
        return plain(self, texts)

    monkeypatch.setattr(PieceTokenizer, "__call__", counting)
    return counts


@pytest.mark.parametrize("reference", [WORDS, SENTENCES])
def test_pieces_computed_are_pieces_needed(reference):
    pipe = nlu.load(reference, sentences=None)
    _, count = computed(pipe, lambda: pipe.predict(TEXTS))
    assert count == needed(pipe, TEXTS)


@pytest.mark.parametrize("level", ["token", "sentence", "document"])
@pytest.mark.parametrize("reference", [WORDS, SENTENCES])
def test_equal_texts_are_encoded_once(reference, level, tokenised):
    pipe = nlu.load(reference, sentences=None)
    once, count = computed(pipe, lambda: pipe.predict(TEXTS, level))
    del tokenised[:]
    twice, again = computed(pipe, lambda: pipe.predict([*TEXTS, *TEXTS[::-1]], level))
    assert again == count
    assert tokenised == [len(TEXTS)]
    column = pipe.columns[0]
    forward = twice.iloc[: len(once)]
    assert_equal(nlu.vectors(forward, column), nlu.vectors(once, column))
    back = pd.concat([twice[twice.index == index] for index in range(7, 3, -1)])
    assert back[level].tolist() == once[level].tolist()
    assert_equal(nlu.vectors(back, column), nlu.vectors(once, column))


def test_equal_sentences_of_different_texts_are_encoded_once():
    pipe = nlu.load(WORDS)
    frame, count = computed(pipe, lambda: pipe.predict(TEXTS[:2], "sentence"))
    assert frame["sentence"].tolist() == [
        "The ferry leaves at nine.",
        "Bring a coat.",
        "Bring a coat.",
    ]
    assert count == needed(pipe, frame["sentence"])


def test_rows_of_equal_texts_do_not_share_memory():
    frame = nlu.load(WORDS).predict(["Bring a coat."] * 3)
    cells = frame["en_embed_minilm_l6_embeddings"].tolist()
    assert not any(np.shares_memory(cells[0], cell) for cell in cells[1:])


def test_equal_sentences_with_other_words_keep_their_own():
    """Split input whose words, joined, read the same."""
    pipe = nlu.load(WORDS, words=lambda text: [(0, 1), (2, 3)] if len(text) == 3 else [(0, 3)])
    pre_split = nlu.load(WORDS).predict([["a b", "c"], ["a", "b c"], ["a b", "c"]])
    assert pre_split["token"].tolist() == ["a b", "c", "a", "b c", "a b", "c"]
    direct = nlu.load(WORDS, words=lambda _text: [(0, 3), (4, 5)]).predict("a b c")
    assert_equal(nlu.vectors(pre_split.iloc[:2]), nlu.vectors(direct))
    assert_equal(nlu.vectors(pre_split.iloc[4:]), nlu.vectors(direct))
    direct = nlu.load(WORDS, words=lambda _text: [(0, 1), (2, 5)]).predict("a b c")
    assert_equal(nlu.vectors(pre_split.iloc[2:4]), nlu.vectors(direct))
    assert pipe.predict("a b")["token"].tolist() == ["a", "b"]


@pytest.mark.parametrize("level", ["token", "sentence", "document"])
def test_components_on_one_model_share_one_forward(level, tokenised):
    words, sentences = nlu.load(WORDS), nlu.load(SENTENCES)
    joint = nlu.load(f"{WORDS} {SENTENCES}")
    _, alone = computed(words, lambda: words.predict(TEXTS, level))
    del tokenised[:]
    frame, count = computed(joint, lambda: joint.predict(TEXTS, level))
    if (
        level == "document"
    ):  # whole texts and their sentences are different sequences, but where a text is one sentence
        parts = words.predict(TEXTS, "sentence")["sentence"]
        assert count == needed(joint, {*TEXTS, *parts})
    else:
        assert count == alone
        assert len(tokenised) == 1
    assert_equal(nlu.vectors(frame, joint.columns[0]), nlu.vectors(words.predict(TEXTS, level)))
    assert_equal(nlu.vectors(frame, joint.columns[1]), nlu.vectors(sentences.predict(TEXTS, level)))


def test_components_that_read_differently_do_not_get_each_others_vectors():
    pipe = nlu.load(
        f"{WORDS} {SENTENCES}", layers=[0, 3], layer_pooling="concat", word_pooling="max"
    )
    frame = pipe.predict(TEXTS, "sentence")
    for index, reference in enumerate((WORDS, SENTENCES)):
        alone = nlu.load(
            reference, layers=[0, 3], layer_pooling="concat", word_pooling="max"
        ).predict(TEXTS, "sentence")
        assert_equal(nlu.vectors(frame, pipe.columns[index]), nlu.vectors(alone))


def test_progress_counts_every_word_of_repeated_texts():
    counts = []
    pipe = nlu.load(f"{WORDS} {SENTENCES}")
    inputs = read([*TEXTS, *TEXTS], None)
    segmentation = pipe.flow.segment(inputs.documents)
    units = SENTENCE.units(segmentation)
    request = UnitRequest(
        inputs=inputs,
        segmentation=segmentation,
        units=units,
        level=SENTENCE,
        aggregate="mean",
        progress=counts.append,
    )
    run_together([item.task.results(item.plan, request) for item in pipe.components])
    assert sum(counts) == len(segmentation.word_begin) + len(units)
