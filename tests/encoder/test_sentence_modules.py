"""Each module of sentence-transformers, and each layout of its folders, equals the library."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch

import nlu_lite as nlu
from nlu_lite.errors import MissingExtraError, ModelError, OptionError
from tests.helpers.equal import assert_equal, distances
from tests.helpers.module_folders import (
    TEXTS,
    WIDTH,
    assert_reads,
    change,
    library_vectors,
    move_transformer,
    seeded_dense,
)

# Order


def test_modules_run_in_the_folders_order(save, modules, mean):
    dense = seeded_dense(modules, WIDTH, 16, activation_function=torch.nn.Identity())
    folder = save(mean, modules.Normalize(), dense)
    assert_reads(folder)
    assert not np.allclose(np.linalg.norm(library_vectors(folder), axis=1), 1)


def test_linear_layers_on_both_sides_of_normalize(save, modules, mean):
    before, after = seeded_dense(modules, WIDTH, 16), seeded_dense(modules, 16, 8)
    assert_reads(save(mean, before, modules.Normalize(), after, modules.Normalize()))


def test_the_last_of_two_poolings_counts(save, modules, mean):
    assert_reads(save(mean, modules.Normalize(), modules.Pooling(WIDTH, "max")))


def test_normalize_before_any_vector_does_nothing(save, modules, mean):
    assert_reads(save(modules.Normalize(), mean))


# Modules that are ours


def test_a_residual_linear_layer_is_residual(save, modules, mean):
    assert_reads(save(mean, seeded_dense(modules, WIDTH, WIDTH, use_residual=True)))


def test_a_residual_linear_layer_of_another_width_has_weights_for_it(save, modules, mean):
    assert_reads(save(mean, seeded_dense(modules, WIDTH, 8, use_residual=True)))


def test_a_linear_layer_without_bias(save, modules, mean):
    assert_reads(save(mean, seeded_dense(modules, WIDTH, 8, bias=False)))


@pytest.mark.parametrize(
    "name",
    ["CELU", "GELU", "GLU", "Identity", "LogSoftmax", "PReLU", "RReLU", "SiLU", "Softmax", "Tanh"],
)
def test_an_activation_of_torch(save, modules, mean, name):
    activation = getattr(torch.nn, name)()
    folder = save(mean, seeded_dense(modules, WIDTH, 8, activation_function=activation))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's softmax chooses its axis with a warning
        assert_reads(folder)


def test_layer_norm_and_dropout(save, modules, mean):
    norm = modules.LayerNorm(WIDTH)
    torch.nn.init.normal_(norm.norm.weight)
    torch.nn.init.normal_(norm.norm.bias)
    assert_reads(save(mean, norm, modules.Dropout(0.5)))


@pytest.mark.parametrize(
    "modes", [("mean_sqrt_len_tokens",), ("max", "mean"), ("cls", "lasttoken", "weightedmean")]
)
def test_poolings_side_by_side(save, modules, modes):
    assert_reads(save(modules.Pooling(WIDTH, modes)))


def test_poolings_that_are_flags_are_joined_in_the_librarys_order(save, mean):
    folder = save(mean)
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps(
            {
                "word_embedding_dimension": WIDTH,
                "pooling_mode_mean_tokens": True,
                "pooling_mode_cls_token": True,
                "pooling_mode_max_tokens": False,
            }
        )
    )
    assert_reads(folder)


@pytest.mark.parametrize("mode", ["cls", "max", "weightedmean", "mean_sqrt_len_tokens"])
def test_a_prompt_that_is_not_pooled(save, modules, mode):
    pooling = modules.Pooling(WIDTH, mode, include_prompt=False)
    folder = save(pooling, prompts={"query": "find this: "})
    found = nlu.load(path=folder, prompt="query").encode(TEXTS)
    assert_equal(found, library_vectors(folder, prompt_name="query"))


def test_windows_of_poolings_side_by_side_are_joined_each_in_its_way(save, modules):
    folder = save(modules.Pooling(WIDTH, ("cls", "max")))
    options = {"max_length": 12, "stride": 4}
    parts = [
        nlu.load(path=folder, sentence_pooling=mode, **options).encode(TEXTS)
        for mode in ("cls", "max")
    ]
    assert_equal(nlu.load(path=folder, **options).encode(TEXTS), np.concatenate(parts, axis=1))


# StaticEmbedding


def test_a_table_of_vectors(save, static, modules):
    assert_reads(save(modules.Normalize(), first=static))


def test_a_table_of_model2vec_with_shared_rows_and_weights(save, static):
    from safetensors.torch import save_file

    folder = save(first=static)
    (weights,) = folder.rglob("model.safetensors")
    rows = static.num_embeddings
    torch.manual_seed(5)
    save_file(
        {
            "embeddings": torch.randn(50, 12),
            "mapping": torch.randint(0, 50, (rows,)),
            "weights": torch.rand(rows, dtype=torch.float64),
        },
        weights,
    )
    assert_reads(folder)


def test_a_text_without_pieces_is_zeros_in_a_table(save, static):
    """Only a tokenizer that drops characters has such texts."""
    folder = save(first=static)
    text = "\u200b\ufffd"
    expected = library_vectors(folder, [text])
    assert_equal(nlu.load(path=folder).encode([text, "one"])[:1], expected)
    assert not expected.any()


def test_the_words_of_a_table(save, static):
    folder = save(first=static)
    words = nlu.load(path=folder, task="embed", column="v").predict("I love NLP")
    weight = static.embedding.weight.detach().numpy()
    ids = static.tokenizer.encode("love", add_special_tokens=False).ids
    assert_equal(nlu.vectors(words)[1:2], weight[ids[:1]])


def test_a_table_cuts_texts_as_its_tokenizer_says(save, static):
    static.tokenizer.enable_truncation(4)
    assert_reads(save(first=static), long="cut")


def test_integers_are_no_table(save, static):
    from safetensors.torch import save_file

    folder = save(first=static)
    (weights,) = folder.rglob("model.safetensors")
    save_file({"embeddings": torch.ones(static.num_embeddings, 4, dtype=torch.int8)}, weights)
    with pytest.raises(ModelError, match=r"the table \(\d+, 4\) of torch.int8"):
        nlu.load(path=folder)


# Modules of the library


def word_weights(modules, family_folder):
    size = json.loads((family_folder("bert") / "config.json").read_text())["vocab_size"]
    names = [f"w{number}" for number in range(size)]
    return modules.WordWeights(names, dict.fromkeys(names[::3], 2.0), 0.5)


def test_weights_of_words(save, modules, mean, family_folder):
    assert_reads(save(word_weights(modules, family_folder), mean))


def test_convolutions_do_not_read_padding(save, modules):
    torch.manual_seed(3)
    cnn = modules.CNN(WIDTH, out_channels=4, kernel_sizes=[1, 3, 5])
    folder = save(cnn, modules.Pooling(12, "mean"), modules.Normalize())
    assert_reads(folder)


def test_layers_are_weighted_where_the_model_gives_them(save, modules, mean):
    folder = save(modules.WeightedLayerPooling(WIDTH, num_hidden_layers=3, layer_start=1), mean)
    plain = library_vectors(folder)
    assert_reads(folder)
    change(folder / "config.json", output_hidden_states=True)
    assert_reads(folder)
    assert distances(library_vectors(folder), plain).max() > 0.01


def test_words_with_vectors_of_their_own(save, modules):
    from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

    words = ["love", "nlp", "one", "sentences", "number"]
    torch.manual_seed(3)
    first = modules.WordEmbeddings(
        WhitespaceTokenizer(words, do_lower_case=True), torch.randn(len(words), 8)
    )
    lstm = modules.LSTM(8, 4)
    folder = save(lstm, modules.Pooling(8, "mean"), first=first)
    assert_reads(folder)
    with pytest.raises(ModelError, match="'WordEmbeddings', which has no transformers model"):
        nlu.load(path=folder, task="embed")


def test_counts_of_words(save, modules):
    first = modules.BoW(["one", "love", "number"], word_weights={"love": 2.5})
    assert_reads(save(seeded_dense(modules, 3, 2), first=first))


def test_a_pooling_of_the_library_leaves_the_prompt_out(save, modules, family_folder):
    pooling = modules.Pooling(WIDTH, "mean", include_prompt=False)
    weights = word_weights(modules, family_folder)
    folder = save(weights, pooling, prompts={"query": "find this: "}, default_prompt_name="query")
    assert_reads(folder)


def test_a_router_takes_the_route_of_plain_encoding(save, modules, static, mean, family_folder):
    transformer = modules.Transformer(str(family_folder("bert")))
    torch.manual_seed(3)
    dense = modules.Dense(WIDTH, 12)
    router = modules.Router.for_query_document([static], [transformer, mean, dense])
    assert_reads(save(modules.Normalize(), first=router))


def test_what_follows_the_librarys_modules_can_be_left_out(save, modules, mean, family_folder):
    folder = save(word_weights(modules, family_folder), mean, modules.Normalize())
    found = nlu.load(path=folder, normalize=False).encode(TEXTS)
    assert not np.allclose(np.linalg.norm(found, axis=1), 1)
    assert_equal(found / np.linalg.norm(found, axis=1)[:, None], library_vectors(folder))


def test_a_pooling_cannot_be_chosen_where_the_library_runs_the_modules(
    save, modules, mean, family_folder
):
    folder = save(word_weights(modules, family_folder), mean)
    with pytest.raises(OptionError, match="'max' cannot be chosen"):
        nlu.load(path=folder, sentence_pooling="max")


def test_without_the_library_its_modules_are_an_error_that_names_the_extra(
    save, modules, mean, family_folder, monkeypatch
):
    folder = save(word_weights(modules, family_folder), mean)
    nlu.clear_cache()
    for name in [name for name in sys.modules if name.startswith("sentence_transformers")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtraError, match=r"WordWeights.*nlu-lite\[sentence-transformers\]"):
        nlu.load(path=folder)


def test_our_modules_are_read_without_the_library(save, modules, mean):
    folder = save(mean, seeded_dense(modules, WIDTH, 8), modules.LayerNorm(8), modules.Normalize())
    code = (
        "import sys; sys.modules['sentence_transformers'] = None\n"
        f"import nlu_lite as nlu; print(nlu.load(path={str(folder)!r}).encode('one').shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "(1, 8)"


# Refused by name


@pytest.mark.parametrize(
    ("type_", "part"),
    [
        ("sentence_transformers.models.CLIPModel", "the sentence-transformers module 'CLIPModel'"),
        ("custom_st.Transformer", "code of others is never run"),
        ("sentence_transformers.losses.CosineSimilarityLoss", "'CosineSimilarityLoss'"),
    ],
)
def test_a_class_that_is_no_served_module_is_named(save, mean, type_, part):
    folder = save(mean)
    listed = json.loads((folder / "modules.json").read_text())
    listed[0]["type"] = type_
    (folder / "modules.json").write_text(json.dumps(listed))
    with pytest.raises(ModelError, match=part):
        nlu.load(path=folder)


def test_the_words_of_a_folder_with_another_class_around_a_plain_model(save, mean, family_folder):
    folder = save(mean)
    listed = json.loads((folder / "modules.json").read_text())
    listed[0]["type"] = "own.Own"
    (folder / "modules.json").write_text(json.dumps(listed))
    words = nlu.load(path=folder, task="embed", column="v").predict("I love NLP")
    plain = nlu.load(path=family_folder("bert"), column="v").predict("I love NLP")
    assert_equal(nlu.vectors(words), nlu.vectors(plain))


def test_a_folder_that_makes_no_vector_of_a_sentence_asks_for_a_pooling(save, mean):
    folder = save(mean)
    listed = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps(listed[:1]))
    expected = library_vectors(save(mean))
    (folder / "modules.json").write_text(json.dumps(listed[:1]))
    with pytest.raises(ModelError, match="none makes a sentence's vector"):
        nlu.load(path=folder)
    assert_equal(nlu.load(path=folder, sentence_pooling="mean").encode(TEXTS), expected)


def test_a_linear_layer_before_any_vector_is_named(save, modules, mean):
    folder = save(seeded_dense(modules, WIDTH, 8), mean)
    with pytest.raises(ModelError, match="Dense in '1_Dense' before any module"):
        nlu.load(path=folder)


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        ({"use_residual": True, "out_features": 8}, "do not fit"),
        ({"bias": False}, "do not fit"),
        ({"in_features": 31}, "makes no linear layer of 31 numbers to 8"),
        ({"activation_function": "os.system"}, "the activation 'system'"),
        ({"activation_function": "torch.nn.modules.activation.Threshold"}, "'Threshold'"),
    ],
)
def test_a_linear_layer_that_is_not_what_its_weights_are_is_refused(
    save, modules, mean, facts, part
):
    folder = save(mean, seeded_dense(modules, WIDTH, 8))
    change(folder / "2_Dense" / "config.json", **facts)
    with pytest.raises(ModelError, match=part):
        nlu.load(path=folder)


def test_a_softmax_over_pieces_is_refused_since_it_mixes_texts(save, modules):
    dense = seeded_dense(
        modules,
        WIDTH,
        8,
        activation_function=torch.nn.Softmax(),
        module_input_name="token_embeddings",
    )
    folder = save(dense, modules.Pooling(8, "mean"))
    with pytest.raises(ModelError, match="would mix texts"):
        nlu.load(path=folder)


def test_words_found_by_a_class_of_others_are_refused(save, modules):
    from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

    first = modules.WordEmbeddings(WhitespaceTokenizer(["one"]), torch.ones(1, 4))
    folder = save(modules.Pooling(4, "mean"), first=first)
    (path,) = folder.rglob("wordembedding_config.json")
    change(path, tokenizer_class="sentence_transformers.util.torch")
    with pytest.raises(ModelError, match="tokenizer_class 'sentence"):
        nlu.load(path=folder)


# Layouts


@pytest.mark.parametrize("layout", ["0_Transformer", "static", "router"])
def test_a_folder_of_any_layout_is_saved_and_pickled_whole(
    save, modules, static, mean, family_folder, tmp_path, layout
):
    if layout == "0_Transformer":
        folder = move_transformer(save(mean, seeded_dense(modules, WIDTH, 8)))
    elif layout == "static":
        folder = save(modules.Normalize(), first=static)
    else:
        transformer = modules.Transformer(str(family_folder("bert")))
        route = [transformer, modules.Pooling(WIDTH, "mean"), modules.Dense(WIDTH, 12)]
        folder = save(first=modules.Router({"query": [static], "document": route}, "document"))
    expected = library_vectors(folder)
    pipe = nlu.load(path=folder)
    assert_equal(pipe.encode(TEXTS), expected)
    assert_equal(pickle.loads(pickle.dumps(pipe)).encode(TEXTS), expected)
    pipe.save(tmp_path / "saved")
    shutil.rmtree(folder)
    nlu.clear_cache()
    assert_equal(nlu.load(path=tmp_path / "saved").encode(TEXTS), expected)
    (copied,) = [path.parent for path in (tmp_path / "saved").rglob("modules.json")]
    assert_equal(library_vectors(copied), expected)


def test_the_words_of_a_transformer_in_a_folder_of_its_own(save, mean, family_folder):
    folder = move_transformer(save(mean))
    pipe = nlu.load(path=folder, task="embed", column="v")
    plain = nlu.load(path=family_folder("bert"), column="v")
    assert_equal(nlu.vectors(pipe.predict("I love NLP")), nlu.vectors(plain.predict("I love NLP")))
    assert pipe.components[0].model.config.hidden_size == WIDTH
    assert pipe.components[0].tokenizer.tokenize("one")
