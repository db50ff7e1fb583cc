"""Folders of sentence-transformers: what the library gives for them, and how they are changed."""

from __future__ import annotations

import json
import shutil
import warnings

import numpy as np
import torch

import nlu_lite as nlu
from tests.helpers.equal import assert_equal

WIDTH = 32
TEXTS = [
    "I love NLP.",
    "Straße, naïve façade: two sentences. Here is the other one!",
    "one",
    "The grammar " + " ".join(f"number {n}" for n in range(12)),
    "I love NLP.",
]


def save_modules(folder, *parts, **settings):
    """A folder that the library saves from modules; the first reads texts."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(modules=list(parts), device="cpu", **settings)
    model.save(str(folder), create_model_card=False)
    return folder


def library_vectors(folder, texts=TEXTS, **options):
    """What the library gives for each text alone."""
    from sentence_transformers import SentenceTransformer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        return np.stack([model.encode(text, **options) for text in texts])


def assert_reads(folder, **options):
    nlu.clear_cache()
    assert_equal(nlu.load(path=folder, **options).encode(TEXTS), library_vectors(folder))


def change(path, **facts):
    """Say something else in a JSON file; what is None is taken out."""
    settings = json.loads(path.read_text()) if path.exists() else {}
    settings |= facts
    path.write_text(
        json.dumps({key: value for key, value in settings.items() if value is not None})
    )


def move_transformer(folder):
    """Lay a saved folder out as versions before 2.0 have it."""
    target = folder / "0_Transformer"
    target.mkdir()
    for path in [path for path in folder.iterdir() if path.is_file()]:
        if path.name not in ("modules.json", "config_sentence_transformers.json"):
            shutil.move(path, target / path.name)
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["path"] = "0_Transformer"
    (folder / "modules.json").write_text(json.dumps(modules))
    return folder


def seeded_dense(modules, width_in, width_out, **options):
    torch.manual_seed(3)
    return modules.Dense(width_in, width_out, **options)
