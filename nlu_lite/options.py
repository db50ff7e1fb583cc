"""The options of ``load``, checked here and nowhere else: one frozen record."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np

from nlu_lite.errors import OptionError, UnknownOptionError, brief

Spans = Sequence[tuple[int, int]]
Splitter = Callable[[str], Spans]

WORDS = ("standard", "spark", "model", "unicode")
SENTENCES = ("auto", "spark")
DTYPES = ("float32", "bfloat16", "float16", "auto")
WORD_POOLINGS = ("first", "last", "mean", "max")
SENTENCE_POOLINGS = ("mean", "cls", "pooler", "last", "max", "weighted")
LAYER_POOLINGS = ("mean", "sum", "concat")
LONG = ("windows", "cut")
# What ``hypothesis`` has where a candidate label goes, and transformers' own template.
LABEL_SLOT, HYPOTHESIS = "{}", "This example is {}."
# They say how vectors are made, and mean nothing where labels are asked for.
OF_VECTORS = (
    "layers",
    "layer_pooling",
    "sentence_pooling",
    "prompt",
    "normalize",
    "dimensions",
    "spark_input",
)
# They say which labels there are, and mean nothing where vectors are asked for.
OF_LABELS = ("labels", "hypothesis", "multi_label")
# The largest maxSentenceLength of Spark NLP's BertEmbeddings.
MOST_SPARK_PIECES = 512
# Longer than any text; what is counted in pieces or numbers must fit the machine's own.
MOST_PIECES = 1_000_000_000
# What results call their columns, those with vectors aside.
OWN_COLUMNS = frozenset(
    {
        *(
            "token",
            "sentence",
            "document",
            "chunk",
            "begin",
            "end",
            "sentence_index",
            "token_index",
        ),
        *("sentence_number", "piece_count", "window_count", "is_unknown"),
    }
)

WordPooling = Literal["first", "last", "mean", "max"]
LayerPooling = Literal["mean", "sum", "concat"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """How text becomes vectors, as asked for in ``load``; None means what the entry or the model says.

    Lengths (``max_length``, ``stride``) are in pieces, ``max_length`` with the special ones;
    ``layers`` counts 0 for the embedding output, n for the last, negative numbers from the end.

    ``labels``, ``hypothesis`` and ``multi_label`` are for components that give labels, ``layers``,
    ``layer_pooling``, ``sentence_pooling``, ``prompt``, ``normalize`` and ``dimensions`` for those
    that give vectors.

    ``spark_input`` feeds words to WordPiece BERT as Spark NLP does, by their first basic piece
    only; ``max_length`` is then its maxSentenceLength (128 if not given). ``load`` does not list
    it: it is asked for by ``nlu_lite.compat``.

    Raises:
        OptionError: A value outside what is valid.
    """

    words: str | Splitter = "standard"
    sentences: str | Splitter | None = "auto"
    word_pooling: str = "first"
    sentence_pooling: str | None = None
    layers: int | tuple[int, ...] = -1
    layer_pooling: str = "mean"
    prompt: str | None = None
    normalize: bool | None = None
    dimensions: int | None = None
    max_length: int | None = None
    stride: int | None = None
    long: str = "windows"
    column: str | tuple[str, ...] | None = None
    language: str | None = None
    device: str = "auto"
    dtype: str = "float32"
    offline: bool | None = None
    revision: str | None = None
    labels: Mapping[str, str] | tuple[str, ...] | None = None
    hypothesis: str = HYPOTHESIS
    multi_label: bool = False
    spark_input: bool = False

    def __post_init__(self) -> None:
        _choice("words", self.words, WORDS, or_callable=True)
        if self.sentences is not None:
            _choice("sentences", self.sentences, SENTENCES, or_callable=True, also="None")
        _choice("word_pooling", self.word_pooling, WORD_POOLINGS)
        if self.sentence_pooling is not None:
            _choice("sentence_pooling", self.sentence_pooling, SENTENCE_POOLINGS, also="None")
        _choice("layer_pooling", self.layer_pooling, LAYER_POOLINGS)
        _choice("dtype", self.dtype, DTYPES)
        _choice("long", self.long, LONG)
        for name in ("dimensions", "max_length"):
            _integer(name, getattr(self, name), minimum=1)
        _integer("stride", self.stride, minimum=0)
        for name in ("normalize", "offline"):
            _of_type(name, getattr(self, name), bool, "True, False or None")
        for name in ("prompt", "language", "revision"):
            _of_type(name, getattr(self, name), str, "a text or None")
        if not isinstance(self.device, str):
            raise OptionError(
                f'device is {brief(self.device)}; valid is a text such as "auto", "cpu" or '
                f'"cuda:0".'
            )
        if not isinstance(self.hypothesis, str) or self.hypothesis.count(LABEL_SLOT) != 1:
            raise OptionError(
                f"hypothesis is {brief(self.hypothesis)}; valid is a text with one {LABEL_SLOT}, such "
                f'as "{HYPOTHESIS}".'
            )
        if not isinstance(self.multi_label, bool):
            raise OptionError(
                f"multi_label is {brief(self.multi_label)}; valid are True and False."
            )
        self._check_spark_input()
        object.__setattr__(self, "labels", _labels(self.labels))
        object.__setattr__(self, "layers", _layers(self.layers))
        object.__setattr__(self, "column", _columns(self.column))

    def _check_spark_input(self) -> None:
        if not isinstance(self.spark_input, bool):
            raise OptionError(
                f"spark_input is {brief(self.spark_input)}; valid are True and False."
            )
        if not self.spark_input:
            return
        fits = {
            "words": self.words == "spark" or callable(self.words),
            "word_pooling": self.word_pooling == "first",
            "long": self.long == "cut",
            "stride": self.stride is None,
            "max_length": self.max_length is None or self.max_length <= MOST_SPARK_PIECES,
        }
        if wrong := [
            f"{name}={brief(getattr(self, name))}" for name, is_fit in fits.items() if not is_fit
        ]:
            raise OptionError(
                f"spark_input=True, Spark NLP's input to the letter, does not go with "
                f"{', '.join(wrong)}; it goes with "
                f'words="spark" (or nlu.SparkTokenizer(...)), word_pooling="first", long="cut", no '
                f"stride, and a max_length up "
                f"to {MOST_SPARK_PIECES}."
            )

    @property
    def layer_list(self) -> tuple[int, ...]:
        """The wanted layers as a tuple, as given (negatives not resolved)."""
        return self.layers if isinstance(self.layers, tuple) else (self.layers,)

    def changed(self) -> dict[str, Any]:
        """The options that differ from their defaults, for repr, ``df.attrs`` and ``save``."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if getattr(self, field.name) != field.default
        }


# Those that ``load`` lists; the other is asked for by ``nlu_lite.compat``.
LOAD_OPTIONS = tuple(field.name for field in fields(Options) if field.name != "spark_input")


def without_vectors(options: Options) -> Options:
    """The options of a component that gives labels: what says how vectors are made is left out.

    Args:
        options: Common to the components of a request, some of which may give vectors.
    """
    defaults = {field.name: field.default for field in fields(Options) if field.name in OF_VECTORS}
    return replace(options, **defaults)  # type: ignore[arg-type]


def refuse_unknown(unknown: Iterable[str], valid: Iterable[str], *, where: str) -> None:
    """Raise for option names that do not exist.

    Args:
        unknown: Names that were given and do not exist.
        valid: Names that do.
        where: The call they were given to, for the message.

    Raises:
        UnknownOptionError: ``unknown`` is not empty.
    """
    names, known = sorted(unknown), sorted(valid)
    if not names:
        return
    near = [match for name in names for match in difflib.get_close_matches(name, known, n=1)]
    hint = f" Did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
    raise UnknownOptionError(
        f"{where} has no option {', '.join(names):.300}.{hint} Valid are: {', '.join(known)}."
    )


def _choice(
    name: str,
    value: object,
    valid: tuple[str, ...],
    *,
    or_callable: bool = False,
    also: str | None = None,
) -> None:
    if isinstance(value, str) and value in valid:
        return
    if or_callable and callable(value):
        return
    listed = ", ".join(repr(choice) for choice in valid) + (f", {also}" if also else "")
    function = " or a function from a text to its (begin, end) spans" if or_callable else ""
    raise OptionError(f"{name} is {brief(value)}; valid are {listed}{function}.")


def _integer(name: str, value: Any, *, minimum: int) -> None:  # noqa: ANN401 - whatever the caller gave
    if value is None:
        return
    if not _is_integer(value) or not minimum <= int(value) <= MOST_PIECES:
        raise OptionError(
            f"{name} is {brief(value)}; valid are whole numbers from {minimum} to {MOST_PIECES:,}, "
            f"or None."
        )


def _of_type(name: str, value: object, kind: type, described: str) -> None:
    if value is not None and not isinstance(value, kind):
        raise OptionError(f"{name} is {brief(value)}; valid is {described}.")


def _layers(value: Any) -> int | tuple[int, ...]:  # noqa: ANN401 - whatever the caller gave
    if _is_integer(value):
        return int(value)
    if (
        isinstance(value, (list, tuple, range))
        and value
        and all(_is_integer(item) for item in value)
    ):
        return tuple(int(item) for item in value)
    raise OptionError(
        f"layers is {brief(value)}; valid is a whole number (0 is the embedding output, -1 the "
        f"last layer) or several in a "
        "list."
    )


def _is_integer(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _columns(value: Any) -> str | tuple[str, ...] | None:  # noqa: ANN401 - whatever the caller gave
    names = [value] if isinstance(value, str) else value
    if value is None:
        return None
    if (
        not isinstance(names, (list, tuple))
        or not names
        or not all(isinstance(item, str) and item for item in names)
    ):
        raise OptionError(
            f"column is {brief(value)}; valid is a name, or a list with one name a component."
        )
    if len(set(names)) < len(names) or not OWN_COLUMNS.isdisjoint(names):
        raise OptionError(
            f"column is {brief(value)}; valid are names that differ, other than those of the "
            f"results' own columns: "
            f"{', '.join(sorted(OWN_COLUMNS))}."
        )
    return value if isinstance(value, str) else tuple(value)


def _labels(value: Any) -> dict[str, str] | tuple[str, ...] | None:  # noqa: ANN401 - whatever the caller gave
    if value is None:
        return None
    names: list[Any] = []
    if isinstance(value, Mapping):
        names = [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple)):
        names = list(value)
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise OptionError(
            f"labels is {brief(value)}; valid are a mapping from a model's own labels to other "
            f"names, or for zero-shot a list "
            "of candidate labels."
        )
    listed = list(value.values()) if isinstance(value, Mapping) else names
    if len(set(listed)) < len(listed):
        raise OptionError(f"labels is {brief(value)}; valid are names that differ.")
    return dict(value) if isinstance(value, Mapping) else tuple(listed)


def quarter(length: int) -> int:
    """The default overlap of two windows: a quarter of the pieces that fit, rounded down."""
    return math.floor(length / 4)
