"""Translations: those of transformers' own ``generate``, at every level and through every door.

The tiny models have seeded random weights, so their texts mean nothing; what is compared is whether
they are the same to the letter.
"""

from __future__ import annotations

import importlib.util
import json
import pickle
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import MarianMTModel, MarianTokenizer

import nlu_lite as nlu
import nlu_lite.compat as compat
from nlu_lite import cli
from nlu_lite.errors import (
    MissingExtraError,
    ModelError,
    NotFiniteError,
    OptionError,
    WeightsNotFoundError,
)
from tests.helpers import translators
from tests.helpers.hub.models import files_of
from tests.helpers.translators import SENTENCES

PAIR = "The bank closed. The river had flooded its vault."
LONG = " ".join(["the river had flooded the old town"] * 12)


@pytest.fixture(autouse=True)
def quiet():
    transformers.logging.disable_progress_bar()
    yield
    transformers.logging.enable_progress_bar()


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """From what ``translators.make`` takes to a folder, made once."""
    folders = {}

    def folder(**options):
        key = json.dumps(options, sort_keys=True)
        if key not in folders:
            path = tmp_path_factory.mktemp("translator") / "model"
            folders[key] = translators.make(path, **options)
        return folders[key]

    return folder


@pytest.fixture(scope="module")
def pipe(make):
    return nlu.load(path=make(), task="translation")


@torch.inference_mode()
def official(folder, texts, code=""):
    """What transformers itself makes of each text alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about sacremoses
        tokenizer = MarianTokenizer.from_pretrained(folder)
    model = MarianMTModel.from_pretrained(folder).eval()
    outputs = [model.generate(**tokenizer(code + text, return_tensors="pt")) for text in texts]
    return [tokenizer.batch_decode(output, skip_special_tokens=True)[0] for output in outputs]


def translated(pipe, texts, *levels, **options):
    return pipe.predict(texts, *levels, **options)["translation"].tolist()


# Equal to transformers


@pytest.mark.parametrize("beams", [1, 4])
@pytest.mark.parametrize("settings_in_config", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_translations_are_those_of_transformers(make, beams, settings_in_config, seed):
    folder = make(beams=beams, settings_in_config=settings_in_config, seed=seed)
    expected = official(folder, SENTENCES)
    assert len(set(expected)) > 2
    assert translated(nlu.load(path=folder, task="translation"), SENTENCES) == expected


def test_a_text_alone_is_translated_as_in_a_batch(pipe):
    alone = [translated(pipe, [text])[0] for text in SENTENCES]
    assert translated(pipe, SENTENCES) == alone


def test_small_batches_translate_as_large_ones(make):
    pipe = nlu.load(path=make(seed=1), task="translation")
    expected = translated(pipe, SENTENCES)
    pipe.components[0].plan.loaded.encoder._budget = 20
    assert translated(pipe, SENTENCES) == expected


def test_nothing_is_left_to_chance(make, tmp_path):
    folder = tmp_path / "sampling"
    shutil.copytree(make(), folder)
    path = folder / "generation_config.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps(settings | {"do_sample": True, "temperature": 3.0}))
    pipe = nlu.load(path=folder, task="translation")
    assert translated(pipe, SENTENCES) == official(make(), SENTENCES)


def test_equal_texts_are_translated_once(pipe, monkeypatch):
    translator = pipe.components[0].plan.loaded.encoder
    counts = []
    translate = type(translator).translate

    def count(self, sequences):
        counts.append(len(sequences.lengths))
        return translate(self, sequences)

    monkeypatch.setattr(type(translator), "translate", count)
    texts = translated(pipe, ["Short.", "I love NLP.", "Short.", "Short."])
    assert counts == [2]
    assert texts[0] == texts[2] == texts[3]


def test_progress_counts_the_sentences(pipe, monkeypatch):
    done = []
    from nlu_lite.encoder import translate_texts

    translate_texts(pipe.components[0].plan, ["a", "b", "a"], progress=done.append)
    assert sum(done) == 3


# Levels and rows


def test_the_default_level_is_the_sentence(pipe):
    frame = pipe.predict(PAIR)
    assert list(frame.columns) == ["sentence", "translation"]
    assert len(frame) == 2


def test_a_document_is_its_sentences_joined(pipe):
    first, second = translated(pipe, PAIR)
    assert translated(pipe, PAIR, "document") == [f"{first} {second}"]


def test_a_document_keeps_the_lines_between_its_sentences(pipe):
    text = PAIR.replace(". ", ".\n\n")
    first, second = translated(pipe, text)
    assert translated(pipe, text, "document") == [f"{first}\n\n{second}"]


def test_sentences_without_white_space_between_are_joined_by_a_blank(make):
    pipe = nlu.load(path=make(), task="translation", language="zh")
    first, second = translated(pipe, "北京。東京。")
    assert translated(pipe, "北京。東京。", "document") == [f"{first} {second}"]


def test_empty_and_missing_texts_have_no_translation(pipe):
    for level in ("sentence", "document"):
        frame = pipe.predict(["Short.", "", None, "  "], level)
        assert frame["translation"].isna().tolist() == [False, True, True, True]


def test_a_word_has_the_translation_of_its_sentence(pipe):
    frame = pipe.predict(PAIR, "token")
    first, second = translated(pipe, PAIR)
    assert frame["translation"].tolist() == [first] * 4 + [second] * 7


def test_a_chunk_is_translated_by_itself(pipe):
    frame = pipe.predict(PAIR, "chunk", chunks=["The river", "The bank"])
    assert frame["translation"].tolist() == official(
        pipe.components[0].folder, ["The bank", "The river"]
    )


def test_translations_stand_beside_vectors(make, minilm):
    registry_name = nlu.load("en.embed_sentence.minilm_l6")
    flow = nlu.load(path=make(), task="translation")
    both = type(flow)([*flow.components, *registry_name.components], flow.options)
    frame = both.predict(SENTENCES)
    assert frame["translation"].tolist() == translated(flow, SENTENCES)
    assert nlu.vectors(frame).shape == (len(SENTENCES), 384)


# Long texts


def test_a_sentence_longer_than_the_model_is_translated_in_parts_and_metadata_says_so(make):
    pipe = nlu.load(path=make(), task="translation", sentences=None)
    frame = pipe.predict([LONG, "Short."], metadata=True)
    tokenizer = pipe.components[0].tokenizer
    ids = tokenizer(LONG, add_special_tokens=False)["input_ids"]
    room = translators.POSITIONS - 1
    parts = -(-len(ids) // room)
    assert frame["piece_count"].tolist() == [len(ids), 5]
    assert frame["window_count"].tolist() == [parts, 1]
    expected = [
        output_of(make(), [*part.tolist(), tokenizer.eos_token_id])
        for part in np.array_split(np.array(ids), parts)
    ]
    assert frame["translation"][0] == " ".join(expected)


@torch.inference_mode()
def output_of(folder, ids):
    model = MarianMTModel.from_pretrained(folder).eval()
    output = model.generate(
        input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tokenizer = MarianTokenizer.from_pretrained(folder)
    return tokenizer.batch_decode(output, skip_special_tokens=True)[0]


def test_a_long_document_is_cut_at_its_sentences_first(pipe):
    text = " ".join(SENTENCES[:4])
    frame = pipe.predict(text, "document", metadata=True)
    assert frame["window_count"].tolist() == [4]
    assert frame["translation"].tolist() == [
        " ".join(official(pipe.components[0].folder, SENTENCES[:4]))
    ]


def test_cut_reads_the_beginning_only(make):
    pipe = nlu.load(path=make(), task="translation", sentences=None, long="cut")
    ids = pipe.components[0].tokenizer(LONG, add_special_tokens=False)["input_ids"]
    room = translators.POSITIONS - 1
    assert translated(pipe, LONG) == [output_of(make(), [*ids[:room], 0])]


def test_max_length_makes_the_parts_shorter(make):
    pipe = nlu.load(path=make(), task="translation", max_length=11)
    frame = pipe.predict(SENTENCES[1], metadata=True)
    assert frame["window_count"].tolist() == [-(-frame["piece_count"][0] // 10)]


# Codes of the language to write


def test_a_model_of_several_languages_is_refused_without_a_code_and_names_them(make):
    with pytest.raises(OptionError, match=r"prompt= one of fra, deu, ita, such as prompt='fra'"):
        nlu.load(path=make(codes=("fra", "deu", "ita")), task="translation")


@pytest.mark.parametrize("prompt", ["deu", ">>deu<<", " deu "])
def test_prompt_chooses_the_language_to_write(make, prompt):
    folder = make(codes=("fra", "deu", "ita"))
    pipe = nlu.load(path=folder, task="translation", prompt=prompt)
    assert translated(pipe, SENTENCES) == official(folder, SENTENCES, ">>deu<< ")
    assert pipe.predict(SENTENCES[0], metadata=True)["piece_count"].tolist() == [10]


def test_the_codes_make_different_translations(make):
    folder = make(codes=("fra", "deu", "ita"))
    one, other = (nlu.load(path=folder, task="translation", prompt=code) for code in ("fra", "deu"))
    assert translated(one, SENTENCES) != translated(other, SENTENCES)


def test_every_part_of_a_long_text_has_the_code_in_front(make):
    folder = make(codes=("fra", "deu", "ita"))
    pipe = nlu.load(path=folder, task="translation", prompt="deu", max_length=9)
    frame = pipe.predict(SENTENCES[1], metadata=True)
    code, *ids = pipe.components[0].tokenizer(f">>deu<< {SENTENCES[1]}")["input_ids"][:-1]
    parts = np.array_split(np.array(ids), -(-len(ids) // 7))  # beside the code and the end
    assert frame["window_count"].tolist() == [len(parts)]
    expected = [output_of(folder, [code, *part.tolist(), 0]) for part in parts]
    assert frame["translation"].tolist() == [" ".join(expected).strip()]


def test_with_an_empty_prompt_texts_bring_their_own_codes(make):
    folder = make(codes=("fra", "deu", "ita"))
    pipe = nlu.load(path=folder, task="translation", prompt="")
    assert translated(pipe, ">>deu<< Short.") == official(folder, [">>deu<< Short."])


def test_a_code_that_the_model_does_not_know_is_refused_with_those_it_knows(make):
    with pytest.raises(OptionError, match=r"prompt is 'xyz'.* knows fra, deu"):
        nlu.load(path=make(codes=("fra", "deu", "ita")), task="translation", prompt="xyz")


def test_a_code_for_a_model_of_one_language_is_refused(make):
    with pytest.raises(OptionError, match="knows none: leave prompt= out"):
        nlu.load(path=make(), task="translation", prompt="fra")


# Doors


def test_a_stream_has_the_frames_of_predict(pipe):
    frames = list(pipe.stream(SENTENCES, rows=2))
    assert len(frames) == 3
    assert pd.concat(frames)["translation"].tolist() == translated(pipe, SENTENCES)


def test_parquet_holds_the_same(pipe, tmp_path):
    pipe.to_parquet(SENTENCES, tmp_path / "out")
    frame = pd.read_parquet(next((tmp_path / "out").glob("*.parquet")))
    assert frame["translation"].tolist() == translated(pipe, SENTENCES)


def test_the_command_line_writes_the_same(pipe, make, capsys):
    words = ["predict", "en.translate_to.fr", *SENTENCES[:2], "--path", str(make())]
    assert cli.main([*words, "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["translation"] for row in rows] == translated(pipe, SENTENCES[:2])


def test_the_command_line_takes_a_code(make, capsys):
    folder = make(codes=("fra", "deu", "ita"))
    words = ["predict", "some.name", SENTENCES[0], "--path", str(folder), "--task", "translation"]
    assert cli.main([*words, "--prompt", "deu", "--format", "jsonl"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert [row["translation"]] == official(folder, SENTENCES[:1], ">>deu<< ")


def test_an_estimate_is_made(pipe):
    assert pipe.estimate(SENTENCES) is not None


def test_a_saved_pipeline_translates_the_same(make, tmp_path):
    folder = make(codes=("fra", "deu", "ita"))
    pipe = nlu.load(path=folder, task="translation", prompt="deu")
    pipe.save(tmp_path / "saved")
    again = nlu.load(path=tmp_path / "saved")
    assert translated(again, SENTENCES) == translated(pipe, SENTENCES)


def test_a_pickled_pipeline_translates_the_same(pipe):
    again = pickle.loads(pickle.dumps(pipe))
    assert translated(again, SENTENCES) == translated(pipe, SENTENCES)


def test_compat_calls_the_column_as_nlu_does(make, tmp_path):
    served = compat.load("en.translate_to.fr", path=make())
    frame = served.predict(SENTENCES[:2], output_level="document")
    assert served.columns == ["translated"]
    assert frame["translated"].tolist() == official(make(), SENTENCES[:2])
    assert served.keys() == ["marian@translate_en_fr"]


@pytest.mark.parametrize("call", ["encode", "similarity"])
def test_what_works_with_vectors_refuses_texts(pipe, call):
    with pytest.raises(OptionError, match=r"\['translation'\] are texts, which predict gives"):
        getattr(pipe, call)(SENTENCES)


@pytest.mark.parametrize("option", [{"layers": 1}, {"normalize": True}, {"dimensions": 3}])
def test_options_of_vectors_are_refused(make, option):
    with pytest.raises(OptionError, match="say how vectors are made"):
        nlu.load(path=make(), task="translation", **option)


def test_options_of_labels_are_refused(make):
    with pytest.raises(OptionError, match="are for references that give labels"):
        nlu.load(path=make(), task="translation", labels={"a": "b"})


def test_words_of_the_model_are_refused(make):
    pipe = nlu.load(path=make(), task="translation", words="model")
    with pytest.raises(OptionError, match="words='model' needs a tokenizer that tells"):
        pipe.predict(SENTENCES)


# Files


def test_a_reference_is_fetched_from_the_hub_with_all_its_files(hub, make):
    folder = make(beams=4)
    hub.add("Helsinki-NLP/opus-mt-en-fr", files_of(folder))
    pipe = nlu.load("en.translate_to.fr")
    assert translated(pipe, SENTENCES) == official(folder, SENTENCES)
    assert repr(pipe).startswith("Pipeline('en.translate_to.fr' -> opus-mt-en-fr;")


def test_without_sentencepiece_the_extra_is_named(make, tmp_path, monkeypatch):
    folder = tmp_path / "model"
    shutil.copytree(make(), folder)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "sentencepiece" else find_spec(name, *rest),
    )
    with pytest.raises(MissingExtraError, match=r"pip install 'nlu-lite\[sentencepiece\]'"):
        nlu.load(path=folder, task="translation")


@pytest.mark.parametrize("name", ["source.spm", "target.spm", "vocab.json"])
def test_a_missing_file_is_named(make, tmp_path, name):
    folder = tmp_path / "model"
    shutil.copytree(make(), folder)
    (folder / name).unlink()
    with pytest.raises((ModelError, WeightsNotFoundError), match=r"tokenizer|has no"):
        nlu.load(path=folder, task="translation")


def test_a_damaged_vocabulary_is_an_error_of_ours(make, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(make(), folder)
    (folder / "source.spm").write_bytes(b"no model")
    with pytest.raises(ModelError, match="The tokenizer files in"):
        nlu.load(path=folder, task="translation")


def test_the_vocabulary_of_another_model_is_refused(make, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(make(), folder)
    path = folder / "vocab.json"
    entries = json.loads(path.read_text())
    path.write_text(json.dumps(entries | {"more": len(entries) + 5}))
    with pytest.raises(ModelError, match="not of one model"):
        nlu.load(path=folder, task="translation")


def test_settings_that_name_files_outside_of_the_folder_are_passed_over(make, tmp_path):
    folder, other = tmp_path / "model", tmp_path / "other"
    shutil.copytree(make(), folder)
    other.mkdir()
    (other / "source.spm").write_bytes(b"no model")
    (other / "vocab.json").write_text("{}")
    settings = {"source_spm": str(other / "source.spm"), "vocab": str(other / "vocab.json")}
    settings["sp_model_kwargs"] = {"model_file": str(other / "source.spm")}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    pipe = nlu.load(path=folder, task="translation")
    assert translated(pipe, SENTENCES) == official(make(), SENTENCES)


def test_a_folder_tells_by_itself_that_it_is_a_translator(make):
    assert translated(nlu.load(path=make()), SENTENCES) == official(make(), SENTENCES)


def test_a_hub_id_tells_by_itself_that_it_is_a_translator(hub, make):
    hub.add("Helsinki-NLP/opus-mt-en-fr", files_of(make()))
    pipe = nlu.load("Helsinki-NLP/opus-mt-en-fr")
    assert translated(pipe, SENTENCES) == official(make(), SENTENCES)


def test_weights_that_are_not_finite_are_refused(make, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(make(), folder)
    weights = load_file(folder / "model.safetensors")
    weights["model.encoder.layers.0.fc1.weight"][0, 0] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(NotFiniteError, match="encoder"):
        nlu.load(path=folder)


def test_a_very_long_text_is_translated_without_a_remark_of_transformers(pipe, caplog):
    transformers.logging.enable_propagation()
    try:
        frame = pipe.predict("a" * 2000, metadata=True)
    finally:
        transformers.logging.disable_propagation()
    assert frame["window_count"][0] > 10
    assert caplog.records == []


def test_another_architecture_is_refused(family_folder):
    with pytest.raises(ModelError, match=r"translation|marian"):
        nlu.load(path=family_folder("bert"), task="translation")


def test_verify_says_that_only_the_configuration_is_compared(hub, make):
    hub.add("Helsinki-NLP/opus-mt-en-fr", files_of(make()))
    assert nlu.verify("en.translate_to.fr", config_only=True)["check"].unique().tolist() == [
        "config"
    ]
    with pytest.raises(OptionError, match="writes texts"):
        nlu.verify("en.translate_to.fr")
