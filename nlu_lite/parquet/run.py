"""One run over the parts of a dataset: which are missing, who computes them, the report."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from nlu_lite import encoder
from nlu_lite.common import is_watched, progress_bar
from nlu_lite.errors import OutputError, hide_secrets
from nlu_lite.flow import Flow
from nlu_lite.inputs import Chunk, Source
from nlu_lite.parquet.part import MAX_LISTED_FAILURES, PartFacts, Parts
from nlu_lite.parquet.store import META_FOLDER, Shard

Progress = Callable[[int], object]


@dataclass
class Run:
    """One run over the parts of a shard.

    Attributes:
        parts: What they have in common.
        source: The input.
        flows: The pipeline on each device.
        shard: Which parts.
        computed_with: What the devices compute with.
        earlier: What parts of earlier runs say of themselves, by their numbers.
        written: The same of the parts of this run.
    """

    parts: Parts
    source: Source
    flows: list[Flow]
    shard: Shard
    computed_with: dict[str, Any]
    earlier: dict[int, PartFacts] = field(default_factory=dict)
    written: dict[int, PartFacts] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        """Write what is missing, and the report, whatever comes of it."""
        started = time.perf_counter()
        show = self.parts.settings.progress
        try:
            total = self._count_missing() if is_watched() and show is not False else None
            with progress_bar(total, unit="texts", show=show, label="encoding") as progress:
                if len(self.flows) == 1:
                    self._write_in_turn(progress)
                else:
                    self._write_side_by_side(progress)
        except BaseException as error:
            # Where the disk is full, the reason is that of the error.
            with contextlib.suppress(OutputError):
                self._report(started, hide_secrets(f"{type(error).__name__}: {error}"))
            raise
        return self._report(started)

    def _count_missing(self) -> int | None:
        """The texts of the parts that are to be written; None where nobody knows."""
        texts = self.source.count()
        if texts is None:
            return None
        size = self.parts.settings.part_rows
        begins = {number: number * size for number in range(-(-texts // size))}
        shard_begins = list(begins)[self.shard.number :: self.shard.count]
        missing = [number for number in shard_begins if self.parts.read_facts(number) is None]
        return sum(min(size, texts - begins[number]) for number in missing)

    def _write_in_turn(self, progress: Progress) -> None:
        for number, chunk in self._missing_parts():
            self.written[number] = self.parts.write(self.flows[0], number, chunk, progress)

    def _write_side_by_side(self, progress: Progress) -> None:
        """A part is read only when a device is free, so that no more of them are in memory."""
        idle = list(self.flows)
        busy: dict[Future[PartFacts], Flow] = {}
        with ThreadPoolExecutor(len(self.flows)) as pool:
            for number, chunk in self._missing_parts():
                flow = idle.pop()
                busy[pool.submit(self._write_part, flow, number, chunk, progress)] = flow
                if not idle:
                    finished, _ = wait(busy, return_when=FIRST_COMPLETED)
                    idle += [self._finish(future, busy) for future in finished]
            for future in list(busy):
                self._finish(future, busy)

    def _write_part(self, flow: Flow, number: int, chunk: Chunk, progress: Progress) -> PartFacts:
        """In a thread of the pool, which has a number of threads of its own."""
        with encoder.use_threads(self.computed_with["threads"]):
            return self.parts.write(flow, number, chunk, progress)

    def _finish(self, future: Future[PartFacts], busy: dict[Future[PartFacts], Flow]) -> Flow:
        facts = future.result()
        self.written[facts["part"]] = facts
        return busy.pop(future)

    def _missing_parts(self) -> Iterator[tuple[int, Chunk]]:
        """The numbers and the rows of the parts of this shard that are not written yet."""
        for number in itertools.count(self.shard.number, self.shard.count):
            facts = self.parts.read_facts(number)
            if facts is None:
                chunk = self._rows_of(number)
                if chunk is None:
                    return
                yield number, chunk
                texts = len(chunk)
            else:
                self.earlier[number] = facts
                self._refuse_changed_texts(number, facts)
                texts = facts["texts"]
            if texts < self.parts.settings.part_rows:
                return

    def _rows_of(self, number: int) -> Chunk | None:
        """The rows of a part; None behind the end of the input."""
        size = self.parts.settings.part_rows
        chunk = self.source.take(number * size, size)
        if chunk is None and number == 0:
            # An input without rows makes one part without rows.
            return self.source.head().iloc[:0]
        return chunk

    def _refuse_changed_texts(self, number: int, facts: PartFacts) -> None:
        """Raise where a part was made of other rows, if no size and time of a file say so."""
        if "files" in self.source.identity:
            return
        chunk, texts = self._rows_of(number), facts["texts"]
        if chunk is not None and self.parts.is_made_of(number, chunk):
            return
        first = number * self.parts.settings.part_rows
        raise OutputError(
            f"{self.parts.store.address} was begun with other texts: those of rows {first} to "
            f"{first + texts - 1} have changed since {self.parts.name(number)} was written. Name "
            f"a new folder; reuse= copies from this one what is unchanged."
        )

    def _report(self, started: float, problem: str | None = None) -> dict[str, Any]:
        seconds = time.perf_counter() - started
        facts = {**self.earlier, **self.written}
        failures = [item for number in sorted(facts) for item in facts[number]["first_failures"]]
        sums_of_run = _sums(self.written, "texts", "rows", "copied", "pieces")
        report = {
            "complete": problem is None,
            "error": problem,
            "shard": None if self.shard.is_whole else [self.shard.number, self.shard.count],
            **_sums(facts, "texts", "rows", "copied", "failures", "pieces"),
            "first_failures": failures[:MAX_LISTED_FAILURES],
            "run": {
                **sums_of_run,
                "seconds": round(seconds, 3),
                "texts_per_second": round(sums_of_run["texts"] / max(seconds, 1e-9), 1),
                "pieces_per_second": round(sums_of_run["pieces"] / max(seconds, 1e-9), 1),
            },
            "computed_with": self.computed_with,
        }
        name = "report.json" if self.shard.is_whole else f"report-{self.shard}.json"
        content = json.dumps(report, indent=1).encode()
        self.parts.store.write(f"{META_FOLDER}/{name}", content)
        return report


def _sums(facts: Mapping[int, PartFacts], *names: str) -> dict[str, int]:
    """The number of parts, and sums of some of their facts."""
    sums = {name: sum(int(part[name]) for part in facts.values()) for name in names}
    return {"parts": len(facts), **sums}
