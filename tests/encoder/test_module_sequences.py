"""Random sequences of modules: what the library gives, or an error that names the module."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import nlu_lite as nlu
from tests.helpers.equal import TOLERANCE, distances
from tests.helpers.module_sequences import Builder

COUNT = int(os.environ.get("MODULE_SEQUENCES", "60"))
FAMILIES = ("bert", "roberta", "xlm-roberta")
TEXTS = [
    "I love NLP.",
    "Straße, naïve façade: TWO sentences. Here is the other one!",
    "one",
    "The grammar " + " ".join(f"number {n}" for n in range(12)),
    "xyzzy",
    "I love two, TWO love Two.",
]


def read_by_the_library(folder):
    """What the library gives for each text alone; what it raises where it cannot."""
    from sentence_transformers import SentenceTransformer

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
            rows = [model.encode(text) for text in TEXTS]
        return np.stack(rows)
    except Exception as error:  # noqa: BLE001 - whatever the library raises
        return error


def judge(folder):
    """How our vectors stand to the library's, in words."""
    expected = read_by_the_library(folder)
    try:
        found = nlu.load(path=folder, task="embed_sentence", long="cut").encode(TEXTS)
    except nlu.NluLiteError as error:
        both = "both refuse" if isinstance(expected, Exception) else "refused"
        return f"{both}: {str(error).replace(str(folder), 'FOLDER')}"
    if isinstance(expected, Exception):
        return f"WRONG: numbers where the library raises {expected!r:.200}"
    if found.shape != expected.shape:
        return f"WRONG: the shape {found.shape}, the library's is {expected.shape}"
    if not np.isfinite(expected).all():
        return "WRONG: numbers where the library's are not finite"
    worst = distances(found, expected).max()
    return "equal" if worst <= TOLERANCE else f"WRONG: differs by {worst:.2g}"


@pytest.mark.slow
def test_random_sequences_of_modules_are_the_librarys_or_refused(family_folder, tmp_path):
    verdicts = {}
    for seed in range(COUNT):
        builder = Builder(seed, family_folder(FAMILIES[seed % len(FAMILIES)]))
        folder = builder.build(tmp_path / str(seed))
        nlu.clear_cache()
        verdicts[f"{seed} {' '.join(builder.names)}"] = judge(folder)
    counts = Counter(verdict.partition(":")[0] for verdict in verdicts.values())
    report = "\n".join(f"{name}: {verdict}" for name, verdict in verdicts.items())
    if "MODULE_SEQUENCES_REPORT" in os.environ:
        path = Path(os.environ["MODULE_SEQUENCES_REPORT"])
        path.write_text(f"{report}\n{dict(counts)}\n")
    assert not counts["WRONG"], report
    assert counts["equal"] >= COUNT * 0.6, report
