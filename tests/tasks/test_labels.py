"""Labels beside vectors: text and token classifiers against transformers' own pipelines, and on the
rows of embeddings.

The tiny models have seeded random weights, so their labels mean nothing; what is compared is the
number.
"""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

import nlu_lite as nlu
from nlu_lite.errors import ModelError, OptionError, UnknownOptionError
from nlu_lite.tasks import check_labels
from tests.faults.models import config
from tests.helpers import families, oracle
from tests.helpers.equal import assert_equal
from tests.helpers.pipelines import pipeline_of

TEXTS = ["The bank closed and it was", "One for all statements", "Short"]
LONG = " ".join(families.CORPUS[3].split()[:220])
FAMILIES = (*families.FAMILIES, "mpnet", "xlnet", "deberta-v2", "longformer", "modernbert", "bart")
NAMES = ("ant", "bee", "cow", "dog", "elk")
TASKS = {
    "text_classification": AutoModelForSequenceClassification,
    "token_classification": AutoModelForTokenClassification,
}


@pytest.fixture(autouse=True)
def quiet():
    transformers.logging.disable_progress_bar()
    yield
    transformers.logging.enable_progress_bar()


def model_of(folder, task):
    return TASKS[task].from_pretrained(folder).eval()


def tokenizer_of(pipe):
    """The plain tokenizer of the component, giving the model what its own class would."""
    tokenizer = pipe.components[0].tokenizer
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    return tokenizer


def official(pipe, folder, task, **options):
    """The pipeline of transformers on the same files, or on a model."""
    name = task.replace("_", "-")
    model = model_of(folder, task) if isinstance(folder, Path) else folder
    return transformers.pipeline(
        name, model=model, tokenizer=tokenizer_of(pipe), device="cpu", **options
    )


@torch.inference_mode()
def likelihoods(model, ids):
    return model(input_ids=torch.tensor([ids])).logits[0].softmax(-1).numpy()


@pytest.fixture(scope="module")
def texts(classifier_folder):
    return nlu.load(
        path=classifier_folder("bert", "text_classification", NAMES),
        task="text_classification",
        column="kind",
    )


@pytest.fixture(scope="module")
def words(classifier_folder):
    return nlu.load(
        path=classifier_folder("bert", "token_classification", NAMES),
        task="token_classification",
        column="tag",
    )


def test_a_decoder_without_a_padding_piece_reads_texts_one_by_one(classifier_folder):
    folder = classifier_folder("qwen3", "text_classification", NAMES)
    pipe = nlu.load(path=folder, task="text_classification")
    model = model_of(folder, "text_classification")
    assert model.config.pad_token_id is None
    wanted = [
        likelihoods(model, pipe.components[0].tokenizer(text)["input_ids"]).max() for text in TEXTS
    ]
    np.testing.assert_allclose(
        pipe.predict(TEXTS, "document")[f"{folder.name}_confidence"], wanted, atol=1e-5
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_a_text_classifier_agrees_with_the_pipeline(family, classifier_folder):
    folder = classifier_folder(family, "text_classification", NAMES)
    pipe = nlu.load(path=folder, task="text_classification")
    wanted = official(pipe, folder, "text_classification")(TEXTS)
    frame = pipe.predict(TEXTS, "document")
    column = folder.name
    assert list(frame.columns) == ["document", column, f"{column}_confidence"]
    assert frame[column].tolist() == [row["label"] for row in wanted]
    assert frame[f"{column}_confidence"].dtype == np.float32
    np.testing.assert_allclose(
        frame[f"{column}_confidence"], [row["score"] for row in wanted], atol=1e-5
    )


@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "bart"])
def test_a_token_classifier_agrees_with_the_pipeline(family, classifier_folder):
    folder = classifier_folder(family, "token_classification", NAMES)
    pipe = nlu.load(path=folder, task="token_classification", sentences=None)
    pieces = official(
        pipe, folder, "token_classification", aggregation_strategy="none", ignore_labels=[]
    )
    column = folder.name
    for text in TEXTS:
        frame = pipe.predict(text, "token", positions=True)
        # A word's label is that of its first piece; bare space signs are of no word.
        found = [piece for piece in pieces(text) if piece["word"] != "▁"]
        first = [next(piece for piece in found if piece["end"] > begin) for begin in frame["begin"]]
        assert frame[column].tolist() == [piece["entity"] for piece in first]
        np.testing.assert_allclose(
            frame[f"{column}_confidence"], [piece["score"] for piece in first], atol=1e-5
        )


@pytest.mark.parametrize(
    ("changed", "how"),
    [({"problem_type": "multi_label_classification"}, "sigmoid"), ({}, "softmax")],
)
def test_probabilities_are_those_that_the_configuration_asks_for(changed, how, classifier_folder):
    folder = classifier_folder("bert", "text_classification", NAMES, **changed)
    pipe = nlu.load(path=folder, task="text_classification", column="kind")
    wanted = official(pipe, folder, "text_classification")(TEXTS)
    frame = pipe.predict(TEXTS, "document")
    assert frame["kind"].tolist() == [row["label"] for row in wanted]
    np.testing.assert_allclose(
        frame["kind_confidence"], [row["score"] for row in wanted], atol=1e-5
    )
    every = official(pipe, folder, "text_classification", top_k=None)(TEXTS[:1])[0]
    assert (abs(sum(row["score"] for row in every) - 1) < 1e-4) == (how == "softmax")


def test_one_label_has_the_probability_of_a_sigmoid(classifier_folder):
    folder = classifier_folder("roberta", "text_classification", num_labels=1)
    pipe = nlu.load(path=folder, task="text_classification", column="kind")
    wanted = official(pipe, folder, "text_classification")(TEXTS)
    frame = pipe.predict(TEXTS, "document")
    assert set(frame["kind"]) == {"LABEL_0"}
    np.testing.assert_allclose(
        frame["kind_confidence"], [row["score"] for row in wanted], atol=1e-5
    )
    assert (frame["kind_confidence"] < 0.999).any()


def test_a_model_that_gives_a_number_has_no_classes(classifier_folder):
    folder = classifier_folder(
        "bert", "text_classification", num_labels=1, problem_type="regression"
    )
    with pytest.raises(ModelError, match="regression"):
        nlu.load(path=folder, task="text_classification")


def test_a_model_without_a_head_is_refused(tiny):
    with pytest.raises(ModelError, match="not trained for text_classification"):
        nlu.load(path=tiny, task="text_classification")


def test_the_rows_are_those_of_embeddings_at_every_level(texts, words):
    some = ["The bank closed. It was.", None, "", "Short"]
    sentences = texts.predict(some)
    assert sentences["sentence"].fillna("").tolist() == [
        "The bank closed.",
        "It was.",
        "",
        "",
        "Short",
    ]
    assert sentences["kind"].isna().tolist() == [False, False, True, True, False]
    assert sentences["kind_confidence"].isna().tolist() == [False, False, True, True, False]
    tokens = texts.predict(some, "token")
    owners = [0, 0, 0, 0, 1, 1, 1, 2, 3, 4]
    assert tokens["kind"].fillna("").tolist() == sentences["kind"].fillna("").iloc[owners].tolist()
    chunk = texts.predict(some, "chunk", chunks=["bank closed"])
    assert chunk["kind"].iloc[0] == texts.predict("bank closed", "document")["kind"].iloc[0]
    labels = words.predict(some, "token")
    assert labels["token"].fillna("").tolist() == tokens["token"].fillna("").tolist()
    lists = words.predict(some)
    assert [
        len(cell) if isinstance(cell, list) else cell
        for cell in words.predict(some, "sentence")["tag"]
    ] == [
        *(4, 3, None, None, 1),
    ]
    assert list(lists.columns) == ["token", "tag", "tag_confidence"]


def test_lists_hold_the_labels_of_the_words(words):
    text = "The bank closed. It was."
    tokens, sentences, whole = (
        words.predict(text, level) for level in ("token", "sentence", "document")
    )
    for column in ("tag", "tag_confidence"):
        every = tokens[column].tolist()
        assert sentences[column].tolist() == [every[:4], every[4:]]
        assert whole[column].tolist() == [every]
    chunk = words.predict(text, "chunk", chunks=["bank closed"])
    assert chunk["tag"].tolist() == [tokens["tag"].tolist()[1:3]]


def test_embeddings_and_labels_stand_side_by_side_as_they_are_alone(
    classifier_folder, family_folder
):
    models = (
        ("e", family_folder("bert"), "embed"),
        ("kind", classifier_folder("roberta", "text_classification", NAMES), "text_classification"),
        ("s", family_folder("roberta"), "embed_sentence"),
        ("tag", classifier_folder("bert", "token_classification", NAMES), "token_classification"),
    )
    both = pipeline_of(*models)
    some = ["The bank closed. It was, “twice”!", None, "Short"]
    for level, options in (
        ("token", {}),
        ("sentence", {}),
        ("document", {}),
        ("chunk", {"chunks": ["bank closed", "Short"]}),
    ):
        frame = both.predict(some, level, **options)
        names = ["e_embeddings", "kind", "kind_confidence", "s_embeddings", "tag", "tag_confidence"]
        assert list(frame.columns) == [level, *names]
        for model in models:
            alone = pipeline_of(model).predict(some, level, **options)
            assert alone[level].equals(frame[level])
            for column in alone.columns[1:]:
                if column.endswith("_embeddings"):
                    assert_equal(nlu.vectors(frame, column), nlu.vectors(alone, column))
                elif frame[column].dtype == np.float32:
                    np.testing.assert_allclose(frame[column], alone[column], atol=1e-6)
                elif column == "tag_confidence":
                    pairs = zip(frame[column], alone[column], strict=True)
                    assert all(a is b is None or np.allclose(a, b, atol=1e-6) for a, b in pairs)
                else:
                    assert frame[column].equals(alone[column])


@pytest.mark.parametrize("pooling", ["first", "last", "mean", "max"])
def test_a_words_label_comes_from_its_pieces_probabilities(pooling, classifier_folder):
    folder = classifier_folder("bert", "token_classification", NAMES)
    pipe = nlu.load(
        path=folder, task="token_classification", word_pooling=pooling, sentences=None, column="tag"
    )
    text = "Unbelievable statements closed, the parameterised bank"
    frame = pipe.predict(text, "token", positions=True)
    pieces = oracle.tokenizer_of(folder).encode(text)
    with torch.inference_mode():
        scores = (
            model_of(folder, "token_classification")(input_ids=torch.tensor([pieces.ids]))
            .logits[0]
            .softmax(-1)
            .numpy()
        )
    several = 0
    for row in frame.itertuples():
        own = [
            n
            for n, (left, right) in enumerate(pieces.offsets)
            if left < row.end + 1 and right > row.begin and right > left
        ]
        several += len(own) > 1
        chosen = scores[{"first": own[:1], "last": own[-1:]}.get(pooling, own)]
        likely = chosen.max(axis=0) if pooling == "max" else chosen.mean(axis=0)
        assert row.tag == NAMES[likely.argmax()]
        assert abs(row.tag_confidence - likely.max()) < 1e-5
    assert several > 2


def test_a_long_text_is_the_mean_of_its_windows_and_cut_is_the_pipelines_truncation(
    classifier_folder,
):
    folder = classifier_folder("bert", "text_classification", NAMES)
    model, tokenizer = model_of(folder, "text_classification"), oracle.tokenizer_of(folder)
    prefix, suffix = oracle.special_pieces(tokenizer)
    ids = tokenizer.encode(LONG.strip(), add_special_tokens=False).ids
    room = families.POSITIONS - 2
    ranges = oracle.window_ranges(len(ids), room, room // 4)
    with torch.inference_mode():
        likely = np.mean(
            [likelihoods(model, prefix + ids[a:b] + suffix) for a, b in ranges],
            axis=0,
        )
    assert len(ranges) > 3
    frame = nlu.load(path=folder, task="text_classification", column="kind").predict(
        [LONG], "document", metadata=True
    )
    assert frame["kind"].tolist() == [NAMES[likely.argmax()]]
    assert frame["window_count"].tolist() == [len(ranges)]
    assert abs(frame["kind_confidence"].iloc[0] - likely.max()) < 1e-5
    cut = nlu.load(path=folder, task="text_classification", column="kind", long="cut")
    tokenizer = tokenizer_of(cut)
    tokenizer.model_max_length = families.POSITIONS
    wanted = official(cut, folder, "text_classification")(
        [LONG.strip()], truncation=True, max_length=families.POSITIONS
    )[0]
    found = cut.predict([LONG], "document")
    assert found["kind"].tolist() == [wanted["label"]]
    assert abs(found["kind_confidence"].iloc[0] - wanted["score"]) < 1e-5


def test_a_words_label_is_read_where_it_stands_furthest_from_an_edge(classifier_folder):
    folder = classifier_folder("bert", "token_classification", NAMES)
    pipe = nlu.load(path=folder, task="token_classification", sentences=None, column="tag")
    frame = pipe.predict([LONG], "token", positions=True, metadata=True)
    model, tokenizer = model_of(folder, "token_classification"), oracle.tokenizer_of(folder)
    prefix, suffix = oracle.special_pieces(tokenizer)
    encoding = tokenizer.encode(LONG, add_special_tokens=False)
    room = families.POSITIONS - 2
    ranges = oracle.window_ranges(len(encoding.ids), room, room // 4)
    with torch.inference_mode():
        scores = [
            model(input_ids=torch.tensor([prefix + encoding.ids[a:b] + suffix]))
            .logits[0]
            .softmax(-1)
            .numpy()
            for a, b in ranges
        ]
    for row in frame.itertuples():
        own = [
            n
            for n, (left, right) in enumerate(encoding.offsets)
            if left <= row.end and right > row.begin
        ]
        window = oracle.best_window(ranges, len(encoding.ids), own[0], own[-1])
        (piece,) = oracle.pick(own, encoding.offsets, LONG, row.begin, row.end + 1, "first")
        likely = scores[window][piece - ranges[window][0] + 1]
        assert row.tag == NAMES[likely.argmax()]
        # The random head is wide: it multiplies what rounding makes of equal vectors.
        assert abs(row.tag_confidence - likely.max()) < 5e-5
    assert set(frame["window_count"]) == {len(ranges)}


def test_a_word_that_the_model_does_not_see_has_no_label(classifier_folder):
    folder = classifier_folder("bert", "token_classification", NAMES)
    frame = nlu.load(
        path=folder, task="token_classification", long="cut", sentences=None, column="tag"
    ).predict([LONG], "token")
    assert frame["tag"].notna().sum() < len(frame)
    assert frame["tag"].isna().equals(frame["tag_confidence"].isna())
    assert frame["tag"].notna().tolist() == sorted(frame["tag"].notna().tolist(), reverse=True)


def test_a_label_does_not_depend_on_the_batch(texts, words):
    some = [f"{text} {number}" for number in range(40) for text in TEXTS] + [LONG]
    for pipe, column, level in ((texts, "kind", "document"), (words, "tag", "token")):
        every, alone = (
            pipe.predict(some, level),
            pd.concat([pipe.predict([text], level) for text in (some[7], LONG)]),
        )
        own = every.loc[[7, len(some) - 1]]
        assert own[column].tolist() == alone[column].tolist()
        np.testing.assert_allclose(
            own[f"{column}_confidence"], alone[f"{column}_confidence"], atol=1e-5
        )


def test_labels_may_be_given_other_names(classifier_folder):
    folder = classifier_folder("bert", "text_classification", NAMES)
    plain = nlu.load(path=folder, task="text_classification", column="kind").predict(
        TEXTS, "document"
    )
    named = {name: name.upper() for name in NAMES[:4]}
    renamed = nlu.load(
        path=folder, task="text_classification", column="kind", labels=named
    ).predict(TEXTS, "document")
    assert renamed["kind"].tolist() == [named.get(name, name) for name in plain["kind"]]
    assert renamed["kind_confidence"].equals(plain["kind_confidence"])
    with pytest.raises(OptionError, match=r"renames \['fox'\].*'ant', 'bee'"):
        nlu.load(path=folder, task="text_classification", labels={"fox": "x"})
    with pytest.raises(OptionError, match=r"two labels of .* one name"):
        nlu.load(path=folder, task="text_classification", labels={"ant": "bee"})


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"layers": 0}, "layers say how vectors are made"),
        ({"normalize": True}, "normalize say how vectors"),
        ({"dimensions": 2}, "dimensions say how vectors"),
        ({"prompt": "x"}, "prompt say how vectors"),
        ({"sentence_pooling": "cls"}, "sentence_pooling say how vectors"),
        ({"labels": ["a", "b"]}, r"a list, .* for zero-shot"),
        ({"labels": "a"}, "valid are a mapping"),
        ({"labels": {"ant": ""}}, "valid are a mapping"),
        ({"multi_label": True}, "for zero-shot"),
        ({"hypothesis": "It is {}."}, "for zero-shot"),
        ({"hypothesis": "It is."}, "a text with one {}"),
    ],
)
def test_options_that_mean_nothing_are_refused(given, match, classifier_folder):
    with pytest.raises(OptionError, match=match):
        nlu.load(
            path=classifier_folder("bert", "text_classification", NAMES),
            task="text_classification",
            **given,
        )


def test_options_of_labels_are_refused_for_embeddings(tiny):
    with pytest.raises(OptionError, match="labels are for references that give labels"):
        nlu.load(path=tiny, labels={"a": "b"})
    with pytest.raises(UnknownOptionError, match="labels"):
        nlu.load(path=tiny, label={"a": "b"})


def test_options_of_vectors_reach_the_embeddings_of_a_mixed_request(
    classifier_folder, family_folder
):
    models = (
        ("e", family_folder("bert"), "embed"),
        ("tag", classifier_folder("bert", "token_classification"), "token_classification"),
    )
    mixed = pipeline_of(*models, layers=1, normalize=True, dimensions=5).predict(TEXTS)
    vectors = nlu.vectors(mixed, "e_embeddings")
    assert vectors.shape[1] == 5
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = pipeline_of(models[1]).predict(TEXTS)
    assert mixed["tag"].equals(alone["tag"])
    np.testing.assert_allclose(mixed["tag_confidence"], alone["tag_confidence"], atol=1e-6)


def test_names_of_columns_never_clash(classifier_folder):
    folder = classifier_folder("bert", "text_classification", NAMES)
    task = "text_classification"
    pipe = pipeline_of(("x", folder, task), ("x", folder, task), ("x_confidence", folder, task))
    names = [name for name in pipe.predict("Short", "document").columns if name != "document"]
    assert names == [
        "x",
        "x_confidence",
        "x_2",
        "x_2_confidence",
        "x_confidence_2",
        "x_confidence_2_confidence",
    ]
    clashing = pipeline_of(("x", folder, task), ("y", folder, task), column=("a", "a_confidence"))
    with pytest.raises(OptionError, match=r"\['a_confidence'\] are the columns of confidences"):
        check_labels(clashing.components, clashing.options, clashing.columns, clashing.confidences)


def test_what_needs_vectors_refuses_labels(texts, classifier_folder, family_folder):
    from nlu_lite.sklearn import TextEmbedder

    folder = classifier_folder("bert", "text_classification", NAMES)
    calls = [
        lambda: texts.encode(TEXTS),
        lambda: texts.similarity("a", "b"),
        lambda: TextEmbedder(None, path=folder, task="text_classification").fit([]),
    ]
    for call in calls:
        with pytest.raises(
            OptionError, match=r"are labels, which predict gives; valid: references of task embed"
        ):
            call()
    mixed = pipeline_of(
        ("e", family_folder("bert"), "embed"), ("kind", folder, "text_classification")
    )
    with pytest.raises(OptionError, match=r"column= one of \['e_embeddings'\]"):
        mixed.encode(TEXTS)
    assert mixed.similarity("bank", "bank").shape == (1, 1)
    assert len(mixed.nearest(mixed.predict(TEXTS), "bank", 2)) == 2
    with pytest.raises(OptionError, match=r"one is needed: \['e_embeddings'\]"):
        mixed.similarity("bank", "bank", column="kind")


def test_metadata_says_how_labels_were_read(words, texts):
    frame = words.predict(["Unbelievable 今"], "token", metadata=True)
    assert frame["piece_count"].tolist()[0] > 1
    assert frame["is_unknown"].tolist()[0] is np.False_ or not frame["is_unknown"].tolist()[0]
    assert "is_unknown" not in texts.predict(TEXTS, "document", metadata=True).columns


# The classes of the data that the model was trained on (Schneider and others, 50 classes of
# NameRxn, 2016), sorted as texts: the n-th is the model's LABEL_n.
SORTED_CLASSES = """
    1.2.1 1.2.4 1.2.5 1.3.6 1.3.7 1.3.8 1.6.2 1.6.4 1.6.8 1.7.4 1.7.6 1.7.7 1.7.9 1.8.5 10.1.1
    10.1.2 10.1.5 10.2.1 10.4.2 2.1.1 2.1.2 2.1.7 2.2.3 2.3.1 2.6.1 2.6.3 2.7.2 3.1.1 3.1.5
    3.1.6 3.3.1 3.4.1 5.1.1 6.1.1 6.1.3 6.1.5 6.2.1 6.2.2 6.2.3 6.3.1 6.3.7 7.1.1 7.2.1 7.3.1
    7.9.2 8.1.4 8.1.5 8.2.1 9.1.6 9.3.1
"""
REACTIONS = {
    "c1ccccc1B(O)O.Brc1ccncc1>>c1ccc(-c2ccncc2)cc1": "3.1.5",  # bromo Suzuki-type coupling
    "CC(C)(C)OC(=O)NCc1ccccc1>>NCc1ccccc1": "6.1.1",  # N-Boc deprotection
    "O=[N+]([O-])c1ccccc1>>Nc1ccccc1": "7.1.1",  # nitro to amino
    "Nc1ccccc1.CC(=O)Cl>>CC(=O)Nc1ccccc1": "2.1.1",  # amide, Schotten-Baumann
}


def test_names_for_another_number_of_labels_are_passed_over(classifier_folder, tmp_path):
    folder = shutil.copytree(
        classifier_folder("bert", "text_classification", num_labels=3), tmp_path / "model"
    )
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    settings |= {
        "num_labels": 3,
        "id2label": {"0": "yes", "1": "no"},
        "label2id": {"yes": 0, "no": 1},
    }
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    pipe = nlu.load(path=folder, task="text_classification")
    assert pipe.components[0].plan.names == ("LABEL_0", "LABEL_1", "LABEL_2")


def test_a_real_classifier_names_reactions(reaction_classifier):
    names = {f"LABEL_{number}": name for number, name in enumerate(SORTED_CLASSES.split())}
    pipe = nlu.load(
        path=reaction_classifier, task="text_classification", labels=names, column="class"
    )
    frame = pipe.predict(list(REACTIONS), "document")
    assert frame["class"].tolist() == list(REACTIONS.values())
    assert (frame["class_confidence"] > 0.99).all()
    config = transformers.AutoConfig.from_pretrained(reaction_classifier)
    config.num_labels = (
        50  # beside it the file has names for two, which old versions of transformers believe
    )
    model = TASKS["text_classification"].from_pretrained(reaction_classifier, config=config).eval()
    wanted = official(pipe, model, "text_classification")(list(REACTIONS))
    assert [names[row["label"]] for row in wanted] == frame["class"].tolist()
    np.testing.assert_allclose(
        frame["class_confidence"], [row["score"] for row in wanted], atol=1e-5
    )


def spoiled(folder, target, *spoils):
    """A copy of a model with something done to it."""
    copy = shutil.copytree(folder, target / "model")
    for spoil in spoils:
        spoil(copy, None)
    return copy


def test_a_classifier_that_looks_at_all_pieces_is_run_whole_and_that_is_said(
    classifier_folder, caplog
):
    folder = classifier_folder(
        "modernbert", "text_classification", NAMES, classifier_pooling="mean"
    )
    caplog.set_level(logging.INFO, logger="nlu_lite")
    pipe = nlu.load(path=folder, task="text_classification", column="kind")
    assert (
        f"{folder} is read by transformers, which is slower: the architecture's head for "
        "text_classification is not ours" in caplog.text
    )
    wanted = official(pipe, folder, "text_classification")(TEXTS)
    frame = pipe.predict(TEXTS, "document")
    assert frame["kind"].tolist() == [row["label"] for row in wanted]
    np.testing.assert_allclose(
        frame["kind_confidence"], [row["score"] for row in wanted], atol=1e-5
    )


def test_a_chunk_size_is_no_fact_about_the_numbers(classifier_folder, tmp_path):
    """transformers takes texts of a multiple of so many pieces only, to save memory."""
    plain = nlu.load(
        path=classifier_folder("bert", "text_classification", NAMES),
        task="text_classification",
        column="kind",
    )
    folder = spoiled(plain.components[0].folder, tmp_path, config(chunk_size_feed_forward=5))
    pipe = nlu.load(path=folder, task="text_classification", column="kind")
    texts = ["One for all", "One for all all", "All"]
    wanted, labels = (one.predict(texts, "document") for one in (plain, pipe))
    assert labels["kind"].tolist() == wanted["kind"].tolist()
    np.testing.assert_allclose(labels["kind_confidence"], wanted["kind_confidence"], atol=1e-5)


@pytest.mark.parametrize("count", [0, -1, "3", 2.0, True, None, 100_001])
def test_a_number_of_labels_that_is_none_is_refused(classifier_folder, tmp_path, count):
    folder = spoiled(
        classifier_folder("bert", "text_classification", NAMES), tmp_path, config(num_labels=count)
    )
    with pytest.raises(
        ModelError,
        match=rf"config.json says num_labels {count!r}; .* whole number from 1 to 100,000",
    ):
        nlu.load(path=folder, task="text_classification")


def test_a_label_without_a_name_is_refused(classifier_folder, tmp_path):
    names = config(id2label={"0": "yes", "2": "no"}, label2id={"yes": 0, "no": 2})
    folder = spoiled(
        classifier_folder("bert", "text_classification", ("yes", "no")), tmp_path, names
    )
    with pytest.raises(ModelError, match=r"names no label 1 in id2label; it has 2 labels"):
        nlu.load(path=folder, task="text_classification")


@pytest.mark.parametrize(
    "task", ["text_classification", "token_classification", "question_answering"]
)
def test_an_architecture_that_cannot_do_the_task_is_refused(tiny, tmp_path, task):
    folder = spoiled(tiny, tmp_path, config(model_type="clip_text_model"))
    with pytest.raises(
        ModelError, match=f"no model of the architecture 'clip_text_model' for {task}"
    ):
        nlu.load(path=folder, task=task)


def test_a_text_classifier_shows_the_probabilities_of_all_its_labels(texts, words):
    frame = texts.predict(TEXTS, probabilities=True)
    likely = frame.filter(like="_probability_")
    names = list(texts.components[0].plan.names)
    assert [name.rpartition("_probability_")[2] for name in likely] == names
    assert likely.sum(axis=1).tolist() == pytest.approx([1.0] * len(likely), abs=1e-5)
    label, confidence = texts.columns[0], texts.confidences[texts.columns[0]]
    chosen = likely.dropna().to_numpy().argmax(axis=1)
    assert [names[number] for number in chosen] == frame[label].dropna().tolist()
    assert likely.max(axis=1).dropna().tolist() == frame[confidence].dropna().tolist()
    with pytest.raises(OptionError, match="Valid is a classifier of texts"):
        words.predict(TEXTS, probabilities=True)
