"""The benchmarks measure what they say; how fast it is they say themselves."""

from __future__ import annotations

import sys

import pytest

from benchmarks import registry as benchmark
from benchmarks import scale, soak
from nlu_lite.registry import Registry
from nlu_lite.registry.reader import read


def test_the_large_registry_is_a_sound_one_of_the_size_named(tmp_path):
    path = tmp_path / "registry.yaml"
    path.write_text(benchmark.registry_text(), encoding="utf-8")
    file = read(path, origin="benchmark")
    assert (len(file.models), len(file.references)) == (benchmark.MODELS, benchmark.REFERENCES)
    assert len(Registry([file]).references) == benchmark.REFERENCES


def test_the_sentences_of_the_scale_are_distinct_and_the_same_every_time():
    texts = list(scale.sentences(2_000))
    assert len(set(texts)) == 2_000
    assert texts == list(scale.sentences(2_000))


@pytest.mark.parametrize("level", scale.REFERENCES)
def test_the_three_ways_of_the_scale_are_measured(level, minilm):
    pytest.importorskip("pyarrow")
    seconds = scale.measure(minilm, level, list(scale.sentences(20)), rounds=2)
    assert {name: len(times) for name, times in seconds.items()} == {"predict": 2, "stream": 2, "to_parquet": 2}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_soak_notes_memory_at_every_tenth(capsys):
    watch = soak.Watch(50)
    assert len(list(watch.watched(soak.texts(50)))) == 50
    watch.at(50)
    assert len(watch.seen) == 10
    assert min(watch.seen) > 10_000_000
