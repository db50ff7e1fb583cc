"""Whole models that learn: parity with plain transformers, seeds, silence, folders, students."""

from __future__ import annotations

import gc
import os
import pickle
import random
import shutil
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertForSequenceClassification,
)

import nlu_lite as nlu
from nlu_lite.errors import (
    InputTypeError,
    InputValueError,
    MissingExtraError,
    ModelError,
    NotFittedError,
    OptionError,
    OutOfMemoryError,
    UnknownReferenceError,
)
from nlu_lite.train.distillation import Divergence, soften
from tests.faults.models import as_tokenizer, config, written
from tests.helpers.equal import assert_equal

FRAME = pd.DataFrame(
    {
        "text": ["the cat", "a dog", "the bank", "a coin"] * 3,
        "y": ["animal", "animal", "money", "money"] * 3,
    }
)
TEXTS = ["the dog sleeps", "coin", "a bank in the city " * 30]
QUICK = {"epochs": 1, "batch_size": 6, "max_length": 16}


@pytest.fixture(scope="module")
def tuned(family_folder, tmp_path_factory):
    return nlu.finetune(
        family_folder("bert"), FRAME, folder=tmp_path_factory.mktemp("tuned") / "model", **QUICK
    )


def folder_of(pipe):
    return pipe.components[0].folder


def weights_of(folder):
    return AutoModelForSequenceClassification.from_pretrained(folder).state_dict()


# Fine-tuned


def test_predict_says_what_plain_transformers_says_of_the_folder(tuned):
    model, tokenizer = (
        kind.from_pretrained(folder_of(tuned))
        for kind in (AutoModelForSequenceClassification, AutoTokenizer)
    )
    for text in TEXTS[:2]:
        with torch.no_grad():
            likely = model(**tokenizer(text, return_tensors="pt")).logits.softmax(-1)[0]
        row = tuned.predict(text, "document").iloc[0]
        assert row["model"] == model.config.id2label[int(likely.argmax())]
        assert_equal(np.float32([row["model_confidence"]]), likely.max().numpy()[None])


def test_training_changes_the_whole_model_and_not_the_one_it_came_from(tuned, family_folder):
    before, after = (
        weights_of(folder_of(tuned)),
        nlu.load(path=family_folder("bert")).components[0].model,
    )
    name = "bert.encoder.layer.0.attention.self.query.weight"
    assert not torch.equal(before[name], after.state_dict()[name.removeprefix("bert.")])


def test_it_learns():
    pipe = nlu.finetune(
        "en.embed_sentence.minilm_l6", FRAME, layers=1, epochs=15, batch_size=4, learning_rate=1e-3
    )
    assert pipe.predict(FRAME["text"], "document")["finetuned"].tolist() == FRAME["y"].tolist()


def test_the_same_seed_gives_the_same_model_and_another_one_another(family_folder, tuned, tmp_path):
    again = nlu.finetune(family_folder("bert"), FRAME, folder=tmp_path / "again", **QUICK)
    differ = nlu.finetune(family_folder("bert"), FRAME, folder=tmp_path / "seed", seed=1, **QUICK)
    first, second, third = (weights_of(folder_of(pipe)) for pipe in (tuned, again, differ))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], third[name]) for name in first)


def test_the_callers_random_numbers_and_frame_stay_as_they_are(family_folder):
    torch.manual_seed(5), np.random.seed(5), random.seed(5)
    expected = (torch.rand(1), np.random.rand(), random.random())
    torch.manual_seed(5), np.random.seed(5), random.seed(5)
    frame = FRAME.copy()
    nlu.finetune(family_folder("bert"), frame, **QUICK)
    assert (torch.rand(1), np.random.rand(), random.random()) == expected
    pd.testing.assert_frame_equal(frame, FRAME)


def test_it_is_quiet_and_writes_into_its_folder_only(
    family_folder, tmp_path, monkeypatch, capfd, recwarn
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    surroundings = dict(os.environ)
    nlu.finetune(family_folder("bert"), FRAME, folder=tmp_path / "new", **QUICK)
    output = capfd.readouterr()
    assert (output.out, output.err, list(recwarn)) == ("", "", [])
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert {name for name in os.environ if os.environ[name] != surroundings.get(name)} <= {
        "TORCHINDUCTOR_CACHE_DIR"
    }


def test_a_bar_counts_the_steps(family_folder, capfd):
    nlu.finetune(family_folder("bert"), FRAME, progress=True, **QUICK)
    assert "fine-tuning" in capfd.readouterr().err


def test_the_folder_is_a_text_classifier_as_any(tuned):
    again = nlu.load(path=folder_of(tuned), task="text_classification")
    pd.testing.assert_frame_equal(again.predict(TEXTS), tuned.predict(TEXTS))


def test_a_temporary_folder_lives_as_long_as_the_pipeline(family_folder):
    pipe = nlu.finetune(family_folder("bert"), FRAME, **QUICK)
    folder = folder_of(pipe)
    assert folder.is_dir()
    assert (
        pickle.loads(pickle.dumps(pipe)).predict(TEXTS)["finetuned"].tolist()
        == pipe.predict(TEXTS)["finetuned"].tolist()
    )
    del pipe
    gc.collect()
    assert not folder.exists()


def test_only_the_first_layers_are_kept(family_folder, tmp_path):
    folder = family_folder("bert")
    pipe = nlu.finetune(
        folder, FRAME, layers=2, folder=tmp_path / "small", learning_rate=1e-12, **QUICK
    )
    kept = pipe.components[0].model
    assert kept.config.num_hidden_layers == 2
    whole = nlu.load(path=folder).components[0].model
    for name, value in kept.base_model.state_dict().items():
        torch.testing.assert_close(value, whole.state_dict()[name], atol=1e-6, rtol=0)


@pytest.mark.parametrize("family", ["roberta", "distilbert", "electra", "albert"])
def test_other_families_learn_too(family_folder, family):
    pipe = nlu.finetune(family_folder(family), FRAME, layers=1, **QUICK)
    assert set(pipe.predict(TEXTS, "document")["finetuned"]) <= {"animal", "money"}


def test_labels_of_other_types_become_texts(family_folder):
    pipe = nlu.finetune(family_folder("bert"), FRAME.assign(y=[1, 1, 2, 2] * 3), **QUICK)
    assert set(pipe.predict(TEXTS)["finetuned"]) <= {"1", "2"}


@pytest.mark.parametrize(
    ("change", "options", "kind", "message"),
    [
        ({"y": "one"}, {}, InputValueError, "All labels are 'one'"),
        ({"text": [None] + ["a"] * 11}, {}, InputValueError, r"rows have no text.*row 0"),
        ({}, {"epochs": 0}, OptionError, "epochs is 0; valid are numbers above 0"),
        ({}, {"batch_size": 1.5}, OptionError, r"batch_size is 1.5"),
        ({}, {"seed": -1}, OptionError, r"seed is -1; valid are whole numbers from 0"),
        ({}, {"layers": 4}, OptionError, r"layers is 4; .* has 3, of which the first 1 to 3"),
        ({}, {"layer": 4}, OptionError, "finetune has no option layer. Did you mean layers"),
        ({}, {"device": "tpu9"}, OptionError, "cannot be used here"),
    ],
)
def test_what_cannot_be_learnt_is_refused_and_nothing_is_left(
    family_folder, tmp_path, change, options, kind, message
):
    with pytest.raises(kind, match=message):
        nlu.finetune(
            family_folder("bert"), FRAME.assign(**change), folder=tmp_path / "new", **options
        )
    assert list(tmp_path.iterdir()) == []


def test_models_that_cannot_be_taught_are_refused(tiny, tmp_path):
    with pytest.raises(UnknownReferenceError):
        nlu.finetune("en.embed.nothing", FRAME)
    with pytest.raises(OptionError, match="names 2 models"):
        nlu.finetune("en.embed.minilm_l6 en.embed_sentence.minilm_l6", FRAME)
    with pytest.raises(OptionError, match="valid is a reference"):
        nlu.finetune(3, FRAME)
    with pytest.raises(OptionError, match="exists already"):
        nlu.finetune(tiny, FRAME, folder=tmp_path)


def test_other_threads_load_models_meanwhile(family_folder):
    seen = []

    def load():
        seen.append(nlu.load(path=family_folder("electra")).predict("one")["token"].tolist())

    thread = threading.Thread(target=load)
    thread.start()
    nlu.finetune(family_folder("bert"), FRAME, **QUICK)
    thread.join(timeout=60)
    assert seen == [["one"]]


# Distilled


def test_softened_probabilities_are_those_of_scores_divided():
    scores = np.random.default_rng(1).normal(size=(5, 4)) * 3
    likely = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    halved = np.exp(scores / 2) / np.exp(scores / 2).sum(axis=1, keepdims=True)
    assert_equal(soften(likely, 2.0), halved)
    assert_equal(soften(likely, 1.0), likely)
    assert np.isfinite(soften(np.array([[1.0, 0.0]]), 3.0)).all()


def test_the_loss_is_the_divergence_by_its_definition():
    scores = torch.tensor([[1.0, 2.0, -1.0], [0.0, 0.5, 0.2]])
    expected = torch.tensor([[0.2, 0.7, 0.1], [0.3, 0.3, 0.4]])
    softened = torch.softmax(scores / 3, dim=-1)
    divergence = (expected * (expected.log() - softened.log())).sum(dim=-1).mean() * 9
    assert_equal(Divergence(3.0)(scores, expected).numpy()[None], divergence.numpy()[None])
    same = Divergence(3.0)(softened.log() * 3, softened)
    assert abs(float(same)) < 1e-6


@pytest.fixture(scope="module")
def teacher():
    return nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(
        FRAME, output_level="document"
    )


def test_a_student_says_what_its_teacher_says(teacher):
    texts = [*FRAME["text"].unique(), "the dog", "a cat", "the coin", "a bank"]
    small = nlu.distil(
        "en.embed_sentence.minilm_l6",
        teacher,
        texts,
        layers=1,
        epochs=15,
        batch_size=4,
        learning_rate=1e-3,
    )
    taught = small.predict(texts, "document")
    expected = teacher.predict(texts, "document")
    assert taught["distilled"].tolist() == expected["train_classifier"].tolist()
    # The head is not sure of itself, and so is its student.
    assert (
        abs(taught["distilled_confidence"] - expected["train_classifier_confidence"]).max() < 0.15
    )
    assert small.components[0].model.config.num_hidden_layers == 1


def test_a_fine_tuned_model_teaches_a_shorter_one_of_itself(tuned, tmp_path):
    small = nlu.distil(
        folder_of(tuned),
        tuned,
        TEXTS,
        layers=1,
        folder=tmp_path / "small",
        learning_rate=1e-12,
        **QUICK,
    )
    # Its head is the teacher's, which a student of the same classes begins with.
    heads = [
        weights_of(folder)["classifier.weight"] for folder in (folder_of(tuned), tmp_path / "small")
    ]
    torch.testing.assert_close(*heads, atol=1e-6, rtol=0)
    assert small.predict(TEXTS).columns.tolist() == ["sentence", "small", "small_confidence"]


@pytest.mark.parametrize(
    ("candidate", "kind", "message"),
    [
        ("en.embed_sentence.minilm_l6", OptionError, "has 0 classifiers of texts"),
        ("en.embed_sentence.minilm_l6 train.classifier", NotFittedError, "was not fitted"),
        (3, InputTypeError, "The teacher is a int"),
    ],
)
def test_what_is_no_teacher_is_refused(tiny, tmp_path, candidate, kind, message):
    with pytest.raises(kind, match=message):
        nlu.distil(tiny, candidate, TEXTS, folder=tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_teacher_without_probabilities_or_of_words_is_refused(tiny):
    from sklearn.svm import LinearSVC

    pipe = nlu.load("en.embed_sentence.minilm_l6 train.classifier").fit(
        FRAME, classifier=LinearSVC()
    )
    with pytest.raises(OptionError, match="gives no probabilities"):
        nlu.distil(tiny, pipe, TEXTS)
    words = pd.DataFrame({"text": [["a", "b"]], "y": [["X", "Y"]]})
    with pytest.raises(OptionError, match="was fitted to words"):
        nlu.distil(tiny, nlu.load("en.embed.minilm_l6 train.pos").fit(words), TEXTS)


@pytest.mark.parametrize(
    ("texts", "options", "message"),
    [
        (["a", None, ""], {}, r"2 of 3 texts are null or blank: rows 1, 2"),
        ([], {}, "no text to learn from"),
        (["a"], {"temperature": 0}, "temperature is 0"),
    ],
)
def test_texts_and_temperature_are_checked(tiny, teacher, texts, options, message):
    with pytest.raises((InputValueError, OptionError), match=message):
        nlu.distil(tiny, teacher, texts, **options)


def test_weights_that_lack_a_layer_are_refused(tmp_path, family_folder):
    with pytest.raises(ModelError, match=r"lack \d+ parts of BertForSequenceClassification"):
        nlu.finetune(broken(family_folder("bert"), tmp_path / "broken"), FRAME)


def broken(folder: Path, target: Path) -> Path:
    """A model whose weights lack a layer."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, target)
    kept = {
        name: value
        for name, value in load_file(target / "model.safetensors").items()
        if "layer.1." not in name
    }
    save_file(kept, target / "model.safetensors", metadata={"format": "pt"})
    return target


def test_a_teacher_of_several_labels_a_text_is_refused(tiny, classifier_folder):
    folder = classifier_folder(
        "bert", "text_classification", ("a", "b", "c"), problem_type="multi_label_classification"
    )
    pipe = nlu.load(path=folder, task="text_classification")
    with pytest.raises(
        OptionError, match=r"gives each class a probability of its own .* which one is right"
    ):
        nlu.distil(tiny, pipe, TEXTS)


def test_an_architecture_without_a_classifier_of_texts_is_refused(tiny, tmp_path):
    folder = spoiled(tiny, tmp_path, config(model_type="clip_text_model"))
    with pytest.raises(
        ModelError,
        match=r"is a clip_text_model, of which transformers makes no classifier of texts",
    ):
        nlu.finetune(folder, FRAME, **QUICK)


def test_damaged_weights_are_refused(tiny, tmp_path):
    folder = spoiled(tiny, tmp_path, written("model.safetensors", lambda content: content[:100]))
    with pytest.raises(
        ModelError,
        match=r"The weights in .*model cannot be read as BertForSequenceClassification: ",
    ):
        nlu.finetune(folder, FRAME, folder=tmp_path / "new", **QUICK)
    assert not (tmp_path / "new").exists()


def test_weights_larger_than_the_memory_are_an_error_of_ours(tiny, monkeypatch):
    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr(BertForSequenceClassification, "from_pretrained", full)
    with pytest.raises(
        OutOfMemoryError,
        match=r"The weights in .*model do not fit into the memory\. Use a smaller model",
    ):
        nlu.finetune(tiny, FRAME, **QUICK)


def test_a_tokenizer_without_a_piece_to_pad_with_is_refused(tiny, tmp_path):
    def rename(settings):
        settings["padding"] = None
        settings["added_tokens"][0]["content"] = "[EMPTY]"
        settings["model"]["vocab"]["[EMPTY]"] = settings["model"]["vocab"].pop("[PAD]")

    folder = spoiled(tiny, tmp_path, as_tokenizer(rename), config(pad_token_id=None))
    with pytest.raises(ModelError, match=r"The tokenizer of .* has no piece to pad with"):
        nlu.finetune(folder, FRAME, **QUICK)


def test_layers_of_several_kinds_are_kept_with_their_kinds(family_folder):
    pipe = nlu.finetune(family_folder("modernbert"), FRAME, layers=2, **QUICK)
    model = pipe.components[0].model
    whole = nlu.load(path=family_folder("modernbert")).components[0].model.config
    assert len(set(whole.layer_types)) == 2
    assert (model.config.num_hidden_layers, model.config.layer_types) == (2, whole.layer_types[:2])


def test_without_accelerate_the_error_names_the_extra(tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(
        MissingExtraError, match=r"needs accelerate: pip install 'nlu-lite\[train\]'"
    ):
        nlu.finetune(tiny, FRAME, **QUICK)


def spoiled(folder: Path, target: Path, *spoils) -> Path:
    """A copy of a model with something done to it."""
    copy = shutil.copytree(folder, target / "model")
    for spoil in spoils:
        spoil(copy, None)
    return copy
