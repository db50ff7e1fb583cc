"""Spark NLP's way from words to pieces: its own test cases, the derived ones, and whole pipelines
against a direct forward."""

from __future__ import annotations

import json
import pickle
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel

import nlu_lite as nlu
from nlu_lite.encoder.backends.batched import BatchedEncoder
from nlu_lite.encoder.backends.forward import Forward
from nlu_lite.encoder.backends.packed import PackedEncoder
from nlu_lite.encoder.spark_pieces import (
    _NAMED_PUNCTUATION,
    SparkPieces,
    normalize,
    split_basic_pieces,
)
from nlu_lite.errors import ModelError, OptionError, UnknownOptionError
from nlu_lite.loading import load_with
from nlu_lite.options import Options
from tests.helpers.equal import assert_equal
from tests.helpers.oracle import hidden_states, tokenizer_of

DATA = Path(__file__).parents[1] / "data"
SPARK = {"words": "spark", "long": "cut", "spark_input": True}
MINILM = "en.embed.minilm_l6"


def cases(name):
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def named(selected):
    return [pytest.param(case, id=case["id"]) for case in selected]


WORDS = cases("bert_input_derived_cases.jsonl")
RULES = cases("wordpiece_cases.jsonl")


@pytest.mark.parametrize("cased", [False, True], ids=["uncased", "cased"])
@pytest.mark.parametrize("case", named(WORDS))
def test_the_first_basic_piece_of_a_word_is_fed(case, cased):
    kind = "cased" if cased else "uncased"
    word = case["token"] if cased else case["token"].lower()
    assert list(split_basic_pieces(word, cased=cased)) == case[f"{kind}_basic"]
    fed = SparkPieces({"[UNK]": 0, case[f"{kind}_fed"]: 7}, cased=cased).encode_word(case["token"])
    assert fed == ([7] if case["embedding_row"] else [])


@pytest.mark.parametrize("case", named(case for case in RULES if case["algorithm"] == "basic"))
def test_basic_pieces_are_those_of_spark_nlps_own_test(case):
    assert (
        list(split_basic_pieces(case["text"], cased=case["params"]["caseSensitive"]))
        == case["pieces"]
    )


@pytest.mark.parametrize(
    "case", named(case for case in RULES if case["algorithm"] == "basic+wordpiece")
)
def test_ids_are_those_of_spark_nlps_own_test(case):
    spark = SparkPieces(
        {piece: number for number, piece in enumerate(case["params"]["vocab"])}, cased=True
    )
    ids = [
        spark.encode_basic_piece(piece) for piece in split_basic_pieces(case["text"], cased=True)
    ]
    assert [number for word in ids for number in word] == case["ids"]
    assert [index == 0 for word in ids for index in range(len(word))] == case["isWordStart"]


@pytest.mark.parametrize(
    "case", named(case for case in RULES if case["algorithm"] in ("normalize", "stripAccents"))
)
def test_accents_and_case_go_as_in_spark_nlps_own_test(case):
    assert (
        normalize(case["text"], cased=case["params"].get("caseSensitive", True)) == case["result"]
    )


@pytest.mark.parametrize(
    "case", named(case for case in RULES if case["algorithm"].startswith("is"))
)
def test_kinds_of_characters_are_those_of_spark_nlps_own_test(case):
    parts = (
        2 if case["algorithm"] == "isWhitespace" else 3
    )  # it parts two letters; punctuation and CJK are pieces as well
    for character in case["text"]:
        result = list(split_basic_pieces(f"a{character}b", cased=True))
        assert (len(result) == parts) == case["result"]


def test_every_case_is_read_by_a_test():
    assert len(WORDS) == 45
    assert {case["algorithm"] for case in RULES} == {
        *(
            "basic",
            "basic+wordpiece",
            "normalize",
            "stripAccents",
            "isPunctuation",
            "isWhitespace",
            "isChinese",
        )
    }


def test_the_punctuation_listed_is_what_unicode_names_so():
    listed = [
        chr(code)
        for code in range(128, 0x10000)
        if list(split_basic_pieces(f"a{chr(code)}b", cased=True))[1:2] == [chr(code)]
    ]
    assert sum("PUNCTUATION" in unicodedata.name(character, "") for character in listed) == 58
    assert all(
        "PUNCTUATION" in unicodedata.name(char, "") or unicodedata.category(char) in ("Lo", "Cn")
        for char in listed
    )
    assert "\\u2008" in _NAMED_PUNCTUATION


@pytest.mark.parametrize(
    ("word", "fed"),
    [
        ("\u2009abc", "abc"),  # what is dropped in front costs no row
        ("\u0301,", ","),
        ("a\u00a0b", "a\u00a0b"),
        ("a\u0000b", "a"),
        ("\u0915\u093f", "\u0915\u093f"),  # a vowel sign outside the block stays
        ("\u0130", "i"),
        ("ΑΣ.Β", "ασ"),  # the whole word becomes small first, so this sigma is not a final one
        ("\U0002000b\U0002000c", "\U0002000b\U0002000c"),  # CJK beyond 16 bits is not cut
    ],
)
def test_words_that_other_rules_treat_otherwise(word, fed):
    assert SparkPieces({"[UNK]": 0, fed: 7}, cased=False).encode_word(word) == [7]


def test_a_piece_of_more_than_200_utf16_units_is_unknown():
    spark = SparkPieces({"[UNK]": 0, "a": 1, "##a": 2, "😀": 3, "##😀": 4}, cased=False)
    assert spark.encode_word("a" * 200) == [1] + [2] * 199
    assert spark.encode_word("a" * 201) == [0]
    assert spark.encode_word("😀" * 100) == [3] + [4] * 99
    assert spark.encode_word("😀" * 101) == [0]


TEXTS = [
    "I'd say \"won't\": $17,000 to john.doe@example.com... (U.S.A.) “curly” don’t well—known.",
    "Ñandú 東京 タワー、です。 한국어 naïve 😀 \u2009\u200a x\u0301y",
    "Unbelievably short. Two sentences here!",
]


def direct(pipe, fed, kept=126):
    """Rows of the words of one sentence, each given by its first basic piece, from a plain
    forward."""
    folder = pipe.components[0].folder
    tokenizer = tokenizer_of(folder)
    number = tokenizer.token_to_id
    ids, indices = [], []
    for piece in fed:
        piece_ids = greedy(tokenizer.get_vocab(), piece) if piece else []
        indices.append(len(ids) + 1 if piece_ids else None)
        ids += piece_ids
    states = hidden_states(folder, [number("[CLS]"), *ids[:kept], number("[SEP]")])[-1]
    nothing = np.full(states.shape[1], np.nan, np.float32)
    return np.array(
        [nothing if index is None or index > kept else states[index] for index in indices]
    )


def greedy(vocabulary, piece):
    """WordPiece as its paper has it, by recursion."""

    def rest(text, prefix):
        if not text:
            return []
        for end in range(len(text), 0, -1):
            if prefix + text[:end] in vocabulary:
                following = rest(text[end:], "##")
                return None if following is None else [vocabulary[prefix + text[:end]], *following]
        return None

    return rest(piece, "") or [vocabulary["[UNK]"]]


@pytest.fixture(scope="module")
def spark_minilm():
    return load_with(MINILM, Options(**SPARK, sentences=None))


# (text, what is fed for each of its words)
FED = [
    ("I'd love NLP, won't you?", ["i", "love", "nlp", ",", "won", "you", "?"]),
    ("$17,000 (markus-crassus).", ["$", "(", "markus", ")"]),
    (
        "www.google.com is... Unbelievably “curly” don’t",
        ["www", "is", ".", "unbelievably", "“curly”", "don’t"],
    ),
    ("Ñandú \u2009\u200a 東京 x", ["nandu", "", "東", "x"]),
    ("\ufffd x", ["", "x"]),
]


@pytest.mark.parametrize(("text", "fed"), FED)
def test_vectors_of_minilm_are_those_of_a_direct_forward_of_the_fed_pieces(spark_minilm, text, fed):
    result = nlu.vectors(spark_minilm.predict([text]))
    assert_equal(result, direct(spark_minilm, fed))


def test_every_golden_word_of_minilm_alone_is_a_direct_forward_of_its_piece(spark_minilm):
    frame = spark_minilm.predict([[case["token"]] for case in WORDS])
    assert len(frame) == len(WORDS)
    expected = [direct(spark_minilm, [case["uncased_fed"]])[0] for case in WORDS]
    assert_equal(nlu.vectors(frame), np.array(expected))


def test_it_is_another_input_than_the_models_own(spark_minilm):
    pipe = nlu.load(MINILM, words="spark", sentences=None)
    text = "I'd love it"
    assert not np.allclose(
        nlu.vectors(pipe.predict(text)), nlu.vectors(spark_minilm.predict(text)), atol=0.01
    )


@pytest.mark.parametrize("kind", [BatchedEncoder, PackedEncoder])
def test_both_encoders_give_the_same(spark_minilm, kind):
    component = spark_minilm.components[0]
    encoder = component.plan.loaded.encoder
    assert isinstance(encoder, PackedEncoder)
    if kind is BatchedEncoder:
        plain = AutoModel.from_pretrained(component.folder).eval().requires_grad_(False)
        forward = Forward.measure(plain, torch.tensor([[2, 5, 3]]))
        encoder = BatchedEncoder(forward, pad_id=0, device=torch.device("cpu"))
    again = load_with(MINILM, spark_minilm.options)
    plan = component.plan
    again.components[0].__dict__["plan"] = replace(
        plan, loaded=replace(plan.loaded, encoder=encoder)
    )
    for text, fed in FED[:3]:
        assert_equal(nlu.vectors(again.predict(text)), direct(again, fed))


def test_rows_past_piece_126_stay_with_none_and_the_last_is_not_seps(spark_minilm):
    words = ["unbelievably", *(["dog", "won't", "cat"] * 60)]
    frame = spark_minilm.predict([" ".join(words)], metadata=True)
    fed = [word.partition("'")[0] for word in words]
    first = len(greedy(tokenizer_of(spark_minilm.components[0].folder).get_vocab(), "unbelievably"))
    assert frame["token"].tolist() == words
    column = frame[spark_minilm.columns[0]]
    seen = 1 + 126 - first
    assert column.notna().tolist() == [True] * seen + [False] * (len(words) - seen)
    assert_equal(nlu.vectors(frame), direct(spark_minilm, fed))


def test_max_length_is_the_length_of_the_sequence():
    pipe = load_with(MINILM, Options(**SPARK, sentences=None, max_length=6))
    result = nlu.vectors(pipe.predict("one two three four five six"))
    assert_equal(result, direct(pipe, ["one", "two", "three", "four", "five", "six"], kept=4))


def test_rows_positions_and_sentences_are_those_of_spark_words():
    texts = [*TEXTS, "dog " * 200, None, " "]
    result = load_with(MINILM, Options(**SPARK, sentences="spark")).predict(texts, positions=True)
    expected = nlu.load(MINILM, words="spark", sentences="spark").predict(texts, positions=True)
    columns = ["token", "begin", "end", "sentence_index", "token_index"]
    assert result[columns].equals(expected[columns])
    assert result.index.equals(expected.index)


def test_each_sentence_is_read_by_itself():
    pipe = load_with(MINILM, Options(**SPARK, sentences="spark"))
    result = nlu.vectors(pipe.predict(TEXTS[2]))
    expected = [
        direct(pipe, ["unbelievably", "short", "."]),
        direct(pipe, ["two", "sentences", "here", "!"]),
    ]
    assert_equal(result, np.concatenate(expected))


def test_a_cased_vocabulary_keeps_case_and_loses_accents(family_folder):
    folder = family_folder("bert-cased")
    pipe = load_with("own.model", Options(**SPARK, sentences=None), path=folder)
    result = nlu.vectors(pipe.predict("The Façade isn't"))
    assert_equal(result, direct(pipe, ["The", "Facade", "isn"]))


def test_electra_which_spark_nlp_reads_as_bert_is_served(family_folder):
    pipe = load_with("own.model", Options(**SPARK, sentences=None), path=family_folder("electra"))
    assert_equal(nlu.vectors(pipe.predict("it isn't")), direct(pipe, ["it", "isn"]))


@pytest.mark.parametrize("family", ["roberta", "albert", "xlm-roberta", "distilbert", "mpnet"])
def test_other_models_than_wordpiece_bert_are_refused(family, family_folder):
    with pytest.raises(
        ModelError,
        match=f"gives its BertEmbeddings, and 'own.model' has the architecture '{family}'",
    ):
        load_with("own.model", Options(**SPARK), path=family_folder(family))


def test_bert_with_another_vocabulary_is_refused(family_folder, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / name).write_bytes((family_folder("bert") / name).read_bytes())
    (folder / "tokenizer.json").write_bytes(
        (family_folder("albert") / "tokenizer.json").read_bytes()
    )
    with pytest.raises(ModelError, match="has no WordPiece vocabulary"):
        load_with("own.model", Options(**SPARK), path=folder)


def test_sentence_references_are_refused():
    with pytest.raises(ModelError, match="gives vectors of sentences, not of words"):
        load_with("en.embed_sentence.minilm_l6", Options(**SPARK))


@pytest.mark.parametrize(
    "changed",
    [
        {"words": "standard"},
        {"word_pooling": "mean"},
        {"long": "windows"},
        {"stride": 3},
        {"max_length": 513},
    ],
    ids=str,
)
def test_options_that_contradict_it_are_refused_by_name(changed):
    ((name, value),) = changed.items()
    with pytest.raises(
        OptionError, match=rf"does not go with {name}={value!r}; it goes with words="
    ):
        Options(**SPARK | changed)


def test_its_value_is_true_or_false():
    with pytest.raises(OptionError, match="spark_input is 'yes'; valid are True and False"):
        Options(spark_input="yes")


def test_the_public_load_does_not_know_it():
    with pytest.raises(UnknownOptionError, match="load has no option spark_input") as caught:
        nlu.load(MINILM, spark_input=True)
    assert "spark_input" not in str(caught.value).partition("Valid are")[2]


def test_a_saved_or_pickled_pipeline_keeps_it_and_its_vectors(tmp_path, family_folder):
    pipe = load_with("own.model", Options(**SPARK), path=family_folder("bert"))
    pipe.save(tmp_path / "saved")
    expected = nlu.vectors(pipe.predict(TEXTS))
    for again in (nlu.load(path=tmp_path / "saved"), pickle.loads(pickle.dumps(pipe))):
        assert again.options == pipe.options
        assert "spark_input=True" in repr(again)
        assert_equal(nlu.vectors(again.predict(TEXTS)), expected)
    assert pipe.predict(TEXTS).attrs["option_spark_input"] == "True"


def test_a_saved_pipeline_refuses_what_contradicts_it(tmp_path, family_folder):
    load_with("own.model", Options(**SPARK), path=family_folder("bert")).save(tmp_path / "saved")
    with pytest.raises(OptionError, match="does not go with word_pooling='mean'"):
        nlu.load(path=tmp_path / "saved", word_pooling="mean")
