"""Folders of sentence-transformers, saved by the library from tiny random modules."""

from __future__ import annotations

import pytest
import torch

from tests.helpers.module_folders import WIDTH


@pytest.fixture
def modules():
    from sentence_transformers.sentence_transformer import modules

    return modules


@pytest.fixture
def save(modules, family_folder, tmp_path):
    """Save modules behind a tiny Transformer, or behind another first module."""

    def make(*parts, first=None, **settings):
        from sentence_transformers import SentenceTransformer

        first = first or modules.Transformer(str(family_folder("bert")), max_seq_length=62)
        model = SentenceTransformer(modules=[first, *parts], device="cpu", **settings)
        folder = tmp_path / "model"
        model.save(str(folder), create_model_card=False)
        return folder

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
