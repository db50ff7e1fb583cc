"""A text's numbers are those that it has alone, whatever stands beside it, and nothing that finds
out how to read a model changes it. The oracle is transformers' own model, run on one text."""

from __future__ import annotations

import copy
import logging

import numpy as np
import pytest
import torch
import transformers as tf

import nlu_lite as nlu
from nlu_lite.encoder.backends.batched import BatchedEncoder
from nlu_lite.encoder.backends.forward import Forward
from nlu_lite.encoder.backends.sequences import Batching
from nlu_lite.errors import ModelError, OptionError
from tests.helpers.equal import assert_equal
from tests.matrix.models import VOCABULARY, make_tokenizer, make_words

SIZE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
    "initializer_range": 0.3,
    "vocab_size": VOCABULARY,
}
ENDS = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
TEXTS = [" ".join(make_words(count, seed)) for seed, count in enumerate((12, 1, 3, 30, 3))]


@pytest.fixture
def make_model(tmp_path):
    """Writes a seeded model of an architecture into a folder, with a tokenizer of whole words."""

    def make(model_type, model_class=None, **settings):
        torch.manual_seed(5)
        config = tf.CONFIG_MAPPING[model_type](**settings)
        model = (model_class(config) if model_class else tf.AutoModel.from_config(config)).eval()
        folder = tmp_path / model_type
        model.save_pretrained(folder)
        make_tokenizer().save(str(folder / "tokenizer.json"))
        return folder, model

    return make


def load(folder, **options):
    return nlu.load(path=folder, column="v", sentences=None, **options)


def encoder_of(pipe):
    return pipe.components[0].plan.loaded.encoder


@torch.inference_mode()
def plain(model, text):
    """The states of a text alone, by a model that has read nothing else."""
    ids = torch.tensor([make_tokenizer().encode(text).ids])
    return copy.deepcopy(model)(input_ids=ids).last_hidden_state[0, 1:-1].numpy()


@pytest.mark.parametrize(
    ("model_type", "settings", "batching"),
    [
        ("convbert", {**SIZE, "embedding_size": 16}, Batching.EQUAL_LENGTHS),
        ("fnet", SIZE, Batching.EQUAL_LENGTHS),  # it cannot be told what is padding
        ("deberta-v2", {**SIZE, "relative_attention": True}, Batching.PADDED),
        ("qwen2", {**SIZE, **ENDS, "num_key_value_heads": 2}, Batching.PADDED),
    ],
)
def test_words_are_the_same_alone_and_beside_others(make_model, model_type, settings, batching):
    folder, model = make_model(model_type, **settings)
    pipe = load(folder)
    assert encoder_of(pipe).batching is batching
    wanted = np.concatenate([plain(model, text) for text in TEXTS])
    assert_equal(nlu.vectors(pipe.predict(TEXTS)), wanted)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_padding_that_leaks_a_little_is_noticed_in_every_number_format(make_model, dtype):
    """A convolution with weights so small that no direction changes by it."""
    folder, _ = make_model("convbert", **SIZE | {"initializer_range": 0.02}, embedding_size=16)
    assert encoder_of(load(folder, dtype=dtype)).batching is Batching.EQUAL_LENGTHS


def test_a_model_that_reads_another_way_once_it_met_a_short_text_is_kept_from_it(make_model):
    """BigBird turns its sparse attention off for good."""
    settings = SIZE | {"block_size": 4, "num_random_blocks": 1}
    folder, model = make_model("big_bird", **settings)
    pipe = load(folder)
    wanted = [plain(model, text) for text in TEXTS]
    for _ in range(2):
        assert_equal(nlu.vectors(pipe.predict(TEXTS)), np.concatenate(wanted))
    assert encoder_of(pipe).forward.model.attention_type == "block_sparse"


def test_random_numbers_of_the_caller_are_left_alone(make_model):
    """BigBird seeds NumPy's in every forward."""
    folder, _ = make_model("big_bird", **SIZE | {"block_size": 4, "num_random_blocks": 1})
    np.random.seed(5)
    wanted = np.random.rand(3)
    np.random.seed(5)
    load(folder).predict(TEXTS)
    np.testing.assert_array_equal(np.random.rand(3), wanted)


def test_a_model_that_takes_a_size_from_its_first_text_is_kept_from_it(make_model):
    """Reformer sets its number of buckets so; texts are as if each were the first."""
    settings = {
        "hidden_size": 32,
        "num_attention_heads": 2,
        "feed_forward_size": 32,
        "axial_pos_shape": [8, 8],
        "axial_pos_embds_dim": [16, 16],
        "attn_layers": ["lsh"],
        "max_position_embeddings": 64,
        "lsh_attn_chunk_length": 4,
        "hash_seed": 3,
        "num_buckets": None,
        "vocab_size": VOCABULARY,
        "attention_head_size": 16,
    }
    folder, model = make_model("reformer", **settings)
    wanted = np.concatenate([plain(model, text) for text in TEXTS])
    assert_equal(nlu.vectors(load(folder).predict(TEXTS)), wanted)


@pytest.mark.parametrize("original", [16, 64])  # within what the trial tries, and beyond
@pytest.mark.parametrize("rope_type", ["dynamic", "longrope"])
def test_positions_that_grow_with_the_longest_text_do_not_reach_its_neighbours(
    make_model, rope_type, original
):
    rope = {"rope_type": rope_type, "rope_theta": 10_000.0, "factor": 4.0}
    if rope_type == "longrope":
        rope |= {"short_factor": [1.0] * 4, "long_factor": [3.0] * 4}
    rope["original_max_position_embeddings"] = original
    positions = {"max_position_embeddings": 256, "original_max_position_embeddings": original}
    folder, model = make_model("llama", **{**SIZE, **ENDS, **positions, "rope_parameters": rope})
    texts = [*TEXTS, " ".join(make_words(100, 9))]
    wanted = np.concatenate([plain(model, text) for text in texts])
    assert_equal(nlu.vectors(load(folder).predict(texts)), wanted)


def test_a_model_that_is_never_the_same_twice_is_refused(make_model):
    settings = {
        "hidden_size": 32,
        "num_attention_heads": 2,
        "feed_forward_size": 32,
        "vocab_size": 300,
        "axial_pos_shape": [8, 8],
        "axial_pos_embds_dim": [16, 16],
        "attn_layers": ["lsh"],
        "max_position_embeddings": 64,
        "lsh_attn_chunk_length": 8,
        "hash_seed": None,
        "num_buckets": 2,
        "is_decoder": False,
    }
    folder, _ = make_model("reformer", **settings)
    with pytest.raises(ModelError, match=r"gives other numbers each time.*seed"):
        load(folder)


def test_a_model_that_changes_its_weights_is_refused(make_model):
    """RWKV divides some of them before it reads its first text."""
    folder, _ = make_model(
        "rwkv",
        hidden_size=32,
        num_hidden_layers=8,
        attention_hidden_size=32,
        intermediate_size=64,
        vocab_size=VOCABULARY,
        context_length=64,
    )
    with pytest.raises(ModelError, match="A RwkvModel changes its own weights"):
        load(folder)


def test_asking_what_a_model_gives_leaves_it_as_it_is(make_model):
    _, model = make_model("big_bird", **SIZE | {"block_size": 4, "num_random_blocks": 1})
    before = {name: type(module) for name, module in model.named_modules()}
    forward = Forward.measure(model, torch.tensor([[0, 7, 9, 2]]))
    assert forward.hangs_on_length
    assert {name: type(module) for name, module in model.named_modules()} == before
    assert model.attention_type == "block_sparse"


@pytest.mark.parametrize("pad_token_id", [1, 2, None])
@pytest.mark.parametrize("model_type", ["gpt2", "qwen2", "llama", "mistral"])
def test_labels_of_decoders_do_not_hang_on_the_batch(make_model, model_type, pad_token_id):
    """They read a class off the last piece that is no padding: also where padding has the id of the
    end of a text (2), or none."""
    settings = {**SIZE, **ENDS, "num_labels": 3, "pad_token_id": pad_token_id}
    settings["num_key_value_heads"] = 2
    config = tf.CONFIG_MAPPING[model_type]
    names = {"gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64}}
    if model_type == "gpt2":
        settings = {
            **ENDS,
            **names["gpt2"],
            "vocab_size": VOCABULARY,
            "num_labels": 3,
            "pad_token_id": pad_token_id,
            "initializer_range": 0.3,
        }
    folder, model = make_model(
        model_type, tf.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[config], **settings
    )
    pipe = load(folder, task="text_classification")
    expected = Batching.ALONE if pad_token_id is None else Batching.PADDED
    assert encoder_of(pipe).batching is expected
    wanted = []
    for text in TEXTS:
        with torch.inference_mode():
            ids = torch.tensor([make_tokenizer().encode(text).ids])
            wanted.append(float(torch.softmax(model(input_ids=ids).logits[0], -1).max()))
    np.testing.assert_allclose(pipe.predict(TEXTS).v_confidence, wanted, atol=1e-5)


@pytest.mark.parametrize("model_type", ["bart", "marian", "pegasus", "fsmt", "led"])
def test_an_encoder_with_a_decoder_gives_the_encoders_states_in_all_layers(make_model, model_type):
    sizes = dict.fromkeys(("encoder_layers", "decoder_layers"), 2)
    sizes |= dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim"), 64)
    sizes |= dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 4)
    settings = {**ENDS, **sizes, "d_model": 32, "init_std": 0.4, "decoder_start_token_id": 2}
    settings |= {"vocab_size": VOCABULARY, "max_position_embeddings": 64}
    if model_type == "fsmt":
        settings |= {"langs": ["en", "de"], "src_vocab_size": 300, "tgt_vocab_size": 300}
        settings.pop("vocab_size")
    if model_type == "led":
        settings |= {"attention_window": 8, "max_encoder_position_embeddings": 64}
    folder, model = make_model(model_type, **settings)
    text = TEXTS[3]
    ids = torch.tensor([make_tokenizer().encode(text).ids])
    with torch.inference_mode():
        output = model.get_encoder()(input_ids=ids, output_hidden_states=True)
    layers = [output.hidden_states[0], output.hidden_states[1], output.last_hidden_state]
    pipe = load(folder, layers=[0, 1, 2], layer_pooling="concat")
    wanted = torch.cat([layer[0, 1 : 1 + 30] for layer in layers], -1).numpy()
    assert_equal(nlu.vectors(pipe.predict(text)), wanted)


def test_layers_without_a_vector_for_every_piece_are_refused_by_number(make_model):
    """Funnel's layers pool their pieces; only its output has one vector a piece."""
    sizes = {"d_model": 32, "n_head": 4, "d_head": 8, "d_inner": 64, "block_sizes": [1, 1]}
    folder, model = make_model(
        "funnel", tf.FunnelModel, vocab_size=VOCABULARY, initializer_std=0.4, **sizes
    )
    text = TEXTS[0]
    assert_equal(nlu.vectors(load(folder).predict(text)), plain(model, text))
    with pytest.raises(OptionError, match=r"layers names \[1\].*only, the last"):
        load(folder, layers=1)


@pytest.mark.parametrize(
    "model_type", ["data2vec-text", "roberta", "xlm-roberta-xl", "roberta-prelayernorm", "ibert"]
)
def test_positions_are_counted_as_the_model_counts_them(make_model, model_type):
    """A table of 64 positions of which two stand before the first of a text."""
    folder, model = make_model(model_type, **SIZE, pad_token_id=1)
    pipe = load(folder)
    words = make_words(100, 3)
    assert pipe.components[0].plan.loaded.max_length == 62
    matrix = nlu.vectors(pipe.predict(" ".join(words)))
    assert len(matrix) == 100
    assert_equal(matrix[:1], plain(model, " ".join(words[:60]))[:1])


@pytest.mark.parametrize("model_type", ["clip", "siglip", "chinese_clip"])
def test_the_tower_for_texts_reads_where_there_is_one_for_pictures(make_model, model_type):
    tower = {key: SIZE[key] for key in list(SIZE)[:4]} | {"vocab_size": VOCABULARY}
    picture = {key: SIZE[key] for key in list(SIZE)[:4]} | {"image_size": 16, "patch_size": 8}
    folder, model = make_model(
        model_type,
        text_config=tower | {"max_position_embeddings": 64, "eos_token_id": 2},
        vision_config=picture,
    )
    wanted = plain(model.text_model, TEXTS[0])
    assert_equal(nlu.vectors(load(folder).predict(TEXTS[0])), wanted)


@pytest.mark.parametrize(
    ("model_type", "settings", "message"),
    [
        ("vit", {"hidden_size": 32, "num_hidden_layers": 1}, "reads no text.*pixel_values"),
        ("layoutlm", SIZE, r"where they stand on a page \(bbox\)"),
        ("wav2vec2", {"hidden_size": 32, "num_hidden_layers": 1}, "reads no text.*input_values"),
    ],
)
def test_what_reads_no_plain_text_is_refused_by_name(make_model, model_type, settings, message):
    heads = {"num_attention_heads": 4, "intermediate_size": 32}
    folder, _ = make_model(model_type, **{**heads, **settings})
    with pytest.raises(ModelError, match=message) as refusal:
        load(folder)
    assert "take its files again" not in str(refusal.value)


def test_an_architecture_of_transformers_is_read_without_a_word(make_model, caplog):
    caplog.set_level(logging.INFO, logger="nlu_lite")
    folder, _ = make_model("llama", **SIZE, **ENDS, num_key_value_heads=2)
    assert isinstance(encoder_of(load(folder)), BatchedEncoder)
    assert not [record for record in caplog.records if record.name == "nlu_lite"]


def test_batches_of_equal_lengths_keep_the_budget_and_lose_no_sequence():
    lengths = np.array([3, 5, 3, 3, 9, 5])
    batches = list(Batching.EQUAL_LENGTHS.make_batches(lengths, budget=6))
    assert sorted(np.concatenate(batches).tolist()) == list(range(6))
    assert all(len(set(lengths[batch])) == 1 for batch in batches)
    assert [len(batch) for batch in batches] == [1, 1, 1, 2, 1]
