"""Words and sentences: the standard rule, sentences by sentencex, boundaries that never cut a
word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_lite.errors import InputValueError
from nlu_lite.options import Options
from nlu_lite.text import build_segmenter
from nlu_lite.text.spans import span_around
from nlu_lite.text.words import find_candidates, standard_words

TEXTS = st.text(
    alphabet=st.sampled_from(
        "abZ9éß字ー. ,;!?-()\"'“”«»…—。、\u00a0\u3000\n\t\ud800😀\u0301\u200b$#@"
    ),
    max_size=80,
)


def rules(language="en", **options):
    return build_segmenter(Options(**options), language, None)


def words(text):
    return [text[begin:end] for begin, end in standard_words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'd like to say we didn't expect that.", "I'd|like|to|say|we|didn't|expect|that|."),
        ("U.S.A. (and héroe).", "U.S.A|.|(|and|héroe|)."),
        ("or $100 bucks 'He said', I'll", "or|$100|bucks|'|He|said|',|I'll"),
        ("stocks to buy!!! ... --", "stocks|to|buy|!!!|...|--"),
        ("f(x) (1+2)*3 ((g))", "f(x|)|(|1+2)*3|((|g|))"),
        ("“curly” «g» so… on – dash—ed", "“|curly|”|«|g|»|so|…|on|–|dash—ed"),
        ("你好，世界。「引」", "你好，世界。「引|」"),
        ("[b] {c} `tick` #tag @user C++ 50% <3", "[b]|{c}|`tick`|#tag|@user|C++|50%|<3"),
        ("10\u00a0km« a »\u3000b", "10|km|«|a|»|b"),
        ("", ""),
        (" \n\t ", ""),
    ],
)
def test_standard_words(text, expected):
    assert "|".join(words(text)) == expected


@given(TEXTS)
def test_words_keep_every_character_that_is_seen(text):
    seen = text.replace("\u200b", " ")
    assert "".join("".join(words(text)).split()) == "".join(seen.split())


@given(TEXTS)
def test_a_candidate_ends_where_white_space_begins(text):
    for position in range(len(text) + 1):
        _, end = span_around(find_candidates(text), position)
        inside = (
            0 < position < len(text)
            and not text[position - 1].isspace()
            and not text[position].isspace()
        )
        if not inside:
            assert end == position
        else:
            assert end > position
            assert not any(char.isspace() for char in text[position:end])
            assert end == len(text) or text[end].isspace()


@given(TEXTS, st.sampled_from(["auto", None]))
def test_every_word_is_in_one_sentence_and_slices_back(text, sentences):
    segmentation = rules(sentences=sentences)([text])
    assert segmentation.words() == words(text)
    for sentence, begin, end in zip(
        segmentation.word_sentence, segmentation.word_begin, segmentation.word_end, strict=True
    ):
        assert (
            segmentation.sentence_begin[sentence]
            <= begin
            < end
            <= segmentation.sentence_end[sentence]
        )
    assert all(part == part.strip() and part for part in segmentation.sentences())


def test_sentences_are_in_the_language_asked_for():
    text = "Hallo Dr. Meier. Er ist z.B. hier. Gut!"
    assert rules(language="de")([text]).sentences() == [
        "Hallo Dr. Meier.",
        "Er ist z.B. hier.",
        "Gut!",
    ]


def test_a_boundary_inside_a_word_moves_to_its_end():
    def halves(text):
        return [(0, len(text) // 2), (len(text) // 2, len(text))]

    segmentation = rules(sentences=halves)(["one two-three four"])
    assert segmentation.sentences() == ["one two-three", "four"]
    segmentation = rules(words=lambda text: [(0, 3), (4, 7), (7, 18)], sentences=halves)(
        ["one two-three four"]
    )
    assert segmentation.sentences() == ["one two-three four"]


def test_text_that_is_split_already_is_taken_as_it_is():
    segmentation = rules()([("New York", "is", "big.", "")])
    assert segmentation.texts == ["New York is big. "]
    assert segmentation.words() == ["New York", "is", "big.", ""]
    assert segmentation.word_begin.tolist() == [0, 9, 12, 17]


@pytest.mark.parametrize(
    "spans",
    [[(0, 9)], [(2, 1)], [(1, 2), (0, 1)], [(0, 2), (1, 3)], [(-1, 1)], 3, [(0,)], [("a", "b")]],
)
@pytest.mark.parametrize("rule", ["words", "sentences"])
def test_spans_of_a_function_are_checked(rule, spans):
    with pytest.raises(InputValueError, match=f"The {rule} function"):
        rules(**{rule: lambda _text: spans})(["text"])
