"""Folders of sentence-transformers, saved by the library from tiny random modules."""

from __future__ import annotations

import pytest
import torch

from tests.helpers.module_folders import WIDTH, save_modules


@pytest.fixture
def modules():
    from sentence_transformers.sentence_transformer import modules

    return modules


@pytest.fixture
def save(modules, family_folder, tmp_path):
    """Save modules behind a tiny Transformer, or behind another first module."""

    def make(*parts, first=None, **settings):
        first = first or modules.Transformer(str(family_folder("bert")), max_seq_length=62)
        return save_modules(tmp_path / "model", first, *parts, **settings)

    return make


@pytest.fixture
def mean(modules):
    return modules.Pooling(WIDTH, "mean")


@pytest.fixture
def static(modules, family_folder):
    """A StaticEmbedding with the tiny model's tokenizer."""
    from tokenizers import Tokenizer

    torch.manual_seed(7)
    tokenizer = Tokenizer.from_file(str(family_folder("bert") / "tokenizer.json"))
    tokenizer.no_truncation()
    return modules.StaticEmbedding(tokenizer, embedding_dim=12)
