"""One architecture of each kind is held to a plain forward; `make matrix` holds all of them."""

from __future__ import annotations

import re

import pytest
import transformers
from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

from tests.matrix.run import Outcome, run
from tests.matrix.table import BEGIN, END, PAGE, make_section

# How each is read; empty where it is refused.
KINDS = {
    "bert": "packed",
    "modernbert": "packed",
    "mpnet": "packed",  # relative positions
    "xlnet": "padded",
    "deberta-v2": "padded",
    "t5": "padded",  # an encoder with a decoder that has a class of its own
    "bart": "padded",  # one that has none
    "fsmt": "padded",  # one whose encoder is no model
    "qwen2": "padded",  # keys that heads share
    "mamba": "padded",  # no attention
    "clip": "padded",  # a tower for texts
    "blip": "padded",  # one of a model that writes texts too
    "llava": "padded",  # pictures may be left out
    "gemma4_text": "padded",  # layers that differ from each other
    "convbert": "equal lengths",  # padding leaks
    "fnet": "equal lengths",  # it cannot be told of padding
    "big_bird": "equal lengths",  # short texts change it
    "funnel": "equal lengths",  # layers that pool pieces
    "layoutlm": "",
    "vit": "",
    "vilt": "",
}
SECTION = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


@pytest.mark.slow
@pytest.mark.parametrize("model_type", KINDS)
def test_an_architecture_gives_the_numbers_of_a_plain_forward_or_is_refused(model_type):
    outcome = run(model_type)
    assert outcome.wrong == {}
    assert outcome.reading == KINDS[model_type]
    assert ("embed" in outcome.tasks) == bool(KINDS[model_type])


@pytest.mark.parametrize("model_type", KINDS)
def test_the_page_says_how_an_architecture_is_read(model_type):
    row = next(line for line in SECTION.splitlines() if f"`{model_type}`" in line)
    reading = row.split("|")[1].strip()
    assert (reading == KINDS[model_type]) == bool(KINDS[model_type])


def test_the_page_names_every_architecture_of_this_version_of_transformers_once():
    assert f"transformers {transformers.__version__} has" in SECTION
    named = re.findall(r"`([\w.-]+)`", SECTION)
    assert sorted(named) == sorted(MODEL_MAPPING_NAMES)


def test_what_is_refused_stands_under_its_reason():
    outcome = Outcome("vit", refused={"embed": "A model reads no text: it takes pixel_values"})
    section = make_section([vars(outcome)])
    assert "| reads no text, but pictures, sound or series of numbers | `vit` |" in section
