"""The options of ``load``: written down once, checked here and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from nlu_lite.common import choice, flag, is_whole_number, of_type, whole_number
from nlu_lite.errors import OptionError, brief

Spans = Sequence[tuple[int, int]]
Splitter = Callable[[str], Spans]

WORDS = ("standard", "spark", "model", "unicode")
SENTENCES = ("auto", "spark")
DTYPES = ("float32", "bfloat16", "float16", "auto")
WORD_POOLINGS = ("first", "last", "mean", "max")
SENTENCE_POOLINGS = (
    *("mean", "cls", "pooler", "last", "max", "weighted"),
    *("mean_text", "second_to_last"),
)
LAYER_POOLINGS = ("mean", "sum", "concat")
LONG = ("windows", "cut")
# What ``hypothesis`` has where a candidate label goes, and transformers' own template.
LABEL_SLOT, HYPOTHESIS = "{}", "This example is {}."
# They say how vectors are made, and mean nothing where labels are asked for.
VECTOR_OPTIONS = (
    "layers",
    "layer_pooling",
    "sentence_pooling",
    "prompt",
    "normalize",
    "dimensions",
    "spark_input",
)
# They say which labels there are, and mean nothing where vectors are asked for.
LABEL_OPTIONS = ("labels", "hypothesis", "multi_label")
# Of these, the ones for labels to choose from.
CANDIDATE_OPTIONS = ("hypothesis", "multi_label")
# The largest maxSentenceLength of Spark NLP's BertEmbeddings.
MOST_SPARK_PIECES = 512
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
class EmbedOptions:
    """How texts become vectors.

    Attributes:
        language: For the rules that cut text; the first reference's if not given.
        device: ``auto``, or a torch device such as ``cpu`` or ``cuda:0``.
        dtype: ``float32``, ``bfloat16``, ``float16`` or ``auto`` (bfloat16 where devices have it).
        offline: True never opens a connection.
        revision: Of the hub's model, instead of the entry's.
        words: ``standard``, ``spark`` (or a ``SparkTokenizer``), ``unicode``, ``model``, or a
            function from a text to the half-open spans of its words, in code points.
        sentences: ``auto``, ``spark`` (or a ``SparkSentences``), a function likewise, or None: the
            whole text is one sentence.
        word_pooling: Which of a word's pieces make its vector: ``first`` (the first that holds a
            letter or digit), ``last``, ``mean``, ``max``.
        sentence_pooling: For sentence references: ``mean``, ``cls``, ``pooler``, ``last``, ``max``,
            ``weighted``, ``mean_text`` (without the special pieces), ``second_to_last`` (the mean
            of that layer); None means what the entry says.
        layers: One layer or several: 0 is the embedding output, -1 the last.
        layer_pooling: How several layers are joined: ``mean``, ``sum``, ``concat``.
        prompt: For sentence references: put in front of every text; a name that the entry knows, or
            the words themselves. None: a reference has none, a folder and a hub id the default that
            the model says; an empty text turns that off. For a translator that writes several
            languages: the code of the one to write, such as ``fra``.
        normalize: Vectors of length one; None means what the entry says (words: no).
        dimensions: Only so many first numbers of each vector.
        max_length: Pieces of one sequence, special ones counted; None means what the model takes.
        stride: Pieces that two windows of a longer text share; a quarter of a window if not given.
            Parts of a text that is translated share none.
        long: ``windows`` reads longer text in overlapping windows, ``cut`` only its beginning.
    """

    language: str | None = None
    device: str = "auto"
    dtype: str = "float32"
    offline: bool | None = None
    revision: str | None = None
    words: str | Splitter = "standard"
    sentences: str | Splitter | None = "auto"
    word_pooling: str = "first"
    sentence_pooling: str | None = None
    layers: int | Sequence[int] = -1
    layer_pooling: str = "mean"
    prompt: str | None = None
    normalize: bool | None = None
    dimensions: int | None = None
    max_length: int | None = None
    stride: int | None = None
    long: str = "windows"


@dataclass(frozen=True, kw_only=True)
class LoadOptions(EmbedOptions):
    """The options of ``load``, for vectors and for labels.

    Attributes:
        column: Name of the column of vectors or labels, or a list with one name a component.
        labels: Other names for a classifier's labels, such as ``{"LABEL_0": "negative"}``; for
            zero-shot the list of candidate labels.
        hypothesis: For zero-shot: the sentence that a text is to imply, with ``{}`` where a
            candidate label goes.
        multi_label: For zero-shot: several labels may be right, so that each has a probability of
            its own.
    """

    column: str | Sequence[str] | None = None
    labels: Mapping[str, str] | Sequence[str] | None = None
    hypothesis: str = HYPOTHESIS
    multi_label: bool = False


@dataclass(frozen=True, kw_only=True)
class Options(LoadOptions):
    """The options of ``load``, checked, and what ``nlu_lite.compat`` asks for beside them.

    Attributes:
        layers: As given, a list as a tuple; negatives are not resolved.
        column: As given, a list as a tuple.
        labels: As given, a list as a tuple.
        spark_input: Feed words to WordPiece BERT as Spark NLP does, by their first basic piece
            only; ``max_length`` is then its maxSentenceLength (128 if not given).

    Raises:
        OptionError: A value outside what is valid.
    """

    layers: int | tuple[int, ...] = -1
    column: str | tuple[str, ...] | None = None
    labels: Mapping[str, str] | tuple[str, ...] | None = None
    spark_input: bool = False

    def __post_init__(self) -> None:
        for name, checked in _CHECKS.items():
            object.__setattr__(self, name, checked(name, getattr(self, name)))
        if self.spark_input:
            self._check_spark_input()

    def _check_spark_input(self) -> None:
        fits = {
            "words": self.words == "spark" or callable(self.words),
            "word_pooling": self.word_pooling == "first",
            "long": self.long == "cut",
            "stride": self.stride is None,
            "max_length": self.max_length is None or self.max_length <= MOST_SPARK_PIECES,
        }
        wrong = [f"{name}={brief(getattr(self, name))}" for name in fits if not fits[name]]
        if wrong:
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


# Those that ``load`` lists.
LOAD_OPTIONS = tuple(field.name for field in fields(LoadOptions))


def without_vectors(options: Options) -> Options:
    """The options of a component that gives labels: what says how vectors are made is left out.

    Args:
        options: Common to the components of a request, some of which may give vectors.
    """
    defaults = {
        field.name: field.default for field in fields(Options) if field.name in VECTOR_OPTIONS
    }
    return replace(options, **defaults)  # type: ignore[arg-type]


def _device(name: str, value: object) -> object:
    if isinstance(value, str):
        return value
    raise OptionError(
        f'{name} is {brief(value)}; valid is a text such as "auto", "cpu" or "cuda:0".'
    )


def _hypothesis(name: str, value: object) -> object:
    if isinstance(value, str) and value.count(LABEL_SLOT) == 1:
        return value
    raise OptionError(
        f'{name} is {brief(value)}; valid is a text with one {LABEL_SLOT}, such as "{HYPOTHESIS}".'
    )


def _layers(name: str, value: Any) -> int | tuple[int, ...]:  # noqa: ANN401 - whatever the caller gave
    if is_whole_number(value):
        return int(value)
    if isinstance(value, (list, tuple, range)) and value and all(map(is_whole_number, value)):
        return tuple(int(item) for item in value)
    raise OptionError(
        f"{name} is {brief(value)}; valid is a whole number (0 is the embedding output, -1 the "
        f"last layer) or several in a list."
    )


def _columns(name: str, value: Any) -> str | tuple[str, ...] | None:  # noqa: ANN401 - whatever the caller gave
    if value is None:
        return None
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not _are_texts(names):
        raise OptionError(
            f"{name} is {brief(value)}; valid is a name, or a list with one name a component."
        )
    if len(set(names)) < len(names) or not OWN_COLUMNS.isdisjoint(names):
        raise OptionError(
            f"{name} is {brief(value)}; valid are names that differ, other than those of the "
            f"results' own columns: {', '.join(sorted(OWN_COLUMNS))}."
        )
    return value if isinstance(value, str) else tuple(value)


def _labels(name: str, value: Any) -> dict[str, str] | tuple[str, ...] | None:  # noqa: ANN401 - whatever the caller gave
    if value is None:
        return None
    is_mapping = isinstance(value, Mapping)
    labels = list(value.values()) if is_mapping else value
    is_valid = isinstance(labels, (list, tuple)) and _are_texts(labels, may_be_blank=False)
    if not is_valid or (is_mapping and not _are_texts(list(value), may_be_blank=False)):
        raise OptionError(
            f"{name} is {brief(value)}; valid are a mapping from a model's own labels to other "
            f"names, or for zero-shot a list of candidate labels."
        )
    if len(set(labels)) < len(labels):
        raise OptionError(f"{name} is {brief(value)}; valid are names that differ.")
    return dict(value) if is_mapping else tuple(labels)


def _are_texts(values: Sequence[Any], *, may_be_blank: bool = True) -> bool:
    """Whether there is at least one value, and all are texts with something in them."""
    if not values or not all(isinstance(value, str) for value in values):
        return False
    return all(values if may_be_blank else map(str.strip, values))


# From an option to what checks its value and puts it into its form.
_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "words": choice(WORDS, or_function=True),
    "sentences": choice(SENTENCES, or_function=True, or_none=True),
    "word_pooling": choice(WORD_POOLINGS),
    "sentence_pooling": choice(SENTENCE_POOLINGS, or_none=True),
    "layer_pooling": choice(LAYER_POOLINGS),
    "dtype": choice(DTYPES),
    "long": choice(LONG),
    "dimensions": whole_number(1),
    "max_length": whole_number(1),
    "stride": whole_number(0),
    "normalize": of_type(bool, "True, False or None"),
    "offline": of_type(bool, "True, False or None"),
    "prompt": of_type(str, "a text or None"),
    "language": of_type(str, "a text or None"),
    "revision": of_type(str, "a text or None"),
    "device": _device,
    "hypothesis": _hypothesis,
    "multi_label": flag,
    "spark_input": flag,
    "labels": _labels,
    "layers": _layers,
    "column": _columns,
}


def quarter(length: int) -> int:
    """The default overlap of two windows: a quarter of the pieces that fit, rounded down."""
    return math.floor(length / 4)
