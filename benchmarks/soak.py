"""Does memory stay what it is over a million distinct short texts? Resident memory after every
tenth, of stream or to_parquet.

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


class Watch:
    """Notes resident memory at every tenth of the texts.

    Args:
        count: Of all texts.
    """

    def __init__(self, count: int) -> None:
        self.seen: list[int] = []
        self._count = count
        self._start = time.perf_counter()

    def at(self, done: int) -> None:
        """Note memory if another tenth is done.

        Args:
            done: Texts so far.
        """
        if done * 10 >= (len(self.seen) + 1) * self._count:
            self.seen.append(resident())
            rate = done / (time.perf_counter() - self._start)
            print(
                f"{done:9d} texts  {self.seen[-1] / 2**20:8.0f} MB  {rate:7.0f} texts/s", flush=True
            )

    def watched(self, items: Iterator[str]) -> Iterator[str]:
        """The texts, memory noted as they are taken."""
        for number, item in enumerate(items):
            self.at(number)
            yield item


def main() -> None:
    parser = argparse.ArgumentParser(description="Resident memory over many distinct texts.")
    parser.add_argument("--texts", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--reference", default="en.embed.minilm_l6")
    parser.add_argument("--level", default="sentence")
    parser.add_argument(
        "--to-parquet",
        action="store_true",
        help="write a dataset, which is thrown away, in place of stream",
    )
    parsed = parser.parse_args()
    pipe, watch = nlu.load(parsed.reference), Watch(parsed.texts)
    if parsed.to_parquet:
        with tempfile.TemporaryDirectory() as folder:
            pipe.to_parquet(
                watch.watched(texts(parsed.texts)),
                Path(folder) / "dataset",
                parsed.level,
                progress=False,
            )
    else:
        done = 0
        for frame in pipe.stream(texts(parsed.texts), parsed.level, keep=False):
            done = int(frame.index[-1]) + 1
            del frame
            watch.at(done)
    watch.at(parsed.texts)
    growth = watch.seen[-1] / watch.seen[0]
    print(
        f"in the end {growth:.3f} of the first tenth: {'within' if growth <= TARGET else 'ABOVE'} "
        f"the target of {TARGET}"
    )


if __name__ == "__main__":
    main()
