"""How long a large registry takes to read and check.

It has 1,500 references on 650 models, written as ``registry.yaml`` is. Prints the median of seven
readings in this process, and of seven fresh processes that read once (the first reading of a
process, which is what a user waits for). Imports are timed apart. Beside the time on the clock
stands that of the processor, which says more on a machine that others use too.

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

MODELS, REFERENCES = 650, 1_500
RUNS = 7
TARGET_MS = 150
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


def in_fresh_process(path: Path) -> list[float]:
    """``import_and_read`` in a new interpreter."""
    command = [sys.executable, str(Path(__file__).resolve()), "--once", str(path)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(number) for number in json.loads(result.stdout)]


def medians(run: Callable[[Path], list[float]], path: Path) -> list[float]:
    """Medians of the times over ``RUNS`` runs, in milliseconds."""
    times = [run(path) for _ in range(RUNS)]
    return [1_000 * statistics.median(column) for column in zip(*times, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Time of reading and checking a large registry.")
    parser.add_argument(
        "--once", type=Path, metavar="FILE", help="read FILE once and print the two times as JSON"
    )
    once = parser.parse_args().once
    if once:
        print(json.dumps(import_and_read(once)))
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


if __name__ == "__main__":
    main()
