"""Rules through the segmenter, as a pipeline uses them: Spark NLP's cases, no word lost, defaults
of languages, the docs."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlu_lite as nlu
from nlu_lite.errors import InputValueError, OptionError
from nlu_lite.options import Options
from nlu_lite.text import Segmentation, build_segmenter
from nlu_lite.text.words import standard_words
from tests.helpers.fuzz import examples
from tests.helpers.pipelines import pipeline_of
from tests.text.test_spark_sentences import CASES as SENTENCE_CASES
from tests.text.test_spark_sentences import NO_MATTER_OF_CUTTING
from tests.text.test_spark_sentences import OPTIONS as SENTENCE_OPTIONS
from tests.text.test_spark_words import CASES as WORD_CASES
from tests.text.test_spark_words import NOT_THE_TOKENIZERS, cleaned, utf16
from tests.text.test_spark_words import OPTIONS as WORD_OPTIONS

DOCUMENT = Path(__file__).parents[2] / "docs" / "text.md"
DEFAULT_CASES = [
    case for case in SENTENCE_CASES if not case["params"].keys() - NO_MATTER_OF_CUTTING
]
# Any text at all, and texts full of what rules trip over.
ANY_TEXT = st.text() | st.text(
    alphabet=st.sampled_from(
        "aB1é字カก "
        ".!?;:,…。！“”()'\"-\n\t\x02\x1c\x85\u00a0\u2008\u2028\u0301\u200b\u200d\ud800😀\U000e0001"
    ),
    max_size=40,
)
LANGUAGES = ("en", "de", "zh", "ja", "th", "my", "ar", "hi", "xx", "no such language")


def segment(text: object, language: str = "en", **options: object) -> Segmentation:
    return build_segmenter(Options(**options), language, lambda text: [])([text])


def pairs(words: object) -> list[tuple[int, int]]:
    return list(zip(words.word_begin.tolist(), words.word_end.tolist(), strict=True))


@pytest.mark.parametrize("case", WORD_CASES, ids=[case["id"] for case in WORD_CASES])
def test_spark_words_are_those_of_spark_nlp(case):
    params = case["params"]
    text = cleaned(case["text"], params["cleanupMode"]) if "cleanupMode" in params else case["text"]
    given_options = {WORD_OPTIONS[key]: params[key] for key in params.keys() - NOT_THE_TOKENIZERS}
    segmentation = segment(
        text,
        words=nlu.SparkTokenizer(**given_options) if given_options else "spark",
        sentences="spark" if "sentenceDetector" in params else None,
    )
    assert segmentation.words() == case["tokens"]
    assert [utf16(text, begin) for begin, _ in pairs(segmentation)] == case["begins"]
    assert [utf16(text, end) - 1 for _, end in pairs(segmentation)] == case["ends"]
    assert segmentation.word_sentence.tolist() == case.get("sentence", [0] * len(case["tokens"]))


@pytest.mark.parametrize("case", SENTENCE_CASES, ids=[case["id"] for case in SENTENCE_CASES])
def test_spark_sentences_are_those_of_spark_nlp(case):
    params, text = case["params"], case["text"]
    given_options = {
        SENTENCE_OPTIONS[key]: params[key] for key in params.keys() - NO_MATTER_OF_CUTTING
    }
    segmentation = segment(
        text,
        words="spark",
        sentences=nlu.SparkSentences(**given_options) if given_options else "spark",
    )
    assert segmentation.sentences() == case["sentences"]
    assert [utf16(text, begin) for begin in segmentation.sentence_begin.tolist()] == case["begins"]
    assert [utf16(text, end) - 1 for end in segmentation.sentence_end.tolist()] == case["ends"]


def documented(section: str) -> set[str]:
    """The cases that a table of the document names, by a phrase that stands before it."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(section)[2].lstrip()
    table = re.match(r"(?:.+\n)*?\n?((?:\|.*\n)+)", text)
    return set(re.findall(r"^\| `([\w-]+)` \|", table[1], re.MULTILINE))


@pytest.mark.parametrize(
    ("section", "options"),
    [
        ("answers these otherwise:", {}),
        ("the run\nwithout white space stays whole:", {"sentences": "spark"}),
    ],
)
def test_the_document_names_the_cases_that_come_out_otherwise(section, options):
    otherwise = {
        case["id"]
        for case in DEFAULT_CASES
        if segment(case["text"], **options).sentences() != case["sentences"]
    }
    assert documented(section) == otherwise
    assert f"{len(DEFAULT_CASES)} in all" in DOCUMENT.read_text(encoding="utf-8")


@examples(1000)
@given(st.text(st.characters(codec="ascii")))
def test_on_ascii_text_standard_words_are_spark_nlps(text):
    assert standard_words(text) == nlu.SparkTokenizer()(text)


PUNCTUATION = [
    chr(code)
    for code in range(0x80, 0x110000)
    if unicodedata.category(chr(code)) in ("Ps", "Pe", "Pi", "Pf", "Pd", "Po")
]


def test_standard_words_peel_off_every_mark_of_unicode():
    assert {
        "“",
        "”",
        "‘",
        "’",
        "«",
        "»",
        "–",
        "—",
        "…",
        "。",
        "、",
        "「",
        "」",
        "！",
        "？",
        "¿",
        "،",
        "।",
    } <= set(PUNCTUATION)
    text = " ".join(f"{mark}a{mark}" for mark in PUNCTUATION)
    expected = [part for mark in PUNCTUATION for part in (mark, "a", mark)]
    assert [text[begin:end] for begin, end in standard_words(text)] == expected


@pytest.mark.parametrize("sign", ["€", "$", "+", "#", "@", "_", "‿", "°", "😀", "\u0301", "©", "^"])
def test_standard_words_keep_other_signs(sign):
    text = f"{sign}a{sign}"
    assert standard_words(text) == [(0, len(text))]


WORD_RULES = [
    "standard",
    "spark",
    "unicode",
    lambda text: [(0, len(text))],
    lambda text: [(n, n + 1) for n in range(0, len(text), 2)],
]


@examples(400)
@given(
    ANY_TEXT,
    st.sampled_from(WORD_RULES),
    st.sampled_from(["auto", "spark", None]),
    st.sampled_from(LANGUAGES),
)
def test_no_word_is_lost_or_cut_by_a_sentence(text, rule, sentences, language):
    options = {"words": rule, "language": language}
    whole = segment(text, **options, sentences=None)
    if rule == "spark" and sentences == "spark":
        return  # as in Spark NLP, where the sentences are cut first
    segmentation = segment(text, **options, sentences=sentences)
    assert pairs(segmentation) == pairs(whole)
    ends = list(
        zip(segmentation.sentence_begin.tolist(), segmentation.sentence_end.tolist(), strict=True)
    )
    assert ends == sorted(ends)
    assert all(left[1] <= right[0] for left, right in pairwise(ends))
    for sentence, (begin, end) in zip(
        segmentation.word_sentence.tolist(), pairs(segmentation), strict=True
    ):
        assert ends[sentence][0] <= begin < end <= ends[sentence][1]
    # What no sentence holds is white space.
    gaps = zip(
        [0, *(end for _, end in ends)], [*(begin for begin, _ in ends), len(text)], strict=True
    )
    assert all(text[begin:end].isspace() or begin == end for begin, end in gaps)


def test_a_boundary_behind_which_a_spark_word_begins_and_white_space_follows_moves_on():
    """The run without white space ends inside a word: a line separator is none to Spark."""
    segmentation = segment("?<\u2028", words="spark", sentences="auto")
    assert segmentation.words() == ["?", "<\u2028"]
    assert segmentation.sentences() == ["?<\u2028"]
    assert segmentation.word_sentence.tolist() == [0, 0]


@given(ANY_TEXT)
def test_spark_words_in_spark_sentences_are_looked_for_in_each_by_itself(text):
    segmentation = segment(text, words="spark", sentences="spark")
    spans = nlu.SparkSentences()(text) if not text.isspace() else []
    assert segmentation.words() == [
        text[begin:end][first:last]
        for begin, end in spans
        for first, last in nlu.SparkTokenizer()(text[begin:end])
    ]


@pytest.mark.parametrize("language", ["zh", "ja", "th", "lo", "km", "my", "zh-Hant", "ZH", "ja_JP"])
def test_languages_without_spaces_have_unicodes_words(language):
    text = "我爱北京。ที่นี่"
    assert segment(text, language).words() == segment(text, words="unicode").words()
    assert segment(text, language).words()[:5] == ["我", "爱", "北", "京", "。"]
    assert segment("don't 'stop'", language).words() == ["don't", "'", "stop", "'"]


@pytest.mark.parametrize("language", ["en", "de", "ko", "zhx"])
def test_other_languages_have_standard_words(language):
    assert segment("well-known “我爱北京”", language).words() == [
        "well-known",
        "“",
        "我爱北京",
        "”",
    ]


def test_a_segmenter_of_ones_own_wins_over_the_languages_default():
    assert segment("我爱北京", "zh", words=lambda text: [(0, 1), (1, 2), (2, 4)]).words() == [
        "我",
        "爱",
        "北京",
    ]
    assert segment("a b", "zh", words="spark").words() == ["a", "b"]


def test_white_space_before_an_accent_is_no_part_of_a_word():
    assert pairs(segment("a \u0301b", words="unicode")) == [(0, 1), (2, 3), (3, 4)]


def test_words_between_the_sentences_of_a_function_have_no_row():
    segmentation = segment("one two three", sentences=lambda _text: [(0, 3), (8, 13)])
    assert segmentation.words() == ["one", "three"]
    assert segmentation.sentences() == ["one", "three"]


def test_words_of_a_text_without_sentences_have_no_row():
    rules = {"sentences": lambda text: [(0, 3)] if text == "one" else []}
    segmenter = build_segmenter(Options(**rules), "en", None)
    for texts in (["two"], ["two", "one"], ["one", "two"], ["one", "two", "one"]):
        segmentation = segmenter(texts)
        assert segmentation.words() == [text for text in texts if text == "one"]
        assert segmentation.word_sentence.tolist() == list(range(texts.count("one")))


def test_a_word_that_a_sentence_reaches_belongs_to_it_whole():
    whole = [(0, 3), (4, 7), (8, 13)]
    segmentation = segment(
        "one two three", words=lambda _text: whole, sentences=lambda _text: [(5, 6), (6, 10)]
    )
    assert (segmentation.sentences(), segmentation.words()) == (["two", "three"], ["two", "three"])
    segmentation = segment(
        "one two three",
        words=lambda _text: whole,
        sentences=lambda _text: [(1, 2), (2, 3), (3, 13)],
    )
    assert (segmentation.sentences(), segmentation.words()) == (
        ["one", "two three"],
        ["one", "two", "three"],
    )


@pytest.mark.parametrize("document", [None, "", " ", "\u3000\n", (), ("",), (" ", ""), ("\t",)])
def test_a_blank_document_has_neither_sentences_nor_words(document):
    segmentation = segment(document)
    assert (segmentation.sentences(), segmentation.words(), len(segmentation.texts)) == ([], [], 1)


def test_split_text_is_one_sentence_with_its_words_as_they_are():
    segmentation = segment(("Dr.", "Who.", " ", "", "Why?"))
    assert segmentation.texts == ["Dr. Who.    Why?"]
    assert segmentation.sentences() == ["Dr. Who.    Why?"]
    assert segmentation.words() == ["Dr.", "Who.", " ", "", "Why?"]


# What each tokenizer does with words before it looks for pieces: BERT's parts at every mark,
# byte-level BPE keeps runs of marks and cuts contractions, SentencePiece parts at white space only.
MODEL_WORDS = {
    "bert": ["Don", "'", "t", "“", "stop", "”", "…", "-", "3", ".", "5", "%", "北", "京", "!", "!"],
    "roberta": ["Don", "'t", "“", "stop", "”…", "-", "3", ".", "5", "%", "北京", "!!"],
    "xlm-roberta": ["Don't", "“stop”…", "-3.5%", "北京!!"],
}


@pytest.mark.parametrize("family", MODEL_WORDS)
def test_model_words_are_those_of_the_models_tokenizer(family, family_pipe):
    frame = family_pipe(family, words="model").predict("Don't “stop”…  -3.5%\n北京!!")
    assert frame["token"].tolist() == MODEL_WORDS[family]
    assert not frame["tiny_embeddings"].isna().any()


@examples(50)
@given(texts=st.lists(ANY_TEXT, max_size=3), family=st.sampled_from(list(MODEL_WORDS)))
def test_model_words_of_any_text_are_in_order_and_slice_back(family_pipe, texts, family):
    frame = (
        family_pipe(family, words="model").predict(texts, positions=True).dropna(subset=["begin"])
    )
    reached: dict[int, int] = {}
    for row in frame.itertuples():
        assert texts[row.Index][row.begin : row.end + 1] == row.token == row.token.strip()
        assert row.begin >= reached.get(row.Index, 0)
        reached[row.Index] = row.end + 1


def test_model_words_of_a_long_text_are_those_of_its_parts(family_pipe):
    text = "Don't “stop”… " * 4_000
    pipe = family_pipe("bert", words="model", sentences=None)
    segmented = pipe.flow.segment([text])
    assert segmented.words() == MODEL_WORDS["bert"][:7] * 4_000


def test_model_words_of_models_with_different_tokenizers_are_refused(family_folder):
    models = ("one", family_folder("bert"), "embed"), ("two", family_folder("roberta"), "embed")
    with pytest.raises(OptionError, match="the components have different tokenizers"):
        pipeline_of(*models, words="model").predict([])
    same = ("one", family_folder("bert"), "embed"), ("two", family_folder("bert"), "embed_sentence")
    assert pipeline_of(*same, words="model").predict("a-b")["token"].tolist() == ["a", "-", "b"]
    assert pipeline_of(*models, words="unicode").predict("a-b")["token"].tolist() == ["a", "-", "b"]


@pytest.mark.parametrize("words", ["spark ", "Standard", 3, None])
def test_an_unknown_rule_is_an_error_that_names_the_valid_ones(words):
    with pytest.raises(OptionError, match="'standard', 'spark', 'model', 'unicode'"):
        Options(words=words)


def test_a_functions_fault_is_named_with_what_it_returned():
    with pytest.raises(
        InputValueError, match=r"The words function returned \(3, 9\) for a text of 4 characters"
    ):
        segment("text", words=lambda _text: [(0, 3), (3, 9)])
    with pytest.raises(InputValueError, match="The words function must return pairs"):
        segment("text", words=lambda _text: ["text"])


def test_the_yardstick_is_whole():
    assert (len(WORD_CASES), len(SENTENCE_CASES), len(DEFAULT_CASES)) == (58, 49, 44)
