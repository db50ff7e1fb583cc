"""NLU code with one import changed: what a user of NLU writes, over all levels and mixes; nothing
but ``compat`` is used."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nlu_lite.compat as nlu
from nlu_lite.errors import InputValueError, UnservedReferenceError

pytestmark = pytest.mark.usefixtures("served_names")

TEXT = "I love NLP. Me too!"
TOKENS = ["I", "love", "NLP", ".", "Me", "too", "!"]
SENTENCES = ["I love NLP.", "Me too!"]
# What a row is, for each level that NLU has; without a chunker the last two are documents.
UNITS = {
    "token": ("token", TOKENS),
    "sentence": ("sentence", SENTENCES),
    "document": ("document", [TEXT]),
    "chunk": ("document", [TEXT]),
    "relation": ("document", [TEXT]),
}
# The shape of the cells of a word and of a sentence component at each level: seven words, two
# sentences, 32 numbers.
WORD_CELL = {
    "token": (32,),
    "sentence": (7, 32),
    "document": (7, 32),
    "chunk": (7, 32),
    "relation": (7, 32),
}
SENTENCE_CELL = {
    "token": (2, 32),
    "sentence": (32,),
    "document": (32,),
    "chunk": (32,),
    "relation": (32,),
}
MIXES = {
    "bert": ["word_embedding_bert"],
    "bert electra": ["word_embedding_bert", "word_embedding_electra"],
    "bert electra biobert albert": [
        *("word_embedding_bert", "word_embedding_electra"),
        *("word_embedding_biobert", "word_embedding_albert"),
    ],
    "en.embed.bert.small_L12_256": ["word_embedding_bert"],
    "en.embed.bert.small_L12_256 en.embed.bert.small_L4_256": [
        *("word_embedding_bert_small_L12_256", "word_embedding_bert_small_L4_256"),
    ],
    "embed_sentence.bert": ["sentence_embedding_bert"],
    "embed_sentence.bert en.embed_sentence.electra xx.embed_sentence.labse": [
        *("sentence_embedding_bert", "sentence_embedding_electra", "sentence_embedding_labse"),
    ],
    "bert embed_sentence.bert": ["word_embedding_bert", "sentence_embedding_bert"],
    "embed_sentence.bert bert electra": [
        "sentence_embedding_bert",
        "word_embedding_bert",
        "word_embedding_electra",
    ],
}


def predict(pipe, data, **parameters):
    """``predict`` where the level is one that NLU has rows of documents for, whose warning is
    looked at elsewhere."""
    if parameters.get("output_level") in ("chunk", "relation"):
        with pytest.warns(UserWarning, match="one row a document"):
            return pipe.predict(data, **parameters)
    return pipe.predict(data, **parameters)


@pytest.mark.parametrize("level", UNITS)
@pytest.mark.parametrize("request_", MIXES)
def test_every_mix_at_every_level(request_, level):
    frame = predict(nlu.load(request_), [TEXT, "Short"], output_level=level)
    unit, rows = UNITS[level]
    assert sorted(frame.columns) == list(frame.columns) == sorted([unit, *MIXES[request_]])
    assert frame[unit].tolist() == [*rows, "Short"]
    for column in MIXES[request_]:
        shape = (WORD_CELL if column.startswith("word") else SENTENCE_CELL)[level]
        cells = list(frame[column][: len(rows)])
        assert {cell.shape for cell in cells} == {shape}
        assert {cell.dtype for cell in cells} == {np.dtype(np.float32)}


def test_the_card_of_the_model():
    frame = nlu.load("en.embed.bert.small_L12_256").predict(["I love NLP"], output_level="token")
    assert list(frame.columns) == ["token", "word_embedding_bert"]
    assert frame["token"].tolist() == ["I", "love", "NLP"]
    assert np.stack(frame["word_embedding_bert"]).shape == (3, 32)


def test_a_document_has_the_matrix_of_its_tokens():
    pipe = nlu.load("bert")
    matrix = pipe.predict(TEXT, output_level="document")["word_embedding_bert"].iloc[0]
    np.testing.assert_array_equal(
        matrix, np.stack(pipe.predict(TEXT, output_level="token")["word_embedding_bert"])
    )


def test_every_sentence_has_the_matrix_of_the_whole_document():
    pipe = nlu.load("bert")
    matrix = np.stack(pipe.predict(TEXT, output_level="token")["word_embedding_bert"])
    for cell in pipe.predict(["Short", TEXT], output_level="sentence")["word_embedding_bert"].iloc[
        1:
    ]:
        np.testing.assert_array_equal(cell, matrix)


def test_every_token_has_the_matrix_of_the_sentences():
    pipe = nlu.load("embed_sentence.bert")
    matrix = np.stack(pipe.predict(TEXT, output_level="sentence")["sentence_embedding_bert"])
    for cell in pipe.predict(["Short. Short.", TEXT], output_level="token")[
        "sentence_embedding_bert"
    ].iloc[4:]:
        np.testing.assert_array_equal(cell, matrix)


@pytest.mark.parametrize(
    ("request_", "unit"),
    [
        ("bert", "token"),
        ("embed_sentence.bert", "sentence"),
        ("bert embed_sentence.bert", "sentence"),
        ("embed_sentence.bert bert", "token"),
    ],
)
@pytest.mark.parametrize("parameters", [{}, {"output_level": ""}, {"output_level": None}])
def test_without_a_level_it_is_that_of_the_last_component(request_, unit, parameters):
    assert unit in nlu.load(request_).predict(TEXT, **parameters).columns


def test_a_level_that_does_not_exist_is_refused_with_those_that_do():
    for level in ("tokens", "embeddings"):
        with pytest.raises(
            ValueError, match="valid are token, sentence, document, chunk, relation"
        ):
            nlu.load("bert").predict(TEXT, output_level=level)


def test_chunk_and_relation_say_that_their_rows_are_documents():
    for level in ("chunk", "relation"):
        with pytest.warns(UserWarning, match=f"'{level}' has one row a document.*chunks="):
            nlu.load("bert").predict(TEXT, output_level=level)


def test_the_names_of_2020():
    pipe = nlu.load("bert en.embed.bert.small_L8_128 embed_sentence.bert", names="2020")
    columns = [
        "bert_embeddings",
        "embed_sentence_bert_embeddings",
        "en_embed_bert_small_L8_128_embeddings",
        "token",
    ]
    assert list(pipe.predict(TEXT, output_level="token").columns) == columns
    with pytest.raises(ValueError, match="valid are current, 2020"):
        nlu.load("bert", names="2021")


def test_names_of_ones_own():
    assert list(nlu.load("bert", column="vector").predict(TEXT).columns) == ["token", "vector"]


def reviews():
    return pd.DataFrame({"text": [TEXT, "Good"], "stars": [1, 5]}, index=[30, 10])


def test_a_frame_keeps_its_columns_and_its_text():
    frame = nlu.load("bert").predict(reviews(), output_level="token")
    assert list(frame.columns) == ["stars", "text", "token", "word_embedding_bert"]
    assert frame["text"].tolist() == [TEXT] * 7 + ["Good"]
    assert frame["stars"].tolist() == [1] * 7 + [5]


def test_without_stranger_features_only_results_are_left():
    frame = nlu.load("bert").predict(reviews(), output_level="token", keep_stranger_features=False)
    assert list(frame.columns) == ["token", "word_embedding_bert"]


def test_a_frame_without_a_column_text_has_it_in_the_first_one():
    data = reviews().rename(columns={"text": "review"}).assign(other="words")
    frame = nlu.load("bert").predict(data, output_level="document")
    assert list(frame.columns) == ["document", "other", "stars", "text", "word_embedding_bert"]
    assert frame["text"].tolist() == [TEXT, "Good"]
    assert nlu.load("embed_sentence.bert").predict_embeds(data).shape == (2, 32)


def test_a_first_column_that_is_no_text_is_an_error_that_says_so():
    with pytest.raises(TypeError, match=r"first one, 'stars'.*Rename"):
        nlu.load("bert").predict(reviews().rename(columns={"text": "review"})[["stars", "review"]])


def test_the_callers_frame_is_not_written_to():
    data = reviews().rename(columns={"text": "review"})
    before = data.copy(deep=True)
    nlu.load("bert").predict(data, output_level="token", drop_irrelevant_cols=False)
    pd.testing.assert_frame_equal(data, before)


def test_the_index_is_the_callers_and_called_origin_index():
    data = reviews().rename_axis("id")
    frame = nlu.load("bert").predict(data, output_level="sentence")
    assert frame.index.name == "origin_index"
    assert frame.index.tolist() == [30, 30, 10]
    assert nlu.load("bert").predict(data["text"], output_level="document").index.tolist() == [
        30,
        10,
    ]
    assert nlu.load("bert").predict([TEXT, "Good"], output_level="sentence").index.tolist() == [
        0,
        0,
        1,
    ]


def test_rows_join_back_on_the_index():
    data = reviews()
    joined = nlu.load("bert").predict(data["text"], output_level="token").join(data)
    assert joined["stars"].tolist() == [1] * 7 + [5]


@pytest.mark.parametrize("kind", [str, list, tuple, np.array, pd.Series])
def test_every_input_that_nlu_takes(kind):
    frame = nlu.load("bert").predict(
        "Good" if kind is str else kind(["Good"]), output_level="token"
    )
    assert list(frame.columns) == ["token", "word_embedding_bert"]
    assert frame["token"].tolist() == ["Good"]


@pytest.mark.parametrize("level", ["token", "sentence", "document"])
def test_null_and_blank_texts_keep_a_row(level):
    frame = nlu.load("bert embed_sentence.bert").predict(
        [None, "Good", "  ", float("nan")], output_level=level
    )
    assert frame.index.tolist() == [0, 1, 2, 3]
    assert frame[level].isna().tolist() == [True, False, True, True]
    for column in ("word_embedding_bert", "sentence_embedding_bert"):
        assert [cell is None for cell in frame[column]] == [True, False, True, True]


@pytest.mark.parametrize("level", ["token", "sentence", "document"])
def test_no_text_gives_an_empty_frame_with_the_columns(level):
    frame = nlu.load("bert embed_sentence.bert").predict([], output_level=level)
    assert len(frame) == 0
    assert set(frame.columns) == {"sentence_embedding_bert", level, "word_embedding_bert"}


def test_positions_of_tokens():
    frame = nlu.load("bert embed_sentence.bert").predict(TEXT, output_level="token", positions=True)
    assert [
        TEXT[a : b + 1] for a, b in zip(frame["token_begin"], frame["token_end"], strict=True)
    ] == TOKENS
    assert frame["word_embedding_bert_begin"].tolist() == frame["token_begin"].tolist()
    assert frame["word_embedding_bert_end"].tolist() == frame["token_end"].tolist()
    # Of other levels, lists for the whole document; also of those whose column is dropped.
    assert "sentence" not in frame
    assert "document" not in frame
    assert (
        frame["sentence_begin"].tolist()
        == frame["sentence_embedding_bert_begin"].tolist()
        == [[0, 12]] * 7
    )
    assert (
        frame["sentence_end"].tolist()
        == frame["sentence_embedding_bert_end"].tolist()
        == [[10, 18]] * 7
    )
    assert frame["document_begin"].tolist() == [[0]] * 7
    assert frame["document_end"].tolist() == [[18]] * 7


def test_positions_of_sentences_and_documents():
    pipe = nlu.load("bert embed_sentence.bert")
    frame = pipe.predict(TEXT, output_level="sentence", positions=True)
    assert (
        frame["sentence_begin"].tolist()
        == frame["sentence_embedding_bert_begin"].tolist()
        == [0, 12]
    )
    assert frame["sentence_end"].tolist() == [10, 18]
    assert frame["word_embedding_bert_begin"].tolist() == [[0, 2, 7, 10, 12, 15, 18]] * 2
    frame = pipe.predict(TEXT, output_level="document", positions=True)
    assert frame["document_end"].tolist() == frame["sentence_embedding_bert_end"].tolist() == [18]
    assert frame["token_end"].tolist() == [[0, 5, 9, 10, 13, 17, 18]]
    assert "sentence_begin" not in frame


def test_what_is_irrelevant_may_be_kept():
    pipe = nlu.load("bert")
    frame = pipe.predict(reviews(), output_level="token", drop_irrelevant_cols=False)
    vector = "word_embedding_bert"
    assert list(frame.columns) == [
        "document",
        "origin_index",
        "sentence",
        "stars",
        "text",
        "token",
        vector,
    ]
    assert frame["document"].iloc[0] == TEXT
    assert frame["sentence"].iloc[0] == SENTENCES
    assert frame["origin_index"].tolist() == [30] * 7 + [10]
    # A name for both would be ambiguous, and groupby and merge would fail.
    assert frame.groupby("origin_index").size().to_dict() == {30: 7, 10: 1}
    frame = pipe.predict([TEXT], output_level="sentence", drop_irrelevant_cols=False)
    assert list(frame.columns) == ["document", "origin_index", "sentence", "token", vector]
    assert frame["token"].tolist() == [TOKENS] * 2
    frame = pipe.predict([TEXT], output_level="document", drop_irrelevant_cols=False)
    assert list(frame.columns) == ["document", "origin_index", "token", vector]
    assert "token" not in nlu.load("embed_sentence.bert").predict(
        [TEXT], output_level="sentence", drop_irrelevant_cols=False
    )


def test_metadata_says_the_sentence_and_what_the_vocabulary_lacks():
    pipe = nlu.load("bert electra embed_sentence.bert")
    with pytest.warns(UserWarning, match="metadata: of NLU's keys"):
        frame = pipe.predict("Good. 語 fine", output_level="token", metadata=True)
    assert (
        frame["word_embedding_bert_origin_sentence"].tolist()
        == frame["token_origin_sentence"].tolist()
    )
    assert frame["token_origin_sentence"].iloc[0] == 0
    assert len(frame["word_embedding_bert_is_OOV"]) == len(frame["word_embedding_electra_is_OOV"])
    assert {"document", "sentence", "origin_index"} <= set(frame.columns)
    with pytest.warns(UserWarning, match="metadata"):
        frame = pipe.predict(TEXT, output_level="sentence", metadata=True)
    assert frame["sentence_embedding_bert_origin_sentence"].tolist() == [0, 1]


def test_without_embeddings_only_the_rows_are_left():
    pipe = nlu.load("bert")
    frame = pipe.predict(TEXT, output_level="token", get_embeddings=False, positions=True)
    assert frame["token"].tolist() == TOKENS
    assert not any("embedding" in column for column in frame)


def test_embeddings_by_the_name_of_the_request():
    assert "word_embedding_bert" not in nlu.load("bert").predict(TEXT, get_embeddings=None)
    assert "word_embedding_bert" in nlu.load("en.embed.bert.small_L4_256").predict(
        TEXT, get_embeddings=None
    )


def test_what_has_no_effect_is_said_in_one_warning():
    pipe = nlu.load("bert")
    with pytest.warns(
        UserWarning, match="multithread has no effect: .*partition has no effect: .*Spark"
    ) as seen:
        frame = pipe.predict(TEXT, output_level="token", multithread=False, partition=2)
    assert len(seen) == 1
    assert frame["token"].tolist() == TOKENS
    with pytest.warns(UserWarning, match="multithread has no effect") as seen:
        nlu.load("embed_sentence.bert").predict_embeds(TEXT, multithread=False)
    assert len(seen) == 1
    with pytest.warns(
        UserWarning, match="streamlit_caching has no effect.*get_tracer.*version_checks"
    ) as seen:
        nlu.load("bert", streamlit_caching=True, get_tracer=True, version_checks=False)
    assert len(seen) == 1


def test_what_nlu_does_by_default_is_no_reason_to_warn():
    pipe = nlu.load(
        "bert", None, False, False, False, False, False
    )  # NLU's parameters in NLU's order
    frame = pipe.predict(
        TEXT, "token", "", False, True, False, True, True, False, True, False, "", 1000
    )
    assert frame["token"].tolist() == TOKENS


@pytest.mark.parametrize(
    ("parameter", "value", "reason"),
    [
        ("return_spark_df", True, "no Spark session"),
        ("output_path", "folder", "OCR"),
        ("parser_output", True, "licensed"),
        ("parser_config", "file", "licensed"),
    ],
)
def test_what_is_not_possible_is_refused_with_the_reason(parameter, value, reason):
    with pytest.raises(ValueError, match=f"{parameter}=.* is not possible: .*{reason}"):
        nlu.load("bert").predict(TEXT, **{parameter: value})


def test_predict_embeds_refuses_spark_frames():
    with pytest.raises(ValueError, match="return_spark_df=True is not possible"):
        nlu.load("embed_sentence.bert").predict_embeds(TEXT, return_spark_df=True)


def test_a_parameter_that_does_not_exist_names_the_one_that_does():
    with pytest.raises(TypeError, match=r"output_positions.*positions"):
        nlu.load("bert").predict(TEXT, output_positions=True)
    with pytest.raises(TypeError, match="no option gpus"):
        nlu.load("bert", gpus=True)


def test_predict_embeds_gives_one_vector_a_text():
    pipe = nlu.load("bert embed_sentence.bert en.embed_sentence.electra")
    vectors = pipe.predict_embeds([TEXT, None, "Good"])
    expected = pipe.predict([TEXT, "Good"], output_level="document")["sentence_embedding_bert"]
    assert vectors.shape == (3, 32)
    assert vectors.dtype == np.float32
    assert np.isnan(vectors[1]).all()
    np.testing.assert_allclose(vectors[[0, 2]], np.stack(expected), atol=1e-6)


def test_predict_embeds_of_words_is_their_mean():
    pipe = nlu.load("bert")
    expected = np.stack(pipe.predict(TEXT, output_level="token")["word_embedding_bert"]).mean(
        axis=0
    )
    np.testing.assert_allclose(pipe.predict_embeds(TEXT), [expected], atol=1e-5)


def test_a_folder_is_called_from_disk_or_as_the_request_says(family_folder):
    folder = str(family_folder("bert"))
    assert list(nlu.load(path=folder).predict(TEXT).columns) == [
        "token",
        "word_embedding_from_disk",
    ]
    assert list(nlu.load("my_bert", folder).predict(TEXT).columns) == [
        "token",
        "word_embedding_my_bert",
    ]
    assert list(nlu.load(path=folder, names="2020").predict(TEXT).columns) == [
        "from_disk_embeddings",
        "token",
    ]


def test_a_saved_pipeline_is_loaded_by_its_path(tmp_path):
    pipe = nlu.load("bert embed_sentence.bert")
    pipe.save(tmp_path / "pipe")
    pipe.save(tmp_path / "pipe")  # overwrite=True, as in NLU
    again = nlu.load(path=tmp_path / "pipe")
    columns = ["document", "sentence_embedding_from_disk", "word_embedding_from_disk"]
    assert list(again.predict(TEXT).columns) == columns
    named = nlu.load("bert embed_sentence.bert", path=tmp_path / "pipe").predict(TEXT)
    np.testing.assert_array_equal(
        named["word_embedding_bert"].iloc[0], pipe.predict(TEXT)["word_embedding_bert"].iloc[0]
    )
    with pytest.raises(ValueError, match="has 2 components; the request names 3"):
        nlu.load("bert electra albert", path=tmp_path / "pipe")


def test_saving_never_replaces_what_it_did_not_write(tmp_path):
    pipe = nlu.load("bert")
    pipe.save(tmp_path / "pipe")
    with pytest.raises(ValueError, match="exists already"):
        pipe.save(tmp_path / "pipe", overwrite=False)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("do not lose")
    with pytest.raises(ValueError, match="exists already"):
        pipe.save(tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "do not lose"
    with pytest.raises(ValueError, match="only 'entire_pipeline'"):
        pipe.save(tmp_path / "one", component="bert")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "own_registry.yaml", "pipe"]


def test_a_mixed_request_is_refused_with_the_one_that_works():
    with pytest.raises(LookupError) as seen:
        nlu.load("pos sentiment bert elmo emotion electra")
    message = str(seen.value)
    assert "nlu.load('bert electra')" in message
    for part in (
        "'pos' is a name of NLU that is not served: it tags parts of speech",
        "sentiment_confidence",
        "ELMo",
        'unserved="skip"',
    ):
        assert part in message
    assert list(nlu.load("bert electra").predict(TEXT, output_level="token").columns) == [
        *("token", "word_embedding_bert", "word_embedding_electra")
    ]


def test_what_is_not_served_may_be_skipped_with_a_warning_that_names_its_columns():
    missing = (
        "pos, sentiment, sentiment_confidence, word_embedding_elmo, emotion, emotion_confidence"
    )
    with pytest.warns(UserWarning, match=f"Columns that will be missing: {missing}") as seen:
        pipe = nlu.load("pos sentiment bert elmo emotion", unserved="skip")
    assert len(seen) == 1
    assert list(pipe.predict(TEXT, output_level="token").columns) == [
        "token",
        "word_embedding_bert",
    ]


def test_a_skipped_embedding_has_its_say_in_the_names_of_the_others():
    unserved = "en.embed.bert.wiki_books"
    with pytest.warns(UserWarning, match="missing: word_embedding_bert_wiki_books"):
        pipe = nlu.load(f"en.embed.bert.small_L4_256 {unserved}", unserved="skip")
    assert list(pipe.predict(TEXT).columns) == ["token", "word_embedding_bert_small_L4_256"]


@pytest.mark.parametrize("choice", ["raise", "skip"])
def test_a_request_of_other_tasks_only_is_refused(choice):
    with pytest.raises(LookupError, match="Nothing of 'sentiment ner' is served"):
        nlu.load("sentiment ner", unserved=choice)


@pytest.mark.parametrize("choice", ["raise", "skip"])
def test_a_typing_error_is_no_reference_of_another_task(choice):
    with pytest.raises(
        LookupError, match=r"'electraa' is not a known reference\. Nearest: 'electra'"
    ):
        nlu.load("bert electraa", unserved=choice)


def test_what_to_do_with_the_unserved_is_checked():
    with pytest.raises(ValueError, match="valid are raise, skip, substitute"):
        nlu.load("bert", unserved="ignore")


def test_spark_input_feeds_the_first_part_of_each_word():
    """Spark NLP reads `o` where the text says `o'clock`, and so gets the same vectors for both."""
    plain, spark = nlu.load("en.embed.minilm_l6"), nlu.load("en.embed.minilm_l6", spark_input=True)
    column = "word_embedding_minilm_l6"
    texts = ["It is nine o'clock now", "It is nine o now"]
    first, second = (spark.predict(text, output_level="token")[column].tolist() for text in texts)
    assert all(np.array_equal(cell, twin) for cell, twin in zip(first, second, strict=True))
    first, second = (plain.predict(text, output_level="token")[column].tolist() for text in texts)
    assert not np.allclose(first[0], second[0], atol=1e-3)


def test_spark_input_keeps_the_rows_past_the_126th_piece():
    frame = nlu.load("en.embed.minilm_l6", spark_input=True).predict(
        "the " * 130, output_level="token"
    )
    assert frame["word_embedding_minilm_l6"].isna().tolist() == [False] * 126 + [True] * 4


def test_spark_input_is_for_words_of_wordpiece_models():
    with pytest.raises(ValueError, match="spark_input"):
        nlu.load("en.embed_sentence.minilm_l6", spark_input=True)
    with pytest.raises(ValueError, match="no_such"):
        nlu.load("en.embed.minilm_l6", spark_input=True, no_such=1)


def test_the_options_of_the_main_load_pass_through():
    assert nlu.load("bert", words=lambda text: [(0, 6)]).predict(TEXT)["token"].tolist() == [
        "I love"
    ]


@pytest.mark.parametrize(
    ("parameter", "device"), [("gpu", "cuda"), ("apple_silicon", "mps"), ("m1_chip", "mps")]
)
def test_a_device_is_used_or_said_to_be_missing(parameter, device):
    import torch

    library = torch.cuda if device == "cuda" else torch.backends.mps
    if library.is_available():
        assert nlu.load("bert", **{parameter: True}).components[0].options.device == device
    else:
        with pytest.raises(ValueError, match="=True cannot be had here; leave it out"):
            nlu.load("bert", **{parameter: True})


def test_verbose_shows_what_is_loaded(capsys):
    try:
        nlu.load("bert", verbose=True)
        assert "bert is bert in" in capsys.readouterr().err
        nlu.load("bert")
        assert capsys.readouterr().err == ""
        nlu.enable_verbose()
        nlu.enable_verbose()
        nlu.load("bert", verbose=True)
        assert capsys.readouterr().err.count("bert is bert in") == 1
    finally:
        nlu.disable_verbose()


def test_the_pipeline_is_indexed_by_component():
    pipe = nlu.load("bert embed_sentence.bert")
    assert (
        list(pipe) == pipe.keys() == ["bert_embeddings@bert", "roberta_sentence_embeddings@roberta"]
    )
    assert len(pipe) == len(pipe.components) == 2
    assert pipe.nlu_ref == "bert embed_sentence.bert"
    assert pipe.lang == "en"
    for key in ("bert_embeddings@bert", "bert_embeddings", "bert", "word_embedding_bert"):
        assert pipe[key].component is pipe.components[0]
    with pytest.raises(
        LookupError, match="0 components are called 'chunker'; valid are bert_embeddings@bert"
    ):
        pipe["chunker"]


def test_the_longest_sentence_can_be_set():
    text = "love " * 40
    pipe, short = nlu.load("bert"), nlu.load("bert")
    setting = short["bert_embeddings"].setMaxSentenceLength(12)
    assert setting.component.options.max_length == 12
    whole, windows = (np.stack(p.predict(text)["word_embedding_bert"]) for p in (pipe, short))
    assert whole.shape == windows.shape  # no word is lost, other than in Spark NLP
    assert not np.allclose(whole, windows)
    with pytest.raises(ValueError, match="at most"):
        short["bert"].setMaxSentenceLength(100_000)


def test_a_trained_head_follows_the_lengths_of_its_embedding(tmp_path):
    frame = pd.DataFrame({"text": ["good", "great", "bad", "awful"], "y": list("aabb")})
    pipe = nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(frame)
    pipe["en.embed_sentence.minilm_l6"].setMaxSentenceLength(64)
    assert [component.options.max_length for component in pipe.components] == [64, 64]
    assert pipe.components[1].source is pipe.components[0]
    assert set(pipe.predict(frame)["classifier_dl"]) == {"a", "b"}
    pipe["train.classifier"].setMaxSentenceLength(32)
    assert [component.options.max_length for component in pipe.components] == [32, 32]
    pipe.save(tmp_path / "saved")
    assert nlu.load(path=tmp_path / "saved").pipeline.options.max_length == 32


def test_other_setters_say_what_they_do():
    component = nlu.load("bert")["bert"]
    with pytest.warns(UserWarning, match="setBatchSize: no effect"):
        assert component.setBatchSize(8) is component
    with pytest.raises(ValueError, match=r"setCaseSensitive.*vocabulary"):
        component.setCaseSensitive(True)
    with pytest.raises(TypeError, match="setAnything is not known; valid are setMaxSentenceLength"):
        component.setAnything(1)
    with pytest.raises(AttributeError, match="transformers model"):
        component.getVectors()


def test_components_set_differently_are_not_saved_together(tmp_path):
    pipe = nlu.load("bert electra")
    pipe["bert"].setMaxSentenceLength(12)
    with pytest.raises(ValueError, match="different settings"):
        pipe.save(tmp_path / "pipe")


def test_print_info_prints_lines_to_copy(capsys):
    pipe = nlu.load("bert")
    assert pipe.print_info() is None
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("pipe["))
    exec(line.partition("|")[0])
    pipe.print_info(minimal=False)
    assert "architecture" in capsys.readouterr().out


def test_get_components_filters():
    assert nlu.get_components("embed.bert.small_L12_256") == ["en.embed.bert.small_L12_256"]
    assert {"bert", "en.embed.bert.small_L12_256"} <= set(nlu.get_components("bert"))
    assert "embed_sentence.bert" not in nlu.get_components("embed.")
    german = nlu.get_components("embed", lang="de")
    assert german
    assert all(reference.startswith("de.") for reference in german)
    assert len(nlu.get_components("nothing at all", get_all=True)) > 900
    with pytest.warns(UserWarning, match="include_pipes and licensed have no effect"):
        nlu.get_components("bert", include_pipes=True)
    with pytest.raises(ValueError, match="lang is 'klingon'"):
        nlu.get_components(lang="klingon")


def test_listings_print_what_they_return(capsys):
    references = nlu.print_all_model_kinds_for_action("embed_sentence")
    printed = capsys.readouterr().out.splitlines()
    assert "For language <en> NLU provides the following Models :" in printed
    assert "xx.embed_sentence.labse" in references
    assert "bert" not in references
    lines = [line for line in printed if line.startswith("nlu.load(")]
    assert [line.split("'")[1] for line in lines] == references
    assert nlu.print_all_model_kinds_for_action_and_lang("xx", "embed_sentence") == [
        reference for reference in references if reference.startswith("xx.")
    ]
    assert capsys.readouterr().out.startswith("All NLU components for lang  xx")
    assert {"de", "en", "xx"} <= set(nlu.print_all_languages())
    assert "\nxx\n" in capsys.readouterr().out
    german = nlu.print_all_nlu_components_for_lang("de")
    assert german == nlu.print_components(lang="de") == nlu.get_components(lang="de")
    assert nlu.print_components(action="embed_sentence") == references
    assert nlu.print_components("xx", "embed_sentence") == nlu.get_components(
        "embed_sentence", lang="xx"
    )
    assert len(nlu.print_components()) == len(nlu.get_components())
    actions = [
        "embed",
        "embed_sentence",
        "ner",
        "classify",
        "zero_shot_classifier",
        "answer_question",
        "translate_to",
    ]
    assert nlu.print_component_types() == actions
    assert "en.bart.zero_shot_classifier" in nlu.print_all_model_kinds_for_action(
        "zero_shot_classifier"
    )
    assert "en.ner.biobert" in nlu.print_all_model_kinds_for_action("ner")
    assert "train.classifier" in nlu.print_trainable_components()


def test_translators_are_listed_under_the_language_that_they_read(capsys):
    references = nlu.print_all_model_kinds_for_action("translate_to")
    printed = capsys.readouterr().out
    assert "For language <ca> NLU provides the following Models :" in printed
    assert "nlu.load('xx.en.translate_to.fr') returns Spark NLP model translate_en_fr" in printed
    english = nlu.print_all_model_kinds_for_action_and_lang("en", "translate_to")
    assert {name.split(".")[1] for name in english} == {"en"}
    assert set(nlu.print_components("xx", "translate_to")) == set(references) > set(english)


def test_listings_refuse_what_there_is_not():
    with pytest.raises(ValueError, match="valid are embed, embed_sentence"):
        nlu.print_all_model_kinds_for_action("embbed")
    with pytest.raises(ValueError, match="lang is 'klingon'"):
        nlu.print_all_nlu_components_for_lang("klingon")


@pytest.mark.parametrize("action", ["pos", "dep", "lemma"])
def test_a_task_that_is_not_served_lists_nothing_and_says_so(action, capsys):
    with pytest.warns(UserWarning, match=f"No reference for '{action}' is served"):
        assert nlu.print_all_model_kinds_for_action(action) == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "name", ["auth", "viz", "to_pretty_df", "to_nlu_pipe", "autocomplete_pipeline"]
)
def test_functions_that_are_not_here_say_why(name):
    with pytest.raises(NotImplementedError, match=f"NLU's nlu.{name} is not served: "):
        getattr(nlu, name)("anything", more=1)


@pytest.mark.parametrize(
    "name", ["viz", "viz_streamlit", "viz_streamlit_word_embed_manifold", "printPipelineSchema"]
)
def test_methods_that_are_not_here_say_why(name):
    with pytest.raises(NotImplementedError, match=f"NLU's pipe.{name} is not served: "):
        getattr(nlu.load("bert"), name)("anything", more=1)


def test_names_that_nlu_has_not_are_attribute_errors():
    with pytest.raises(AttributeError, match="its names are"):
        nlu.anything()
    with pytest.raises(AttributeError, match="anything"):
        nlu.load("bert").anything()


def test_the_version_is_that_of_the_package():
    assert nlu.version()[0].isdigit()


@pytest.mark.parametrize(
    ("name", "column"),
    [("classifier", "classifier_dl"), ("sentiment_dl", "sentiment")],
)
def test_labels_are_learnt_and_shown_under_nlus_names(name, column, tmp_path):
    frame = pd.DataFrame(
        {"text": ["good", "great", "bad", "awful"], "y": [1, 1, 0, 0], "key": list("abcd")}
    )
    before = frame.copy()
    pipe = nlu.load(f"en.embed_sentence.minilm_l6 train.{name}")
    labelled = pipe.fit(frame).predict(frame, output_level="document")
    assert labelled[column].tolist() == ["1", "1", "0", "0"]
    assert labelled[f"{column}_confidence"].between(0.5, 1).all()
    assert {"sentence_embedding_minilm_l6", "key", "text", "document"} <= set(labelled.columns)
    pd.testing.assert_frame_equal(frame, before)
    pipe.save(tmp_path / "saved")
    again = nlu.load(path=tmp_path / "saved").predict(frame, output_level="document")
    assert again[column].tolist() == labelled[column].tolist()


def test_nlus_other_names_for_labels_are_found():
    frame = pd.DataFrame({"text": ["good", "great", "bad", "awful"], "label": list("aabb")})
    pipe = nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(frame)
    assert set(pipe.predict(frame)["classifier_dl"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("train.word_segmenter", "words and sentences are cut by rules"),
    ],
)
def test_what_is_not_learnt_says_what_is(name, cure):
    with pytest.raises(UnservedReferenceError) as caught:
        nlu.load(f"en.embed_sentence.minilm_l6 {name}")
    assert cure in str(caught.value)


def test_two_devices_at_once_are_refused():
    with pytest.raises(
        ValueError, match="gpu=True and apple_silicon=True are two devices; say one"
    ):
        nlu.load("bert", gpu=True, apple_silicon=True)


def test_a_classifier_that_is_not_served_says_why_and_which_columns_are_missing():
    with pytest.raises(
        LookupError,
        match=r"it makes text, of which only the translations of Marian(?s:.*)answer_confidence",
    ):
        nlu.load("bert answer_question")
    with pytest.warns(UserWarning, match="Columns that will be missing: answer, answer_confidence"):
        pipe = nlu.load("bert answer_question", unserved="skip")
    assert pipe.columns == ["word_embedding_bert"]


def test_fit_needs_a_frame():
    with pytest.raises(
        TypeError, match="fit takes a DataFrame with the columns text and y, not a list"
    ):
        nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(["good", "bad"])


def test_fit_without_labels_says_which_column_is_missing():
    says = r'in a column "y" \(or "label", "labels"\); the columns are \[.text., .stars.\]'
    with pytest.raises(InputValueError, match=says):
        nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(
            pd.DataFrame({"text": ["good", "bad"], "stars": [5, 1]})
        )


def test_an_index_of_several_levels_keeps_its_names():
    index = pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["shop", "day"])
    frame = nlu.load("bert").predict(
        pd.DataFrame({"text": ["I love", "Good"]}, index=index), output_level="token"
    )
    assert frame.index.names == ["shop", "day"]
    assert frame.index.tolist() == [("x", 1), ("x", 1), ("y", 2)]
