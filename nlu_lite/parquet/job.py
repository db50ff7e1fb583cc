"""``to_parquet``: what a job is made of and by, and whether the folder is of the same one."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nlu_lite import encoder
from nlu_lite.errors import OptionError, OutputError
from nlu_lite.flow import Flow, FrameOptions
from nlu_lite.inputs import open_source
from nlu_lite.parquet import manifest
from nlu_lite.parquet.layout import Layout
from nlu_lite.parquet.manifest import Manifest
from nlu_lite.parquet.part import Parts
from nlu_lite.parquet.reuse import PreviousDataset
from nlu_lite.parquet.run import Run
from nlu_lite.parquet.settings import Settings
from nlu_lite.parquet.store import Shard, Store, open_store
from nlu_lite.parquet.survey import is_everything_kept


def to_parquet(
    flow: Flow,
    data: Any,  # noqa: ANN401 - many kinds, see nlu_lite.inputs
    folder: str | Path,
    frame_options: FrameOptions,
    settings: Settings,
) -> dict[str, Any]:
    """Write the missing parts of a dataset, and give the report; see ``Pipeline.to_parquet``."""
    if frame_options.aggregate is None and frame_options.level.joins_words:
        raise OptionError(
            "aggregate=None makes matrices, which to_parquet does not write; take "
            "output_level='token'."
        )
    store = open_store(folder, settings.filesystem)
    columns = _input_columns(frame_options, settings)
    source = open_source(data, settings.text, columns=columns, exact=True, file_arguments=settings)
    shard = Shard(*(settings.shard or (0, 1)))
    with contextlib.ExitStack() as stack:
        stack.enter_context(store.lock(shard))
        stored_manifest = manifest.read_manifest(store)
        if stored_manifest is not None:
            stack.enter_context(encoder.use_threads(stored_manifest["computed_with"]["threads"]))
        flows = _flows(flow, settings, stored_manifest)
        layout = Layout.make(
            flows[0],
            frame_options,
            source,
            vectors=settings.vectors,
            part_rows=settings.part_rows,
        )
        new_manifest: Manifest = {
            "format": manifest.FORMAT,
            "pipeline": manifest.pipeline_facts(flow),
            "rows": manifest.row_facts(frame_options, vectors=settings.vectors, key=settings.key),
            "part_rows": settings.part_rows,
            "columns": layout.facts(),
            "input": source.identity,
            "computed_with": _computed_with(flows),
            "reuse": None,
        }
        previous = _open_previous(settings, store, layout, new_manifest)
        job = manifest.begin_dataset(store, new_manifest)
        parts = Parts(
            store=store,
            layout=layout,
            settings=settings,
            job=job,
            previous=previous,
        )
        return Run(parts, source, flows, shard, new_manifest["computed_with"]).run()


def _input_columns(frame_options: FrameOptions, settings: Settings) -> list[Hashable] | None:
    """The columns of the input that are needed beside the text; None for all."""
    keep, chunks = frame_options.keep, frame_options.chunks
    if is_everything_kept(frame_options):
        return None
    names: list[Hashable] = [] if isinstance(keep, (bool, str)) else list(keep)
    if settings.key is not None:
        names.append(settings.key)
    if isinstance(chunks, str):
        names.append(chunks)
    return names


def _flows(flow: Flow, settings: Settings, stored_manifest: Manifest | None) -> list[Flow]:
    """The pipeline on every device; with ``auto`` on the one that the dataset was begun on."""
    kind = "" if stored_manifest is None else stored_manifest["computed_with"]["device"][0]
    # There is only one of each of these; a GPU keeps its number.
    begun_on = {"auto": kind} if kind in ("cpu", "mps") else {}
    devices = settings.device or (flow.options.device,)
    return [_moved(flow, begun_on.get(device, device)) for device in devices]


def _moved(flow: Flow, device: str) -> Flow:
    if device == flow.options.device:
        return flow
    components = [
        replace(component, options=replace(component.options, device=device))
        for component in flow.components
    ]
    return type(flow)(components, replace(flow.options, device=device))


def _computed_with(flows: list[Flow]) -> dict[str, Any]:
    """What the devices compute with, which must be the same for all."""
    machines = [
        encoder.describe_computation([item.plan.loaded for item in flow.components])
        for flow in flows
    ]
    for flow, machine in zip(flows, machines, strict=True):
        if lines := list(manifest.differences(machines[0], machine)):
            raise OptionError(
                f"Devices that share a job must compute alike; {flow.options.device} does not: "
                f"{'; '.join(lines)}."
            )
    return machines[0]


def _open_previous(
    settings: Settings, store: Store, layout: Layout, new_manifest: Manifest
) -> PreviousDataset:
    """The dataset to copy from, which is noted in the new manifest."""
    if settings.reuse is None:
        return PreviousDataset(store, [], layout.computed_schema)
    previous_store = open_store(settings.reuse, settings.filesystem)
    previous_manifest = manifest.read_manifest(previous_store)
    if previous_store.address == store.address or previous_manifest is None:
        raise OutputError(
            f"reuse={str(settings.reuse)!r} is no other dataset of to_parquet; name the folder of "
            f"an earlier one."
        )
    manifest.refuse_other_rows(previous_store, previous_manifest, new_manifest)
    new_manifest["reuse"] = {
        "folder": previous_store.address,
        "job": manifest.fingerprint(previous_manifest),
    }
    parts = [name for name in previous_store.names() if name.endswith(".parquet")]
    return PreviousDataset(previous_store, parts, layout.computed_schema)
