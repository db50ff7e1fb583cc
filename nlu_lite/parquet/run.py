"""One run over the parts of a dataset: which are missing, who computes them, the report."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from nlu_lite import encoder
from nlu_lite.common import progress_bar
from nlu_lite.errors import OutputError
from nlu_lite.flow import Flow
from nlu_lite.inputs import Chunk, Source
from nlu_lite.parquet.part import MAX_LISTED_FAILURES, PartFacts, Parts
from nlu_lite.parquet.store import META_FOLDER, Shard

Progress = Callable[[int], object]


class Run:
    """One run over the parts of a shard.

    Args:
        parts: What they have in common.
        source: The input.
        flows: The pipeline on each device.
        shard: Which parts.
        computed_with: What the devices compute with.
    """

    def __init__(
        self,
        parts: Parts,
        source: Source,
        flows: list[Flow],
        shard: Shard,
        computed_with: dict[str, Any],
    ) -> None:
        self._parts = parts
        self._part_rows = parts.settings.part_rows
        self._source = source
        self._flows = flows
        self._shard = shard
        self._computed_with = computed_with
        # What parts say of themselves, by their numbers: those of earlier runs, and of this one.
        self._earlier: dict[int, PartFacts] = {}
        self._written: dict[int, PartFacts] = {}
        self._started = time.perf_counter()

    def run(self) -> dict[str, Any]:
        """Write what is missing, and the report, whatever comes of it."""
        show = self._parts.settings.progress
        try:
            with progress_bar(None, unit="texts", show=show, label="encoding") as progress:
                if len(self._flows) == 1:
                    self._write_in_turn(progress)
                else:
                    self._write_side_by_side(progress)
        except BaseException as error:
            # Where the disk is full, the reason is that of the error.
            with contextlib.suppress(OutputError):
                self._report(f"{type(error).__name__}: {error}")
            raise
        return self._report(None)

    def _write_in_turn(self, progress: Progress) -> None:
        for number, chunk in self._missing_parts():
            self._written[number] = self._parts.write(self._flows[0], number, chunk, progress)

    def _write_side_by_side(self, progress: Progress) -> None:
        """A part is read only when a device is free, so that no more of them are in memory."""
        idle = list(self._flows)
        busy: dict[Future[PartFacts], Flow] = {}
        with ThreadPoolExecutor(len(self._flows)) as pool:
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
        with encoder.use_threads(self._computed_with["threads"]):
            return self._parts.write(flow, number, chunk, progress)

    def _finish(self, future: Future[PartFacts], busy: dict[Future[PartFacts], Flow]) -> Flow:
        facts = future.result()
        self._written[facts["part"]] = facts
        return busy.pop(future)

    def _missing_parts(self) -> Iterator[tuple[int, Chunk]]:
        """The numbers and the rows of the parts of this shard that are not written yet."""
        for number in itertools.count(self._shard.number, self._shard.count):
            facts = self._parts.read_facts(number)
            if facts is None:
                chunk = self._rows_of(number)
                if chunk is None:
                    return
                yield number, chunk
                texts = len(chunk)
            else:
                self._earlier[number] = facts
                self._refuse_changed_texts(number, facts)
                texts = facts["texts"]
            if texts < self._part_rows:
                return

    def _rows_of(self, number: int) -> Chunk | None:
        """The rows of a part; None behind the end of the input."""
        chunk = self._source.take(number * self._part_rows, self._part_rows)
        if chunk is None and number == 0:
            # An input without rows makes one part without rows.
            return self._source.head().iloc[:0]
        return chunk

    def _refuse_changed_texts(self, number: int, facts: PartFacts) -> None:
        """Raise where a part was made of other rows, if no size and time of a file say so."""
        if "files" in self._source.identity:
            return
        chunk, texts = self._rows_of(number), facts["texts"]
        if chunk is not None and len(chunk) == texts and self._parts.is_made_of(number, chunk):
            return
        first = number * self._part_rows
        raise OutputError(
            f"{self._parts.store.address} was begun with other texts: those of rows {first} to "
            f"{first + texts - 1} have changed since {self._parts.name(number)} was written. Name "
            f"a new folder; reuse= copies from this one what is unchanged."
        )

    def _report(self, problem: str | None) -> dict[str, Any]:
        seconds = time.perf_counter() - self._started
        facts_of_run = list(self._written.values())
        facts = [facts for _, facts in sorted({**self._earlier, **self._written}.items())]
        failures = itertools.chain.from_iterable(part["first_failures"] for part in facts)
        sums_of_run = _sums(facts_of_run, "texts", "rows", "copied", "pieces")
        rates = {
            f"{name}_per_second": round(sums_of_run[name] / max(seconds, 1e-9), 1)
            for name in ("texts", "pieces")
        }
        report = {
            "complete": problem is None,
            "error": problem,
            "shard": None if self._shard.is_whole else [self._shard.number, self._shard.count],
            "parts": len(facts),
            **_sums(facts, "texts", "rows", "copied", "failures", "pieces"),
            "first_failures": list(itertools.islice(failures, MAX_LISTED_FAILURES)),
            "run": {
                "parts": len(facts_of_run),
                **sums_of_run,
                "seconds": round(seconds, 3),
                **rates,
            },
            "computed_with": self._computed_with,
        }
        name = "report.json" if self._shard.is_whole else f"report-{self._shard}.json"
        content = json.dumps(report, indent=1).encode()
        self._parts.store.write(f"{META_FOLDER}/{name}", content)
        return report


def _sums(facts: list[PartFacts], *names: str) -> dict[str, int]:
    return {name: sum(int(part[name]) for part in facts) for name in names}
