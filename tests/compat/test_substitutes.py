"""``compat.load(..., unserved="substitute")``, and what search says of substitutes."""

from __future__ import annotations

import json

import pytest

import nlu_lite
import nlu_lite.compat as nlu
from nlu_lite import cli
from nlu_lite.errors import OptionError, UnservedReferenceError

SENTIMENT = "en.classify.distilbert_sequence.sst2"
POS = "en.ner.pos.universal_dependencies.base"
TEXT = ["I love NLP", "Me too"]


@pytest.fixture
def tiny_substitutes(own_registry, classifier_folder, family_folder):
    """The substitutes of `sentiment` and `pos`, and `bert`, on tiny models."""
    folders = {
        SENTIMENT: (classifier_folder("bert", "text_classification", ("bad", "good")), "text"),
        POS: (classifier_folder("bert", "token_classification", ("NOUN", "VERB")), "token"),
    }
    models = {
        name: {"sources": [{"path": str(folder)}], "architecture": "bert"}
        for name, (folder, _) in folders.items()
    }
    models["bert"] = {"sources": [{"path": str(family_folder("bert"))}], "architecture": "bert"}
    references = {
        name: {"model": name, "task": f"{kind}_classification", "language": "en"}
        for name, (_, kind) in folders.items()
    }
    references["bert"] = {"model": "bert", "task": "embed", "language": "en"}
    own_registry(json.dumps({"models": models, "references": references}))


def test_substitutes_stand_under_nlus_names_with_one_warning(tiny_substitutes):
    with pytest.warns(UserWarning, match="substitutes, not the models of NLU") as seen:
        pipe = nlu.load("sentiment pos bert", unserved="substitute")
    assert len(seen) == 1
    message = str(seen[0].message)
    assert f"{SENTIMENT!r} for 'sentiment'" in message
    assert f"{POS!r} for 'pos'" in message
    assert seen[0].filename == __file__
    frame = pipe.predict(TEXT, output_level="token")
    columns = ["sentiment", "sentiment_confidence", "pos", "pos_confidence", "word_embedding_bert"]
    assert set(columns) <= set(frame.columns)
    right = nlu_lite.load(POS).predict(TEXT, "token")
    assert frame["pos"].tolist() == right.filter(regex="pos.*(?<!confidence)$").iloc[:, 0].tolist()


def test_the_environment_says_what_to_do_where_the_cell_does_not(tiny_substitutes, monkeypatch):
    monkeypatch.setenv("NLU_LITE_UNSERVED", "substitute")
    with pytest.warns(UserWarning, match="substitutes, not the models of NLU"):
        assert "sentiment" in nlu.load("sentiment").predict(TEXT).columns
    with pytest.raises(UnservedReferenceError, match="'sentiment' is a name of NLU"):
        nlu.load("sentiment bert", unserved="raise")
    monkeypatch.setenv("NLU_LITE_UNSERVED", "guess")
    with pytest.raises(OptionError, match="NLU_LITE_UNSERVED is 'guess'; valid are raise, skip"):
        nlu.load("bert")


def test_a_request_that_is_served_has_no_warning(tiny_substitutes):
    assert nlu.load("bert", unserved="substitute").columns == ["word_embedding_bert"]


def test_what_is_not_needed_is_left_out(tiny_substitutes):
    assert nlu.load("tokenize bert", unserved="substitute").nlu_ref == "bert"


def test_a_name_without_a_substitute_is_refused(tiny_substitutes):
    with pytest.raises(UnservedReferenceError, match="cannot be loaded with substitutes") as seen:
        nlu.load("bert sentiment en.lemma", unserved="substitute")
    assert "spaCy or Stanza" in str(seen.value)


def test_a_substitute_that_the_request_names_too_is_refused(tiny_substitutes):
    with pytest.raises(UnservedReferenceError, match="is in the request already"):
        nlu.load(f"{SENTIMENT} sentiment", unserved="substitute")


def test_search_marks_substitutes_and_finds_them_by_the_name_of_nlu():
    frame = nlu_lite.search("emotion").set_index("reference")
    assert frame.loc["en.classify.distilbert_sequence.emotion", "substitute_for"] == "emotion"
    assert nlu_lite.search("yaekk").empty
    assert SENTIMENT in nlu_lite.search("sentiment")["reference"].tolist()


def test_search_for_a_name_of_nlu_without_a_match_says_what_it_is(capsys):
    with pytest.warns(UserWarning, match="finds keywords"):
        assert nlu_lite.search("yake").empty
    assert cli.main(["search", "yake"]) == 0
    assert "finds keywords" in capsys.readouterr().err
