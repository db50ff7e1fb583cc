"""Pipelines that travel: pickled, saved and loaded again, shared in memory."""

from __future__ import annotations

import json
import pickle
import threading

import pytest

import nlu_lite as nlu
from nlu_lite.encoder.models import cache as models
from nlu_lite.errors import IntegrityError, ModelError, OptionError
from tests.helpers.equal import assert_equal

TEXTS = ["I love “NLP”.", None, "a " * 100]


@pytest.fixture
def pipe(family_folder):
    return nlu.load(
        "some.name",
        path=family_folder("bert"),
        word_pooling="mean",
        layers=[-1, 1],
        stride=5,
        column="vec",
    )


def test_a_saved_pipeline_has_the_same_options_columns_and_vectors(pipe, tmp_path):
    pipe.save(tmp_path / "saved")
    again = nlu.load(path=tmp_path / "saved")
    assert again.options == pipe.options
    assert again.columns == pipe.columns == ["vec"]
    assert_equal(nlu.vectors(again.predict(TEXTS)), nlu.vectors(pipe.predict(TEXTS)))


def test_a_saved_pipeline_needs_nothing_of_where_it_came_from(pipe, tmp_path):
    pipe.save(tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "other")
    again = nlu.load(path=str(tmp_path / "other"))
    assert again.components[0].folder.is_relative_to(tmp_path / "other")
    assert not any(
        "safetensors" not in path.name and "weights" in path.name for path in tmp_path.rglob("*")
    )


def test_options_given_with_a_saved_pipeline_change_those_it_was_saved_with(pipe, tmp_path):
    pipe.save(tmp_path / "saved")
    changed = nlu.load(path=tmp_path / "saved", layers=0)
    assert (changed.options.layers, changed.options.stride) == (0, 5)


def test_saving_is_all_or_nothing_and_never_over_something(pipe, tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(OptionError, match="exists already"):
        pipe.save(tmp_path / "there")
    own = nlu.load(path=pipe.components[0].folder, words=str.split)
    with pytest.raises(OptionError, match="words are functions"):
        own.save(tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"]


def test_overwrite_replaces_a_saved_pipeline_that_it_was_read_from_too(pipe, tmp_path):
    folder = tmp_path / "saved"
    pipe.save(folder)
    with pytest.raises(OptionError, match="exists already; overwrite=True replaces it"):
        pipe.save(folder)
    nlu.load(path=folder, stride=7).save(folder, overwrite=True)
    again = nlu.load(path=folder)
    assert again.options.stride == 7
    assert_equal(nlu.vectors(again.predict(TEXTS[0])), nlu.vectors(pipe.predict(TEXTS[0])))
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_overwrite_fills_an_empty_folder_and_leaves_what_others_wrote(pipe, tmp_path):
    for name in ("empty", "mine"):
        (tmp_path / name).mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("do not lose")
    pipe.save(tmp_path / "empty", overwrite=True)
    assert nlu.load(path=tmp_path / "empty").columns == ["vec"]
    with pytest.raises(OptionError, match="replaces only a saved pipeline"):
        pipe.save(tmp_path / "mine", overwrite=True)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "do not lose"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda content: content | {"format": 99}, "format 99, this version reads up to 2"),
        (lambda content: {"format": 1}, "cannot be read as a saved pipeline"),
        (lambda content: content | {"options": {"layers": "x"}}, "cannot be read"),
        (
            lambda content: (
                content | {"components": [content["components"][0] | {"folder": "../x"}]}
            ),
            "is outside",
        ),
        (lambda content: [], "must hold a JSON object"),
    ],
)
def test_a_damaged_saved_pipeline_is_refused(pipe, tmp_path, change, part):
    pipe.save(tmp_path / "saved")
    path = tmp_path / "saved" / "nlu_lite.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(ModelError, match=part):
        nlu.load(path=tmp_path / "saved")


def test_a_saved_file_that_changed_is_refused(pipe, tmp_path):
    pipe.save(tmp_path / "saved")
    weights = tmp_path / "saved" / "component_0" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(IntegrityError, match="has the sha256"):
        nlu.load(path=tmp_path / "saved")


def test_a_saved_pipeline_knows_its_references(pipe, tmp_path):
    pipe.save(tmp_path / "saved")
    with pytest.raises(OptionError, match="leave the request out"):
        nlu.load("bert", path=tmp_path / "saved")


def test_a_pickled_pipeline_is_small_and_gives_the_same_vectors(pipe):
    content = pickle.dumps(pipe)
    assert len(content) < 5_000
    again = pickle.loads(content)
    assert again.options == pipe.options
    assert_equal(nlu.vectors(again.predict(TEXTS)), nlu.vectors(pipe.predict(TEXTS)))


def test_a_model_is_read_once_a_process_and_forgotten_on_demand(family_folder):
    nlu.clear_cache()
    first = nlu.load("a", path=family_folder("bert")).components[0].plan.loaded
    second = nlu.load("b", path=family_folder("bert"), layers=1).components[0].plan.loaded
    assert first is second
    nlu.clear_cache()
    assert nlu.load("a", path=family_folder("bert")).components[0].plan.loaded is not first


def test_eight_threads_load_a_model_once(family_folder):
    nlu.clear_cache()
    folder = family_folder("roberta")
    found = []

    def load():
        found.append(nlu.load("a", path=folder).components[0].plan.loaded)

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({id(loaded) for loaded in found}) == 1


def test_the_models_in_memory_are_bounded(family_folder):
    nlu.clear_cache()
    for family in ("bert", "roberta", "xlm-roberta", "albert", "electra", "distilbert"):
        nlu.load(f"my_{family}", path=family_folder(family))
    assert len(models._models) == models.MOST_MODELS


def test_the_model_and_tokenizer_that_users_see_are_plain_and_their_own(pipe):
    component = pipe.components[0]
    before = nlu.vectors(pipe.predict("A test"))
    assert type(component.model).__name__ == "BertModel"
    component.model.embeddings.word_embeddings.weight.data.zero_()
    ids = component.tokenizer("A test")["input_ids"]
    assert component.tokenizer.convert_ids_to_tokens(ids)[0] == "[CLS]"
    assert_equal(nlu.vectors(pipe.predict("A test")), before)


def spark_nlp_folder(folder, names):
    for place, name in enumerate(names):
        metadata = folder / "stages" / f"{place}_stage" / "metadata"
        metadata.mkdir(parents=True)
        settings = {
            "class": "com.johnsnowlabs.nlp.embeddings.BertEmbeddings",
            "paramMap": {"storageRef": name} if name else {},
        }
        (metadata / "part-00000").write_text(json.dumps(settings))
    (folder / "metadata").mkdir()
    (folder / "metadata" / "part-00000").write_text(
        json.dumps({"class": "org.apache.spark.ml.PipelineModel", "paramMap": {}})
    )


def test_a_spark_nlp_folder_gets_an_error_that_names_the_reference(tmp_path):
    spark_nlp_folder(tmp_path / "saved", [None, "small_bert_L2_128"])
    with pytest.raises(
        ModelError, match=r"saved by Spark NLP.*nlu.load\('en.embed.bert.small_L2_128'\)"
    ):
        nlu.load(path=tmp_path / "saved")
    spark_nlp_folder(tmp_path / "unknown", ["glove_of_mine"])
    with pytest.raises(ModelError, match=r"glove_of_mine.*nlu\.search"):
        nlu.load(path=tmp_path / "unknown")
