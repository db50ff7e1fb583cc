"""A trained head on disk: safetensors and JSON, or another classifier by skops; no pickle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from nlu_lite.errors import MissingExtraError, ModelError, OptionError
from nlu_lite.registry import TRAINABLE_CLASSIFIERS, TRAINABLE_SEVERAL, TRAINABLE_TAGGERS, Record
from nlu_lite.tasks.head.classes import Classes
from nlu_lite.tasks.head.classifier import Linear, SklearnHead
from nlu_lite.tasks.head.head import Head, Level
from nlu_lite.tasks.head.several import LinearLabels
from nlu_lite.weights import read_json

FACTS, NUMBERS, CLASSIFIER = "head.json", "head.safetensors", "head.skops"
# Classes that one row of weights tells apart.
BINARY = 2
_INSTEAD = (
    "Fit another one, such as the LogisticRegression that fit takes by default, and save that; a "
    "pickle of the pipeline holds "
    "any, for readers who trust its writer."
)


_Value = StrictStr | StrictBool | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)]


class _Facts(Record):
    """The file beside the numbers: what was learnt, and from what; see ``Head`` and ``Classes``."""

    name: StrictStr
    level: Level
    component: int = Field(ge=0)
    width: int = Field(ge=1)
    classes: list[_Value] = Field(min_length=1)
    categories: list[_Value] | None
    ordered: bool
    gives_several: StrictBool = False
    scikit_learn: StrictStr | None = Field(default=None, alias="scikit-learn")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.name not in (*TRAINABLE_CLASSIFIERS, *TRAINABLE_TAGGERS, *TRAINABLE_SEVERAL):
            raise ValueError(f"{self.name!r:.80} is nothing that is trained")
        if len(self.classes) < BINARY and not self.gives_several:
            raise ValueError("one class tells nothing apart")
        if len({type(value) for value in self.classes}) > 1:
            raise ValueError("the classes are of several kinds")
        if self.classes != sorted(set(self.classes)):
            raise ValueError("the classes are not in order, each once")
        if self.categories is not None and not set(self.classes) <= set(self.categories):
            raise ValueError("the categories lack classes")
        return self


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
        numbers = {"weights": np.ascontiguousarray(head.model.weights), "bias": head.model.bias}
        # Not by ``save_file``, whose error of a full disk is none of the operating system's.
        (folder / NUMBERS).write_bytes(save(numbers))
        named = NUMBERS
    else:
        _write_classifier(head.model.classifier, folder / CLASSIFIER)
        facts["scikit-learn"] = version("scikit-learn")
        named = CLASSIFIER
    (folder / FACTS).write_text(json.dumps(facts, indent=2), encoding="utf-8")
    return [FACTS, named]


def read(folder: Path, names: Sequence[str] | None = None) -> Head:
    """What ``write`` wrote.

    Args:
        folder: Where the files lie.
        names: Those that ``write`` named, and no others are read; None: those that are there.

    Raises:
        ModelError: A file is damaged, or the classifier is made of parts that are not known to be
            harmless.
        MissingExtraError: skops is needed for the classifier, and not installed.
    """
    if names is None:
        model_file = CLASSIFIER if (folder / CLASSIFIER).is_file() else NUMBERS
        names = [FACTS, model_file]
    try:
        if sorted(names) not in (sorted([FACTS, NUMBERS]), sorted([FACTS, CLASSIFIER])):
            raise ValueError(f"its files are {list(names)!r:.200}")
        facts = _Facts.model_validate(read_json(folder / FACTS))
        model: Linear | SklearnHead | LinearLabels
        if CLASSIFIER in names:
            classifier = _read_classifier(folder / CLASSIFIER)
            _check_classifier(classifier, facts.width)
            model = SklearnHead(classifier)
        else:
            weights, bias = _read_numbers(folder / NUMBERS, facts.width)
            model = (LinearLabels if facts.gives_several else Linear)(weights, bias)
        categories = None if facts.categories is None else tuple(facts.categories)
        classes = Classes(tuple(facts.classes), categories, facts.ordered)
        return Head(facts.name, facts.level, facts.component, facts.width, classes, model)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(
            f"The trained head in {folder} cannot be read: {error!s:.500}. Fit it again, and save."
        ) from error


def check_classes(head: Head) -> None:
    """Raise where the numbers of a head tell other classes apart than it names.

    Raises:
        ModelError: They do.
    """
    count = len(head.classes.values)
    if isinstance(head.model, LinearLabels):
        fits = len(head.model.weights) == len(head.model.bias) == count
    elif isinstance(head.model, Linear):
        rows = 1 if count == BINARY else count
        fits = len(head.model.weights) == rows and len(head.model.bias) in (1, rows)
    else:
        fits = set(np.asarray(head.model.classifier.classes_).tolist()) <= set(range(count))
    if not fits:
        raise ModelError(
            f"The trained head {head.name} tells other classes apart than the {count} that it "
            f"names. Fit it again, and save."
        )


def _check_classifier(classifier: Any, width: int) -> None:  # noqa: ANN401
    """Raise where a classifier is not one of vectors of this width, or has no numbers.

    Raises:
        ValueError: It is not; says what it is.
    """
    if not (callable(getattr(classifier, "predict", None)) and hasattr(classifier, "classes_")):
        raise ValueError(f"it holds a {type(classifier).__name__}, which is no fitted classifier")
    if getattr(classifier, "n_features_in_", width) != width:
        raise ValueError(f"its classifier is for {classifier.n_features_in_} numbers, not {width}")
    for name in ("coef_", "intercept_"):
        if not np.isfinite(np.asarray(getattr(classifier, name, 0.0), dtype=np.float64)).all():
            raise ValueError("its weights hold NaN or infinity")


def _read_numbers(path: Path, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The weights and the bias of logistic regressions.

    Raises:
        ValueError: They are not for vectors of this width, or not finite.
    """
    numbers = load_file(str(path))
    weights, bias = numbers["weights"], numbers["bias"]
    if weights.ndim != 2 or bias.ndim != 1:
        raise ValueError(f"its weights have the shapes {weights.shape} and {bias.shape}")
    if weights.shape[1] != width:
        raise ValueError(f"its weights are for {weights.shape[1]} numbers, not {width}")
    if weights.dtype.kind != "f" or bias.dtype.kind != "f":
        raise ValueError(f"its weights are {weights.dtype} and {bias.dtype}, not floating point")
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise ValueError("its weights hold NaN or infinity")
    return weights.astype(np.float64), bias.astype(np.float64)


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
    except OSError:
        raise
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
