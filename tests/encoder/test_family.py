"""Our own forward of the BERT family gives transformers' numbers, in every architecture and every
way in which their configurations differ; what it does not understand it leaves to transformers."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
import transformers as tf
from safetensors.torch import load_file, save_file

import nlu_lite as nlu
from nlu_lite.encoder.backends import products
from nlu_lite.encoder.backends.products import ACTIVATIONS
from nlu_lite.encoder.models import family
from nlu_lite.encoder.models.family_model import read_family_settings
from tests.helpers.equal import assert_equal
from tests.helpers.families import make_classifier
from tests.helpers.family_models import (
    ARCHITECTURES,
    CASES,
    VARIANTS,
    describe_case,
    encode_layers,
    make_config,
    make_entry,
    make_model,
    make_sequences,
    read_model,
    run_plain,
    write_model,
)


def all_layers(encoder):
    return tuple(range(encoder.layers + 1))


@pytest.mark.parametrize("onednn", ["0", "1"])
@pytest.mark.parametrize(("model_type", "changed"), CASES, ids=describe_case)
def test_every_layer_equals_transformers(model_type, changed, onednn, tmp_path, monkeypatch):
    monkeypatch.setenv(products.SWITCH, onednn)
    plain = write_model(tmp_path, model_type, changed)
    model = read_model(tmp_path)
    encoder = model.encoder
    sequences = make_sequences(longest=min(model.settings.longest, 150))
    assert encoder.has_onednn == (onednn == "1")
    result = encode_layers(encoder, sequences, all_layers(encoder))
    assert_equal(result, run_plain(plain, sequences))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("model_type", ARCHITECTURES)
def test_half_precision_is_as_near_to_float32_as_transformers_is(model_type, dtype, tmp_path):
    """Both round; ours by no more than half more than transformers'."""
    plain = write_model(tmp_path, model_type, {"initializer_range": 0.1})
    sequences = make_sequences()
    exact = run_plain(plain, sequences)[:, -1]
    half = run_plain(plain.to(dtype), sequences)[:, -1]
    encoder = read_model(tmp_path, dtype=dtype).encoder
    result = encode_layers(encoder, sequences, (encoder.layers,))[:, 0]
    assert np.abs(result - exact).mean() <= 1.5 * np.abs(half - exact).mean()
    assert np.abs(result - exact).max() > 1e-4, "this was not computed in half precision"


@pytest.mark.parametrize("model_type", ARCHITECTURES)
def test_lone_layers_and_few_tokens_are_those_of_the_whole(model_type, tmp_path):
    write_model(tmp_path, model_type, {})
    sequences = make_sequences(1)
    encoder = read_model(tmp_path).encoder
    expected = encode_layers(encoder, sequences, all_layers(encoder))
    for layer in all_layers(encoder):
        assert_equal(encode_layers(encoder, sequences, (layer,))[:, 0], expected[:, layer])


@pytest.mark.parametrize("model_type", ARCHITECTURES)
def test_the_defaults_of_settings_are_those_of_transformers(model_type):
    """A folder may leave out any setting; then transformers' own value counts."""
    architecture = family.ARCHITECTURES[model_type]
    config = tf.CONFIG_MAPPING[model_type]()
    own_names = {bert: name for name, bert in architecture.renamed.items()}
    derived = {
        *("global_attn_every_n_layers", "layer_types", "rope_parameters"),
        *("global_rope_theta", "local_rope_theta"),
    }
    for name, value in architecture.settings.items():
        if name not in derived:
            assert getattr(config, own_names.get(name, name)) == value, name


def test_modernbert_without_layer_types_has_those_of_transformers(tmp_path):
    write_model(tmp_path, "modernbert", {"num_hidden_layers": 7})
    change_settings(tmp_path, layer_types=None, rope_parameters=None)
    config = tf.AutoConfig.from_pretrained(tmp_path)
    settings = read_model(tmp_path).settings
    assert settings.layer_types == config.layer_types
    for layer_type, rotation in config.rope_parameters.items():
        assert settings.find_rotation_base(layer_type) == rotation["rope_theta"]


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activations_are_those_of_transformers(name):
    numbers = torch.linspace(-8, 8, 1001)
    expected = tf.activations.ACT2FN[name](numbers.clone())
    assert_equal(ACTIVATIONS[name].compute(numbers.clone()).numpy(), expected.numpy())


# What files of the same model look like.


@pytest.mark.parametrize("model_type", ARCHITECTURES)
def test_a_file_of_a_masked_language_model_is_read(model_type, tmp_path):
    """Its encoder's weights have a prefix, and its head's are left alone."""
    plain = write_model(tmp_path, model_type, {}, "AutoModelForMaskedLM")
    sequences = make_sequences(2)
    encoder = read_model(tmp_path).encoder
    result = encode_layers(encoder, sequences, all_layers(encoder))
    assert_equal(result, run_plain(plain.base_model, sequences))


@pytest.mark.parametrize("model_type", ["bert", "albert"])
def test_a_file_of_pretraining_is_read(model_type, tmp_path):
    plain = write_model(tmp_path, model_type, {}, "AutoModelForPreTraining")
    sequences = make_sequences(2)
    encoder = read_model(tmp_path).encoder
    result = encode_layers(encoder, sequences, all_layers(encoder))
    assert_equal(result, run_plain(plain.base_model, sequences))


def test_shards_a_pickle_and_old_names_give_the_same(tmp_path):
    plain = write_model(tmp_path / "whole", "bert", {})
    sequences = make_sequences(3)
    expected = run_plain(plain, sequences)
    plain.save_pretrained(tmp_path / "shards", max_shard_size="20KB")
    assert len(list((tmp_path / "shards").glob("*.safetensors"))) > 2
    tensors = load_file(tmp_path / "whole" / "model.safetensors")
    old = {
        f"bert.{name}".replace("Norm.weight", "Norm.gamma").replace("Norm.bias", "Norm.beta"): part
        for name, part in tensors.items()
    }
    old["bert.embeddings.position_ids"] = torch.arange(66)[None]
    for name, content in (("pickle", tensors), ("old", old)):
        (tmp_path / name).mkdir()
        torch.save(content, tmp_path / name / "pytorch_model.bin")
        plain.config.save_pretrained(tmp_path / name)
    for name in ("shards", "pickle", "old"):
        encoder = read_model(tmp_path / name).encoder
        assert_equal(encode_layers(encoder, sequences, all_layers(encoder)), expected)


def test_weights_stored_in_half_precision_are_read_in_float32(tmp_path):
    plain = write_model(tmp_path, "bert", {}).half()
    plain.save_pretrained(tmp_path)
    sequences = make_sequences(3)
    encoder = read_model(tmp_path).encoder
    result = encode_layers(encoder, sequences, all_layers(encoder))
    assert_equal(result, run_plain(plain.float(), sequences))


def test_an_encoder_does_not_hang_on_its_file(tmp_path):
    write_model(tmp_path, "bert", {})
    sequences = make_sequences(3)
    encoder = read_model(tmp_path).encoder
    expected = encode_layers(encoder, sequences, all_layers(encoder))
    path = tmp_path / "model.safetensors"
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
    result = encode_layers(encoder, sequences, all_layers(encoder))
    np.testing.assert_array_equal(result, expected)


# Poolers and heads.


@pytest.mark.parametrize("model_type", ["bert", "roberta", "albert", "mpnet"])
def test_the_pooler_equals_transformers(model_type, tmp_path):
    plain = write_model(tmp_path, model_type, {})
    ids = torch.tensor([[20, 21, 22, 23]])
    with torch.inference_mode():
        output = plain(input_ids=ids)
    pooler = read_model(tmp_path).pooler
    assert_equal(pooler(output.last_hidden_state[:, 0].numpy()), output.pooler_output.numpy())


def test_a_file_without_a_pooler_has_none(tmp_path):
    plain = make_model(make_config("bert", {}))
    plain.pooler = None
    plain.save_pretrained(tmp_path)
    assert read_model(tmp_path).pooler is None


LABELS = {"id2label": {0: "no", 1: "yes", 2: "maybe"}, "label2id": {"no": 0, "yes": 1, "maybe": 2}}


@pytest.mark.parametrize("model_type", [name for name in ARCHITECTURES if name != "modernbert"])
@pytest.mark.parametrize(
    ("task", "model_class"),
    [
        ("token_classification", "AutoModelForTokenClassification"),
        ("text_classification", "AutoModelForSequenceClassification"),
    ],
)
def test_probabilities_of_labels_equal_transformers(model_type, task, model_class, tmp_path):
    plain = write_model(tmp_path, model_type, LABELS, model_class)
    model = read_model(tmp_path, task=task)
    sequences = make_sequences(4)
    result = encode_layers(model.encoder, sequences, (model.encoder.layers,))[:, 0]
    assert model.settings.labels.list_names() == ("no", "yes", "maybe")
    expected = []
    with torch.inference_mode():
        for begin, end in zip(sequences.starts[:-1], sequences.starts[1:], strict=True):
            ids = torch.from_numpy(sequences.ids[begin:end])[None]
            expected.append(plain(input_ids=ids).logits.softmax(-1).reshape(-1, 3).numpy())
    if task == "text_classification":
        result = result[sequences.starts[:-1]]
    assert_equal(result, np.concatenate(expected))


def test_the_head_of_modernbert_is_left_to_transformers(tmp_path):
    write_model(tmp_path, "modernbert", LABELS, "AutoModelForTokenClassification")
    assert read_model(tmp_path, task="token_classification") is None


def test_what_a_head_without_weights_would_say_is_never_made_up(tmp_path):
    write_model(tmp_path, "bert", LABELS)
    assert read_model(tmp_path, task="token_classification") is None


# What is not understood is left to transformers, never passed over.


def change_settings(folder, **changed):
    path = folder / "config.json"
    settings = {**json.loads(path.read_text()), **changed}
    path.write_text(json.dumps({name: value for name, value in settings.items() if value != ...}))


@pytest.mark.parametrize(
    "changed",
    [
        {"position_embedding_type": "relative_key"},
        {"is_decoder": True},
        {"add_cross_attention": True},
        {"pruned_heads": {"1": [0]}},
        {"a_setting_of_tomorrow": 1},
        {"hidden_act": "gelu_10"},
        {"hidden_act": 3},
        {"layer_norm_eps": "1e-5"},
        {"layer_norm_eps": {"__float__": "NaN"}},
        {"hidden_size": 32.0},
        {"num_attention_heads": 5},
        {"num_hidden_layers": 0},
        {"num_hidden_layers": 2},
        {"num_hidden_layers": 4},
        {"vocab_size": 299},
        {"max_position_embeddings": 65},
        {"type_vocab_size": 3},
        {"intermediate_size": 32},
        {"pad_token_id": 300},
        {"pad_token_id": True},
        {"quantization_config": {"bits": 4}},
    ],
    ids=describe_case,
)
def test_a_setting_that_is_not_understood_goes_to_transformers(changed, tmp_path, caplog):
    write_model(tmp_path, "bert", {})
    assert read_model(tmp_path) is not None
    change_settings(tmp_path, **changed)
    caplog.set_level("INFO", logger="nlu_lite")
    assert read_model(tmp_path) is None
    assert "is read by transformers, which is slower" in caplog.text


@pytest.mark.parametrize(
    ("model_type", "changed"),
    [
        ("roberta", {"pad_token_id": None}),
        ("albert", {"inner_group_num": 2}),
        ("albert", {"num_hidden_groups": 9}),
        ("albert", {"embedding_size": 64}),
        ("mpnet", {"relative_attention_num_buckets": 64}),
        ("distilbert", {"hidden_size": 32}),
        ("distilbert", {"layer_norm_eps": 1e-5}),
        ("modernbert", {"rope_scaling": {"rope_type": "linear", "factor": 2.0}}),
        ("modernbert", {"rope_parameters": {"full_attention": {"rope_type": "yarn"}}}),
        ("modernbert", {"layer_types": ["full_attention"]}),
        ("modernbert", {"norm_bias": True}),
    ],
    ids=describe_case,
)
def test_settings_of_single_architectures_go_to_transformers_too(model_type, changed, tmp_path):
    write_model(tmp_path, model_type, {})
    change_settings(tmp_path, **changed)
    assert read_model(tmp_path) is None


def test_other_architectures_go_there_without_a_word(tmp_path, caplog):
    write_model(tmp_path, "bert", {})
    change_settings(tmp_path, model_type="ernie")
    caplog.set_level("INFO", logger="nlu_lite")
    assert read_model(tmp_path) is None
    assert not caplog.records


def test_what_the_entry_says_counts(tmp_path):
    write_model(tmp_path, "bert", {})
    assert read_family_settings(tmp_path, make_entry(dimension=32, layers=3), None) is not None
    assert read_family_settings(tmp_path, make_entry(dimension=64), None) is None
    assert read_family_settings(tmp_path, make_entry(layers=2), None) is None
    assert read_family_settings(tmp_path, make_entry(architecture="gpt2"), None) is None


KEY = "encoder.layer.1.attention.self.key.weight"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda parts: parts.pop(KEY), id="one is missing"),
        pytest.param(lambda parts: parts.update(more=torch.ones(2)), id="one is left over"),
        pytest.param(
            lambda parts: parts.update({"encoder.layer.3.output.dense.bias": torch.ones(32)}),
            id="one of a layer more",
        ),
        pytest.param(lambda parts: parts.update({KEY: parts[KEY][:16].clone()}), id="other shape"),
        pytest.param(lambda parts: parts.update({KEY: parts[KEY].int()}), id="no fractions"),
        pytest.param(
            lambda parts: parts.update(
                {"embeddings.LayerNorm.gamma": parts["embeddings.LayerNorm.weight"].clone()}
            ),
            id="one by two names",
        ),
        pytest.param(
            lambda parts: parts.update({f"bert.{KEY}": parts[KEY].clone()}), id="with a prefix too"
        ),
        pytest.param(lambda parts: parts.pop("pooler.dense.bias"), id="half a pooler"),
    ],
)
def test_weights_that_are_not_just_the_models_go_to_transformers(change, tmp_path):
    write_model(tmp_path, "bert", {})
    path = tmp_path / "model.safetensors"
    parts = load_file(path)
    change(parts)
    save_file(parts, path, {"format": "pt"})
    assert read_model(tmp_path) is None


def test_a_damaged_file_is_refused_as_transformers_is_asked_too(tmp_path, family_folder):
    write_model(tmp_path, "bert", {"vocab_size": 900})
    (tmp_path / "tokenizer.json").write_bytes(
        (family_folder("bert") / "tokenizer.json").read_bytes()
    )
    path = tmp_path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    assert read_model(tmp_path) is None
    with pytest.raises(nlu.NluLiteError, match=r"The weights in .* cannot be read"):
        nlu.load(path=tmp_path)


def test_variants_cover_every_setting_of_every_architecture():
    """A setting whose changes nobody tries could be passed over."""
    for model_type, variants in VARIANTS.items():
        architecture = family.ARCHITECTURES[model_type]
        tried = {architecture.renamed.get(name, name) for changed in variants for name in changed}
        untried = architecture.settings.keys() - tried - set(_TRIED_OTHERWISE)
        if model_type == "distilbert":
            untried -= {"intermediate_size", "hidden_size"}
        assert untried <= {"pad_token_id", "intermediate_size", "num_hidden_layers"}, model_type


# By ``SIZE``, which differs from every default, and by the tests of single settings.
_TRIED_OTHERWISE = (
    *("vocab_size", "hidden_size", "max_position_embeddings", "inner_group_num"),
    "relative_attention_num_buckets",
    *("global_attn_every_n_layers", "global_rope_theta", "local_rope_theta"),
)


# transformers is not asked where it is not needed.

IMPORTED_NOTHING = "assert not {'transformers', 'sentence_transformers'} & set(sys.modules)"


def run_alone(code):
    subprocess.run([sys.executable, "-c", f"import sys\n{code}\n{IMPORTED_NOTHING}"], check=True)


def test_the_first_frame_needs_no_transformers():
    run_alone(
        "import nlu_lite as nlu\n"
        "frame = nlu.load('en.embed.minilm_l6').predict(['I love NLP'])\n"
        "assert len(frame) == 3"
    )


@pytest.mark.parametrize("task", ["token_classification", "text_classification"])
def test_the_first_labels_need_no_transformers(task, tmp_path):
    folder = make_classifier(tmp_path, "bert", task, labels=["no", "yes"])
    run_alone(
        "import nlu_lite as nlu\n"
        f"nlu.load(path={str(folder)!r}, task={task!r}).predict(['I love NLP'])"
    )
