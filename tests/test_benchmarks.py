"""The benchmarks measure what they say; how fast it is they say themselves."""

from __future__ import annotations

from benchmarks import registry as benchmark
from nlu_lite.registry import Registry
from nlu_lite.registry.reader import read


def test_the_large_registry_is_a_sound_one_of_the_size_named(tmp_path):
    path = tmp_path / "registry.yaml"
    path.write_text(benchmark.registry_text(), encoding="utf-8")
    file = read(path, origin="benchmark")
    assert (len(file.models), len(file.references)) == (benchmark.MODELS, benchmark.REFERENCES)
    assert len(Registry([file]).references) == benchmark.REFERENCES
