"""Throughput of predict, stream and to_parquet on the same texts in one run, at token and sentence level.

The three take turns, so that a machine that becomes slower is slower for all; the best of the rounds counts. The texts are
the distinct sentences of ``benchmarks/corpus.py``.

    python -m benchmarks.scale --texts 20000 --rounds 3
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nlu_lite as nlu
from benchmarks import corpus

REFERENCES = {"token": "en.embed.minilm_l6", "sentence": "en.embed_sentence.minilm_l6"}
WAYS = ("predict", "stream", "to_parquet")
# What the others must reach of predict's rate.
TARGETS = {"stream": 0.90, "to_parquet": 0.85}


def ways(pipe: nlu.Pipeline, level: str, texts: list[str]) -> dict[str, Callable[[], int]]:
    """The three, each a function that returns the rows it made."""

    def predict() -> int:
        return len(pipe.predict(texts, level, progress=False))  # type: ignore[arg-type]

    def stream() -> int:
        frames = pipe.stream(iter(texts), level)  # type: ignore[arg-type]
        return sum(len(frame) for frame in frames)

    def to_parquet() -> int:
        with tempfile.TemporaryDirectory() as folder:
            report = pipe.to_parquet(texts, Path(folder) / "dataset", level, progress=False)  # type: ignore[arg-type]
            return int(report["rows"])

    return {"predict": predict, "stream": stream, "to_parquet": to_parquet}


def measure(pipe: nlu.Pipeline, level: str, texts: list[str], rounds: int) -> dict[str, list[float]]:
    """Seconds of each way in each round."""
    functions = ways(pipe, level, texts)
    pipe.predict(texts[:200], progress=False)
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    rows = set()
    for _ in range(rounds):
        for name in WAYS:
            start = time.perf_counter()
            rows.add(functions[name]())
            seconds[name].append(time.perf_counter() - start)
    assert len(rows) == 1, f"the three ways made different numbers of rows: {rows}"
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="Throughput of predict, stream and to_parquet on the same texts.")
    parser.add_argument("--texts", type=int, default=20_000, metavar="N", help="distinct sentences (20000)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="times each way is run (3)")
    parser.add_argument("--levels", nargs="+", choices=list(REFERENCES), default=list(REFERENCES))
    parsed = parser.parse_args()
    texts = corpus.sentences(parsed.texts)
    words = sum(len(text.split()) for text in texts)
    print(f"{len(texts)} distinct sentences, {words} words; {platform.machine()}, best of {parsed.rounds}")
    for level in parsed.levels:
        pipe = nlu.load(REFERENCES[level])
        seconds = measure(pipe, level, texts, parsed.rounds)
        best = {name: min(times) for name, times in seconds.items()}
        for name in WAYS:
            share = best["predict"] / best[name]
            target = TARGETS.get(name)
            verdict = "" if target is None else f"  ({'within' if share >= target else 'BELOW'} the target of {target:.2f})"
            rates = f"{len(texts) / best[name]:8.0f} sentences/s {words / best[name]:9.0f} words/s"
            print(f"{level:9s} {name:11s} {best[name]:7.2f} s {rates}  {share:4.2f} of predict{verdict}")
        print(json.dumps({"level": level, "seconds": {name: [round(s, 2) for s in times] for name, times in seconds.items()}}))


if __name__ == "__main__":
    main()
