"""What a hub id or a folder is for, where neither a reference nor the caller says it."""

from __future__ import annotations

import json
import logging
import shutil

import pytest

import nlu_lite as nlu
from nlu_lite import registry
from tests.helpers.equal import assert_equal
from tests.helpers.hub.models import files_of, right_vectors

LABELS = ("O", "B-PER")
TEXT = "I love NLP"
UNTOLD = registry.current().find("somebody/something")
TASKS = ["token_classification", "text_classification", "question_answering"]


def folder_of(classifier_folder, task):
    labels = None if task == "question_answering" else LABELS
    return classifier_folder("bert", task, labels)


@pytest.mark.parametrize("task", TASKS)
def test_a_folder_of_a_classifier_is_loaded_for_its_labels(classifier_folder, task):
    folder = folder_of(classifier_folder, task)
    (component,) = nlu.load(path=folder).components
    assert component.entry.task == task


def test_a_hub_id_gives_the_labels_that_task_gives(hub, classifier_folder):
    hub.add("dslim/tiny-NER", files_of(folder_of(classifier_folder, TASKS[0])))
    told = nlu.load("dslim/tiny-NER", task=TASKS[0]).predict(TEXT)
    assert nlu.load("dslim/tiny-NER").predict(TEXT).equals(told)


def test_the_log_says_so_in_one_line(classifier_folder, caplog):
    with caplog.at_level(logging.INFO, logger="nlu_lite"):
        nlu.load(path=folder_of(classifier_folder, TASKS[1]))
    lines = [line for line in caplog.messages if "is a classifier" in line]
    assert len(lines) == 1
    assert "task='text_classification'" in lines[0]
    assert "task='embed'" in lines[0]


def test_task_embed_gives_vectors(classifier_folder):
    folder = folder_of(classifier_folder, TASKS[0])
    (component,) = nlu.load(path=folder, task="embed").components
    assert component.entry.kind.gives_vectors
    vectors = nlu.vectors(nlu.load(path=folder, task="embed").predict(TEXT))
    assert_equal(vectors, right_vectors(folder, TEXT))


@pytest.mark.parametrize(
    "architectures",
    [
        None,
        ["BertModel"],
        ["BertForMaskedLM"],
        "BertForTokenClassification",
        ["BertForTokenClassification", "BertForSequenceClassification"],
        [7],
    ],
)
def test_what_names_no_classifier_or_two_gives_vectors(classifier_folder, tmp_path, architectures):
    folder = shutil.copytree(folder_of(classifier_folder, TASKS[0]), tmp_path / "model")
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"architectures": architectures}))
    assert nlu.load(path=folder).components[0].entry.task == "embed"


def test_a_folder_whose_modules_pool_is_for_texts(classifier_folder, tmp_path):
    folder = shutil.copytree(folder_of(classifier_folder, TASKS[0]), tmp_path / "model")
    list_modules(folder, "Transformer", "Pooling")
    assert nlu.weights.complete_entry(UNTOLD, folder).task == "embed_sentence"


def test_a_classifier_whose_modules_do_not_pool_gives_its_labels(classifier_folder, tmp_path):
    folder = shutil.copytree(folder_of(classifier_folder, TASKS[1]), tmp_path / "model")
    list_modules(folder, "Transformer")
    assert nlu.weights.complete_entry(UNTOLD, folder).task == TASKS[1]


def test_a_folder_of_modules_that_is_no_classifier_is_for_texts(tiny, tmp_path):
    folder = shutil.copytree(tiny, tmp_path / "model")
    list_modules(folder, "Transformer")
    assert nlu.weights.complete_entry(UNTOLD, folder).task == "embed_sentence"


def list_modules(folder, *kinds):
    modules = [
        {
            "path": "" if kind == "Transformer" else kind,
            "type": f"sentence_transformers.models.{kind}",
        }
        for kind in kinds
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
