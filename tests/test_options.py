"""Options: what is valid, and what is said about what is not."""

from __future__ import annotations

import pickle

import pytest
import torch

import nlu_lite as nlu
from nlu_lite.errors import NluLiteError, OptionError, UnknownOptionError
from nlu_lite.options import Options


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("words", "word", "'standard', 'spark', 'model', 'unicode' or a function"),
        ("sentences", 3, "'auto', 'spark', None or a function"),
        ("word_pooling", "middle", "'first', 'last', 'mean', 'max'"),
        ("sentence_pooling", "best", "'cls'"),
        ("layer_pooling", None, "'concat'"),
        ("dtype", "int8", "'bfloat16'"),
        ("long", True, "'windows', 'cut'"),
        ("dimensions", 0, "whole numbers from 1"),
        ("max_length", 2.5, "whole numbers from 1"),
        ("stride", True, "whole numbers from 0"),
        ("normalize", "yes", "True, False or None"),
        ("device", 0, '"cpu"'),
        ("layers", "last", "0 is the embedding output"),
        ("layers", [], "several in a list"),
        ("layers", [1.5], "several in a list"),
        ("column", "", "one name a component"),
        ("language", 3, "a text or None"),
    ],
)
def test_a_value_that_is_not_valid_is_named_with_those_that_are(name, value, part):
    with pytest.raises(OptionError) as caught:
        nlu.load("en.embed.minilm_l6", **{name: value})
    assert f"{name} is {value!r}" in str(caught.value)
    assert part in str(caught.value)


def test_an_unknown_option_is_refused_with_the_valid_names():
    with pytest.raises(
        UnknownOptionError, match=r"no option lyers. Did you mean layers\? Valid are: column, "
    ) as caught:
        nlu.load("en.embed.minilm_l6", lyers=3)
    assert isinstance(caught.value, (TypeError, ValueError, NluLiteError))


def test_an_unknown_option_of_predict_and_encode_is_refused(minilm):
    with pytest.raises(UnknownOptionError, match="Did you mean positions"):
        minilm.predict("x", position=True)
    with pytest.raises(UnknownOptionError, match="encode has no option"):
        minilm.encode("x", keep=True)
    with pytest.raises(OptionError, match="valid are token"):
        minilm.predict("x", output_level="tokens")


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"max_length": 513}, "at most 512"),
        ({"max_length": 2}, "nothing is left for text"),
        ({"max_length": 10, "stride": 8}, "below the 8 pieces"),
        ({"layers": 7}, "layers 0 to 6"),
        ({"layers": [-8, 1]}, r"names \[-8\]"),
        ({"device": "cuda:77"}, "cannot be used here"),
        ({"device": "toaster"}, "cannot be used here"),
        ({"column": ["a", "b"]}, "the request has 1 components"),
        ({"task": "sing"}, "valid are embed"),
    ],
)
def test_what_the_model_does_not_have_is_refused_at_load(options, part):
    with pytest.raises(OptionError, match=part):
        nlu.load("en.embed.minilm_l6", **options)


def test_the_repr_tells_what_is_not_default_and_what_computes():
    pipe = nlu.load("en.embed.minilm_l6", stride=3, device="cpu")
    threads = torch.get_num_threads()
    count = f"{threads} thread" if threads == 1 else f"{threads} threads"
    options = "device='cpu', stride=3"
    assert (
        repr(pipe)
        == f"Pipeline('en.embed.minilm_l6' -> minilm_l6, {options}; float32 on cpu, {count})"
    )
    assert Options().changed() == {}


def test_the_repr_tells_the_number_format_that_auto_chose(monkeypatch):
    for has, name in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda has=has: has)
        assert f"dtype='auto'; {name} on cpu" in repr(
            nlu.load("en.embed.minilm_l6", device="cpu", dtype="auto")
        )


def test_a_travelled_pipeline_says_what_it_is_without_reading_models():
    pipe = pickle.loads(pickle.dumps(nlu.load("en.embed.minilm_l6")))
    assert repr(pipe) == "Pipeline('en.embed.minilm_l6' -> minilm_l6)"
    assert not pipe.components[0].is_read
