"""Which calls Tab completes references in, and which references."""

from __future__ import annotations

import pytest

import nlu_lite as nlu
import nlu_lite.compat
from nlu_lite.errors import RegistryError
from nlu_lite.registry import complete_reference, completion, current

NAMES = {"nlu": nlu, "old": nlu_lite.compat, "load": nlu.load, "open": open, "text": "x"}


def those_like(begin: str) -> list[str]:
    return [name for name in current().references if name.startswith(begin)]


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        ('nlu.load("en.embed.b', "en.embed.b"),
        ("pipe = nlu.load('en.embed.b", "en.embed.b"),
        ('nlu.load(\n    "en.embed.b', "en.embed.b"),
        ('nlu.load(request = "en.embed.b', "en.embed.b"),
        ('nlu.load("en.embed.minilm_l6 en.embed_s', "en.embed_s"),
        ('print(nlu.load("en.embed.b', "en.embed.b"),
        ('load("en.embed.b', "en.embed.b"),
        ('old.load("en.embed.b', "en.embed.b"),
        ('nlu.verify("en.embed.b', "en.embed.b"),
        ('nlu.finetune("en.embed.b', "en.embed.b"),
        ('nlu.load("', ""),
    ],
)
def test_references_complete_in_the_first_argument(code, typed):
    assert complete_reference(code, NAMES) == (typed, those_like(typed))
    assert those_like(typed)


@pytest.mark.parametrize(
    "code",
    [
        'nlu.load("en.embed.bert").predict("en.embed.b',
        'nlu.load("en.embed.bert", path="en.embed.b',
        'nlu.search("en.embed.b',
        'open("en.embed.b',
        'other.load("en.embed.b',
        'text.load("en.embed.b',
        'nlu.load("en.embed.bert"',
        "nlu.load(en.embed.b",
        "nlu",
    ],
)
def test_elsewhere_nothing_completes(code):
    assert complete_reference(code, NAMES) == ("", [])


def test_a_registry_file_that_is_broken_completes_nothing(monkeypatch):
    def broken():
        raise RegistryError("line 3")

    monkeypatch.setattr(completion, "current", broken)
    assert complete_reference('nlu.load("en', NAMES) == ("", [])
