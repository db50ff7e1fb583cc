"""Entities: words' labels merged by their prefixes, as rows of level chunk, and against the
pipeline of transformers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers
from transformers import AutoModelForTokenClassification

import nlu_lite as nlu
from nlu_lite.errors import OptionError
from nlu_lite.tasks.entities import merge_words, split_labels
from tests.helpers.pipelines import pipeline_of

BIO = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG")
BIOES = ("O", "B-X", "I-X", "E-X", "S-X")
TASK = "token_classification"


def merged(names, labels, sentences=None):
    """The entities of words: first, last, class, confidence."""
    label = np.array([names.index(name) if name else -1 for name in labels])
    confidence = np.linspace(0.5, 0.9, len(labels), dtype=np.float32)
    found = merge_words(tuple(names), label, confidence, np.array(sentences or [0] * len(labels)))
    kinds = [found.names[kind] for kind in found.label]
    assert np.allclose(
        found.confidence,
        [confidence[a : b + 1].mean() for a, b in zip(found.first, found.last, strict=True)],
        atol=1e-6,
    )
    return list(zip(found.first.tolist(), found.last.tolist(), kinds, strict=True))


@pytest.mark.parametrize(
    ("names", "labels", "wanted"),
    [
        (BIO, "B-PER I-PER O B-ORG", [(0, 1, "PER"), (3, 3, "ORG")]),
        (BIO, "B-PER B-PER I-PER", [(0, 0, "PER"), (1, 2, "PER")]),
        (BIO, "I-PER I-PER I-ORG", [(0, 1, "PER"), (2, 2, "ORG")]),
        (BIO, "B-PER I-ORG I-ORG O", [(0, 0, "PER"), (1, 2, "ORG")]),
        (BIO, "O O", []),
        (
            BIOES,
            "B-X I-X E-X I-X S-X S-X E-X",
            [(0, 2, "X"), (3, 3, "X"), (4, 4, "X"), (5, 5, "X"), (6, 6, "X")],
        ),
        (BIOES, "B-X E-X B-X E-X", [(0, 1, "X"), (2, 3, "X")]),
        (
            ("O", "B-X", "I-X", "L-X", "U-X"),
            "B-X I-X L-X U-X U-X",
            [(0, 2, "X"), (3, 3, "X"), (4, 4, "X")],
        ),
        (("O", "B_LOC", "I_LOC"), "B_LOC I_LOC B_LOC", [(0, 1, "LOC"), (2, 2, "LOC")]),
        (("PER", "O", "LOC"), "PER PER LOC O LOC", [(0, 1, "PER"), (2, 2, "LOC"), (4, 4, "LOC")]),
        (
            ("NOUN", "B-NOUN", "I-NOUN", "VERB"),
            "NOUN VERB B-NOUN I-NOUN",
            [(0, 0, "NOUN"), (1, 1, "VERB"), (2, 3, "NOUN")],
        ),
        (("O", "E-mail", "S-Bahn"), "E-mail E-mail S-Bahn", [(0, 1, "E-mail"), (2, 2, "S-Bahn")]),
    ],
)
def test_prefixes_say_where_entities_begin_and_end(names, labels, wanted):
    assert merged(names, labels.split()) == wanted


def test_an_entity_ends_with_its_sentence_and_at_a_word_that_was_not_seen():
    assert merged(BIO, ["B-PER", "I-PER", "I-PER"], [0, 0, 1]) == [(0, 1, "PER"), (2, 2, "PER")]
    assert merged(BIO, ["B-PER", None, "I-PER"]) == [(0, 0, "PER"), (2, 2, "PER")]
    assert merged(BIO, [None]) == []


def test_a_prefix_is_one_only_where_its_class_has_b_or_i():
    assert split_labels(("E-PER", "S-PER", "B-ORG", "E-ORG")) == (
        ["I", "I", "B", "E"],
        ["E-PER", "S-PER", "ORG", "ORG"],
    )


# Words whose labels do not depend on what is around them, so that a model's entities are known.
KNOWN = {"statement": "B-PER", "names": "I-PER", "value": "B-ORG", "objects": "I-ORG"}


@pytest.fixture(scope="module")
def reader(tmp_path_factory, classifier_folder):
    """A tiny BERT that labels each piece by itself, every piece of a known word alike and all
    others O."""
    source = classifier_folder("bert", TASK, BIO)
    model = AutoModelForTokenClassification.from_pretrained(source)
    folder = tmp_path_factory.mktemp("reader") / "reader"
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(source / "tokenizer.json"))
    with torch.no_grad():
        for name, parameter in model.bert.named_parameters():
            if name.endswith(
                ("attention.output.dense.weight", "output.dense.weight", "dense.bias")
            ):
                parameter.zero_()
        embeddings = model.bert.embeddings
        embeddings.position_embeddings.weight.zero_()
        embeddings.token_type_embeddings.weight.zero_()
        words, generator = embeddings.word_embeddings.weight, torch.Generator().manual_seed(1)
        directions = torch.nn.functional.one_hot(torch.arange(5), 32) * 8.0
        words.copy_(directions[0] + 0.1 * torch.randn(words.shape, generator=generator))
        for word, label in KNOWN.items():
            for piece in tokenizer(word, add_special_tokens=False)["input_ids"]:
                words[piece] = directions[BIO.index(label)]
        model.classifier.weight.copy_(directions * 0.2)
        model.classifier.bias.zero_()
        for layer in (
            embeddings,
            *(
                part
                for block in model.bert.encoder.layer
                for part in (block.attention.output, block.output)
            ),
        ):
            layer.LayerNorm.bias.zero_()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_the_rows_of_level_chunk_are_the_entities(reader):
    pipe = nlu.load(path=reader, task=TASK, column="ner")
    some = [
        "The statement names all. A value!",
        None,
        "nothing",
        "objects objects; value value objects",
    ]
    frame = pipe.predict(some, "chunk", positions=True, metadata=True)
    assert list(frame.columns) == [
        *(
            "chunk",
            "begin",
            "end",
            "sentence_number",
            "piece_count",
            "window_count",
            "is_unknown",
            "ner",
            "ner_confidence",
        )
    ]
    wanted = ["statement names", "value", None, None, "objects objects", "value", "value objects"]
    assert [
        None if missing else text
        for text, missing in zip(frame["chunk"], frame["chunk"].isna(), strict=True)
    ] == wanted
    assert frame.index.tolist() == [0, 0, 1, 2, 3, 3, 3]
    assert frame["ner"].tolist()[:2] == ["PER", "ORG"]
    assert frame["ner"].tolist()[4:] == ["ORG", "ORG", "ORG"]
    for row in frame[frame["chunk"].notna()].itertuples():
        assert some[row.Index][row.begin : row.end + 1] == row.chunk
    tokens = pipe.predict(some, "token")
    own = tokens[tokens["token"].isin(["statement", "names"])]["ner_confidence"]
    assert abs(frame["ner_confidence"].iloc[0] - own.mean()) < 1e-6
    assert frame["sentence_number"].tolist()[:2] == [0, 1]


def test_entities_beside_embeddings_have_the_mean_of_their_words(reader, family_folder):
    pipe = pipeline_of(
        ("e", family_folder("bert"), "embed"),
        ("ner", reader, TASK),
        ("s", family_folder("roberta"), "embed_sentence"),
    )
    text = "The statement names all. A value!"
    frame = pipe.predict(text, "chunk")
    assert list(frame.columns) == ["chunk", "e_embeddings", "ner", "ner_confidence", "s_embeddings"]
    given = pipe.predict(text, "chunk", chunks=["statement names", "value"])
    np.testing.assert_allclose(
        nlu.vectors(frame, "e_embeddings"), nlu.vectors(given, "e_embeddings")
    )
    np.testing.assert_allclose(
        nlu.vectors(frame, "s_embeddings"), nlu.vectors(given, "s_embeddings")
    )
    assert given["ner"].tolist() == [["B-PER", "I-PER"], ["B-ORG"]]


def test_entities_of_several_classifiers_are_all_rows_and_each_shows_its_own(reader):
    names = {"B-ORG": "O2", "I-ORG": "O3", "O": "B-ORG", "B-PER": "O"}
    other = pipeline_of(("a", reader, TASK), ("b", reader, TASK))
    changed = nlu.load(path=reader, task=TASK, labels=names, column="b").components[0]
    other.components[1] = type(changed)(other.components[1].entry, changed.folder, changed.options)
    text = "statement names of value"
    frame = other.predict(text, "chunk")
    alone = [
        pipeline_of(("a", reader, TASK)).predict(text, "chunk"),
        nlu.load(path=reader, task=TASK, labels=names).predict(text, "chunk"),
    ]
    assert frame["a"].dropna().tolist() == alone[0]["a"].tolist()
    assert frame["b"].dropna().tolist() == alone[1]["reader"].tolist()
    assert set(frame["chunk"]) == set(alone[0]["chunk"]) | set(alone[1]["chunk"])
    assert frame["chunk"].is_unique


def test_entities_over_windows_are_those_of_the_short_text(reader):
    pipe = nlu.load(path=reader, task=TASK, column="ner", sentences=None)
    short = "statement names names and value objects"
    wanted = pipe.predict(short, "chunk")
    # Moved word by word through several windows, so that each of their edges meets each of the
    # entities' words.
    for words in range(0, 120, 7):
        long = "other " * words + short + " other" * 60
        found = pipe.predict(long, "chunk", metadata=True, positions=True)
        assert found["window_count"].min() > 1
        assert (
            found["chunk"].tolist()
            == wanted["chunk"].tolist()
            == ["statement names names", "value objects"]
        )
        assert found["ner"].tolist() == wanted["ner"].tolist()
        assert found["begin"].iloc[0] == len("other ") * words
        np.testing.assert_allclose(found["ner_confidence"], wanted["ner_confidence"], atol=1e-5)


@pytest.mark.parametrize(
    ("strategy", "pooling"), [("first", "first"), ("average", "mean"), ("max", "max")]
)
@pytest.mark.parametrize("scheme", [BIO, ("O", "PER", "ORG", "LOC", "MISC")])
def test_entities_agree_with_the_pipeline(strategy, pooling, scheme, classifier_folder):
    folder = classifier_folder("bert", TASK, scheme)
    pipe = nlu.load(
        path=folder, task=TASK, words="model", sentences=None, word_pooling=pooling, column="ner"
    )
    official = transformers.pipeline(
        "token-classification",
        model=AutoModelForTokenClassification.from_pretrained(folder),
        tokenizer=pipe.components[0].tokenizer,
        aggregation_strategy=strategy,
    )
    entities = 0
    for text in (
        "The value of unbelievable statements; names and objects, all parameterised!",
        "One for all statements of names",
        "Objects of a class, the statements of a function and other values in one name.",
    ):
        wanted = official(text)
        frame = pipe.predict(text, "chunk", positions=True)
        assert frame["ner"].tolist() == [entity["entity_group"] for entity in wanted]
        assert frame["begin"].tolist() == [entity["start"] for entity in wanted]
        assert (frame["end"] + 1).tolist() == [entity["end"] for entity in wanted]
        np.testing.assert_allclose(
            frame["ner_confidence"], [entity["score"] for entity in wanted], atol=1e-5
        )
        entities += len(wanted)
    assert entities >= 3


def test_an_entity_is_never_cut_inside_a_word(classifier_folder):
    pipe = nlu.load(
        path=classifier_folder("bert", TASK, BIO), task=TASK, word_pooling="last", column="ner"
    )
    text = "Unbelievable statements. “Names” of objects, parameterised"
    words = pipe.predict(text, "token", positions=True)
    frame = pipe.predict(text, "chunk", positions=True)
    assert len(frame) > 1
    assert set(frame["begin"]) <= set(words["begin"])
    assert set(frame["end"]) <= set(words["end"])


def test_chunks_are_asked_for_where_nothing_labels_words(family_folder, classifier_folder):
    for folder, task in (
        (family_folder("bert"), "embed"),
        (classifier_folder("bert", "text_classification"), "text_classification"),
    ):
        with pytest.raises(OptionError, match="belong together"):
            nlu.load(path=folder, task=task).predict("a", "chunk")
    with pytest.raises(OptionError, match="belong together"):
        nlu.load(path=classifier_folder("bert", TASK, BIO), task=TASK).predict(
            "a", "token", chunks=["a"]
        )
