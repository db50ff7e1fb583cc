"""Text of any length: parts for the tokenizer, windows for the model, and memory that stays within
bounds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

import nlu_lite as nlu
from nlu_lite.encoder.models import pieces
from nlu_lite.encoder.models.pieces import load_tokenizer
from nlu_lite.errors import ModelError, OptionError
from tests.conftest import pipeline_at
from tests.helpers import oracle
from tests.helpers.equal import assert_equal
from tests.helpers.families import FAMILIES, POSITIONS
from tests.helpers.fuzz import examples
from tests.helpers.hostile import texts

CHECKOUT = Path(__file__).parents[2]
ENTRY = pipeline_at(Path("none")).components[0].entry


def direct(folder, text):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encoding = tokenizer.encode(text, add_special_tokens=False)
    return encoding.ids, encoding.offsets


# Runs are short, so that every part can begin at white space; Python's own idea of that holds four
# control characters more.
SHORT_RUNS = st.lists(
    st.text(max_size=5)
    | st.sampled_from(
        ["“a”", "it’s", " ", "\u3000", "\x1c", "\n\n", "\u0301", "e\u0301", "▁", "1,2"]
    ),
    max_size=30,
).map(" ".join)


@settings(examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=st.lists(SHORT_RUNS, max_size=4), family=st.sampled_from(FAMILIES))
def test_text_in_parts_has_the_pieces_of_the_whole_text(monkeypatch, family_folder, some, family):
    some = [oracle.readable(text) for text in some]
    monkeypatch.setattr(pieces, "PART_LENGTH", 12)
    monkeypatch.setattr(pieces, "CALL_LENGTH", 30)
    folder = family_folder(family)
    found = load_tokenizer(folder, ENTRY, vocabulary_size=None)(some)
    for number, text in enumerate(some):
        own = slice(found.starts[number], found.starts[number + 1])
        ids, offsets = direct(folder, text)
        assert found.ids[own].tolist() == ids
        assert list(zip(found.begin[own].tolist(), found.end[own].tolist(), strict=True)) == offsets


@pytest.mark.parametrize("family", FAMILIES)
def test_a_long_text_in_parts_has_the_pieces_of_the_whole_text(family, family_folder):
    text = oracle.readable(" ".join(texts() * 2))
    assert len(text) > 2 * pieces.PART_LENGTH
    result = load_tokenizer(family_folder(family), ENTRY, vocabulary_size=None)([text])
    ids, offsets = direct(family_folder(family), text)
    assert result.ids.tolist() == ids
    assert list(zip(result.begin.tolist(), result.end.tolist(), strict=True)) == offsets


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_longer_than_a_part_is_covered_without_gaps(family, family_folder):
    text = "ab1," * (pieces.PART_LENGTH // 2) + " end"
    result = load_tokenizer(family_folder(family), ENTRY, vocabulary_size=None)([text])
    assert result.begin.tolist()[0] == 0
    assert (result.begin[1:] <= result.end[:-1] + 1).all()
    assert result.end.tolist()[-1] == len(text)


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_thousands_of_words_in_one_sentence(family_folder, count):
    text = " ".join(f"the {'grammar' if number % 7 else '“of”'}" for number in range(count // 2))
    folder = family_folder("bert")
    frame = pipeline_at(
        folder, sentences=None, words=lambda text: [m.span() for m in re.finditer(r"\S+", text)]
    ).predict(text)
    assert len(frame) == count
    matrix = nlu.vectors(frame)
    assert np.isfinite(matrix).all()
    sample = [
        *range(0, count, count // 40),
        *range(count - 20, count),
    ]  # the oracle looks at all pieces for every word
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    expected = oracle.words_of_sentence(
        folder, text, [spans[index] for index in sample], longest=POSITIONS
    )
    assert_equal(matrix[sample], np.stack(expected))


@pytest.mark.parametrize(
    "options", [{}, {"stride": 0}, {"stride": 59}, {"stride": 1, "max_length": 4}], ids=str
)
@pytest.mark.parametrize("pooling", ["first", "last", "mean", "max"])
@pytest.mark.parametrize("family", ["bert", "roberta", "xlm-roberta"])
def test_a_word_longer_than_a_window(family, pooling, options, family_folder):
    text = "Before " + "“" * 9 + "abc1-x2" * 25 + " after that"
    folder = family_folder(family)
    words = [match.span() for match in re.finditer(r"\S+", text)]
    pipe = pipeline_at(
        folder, sentences=None, words=lambda _text: words, word_pooling=pooling, **options
    )
    assert pipe.predict(text, metadata=True)["window_count"].iloc[0] > 2
    expected = oracle.words_of_sentence(
        folder,
        text,
        words,
        pooling=pooling,
        longest=options.get("max_length", POSITIONS),
        overlap=options.get("stride"),
    )
    assert_equal(nlu.vectors(pipe.predict(text)), np.stack(expected))


@pytest.mark.parametrize("count", [59, 60, 61, 74, 75, 76, 105, 106, 1])
def test_sentences_around_the_length_of_windows(count, family_folder):
    """60 pieces fit, and 15 are shared: the second window is full at 105, the third begins at
    106."""
    folder = family_folder("bert")
    text = " ".join(["the"] * count)
    assert len(oracle.tokenizer_of(folder).encode(text, add_special_tokens=False).ids) == count
    frame = pipeline_at(folder, sentences=None).predict(text, metadata=True)
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    assert_equal(
        nlu.vectors(frame),
        np.stack(oracle.words_of_sentence(folder, text, spans, longest=POSITIONS)),
    )
    assert frame["window_count"].iloc[0] == (1 if count <= 60 else 2 if count <= 105 else 3)


def test_cut_text_keeps_its_rows_without_vectors(family_folder):
    text = " ".join(["the"] * 70)
    frame = pipeline_at(family_folder("bert"), sentences=None, long="cut").predict(
        text, metadata=True
    )
    assert [cell is None for cell in frame["tiny_embeddings"]] == [False] * 60 + [True] * 10
    assert frame["window_count"].tolist() == [1] * 70


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_length": 63}, "max_length is 63; this model takes at most 62 pieces"),
        ({"max_length": 2}, "2 of these pieces are special, so nothing is left"),
        ({"stride": 60}, "stride is 60; it must be below the 60 pieces"),
        ({"max_length": 10, "stride": 8}, "stride is 8; it must be below the 8 pieces"),
    ],
)
def test_lengths_that_cannot_be(options, message, family_folder):
    with pytest.raises(OptionError, match=message):
        pipeline_at(family_folder("bert"), **options).predict("a")


MEASURE = """
import json, resource, sys
from pathlib import Path
from tests.conftest import pipeline_at
import nlu_lite as nlu

def peak():  # in units of 1024 bytes on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

folder, unit, times, pooling = sys.argv[1:]
pipe = pipeline_at(Path(folder), sentences=None, word_pooling=pooling)
pipe.predict("to have everything loaded")
before = peak()
text = unit * int(times)
frame = pipe.predict(text, positions=True, progress=False)
figures = {
    "bytes": peak() - before,
    "rows": len(frame),
    "none": int(frame["tiny_embeddings"].isna().sum()),
    "end": int(frame["end"].iloc[-1]),
}
print(json.dumps(figures))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "unit", "times", "pooling"),
    [
        ("bert", "1,", 5_000_000, "first"),
        ("roberta", "a", 10_000_000, "last"),
        ("bert", "$", 5_000_000, "first"),
        ("xlm-roberta", "1,", 500_000, "mean"),
    ],
)
def test_memory_for_text_without_a_space_is_bounded(family, unit, times, pooling, family_folder):
    """One call of the tokenizer takes about 600 bytes a piece, 5.8 GB for the first of these."""
    result = subprocess.run(
        [sys.executable, "-c", MEASURE, str(family_folder(family)), unit, str(times), pooling],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    figures = json.loads(result.stdout.splitlines()[-1])
    length = len(unit) * times
    assert figures["rows"] == (2 if unit.endswith(",") else 1)
    assert (figures["none"], figures["end"]) == (0, length - 1)
    # All of a word's pieces stay in memory when all of them make its vector.
    assert figures["bytes"] < (400 if pooling == "mean" else 200) * length


JAPANESE = {
    "tokenizer_class": "BertJapaneseTokenizer",
    "word_tokenizer_type": "mecab",
    "do_lower_case": False,
}


@pytest.mark.parametrize(
    "tokenizer_class", ["BertJapaneseTokenizer", "BertweetTokenizer", "PhobertTokenizer"]
)
def test_a_tokenizer_that_tells_no_offsets_is_refused_with_the_reason(tmp_path, tokenizer_class):
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(
        json.dumps(JAPANESE | {"tokenizer_class": tokenizer_class}), encoding="utf-8"
    )
    with pytest.raises(
        ModelError,
        match=f"is a {tokenizer_class}, which does not tell where in the text its pieces stand",
    ):
        load_tokenizer(tmp_path, ENTRY, vocabulary_size=None)
