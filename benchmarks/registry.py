"""How long a large registry takes to read and check.

It has 1,500 references on 650 models, written as ``registry.yaml`` is. Prints the median of seven
readings in this process, and of seven fresh processes that read once (the first reading of a
process, which is what a user waits for). Imports are timed apart. Beside the time on the clock
stands that of the processor, which says more on a machine that others use too.

The second part is the answer to a name that is not served, in the built-in registry: one of NLU,
which takes the packed table of all its names, and one that nobody knows, which is compared with all
that are served as well.

    python benchmarks/registry.py
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
MODELS, REFERENCES = 650, 1_500
RUNS = 7
TARGET_MS = 150
ANSWER_TARGET_MS = 100
# What is not served -> the name that is looked up.
WRONG_NAMES = {"a name of NLU": "en.pos.ud_ewt", "a misspelt name": "en.embed.bert.smal_L12_256"}
DIMENSIONS = (128, 256, 384, 512, 768, 1024)


def registry_text(models: int = MODELS, references: int = REFERENCES) -> str:
    """A registry of one line a model and one line a reference.

    A model in five comes from a package with pinned files.
    """
    lines = ["models:"]
    for number in range(models):
        digest = f"{number:064x}"
        sources = f'{{hub: "{_model_name(number)}", sha256: {{"model.safetensors": "{digest}"}}}}'
        if number % 5 == 0:
            sources = (
                f'{{package: "model-{number}==1.0.{number}", folder: "model_{number}/files", '
                f'sha256: {{"model.safetensors": "{digest}", "tokenizer.json": "{digest}"}}}}, '
                f"{sources}"
            )
        lines.append(
            f'  "{_model_name(number)}": {{sources: [{sources}], architecture: "bert", '
            f'tokenizer: "wordpiece", dimension: {DIMENSIONS[number % len(DIMENSIONS)]}, '
            f"layers: {number % 24 + 1}, max_length: 512, "
            f'lowercase: {str(number % 2 == 1).lower()}, license: "apache-2.0"}}'
        )
    lines.append("references:")
    for number in range(references):
        lines.append(
            f'  "en.embed.family_{number % 30}.model_{number}": '
            f'{{model: "{_model_name(number % models)}", task: "embed", language: "en", '
            f'spark_name: "family_{number % 30}_model_{number}"}}'
        )
    return "\n".join(lines) + "\n"


def _model_name(number: int) -> str:
    return f"owner-{number % 40}/model-{number}-base-uncased"


def import_and_read(path: Path) -> list[float]:
    """Seconds of the imports, of the first reading, and of the processor during it."""
    start = time.perf_counter()
    from nlu_lite.registry import Registry
    from nlu_lite.registry.reader import read_registry_file

    imported, processor = time.perf_counter(), time.process_time()
    Registry([read_registry_file(path, origin="benchmark")])
    return [imported - start, time.perf_counter() - imported, time.process_time() - processor]


def look_up(name: str) -> list[float]:
    """Seconds of the first and the second answer to a name, the registry already read."""
    from nlu_lite.errors import UnknownReferenceError
    from nlu_lite.registry import current

    registry = current()
    times = []
    for _ in range(2):
        start = time.perf_counter()
        try:
            registry.find(name)
        except UnknownReferenceError:
            times.append(time.perf_counter() - start)
    return times


def in_fresh_process(path: Path) -> list[float]:
    """``import_and_read`` in a new interpreter."""
    return _run("--once", str(path))


def look_up_in_fresh_process(name: str) -> list[float]:
    """``look_up`` in a new interpreter."""
    return _run("--name", name)


def _run(*arguments: str) -> list[float]:
    """The times that this script prints in a new interpreter."""
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(number) for number in json.loads(result.stdout)]


def medians(run: Callable[[T], list[float]], subject: T) -> list[float]:
    """Medians of the times over ``RUNS`` runs, in milliseconds."""
    times = [run(subject) for _ in range(RUNS)]
    return [1_000 * statistics.median(column) for column in zip(*times, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Time of reading and checking a large registry.")
    parser.add_argument(
        "--once", type=Path, metavar="FILE", help="read FILE once and print the two times as JSON"
    )
    parser.add_argument(
        "--name", metavar="NAME", help="look NAME up twice and print the two times as JSON"
    )
    arguments = parser.parse_args()
    if arguments.once:
        print(json.dumps(import_and_read(arguments.once)))
        return
    if arguments.name:
        print(json.dumps(look_up(arguments.name)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.yaml"
        path.write_text(registry_text(), encoding="utf-8")
        print(
            f"{MODELS} models, {REFERENCES} references, {path.stat().st_size / 1e6:.2f} MB; "
            f"medians of {RUNS}"
        )
        imports, first, first_processor = medians(in_fresh_process, path)
        import_and_read(path)
        _, again, again_processor = medians(import_and_read, path)
    verdict = "within" if first <= TARGET_MS else "above"
    print(f"imports of a fresh process: {imports:6.1f} ms")
    print(
        f"first reading:  {first:6.1f} ms (processor {first_processor:6.1f} ms): {verdict} the "
        f"target of {TARGET_MS} ms"
    )
    print(f"later readings: {again:6.1f} ms (processor {again_processor:6.1f} ms)")
    for kind, name in WRONG_NAMES.items():
        first, again = medians(look_up_in_fresh_process, name)
        verdict = "within" if first <= ANSWER_TARGET_MS else "above"
        print(
            f"answer to {kind}: {first:6.1f} ms, later {again:6.1f} ms: {verdict} the target of "
            f"{ANSWER_TARGET_MS} ms"
        )


if __name__ == "__main__":
    main()
