"""That training is worth it, on real data: the docstrings of the standard library, as
notebooks/training.ipynb reads them.

The notebook itself holds that a distilled student keeps 95 % of its teacher's accuracy; a fresh run
of it is a slow test.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import nlu_lite as nlu
from nlu_lite.tasks.head.classes import Classes
from nlu_lite.tasks.head.classifier import learn

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "training.ipynb"


@pytest.mark.slow
def test_a_head_on_vectors_beats_the_same_classifier_on_bags_of_words():
    cells = [
        cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"
    ]
    names: dict = {}
    exec(compile(cells[0].source, str(NOTEBOOK), "exec"), names)
    df, modules = names["df"], names["modules"]
    labelled = df[df["y"].notna()].reset_index(drop=True)
    vectors = nlu.load("en.embed_sentence.minilm_l6").encode(labelled["text"])
    accuracy: dict[str, list[float]] = {"head": [], "counts": [], "TF-IDF": []}
    # Every module is held out once, with all of its docstrings, so that no split is a lucky one.
    for fold in range(3):
        held_out = labelled["module"].isin(modules[fold::3]).to_numpy()
        train, test = labelled[~held_out], labelled[held_out]
        classes = Classes.of(train["y"].tolist())
        head = learn(vectors[~held_out], classes.numbers(train["y"].tolist()), classes, None)
        label, _ = head.predict(vectors[held_out])
        accuracy["head"].append((np.array(classes.names)[label] == test["y"].to_numpy()).mean())
        for name, words in (("counts", CountVectorizer()), ("TF-IDF", TfidfVectorizer())):
            bag = make_pipeline(words, LogisticRegression(max_iter=1000)).fit(
                train["text"], train["y"]
            )
            accuracy[name].append(bag.score(test["text"], test["y"]))
    mean = {name: float(np.mean(values)) for name, values in accuracy.items()}
    assert mean["head"] > max(mean["counts"], mean["TF-IDF"]) + 0.03, mean
    assert all(head > max(bags) for head, *bags in zip(*accuracy.values(), strict=True)), accuracy
