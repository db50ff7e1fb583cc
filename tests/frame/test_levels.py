"""Token, sentence, document and chunk: which rows, which columns, which vectors, for one component
and for several."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

import nlu_lite as nlu
from nlu_lite.errors import InputTypeError, InputValueError, OptionError
from tests.helpers import oracle
from tests.helpers.equal import assert_equal
from tests.helpers.families import POSITIONS
from tests.helpers.pipelines import pipeline_of

TEXTS = ["The bank. It closed, “twice”!", None, "Unbelievable: one two", " \n", "Short"]
SENTENCES = ["The bank.", "It closed, “twice”!", None, "Unbelievable: one two", None, "Short"]
TOKENS = [
    *("The", "bank", ".", "It", "closed", ",", "“", "twice", "”!"),
    *(None, "Unbelievable", ":", "one", "two", None, "Short"),
]
LEVELS = ("token", "sentence", "document", "chunk")
W, S = "w_embeddings", "s_embeddings"
# The words that belong together at each level, by their place among the token rows.
OF_SENTENCE = [range(3), range(3, 9), None, range(10, 14), None, range(15, 16)]
OF_DOCUMENT = [range(9), None, range(10, 14), None, range(15, 16)]
JOIN = {"mean": np.mean, "sum": np.sum, "max": np.max}


@pytest.fixture(scope="module")
def words(family_folder):
    return pipeline_of(("w", family_folder("bert"), "embed"))


@pytest.fixture(scope="module")
def texts(family_folder):
    return pipeline_of(("s", family_folder("roberta"), "embed_sentence"))


@pytest.fixture(scope="module")
def both(family_folder):
    return pipeline_of(
        ("w", family_folder("bert"), "embed"), ("s", family_folder("roberta"), "embed_sentence")
    )


def text_oracle(family_folder, some):
    rows = [
        None
        if text is None
        else oracle.text_vector(family_folder("roberta"), text, longest=POSITIONS)
        for text in some
    ]
    return np.stack([np.full(32, np.nan) if row is None else row for row in rows])


def joined(frame, groups, how="mean"):
    matrix = nlu.vectors(frame, W)
    rows = [
        np.full(32, np.nan) if group is None else JOIN[how](matrix[list(group)], axis=0)
        for group in groups
    ]
    return np.stack(rows)


def missing(frame):
    return [place for place, unit in enumerate(frame.iloc[:, 0].isna()) if unit]


def test_token_rows(words):
    frame = words.predict(TEXTS, "token")
    assert list(frame.columns) == ["token", W]
    assert frame["token"].fillna("").tolist() == [token or "" for token in TOKENS]
    assert frame.index.tolist() == [0] * 9 + [1] + [2] * 4 + [3] + [4]
    assert [cell is None for cell in frame[W]] == [token is None for token in TOKENS]


@pytest.mark.parametrize("how", ["mean", "sum", "max"])
def test_a_sentence_joins_the_vectors_of_its_words(words, how):
    frame = words.predict(TEXTS, "sentence", aggregate=how)
    assert list(frame.columns) == ["sentence", W]
    assert frame["sentence"].fillna("").tolist() == [sentence or "" for sentence in SENTENCES]
    assert frame.index.tolist() == [0, 0, 1, 2, 3, 4]
    assert_equal(nlu.vectors(frame), joined(words.predict(TEXTS), OF_SENTENCE, how))


@pytest.mark.parametrize("how", ["mean", "sum", "max"])
def test_a_document_joins_the_vectors_of_its_words(words, how):
    frame = words.predict(TEXTS, "document", aggregate=how)
    assert list(frame.columns) == ["document", W]
    assert frame["document"].fillna("").tolist() == [TEXTS[0], "", TEXTS[2], "", TEXTS[4]]
    assert frame.index.tolist() == [0, 1, 2, 3, 4]
    assert_equal(nlu.vectors(frame), joined(words.predict(TEXTS), OF_DOCUMENT, how))


@pytest.mark.parametrize("how", ["mean", "sum", "max"])
def test_a_chunk_joins_the_vectors_of_its_words_in_context(words, how):
    frame = words.predict(
        TEXTS,
        "chunk",
        chunks=["It closed", "bank", "one two", "closed, “twice", "nowhere"],
        aggregate=how,
    )
    assert list(frame.columns) == ["chunk", W]
    assert frame["chunk"].fillna("").tolist() == [
        "bank",
        "It closed",
        "closed, “twice",
        "",
        "one two",
        "",
        "",
    ]
    assert frame.index.tolist() == [0, 0, 0, 1, 2, 3, 4]
    groups = [range(1, 2), range(3, 5), range(4, 8), None, range(12, 14), None, None]
    assert_equal(nlu.vectors(frame), joined(words.predict(TEXTS), groups, how))


@pytest.mark.parametrize(
    ("level", "groups"),
    [("sentence", OF_SENTENCE), ("document", OF_DOCUMENT), ("chunk", [range(4, 8), *[None] * 4])],
)
def test_without_an_aggregate_a_cell_is_the_matrix_of_the_words(words, level, groups):
    chunks = {"chunks": ["closed, “twice"]} if level == "chunk" else {}
    frame = words.predict(TEXTS, level, aggregate=None, **chunks)
    matrix = nlu.vectors(words.predict(TEXTS))
    assert len(frame) == len(groups)
    for cell, group in zip(frame[W], groups, strict=True):
        if group is None:
            assert cell is None
        else:
            assert (cell.dtype, cell.shape) == (np.float32, (len(group), 32))
            assert_equal(cell, matrix[list(group)])


def test_the_aggregate_does_not_matter_to_words(words):
    wanted = nlu.vectors(words.predict(TEXTS))
    for how in ("sum", "max", None):
        assert_equal(nlu.vectors(words.predict(TEXTS, "token", aggregate=how)), wanted)


@pytest.mark.parametrize("how", ["mean", "sum", "max"])
def test_words_without_a_vector_do_not_count(words, how):
    frame = words.predict([["one", "\u0001", "two"], ["\u0001", ""]], "sentence", aggregate=how)
    assert frame["sentence"].tolist() == ["one \u0001 two", "\u0001 "]
    assert frame[W].iloc[1] is None
    rows = nlu.vectors(words.predict([["one", "\u0001", "two"]]))[[0, 2]]
    assert_equal(frame[W].iloc[0][None], JOIN[how](rows, axis=0)[None])
    cells = words.predict([["one", "\u0001", "two"], ["\u0001", ""]], "document", aggregate=None)[W]
    assert_equal(cells.iloc[0], rows)
    assert cells.iloc[1] is None


def test_a_sentence_component_gives_each_sentence_its_own_vector(texts, family_folder):
    frame = texts.predict(TEXTS)
    assert list(frame.columns) == ["sentence", S]
    assert frame["sentence"].fillna("").tolist() == [sentence or "" for sentence in SENTENCES]
    assert_equal(nlu.vectors(frame), text_oracle(family_folder, SENTENCES))


def test_a_sentence_component_gives_each_word_the_vector_of_its_sentence(texts, family_folder):
    frame = texts.predict(TEXTS, "token")
    assert list(frame.columns) == ["token", S]
    owners = [0] * 3 + [1] * 6 + [2] + [3] * 4 + [4] + [5]
    assert_equal(nlu.vectors(frame), text_oracle(family_folder, SENTENCES)[owners])


def test_a_sentence_component_reads_a_document_whole(texts, family_folder):
    some = ["The bank. It closed, “twice”!", None, "  Unbelievable: one two\n", " "]
    frame = texts.predict(some, "document")
    assert frame["document"].fillna("").tolist() == [some[0], "", some[2], ""]
    assert_equal(
        nlu.vectors(frame),
        text_oracle(family_folder, [some[0], None, "Unbelievable: one two", None]),
    )


def test_a_sentence_component_reads_the_text_of_a_chunk_alone(texts, family_folder):
    frame = texts.predict(TEXTS, "chunk", chunks=["bank. It", "one two"])
    assert frame["chunk"].fillna("").tolist() == ["bank. It", "", "one two", "", ""]
    assert_equal(
        nlu.vectors(frame), text_oracle(family_folder, ["bank. It", None, "one two", None, None])
    )


@pytest.mark.parametrize("level", LEVELS)
def test_words_and_sentences_stand_side_by_side_as_they_are_alone(both, words, texts, level):
    chunks = {"chunks": ["bank", "one two"]} if level == "chunk" else {}
    frame = both.predict(TEXTS, level, **chunks)
    assert list(frame.columns) == [level, W, S]
    pd.testing.assert_frame_equal(frame[[level]], words.predict(TEXTS, level, **chunks)[[level]])
    assert_equal(nlu.vectors(frame, W), nlu.vectors(words.predict(TEXTS, level, **chunks)))
    assert_equal(nlu.vectors(frame, S), nlu.vectors(texts.predict(TEXTS, level, **chunks)))


@pytest.mark.parametrize("level", LEVELS)
def test_two_word_models_with_different_tokenizers_share_the_rows(family_folder, level):
    first, second = (
        ("one", family_folder("bert"), "embed"),
        ("two", family_folder("xlm-roberta"), "embed"),
    )
    chunks = {"chunks": ["bank", "one two"]} if level == "chunk" else {}
    frame = pipeline_of(first, second).predict(TEXTS, level, **chunks)
    assert list(frame.columns) == [level, "one_embeddings", "two_embeddings"]
    for model in (first, second):
        assert_equal(
            nlu.vectors(frame, f"{model[0]}_embeddings"),
            nlu.vectors(pipeline_of(model).predict(TEXTS, level, **chunks)),
        )


def test_without_a_level_words_decide(words, texts, both):
    assert next(iter(words.predict(TEXTS).columns)) == "token"
    assert next(iter(texts.predict(TEXTS).columns)) == "sentence"
    assert next(iter(both.predict(TEXTS).columns)) == "token"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("blank", [None, "", " \u3000\n", [], [""], [" ", ""]])
def test_a_blank_text_has_exactly_one_row_at_every_level(both, level, blank):
    chunks = {"chunks": lambda text: [(0, len(text))]} if level == "chunk" else {}
    data = pd.Series(["a b", blank, "c"], index=["x", "y", "z"])
    frame = both.predict(data, level, positions=True, metadata=True, **chunks)
    assert frame.index.tolist().count("y") == 1
    row = frame.loc["y"]
    assert row[level] is None or pd.isna(row[level])
    assert row[[W, S]].tolist() == [None, None]
    others = [name for name in frame.columns if name not in (level, W, S)]
    assert all(row[name] is pd.NA for name in others)
    assert all(str(frame[name].dtype) in ("Int64", "boolean") for name in others)


@pytest.mark.parametrize("level", LEVELS)
def test_blank_texts_alone_and_no_text_at_all(both, level):
    chunks = {"chunks": ["a"]} if level == "chunk" else {}
    full = both.predict(["a"], level, positions=True, metadata=True, **chunks)
    for data in ([None, ""], []):
        frame = both.predict(data, level, positions=True, metadata=True, **chunks)
        assert list(frame.columns) == list(full.columns)
        assert len(frame) == len(data)
        assert frame.isna().all(axis=None)


POSITIONS_OF = {
    "token": [(0, 2), (4, 7), (8, 8), (10, 11), (13, 18), (19, 19), (21, 21), (22, 26), (27, 28)],
    "sentence": [(0, 8), (10, 28)],
    "document": [(0, 30)],
    "chunk": [(4, 7), (10, 18)],
}


@pytest.mark.parametrize("level", LEVELS)
def test_positions_are_the_levels_own_in_the_callers_text(both, level):
    text = "The bank. It closed, “twice”!\n "
    chunks = {"chunks": ["It closed", "bank"]} if level == "chunk" else {}
    frame = both.predict([None, text], level, positions=True, **chunks)
    extra = ["sentence_index", "token_index"] if level == "token" else []
    assert list(frame.columns) == [level, "begin", "end", *extra, W, S]
    shown = frame.iloc[1:]
    assert list(zip(shown["begin"], shown["end"], strict=True)) == POSITIONS_OF[level]
    assert [text[begin : end + 1] for begin, end in POSITIONS_OF[level]] == shown[level].tolist()
    if level == "token":
        assert shown["sentence_index"].tolist() == [0] * 3 + [1] * 6
        assert shown["token_index"].tolist() == list(range(9))


def test_positions_make_a_unique_key(words):
    frame = words.predict(["One two. One two", "One two. One two", "one", None], positions=True)
    assert (
        not frame.reset_index()[["origin_index", "sentence_index", "token_index"]]
        .duplicated()
        .any()
    )
    assert frame["sentence_index"].tolist()[:-1] == [0, 0, 0, 1, 1] * 2 + [0]


def test_positions_of_split_text_are_those_of_the_joined_words(words):
    frame = words.predict([["New York", "", "is", "big"]], positions=True)
    text = "New York  is big"
    assert frame["begin"].tolist() == [0, 9, 10, 13]
    assert frame["end"].tolist() == [7, 8, 11, 15]
    assert [
        text[begin : end + 1] for begin, end in zip(frame["begin"], frame["end"], strict=True)
    ] == frame["token"].tolist()


def test_metadata_says_how_each_unit_was_read(family_folder):
    pipe = pipeline_of(
        ("w", family_folder("bert"), "embed"),
        ("v", family_folder("roberta"), "embed_sentence"),
        max_length=12,
    )
    # One sentence of two words, one of 30 pieces for the first model and an unknown one.
    texts = ["One two. " + "of " * 28 + "\U0001f9ff."]
    tokenizers = {name: oracle.tokenizer_of(family_folder(name)) for name in ("bert", "roberta")}

    def count(name, text):
        return len(tokenizers[name].encode(text, add_special_tokens=False).ids)

    sentences = ["One two.", "of " * 28 + "\U0001f9ff."]
    names = [
        "sentence_number",
        "piece_count",
        "window_count",
        "is_unknown",
        "piece_count_2",
        "window_count_2",
    ]
    frame = pipe.predict(texts, "sentence", metadata=True)
    assert list(frame.columns) == ["sentence", *names, W, "v_embeddings"]
    assert frame["sentence_number"].tolist() == [0, 1]
    assert frame["piece_count"].tolist() == [count("bert", sentence) for sentence in sentences]
    assert frame["piece_count_2"].tolist() == [count("roberta", sentence) for sentence in sentences]
    windows = [len(oracle.window_ranges(number, 10, 2)) for number in frame["piece_count"]]
    assert frame["window_count"].tolist() == windows
    assert windows[0] == 1
    assert windows[1] > 2
    assert frame["window_count_2"].tolist() == [
        len(oracle.window_ranges(number, 10, 2)) for number in frame["piece_count_2"]
    ]
    assert frame["is_unknown"].tolist() == [False, True]

    frame = pipe.predict(texts, "token", metadata=True)
    assert list(frame.columns) == ["token", *names, W, "v_embeddings"]
    assert frame["sentence_number"].tolist() == [0] * 3 + [1] * 30
    assert frame["window_count"].tolist() == [windows[0]] * 3 + [windows[1]] * 30
    assert frame["piece_count"].tolist() == [count("bert", token) for token in frame["token"]]
    assert frame["is_unknown"].tolist() == [token == "\U0001f9ff" for token in frame["token"]]

    frame = pipe.predict(texts, "document", metadata=True)
    assert list(frame.columns) == ["document", *names[1:], W, "v_embeddings"]
    assert frame["piece_count"].tolist() == [sum(count("bert", sentence) for sentence in sentences)]
    assert frame["window_count"].tolist() == [sum(windows)]
    assert frame["piece_count_2"].tolist() == [count("roberta", texts[0].strip())]

    frame = pipe.predict(texts, "chunk", chunks=["One two", "of \U0001f9ff"], metadata=True)
    assert frame["sentence_number"].tolist() == [0, 1]
    assert frame["piece_count"].tolist() == [
        count("bert", chunk) for chunk in ("One two", "of \U0001f9ff")
    ]
    assert frame["window_count"].tolist() == windows
    assert frame["is_unknown"].tolist() == [False, True]


def test_other_columns_are_carried_at_every_level_and_the_text_where_it_stands_once(words):
    data = pd.DataFrame({"text": ["One. Two", None], "id": [7, 8]}, index=["x", "y"])
    for level, rows in (("token", 4), ("sentence", 3), ("document", 2), ("chunk", 2)):
        chunks = {"chunks": ["Two"]} if level == "chunk" else {}
        frame = words.predict(data, level, **chunks)
        text = ["text"] if level == "document" else []
        assert list(frame.columns) == [level, W, *text, "id"]
        assert frame["id"].tolist() == [7] * (rows - 1) + [8]
        assert frame.index.tolist() == ["x"] * (rows - 1) + ["y"]
        assert list(words.predict(data, level, keep=["text"], **chunks).columns) == [
            level,
            W,
            "text",
        ]
        everything = words.predict(data, level, keep="all", **chunks)
        assert list(everything.columns) == [level, W, "text", "id"]
        assert everything["text"].isna().tolist() == [False] * (rows - 1) + [True]
        assert list(words.predict(data, level, keep=False, **chunks).columns) == [level, W]
        assert list(words.predict(data, level, keep=[], **chunks).columns) == [level, W]


def test_clashing_columns_get_names_that_are_free(words):
    data = pd.DataFrame([["a b", 1, 2, 3, 4]], columns=["text", "token", "token_input", "token", W])
    with pytest.warns(UserWarning, match="columns named like results") as caught:
        frame = words.predict(data)
    assert len(caught) == 1
    assert list(frame.columns) == [
        "token",
        W,
        "token_input_2",
        "token_input",
        "token_input_3",
        f"{W}_input",
    ]
    assert frame.iloc[0, 2:].tolist() == [1, 2, 3, 4]
    # What is not in the result does not clash.
    assert list(words.predict(data, keep=False).columns) == ["token", W]
    assert list(words.predict(data.iloc[:, :2], "sentence").columns) == ["sentence", W, "token"]


def test_a_text_column_named_like_the_level(words):
    data = pd.DataFrame({"document": ["a b"]})
    with pytest.warns(UserWarning, match=r"\['document'\]; they are called \['document_input'\]"):
        assert list(words.predict(data, "document").columns) == ["document", W, "document_input"]
    assert list(words.predict(data, "token").columns) == ["token", W]


def test_two_components_of_one_name(family_folder):
    pipe = pipeline_of(
        ("a.b", family_folder("bert"), "embed"), ("a_b", family_folder("roberta"), "embed")
    )
    assert pipe.columns == ["a_b_embeddings", "a_b_embeddings_2"]
    assert list(pipe.predict("x").columns) == ["token", "a_b_embeddings", "a_b_embeddings_2"]


def test_columns_may_be_named_one_a_component(family_folder):
    models = (
        ("w", family_folder("bert"), "embed"),
        ("s", family_folder("roberta"), "embed_sentence"),
    )
    assert list(pipeline_of(*models, column=["vec", "mine"]).predict("x").columns) == [
        "token",
        "vec",
        "mine",
    ]


@pytest.mark.parametrize(
    "column", ["token", "begin", ["a", "a"], ["a", "piece_count"], "is_unknown"]
)
def test_names_of_columns_that_would_hide_others_are_refused(column):
    with pytest.raises(
        OptionError,
        match="names that differ, other than those of the results' own columns: begin, chunk",
    ):
        nlu.load("en.embed.minilm_l6", column=column)


def test_phrases_are_found_at_all_their_places_and_as_whole_words_only(words):
    texts = ["a a a. xa", "A a", "a\u00a0\n a aa", "“a a”"]
    frame = words.predict(texts, "chunk", chunks=["a a", "a a"], positions=True)
    assert frame["chunk"].fillna("").tolist() == ["a a", "a a", "", "a\u00a0\n a", "a a"]
    assert frame.index.tolist() == [0, 0, 1, 2, 3]
    places = frame.dropna(subset=["chunk"])[["begin", "end"]].to_numpy().tolist()
    assert places == [[0, 2], [2, 4], [0, 4], [1, 3]]
    # A phrase in the middle of a word is none, and what looks like a pattern is text.
    no_phrases = ["York", "New", "a", "a.", "axb", "a+"]
    assert words.predict(["New-York a.b"], "chunk", chunks=no_phrases)["chunk"].isna().all()
    assert words.predict(["a.b axb"], "chunk", chunks=["a.b"])["chunk"].tolist() == ["a.b"]


def test_phrases_of_a_column(words):
    data = pd.DataFrame(
        {
            "text": ["one two three", "one two", "one", "two", None, "three"],
            "find": [
                ["one", "two three", "nothing"],
                "two",
                None,
                np.array(["two"], dtype=object),
                "one",
                pd.NA,
            ],
        }
    )
    frame = words.predict(data, "chunk", chunks="find")
    assert frame["chunk"].fillna("").tolist() == ["one", "two three", "two", "", "two", "", ""]
    assert frame.index.tolist() == [0, 0, 1, 2, 3, 4, 5]
    assert list(frame.columns) == ["chunk", W, "find"]
    arrow = data.assign(
        find=pd.Series([["one"], ["two"], None, [], ["a"], ["three"]], dtype="object")
    ).convert_dtypes()
    assert words.predict(arrow, "chunk", chunks="find")["chunk"].fillna("").tolist() == [
        "one",
        "two",
        "",
        "",
        "",
        "three",
    ]


def test_a_text_without_a_chunk_has_the_row_of_a_null_text(both):
    frame = both.predict(
        ["one two", None], "chunk", chunks=["three"], positions=True, metadata=True
    )
    pd.testing.assert_frame_equal(frame.iloc[[0]].set_axis([1]), frame.iloc[[1]].set_axis([1]))
    assert frame.index.tolist() == [0, 1]
    assert frame.isna().all(axis=None)


def test_chunks_of_a_function(words):
    seen = []

    def first_three(text):
        seen.append(text)
        return [(0, 3), (3, len(text))]

    frame = words.predict(
        ["one two", None, " ", "xyzzy"], "chunk", chunks=first_three, positions=True
    )
    assert seen == ["one two", "xyzzy"]
    assert frame["chunk"].fillna("").tolist() == ["one", " two", "", "", "xyz", "zy"]
    matrix = nlu.vectors(words.predict(["one two", "xyzzy"]))
    wanted = np.stack([matrix[0], matrix[1], *np.full((2, 32), np.nan), matrix[2], matrix[2]])
    assert_equal(nlu.vectors(frame), wanted)


def test_a_chunk_without_words_or_outside_every_sentence(family_folder):
    own = {"words": lambda text: [(4, 7)], "sentences": lambda text: [(4, 7)]}
    models = (
        ("w", family_folder("bert"), "embed"),
        ("s", family_folder("roberta"), "embed_sentence"),
    )
    pipe = pipeline_of(*models, **own)
    frame = pipe.predict(
        ["one two three", "one two three"],
        "chunk",
        chunks=lambda text: [(0, 3), (4, 7), (8, 13)],
        metadata=True,
    )
    assert frame["sentence_number"].fillna(-1).tolist() == [-1, 0, 0] * 2
    assert frame["piece_count"].tolist()[0::3] == [0, 0]
    assert frame["window_count"].tolist() == [0, 1, 1] * 2
    assert [cell is None for cell in frame[W]] == [True, False, True] * 2
    assert not any(cell is None for cell in frame[S])


def test_a_chunk_over_two_sentences_joins_words_that_were_read_apart(words):
    frame = words.predict("The bank. It closed", "chunk", chunks=["bank. It"])
    matrix = nlu.vectors(words.predict("The bank. It closed"))
    assert_equal(nlu.vectors(frame), matrix[1:4].mean(axis=0, keepdims=True))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"output_level": "tokens"},
            OptionError,
            "output_level is 'tokens'; valid are token, sentence, document, chunk",
        ),
        ({"output_level": "relation"}, OptionError, "valid are token, sentence, document, chunk"),
        ({"output_level": ""}, OptionError, "valid are token"),
        (
            {"aggregate": "median"},
            OptionError,
            "aggregate is 'median'; valid are mean, sum, max, None",
        ),
        ({"output_level": "chunk"}, OptionError, "belong together"),
        ({"chunks": ["a"]}, OptionError, "belong together"),
        ({"output_level": "token", "chunks": ["a"]}, OptionError, "belong together"),
        (
            {"output_level": "chunk", "chunks": "a"},
            OptionError,
            "names a column, which the data does not have",
        ),
        (
            {"output_level": "chunk", "chunks": 3},
            OptionError,
            "valid are a list of phrases, a function",
        ),
        (
            {"output_level": "chunk", "chunks": ["a", " "]},
            OptionError,
            "every phrase must be a text that is not blank",
        ),
        ({"output_level": "chunk", "chunks": [["a"]]}, OptionError, r"chunks holds \['a'\]"),
        (
            {"output_level": "chunk", "chunks": lambda text: [(0, 0)]},
            InputValueError,
            r"chunks function returned \(0, 0\)",
        ),
        (
            {"output_level": "chunk", "chunks": lambda text: [(0, 99)]},
            InputValueError,
            r"chunks function returned \(0, 99\)",
        ),
        ({"positons": True}, OptionError, "predict has no option positons. Did you mean positions"),
    ],
)
def test_wrong_options_are_errors_that_say_what_is_valid(words, options, error, message):
    with pytest.raises(error, match=message):
        words.predict(["a"], **options)


@pytest.mark.parametrize("cell", [3, [3], [" "]])
def test_a_wrong_cell_of_a_chunk_column_is_named_with_its_position(words, cell):
    data = pd.DataFrame({"text": ["a", "b"], "find": [["a"], cell]})
    with pytest.raises(InputTypeError, match="Item 1 of the chunk column"):
        words.predict(data, "chunk", chunks="find")


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "last"])
@pytest.mark.parametrize("long", ["windows", "cut"])
def test_poolings_of_a_sentence_component(family_folder, pooling, long):
    pipe = pipeline_of(
        ("s", family_folder("bert"), "embed_sentence"),
        sentence_pooling=pooling,
        long=long,
        sentences=None,
    )
    some = ["Short", "Unbelievable: one two. “Three”", "of the token " * 60]
    wanted = [
        oracle.text_vector(
            family_folder("bert"), text, pooling=pooling, longest=POSITIONS, cut=long == "cut"
        )
        for text in some
    ]
    assert_equal(nlu.vectors(pipe.predict(some)), np.stack(wanted))


# The real sentence model.


@pytest.fixture(scope="module")
def sentence_minilm():
    return nlu.load("en.embed_sentence.minilm_l6", sentences=None)


def as_sentence_transformers(folder, texts, longest):
    """Masked mean over all pieces, special ones included, of text cut to the longest length; length
    one."""
    tokenizer, model = (
        AutoTokenizer.from_pretrained(folder),
        AutoModel.from_pretrained(folder).eval(),
    )
    rows = []
    for text in texts:
        batch = tokenizer(text.strip(), truncation=True, max_length=longest, return_tensors="pt")
        with torch.inference_mode():
            state = model(
                **{name: batch[name] for name in ("input_ids", "attention_mask")}
            ).last_hidden_state
        mask = batch["attention_mask"][..., None]
        rows.append(
            torch.nn.functional.normalize((state * mask).sum(1) / mask.sum(1), dim=1)[0].numpy()
        )
    return np.stack(rows)


LONG_TEXT = " ".join(f"word{number} of the river bank," for number in range(90))


def test_the_real_sentence_vectors_are_those_of_sentence_transformers(sentence_minilm):
    texts = [
        "I love NLP",
        "  “Curly” quotes cost $5.50!\n",
        "Two sentences. In one text.",
        "a",
        LONG_TEXT[:700],
    ]
    folder = sentence_minilm.components[0].folder
    found = nlu.vectors(sentence_minilm.predict(texts, "document"))
    assert_equal(found, as_sentence_transformers(folder, texts, 256))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-6)
    assert_equal(sentence_minilm.encode(texts), found)


def test_beyond_the_longest_length_the_real_sentence_vectors_are_those_where_it_is_cut(
    sentence_minilm,
):
    folder = sentence_minilm.components[0].folder
    assert len(oracle.tokenizer_of(folder).encode(LONG_TEXT).ids) > 600
    cut = nlu.load("en.embed_sentence.minilm_l6", sentences=None, long="cut")
    assert_equal(
        nlu.vectors(cut.predict([LONG_TEXT])), as_sentence_transformers(folder, [LONG_TEXT], 256)
    )
    wanted = oracle.text_vector(folder, LONG_TEXT, longest=256, normalize=True)
    assert_equal(nlu.vectors(sentence_minilm.predict([LONG_TEXT])), wanted[None])
    assert sentence_minilm.predict([LONG_TEXT], metadata=True)["window_count"].tolist()[0] > 2


def test_the_real_word_and_sentence_models_in_one_request():
    pipe = nlu.load("en.embed.minilm_l6 en.embed_sentence.minilm_l6 en.embed.minilm_l6")
    names = ["en_embed_minilm_l6_embeddings", "en_embed_sentence_minilm_l6_embeddings"]
    assert pipe.columns == names
    text = "I love NLP. Me too!"
    frame = pipe.predict(text)
    assert list(frame.columns) == ["token", *names]
    assert frame["token"].tolist() == ["I", "love", "NLP", ".", "Me", "too", "!"]
    assert_equal(
        nlu.vectors(frame, names[0]), nlu.vectors(nlu.load("en.embed.minilm_l6").predict(text))
    )
    folder = pipe.components[1].folder
    wanted = as_sentence_transformers(folder, ["I love NLP.", "Me too!"], 256)
    assert_equal(nlu.vectors(frame, names[1]), wanted[[0, 0, 0, 0, 1, 1, 1]])
    assert_equal(nlu.vectors(pipe.predict(text, "sentence"), names[1]), wanted)
    matrix = pipe.encode([text, None])
    assert matrix.shape == (2, 768)
    assert_equal(matrix[:1, :384], nlu.vectors(frame, names[0]).mean(axis=0, keepdims=True))
    assert_equal(matrix[:1, 384:], as_sentence_transformers(folder, [text], 256))
    assert np.isnan(matrix[1]).all()


@pytest.mark.parametrize("reference", ["en.embed.minilm_l6", "en.embed_sentence.minilm_l6"])
def test_dimensions_keeps_the_first_numbers_and_the_length_is_made_one_after(reference):
    whole = nlu.load(reference, normalize=False).encode(["I love NLP"])
    assert_equal(
        nlu.load(reference, normalize=False, dimensions=5).encode(["I love NLP"]), whole[:, :5]
    )
    wanted = whole[:, :5] / np.linalg.norm(whole[:, :5])
    if (
        reference == "en.embed_sentence.minilm_l6"
    ):  # of a word reference each word's vector has length one
        assert_equal(
            nlu.load(reference, normalize=True, dimensions=5).encode(["I love NLP"]), wanted
        )
    with pytest.raises(OptionError, match="the vectors have 384 numbers"):
        nlu.load(reference, dimensions=385)
