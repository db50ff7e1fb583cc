"""Does memory stay what it is over a million distinct short texts?

Prints resident memory after every tenth of them, of ``stream`` or of ``to_parquet``.

    python benchmarks/soak.py --texts 1000000
    python benchmarks/soak.py --texts 200000 --to-parquet
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nlu_lite as nlu

# What resident memory may grow from the first tenth to the end.
TARGET = 1.05


def texts(count: int) -> Iterator[str]:
    """Distinct short texts."""
    return (
        f"text number {n} is one of so many that differ, {n * 7919 % 10007}" for n in range(count)
    )


def resident() -> int:
    """Bytes of memory that this process has now (Linux)."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class MemoryLog:
    """Resident memory at every tenth of the texts.

    Attributes:
        sizes: Bytes, a number a tenth.

    Args:
        count: Of all texts.
    """

    def __init__(self, count: int) -> None:
        self.sizes: list[int] = []
        self._count = count
        self._start = time.perf_counter()

    def note(self, read_texts: int) -> None:
        """Note memory if another tenth of the texts is read."""
        if read_texts * 10 >= (len(self.sizes) + 1) * self._count:
            self.sizes.append(resident())
            megabytes = self.sizes[-1] / 2**20
            rate = read_texts / (time.perf_counter() - self._start)
            print(f"{read_texts:9d} texts  {megabytes:8.0f} MB  {rate:7.0f} texts/s", flush=True)

    def follow(self, items: Iterator[str]) -> Iterator[str]:
        """The texts, memory noted as they are taken."""
        for number, item in enumerate(items):
            self.note(number)
            yield item


def main() -> None:
    parser = argparse.ArgumentParser(description="Resident memory over many distinct texts.")
    parser.add_argument("--texts", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--reference", default="en.embed.minilm_l6")
    parser.add_argument("--level", default="sentence")
    help_text = "write a dataset, which is thrown away, in place of stream"
    parser.add_argument("--to-parquet", action="store_true", help=help_text)
    arguments = parser.parse_args()
    pipe, log = nlu.load(arguments.reference), MemoryLog(arguments.texts)
    if arguments.to_parquet:
        with tempfile.TemporaryDirectory() as folder:
            data = log.follow(texts(arguments.texts))
            pipe.to_parquet(data, Path(folder) / "dataset", arguments.level, progress=False)
    else:
        for frame in pipe.stream(texts(arguments.texts), arguments.level, keep=False):
            read_texts = int(frame.index[-1]) + 1
            del frame
            log.note(read_texts)
    log.note(arguments.texts)
    growth = log.sizes[-1] / log.sizes[0]
    verdict = "within" if growth <= TARGET else "ABOVE"
    print(f"in the end {growth:.3f} of the first tenth: {verdict} the target of {TARGET}")


if __name__ == "__main__":
    main()
