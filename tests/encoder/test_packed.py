"""The encoder of sequences laid end to end: every row gets what was asked for, and no work is done
that nobody asked for."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from nlu_lite.encoder.backends.attention import Layout
from nlu_lite.encoder.backends.packed import PackedEncoder
from nlu_lite.encoder.backends.sequences import RowRequest, Sequences, make_packed_batches
from nlu_lite.encoder.backends.transformer import PostNormLayer
from tests.helpers.equal import assert_equal
from tests.helpers.family_models import (
    ARCHITECTURES,
    encode_layers,
    make_sequences,
    read_model,
    run_plain,
    write_model,
)

LAYERS = (0, 1, 2, 3)
WIDTH = 32


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """From an architecture to the plain model and our encoder of the same weights."""
    made = {}

    def model_of(model_type):
        if model_type not in made:
            folder = tmp_path_factory.mktemp(model_type)
            made[model_type] = (write_model(folder, model_type, {}), read_model(folder).encoder)
        return made[model_type]

    return model_of


def encode(
    encoder,
    sequences,
    rows,
    *,
    layers=LAYERS[-1:],
    layer_pooling="concat",
    reduce="sum",
    progress=lambda _: None,
):
    return encoder(
        sequences,
        rows,
        layers=layers,
        layer_pooling=layer_pooling,
        reduce=reduce,
        progress=progress,
    )


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("model_type", ARCHITECTURES)
def test_single_layers_of_few_tokens_equal_the_plain_forward(model_type, layer, models):
    """Only the tokens wanted go through the last layer's second half; all see all tokens of their
    sequence."""
    plain, encoder = models(model_type)
    sequences = make_sequences(1)
    expected = run_plain(plain, sequences)[:, layer]
    chance = np.random.default_rng(4)
    # Some twice, in no order, and none of every third sequence.
    tokens = chance.choice(len(expected), 60)
    owner = np.searchsorted(sequences.starts, tokens, side="right") - 1
    tokens, owner = tokens[owner % 3 > 0], owner[owner % 3 > 0]
    rows = RowRequest.single(owner, tokens - sequences.starts[owner])
    assert_equal(encode(encoder, sequences, rows, layers=(layer,)), expected[tokens])


@pytest.mark.parametrize("reduce", ["sum", "max"])
@pytest.mark.parametrize("layer_pooling", ["mean", "sum", "concat"])
def test_rows_of_several_positions_and_layers(layer_pooling, reduce, models):
    plain, encoder = models("bert")
    sequences = make_sequences(2)
    states = run_plain(plain, sequences)
    counts = np.minimum(sequences.lengths, 3)
    rows = RowRequest(
        sequence=np.arange(len(counts))[::-1].copy(),
        positions=np.concatenate([np.arange(count) for count in counts[::-1]]),
        starts=np.concatenate([[0], np.cumsum(counts[::-1])]),
    )
    result = encode(
        encoder, sequences, rows, layers=(3, 1), layer_pooling=layer_pooling, reduce=reduce
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


@pytest.mark.parametrize("model_type", ["bert", "albert", "distilbert"])
@pytest.mark.parametrize("layer", LAYERS)
def test_layers_above_the_highest_wanted_are_not_run(model_type, layer, models, monkeypatch):
    _, encoder = models(model_type)
    entered = []
    run = PostNormLayer.__call__

    def count(self, *arguments):
        entered.append(1)
        return run(self, *arguments)

    monkeypatch.setattr(PostNormLayer, "__call__", count)
    encode_layers(encoder, make_sequences(), (0, layer) if layer else (0,))
    assert len(entered) == layer


def test_only_wanted_tokens_go_through_the_second_half_of_the_last_layer(models, monkeypatch):
    _, encoder = models("bert")
    rows_normed = []
    norm = torch.nn.functional.layer_norm

    def count(states, *arguments):
        rows_normed.append(len(states))
        return norm(states, *arguments)

    monkeypatch.setattr(torch.nn.functional, "layer_norm", count)
    sequences = make_sequences(count=20)
    numbers = np.arange(20)
    encode(encoder, sequences, RowRequest.single(numbers, np.zeros_like(numbers)))
    tokens = len(sequences.ids)
    assert rows_normed == [tokens] * 5 + [20] * 2


def test_pieces_computed_are_the_pieces_needed(models):
    _, encoder = models("bert")
    sequences = make_sequences(count=200)
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


def test_a_layout_knows_its_runs_and_where_sequences_begin():
    layout = Layout(np.array([9, 5, 5, 5, 1]), torch.device("cpu"))
    assert layout.runs == [(9, 1), (5, 3), (1, 1)]
    assert layout.boundaries.tolist() == [0, 9, 14, 19, 24, 25]


def test_two_runs_give_the_same_bits(tmp_path):
    write_model(tmp_path, "bert", {})
    sequences = make_sequences()
    results = [
        encode_layers(read_model(tmp_path).encoder, sequences, LAYERS).tobytes() for _ in range(3)
    ]
    assert results == results[:1] * 3


def test_threads_do_not_see_each_others_layout(models):
    _, encoder = models("mpnet")
    parts = [make_sequences(seed, count=10 + seed) for seed in range(6)]
    expected = [encode_layers(encoder, part, (1, 3)) for part in parts]
    results = {}

    def work(number):
        results[number] = [encode_layers(encoder, parts[number], (1, 3)) for _ in range(5)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(parts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, repeats in results.items():
        for result in repeats:
            assert_equal(result, expected[number])
    assert len(results) == len(parts)


def test_one_layer_and_one_position_are_enough(tmp_path):
    plain = write_model(
        tmp_path, "bert", {"num_hidden_layers": 1, "max_position_embeddings": 3, "vocab_size": 5}
    )
    sequences = Sequences(ids=np.array([2, 3, 4, 1]), starts=np.array([0, 1, 4]))
    encoder = read_model(tmp_path).encoder
    assert_equal(encode_layers(encoder, sequences, (0, 1)), run_plain(plain, sequences))


def test_nothing_wanted_gives_no_rows(models):
    _, encoder = models("bert")
    nothing = np.zeros(0, dtype=np.int64)
    before = encoder.tokens
    rows = RowRequest.single(nothing, nothing)
    assert encode(encoder, make_sequences(), rows).shape == (0, WIDTH)
    assert encoder.tokens == before


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("model_type", ARCHITECTURES)
def test_on_a_gpu_packed_equals_the_plain_forward(model_type, dtype, tmp_path):
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device on this machine")
    plain = write_model(tmp_path, model_type, {})
    sequences = make_sequences()
    expected = run_plain(plain, sequences)
    encoder = read_model(tmp_path, dtype=dtype, device=torch.device("cuda")).encoder
    result = encode_layers(encoder, sequences, LAYERS)
    if dtype == torch.float32:
        assert_equal(result, expected, tolerance=1e-4)
    lengths = np.linalg.norm(result, axis=-1) * np.linalg.norm(expected, axis=-1)
    assert ((result * expected).sum(-1) >= 0.99 * lengths).all()


@pytest.mark.gpu
def test_on_a_gpu_many_batches_arrive_where_they_belong(tmp_path):
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device on this machine")
    device = torch.device("cuda")
    plain = write_model(tmp_path, "bert", {})
    sequences = make_sequences()
    whole = read_model(tmp_path, device=device).encoder
    encoder = PackedEncoder(
        whole._transformer, architecture="bert", padding_id=None, device=device, budget=1
    )
    expected = run_plain(plain, sequences)
    assert_equal(encode_layers(encoder, sequences, LAYERS), expected, tolerance=1e-4)
