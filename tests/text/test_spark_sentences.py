"""SparkSentences against the golden cases, against the rules written out literally, and on hostile
input."""

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
from nlu_lite.text.spark_nlp.sentences import SparkSentences
from tests.helpers.fuzz import examples

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "sentence_cases.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
OPTIONS = {
    "useAbbreviations": "use_abbreviations",
    "detectLists": "detect_lists",
    "customBounds": "custom_bounds",
    "useCustomBoundsOnly": "use_custom_bounds_only",
    "customBoundsStrategy": "custom_bounds_strategy",
    "minLength": "min_length",
    "maxLength": "max_length",
}
NO_MATTER_OF_CUTTING = {"explodeSentences"}
JAVA_TRIM = "".join(map(chr, range(0x21)))


def sentences(text: str, **options: object) -> list[str]:
    return [text[begin:end] for begin, end in SparkSentences(**options)(text)]


def utf16(text: str, position: int) -> int:
    return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_golden_case(case):
    params, text = case["params"], case["text"]
    spans = SparkSentences(
        **{OPTIONS[key]: params[key] for key in params.keys() - NO_MATTER_OF_CUTTING}
    )(text)
    assert [text[begin:end] for begin, end in spans] == case["sentences"]
    assert [utf16(text, begin) for begin, _ in spans] == case["begins"]
    assert [utf16(text, end) - 1 for _, end in spans] == case["ends"]


# The rules once more, in the plainest way there is: every rule a substitution with signs that stand
# for the marks, each masked sign with a mark of its own, the cuts found by looking ahead over all
# the rest of the text.
BREAK, OPEN, CLOSE = "\ue000", "\ue001", "\ue002"
STOP, ASK, CRY, SEMICOLON = "\ue003", "\ue004", "\ue005", "\ue006"
SPAN = rf"{OPEN}\g<0>{CLOSE}"
GENERAL = (
    "adj bros btw co col corp cpl dec aug del dept dist dr e.g etc exp feb fy hr i.e id inc jan jr "
    "jul jun lt ltd mar "
    "may min mr mrs ms no nov oct ok p px plz prof rep sec sep sept sr st u.s ver vs"
)
ANY = "[^\n\r\x85\u2028\u2029]"


def listed_abbreviations():
    prepositive, number = "dr mr ms prof mt st", "no p px"
    after_general = r"\.|:|\?|\s([a-z]|I\s|I'm|I'll|\d)"
    for words, after_space, at_start in (
        (prepositive, r"\s", r"\s"),
        (prepositive, r":\d+", r":\d+"),
        (number, r"\s\d|\s+\(", r"\s\d|\s+\("),
        (GENERAL, rf"{after_general}|-", after_general),
        (GENERAL, ",", ","),
    ):
        for word in words.split():
            shape = f"(?i:{word.replace('.', ANY)})"
            yield rf"(?<=\s{shape})\.(?={after_space})|(?<=\A{shape})\.(?={at_start})", STOP


def compiled(*rules):
    return [(re.compile(pattern, re.ASCII), replacement) for pattern, replacement in rules]


LISTS = compiled(
    (r"\([a-z]+\)|\A[a-z]+\)", BREAK + SPAN),
    (
        r"\s\d{1,2}\.\s|\A\d{1,2}\.\s|\s\d{1,2}\.\)|\A\d{1,2}\.\)|\s-\d{1,2}\.\s|\A-\d{1,2}\.\s|s-\d{1,2}\.\)"
        rf"|\A-\d{{1,2}}{ANY}\)",
        BREAK + SPAN,
    ),
)
NUMBERS = compiled(
    (r"(?<=\d)\.(?=\d)", STOP),
    (r"\.(?=\d)", STOP),
    (r"(?<=\d)\.(?=\S)", STOP),
    (r"(?<=\A\d)\.(?=(\s\S)|\))", STOP),
    (r"(?<=\A\d\d)\.(?=(\s\S)|\))", STOP),
)
ABBREVIATIONS = compiled(
    (r"(?u:(?<!\w)(?<!\w[\u0300-\u036f]))[a-zA-Z](\.[a-zA-Z])+(\.(?!\s[A-Z]))*", SPAN),
    (r"(?i:p\.m\.*|a\.m\.*)", SPAN),
    (r"\.(?='s\s)|\.(?='s\$)|\.(?='s\Z)", STOP),
    (r"(?<=Co)\.(?=\sKG)", STOP),
    (r"(?<=\A[A-Z])\.(?=\s)", STOP),
    (r"(?<=\s[A-Z])\.(?=\s)", STOP),
)
LISTED = compiled(*listed_abbreviations())
LATER = compiled(
    (r"(?<=\S)[!?]+(?=\s|\Z|\$)", rf"\g<0>{BREAK}"),
    (r"(?<=\w)\.(?=\w)", STOP),
    (r"(?<=[a-zA-Z]°)\.(?=\s*\d+)", STOP),
    (r"\.\.\.(?=\s+[A-Z])|(?<=\S)\.{3}(?=\.\s[A-Z])", STOP * 3 + BREAK),
    (r"(?<=\s)'[\w\s?!.,|']+'\W|\A'[\w\s?!.,|']+'\W", SPAN),
    (r'"[\w\s?!.,]+"', SPAN),
    (r"\[[\w\s?!.,]+\]", SPAN),
    (r"\([\w\s?!.,]+\)", SPAN),
    (r"\?(?=['\"])", ASK),
    (r"!(?=['\"])|!(?=,\s[a-z])|!(?=\s[a-z])", CRY),
    (r"\.", STOP + BREAK),
    (r";", SEMICOLON + BREAK),
)


def as_written(
    text: str, *, use_abbreviations=True, detect_lists=True, bound=None, strategy="none"
) -> list[str]:
    if bound is not None:
        text = text.replace(
            bound, {"none": BREAK, "append": bound + BREAK, "prepend": BREAK + bound}[strategy]
        )
    abbreviations = ABBREVIATIONS + (LISTED if use_abbreviations else [])
    lists = LISTS if detect_lists else []
    for pattern, replacement in [
        *lists,
        *(NUMBERS + abbreviations if bound is None else abbreviations + NUMBERS),
        *LATER,
    ]:
        text = pattern.sub(replacement, text)
    pieces = []
    for piece in re.split(f"{BREAK}(?![^{OPEN}]*{CLOSE})", text):
        plain = re.sub(f"[{BREAK}{OPEN}{CLOSE}]", "", piece)
        plain = plain.translate(
            str.maketrans({STOP: ".", ASK: "?", CRY: "!", SEMICOLON: ";"})
        ).strip(JAVA_TRIM)
        if plain:
            pieces.append(plain)
    return pieces


PIECES = (
    *" .?!'\"()[];,:$-|°\n\t\x01aIB1é你😀_",
    *(
        "...",
        ". ",
        "? ",
        "! ",
        " '",
        "' ",
        "'s ",
        " 12",
        "1.)",
        "-3. ",
        "s-4.)",
        "(b) ",
        "c) ",
        ". A",
        "I'm",
        "I'll",
        "KG",
    ),
    *(
        "Dr",
        "mr",
        "No",
        "etc",
        "e.g",
        "U.S",
        "u.s.",
        "a.m",
        "P.M.",
        "Co",
        "st",
        "Jr",
        "The end",
        "word",
    ),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@examples(1000)
@given(TEXTS, st.booleans(), st.booleans())
def test_it_agrees_with_the_rules_written_out(text, use_abbreviations, detect_lists):
    options = {"use_abbreviations": use_abbreviations, "detect_lists": detect_lists}
    assert sentences(text, **options) == as_written(text, **options)


@examples(500)
@given(
    st.lists(st.sampled_from((*PIECES, "<p>", "<p>")), max_size=25).map("".join),
    st.sampled_from(["none", "append", "prepend"]),
)
def test_it_agrees_with_the_rules_written_out_with_custom_bounds(text, strategy):
    pieces = sentences(text, custom_bounds=["<p>"], custom_bounds_strategy=strategy)
    if strategy == "none":  # a match inside a span that is not cut is inside the sentence
        pieces = [sentence.replace("<p>", "") for sentence in pieces]
    assert pieces == as_written(text, bound="<p>", strategy=strategy)


@given(
    TEXTS | st.text(),
    st.sampled_from([(), (r"\n",), ("a|e", r"\s+"), ("(?=a)", "x*")]),
    st.sampled_from(["none", "append", "prepend"]),
    st.none() | st.integers(1, 9),
)
def test_spans_are_in_order_apart_filled_and_trimmed(text, bounds, strategy, split_length):
    spans = SparkSentences(
        custom_bounds=bounds, custom_bounds_strategy=strategy, split_length=split_length
    )(text)
    boundaries = [0, *chain.from_iterable(spans), len(text)]
    assert boundaries == sorted(boundaries)
    assert all(text[begin:end].strip(JAVA_TRIM) == text[begin:end] != "" for begin, end in spans)
    if not bounds or strategy != "none":
        left = text
        for begin, end in reversed(spans):
            left = left[:begin] + left[end:]
        assert left.strip(JAVA_TRIM) == ""


@given(TEXTS, st.sampled_from([{}, {"custom_bounds": ["a", "B"]}]))
def test_the_characters_used_for_marks_are_ordinary_in_a_text(text, options):
    marks = dict(zip("é你😀_", "\ufdd0\ufdd1\ufdd2\ufdd3", strict=True))
    text = text.replace("_", "")
    plain = text.translate(str.maketrans(dict.fromkeys(marks, "\ue123")))
    marked = text.translate(str.maketrans(marks))
    assert SparkSentences(**options)(marked) == SparkSentences(**options)(plain)


def test_a_custom_bound_may_be_a_character_used_for_marks():
    for mark in "\ufdd0\ufdd1\ufdd2\ufdd3":
        assert sentences(f"a{mark}b. c{mark} d", custom_bounds=[mark]) == ["a", "b.", "c", "d"]
        assert sentences(
            f"a{mark}b", custom_bounds=["x", mark], custom_bounds_strategy="append"
        ) == [f"a{mark}", "b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\x01 ", []),
        ("I am 34. You are 35.", ["I am", "34. You are 35."]),
        ("Total: 5. Next item.", ["Total:", "5. Next item."]),
        ("It is (really) so.", ["It is", "(really) so."]),
        ("items-1.) x", ["item", "s-1.) x"]),
        ("-12x) y", ["-12x) y"]),
        (
            "(He worked for 5 years as an engineer.) Then.",
            ["(He worked for 5 years as an engineer.) Then."],
        ),
        ("[Why? Because.] Then.", ["[Why?", "Because.", "] Then."]),
        ('She said, "Great." She left.', ['She said, "Great." She left.']),
        ("He said 'Go. Now.' Then. On", ["He said 'Go. Now.' Then.", "On"]),
        ("to her... and to", ["to her.", ".", ".", "and to"]),
        ("Wait... What?", ["Wait...", "What?"]),
        ("Wait.... What?", ["Wait...", ".", "What?"]),
        ("At 5 a.m. Mr. Smith left.", ["At 5 a.m.", "Mr. Smith left."]),
        ("The U.S. Army", ["The U.S.", "Army"]),
        ("The U.S. government", ["The U.S. government"]),
        ("Mrs. Smith. Fig. 3. Rev. Green.", ["Mrs.", "Smith.", "Fig.", "3. Rev.", "Green."]),
        ("Prof. Smith lives in Mt. Fuji", ["Prof. Smith lives in Mt. Fuji"]),
        ("etc.- a etc.- b", ["etc.", "- a etc.- b"]),
        ("One\n\nTwo\tThree", ["One\n\nTwo\tThree"]),
        ("a; b: c", ["a;", "b: c"]),
        ("word.Word caf\u00e9.I", ["word.Word caf\u00e9.", "I"]),
        ("好。好！ 好… x", ["好。好！ 好… x"]),
        ("Hi 😀. Bye 😀!", ["Hi 😀.", "Bye 😀!"]),
        ("Über a.b. Ca.b. X \u00e9a.b. y", ["Über a.b.", "Ca.b.", "X \u00e9a.b.", "y"]),
        ("It is 41°. 5 more", ["It is 41°.", "5 more"]),
        ("Lat N°.  5 more", ["Lat N°.  5 more"]),
        ("a ''. b", ["a ''.", "b"]),
        ("a 'b|c. d'. e", ["a 'b|c. d'. e"]),
        ("'a. b' 'c. d' e. f", ["'a. b' 'c. d' e.", "f"]),
        ("'a. b'c. d", ["'a.", "b'c.", "d"]),
        ("Why?$5 Ah!!", ["Why?", "$5 Ah!!"]),
        ("A. Smith met B. Jones of C.D. Smith", ["A. Smith met B. Jones of C.D.", "Smith"]),
        (
            "a etc. I went. a etc. I'm. a etc. I'll go. a etc. In",
            ["a etc. I went.", "a etc. I'm.", "a etc. I'll go.", "a etc.", "In"],
        ),
        ("see no.  (5) or no. 5 or px. (5", ["see no.  (5) or no. 5 or px. (5"]),
        ("a mt.:5 a mt.: b", ["a mt.:5 a mt.", ": b"]),
        ("a e-g. b", ["a e-g. b"]),
        ("the JFK Jr.'s$ and Sr.'s", ["the JFK Jr.'s$ and Sr.'s"]),
        ("a etc..5 b", ["a etc.", ".5 b"]),
        ("Jr.'s book. Co. KG", ["Jr.'s book.", "Co. KG"]),
    ],
)
def test_a_consequence_of_the_rules(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize("word", GENERAL.split())
def test_a_listed_word_before_a_lower_case_letter(word):
    assert sentences(f"The {word}. end") == [f"The {word}. end"]
    assert sentences(f"{word.upper()}. end") == [f"{word.upper()}. end"]
    assert sentences(f"In{word}. end") == [f"In{word}.", "end"]


def test_offsets_are_code_points():
    assert SparkSentences()("😀 one.  😀 two. ") == [(0, 6), (8, 14)]


@pytest.mark.parametrize(
    ("options", "text", "expected"),
    [
        ({"detect_lists": False}, "I am 34. You are 35.", ["I am 34.", "You are 35."]),
        ({"detect_lists": False}, "1. Xy z", ["1. Xy z"]),
        ({"detect_lists": False}, "12. Xy z", ["12. Xy z"]),
        ({"detect_lists": False}, "123. Xy z", ["123.", "Xy z"]),
        ({"detect_lists": False}, "a 1. Xy z", ["a 1.", "Xy z"]),
        # Custom bounds let abbreviations go before numbers.
        ({"custom_bounds": ["#"]}, "a etc..5 b", ["a etc..5 b"]),
        ({"use_abbreviations": False}, "Dr. Who e.g. etc. and", ["Dr.", "Who e.g. etc.", "and"]),
        ({"custom_bounds": ["%%"]}, "a%%b. c%%", ["a", "b.", "c"]),
        ({"custom_bounds": ["%%"]}, "x (a %% b. c) y. z", ["x (a", "b.", "c) y.", "z"]),
        (
            {"custom_bounds": ["%+", "#"], "use_custom_bounds_only": True},
            "a. b%%c#d; e",
            ["a. b", "c", "d; e"],
        ),
        ({"custom_bounds": ["#"], "custom_bounds_strategy": "append"}, "a#b", ["a#", "b"]),
        ({"custom_bounds": ["#"], "custom_bounds_strategy": "prepend"}, "a#b", ["a", "#b"]),
        ({"custom_bounds": ["#", r"\d"]}, "a#1b2", ["a", "b"]),
        ({"custom_bounds": [r"(?i)end\s"]}, "a END b Ende c", ["a", "b Ende c"]),
        ({"custom_bounds": [r"\w"]}, "aéb你", ["é", "你"]),
        (
            {"split_length": 7},
            "aa bb cc dddddddddd e. Ff",
            ["aa bb", "cc", "dddddddddd", "e.", "Ff"],
        ),
        ({"split_length": 8}, "aa bb cc", ["aa bb cc"]),
        ({"split_length": 5}, "😀 a b", ["😀 a", "b"]),
        ({"split_length": 2}, "aa      bb", ["aa", "bb"]),
        ({"split_length": 2, "min_length": 2}, "a bb c.", ["bb", "c."]),
        (
            {"min_length": 3, "max_length": 4},
            "a. bb. ccc. 😀. 😀d.",
            ["bb.", "ccc.", "😀.", "😀d."],
        ),
    ],
)
def test_an_option(options, text, expected):
    assert sentences(text, **options) == expected


@pytest.mark.parametrize(
    "options", [{}, {"custom_bounds": [r"\n", "#"], "split_length": 5, "min_length": 1}]
)
def test_it_pickles_and_compares_by_its_options(options):
    detector = SparkSentences(**options)
    copy = pickle.loads(pickle.dumps(detector))
    assert copy == detector == SparkSentences(**options)
    assert hash(copy) == hash(detector)
    assert copy != SparkSentences(min_length=7)
    text = "a b. c\nd#e f g"
    assert copy(text) == detector(text)


def test_its_options_can_neither_be_changed_nor_given_by_position():
    with pytest.raises(AttributeError):
        SparkSentences().min_length = 3
    with pytest.raises(TypeError):
        SparkSentences(False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"use_abbreviations": "yes"}, r"use_abbreviations is 'yes'; valid are True and False"),
        ({"detect_lists": None}, r"detect_lists is None; valid are True and False"),
        (
            {"use_custom_bounds_only": 1, "custom_bounds": ["a"]},
            r"use_custom_bounds_only is 1; valid are True and False",
        ),
        ({"use_custom_bounds_only": True}, r"there are no custom_bounds; give some"),
        ({"custom_bounds": "\n"}, r"custom_bounds='\\n': give a list"),
        ({"custom_bounds": ["ok", "["]}, r"custom_bounds: the pattern '\[' cannot be compiled"),
        (
            {"custom_bounds_strategy": "both"},
            r"custom_bounds_strategy is 'both'; valid are 'none', 'prepend', 'append'",
        ),
        ({"split_length": 0}, r"split_length is 0; valid are whole numbers from 1 to .*, or None"),
        ({"min_length": "2"}, r"min_length is '2'; valid are whole numbers from 0 to"),
        ({"min_length": 3, "max_length": 2}, r"max_length=2 is below min_length=3"),
    ],
)
def test_a_bad_option_is_an_error_that_says_what_is_valid(options, message):
    with pytest.raises(OptionError, match=message):
        SparkSentences(**options)


SIZE = 100_000
WHOLE = [(0, SIZE)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a." * (SIZE // 2), WHOLE),
        ("1." * (SIZE // 2), WHOLE),
        ("aa.1." * (SIZE // 5), WHOLE),
        ("(" * SIZE, WHOLE),
        ("(a" * (SIZE // 2), WHOLE),
        ("[a" * (SIZE // 2), WHOLE),
        ('"a' * (SIZE // 2), WHOLE),
        ("'" * SIZE, WHOLE),
        (" 'ab" * (SIZE // 4), [(1, SIZE)]),
        ("!" * (SIZE - 1) + "a", WHOLE),
        ("a" * SIZE, WHOLE),
        ("." * SIZE, [(begin, begin + 1) for begin in range(SIZE)]),
        ("no." + " " * (SIZE - 4) + "a", [(0, 3), (SIZE - 1, SIZE)]),
        ("..." + " " * (SIZE - 4) + "a", [(0, 1), (1, 2), (2, 3), (SIZE - 1, SIZE)]),
        ("a? " * (SIZE // 3), [(begin, begin + 2) for begin in range(0, SIZE - 1, 3)]),
        ("(a. b) " * (SIZE // 7), [(0, SIZE // 7 * 7 - 1)]),
    ],
    ids=[
        *(
            "letters-and-stops",
            "digits-and-stops",
            "both",
            "brackets",
            "open-brackets",
            "open-square",
            "open-double",
        ),
        *(
            "quotes",
            "open-quotes",
            "marks",
            "letters",
            "stops",
            "number-spaces",
            "ellipsis-spaces",
            "questions",
            "spans",
        ),
    ],
)
def test_long_texts_that_would_show_superlinear_time(text, expected):
    assert SparkSentences()(text) == expected
