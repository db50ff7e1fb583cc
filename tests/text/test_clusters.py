"""Clusters of characters are never cut, invisible characters are no words and stick to none, and
texts of many languages are cut by script."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

import nlu_lite as nlu
from nlu_lite.options import Options
from nlu_lite.text import build_segmenter
from nlu_lite.text.words import script_words, standard_words, unicode_words
from tests.helpers.fuzz import examples
from tests.helpers.hostile import WRITTEN
from tests.text.test_segmenter import ANY_TEXT

EMOJI = [
    *("‼️", "⁉️", "〰️", "〽️", "*️⃣", "#️⃣", "7️⃣", "*⃣", "©️", "❤️", "☎︎"),
    *("👨‍👩‍👧‍👦", "❤️‍🔥", "🏳️‍🌈", "👩🏽‍🚀", "👍🏿", "🏴‍☠️", "🧑🏻‍❤️‍💋‍🧑🏿", "⛹🏻‍♀️", "😮‍💨"),
    *("🇫🇷", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇺🇳"),
]
INVISIBLE = [
    *"\u00ad\u061c\u180e\u200b\u200e\u200f\u202a\u202c\u202e\u2060\u2062\u2066\u2069\ufeff",
    *"\u3164\uffa0\U000e0001",
]
JOINERS = ["\u200c", "\u200d", "\u2060", "\u00ad", "\ufeff"]
RULES = {"standard": standard_words, "unicode": unicode_words, "script": script_words}
CLUSTERED = st.text(
    alphabet=st.sampled_from(
        "aé.!*#‼〰“\u0301\u0308\ufe0f\ufe0e\u20e3\u200d\u200c\u200b\ufeff\u0600 \u00a0👩🏽🚀❤"
        "🇫🇷🇩ก\u0e33ក្រ\u17d2မ\u1039北カ\u3099\u1100\u1161\u11a8각\u093f\u0915\u094d\U000e0067🏴"
    ),
    max_size=24,
)


def cut(rule, text):
    return [text[begin:end] for begin, end in RULES[rule](text)]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("emoji", EMOJI)
def test_an_emoji_sequence_is_one_word(rule, emoji):
    assert cut(rule, emoji) == [emoji]
    assert cut(rule, f"Sale {emoji} now") == ["Sale", emoji, "now"]
    assert cut(rule, f"Sale {emoji}.") in (["Sale", emoji, "."], ["Sale", f"{emoji}", "."])


def test_an_emoji_made_of_a_mark_is_peeled_off_apart_from_marks():
    assert cut("standard", "Sale‼️! (*️⃣) wow‼!") == [*("Sale", "‼️", "!", "(", "*️⃣", ")", "wow", "‼!")]


def test_an_accent_on_a_mark_is_peeled_off_with_it():
    assert cut("standard", "a!\u0301 cafe\u0301.") == ["a", "!\u0301", "cafe\u0301", "."]


def assert_clusters_are_whole(text, spans):
    """By the regex package's own rule for clusters; white space is no part of a word."""
    starts = {match.start() for match in regex.finditer(r"\X", text)} | {len(text)}
    for begin, end in spans:
        assert begin in starts or text[begin - 1].isspace()
        assert end in starts or text[end].isspace()


@examples(1500)
@given(CLUSTERED | ANY_TEXT, st.sampled_from(list(RULES)))
def test_no_word_cuts_a_cluster(text, rule):
    spans = RULES[rule](text)
    assert_clusters_are_whole(text, spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


@pytest.mark.parametrize("family", ["bert", "roberta", "xlm-roberta"])
def test_no_word_of_a_model_cuts_a_cluster(family, family_pipe):
    texts = [*WRITTEN, "Sale ‼️ 👨‍👩‍👧 *️⃣ กำ ក្រ e\u0301\u0308! \u0301"]
    segmentation = family_pipe(family, words="model", sentences=None).flow.segment(texts)
    for number, text in enumerate(segmentation.texts):
        own = segmentation.word_document == number
        begins, ends = segmentation.word_begin[own], segmentation.word_end[own]
        assert_clusters_are_whole(text, list(zip(begins.tolist(), ends.tolist(), strict=True)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cafe\u0301 ok", ["cafe\u0301", "ok"]),
        ("cafe\u0301, n\u0303o\u0308", ["cafe\u0301", ",", "n\u0303o\u0308"]),
        ("हिन्दी है", ["हिन्दी", "है"]),
        ("שָׁלוֹם.", ["שָׁלוֹם", "."]),
        ("Sale ‼️", ["Sale", "‼️"]),
        ("a\u200b b\u200e", ["a", "b"]),
    ],
)
def test_words_of_the_model_have_the_marks_that_its_tokenizer_strips(text, words):
    pipe = nlu.load("en.embed.minilm_l6", words="model")
    assert pipe.predict([text])["token"].tolist() == words


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("sign", INVISIBLE)
def test_an_invisible_character_is_no_word_and_sticks_to_none(rule, sign):
    assert cut(rule, f"{sign}one{sign} {sign} two.{sign}") == ["one", "two", "."]
    assert cut(rule, f"{sign}({sign}one{sign}){sign}") == ["(", "one", ")"]
    assert cut(rule, sign * 3) == []


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("sign", JOINERS)
def test_a_joiner_inside_a_word_stays(rule, sign):
    assert cut(rule, f"one{sign}two") == [f"one{sign}two"]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("sign", ["\u200c", "\u200d", "\ufe0f", "\u034f"])
def test_an_attached_sign_without_anything_to_attach_to_is_no_word(rule, sign):
    assert cut(rule, f"{sign} one {sign}{sign} {sign}two") == ["one", "two"]


@pytest.mark.parametrize("rule", ["standard", "script"])
def test_a_zero_width_space_parts_words(rule):
    assert cut(rule, "one\u200btwo\u200b\u200bthree") == ["one", "two", "three"]
    assert cut(rule, "(\u200b(one.\u200b.") == ["(", "(", "one", ".", "."]


def test_spark_words_stay_spark_nlps():
    text = "Sale ‼️ \u200ba\u200b *️⃣ \ufeff!"
    words = build_segmenter(Options(words="spark"), "xx", None)([text]).words()
    assert words == ["Sale", "‼️", "\u200ba\u200b", "*", "️⃣", "\ufeff", "!"]


def test_a_text_of_invisible_characters_keeps_its_row():
    frame = nlu.load("en.embed.minilm_l6").predict(["\u200b\ufeff", "a"])
    assert frame["token"].isna().tolist() == [True, False]


def test_flags_are_pairs_of_letters_as_in_unicodes_rule():
    boundary = regex.compile(r"\b", flags=regex.WORD)
    for text in ("🇫🇷🇩🇪🇮", "a🇫🇷🇩🇪🇮🇹b", "🇫\u0301🇷. 🇹🇫🇷🇩", "👍🇫🇷🇩🇪🚀🇮🇹"):
        marks = sorted({0, len(text), *(match.start() for match in boundary.finditer(text))})
        words = (text[a:b].strip() for a, b in pairwise(marks))
        assert cut("unicode", text) == [word for word in words if word]


def test_letters_of_a_flag_stand_together():
    assert cut("unicode", "🇫\u0301🇷🇩🇪\u0301🇮") == ["🇫\u0301", "🇷🇩", "🇪\u0301", "🇮"]


def test_a_long_row_of_flags_takes_linear_time():
    started = time.perf_counter()
    assert unicode_words("🇫🇷" * 100_000) == [(n, n + 2) for n in range(0, 200_000, 2)]
    assert time.perf_counter() - started < 20  # quadratic, it took minutes


def test_a_long_row_of_letters_under_each_other_takes_linear_time():
    started = time.perf_counter()
    assert unicode_words("ក្" * 100_000) == [(0, 200_000)]
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize(
    "text",
    ["我爱北京。天气很好！", "カタカナとひらがな、漢字。", "ฉันรักภาษาไทย", "ខ្ញុំ​ស្រឡាញ់", "မြန်မာစာ"],
)
def test_a_text_without_spaces_has_unicodes_words_where_the_language_is_many(text):
    by_script = build_segmenter(Options(), "xx", None)([text])
    assert (
        by_script.words() == build_segmenter(Options(words="unicode"), "en", None)([text]).words()
    )


def test_scripts_in_one_text_have_their_own_words_and_sentences():
    segmentation = build_segmenter(Options(), "xx", None)(
        ["The U.S.A. well-known 中国。好的。 네, 좋아요."]
    )
    assert segmentation.words() == [
        *(
            "The",
            "U.S.A",
            ".",
            "well-known",
            "中",
            "国",
            "。",
            "好",
            "的",
            "。",
            "네",
            ",",
            "좋아요",
            ".",
        )
    ]
    assert segmentation.sentences() == ["The U.S.A. well-known 中国。", "好的。", "네, 좋아요."]


def test_references_of_many_languages_go_by_script(family_folder, tmp_path, monkeypatch):
    registry, folder = tmp_path / "own.yaml", family_folder("bert")
    registry.write_text(
        f'models:\n  "m": {{sources: [{{path: "{folder}"}}], architecture: "bert"}}\n'
        'references:\n  "xx.embed.own": {model: "m", task: "embed", language: "xx"}\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("NLU_LITE_REGISTRY", str(registry))
    nlu.registry.refresh()
    try:
        pipe = nlu.load("xx.embed.own")
        assert pipe.predict("我爱 don't.")["token"].tolist() == ["我", "爱", "don't", "."]
        assert nlu.load("xx.embed.own", language="en").predict("我爱")["token"].tolist() == ["我爱"]
    finally:
        monkeypatch.undo()
        nlu.registry.refresh()
