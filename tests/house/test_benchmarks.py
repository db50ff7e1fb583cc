"""The benchmarks measure what they say; how fast it is they say themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import corpus, scale, soak, start
from benchmarks import registry as benchmark
from nlu_lite.registry import Registry
from nlu_lite.registry.reader import read_registry_file


def test_the_large_registry_is_a_sound_one_of_the_size_named(tmp_path):
    path = tmp_path / "registry.yaml"
    path.write_text(benchmark.registry_text(), encoding="utf-8")
    file = read_registry_file(path, origin="benchmark")
    assert (len(file.models), len(file.references)) == (benchmark.MODELS, benchmark.REFERENCES)
    assert len(Registry([file]).references) == benchmark.REFERENCES


@pytest.mark.parametrize("level", scale.REFERENCES)
def test_the_methods_of_the_scale_are_measured(level, minilm):
    seconds = scale.measure(minilm, level, corpus.sentences(20), rounds=2)
    assert {name: len(times) for name, times in seconds.items()} == {
        "predict": 2,
        "stream": 2,
        "to_parquet": 2,
    }


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_soak_notes_memory_at_every_tenth(capsys):
    log = soak.MemoryLog(50)
    assert len(list(log.follow(soak.texts(50)))) == 50
    log.note(50)
    assert len(log.sizes) == 10
    assert min(log.sizes) > 10_000_000


def test_the_sentences_are_distinct_and_always_the_same():
    sentences = corpus.sentences(300)
    assert len(set(sentences)) == 300
    assert corpus.sentences(300) == sentences
    assert max(map(len, sentences)) <= corpus.MOST_CHARACTERS


def test_the_processor_time_of_a_start_is_that_of_its_process():
    work = "import time\nwhile time.process_time() < 0.4: pass\ntime.sleep(0.4)"
    cost = start.run(["-c", work])
    assert 0.4 <= cost.processor < cost.wall
    assert cost.wall >= 0.8


def test_a_start_that_fails_ends_the_benchmark_with_what_it_said():
    with pytest.raises(RuntimeError, match="no such model"):
        start.run(["-c", "raise SystemExit('no such model')"])


def test_a_start_runs_the_code_of_its_own_checkout():
    code = f"import nlu_lite; assert nlu_lite.__file__.startswith({str(start.CHECKOUT)!r})"
    start.run(["-c", code])


def test_starts_and_their_base_take_turns():
    order = []

    def run(name: str) -> start.Cost:
        order.append(name)
        return start.Cost(processor=len(order), wall=0.0, memory=0.0)

    pairs = start.run_pairs(lambda: run("base"), lambda: run("rival"), 3)
    assert order == ["base", "rival", "rival", "base", "base", "rival"]
    assert [(pair.base.processor, pair.rival.processor) for pair in pairs] == [
        (1, 2),
        (4, 3),
        (5, 6),
    ]


def test_the_share_of_a_start_is_the_median_of_its_pairs():
    costs = [(2.0, 1.0), (4.0, 1.0), (1.0, 2.0)]
    pairs = [
        start.Pair(start.Cost(base, 0.0, 0.0), start.Cost(rival, 0.0, 0.0)) for base, rival in costs
    ]
    assert start.ratio(pairs, lambda cost: cost.processor) == "0.50 [0.25 2.00]"


@pytest.mark.slow
def test_every_start_is_measured_once_a_pair():
    """Those of Spark need Java 17."""
    result = subprocess.run(
        [sys.executable, "benchmarks/start.py", "--pairs", "1"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    rows = [line.split("|")[1].strip() for line in result.stdout.splitlines() if "|" in line]
    for title in (*start.TITLES.values(), f"`{start.BASE}`", "spawned: a row"):
        assert title in rows
    assert "a Spark worker: a row" in rows


@pytest.mark.slow
def test_peers_are_compared_in_one_run_and_pieces_computed_are_pieces_needed():
    """The script itself asserts the count; a method that does not compute the model ends it."""
    methods = ["nlu_lite", "transformers, one by one", "sentence-transformers 32"]
    result = subprocess.run(
        [
            sys.executable,
            "benchmarks/peers.py",
            "--sizes",
            "20",
            "40",
            "--rounds",
            "1",
            "--methods",
            *methods,
        ],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    for part in (
        "tokens: 20 sentences",
        "sentences: 40 sentences",
        "GFLOP/s",
        "every text twice takes",
        *methods,
    ):
        assert part in result.stdout
