"""One architecture: equal to a plain forward, or refused with a reason."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import transformers

import nlu_lite as nlu
from nlu_lite.errors import OptionError
from tests.helpers.equal import distances
from tests.matrix.models import (
    HEADS,
    NotBuiltError,
    describe_reading,
    make_folder,
    make_tokenizer,
    make_words,
    plain_probabilities,
    plain_states,
)

# Words of the texts that are read together.
LENGTHS = (8, 1, 3, 20, 3, 30)
LONG = 150


@dataclass
class Outcome:
    """What became of an architecture.

    Attributes:
        model_type: As transformers calls it.
        reading: How word vectors are read; empty where they are not.
        tasks: What is served.
        refused: Why something is not, by task (``embed`` for vectors).
        wrong: What differs, by task and case; must be empty.
        not_built: Why no small model could be made, by task.
    """

    model_type: str
    reading: str = ""
    tasks: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    not_built: dict[str, str] = field(default_factory=dict)


def begin_worker() -> None:
    """Leave standard output to the results, and be quiet."""
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def run(model_type: str) -> Outcome:
    """Build, load and compare; every difference is noted."""
    outcome = Outcome(model_type)
    for task in ("embed", *HEADS):
        with tempfile.TemporaryDirectory() as name:
            try:
                check = _check_vectors if task == "embed" else _check_labels
                check(outcome, Path(name), task)
            except NotBuiltError as error:
                outcome.not_built[task] = str(error)
            except nlu.NluLiteError as error:
                outcome.refused[task] = _shorten(str(error), name)
            except Exception as error:
                outcome.wrong[task] = f"{type(error).__name__}: {str(error)[:200]}"
            nlu.clear_cache()
    return outcome


def _shorten(message: str, folder: str) -> str:
    return message.replace(folder, "the folder").split(". ")[0].splitlines()[0]


def _ids(words: list[str]) -> list[int]:
    return make_tokenizer().encode(" ".join(words)).ids


def _check_vectors(outcome: Outcome, folder: Path, task: str) -> None:
    model = make_folder(folder, outcome.model_type)
    texts = [make_words(length, seed) for seed, length in enumerate(LENGTHS)]
    texts = _select_readable(texts, lambda ids: plain_states(model, ids))
    if not texts:
        _expect_refusal(outcome, folder, task)
        return
    pipe = nlu.load(path=folder, task="embed", column="v", sentences=None)
    states = [plain_states(model, _ids(words)) for words in texts]
    wanted = [state[-1][1:-1] for state in states]
    joined = [" ".join(words) for words in texts]

    def compare(case: str, matrix: np.ndarray, expected: np.ndarray) -> None:
        worst = distances(matrix, expected).max()
        if worst > 1e-5:
            outcome.wrong[case] = f"differs by {worst:.2g}"

    for number, text in enumerate(joined):
        compare("alone", nlu.vectors(pipe.predict(text)), wanted[number])
    compare("batch", nlu.vectors(pipe.predict(joined)), np.concatenate(wanted))
    order = random.Random(1).sample(range(len(joined)), len(joined))
    compare(
        "other order",
        nlu.vectors(pipe.predict([joined[place] for place in order])),
        np.concatenate([wanted[place] for place in order]),
    )
    _check_long(pipe, model, compare)
    _check_layers(folder, joined, states, compare, outcome)
    outcome.reading = describe_reading(pipe.components[0].plan.loaded.encoder)
    outcome.tasks.append("embed")


def _select_readable(
    texts: list[list[str]], read: Callable[[list[int]], object]
) -> list[list[str]]:
    """The texts that transformers itself reads: some architectures fail on short ones."""
    readable = []
    for words in texts:
        with contextlib.suppress(Exception):
            read(_ids(words))
            readable.append(words)
    return readable


def _expect_refusal(outcome: Outcome, folder: Path, task: str) -> None:
    """What transformers itself cannot run must be refused; the refusal is raised."""
    text = " ".join(make_words(8, 0))
    nlu.load(path=folder, task=task, sentences=None).predict(text)
    outcome.wrong[task] = "served, though transformers itself cannot run it"


def _check_long(pipe: Any, model: Any, compare: Any) -> None:
    words = make_words(LONG, 99)
    matrix = nlu.vectors(pipe.predict(" ".join(words)))
    assert len(matrix) == LONG
    assert np.isfinite(matrix).all()
    room = min(pipe.components[0].plan.room or LONG, LONG)
    first = plain_states(model, _ids(words[:room]))[-1]
    last = plain_states(model, _ids(words[-room:]))[-1]
    compare("long text", matrix[[0, -1]], np.stack([first[1], last[-2]]))


def _check_layers(
    folder: Path, joined: list[str], states: list[Any], compare: Any, outcome: Outcome
) -> None:
    count = len(states[0])
    if count < 2 or any(state.shape != layers[-1].shape for layers in states for state in layers):
        return
    try:
        pipe = nlu.load(
            path=folder,
            task="embed",
            column="v",
            sentences=None,
            layers=[-1, -2, 0],
            layer_pooling="concat",
        )
    except OptionError as error:
        outcome.refused["layers"] = str(error)
        return
    expected = [
        np.concatenate([layers[-1], layers[-2], layers[0]], axis=1)[1:-1] for layers in states
    ]
    compare("layers", nlu.vectors(pipe.predict(joined)), np.concatenate(expected))


def _check_labels(outcome: Outcome, folder: Path, task: str) -> None:
    model = make_folder(folder, outcome.model_type, task)
    texts = [make_words(length, seed) for seed, length in enumerate(LENGTHS)]
    texts = _select_readable(texts, lambda ids: plain_probabilities(model, ids))
    if not texts:
        _expect_refusal(outcome, folder, task)
        return
    pipe = nlu.load(path=folder, task=task, column="v", sentences=None)
    likely = [plain_probabilities(model, _ids(words)) for words in texts]
    if task == "token_classification":
        likely = [rows[1:-1] for rows in likely]
    level = "token" if task == "token_classification" else "document"
    joined = [" ".join(words) for words in texts]
    frames = {
        "alone": pd.concat([pipe.predict(text, level) for text in joined]),
        "batch": pipe.predict(joined, level),
    }
    expected = np.concatenate(likely).max(axis=1)
    for case, frame in frames.items():
        worst = np.abs(frame["v_confidence"].to_numpy(np.float64) - expected).max()
        if worst > 1e-5:
            outcome.wrong[f"{task} {case}"] = f"differs by {worst:.2g}"
    outcome.tasks.append(task)
