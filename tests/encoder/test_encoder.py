"""Vectors equal a direct forward of the transformers model, whatever the family, the batch and the
length."""

from __future__ import annotations

import random
import shutil

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModel, AutoTokenizer

import nlu_lite as nlu
from nlu_lite.errors import ModelError
from nlu_lite.text.words import standard_words
from tests.conftest import pipeline_at
from tests.faults.models import as_tokenizer, config, tensors, without, written
from tests.helpers import oracle
from tests.helpers.equal import assert_equal
from tests.helpers.families import FAMILIES, OTHERS, POSITIONS

TEXTS = [
    "I love NLP",
    "“Curly” quotes cost $5.50 (about €5), said @anna #nlp!",
    "Straße, naïve façade: ﬁne ½ coöperation… 北京 and 東京。",
    "The grammar of the language is " + " ".join(f"number{n} defined," for n in range(60)),
]
SMILES = [
    "C C ( = O ) O c 1 c c c c c 1 C ( = O ) O",
    "c 1 c c c c c 1 B ( O ) O . B r c 1 c c n c c 1 >> c 1 c c c ( - c 2 c c n c c 2 ) c c 1",
    "O = C ( Cl ) c 1 c c c c c 1 . N c 1 c c c c c 1",
]


def sentence_oracle(folder, text, *, longest, **options):
    """The oracle over a text that is one sentence; words by the standard rule, as (words,
    matrix)."""
    begin = len(text) - len(text.lstrip())
    words = [(b - begin, e - begin) for b, e in standard_words(text)]
    vectors = oracle.words_of_sentence(folder, text.strip(), words, longest=longest, **options)
    return np.stack([np.full_like(vectors[0], np.nan) if v is None else v for v in vectors])


@pytest.mark.parametrize("pooling", ["first", "last", "mean", "max"])
@pytest.mark.parametrize("family", FAMILIES)
def test_tiny_random_models_of_every_family_equal_a_direct_forward(
    family, pooling, family_folder, family_pipe
):
    pipe = family_pipe(family, sentences=None, word_pooling=pooling)
    for text in TEXTS:
        expected = sentence_oracle(family_folder(family), text, longest=POSITIONS, pooling=pooling)
        assert_equal(nlu.vectors(pipe.predict(text)), expected)


@pytest.mark.parametrize("family", OTHERS)
def test_tiny_random_models_of_the_other_architectures_equal_a_direct_forward(
    family, family_folder
):
    pipe = pipeline_at(family_folder(family), facts={"architecture": family}, sentences=None)
    longest = pipe.components[0].plan.loaded.max_length or 10_000
    texts = [*TEXTS, " ".join(f"grammar {n}" for n in range(60))]
    # Together, so that short ones are padded.
    expected = np.concatenate(
        [sentence_oracle(family_folder(family), text, longest=longest) for text in texts]
    )
    assert_equal(nlu.vectors(pipe.predict(texts)), expected)


def test_minilm_has_the_published_numbers(minilm):
    frame = minilm.predict(["I love NLP"], output_level="token")
    expected = [
        [0.287224, -0.569387, 0.318563, -0.489462],
        [-0.249232, -0.344907, 0.416212, -0.323135],
        [0.024318, -0.650127, 0.402524, -0.335068],
    ]
    assert frame["token"].tolist() == ["I", "love", "NLP"]
    assert_equal(nlu.vectors(frame)[:, :4], expected)


def test_minilm_equals_a_direct_forward(minilm):
    folder = minilm.components[0].folder
    for text in TEXTS:
        result = nlu.load("en.embed.minilm_l6", sentences=None).predict(text)
        assert_equal(nlu.vectors(result), sentence_oracle(folder, text, longest=512))


def test_a_sentence_of_more_than_129_pieces_is_not_cut(minilm):
    # The tokenizer file of MiniLM says to cut at 128; Spark NLP does cut there.
    text = " ".join(f"word{number}" for number in range(120))
    folder = minilm.components[0].folder
    pieces = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pieces.no_truncation()
    assert len(pieces.encode(text).ids) > 240
    frame = minilm.predict(text)
    assert frame["token"].tolist() == text.split()
    assert_equal(nlu.vectors(frame), sentence_oracle(folder, text, longest=512))


@pytest.mark.parametrize("pooling", ["first", "mean"])
def test_the_real_bert_of_the_seeds_shape_equals_a_direct_forward(reaction_bert, pooling):
    facts = {"architecture": "bert", "tokenizer": "wordpiece", "lowercase": False}
    pipe = pipeline_at(reaction_bert, facts=facts, sentences=None, word_pooling=pooling)
    assert (pipe.components[0].plan.loaded.encoder.layers, pipe.components[0].plan.width) == (
        12,
        256,
    )
    assert_equal_to_slow_tokenizer(
        pipe, reaction_bert, AutoModel.from_pretrained(reaction_bert), pooling
    )


@pytest.mark.parametrize("pooling", ["first", "mean"])
def test_the_real_albert_equals_a_direct_forward(reaction_albert, pooling):
    facts = {"architecture": "albert", "tokenizer": "wordpiece", "lowercase": False}
    pipe = pipeline_at(reaction_albert, facts=facts, sentences=None, word_pooling=pooling)
    assert pipe.components[0].plan.loaded.encoder.layers == 12
    assert_equal_to_slow_tokenizer(
        pipe, reaction_albert, AutoModel.from_pretrained(reaction_albert), pooling
    )


def assert_equal_to_slow_tokenizer(pipe, folder, model, pooling):
    """Against ids made of the vocabulary file by hand: the atoms are single pieces with spaces
    between."""
    vocabulary = (folder / "vocab.txt").read_text().splitlines()
    number = {piece: index for index, piece in enumerate(vocabulary)}
    unknown = total = 0
    for smiles in SMILES:
        atoms = [
            piece for word in smiles.split() for piece in ([">", ">"] if word == ">>" else [word])
        ]
        ids = [number.get(atom, number["[UNK]"]) for atom in atoms]
        unknown, total = unknown + ids.count(number["[UNK]"]), total + len(ids)
        with torch.inference_mode():
            states = model.eval()(
                input_ids=torch.tensor([[number["[CLS]"], *ids, number["[SEP]"]]])
            ).last_hidden_state[0, 1:-1]
        words = smiles.split()
        rows, index = [], 0
        for word in words:
            width = 2 if word == ">>" else 1
            rows.append(
                (
                    states[index] if pooling == "first" else states[index : index + width].mean(0)
                ).numpy()
            )
            index += width
        assert_equal(nlu.vectors(pipe.predict([words])), np.stack(rows))
    assert unknown / total < 0.2


@pytest.mark.parametrize("family", ["bert", "roberta", "xlm-roberta"])
def test_text_longer_than_the_model_takes_is_read_in_windows(family, family_folder, family_pipe):
    text = " ".join(f"token {n} of grammar{n}" for n in range(200))
    pipe = family_pipe(family, sentences=None, word_pooling="mean")
    expected = sentence_oracle(family_folder(family), text, longest=POSITIONS, pooling="mean")
    assert_equal(nlu.vectors(pipe.predict(text)), expected)


def test_a_word_longer_than_a_window_is_joined_over_its_windows(family_folder, family_pipe):
    text = "before " + "abc1-x2" * 60 + " after"
    for pooling in ("first", "last", "mean", "max"):
        pipe = family_pipe("bert", sentences=None, word_pooling=pooling)
        expected = sentence_oracle(family_folder("bert"), text, longest=POSITIONS, pooling=pooling)
        assert len(expected) == 3
        assert_equal(nlu.vectors(pipe.predict(text)), expected)


def test_a_result_does_not_depend_on_its_neighbours(family_pipe):
    """Alone, in a batch of 1,000 with lengths from 1 to 5,000 pieces, in another order."""
    chance = random.Random(3)
    lengths = np.geomspace(1, 5000, 1000).astype(int).tolist()
    chance.shuffle(lengths)
    texts = [
        " ".join(chance.choice(("a", "of", "the", "in")) for _ in range(length))
        for length in lengths
    ]
    pipe = family_pipe("bert", sentences=None)
    together = pipe.predict(texts)
    order = list(range(1000))
    chance.shuffle(order)
    shuffled = pipe.predict([texts[index] for index in order])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    matrix, shuffled_matrix = nlu.vectors(together), nlu.vectors(shuffled)
    assert len(matrix) == sum(lengths)
    other_starts = np.concatenate([[0], np.cumsum([lengths[index] for index in order])])
    for position, index in enumerate(order):
        result = shuffled_matrix[other_starts[position] : other_starts[position + 1]]
        assert_equal(result, matrix[starts[index] : starts[index + 1]])
    for index in range(0, 1000, 7):
        assert_equal(
            nlu.vectors(pipe.predict(texts[index])), matrix[starts[index] : starts[index + 1]]
        )


@pytest.mark.slow
def test_on_the_real_minilm_a_result_does_not_depend_on_its_neighbours(minilm):
    chance = random.Random(5)
    vocabulary = [
        "bank",
        "river",
        "money",
        "tree",
        "house",
        "flies",
        "time",
        "arrow",
        "fruit",
        "banana",
        "likes",
        "an",
    ]
    lengths = np.geomspace(1, 1000, 100).astype(int).tolist()
    texts = [" ".join(chance.choice(vocabulary) for _ in range(length)) for length in lengths]
    pipe = nlu.load("en.embed.minilm_l6", sentences=None)
    together = nlu.vectors(pipe.predict(texts))
    backwards = nlu.vectors(pipe.predict(texts[::-1]))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    for index, text in enumerate(texts):
        expected = nlu.vectors(pipe.predict(text))
        assert_equal(together[starts[index] : starts[index + 1]], expected)
        end = len(backwards) - starts[index]
        assert_equal(backwards[end - lengths[index] : end], expected)


def test_the_default_pooling_passes_over_signs(minilm):
    """The first piece of a quoted word is its quotation mark; its vector would be the mark's."""
    text = "The “bank” closed"
    frame = nlu.load("en.embed.minilm_l6", words=lambda _text: [(0, 3), (4, 10), (11, 17)]).predict(
        text
    )
    folder = minilm.components[0].folder
    encoding = AutoTokenizer.from_pretrained(folder)(text, return_offsets_mapping=True)
    piece = next(number for number, span in enumerate(encoding["offset_mapping"]) if span == (5, 9))
    expected = oracle.hidden_states(folder, encoding["input_ids"])[-1][piece]
    assert frame["token"].tolist() == ["The", "“bank”", "closed"]
    assert_equal(frame.iloc[1, 1][None], expected[None])


def spoiled(folder, target, *spoils):
    """A copy of a model with something done to it."""
    copy = shutil.copytree(folder, target / "model")
    for spoil in spoils:
        spoil(copy, None)
    return copy


def test_weights_without_a_pooler_give_the_same_vectors(tiny, tmp_path):
    def drop(named):
        for name in [name for name in named if name.startswith("pooler.")]:
            del named[name]

    folder = spoiled(tiny, tmp_path, tensors(drop))
    assert_equal(nlu.load(path=folder).encode(TEXTS), nlu.load(path=tiny).encode(TEXTS))
    with pytest.raises(ModelError, match="hold none; another would be random numbers"):
        nlu.load(path=folder, task="embed_sentence", sentence_pooling="pooler")


def test_a_model_with_room_for_special_pieces_only_is_refused(tiny, tmp_path):
    def shorten(named):
        name = "embeddings.position_embeddings.weight"
        named[name] = named[name][:2].clone()

    folder = spoiled(tiny, tmp_path, config(max_position_embeddings=2), tensors(shorten))
    with pytest.raises(
        ModelError, match="model takes 2 pieces, all of them special: no room for text"
    ):
        nlu.load(path=folder)


@pytest.mark.parametrize(("fact", "has"), [("dimension", 32), ("layers", 3)])
def test_a_model_of_another_size_than_its_entry_says_is_refused(tiny, fact, has):
    nlu.clear_cache()
    with pytest.raises(
        ModelError,
        match=rf"config.json says {fact} {has}, the entry of 'tiny' 99: not the same model",
    ):
        pipeline_at(tiny, facts={fact: 99}).encode(TEXTS)


def test_a_tokenizer_that_loses_letters_is_refused(tiny, tmp_path):
    nothing = {"type": "Replace", "pattern": {"Regex": "."}, "content": ""}
    folder = spoiled(
        tiny, tmp_path, as_tokenizer(lambda settings: settings.update(normalizer=nothing))
    )
    with pytest.raises(
        ModelError, match=r"The tokenizer turns 'a' into \[\], with special pieces into \[2, 3\]"
    ):
        nlu.load(path=folder)


def test_an_index_of_shards_that_names_no_files_is_refused(tiny, tmp_path):
    empty_index = written("model.safetensors.index.json", '{"weight_map": {}}')
    folder = spoiled(tiny, tmp_path, without("model.safetensors"), empty_index)
    with pytest.raises(ModelError, match=r"model\.safetensors\.index\.json names no files"):
        nlu.load(path=folder)
