"""A trained head on disk: safetensors and JSON, or another classifier by skops; no pickle."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from nlu_lite.errors import MissingExtraError, ModelError, OptionError
from nlu_lite.tasks.head.classes import Classes
from nlu_lite.tasks.head.classifier import Head, Linear, SklearnHead
from nlu_lite.tasks.head.several import LinearLabels

FACTS, NUMBERS, CLASSIFIER = "head.json", "head.safetensors", "head.skops"
_INSTEAD = (
    "Fit another one, such as the LogisticRegression that fit takes by default, and save that; a "
    "pickle of the pipeline holds "
    "any, for readers who trust its writer."
)


def write(head: Head, folder: Path) -> list[str]:
    """Write a head into an empty folder.

    Args:
        head: Any.
        folder: It exists.

    Returns:
        The names of the files.

    Raises:
        OptionError: The classifier is made of parts that are not scikit-learn's or NumPy's.
        MissingExtraError: skops is needed for the classifier, and not installed.
    """
    facts = {
        "name": head.name,
        "level": head.level,
        "component": head.component,
        "width": head.width,
        "classes": list(head.classes.values),
        "categories": None if head.classes.categories is None else list(head.classes.categories),
        "ordered": head.classes.ordered,
    }
    if head.gives_several:
        facts["gives_several"] = True
    if isinstance(head.model, (Linear, LinearLabels)):
        save_file(
            {"weights": np.ascontiguousarray(head.model.weights), "bias": head.model.bias},
            str(folder / NUMBERS),
        )
        named = NUMBERS
    else:
        _write_classifier(head.model.classifier, folder / CLASSIFIER)
        facts["scikit-learn"] = version("scikit-learn")
        named = CLASSIFIER
    (folder / FACTS).write_text(json.dumps(facts, indent=2), encoding="utf-8")
    return [FACTS, named]


def read(folder: Path) -> Head:
    """What ``write`` wrote.

    Raises:
        ModelError: A file is damaged, or the classifier is made of parts that are not known to be
            harmless.
        MissingExtraError: skops is needed for the classifier, and not installed.
    """
    try:
        facts: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        categories = facts["categories"]
        classes = Classes(
            tuple(facts["classes"]),
            None if categories is None else tuple(categories),
            facts["ordered"],
        )
        model: Linear | SklearnHead | LinearLabels
        if (folder / CLASSIFIER).is_file():
            model = SklearnHead(_read_classifier(folder / CLASSIFIER))
        else:
            numbers = load_file(str(folder / NUMBERS))
            kind = LinearLabels if facts.get("gives_several") else Linear
            model = kind(numbers["weights"], numbers["bias"])
            if model.weights.shape[1] != facts["width"]:
                raise ValueError(
                    f"its weights are for {model.weights.shape[1]} numbers, not {facts['width']}"
                )
        return Head(
            facts["name"], facts["level"], facts["component"], facts["width"], classes, model
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(
            f"The trained head in {folder} cannot be read: {error!r}. Fit it again, and save."
        ) from error


def _skops(what: str) -> Any:  # noqa: ANN401 - a module
    try:
        import skops.io
    except ImportError as error:
        raise MissingExtraError(
            f"{what} a classifier that is no LogisticRegression needs skops: pip install "
            f"'nlu-lite[train]'."
        ) from error
    return skops.io


def _write_classifier(classifier: Any, path: Path) -> None:  # noqa: ANN401
    skops = _skops("Saving")
    try:
        skops.dump(classifier, path)
        foreign = skops.get_untrusted_types(file=path)
    except Exception as error:  # whatever the classifier's own parts raise
        raise OptionError(
            f"{classifier!r:.100} cannot be written down without a pickle: {error}. {_INSTEAD}"
        ) from error
    if foreign:
        raise OptionError(
            f"{classifier!r:.100} holds {', '.join(foreign)}, which skops does not know to be "
            f"harmless in a file; it is not "
            f"saved. {_INSTEAD}"
        )


def _read_classifier(path: Path) -> Any:  # noqa: ANN401
    skops = _skops("Reading")
    try:
        return skops.load(path, trusted=[])
    except Exception as error:
        raise ModelError(
            f"The classifier in {path} cannot be read: {error}. Fit it again, and save."
        ) from error
