"""SparkTokenizer against the golden cases, against a slower way of stating its rules, and on
hostile input."""

from __future__ import annotations

import json
import pickle
import re
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_lite.errors import OptionError
from nlu_lite.text.spark_nlp.java import java_pattern
from nlu_lite.text.spark_nlp.sentences import SparkSentences
from nlu_lite.text.spark_nlp.words import SparkTokenizer
from tests.helpers.fuzz import examples

DATA = Path(__file__).parents[1] / "data"
CASES = [
    json.loads(line)
    for name in ("tokenizer_cases.jsonl", "tokenizer_derived_cases.jsonl")
    for line in (DATA / name).read_text(encoding="utf-8").splitlines()
]
OPTIONS = {
    "exceptions": "exceptions",
    "caseSensitiveExceptions": "exceptions_case_sensitive",
    "infixPatterns": "infix_patterns",
    "splitChars": "split_chars",
    "splitPattern": "split_pattern",
    "targetPattern": "target_pattern",
    "minLength": "min_length",
    "maxLength": "max_length",
}
NOT_THE_TOKENIZERS = {"cleanupMode", "sentenceDetector", "explodeSentences"}

CONTEXT = ".,;:!?*-()\"'"
# Java's white space, every context character, other characters, and the line ends that are not
# white space.
TEXTS = (
    st.text(
        alphabet=st.sampled_from(
            " \t\n\x0b\f\r" + CONTEXT + "ab1é你😀\u00a0\u200b\x1c\x85\u2028\u2029"
        )
    )
    | st.text()
)


def cleaned(text: str, mode: str) -> str:
    if mode == "shrink_full":
        text = text.replace("\\n", " ")
    return re.sub(r"\s+", " ", text).strip()


def words(text: str, **options: object) -> list[str]:
    return [text[begin:end] for begin, end in SparkTokenizer(**options)(text)]


def utf16(text: str, position: int) -> int:
    return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_golden_case(case):
    params = case["params"]
    text = cleaned(case["text"], params["cleanupMode"]) if "cleanupMode" in params else case["text"]
    tokenizer = SparkTokenizer(
        **{OPTIONS[key]: params[key] for key in params.keys() - NOT_THE_TOKENIZERS}
    )
    sentences = SparkSentences()(text) if "sentenceDetector" in params else [(0, len(text))]
    words = [
        (start + begin, start + end, number)
        for number, (start, stop) in enumerate(sentences)
        for begin, end in tokenizer(text[start:stop])
    ]
    assert [text[begin:end] for begin, end, _ in words] == case["tokens"]
    assert [utf16(text, begin) for begin, _, _ in words] == case["begins"]
    assert [utf16(text, end) - 1 for _, end, _ in words] == case["ends"]
    assert [number for _, _, number in words] == case.get("sentence", [0] * len(words))


def test_offsets_are_code_points():
    assert SparkTokenizer()("Hi 😀! ok:)") == [(0, 2), (3, 4), (4, 5), (6, 8), (8, 10)]


@given(TEXTS)
def test_spans_are_in_order_apart_and_hold_all_that_is_not_white_space(text):
    spans = SparkTokenizer()(text)
    boundaries = [0, *chain.from_iterable(spans), len(text)]
    assert boundaries == sorted(boundaries)
    assert all(begin < end for begin, end in spans)
    assert "".join(text[begin:end] for begin, end in spans) == re.sub(
        r"\s", "", text, flags=re.ASCII
    )


@examples(500)
@given(
    TEXTS,
    st.sampled_from([CONTEXT, ".-", "", "\u00a0é", " .", "]^\\&&"]),
    st.integers(0, 3),
    st.integers(3, 5),
)
def test_the_fast_way_agrees_with_the_general_one(text, context, least, most):
    options = {"context_chars": context, "min_length": least, "max_length": most}
    fast = SparkTokenizer(**options)(text)
    # The same class of characters, spelled otherwise, and a separator that occurs nowhere.
    assert SparkTokenizer(target_pattern=r"\S", **options)(text) == fast
    assert SparkTokenizer(exceptions=[r"(?!)"], **options)(text) == fast
    # The default rule, given as patterns.
    members = "".join(f"\\{char}" if char.isascii() else char for char in context)
    inside, outside = (f"[{members}]", f"[^{members}]") if members else ("(?!)", r"[\s\S]")
    patterns = SparkTokenizer(
        prefix_pattern=rf"\A({inside}*)",
        infix_patterns=[f"({outside}(?:.*{outside})?)"],
        suffix_pattern=rf"({inside}*)\z",
        **options,
    )
    assert patterns(text) == fast


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u2028b.", ["a\u2028b."]),
        ("a\x85b.", ["a\x85b."]),
        ("(a,\u2029,b)", ["(a,\u2029,b)"]),
        ("ab\u2028.", ["ab\u2028", "."]),
        ("(\u2028ab", ["(", "\u2028ab"]),
        ("a\u2028b. c.", ["a\u2028b.", "c", "."]),
    ],
)
def test_a_line_end_that_is_not_white_space_keeps_a_candidate_whole(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("options", "text", "expected"),
    [
        ({"exceptions": ["that"]}, "that that. that", ["that", "that", ".", "that"]),
        ({"exceptions": ["that."]}, "(that. that.", ["(", "that", ".", "that."]),
        ({"exceptions": ["a b", "a b c"]}, "a b c.", ["a b", "c", "."]),
        ({"exceptions": ["b c"]}, "(ab cd) e.", ["(ab cd)", "e", "."]),
        ({"exceptions": [r"\Qa. b\E"]}, "a. b a, b", ["a. b", "a", ",", "b"]),
        ({"exceptions": ["a b", "c d"]}, "a b c d", ["a b", "c d"]),
        ({"exceptions": ["é b"], "exceptions_case_sensitive": False}, "é B É b", ["é B", "É", "b"]),
        (
            {"exceptions": ["New York"], "split_chars": ["o"]},
            "New York fox",
            ["New York", "f", "x"],
        ),
        ({"exceptions": ["New York"], "max_length": 4}, "New York fox", ["fox"]),
        ({"exceptions": [" b"]}, "a bc d", ["a bc", "d"]),
        ({"exceptions": ["b "]}, "ab c d", ["ab c", "d"]),
        ({"context_chars": ""}, "(a) b.", ["(a)", "b."]),
        ({"context_chars": " ."}, " a. b ", ["a", ".", "b"]),
        ({"context_chars": "\u00a0"}, "\u00a0a b", ["\u00a0", "a", "b"]),
        ({"context_chars": "#"}, "#a# (b)", ["#", "a", "#", "(b)"]),
        ({"prefix_pattern": r"\A([#$]*)"}, "$5. b) (b)", ["$", "5", ".", "b", ")", "(b)"]),
        ({"suffix_pattern": r"(%)(\.)\z"}, "(5%. (b)", ["(", "5", "%", ".", "(b)"]),
        (
            {"infix_patterns": [r"(\d+)-(\d+)", r"(\d+)(-\d+)"]},
            "(1-2), 3",
            ["(", "1", "2", "),", "3"],
        ),
        (
            {"infix_patterns": [r"(\d+)-(\d+)", r"([a-z]+)_([a-z]+)"]},
            "1-2 a_b",
            ["1", "2", "a", "b"],
        ),
        ({"infix_patterns": [r"(a)|(b)"]}, "a b c", ["a", "b", "c"]),
        ({"infix_patterns": [r"(a)"]}, "xa (ax a.", ["xa", "(ax", "a", "."]),
        ({"split_chars": ["#"]}, "C# ### #a", ["C", "a"]),
        ({"split_pattern": "#"}, "C# ### #a#b", ["C#", "###", "a", "b"]),
        ({"split_pattern": "^|#"}, "a# a#b", ["a#", "a", "b"]),
        ({"split_chars": [r"\*", "."]}, "a*b.c d-e", ["a", "b", "c", "d-e"]),
        ({"split_chars": ["-"], "split_pattern": "_"}, "a-b a_b", ["a-b", "a", "b"]),
        ({"split_pattern": "(?<=b)|(?=d)"}, "abcd", ["ab", "c", "d"]),
        ({"target_pattern": r"\w+"}, "a-b (c+d) é", ["a", "b", "(", "c+d", ")"]),
        ({"target_pattern": "[a-c]|[x-z]"}, "abd xyw", ["ab", "xy"]),
        ({"target_pattern": r"\p{L}"}, "été-1 où", ["été", "où"]),
        ({"target_pattern": r"\w\n"}, "a\nb. c", ["a\nb", "c"]),
        ({"min_length": 2}, "😀 a é ab", ["😀", "ab"]),
        ({"max_length": 1}, "😀 a é ab", ["a", "é"]),
    ],
)
def test_an_option(options, text, expected):
    assert words(text, **options) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"\w+|\s", "é_1 \u00a0\x1c", ["_1", " "]),
        (r"[\W\d]", "aé1", ["é", "1"]),
        (r"[^\S\n]", "a \n", [" "]),
        (r"[^[ab]c]", "abcd", ["d"]),
        (r".", "a\n\r\x85\u2028\u2029b", ["a", "b"]),
        (r"[.][a].", "xab.a\u2028.ab", [".ab"]),
        (r"[]a].", "]\u2028ax", ["ax"]),
        (r"(?s)a.", "a\u2028", ["a\u2028"]),
        (r"a\Z", "aa\r\n", ["a"]),
        (r"a\z", "aa\n", []),
        (r"\Qa.\E.", "axy a.b", ["a.b"]),
        (r"\.\\", "a.\\b", [".\\"]),
        (r"(?i)sé", "SÉ Sé \u017fé", ["Sé"]),
        (r"\p{L}\w", "éa éé", ["éa"]),
    ],
)
def test_a_pattern_means_what_it_means_in_java(pattern, text, expected):
    assert java_pattern("option", pattern).findall(text) == expected


@pytest.mark.parametrize(
    "options",
    [
        {},
        {
            "context_chars": ["."],
            "exceptions": ["a b"],
            "infix_patterns": [r"(\d)(\w)"],
            "split_chars": ["-"],
        },
        {
            "prefix_pattern": r"\A(#*)",
            "suffix_pattern": r"(#*)\z",
            "split_pattern": "x",
            "max_length": 3,
        },
    ],
)
def test_it_pickles_and_compares_by_its_options(options):
    tokenizer = SparkTokenizer(**options)
    copy = pickle.loads(pickle.dumps(tokenizer))
    assert copy == tokenizer == SparkTokenizer(**options)
    assert hash(copy) == hash(tokenizer)
    assert copy != SparkTokenizer(min_length=7)
    text = "a b 1x #axb-c. (d)"
    assert copy(text) == tokenizer(text)


def test_its_options_can_neither_be_changed_nor_given_by_position():
    with pytest.raises(AttributeError):
        SparkTokenizer().min_length = 3
    with pytest.raises(TypeError):
        SparkTokenizer(".,")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"context_chars": [".", "ab"]}, r"context_chars holds 'ab'; valid are single characters"),
        ({"context_chars": 5}, r"context_chars=5: give a list"),
        ({"exceptions": "New York"}, r"exceptions='New York': give a list"),
        ({"exceptions": [""]}, r"exceptions holds ''; valid are strings"),
        ({"exceptions": ["ok", "(a"]}, r"exceptions: the pattern '\(a' cannot be compiled"),
        (
            {"exceptions_case_sensitive": 1},
            r"exceptions_case_sensitive is 1; valid are True and False",
        ),
        ({"prefix_pattern": r"([.]*)"}, r"prefix_pattern=.* starts with \\A"),
        ({"prefix_pattern": r"\A[.]*"}, r"prefix_pattern: .* has no group"),
        ({"suffix_pattern": r"([.]*)$"}, r"suffix_pattern=.* ends with \\z"),
        ({"suffix_pattern": r"[.]*\z"}, r"suffix_pattern: .* has no group"),
        ({"suffix_pattern": 5}, r"suffix_pattern: the pattern 5 .* no string"),
        ({"infix_patterns": [r"\w+"]}, r"infix_patterns: .* has no group"),
        ({"infix_patterns": [r"(\w+"]}, r"infix_patterns: .* cannot be compiled"),
        ({"target_pattern": r"a]"}, r"target_pattern: the pattern 'a\]' cannot be compiled"),
        ({"target_pattern": None}, r"target_pattern: the pattern None"),
        ({"split_chars": ["ab"]}, r"split_chars holds 'ab'; valid are .* split_pattern"),
        ({"split_pattern": "*"}, r"split_pattern: the pattern '\*' cannot be compiled"),
        ({"min_length": -1}, r"min_length is -1; valid are whole numbers from 0 to"),
        ({"min_length": None}, r"min_length is None; valid are whole numbers from 0\."),
        ({"min_length": True}, r"min_length is True; valid"),
        ({"max_length": 2.5}, r"max_length is 2.5; valid are whole numbers from 0 to .*, or None"),
        ({"min_length": 3, "max_length": 2}, r"max_length=2 is below min_length=3"),
    ],
)
def test_a_bad_option_is_an_error_that_says_what_is_valid(options, message):
    with pytest.raises(OptionError, match=message):
        SparkTokenizer(**options)


SIZE = 1_000_000


@pytest.mark.parametrize("options", [{}, {"target_pattern": r"\S"}], ids=["fast", "general"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1," * (SIZE // 2), [(0, SIZE - 1), (SIZE - 1, SIZE)]),
        ("," * SIZE, [(0, SIZE)]),
        ("a" * SIZE, [(0, SIZE)]),
        ("a" + "," * (SIZE - 1), [(0, 1), (1, SIZE)]),
        ("," * (SIZE - 1) + "a", [(0, SIZE - 1), (SIZE - 1, SIZE)]),
        ("a\u2028" + "," * (SIZE - 3) + "a", [(0, SIZE)]),
        (" " * SIZE, []),
        ("a " * 1000, [(begin, begin + 1) for begin in range(0, 2000, 2)]),
    ],
    ids=[
        "digits-and-commas",
        "commas",
        "letters",
        "trailing",
        "leading",
        "line-end",
        "spaces",
        "words",
    ],
)
def test_long_texts_that_would_show_superlinear_time(options, text, expected):
    assert SparkTokenizer(**options)(text) == expected
