"""``to_parquet``: which parts are missing, who computes them, and what is said in the end."""

from __future__ import annotations

import contextlib
import json
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_lite.common import bar
from nlu_lite.errors import OptionError, OutputError
from nlu_lite.inputs import Source, open_source
from nlu_lite.parquet import manifest
from nlu_lite.parquet.layout import Layout
from nlu_lite.parquet.part import MAX_LISTED_FAILURES, Parts
from nlu_lite.parquet.reuse import PreviousDataset
from nlu_lite.parquet.settings import Settings
from nlu_lite.parquet.store import OWN, Store, open_store, write

if TYPE_CHECKING:
    from nlu_lite.flow import Flow, FrameOptions
    from nlu_lite.inputs import Chunk


def to_parquet(
    flow: Flow, data: Any, folder: str | Path, ask: FrameOptions, settings: Settings
) -> dict[str, Any]:
    """Write the missing parts of a dataset; see ``Pipeline.to_parquet``."""
    from nlu_lite.encoder import describe_computation, use_threads

    if ask.aggregate is None and ask.level != "token":
        raise OptionError(
            "aggregate=None makes matrices, which to_parquet does not write; take "
            "output_level='token'."
        )
    store = open_store(folder, settings.filesystem)
    source = open_source(data, settings.text, columns=_columns(ask, settings), exact=True)
    with store.lock(settings.lane):
        there = manifest.recorded(store)
        flows = _flows(flow, settings, there)
        with use_threads(there["computed_with"]["threads"]) if there else contextlib.nullcontext():
            layout = Layout.make(
                flows[0], ask, source.head(), source.text, vectors=settings.vectors
            )
            machines = [
                describe_computation([item.plan.loaded for item in one.components]) for one in flows
            ]
            here = {
                "format": manifest.FORMAT,
                "pipeline": manifest.pipeline_facts(flow),
                "rows": manifest.row_facts(ask, vectors=settings.vectors, key=settings.key),
                "part_rows": settings.part_rows,
                "columns": layout.facts(),
                "input": source.identity,
                "computed_with": machines[0],
                "reuse": None,
            }
            _refuse_unequal(settings, machines)
            earlier = _earlier(store, layout, here, settings)
            _begin(store, there, here)
            parts = Parts(store, layout, settings, manifest.fingerprint(here), earlier)
            return _Run(parts, source, flows, here).run()


def _columns(ask: FrameOptions, settings: Settings) -> list[Any] | None:
    """The columns of the input that are needed beside the text; None for all."""
    if ask.keep is True:
        return None
    named = [settings.key, ask.chunks if isinstance(ask.chunks, str) else None]
    kept = [] if isinstance(ask.keep, (bool, str)) else list(ask.keep)
    return [*kept, *(name for name in named if name is not None)]


def _flows(flow: Flow, settings: Settings, there: dict[str, Any] | None) -> list[Flow]:
    """The pipeline on every device; with ``auto`` on the one that the dataset was begun on."""
    devices = list(settings.device or [flow.options.device])
    if there is not None:
        kind = str(there["computed_with"]["device"][0])
        devices = [kind if name == "auto" and kind in ("cpu", "mps") else name for name in devices]
    return [flow if name == flow.options.device else _on(flow, name) for name in devices]


def _on(flow: Flow, device: str) -> Flow:
    options = replace(flow.options, device=device)
    return type(flow)([replace(item, options=options) for item in flow.components], options)


def _refuse_unequal(settings: Settings, machines: list[dict[str, Any]]) -> None:
    for name, other in zip(settings.device or (), machines, strict=False):
        if found := list(manifest.differences(machines[0], other)):
            raise OptionError(
                f"Devices that share a job must compute alike; {name} does not: {'; '.join(found)}."
            )


def _earlier(
    store: Store, layout: Layout, here: dict[str, Any], settings: Settings
) -> PreviousDataset | None:
    """The dataset to copy from, noted in the manifest of this one."""
    if settings.reuse is None:
        return None
    other = open_store(settings.reuse, settings.filesystem)
    there = manifest.recorded(other)
    if other.place == store.place or there is None:
        raise OutputError(
            f"reuse={str(settings.reuse)!r} is no other dataset of to_parquet; name the folder of "
            f"an earlier one."
        )
    manifest.refuse_other_rows(other, there, here)
    here["reuse"] = {"folder": other.place, "job": manifest.fingerprint(there)}
    return PreviousDataset(other, layout.ours)


def _begin(store: Store, there: dict[str, Any] | None, here: dict[str, Any]) -> None:
    if there is None:
        manifest.record(store, here)
        # Another shard may have been faster; all must be of one job.
        there = manifest.recorded(store) or here
    manifest.refuse_another(store, there, json.loads(json.dumps(here)))


class _Run:
    """One run over the parts of a shard.

    Args:
        parts: What they have in common.
        source: The input.
        flows: One a device.
        facts: The manifest.
    """

    def __init__(
        self, parts: Parts, source: Source, flows: list[Flow], facts: dict[str, Any]
    ) -> None:
        self._parts = parts
        self._source = source
        self._flows = flows
        self._facts = facts
        self._written: dict[int, dict[str, Any]] = {}
        self._now: list[dict[str, Any]] = []
        self._started = time.perf_counter()

    def run(self) -> dict[str, Any]:
        """Write what is missing, and the report, whatever comes of it."""
        try:
            with bar(
                None, unit="texts", show=self._parts.settings.progress, label="encoding"
            ) as done:
                self._write_all(done)
        except BaseException as error:
            with contextlib.suppress(
                OutputError
            ):  # where the disk is full, the reason is that of the error
                self._report(f"{type(error).__name__}: {error}")
            raise
        return self._report(None)

    def _write_all(self, done: Callable[[int], object]) -> None:
        if len(self._flows) == 1:
            for number, chunk in self._missing():
                self._note(self._parts.write(self._flows[0], number, chunk, done))
            return
        free: queue.Queue[Flow] = queue.Queue()
        for flow in self._flows:
            free.put(flow)
        with ThreadPoolExecutor(len(self._flows)) as pool:
            going: list[Future[dict[str, Any]]] = []
            for number, chunk in self._missing():
                # A part is read only when there is a device for it, so that no more of them are in
                # memory.
                going.append(pool.submit(self._on, free, number, chunk, done))
                while sum(not future.done() for future in going) >= len(self._flows):
                    time.sleep(0.01)
                going = self._finished(going)
            while going:
                going = self._finished(going, wait=True)

    def _on(
        self, free: queue.Queue[Flow], number: int, chunk: Chunk, done: Callable[[int], object]
    ) -> dict[str, Any]:
        from nlu_lite.encoder import use_threads

        flow = free.get()
        try:
            with use_threads(self._facts["computed_with"]["threads"]):
                return self._parts.write(flow, number, chunk, done)
        finally:
            free.put(flow)

    def _finished(
        self, going: list[Future[dict[str, Any]]], *, wait: bool = False
    ) -> list[Future[dict[str, Any]]]:
        for future in going:
            if wait or future.done():
                self._note(future.result())
        return [future for future in going if not wait and not future.done()]

    def _note(self, facts: dict[str, Any]) -> None:
        self._written[facts["part"]] = facts
        self._now.append(facts)

    def _missing(self) -> Iterator[tuple[int, Chunk]]:
        """The parts of this shard that are not there, with their rows."""
        size = self._parts.settings.part_rows
        number, count = self._parts.settings.lane
        is_first = True
        while True:
            there = self._parts.written(number)
            if there is None:
                chunk = self._source.take(number * size, size)
                if chunk is None and is_first and number == 0:
                    chunk = self._source.head().iloc[
                        :0
                    ]  # an input without rows makes one part without rows
                    yield number, chunk
                    return
                if chunk is None:
                    return
                yield number, chunk
                texts = len(chunk)
            else:
                self._written[number] = there
                self._compare(number, there)
                texts = there["texts"]
            if texts < size:
                return
            is_first = False
            number += count

    def _compare(self, number: int, there: dict[str, Any]) -> None:
        """That the rows of a part are still those it was made of, where no size and time of a file say so."""
        if "files" in self._source.identity:
            return
        size = self._parts.settings.part_rows
        chunk = self._source.take(number * size, size)
        found = 0 if chunk is None else len(chunk)
        if found == there["texts"] and (chunk is None or self._parts.is_made_of(number, chunk)):
            return
        raise OutputError(
            f"{self._parts.store.place} was begun with other texts: those of rows {number * size} "
            f"to "
            f"{number * size + there['texts'] - 1} have changed since {self._parts.name(number)} "
            f"was written. Name a new "
            "folder; reuse= copies from this one what is unchanged."
        )

    def _report(self, problem: str | None) -> dict[str, Any]:
        seconds = time.perf_counter() - self._started
        sums = {
            name: _sum(self._written.values(), name)
            for name in ("texts", "rows", "copied", "failures", "pieces")
        }
        now = {name: _sum(self._now, name) for name in ("texts", "rows", "copied", "pieces")}
        rates = {
            f"{name}_per_second": round(now[name] / max(seconds, 1e-9), 1)
            for name in ("texts", "pieces")
        }
        told = [
            failure
            for number in sorted(self._written)
            for failure in self._written[number]["first_failures"]
        ]
        number, count = self._parts.settings.lane
        report = {
            "complete": problem is None,
            "error": problem,
            "shard": None if count == 1 else [number, count],
            "parts": len(self._written),
            **sums,
            "first_failures": told[:MAX_LISTED_FAILURES],
            "run": {"parts": len(self._now), **now, "seconds": round(seconds, 3), **rates},
            "computed_with": self._facts["computed_with"],
        }
        name = "report.json" if count == 1 else f"report-{number}-of-{count}.json"
        write(self._parts.store, f"{OWN}/{name}", json.dumps(report, indent=1).encode())
        return report


def _sum(facts: Iterable[dict[str, Any]], name: str) -> int:
    return sum(int(one[name]) for one in facts)
