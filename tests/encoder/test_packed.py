"""Packed encoding gives the plain model's numbers, for every family, and does no work that nobody
asked for."""

from __future__ import annotations

import logging
import threading

import numpy as np
import pytest
import torch
from transformers import (
    AutoModel,
    BertConfig,
    BertModel,
    DebertaV2Config,
    DebertaV2Model,
    LongformerConfig,
    LongformerModel,
    ModernBertConfig,
    ModernBertModel,
    MPNetConfig,
    MPNetModel,
    XLNetConfig,
    XLNetModel,
)

from nlu_lite.common.arrays import ranges
from nlu_lite.encoder.backends import choose, onednn
from nlu_lite.encoder.backends.batched import BatchedEncoder
from nlu_lite.encoder.backends.choose import choose_encoder
from nlu_lite.encoder.backends.packed import PackedEncoder, innermost_layers
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences, make_packed_batches
from nlu_lite.errors import ModelError
from tests.helpers.equal import assert_equal
from tests.helpers.families import FAMILIES, POSITIONS, SIZE

CPU = torch.device("cpu")
PAD = {"roberta": 1, "xlm-roberta": 1, "camembert": 1}
LAYERS = tuple(range(SIZE["num_hidden_layers"] + 1))


def fresh(folder, **changed):
    return AutoModel.from_pretrained(folder, **changed).eval().requires_grad_(False)


def chosen(model, *, pad=0, longest=POSITIONS, device=CPU):
    return choose_encoder(model, pad_id=pad, device=device, longest=longest)


def warnings_in(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "nlu_lite"]


def mixed(seed=0, *, count=40, longest=POSITIONS, vocabulary=300):
    """Sequences of lengths from 1 to the longest, many alike, in no order; ids are random, the
    padding id among them."""
    chance = np.random.default_rng(seed)
    lengths = np.concatenate([[longest, 1, 1, longest], chance.integers(1, 12, count - 4)])
    chance.shuffle(lengths)
    ids = chance.integers(2, vocabulary, lengths.sum())
    starts = np.concatenate([[0], np.cumsum(lengths)])
    for padding, number in enumerate(np.flatnonzero(lengths == longest)[:2]):
        ids[starts[number] : starts[number + 1] : 4] = padding
    return Sequences(ids=ids, starts=starts)


def all_tokens(sequences):
    lengths = sequences.lengths
    return RowRequest.single(
        np.repeat(np.arange(len(lengths)), lengths), ranges(np.zeros_like(lengths), lengths)
    )


@torch.inference_mode()
def plain_states(model, sequences):
    """All layers of every token side by side, one sequence at a time: shape (tokens, layers,
    dimension)."""
    rows = []
    for begin, end in zip(sequences.starts[:-1], sequences.starts[1:], strict=True):
        ids = torch.from_numpy(sequences.ids[begin:end])[None].to(model.device)
        output = model(
            input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True
        )
        rows.append(torch.stack(output.hidden_states, dim=2)[0].float().cpu().numpy())
    return np.concatenate(rows)


def encode(
    encoder,
    sequences,
    expected,
    *,
    layers=LAYERS[-1:],
    layer_pooling="concat",
    reduce="sum",
    progress=lambda _: None,
):
    return encoder(
        sequences,
        expected,
        layers=layers,
        layer_pooling=layer_pooling,
        reduce=reduce,
        progress=progress,
    )


@pytest.mark.parametrize("switch", ["0", "1"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_layer_of_every_listed_family_equals_the_plain_forward(
    family, switch, family_folder, caplog, monkeypatch
):
    """Random weights; BERT, RoBERTa, XLM-R, CamemBERT, DistilBERT, ALBERT, ELECTRA are packed, and
    no warning is logged."""
    monkeypatch.setenv(onednn.SWITCH, switch)
    sequences = mixed()
    expected = plain_states(fresh(family_folder(family)), sequences)
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        encoder = chosen(fresh(family_folder(family)), pad=PAD.get(family, 0))
    assert isinstance(encoder, PackedEncoder)
    assert not warnings_in(caplog)
    result = encode(encoder, sequences, all_tokens(sequences), layers=LAYERS)
    assert_equal(result.reshape(expected.shape), expected)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_single_layers_of_few_tokens_equal_the_plain_forward(family, layer, family_folder):
    """Only the tokens wanted go through the last layer's second half; all see all tokens of their
    sequence."""
    sequences = mixed(1)
    expected = plain_states(fresh(family_folder(family)), sequences)[:, layer]
    encoder = chosen(fresh(family_folder(family)), pad=PAD.get(family, 0))
    chance = np.random.default_rng(4)
    # Some twice, in no order, and none of every third sequence.
    tokens = chance.choice(len(expected), 60)
    owner = np.searchsorted(sequences.starts, tokens, side="right") - 1
    tokens, owner = tokens[owner % 3 > 0], owner[owner % 3 > 0]
    result = encode(
        encoder,
        sequences,
        RowRequest.single(owner, tokens - sequences.starts[owner]),
        layers=(layer,),
    )
    assert_equal(result, expected[tokens])


@pytest.mark.parametrize("reduce", ["sum", "max"])
@pytest.mark.parametrize("layer_pooling", ["mean", "sum", "concat"])
def test_rows_of_several_positions_and_layers(layer_pooling, reduce, family_folder):
    sequences = mixed(2)
    states = plain_states(fresh(family_folder("bert")), sequences)
    counts = np.minimum(sequences.lengths, 3)
    rows = RowRequest(
        sequence=np.arange(len(counts))[::-1].copy(),
        positions=np.concatenate([np.arange(count) for count in counts[::-1]]),
        starts=np.concatenate([[0], np.cumsum(counts[::-1])]),
    )
    result = encode(
        chosen(fresh(family_folder("bert"))),
        sequences,
        rows,
        layers=(3, 1),
        layer_pooling=layer_pooling,
        reduce=reduce,
    )
    pair = states[:, [3, 1]]
    joined = {"mean": pair.mean(1), "sum": pair.sum(1), "concat": pair.reshape(len(pair), -1)}[
        layer_pooling
    ]
    pieces = [
        joined[begin : begin + count]
        for begin, count in zip(sequences.starts[:-1], counts, strict=True)
    ][::-1]
    assert_equal(
        result, np.stack([piece.max(0) if reduce == "max" else piece.sum(0) for piece in pieces])
    )


@pytest.mark.parametrize("family", ["bert", "albert", "distilbert"])
@pytest.mark.parametrize("layer", LAYERS)
def test_layers_above_the_highest_wanted_are_not_run(family, layer, family_folder):
    model = fresh(family_folder(family))
    encoder = chosen(model)
    entered = []
    for module in innermost_layers(model):
        module.register_forward_hook(lambda *_: entered.append(1))
    sequences = mixed()
    encode(encoder, sequences, all_tokens(sequences), layers=(0, layer))
    assert len(entered) == layer


def test_pieces_computed_are_the_pieces_needed(family_folder):
    encoder = chosen(fresh(family_folder("bert")))
    sequences = mixed(count=200)
    used = np.flatnonzero(np.arange(200) % 4)
    before, counts = encoder.tokens, []
    encode(encoder, sequences, RowRequest.single(used, np.zeros_like(used)), progress=counts.append)
    assert encoder.tokens - before == sequences.lengths[used].sum()
    assert sum(counts) == len(used)


def test_a_batch_keeps_the_budget_and_equal_lengths_together():
    lengths = np.array([3, 50, 7, 3, 7, 7, 120, 3])
    batches = list(make_packed_batches(lengths, budget=60))
    assert [lengths[batch].tolist() for batch in batches] == [[120], [50, 7], [7, 7, 3, 3, 3]]
    assert sorted(np.concatenate(batches).tolist()) == list(range(8))


def test_two_runs_give_the_same_bits(family_folder):
    sequences = mixed()
    result = [
        encode(chosen(fresh(family_folder("bert"))), sequences, all_tokens(sequences))
        for _ in range(2)
    ]
    encoder = chosen(fresh(family_folder("bert")))
    result += [encode(encoder, sequences, all_tokens(sequences)) for _ in range(2)]
    assert all(run.tobytes() == result[0].tobytes() for run in result)


def test_threads_do_not_see_each_others_layout(family_folder):
    encoder = chosen(fresh(family_folder("bert")))
    parts = [mixed(seed, count=10 + seed) for seed in range(6)]
    expected = [encode(encoder, part, all_tokens(part), layers=(1, 3)) for part in parts]
    results = {}

    def work(number):
        results[number] = [
            encode(encoder, parts[number], all_tokens(parts[number]), layers=(1, 3))
            for _ in range(5)
        ]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(parts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, repeats in results.items():
        for result in repeats:
            assert_equal(result, expected[number])
    assert len(results) == len(parts)


def tiny(name):
    """A random model of an architecture that the tests of text do not have."""
    size = {**SIZE, "vocab_size": 300, "initializer_range": 0.4}
    torch.manual_seed(3)
    if name == "mpnet":
        model = MPNetModel(MPNetConfig(**size, max_position_embeddings=POSITIONS + 2))
    elif name == "xlnet":
        model = XLNetModel(
            XLNetConfig(
                vocab_size=300, d_model=32, n_layer=3, n_head=4, d_inner=64, initializer_range=0.4
            )
        )
    elif name == "deberta-v2":
        model = DebertaV2Model(
            DebertaV2Config(**size, relative_attention=True, pos_att_type=["c2p", "p2c"])
        )
    elif name == "longformer":
        model = LongformerModel(
            LongformerConfig(**size, attention_window=8, max_position_embeddings=POSITIONS + 2)
        )
    else:
        assert name == "modernbert", name
        model = ModernBertModel(
            ModernBertConfig(
                **size,
                local_attention=16,
                global_attn_every_n_layers=3,
                max_position_embeddings=200,
                pad_token_id=0,
            )
        )
    return model.eval().requires_grad_(False)


@pytest.mark.parametrize("name", ["mpnet", "xlnet", "deberta-v2", "longformer"])
def test_architectures_that_cannot_be_packed_are_padded_without_a_warning(name, caplog):
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        encoder = chosen(tiny(name))
    assert isinstance(encoder, BatchedEncoder)
    assert not warnings_in(caplog)


def test_sliding_windows_are_kept_to():
    """ModernBERT sees 8 tokens to each side in two of three layers; its last layer's states are
    normed once more."""
    model = tiny("modernbert")
    sequences = mixed(longest=150)
    expected = plain_states(model, sequences)
    encoder = chosen(model, longest=200)
    assert isinstance(encoder, PackedEncoder)
    result = encode(encoder, sequences, all_tokens(sequences), layers=LAYERS)
    assert_equal(result.reshape(expected.shape), expected)


def test_the_trial_has_a_sequence_longer_than_any_window():
    model = tiny("modernbert")
    longest, bounded = (
        choose.make_trial_sequences(
            model, pad_id=0, specials=((), ()), longest=longest, has_windows=True
        ).lengths.max()
        for longest in (None, 12)
    )
    assert longest > model.config.local_attention
    assert bounded == 12


def test_an_attention_that_ignores_windows_is_found_out(monkeypatch, caplog):
    monkeypatch.setattr("nlu_lite.encoder.backends.attention.Layout.band", lambda *_: None)
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        encoder = chosen(tiny("modernbert"), longest=200)
    assert isinstance(encoder, BatchedEncoder)
    assert "ModernBertModel is read in batches, which is slower: packed," in caplog.text


def test_a_model_that_never_calls_the_attention_is_found_out(monkeypatch, caplog):
    """MPNet takes any attention implementation and goes on with its own."""
    model = tiny("mpnet")
    sequences = mixed(longest=POSITIONS)
    expected = plain_states(model, sequences)
    monkeypatch.setattr(choose, "can_be_packed", lambda _: True)
    monkeypatch.setattr(type(model), "_supports_attention_backend", True, raising=False)
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        encoder = chosen(model, pad=1)
    assert isinstance(encoder, BatchedEncoder)
    assert "MPNetModel is read in batches, which is slower: packed," in caplog.text
    result = encode(encoder, sequences, all_tokens(sequences), layers=LAYERS)
    assert_equal(result.reshape(expected.shape), expected)


def test_a_model_that_disagrees_is_padded_and_left_as_it_was(caplog, monkeypatch):
    """A BERT that looks only backwards has a mask that the packed attention does not."""
    monkeypatch.setenv(onednn.SWITCH, "0")
    torch.manual_seed(3)
    model = (
        BertModel(BertConfig(**SIZE, vocab_size=300, is_decoder=True, use_cache=False))
        .eval()
        .requires_grad_(False)
    )
    before = plain_states(model, mixed())
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        encoder = chosen(model)
    assert isinstance(encoder, BatchedEncoder)
    assert "its numbers are not those of a text alone" in caplog.text
    np.testing.assert_array_equal(plain_states(model, mixed()), before)
    assert model.config._attn_implementation == "sdpa"
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_a_wrong_layout_would_be_found_out(family_folder, monkeypatch, caplog):
    """The trial can fail: positions counted on through the batch, sequences that see their
    neighbours."""
    caplog.set_level(logging.INFO, logger="nlu_lite")
    monkeypatch.setattr(
        PackedEncoder, "_positions", lambda _self, ids, _lengths: np.arange(len(ids))
    )
    assert isinstance(chosen(fresh(family_folder("bert"))), BatchedEncoder)
    monkeypatch.undo()
    monkeypatch.setattr(
        "nlu_lite.encoder.backends.attention.Layout.runs",
        property(lambda layout: [(int(layout.lengths.sum()), 1)]),
    )
    assert isinstance(chosen(fresh(family_folder("bert"))), BatchedEncoder)
    assert len(warnings_in(caplog)) == 2


def test_a_model_that_cannot_run_at_all_is_refused_by_name(family_folder):
    model = fresh(family_folder("bert"))
    model.embeddings = torch.nn.Identity()
    with pytest.raises(ModelError, match="A BertModel cannot be run on a text alone: it fails"):
        chosen(model)


def test_a_packed_model_gives_no_numbers_without_a_layout(family_folder):
    """Somebody else's forward would let every token see all others of its batch."""
    model = fresh(family_folder("bert"))
    assert isinstance(chosen(model), PackedEncoder)
    with pytest.raises(
        RuntimeError, match="Packed attention was called for tokens whose layout nobody gave"
    ):
        model(input_ids=torch.tensor([[2, 5, 3]]))


def test_one_layer_and_one_position_are_enough():
    torch.manual_seed(3)
    size = {**SIZE, "num_hidden_layers": 1, "max_position_embeddings": 3}
    model = BertModel(BertConfig(**size, vocab_size=5)).eval().requires_grad_(False)
    sequences = Sequences(ids=np.array([2, 3, 4, 1]), starts=np.array([0, 1, 4]))
    expected = plain_states(model, sequences)
    encoder = chosen(model, longest=3)
    assert isinstance(encoder, PackedEncoder)
    assert_equal(
        encode(encoder, sequences, all_tokens(sequences), layers=(0, 1)).reshape(expected.shape),
        expected,
    )


@pytest.mark.parametrize("family", ["bert", "mpnet"])  # packed and padded
def test_nothing_wanted_gives_no_rows(family, family_folder):
    encoder = chosen(fresh(family_folder(family)))
    nothing = np.zeros(0, dtype=np.int64)
    before = encoder.tokens
    assert encode(encoder, mixed(), RowRequest.single(nothing, nothing)).shape == (
        0,
        SIZE["hidden_size"],
    )
    assert encoder.tokens == before


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("family", FAMILIES)
def test_on_a_gpu_packed_equals_the_plain_forward(family, dtype, family_folder):
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device on this machine")
    device = torch.device("cuda")
    sequences = mixed()
    expected = plain_states(fresh(family_folder(family)), sequences)
    encoder = chosen(
        fresh(family_folder(family), dtype=dtype).to(device), pad=PAD.get(family, 0), device=device
    )
    assert isinstance(encoder, PackedEncoder)
    result = encode(encoder, sequences, all_tokens(sequences), layers=LAYERS).reshape(
        expected.shape
    )
    if dtype == torch.float32:
        assert_equal(result, expected, tolerance=1e-4)
    lengths = np.linalg.norm(result, axis=-1) * np.linalg.norm(expected, axis=-1)
    assert ((result * expected).sum(-1) >= 0.99 * lengths).all()


@pytest.mark.gpu
def test_on_a_gpu_many_batches_arrive_where_they_belong(family_folder):
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device on this machine")
    device = torch.device("cuda")
    model = fresh(family_folder("bert"))
    sequences = mixed()
    expected = plain_states(model, sequences)
    encoder = PackedEncoder(model.to(device), device=device, budget=1)
    result = encode(encoder, sequences, all_tokens(sequences), layers=LAYERS).reshape(
        expected.shape
    )
    assert_equal(result, expected, tolerance=1e-4)


def test_every_architecture_promised_is_among_the_families_tested():
    assert {
        "bert",
        "roberta",
        "xlm-roberta",
        "distilbert",
        "albert",
        "electra",
        "camembert",
    } <= set(FAMILIES)
