"""Pipelines put together by hand: several components, words and sentences side by side."""

from __future__ import annotations

from pathlib import Path

from nlu_lite.options import Options
from nlu_lite.pipeline import Pipeline
from nlu_lite.registry import Entry
from nlu_lite.registry.schema import FolderSource
from nlu_lite.tasks.component import Component


def pipeline_of(
    *models: tuple[str, Path, str], facts: dict | None = None, **options: object
) -> Pipeline:
    """A pipeline of models, each given as name, folder and task; ``facts`` go into the entries of
    the sentence models."""
    checked = Options(**options)
    components = []
    for name, folder, task in models:
        entry = Entry(
            request=name,
            reference=name,
            task=task,
            language="en",
            model_name=name,
            sources=(FolderSource(path=str(folder)),),
            **((facts or {}) if task == "embed_sentence" else {}),
        )
        components.append(Component(entry, folder, checked))
    return Pipeline(components, checked)
