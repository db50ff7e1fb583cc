"""The recommended references, and the table of them in README.md and docs/which-model.md."""

from __future__ import annotations

import pytest

from nlu_lite import registry
from nlu_lite.registry import recommendations
from nlu_lite.registry.recommended import COMMON_CHOICE
from tests.helpers import which_model


@pytest.mark.parametrize("path", [which_model.README, which_model.PAGE], ids=lambda p: p.name)
def test_the_table_is_that_of_the_registry(path):
    section = which_model.read_section(path.read_text(encoding="utf-8"), which_model.TABLE)
    assert section == which_model.make_table(), "renew it: python -m tests.helpers.which_model"


def test_the_reasons_are_those_of_the_registry():
    text = which_model.PAGE.read_text(encoding="utf-8")
    assert which_model.read_section(text, which_model.REASONS) == which_model.make_reasons()


def test_eight_references_that_are_served_are_recommended():
    assert len(recommendations()) == 8
    assert set(recommendations()) <= set(registry.current().references)


def test_a_claim_of_quality_has_a_source_and_all_else_is_a_common_choice():
    for one in recommendations().values():
        assert (one.why == COMMON_CHOICE) == (one.source == "")
        assert one.source == "" or one.source.startswith("https://")


def test_all_facts_of_the_table_but_licences_are_known():
    for reference in recommendations():
        entry = registry.current().entry(reference)
        assert None not in (entry.dimension, entry.layers, entry.max_length)
        assert which_model.size_of(entry, None) is not None
