"""Folders that Spark NLP saved."""

from __future__ import annotations

from pathlib import Path

from nlu_lite import registry
from nlu_lite.errors import ModelError, UnknownReferenceError
from nlu_lite.weights.json_files import read_json


def refuse_spark_nlp(folder: Path) -> None:
    """Raise for a folder that Spark NLP saved, and name the reference to use instead.

    Raises:
        ModelError: The folder has Spark NLP's layout (``metadata``, ``stages``).
    """
    parts = [*folder.glob("metadata/part-*"), *folder.glob("stages/*/metadata/part-*")]
    if not parts:
        return
    names = [name for part in sorted(parts) if (name := _read_model_name(part))]
    requests = [request for name in dict.fromkeys(names) if (request := _find_reference(name))]
    cure = "nlu.search(...) to find the reference of its model"
    if requests:
        cure = f"nlu.load({' '.join(requests)!r})"
    raise ModelError(
        f"{folder} was saved by Spark NLP (models: {', '.join(names) or 'not named'}); its weights "
        f"are not PyTorch's and are not read here. Use {cure}."
    )


def _read_model_name(part: Path) -> str | None:
    """The model of a stage; one such as the tokenizer has none."""
    try:
        return str(read_json(part)["paramMap"]["storageRef"])
    except (ModelError, KeyError, TypeError):
        return None


def _find_reference(name: str) -> str | None:
    try:
        return registry.current().find(name).reference or name
    except UnknownReferenceError:
        return None
