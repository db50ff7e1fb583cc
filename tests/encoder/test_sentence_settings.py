"""Every setting of a sentence-transformers folder means what it means there."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

import nlu_lite as nlu
from nlu_lite.errors import ModelError, OptionError
from tests.helpers.equal import assert_equal, distances
from tests.helpers.module_folders import (
    TEXTS,
    WIDTH,
    assert_reads,
    change,
    library_vectors,
    move_transformer,
)
from tests.helpers.pipelines import pipeline_of

BERT = "sentence_bert_config.json"
PROMPTS = {"query": "find this: ", "other": "love "}


def encode(folder, **options):
    nlu.clear_cache()
    return nlu.load(path=folder, **options).encode(TEXTS)


# Prompts


def test_the_folders_default_prompt_counts(save, mean):
    folder = save(mean, prompts=PROMPTS, default_prompt_name="query")
    assert_reads(folder)
    assert_equal(encode(folder), library_vectors(folder, prompt="find this: "))


def test_an_empty_prompt_turns_the_default_off(save, mean):
    folder = save(mean, prompts=PROMPTS, default_prompt_name="query")
    assert_equal(encode(folder, prompt=""), library_vectors(folder, prompt=""))


def test_another_prompt_takes_the_place_of_the_default(save, mean):
    folder = save(mean, prompts=PROMPTS, default_prompt_name="query")
    assert_equal(encode(folder, prompt="other"), library_vectors(folder, prompt_name="other"))


def test_a_reference_follows_its_entry_and_not_the_folders_default(save, mean):
    folder = save(mean, prompts=PROMPTS, default_prompt_name="query")
    pipe = pipeline_of(("tiny", folder, "embed_sentence"))
    assert_equal(pipe.encode(TEXTS), library_vectors(folder, prompt=""))


def test_a_name_beside_a_path_is_no_reference(save, mean):
    folder = save(mean, prompts=PROMPTS, default_prompt_name="query")
    pipe = nlu.load("mine", path=folder, task=None)
    assert_equal(pipe.encode(TEXTS), library_vectors(folder))


def test_the_default_prompt_of_words_is_none(save, mean, family_folder):
    folder = save(mean, prompts=PROMPTS, default_prompt_name="query")
    words = nlu.load(path=folder, task="embed", column="v").predict("one")
    plain = nlu.load(path=family_folder("bert"), column="v").predict("one")
    assert_equal(nlu.vectors(words), nlu.vectors(plain))


def test_a_default_prompt_that_is_none_of_the_prompts_is_refused(save, mean):
    folder = save(mean)
    change(folder / "config_sentence_transformers.json", default_prompt_name="missing")
    with pytest.raises(ModelError, match="default_prompt_name 'missing'"):
        nlu.load(path=folder)


def test_a_prompt_that_fills_the_window_and_is_not_pooled_is_refused(save, modules):
    pooling = modules.Pooling(WIDTH, "mean", include_prompt=False)
    folder = save(pooling, prompts={"query": "one two three four five six seven"})
    with pytest.raises(OptionError, match="nothing is left for text"):
        nlu.load(path=folder, prompt="query", max_length=6)


# Widths


@pytest.mark.parametrize("dimensions", [5, 1000])
def test_the_width_that_a_folder_asks_for(save, modules, mean, dimensions):
    folder = save(mean, modules.Normalize(), truncate_dim=dimensions)
    assert_reads(folder)
    assert encode(folder).shape[1] == min(dimensions, WIDTH)


def test_a_width_that_is_asked_for_is_cut_before_length_one(save, modules, mean):
    folder = save(mean, modules.Normalize(), truncate_dim=5)
    expected = library_vectors(folder, truncate_dim=8, normalize_embeddings=True)
    assert_equal(encode(folder, dimensions=8), expected)


def test_length_one_can_be_asked_for_behind_the_folders_width(save, modules, mean):
    folder = save(mean, modules.Normalize(), truncate_dim=5)
    assert_equal(encode(folder, normalize=True), library_vectors(folder, normalize_embeddings=True))


def test_length_one_can_be_turned_off_at_the_end_only(save, modules, mean):
    dense = modules.Dense(WIDTH, 8)
    folder = save(mean, modules.Normalize(), dense, modules.Normalize())
    found = encode(folder, normalize=False)
    assert_equal(found / np.linalg.norm(found, axis=1)[:, None], library_vectors(folder))
    assert not np.allclose(np.linalg.norm(found, axis=1), 1)


def test_an_entrys_pooling_and_length_win_over_the_folders(save, modules, mean):
    folder = save(modules.Pooling(WIDTH, "max"), modules.Normalize())
    facts = {"pooling": "mean", "normalize": False}
    found = pipeline_of(("tiny", folder, "embed_sentence"), facts=facts).encode(TEXTS)
    assert_equal(found, library_vectors(save(mean)))


# The Transformer's settings


@pytest.mark.parametrize("name", ["bert", "roberta", "distilbert", "xlm-roberta", "xlnet"])
def test_the_settings_of_old_folders_have_other_names(save, mean, name):
    folder = save(mean)
    (folder / BERT).unlink()
    change(folder / f"sentence_{name}_config.json", max_seq_length=10, do_lower_case=False)
    assert_reads(folder, long="cut")


@pytest.mark.parametrize("layout", ["root", "0_Transformer"])
def test_texts_are_lower_cased_where_the_folder_says_so(modules, family_folder, save, layout):
    first = modules.Transformer(str(family_folder("roberta")), max_seq_length=62)
    folder = save(modules.Pooling(WIDTH, "mean"), first=first)
    plain = library_vectors(folder)
    (folder / BERT).unlink()
    change(folder / BERT, max_seq_length=62, do_lower_case=True)
    if layout == "0_Transformer":
        move_transformer(folder)
    assert_reads(folder)
    assert distances(library_vectors(folder), plain).max() > 0.01
    texts = ["I love NLP"]
    words = nlu.load(path=folder, task="embed", column="v").predict(texts)
    lower = nlu.load(path=family_folder("roberta"), column="v").predict([texts[0].lower()])
    assert words["token"].tolist() == ["I", "love", "NLP"]
    assert_equal(nlu.vectors(words), nlu.vectors(lower))


def test_texts_are_lower_cased_before_the_librarys_modules(modules, family_folder, save):
    first = modules.Transformer(str(family_folder("roberta")), max_seq_length=62)
    cnn = modules.CNN(WIDTH, out_channels=4, kernel_sizes=[3])
    folder = save(cnn, modules.Pooling(4, "mean"), first=first)
    plain = library_vectors(folder)
    (folder / BERT).unlink()
    change(folder / BERT, max_seq_length=62, do_lower_case=True)
    assert_reads(folder)
    assert distances(library_vectors(folder), plain).max() > 0.01


def test_the_length_of_a_call_wins(save, mean):
    folder = save(mean)
    change(folder / BERT, processing_kwargs={"text": {"max_length": 9}})
    assert_reads(folder, long="cut")


def test_lengths_of_the_tokenizer_are_handed_on(save, mean):
    folder = save(mean)
    (folder / BERT).unlink()
    change(folder / BERT, max_seq_length=30, tokenizer_args={"model_max_length": 11})
    assert_reads(folder, long="cut")


@pytest.mark.parametrize(
    "facts",
    [
        {"query_length": 4, "document_length": 5, "unpad_inputs": False},
        {"model_args": {"attn_implementation": "eager", "trust_remote_code": True}},
        {"config_args": {"use_cache": True}},
    ],
)
def test_settings_without_effect_refuse_nothing(save, mean, facts):
    folder = save(mean)
    change(folder / BERT, **facts)
    assert_reads(folder)


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        ({"new_setting": 3}, "says new_setting, which is not understood"),
        ({"transformer_task": "fill-mask"}, "transformer_task 'fill-mask'"),
        ({"module_output_name": "scores"}, "module_output_name 'scores'"),
        ({"tokenizer_name_or_path": "other"}, "takes its tokenizer from elsewhere"),
        ({"config_args": {"hidden_act": "relu"}}, "says hidden_act in config_args"),
        ({"model_kwargs": {"add_pooling_layer": False}}, "add_pooling_layer in model_kwargs"),
        ({"processing_kwargs": {"text": {"add_special_tokens": False}}}, "add_special_tokens in"),
        (
            {
                "modality_config": {
                    "text": {"method": "forward", "method_output_name": "last_hidden_state"},
                    "message": {"method": "forward", "method_output_name": "last_hidden_state"},
                }
            },
            "every text becomes a message",
        ),
    ],
)
def test_settings_that_are_not_understood_are_named(save, mean, facts, part):
    folder = save(mean)
    change(folder / BERT, **facts)
    with pytest.raises(ModelError, match=part):
        nlu.load(path=folder)


def test_a_folder_that_keeps_the_end_of_texts_is_not_cut_at_the_end(save, mean):
    folder = save(mean)
    change(folder / "tokenizer_config.json", truncation_side="left")
    with pytest.raises(OptionError, match="its end is kept"):
        nlu.load(path=folder, long="cut")
    assert_equal(encode(folder), library_vectors(folder))


@pytest.mark.parametrize("kind", ["SparseEncoder", "CrossEncoder", "MultiVectorEncoder"])
def test_a_model_of_another_kind_is_named(save, mean, kind):
    folder = save(mean)
    change(folder / "config_sentence_transformers.json", model_type=kind)
    with pytest.raises(ModelError, match=f"model_type '{kind}'"):
        nlu.load(path=folder)


def test_what_the_library_passes_over_refuses_nothing(save, modules, mean):
    folder = save(mean, modules.Dense(WIDTH, 8), modules.Normalize())
    change(folder / "config_sentence_transformers.json", similarity_fn_name="dot", unheard_of=1)
    change(folder / "2_Dense" / "config.json", unheard_of=1)
    change(folder / "3_Normalize" / "config.json", unheard_of=1)
    listed = json.loads((folder / "modules.json").read_text())
    listed[2]["kwargs"] = ["task"]
    (folder / "modules.json").write_text(json.dumps(listed))
    assert_reads(folder)


@pytest.mark.parametrize("place", ["1_Pooling", "2_LayerNorm", "3_Dropout"])
def test_what_the_library_fails_on_is_named(save, modules, mean, place):
    folder = save(mean, modules.LayerNorm(WIDTH), modules.Dropout())
    change(folder / place / "config.json", unheard_of=1)
    with pytest.raises(ModelError, match=f"{place}.*unheard_of"):
        nlu.load(path=folder)


def test_a_model_of_next_words_without_modules_is_pooled_at_its_last_piece(family_folder, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(family_folder("roberta"), folder)
    change(folder / "config.json", architectures=["RobertaForCausalLM"])
    assert_equal(encode(folder, task="embed_sentence"), library_vectors(folder))
