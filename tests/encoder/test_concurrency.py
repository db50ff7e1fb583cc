"""One pipeline in many threads and processes, and interrupted: the same vectors as alone, and it
stays usable."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import nlu_lite as nlu
from tests.helpers.equal import assert_equal

CHECKOUT = Path(__file__).parents[2]
TEXTS = [
    "The ferry leaves at nine.",
    "“Curly” quotes, €300 and #hashtags.",
    "one " * 300,
    "Bring a coat. Or two!",
]


def run(script, *, timeout=120, **environment):
    """A script in a process of its own, which must end by itself."""
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")]),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=timeout,
    )


@pytest.mark.parametrize("reference", ["en.embed.minilm_l6", "en.embed_sentence.minilm_l6"])
def test_eight_threads_on_one_pipeline_get_the_vectors_of_one(reference):
    pipe = nlu.load(reference)
    alone = [nlu.vectors(pipe.predict(text)) for text in TEXTS]
    start = threading.Barrier(8)

    def work(number):
        start.wait()
        order = TEXTS[number % len(TEXTS) :] + TEXTS[: number % len(TEXTS)]
        return [(TEXTS.index(text), nlu.vectors(pipe.predict(text))) for text in order * 2]

    with ThreadPoolExecutor(8) as pool:
        for results in pool.map(work, range(8)):
            for index, matrix in results:
                assert_equal(matrix, alone[index])


def test_threads_with_other_lengths_do_not_cut_each_others_texts():
    """Both share a model and its tokenizer."""
    long, short = (
        nlu.load("en.embed.minilm_l6"),
        nlu.load("en.embed.minilm_l6", max_length=8, long="cut"),
    )
    text = "one two three four five six seven eight nine ten"

    def missing(pipe):
        return [
            int(pipe.predict(text)["en_embed_minilm_l6_embeddings"].isna().sum()) for _ in range(20)
        ]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(missing, [long, short])) == [[0] * 20, [4] * 20]


PROCESSES = """
import multiprocessing, sys
import numpy as np
import nlu_lite as nlu

TEXTS = ["The ferry leaves at nine. " * 20, "Bring a coat."] * 8

def vectors(pipe):
    return nlu.vectors(pipe.predict(TEXTS, progress=False))

if __name__ == "__main__":
    pipe = nlu.load("en.embed.minilm_l6")
    alone = vectors(pipe)
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        for found in pool.map(vectors, [pipe, pipe], chunksize=1):
            assert np.abs(found - alone).max() < 1e-4
    assert np.array_equal(vectors(pipe), alone)
    print("same")
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("how", ["fork", "spawn", "forkserver"])
def test_other_processes_get_the_same_vectors(how, tmp_path):
    """With two threads in the parent: a forked child that used as many would wait for them for
    ever."""
    (tmp_path / "work.py").write_text(PROCESSES, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, str(tmp_path / "work.py"), how],
        env={
            **{
                name: value
                for name, value in os.environ.items()
                if name != "TOKENIZERS_PARALLELISM"
            },
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")]),
            "OMP_NUM_THREADS": "2",
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (process.returncode, process.stdout) == (0, "same\n"), process.stderr
    assert "parallelism" not in process.stderr


INTERRUPTED = """
import signal, sys, threading, os
import numpy as np
import nlu_lite as nlu

pipe = nlu.load("en.embed.minilm_l6")
text = ["The ferry leaves at nine."]
alone = nlu.vectors(pipe.predict(text))
encoder = pipe.components[0].plan.loaded.encoder
plain, count = type(encoder)._compute_states, [0]

def interrupting(self, *arguments):
    count[0] += 1
    if count[0] == 3:
        os.kill(os.getpid(), signal.SIGINT)
    return plain(self, *arguments)

type(encoder)._compute_states = interrupting
some = [f"Sentence number {n} of many which are all different." for n in range(3000)]
try:
    pipe.predict(some, progress=False)
except KeyboardInterrupt:
    print("interrupted after", count[0])
assert np.array_equal(nlu.vectors(pipe.predict(text)), alone)
print("usable")
"""


@pytest.mark.slow
def test_an_interrupted_pipeline_stays_usable():
    process = run(INTERRUPTED)
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines() == ["interrupted after 3", "usable"]
