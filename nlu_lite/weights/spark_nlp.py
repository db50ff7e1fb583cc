"""Folders that Spark NLP saved."""

from __future__ import annotations

from pathlib import Path

from nlu_lite import registry
from nlu_lite.errors import ModelError, UnknownReferenceError
from nlu_lite.weights import model_files


def refuse_spark_nlp(folder: Path) -> None:
    """Raise for a folder that Spark NLP saved, and name the reference to use instead.

    Args:
        folder: Given as ``path``.

    Raises:
        ModelError: It has Spark NLP's layout (``metadata``, ``stages``).
    """
    parts = [*folder.glob("metadata/part-*"), *folder.glob("stages/*/metadata/part-*")]
    if not parts:
        return
    names = []
    for part in sorted(parts):
        try:
            names.append(model_files.read_json(part)["paramMap"]["storageRef"])
        except (
            ModelError,
            KeyError,
            TypeError,
        ):  # a stage without a model of its own, such as the tokenizer
            continue
    known, requests = registry.current(), []
    for name in dict.fromkeys(str(name) for name in names):
        try:
            requests.append(known.find(name).reference or name)
        except UnknownReferenceError:
            continue
    cure = (
        f"nlu.load({' '.join(requests)!r})"
        if requests
        else "nlu.search(...) to find the reference of its model"
    )
    raise ModelError(
        f"{folder} was saved by Spark NLP (models: {', '.join(map(str, names)) or 'not named'}); "
        f"its weights are not PyTorch's "
        f"and are not read here. Use {cure}."
    )
